"""What stands in an address of proposals, in moments and in figures, without a city."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from paper_sheet import both
from paper_sheet import figure

from dash_app.components.proposal_list import filter_of
from dash_app.components.proposal_list import query_of
from dash_app.components.proposal_sheet import value
from dash_app.components.proposal_words import iso_of
from dash_app.components.proposal_words import lima
from dash_app.i18n import translator
from dash_app.pages.proposals import asked_of
from dash_app.state import LISTED
from dash_app.state import page_of
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.listing import Filter


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, Filter()),
        ({"p_state": "draft,approved"}, Filter(states=("draft", "approved"))),
        ({"p_state": ["draft"], "p_kind": ["park"]}, Filter(states=("draft",), kinds=("park",))),
        ({"p_state": "<script>", "p_text": "a, b"}, Filter(text="a, b")),
        ({"p_text": "x" * 201}, Filter()),
    ],
)
def test_an_address_is_a_filter_and_a_forged_one_cuts_nothing(asked, expected):
    assert filter_of(asked) == expected


def test_the_query_of_a_filter_reads_back_as_the_filter():
    asked = {"p_state": ["draft"], "p_kind": [], "p_zone": "z1", "p_text": "a&b=ñ", "p_page": "3"}
    back = dict(parse_qsl(query_of(asked, "en").removeprefix("?")))
    assert back == {
        "lang": "en",
        "p_state": "draft",
        "p_zone": "z1",
        "p_text": "a&b=ñ",
        "p_page": "3",
    }
    assert set(back) <= {*LISTED, "lang"}
    assert query_of({}) == ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/propuestas", ("proposals", ())),
        ("/propuestas/12", ("proposals", ("12",))),
        ("/propuestas/12/editar", ("proposals", ("12", "editar"))),
        ("/propuestas2", ("home", ())),
        ("/datos/cargar", ("imports", ())),
        ("/datos/otra", ("home", ())),
    ],
)
def test_below_a_page_lie_its_own_things(path, expected):
    assert page_of(path) == expected


@pytest.mark.parametrize(
    "rest", [["x"], ["0"], ["1", "x"], ["1", "con"], ["1", "con", "x"], ["1"] * 4]
)
def test_an_address_of_nothing_is_not_found(rest):
    with pytest.raises(NotFoundError):
        asked_of(rest)


def test_a_typed_moment_is_of_limas_clock_and_reads_back():
    typed = "30/11/2026 18:00"
    moment = datetime.fromisoformat(iso_of(typed))
    assert moment.utcoffset().total_seconds() == -5 * 3600
    assert lima(moment) == typed
    assert iso_of("  ") == ""
    with pytest.raises(InputError):
        iso_of("2026-11-30 18:00")


def test_a_figure_that_says_nothing_says_why_and_a_note_stands_with_its_value():
    told = figure("served", "people", None, low=None)
    shown = str(value(translator("es"), told))
    assert "Qué cuenta served" in shown
    assert "unit" not in shown
    noted = figure("deficit", "green", 1.0, note=both("Fuera de toda zona."))
    assert "Fuera de toda zona." in str(value(translator("es"), noted))
    level = figure("tsunami", "hazards", None, level="high")
    assert "Qué cuenta" not in str(value(translator("es"), level))

"""A draft keeps what a result chose, with its certificate, reasons and warnings."""

from __future__ import annotations

import dataclasses
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.proposals.draft import draft_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROWS = (
    {"id": "c", "score": 0.75, "reasons": ["lejos de todo parque"]},
    {"id": "a", "score": 0.5, "reasons": ["lote público"]},
)


@pytest.fixture
def chosen(toy_result: AnalysisResult) -> AnalysisResult:
    """Return a result that chose zones c and a."""
    return dataclasses.replace(
        toy_result,
        analysis="parks",
        summary={
            "served_inhab": 1250.5,
            "served_inhab_low": 900,
            "green_m2_per_inhab": None,
            "kind": "xerophytic",
        },
        selection=Selection(ROWS, 1250.5, 1300.0, 0.038, "feasible", 2.5),
    )


def test_draft_holds_the_choice_its_reasons_and_its_certificate(chosen: AnalysisResult) -> None:
    draft = draft_of(chosen, "  Dos parques \n en la Pampa ", NOON, "  ")
    assert (draft.title, draft.author, draft.status) == ("Dos parques en la Pampa", None, "draft")
    assert (draft.kind, draft.kind_title.es) == ("parks", "Parques")
    assert draft.selected_ids == ("c", "a")
    assert draft.selected[0]["reasons"] == ["lejos de todo parque"]
    assert (draft.objective, draft.bound, draft.gap_ratio) == (1250.5, 1300.0, 0.038)
    assert (draft.search_status, draft.result_sha256) == ("feasible", chosen.sha256)
    assert draft.parameters == {"standard_m2_per_inhab": 9.0}
    assert [ref.layer for ref in draft.provenance] == ["population", "parks"]


def test_key_figures_bear_the_unit_their_name_ends_in(chosen: AnalysisResult) -> None:
    figures = {figure.name: figure for figure in draft_of(chosen, "Parques", NOON).figures}
    assert figures["served_inhab"].value == 1250.5
    assert {n: f.unit and f.unit.es for n, f in figures.items()} == {
        "served_inhab": "hab.",
        "served_inhab_low": "hab.",
        "green_m2_per_inhab": "m²/hab.",
        "kind": None,
    }


def test_warnings_are_kept_in_both_languages(chosen: AnalysisResult) -> None:
    (warning,) = draft_of(chosen, "Parques", NOON).warnings
    assert (warning.es, warning.en) == tuple(chosen.warnings[0].text(lang) for lang in ("es", "en"))


def test_places_are_those_of_the_rows_chosen_in_their_order(chosen: AnalysisResult) -> None:
    places = draft_of(chosen, "Parques", NOON).places
    zones = chosen.tables["zones"]
    assert places.index.tolist() == ["c", "a"]
    assert places.geometry.tolist() == zones.geometry.loc[["c", "a"]].tolist()
    assert places.crs == zones.crs


def test_place_is_that_of_the_table_that_draws_the_choice_though_another_bears_its_id(
    chosen: AnalysisResult,
) -> None:
    parks = chosen.tables["parks"].rename(index={"p1": "a"})
    bases = dataclasses.replace(
        chosen, analysis="patrol", tables={"zones": chosen.tables["zones"], "bases": parks}
    )
    draft = draft_of(bases, "Bases", NOON)
    assert draft.kind == "bases"
    assert draft.places.geometry["a"].equals(parks.geometry["a"])
    assert draft.places.geometry["c"] is None


def test_item_that_the_map_does_not_draw_is_counted_in_a_warning(chosen: AnalysisResult) -> None:
    rows = (*ROWS, {"id": "nowhere"})
    selection = dataclasses.replace(chosen.selection, selected=rows)
    draft = draft_of(dataclasses.replace(chosen, selection=selection), "Parques", NOON)
    assert draft.places.geometry.isna().tolist() == [False, False, True]
    assert draft.warnings[0].es.startswith("1 de los elementos elegidos no tienen lugar")


def test_equal_drafts_of_one_moment_have_one_id_and_any_change_another(
    chosen: AnalysisResult,
) -> None:
    one = draft_of(chosen, "Parques", NOON)
    others = [
        draft_of(chosen, "Otros parques", NOON),
        draft_of(chosen, "Parques", NOON, "Ana"),
        draft_of(chosen, "Parques", NOON + timedelta(seconds=1)),
        draft_of(dataclasses.replace(chosen, summary={}), "Parques", NOON),
    ]
    assert draft_of(chosen, "Parques", NOON).id == one.id
    assert len({one.id, *(other.id for other in others)}) == 5


def test_time_the_search_took_is_no_part_of_the_draft(chosen: AnalysisResult) -> None:
    slower = dataclasses.replace(chosen.selection, solver_seconds=99.0)
    again = dataclasses.replace(chosen, selection=slower)
    assert draft_of(again, "Parques", NOON).id == draft_of(chosen, "Parques", NOON).id


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " \n "}, "proposal.no_title"),
        ({"title": "x" * 201}, "proposal.text_too_long"),
        ({"author": "x" * 101}, "proposal.text_too_long"),
        ({"created": datetime(2026, 11, 22)}, "proposal.no_time_zone"),
    ],
)
def test_what_cannot_be_put_forward_is_refused_in_one_line(
    chosen: AnalysisResult, changes: dict, code: str
) -> None:
    with pytest.raises(InputError) as error:
        draft_of(chosen, **{"title": "Parques", "created": NOON, **changes})
    assert error.value.code == code
    assert "\n" not in error.value.text("es")


def test_result_that_chose_nothing_makes_no_proposal(
    chosen: AnalysisResult, toy_result: AnalysisResult
) -> None:
    none = dataclasses.replace(chosen.selection, selected=())
    for result in (toy_result, dataclasses.replace(chosen, selection=none)):
        with pytest.raises(InputError, match="chose nothing"):
            draft_of(result, "Parques", NOON)

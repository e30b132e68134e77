"""What the chamber reads of a proposal: nothing that is not known is passed over in silence."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from types import SimpleNamespace

import pytest

from dash_app.components.chamber_words import proposal_hurdles
from dash_app.components.chamber_words import proposal_words
from dash_app.i18n import translator
from ilo_geo.core.text import Text
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.services.proposal_sheet import StoredSheet

RECORD = {
    "number": 7, "title": "Parque", "kind": "park", "state": "in_debate", "description": "",
    "feasibility": "", "cost_min_soles": None, "cost_max_soles": None,
}  # fmt: skip
STREETS = Text(es="Calles", en="Streets")
RADIUS, TYPE = {"radius": "300", "area": "500"}, {"type": "–"}


def stored(*figures, kind="park"):
    sheet = Sheet(
        kind=kind, shape="polygon", area_m2=1, length_m=1, zone="", figures=figures,
        titles=sheet_rules().groups, layers=(), parameters={}, configuration_sha256="",
        rules_sha256="", neighbours_sha256="",
    )  # fmt: skip
    return StoredSheet("a", datetime(2026, 11, 30, tzinfo=UTC), sheet, (), "")


def lines(parts):
    """Return the text of each item of the lists among some parts."""
    return [text(one) for part in parts if type(part).__name__ == "Ul" for one in part.children]


def text(part):
    if isinstance(part, str):
        return part
    inside = getattr(part, "children", None) or ""
    return "".join(map(text, inside)) if isinstance(inside, list) else text(inside)


def read(words, *figures, lang="es", kind="park"):
    view = SimpleNamespace(record=RECORD, comments=(), n_support=0)
    return words(translator(lang), view, stored(*figures, kind=kind))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("es", ["No se puede calcular: Población servida, Agua de riego. Falta: Calles."]),
        ("en", ["Cannot be computed: People served, Irrigation water. Missing: Streets."]),
    ],
)
def test_figures_without_a_value_are_said_together_by_what_they_lack(lang, said):
    unknown = (
        figure("served", missing=[STREETS], fields=RADIUS),
        figure("water_m3_day", missing=[STREETS], fields=TYPE),
    )
    assert lines(read(proposal_words, *unknown, lang=lang)) == said


def test_a_figure_is_said_with_its_own_reason_and_a_part_by_its_name():
    figures = (
        figure("served", 420, 358, 420, fields=RADIUS),
        figure("served_new", said=sheet_rules().no_area, fields=RADIUS),
        figure("water_price", figure_id="water_soles_year"),
        figure("unknown", figure_id="green_unknown", group="green", said=STREETS),
    )
    assert lines(read(proposal_words, *figures)) == [
        "420 hab. Población servida (entre 358 y 420)",
        "No se puede calcular: Población que hoy no tiene parque cerca. Es un punto o una línea:"
        " sin área no se puede calcular. Dibuje su contorno.",
        "No se puede calcular: Costo del agua. No hay precio del agua de esta ciudad en los datos.",
        "No se puede calcular: Déficit de áreas verdes. Calles",
    ]


def test_an_interval_or_a_level_alone_is_a_figure_and_what_is_left_out_is_counted():
    figures = (
        figure("served", 1, fields=RADIUS),
        figure("response", level="unreached", fields={"bases": "1"}),
        figure("water_m3_day", None, 0.0, 4.6, fields=TYPE),
    )
    assert lines(read(proposal_words, *figures, kind="patrol_base")) == [
        "1 hab. Población servida",
        "entre 0.0 y 4.6 m³ por día Agua de riego",
        "No se llega Llegada del serenazgo",
    ]
    more = (figure(n, 2, fields=RADIUS) for n in ("served_new", "added_green", "added_sport"))
    assert lines(read(proposal_words, *more, *figures, kind="patrol_base"))[4:] == [
        "y 2 cifras más, en la ficha técnica de la propuesta"
    ]


@pytest.mark.parametrize("kind", [one for one in sheet_rules().kinds if one != "patrol_base"])
def test_how_soon_a_patrol_comes_is_no_change_but_of_a_base(kind):
    arrival = (
        figure("response", 6.2, fields={"bases": "2"}),
        figure("response_none", figure_id="response", missing=[STREETS], fields={"reason": "–"}),
        figure("unknown", figure_id="response_unknown", group="response", said=STREETS),
    )
    for one in arrival:
        assert lines(read(proposal_words, one, kind=kind)) == []
        assert len(lines(read(proposal_words, one, kind="patrol_base"))) == 1
    gained = figure("within_new", 310, fields={"minutes": "5"})
    assert lines(read(proposal_words, gained, arrival[0], kind="patrol_base")) == [
        "310 hab. Población que gana los 5 min",
        "6.2 min Llegada del serenazgo",
    ]


def test_rules_that_discard_come_first_and_then_the_severest_hazards():
    hazard = {"fields": {"hazard": "Tsunami", "band": "–"}}
    rule = {"fields": {"rule": "Patrimonio", "how": "–"}}
    found = read(
        proposal_hurdles,
        figure("hazard", 10, figure_id="a", level="low", fields={"hazard": "Suelo", "band": "–"}),
        figure("hazard", 10, figure_id="b", level="very_high", **hazard),
        figure("proposal", 5, figure_id="proposal_2", level="overlap",
               fields={"number": 2, "title": "Losa", "distance": "0", "lots": "–"}),
        figure("rule", figure_id="rule_x", level="possible", fields={"rule": "Río", "how": "–"}),
        figure("rule", figure_id="rule_y", level="struck", **rule),
    )  # fmt: skip
    assert [line.partition(":")[0] for line in lines(found)] == [
        "Patrimonio", "Río", "Tsunami", "Suelo", "Propuesta 2",
    ]  # fmt: skip
    assert lines(found)[0] == "Patrimonio: descarta el sitio"


def test_lots_in_the_way_stand_against_it_and_half_a_look_is_told_as_such():
    private = {"tenure": "privados", "listed": "L1, L2", "area": "310", "overlap": "1"}
    found = read(
        proposal_hurdles,
        figure("lots", 2, figure_id="lots_private", fields=private),
        figure("lots", 0, figure_id="lots_public", fields=private),
        figure("hazard", 10, figure_id="a", level="low", missing=[STREETS],
               fields={"hazard": "Tsunami", "band": "–"}),
    )  # fmt: skip
    assert lines(found) == ["Tsunami: bajo, 10 % de la forma", "Lotes: privados: 2 lotes"]
    assert text(found[-1]) == "Faltan datos sobre: Tsunami."


def test_what_was_not_asked_for_want_of_a_layer_is_named_and_public_land_is_in_nobodys_way():
    public = {"tenure": "públicos", "listed": "L1", "area": "310", "overlap": "1"}
    found = read(
        proposal_hurdles,
        figure("rules", 0, 0, 0, without=[STREETS], fields={"n": 9}),
        figure("lots", 2, figure_id="lots_public", fields=public),
    )
    assert lines(found)[0].startswith("La ficha no encontró peligros ni conflictos")
    assert text(found[-1]) == ("Faltan datos sobre: Reglas de exclusión que la descartan (Calles).")


def test_without_a_sheet_hazards_are_unknown_whoever_has_argued():
    said = {"stance": "against", "hidden": False, "text": "Sin agua.", "author": STREETS}
    for comments, first in (((said,), "Sin agua. — Calles"), ((), "Nadie argumentó en contra.")):
        view = SimpleNamespace(record=RECORD, comments=comments, n_support=0)
        found = proposal_hurdles(translator("es"), view, None)
        assert lines(found) == [first]
        assert text(found[-1]) == "Sin la ficha técnica no se conocen peligros ni conflictos."


def test_a_hazard_that_could_not_be_looked_at_is_said_whatever_the_reason():
    found = read(
        proposal_hurdles,
        figure("hazard_outside", figure_id="a", missing=[STREETS], fields={"hazard": "Falla"}),
        figure("hazard_outside", figure_id="b", said=STREETS, fields={"hazard": "Tsunami"}),
        figure("unknown", figure_id="rules_unknown", group="conflicts", said=STREETS),
    )
    assert text(found[-1]) == "Faltan datos sobre: Falla, Tsunami, Conflictos."

"""What a dossier says against a proposal: on its first page, in its lists and on its map."""

from __future__ import annotations

import re

import pytest
from paper_sheet import both
from paper_sheet import figure
from paper_sheet import sheet
from papers import AT
from papers import MARK
from papers import argued
from papers import body_of
from papers import gather
from papers import pages_of
from papers import squeezed
from papers import with_sheet
from papers import written

from ilo_geo.io.symbols import PLAIN_COLOUR
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.dossier_shapes import STATE_COLOURS
from ilo_geo.services.dossiers import Order
from ilo_geo.services.dossiers import paper_of


@pytest.fixture
def voted(town):
    return argued(town)


def hurdles():
    """Return a sheet with what discards a proposal, or may, what it meets, and what is unknown."""
    usual = sheet()
    own = [
        figure("rules", "conflicts", 1, low=1, high=2, layers=("homes",)),
        figure("rule_water", "conflicts", None, level="possible", layers=("terrain",)),
        figure("rule_fault", "conflicts", None, level="struck", layers=("homes",)),
        figure("proposal_7", "conflicts", 40.0, level="overlap", unit=both("m² superpuestos")),
        figure("lots_private", "conflicts", 3, unit=both("lotes")),
        figure("lots_public", "conflicts", 0, unit=both("lotes")),
        figure("flood", "hazards", 0.2, decimals=1, low=0.1, high=0.3, level="low"),
        figure("quake", "hazards", None, level="very_high"),
        figure("strongest", "hazards", 0.5, level="very_high"),
        figure("soil", "hazards", None, missing=(both("Suelos"),)),
    ]
    return usual.model_copy(update={"figures": (*usual.figures, *own)})


def test_what_stands_against_it_is_on_the_first_page_beside_the_verdict(town, voted, tmp_path):
    found = with_sheet(gather(town, voted))
    told = found.dossier.proposals[0].sheet.model_copy(update={"sheet": hurdles()})
    again = with_sheet(found, sheet=told, feasibility="conditional")
    first = pages_of(written(again, "pdf", tmp_path / "d.pdf"))[0]
    for expected in (
        "Viable con condiciones",
        "Qué hay en contra",
        "Descarta el sitioCifra rule_faultModelado",
        "Podría descartarloCifra rule_waterOficial",
        "Otras propuestasCifra proposal_7: Se superpone, 40 m² superpuestos",
        "Lotes que tocaCifra lots_private: 3 lotes",
        "Cifra quake: Muy alto",
        "Cifra flood: Bajo, 0.2, entre 0.1 y 0.3",
        "Faltan datos sobreCifra soil (Suelos)",
        "Puntos en contra1",
    ):
        assert squeezed(expected) in first, expected
    # the severest hazard first; no sums, no lots that are not touched, nothing counted twice
    assert first.index("Cifraquake") < first.index("Cifraflood")
    for absent in ("Cifrastrongest", "Ciframultihazard", "lots_public", "Cifrarules"):
        assert absent not in first
    assert MARK in first


def test_without_hurdles_or_a_sheet_nothing_is_said_to_be_clear(town, voted, tmp_path):
    found = gather(town, voted)
    first = pages_of(written(found, "pdf", tmp_path / "none.pdf"))[0]
    assert squeezed("Sin ficha técnica no se conocen reglas que la descarten") in first
    first = pages_of(written(with_sheet(found, stale=True), "pdf", tmp_path / "stale.pdf"))[0]
    assert squeezed("No significa que no los haya.") in first
    assert squeezed("DESACTUALIZADA: se calculó el 29/11/2026 10:30") in first


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("es", "Puntos a favor (0, más 1 oculto)"), ("en", "Points for (0, plus 1 hidden)")],
)
def test_a_hidden_point_is_counted_apart(town, tmp_path, lang, expected):
    proposed = town.proposal_in("in_debate")
    town.do("councillor", "comment", proposed, stance="for", text="Insulto.")
    said = proposal_view(town.council, town.actors["secretary"], proposed["number"]).comments
    asked = {"comment_id": said[-1]["id"], "reason": "Ofende."}
    town.do("secretary", "hide_comment", proposed, **asked)
    found = gather(town, proposed)
    assert squeezed(expected) in body_of(written(found, "pdf", tmp_path / "d.pdf", lang=lang))
    titles = [table.title for table in paper_of(found, Order(lang, None, AT)).tables]
    assert expected in titles


def test_the_map_draws_a_rejected_proposal_as_one_and_says_it_above(town, tmp_path):
    found = gather(town, town.proposal_in("rejected"))
    page = written(found, "html", tmp_path / "d.html").read_text("utf-8")
    assert "Parque de la terraza · Rechazada desde el" in page
    assert PLAIN_COLOUR not in page
    assert STATE_COLOURS["rejected"] in page
    # what state it is in, and what its data are: two things, two titles
    aliases = re.search(r"let aliases = (\[.*?\]);", page).group(1)
    assert [aliases.count(f'"{name}"') for name in ("Estado", "Desde", "Datos")] == [1, 1, 1]


def test_every_state_has_its_colour_on_the_map():
    assert set(STATE_COLOURS) == set(lifecycle().states)

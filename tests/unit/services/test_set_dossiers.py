"""Dossiers of campaigns and scenarios: what the services found is what stands on paper."""

from __future__ import annotations

import geopandas as gpd
import openpyxl
import pytest
from papers import ADDRESS
from papers import body_of
from papers import code_of
from papers import pages_of
from papers import squeezed
from qr_reader import read_qr

from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services import campaigns
from ilo_geo.services import scenarios
from ilo_geo.services.campaign_bundles import campaign_bundles
from ilo_geo.services.dossiers import dossier
from ilo_geo.services.dossiers import gathered

DAYS = {phase: f"2027-0{n + 1}-15" for n, phase in enumerate(rulebook().phases)}


@pytest.fixture
def projects(town):
    """Return three proposals at different places, the last without a cost."""
    made = []
    for n, cost in enumerate((400_000, 700_000, None)):
        x, y = town.middle()
        ring = [
            [x + 0.003 * n + dx * 4e-4, y + dy * 4e-4]
            for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
        ]
        asked = {"title": f"Parque <{n}> & río", "kind": "park"}
        if cost is not None:
            asked |= {"cost_min_soles": cost, "cost_max_soles": cost + 50_000}
        shape = {"type": "Polygon", "coordinates": [ring]}
        found = town.council.create(town.actors["planner"], asked, shape)
        made.append(town.do("planner", "submit", found))
    return made


@pytest.fixture
def campaign(town, projects):
    asked = {"title": "Presupuesto 2027", "envelope_soles": 1_000_000, "phase_days": DAYS}
    made = campaigns.create(town.council, town.actors["secretary"], asked)
    for one in projects:
        town.do("secretary", "join_campaign", one, campaign_id=made["id"])
    return made


@pytest.fixture
def scenario(town, projects):
    asked = {"title": "Tres parques", "proposal_ids": [one["id"] for one in projects]}
    return scenarios.create(town.council, town.actors["planner"], asked)


def write(town, kind, key, path, by="councillor", **more):
    actor = town.actors[by]
    return dossier(town.council, actor, kind, key, path.suffix[1:], path, address=ADDRESS, **more)


def test_a_campaign_on_paper_holds_its_projects_and_bundles(town, campaign, projects, tmp_path):
    path = tmp_path / "c.pdf"
    sha256 = write(town, "campaign", campaign["id"], path)
    text = body_of(path)
    found = campaign_bundles(town.council, town.actors["councillor"], campaign["id"])
    assert len(found.frontier.bundles) > 0
    for expected in (
        "Presupuesto 2027", "S/ 1,000,000", "entre S/ 1,100,000 y S/ 1,200,000 · 1 sin costo",
        "15/01/2027", "Parque <0> & río", "Sin costo declarado, en ningún paquete: 3. Parque <2>",
    ):  # fmt: skip
        assert squeezed(expected) in text, expected
    for bundle in found.frontier.bundles:
        assert peru_number(bundle.people_inhab) in text
        assert f"S/{peru_number(bundle.cost_high)}" in text
    assert all(sha256 in page for page in pages_of(path))
    assert read_qr(code_of(path)) == f"{ADDRESS}/presupuesto/{campaign['id']}"


def test_a_scenario_on_paper_holds_the_difference(town, scenario, tmp_path):
    view = scenarios.scenario_view(town.council, town.actors["councillor"], scenario["id"])
    write(town, "scenario", scenario["id"], tmp_path / "s.xlsx")
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    (sheet,) = [one for one in book if one.title.endswith("antes y después")]
    head, *rows = sheet.iter_rows(values_only=True)
    at = {name: head.index(name) for name in ("Antes (A)", "Después (B)", "B − A")}
    assert len(rows) == len(view.measures)
    for row, measure in zip(rows, view.measures.itertuples(), strict=True):
        for name, value in (("Antes (A)", measure.before), ("Después (B)", measure.after)):
            assert row[at[name]] == pytest.approx(value, abs=0.5 * 10.0**-measure.decimals)
        change = measure.after - measure.before
        assert row[at["B − A"]] == pytest.approx(change, abs=0.5 * 10.0**-measure.decimals)
    write(town, "scenario", scenario["id"], tmp_path / "s.pdf")
    text = body_of(tmp_path / "s.pdf")
    assert all(squeezed(title) in text for title in view.measures["title_es"])
    shapes = tmp_path / "s.gpkg"
    write(town, "scenario", scenario["id"], shapes)
    assert gpd.read_file(shapes, layer="proposals")["number"].tolist() == [1, 2, 3]


def test_the_hash_follows_the_data_and_not_the_format(town, campaign, projects, tmp_path):
    def now(kind, key):
        return gathered(town.council, town.actors["councillor"], kind, key).dossier.sha256

    first = now("campaign", campaign["id"])
    formats = ("pdf", "xlsx", "gpkg", "html")
    written = {write(town, "campaign", campaign["id"], tmp_path / f"c.{f}") for f in formats}
    assert written == {first}
    town.do("citizen", "support", projects[0])
    assert now("campaign", campaign["id"]) != first


def test_an_empty_campaign_has_a_dossier_in_every_format(town, tmp_path):
    asked = {"title": "Vacía", "envelope_soles": 1, "phase_days": DAYS}
    made = campaigns.create(town.council, town.actors["secretary"], asked)
    for fmt in ("pdf", "xlsx", "gpkg", "html"):
        write(town, "campaign", made["id"], tmp_path / f"c.{fmt}", lang="en")
    assert squeezed("There are no proposals that you may read.") in "".join(
        pages_of(tmp_path / "c.pdf")
    )
    assert gpd.read_file(tmp_path / "c.gpkg", layer="proposals").empty


def test_who_may_not_read_them_gets_none(town, campaign, scenario, tmp_path):
    path = tmp_path / "x.pdf"
    with pytest.raises(RefusedError):
        write(town, "scenario", scenario["id"], path, by="citizen")
    with pytest.raises(RefusedError):
        write(town, "campaign", campaign["id"], path, by="visitor")
    for kind in ("campaign", "scenario"):
        for key in ("0" * 16, "../etc", "", "'; DROP"):
            with pytest.raises(NotFoundError):
                write(town, kind, key, path)
    assert not path.exists()

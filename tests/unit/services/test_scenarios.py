"""Scenarios: before, after and the difference, against a city in which they are built."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from council_town import Town
from shapely import LineString
from shapely import Point
from shapely import Polygon
from shapely import box
from sheet_town import add_layer
from sheet_town import propose
from sheet_town import sheet_town
from sheet_town import write_sheet_city
from small_city import _at

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals import people
from ilo_geo.proposals.audit import first_broken
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.scenario_rules import scenario_rules
from ilo_geo.proposals.tables import scenario_item
from ilo_geo.services import scenarios
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import open_area
from ilo_geo.services.city import residents
from ilo_geo.services.proposal_sheet import technical_sheet
from ilo_geo.services.scenarios import ScenarioView
from ilo_geo.services.scenarios import beside
from ilo_geo.services.scenarios import is_stale
from ilo_geo.services.scenarios import scenario_view

SERVES = {"access_standard": "rne_gh020", "population_base": "plan"}
# two parks that touch and are one of 1,400 m²; alone, each is under the 800 m² of the standard
HALVES = [box(*_at(1010, 610, 1030, 645)), box(*_at(1030, 610, 1050, 645))]
PARK = box(*_at(1010, 970, 1090, 1050))
FIELD = box(*_at(1240, 300, 1330, 380))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sheet_city(tmp_path_factory.mktemp("scenario") / "city")


@pytest.fixture(scope="module")
def shore(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return a council of the city by the sea with proposals of many kinds."""
    town = sheet_town(folder, tmp_path_factory.mktemp("scenario_ws"))
    propose(town, PARK, title="Parque", cost_min_soles=100_000, cost_max_soles=150_000)
    propose(town, HALVES[0], title="Mitad oeste")
    propose(town, HALVES[1], title="Mitad este", cost_min_soles=20_000, cost_max_soles=30_000)
    propose(town, FIELD, title="Losa", kind="sports_field")
    propose(town, Point(_at(203.3, 247.9)), title="Base", kind="patrol_base")
    propose(town, LineString([_at(1000, 1000), _at(1030, 1000)]), kind="evacuation_link")
    propose(town, Point(_at(1037, 1037)), title="Cámara", kind="cameras")
    propose(town, LineString([_at(500, 505), _at(700, 505)]), title="Vereda", kind="street")
    yield town
    town.council.database.close()


def made(town: Town, *numbers: int, by: str = "planner") -> Record:
    ids = [_id(town, number) for number in numbers]
    asked = {"title": "Escenario", "proposal_ids": ids}
    return scenarios.create(town.council, town.actors[by], asked)


def _id(town: Town, number: int) -> str:
    from ilo_geo.proposals.tables import proposal

    with town.council.reading(people.system) as repo:
        return str(repo.first(proposal, proposal.c.number == number)["id"])


def view(town: Town, *numbers: int) -> ScenarioView:
    return scenario_view(town.council, town.actors["planner"], made(town, *numbers)["id"])


@pytest.fixture(scope="module")
def built(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same city with parks, a field and a base of the proposals in its layers."""
    copy = tmp_path_factory.mktemp("built") / "city"
    shutil.copytree(folder, copy)
    parks = gpd.read_file(copy / "parks" / "data.gpkg")
    rows = [
        ("Parque", "park", PARK),
        ("Oeste", "park", HALVES[0]),
        ("Este", "park", HALVES[1]),
        ("Losa", "pitch", FIELD),
    ]
    grown = gpd.GeoDataFrame(
        {
            "name": [*parks["name"], *(r[0] for r in rows)],
            "kind": [*parks["kind"], *(r[1] for r in rows)],
            "access": "public",
            "since_year": [*parks["since_year"], *[None] * len(rows)],
            "until_year": [*parks["until_year"], *[None] * len(rows)],
        },
        geometry=[*parks.geometry, *(r[2] for r in rows)],
        crs=parks.crs,
    )
    grown.to_file(copy / "parks" / "data.gpkg", driver="GPKG")
    both = [Point(_at(1000, 1040)), Point(_at(203.3, 247.9))]
    add_layer(copy, "municipal", both, name=["Palacio", "Base"])
    return copy


def test_before_and_after_are_those_of_a_city_in_which_it_is_built(
    shore: Town, built: Path, tmp_path: Path
) -> None:
    shown = view(shore, 1, 2, 3, 4, 5)
    then = open_area(built, Workspace(tmp_path / "ws"))
    for when, city in (("before", shore.council.area()), ("after", then)):
        green = analyse(city, "green", SERVES)
        patrol = analyse(city, "patrol", {"new_bases": 0}).summary
        total = green.summary["population_inhab"]
        expected = {
            "served_park_inhab": green.summary["served_population_inhab"],
            "green_ha": green.summary["green_area_m2"] / 1e4,
            "green_m2_per_inhab": green.summary["green_m2_per_inhab"],
            "deficit_ha": green.summary["deficit_ha"],
            "sum_of_deficits_ha": green.summary["sum_of_deficits_ha"],
            "sports_ha": green.summary["sports_area_m2"] / 1e4,
            "patrol_inhab": patrol["people_within_green_ratio"] * total,
        }
        for name, value in expected.items():
            assert shown.measures.loc[name, when] == pytest.approx(value), name
        zones = green.tables["zones"]
        for column in ("deficit_ha", "green_m2_per_inhab", "served_population_inhab"):
            assert shown.zones[f"{column}_{when}"].to_numpy() == pytest.approx(
                zones[column].to_numpy()
            )
        assert list(shown.zones[f"supply_class_{when}"]) == list(zones["supply_class"])
    assert shown.measures.loc["sports_ha", "after"] == pytest.approx(FIELD.area / 1e4)


def test_the_difference_is_after_less_before_to_the_last_digit(shore: Town) -> None:
    shown = view(shore, 1, 2, 3, 4, 5, 6, 7, 8)
    table = shown.measures
    assert (table["change"] == table["after"] - table["before"]).all()
    assert set(table.index) <= set(scenario_rules().measures)
    assert (table["change"] != 0).sum() > 8
    for column in ("deficit_ha", "green_area_m2", "green_m2_per_inhab", "served_population_inhab"):
        before, after = shown.zones[f"{column}_before"], shown.zones[f"{column}_after"]
        assert (shown.zones[f"{column}_change"] == after - before).all()
    # the city's tables add up from those of the zones, in which everybody lives
    for name, column, scale in (
        ("green_ha", "green_area_m2", 1e-4),
        ("sum_of_deficits_ha", "deficit_ha", 1),
        ("served_park_inhab", "served_population_inhab", 1),
    ):
        total = float((shown.zones[f"{column}_change"] * scale).sum())
        assert table.loc[name, "change"] == pytest.approx(total)


def test_people_are_counted_once(shore: Town) -> None:
    area = shore.council.area()
    alone = [view(shore, n).measures.loc["served_inhab", "after"] for n in (2, 3)]
    both = view(shore, 2, 3).measures.loc["served_inhab", "after"]
    assert max(alone) <= both < sum(alone)
    sheets = [technical_sheet(area, shape, "park")["served"].value for shape in HALVES]
    assert alone == pytest.approx(sheets)


def test_a_scenario_of_a_park_gains_whom_its_sheet_says_and_a_refuge_adds_no_park(
    shore: Town,
) -> None:
    # sides that are no whole steps, drawn from each corner in turn
    ring = [_at(212, 1011), _at(265, 1017), _at(259, 1066), _at(208, 1060)]
    refuge = box(*_at(1010, 1010, 1040, 1040))
    with_refuge = propose(shore, refuge, kind="refuge")["number"]
    for first in range(len(ring)):
        shape = Polygon([*ring[first:], *ring[:first]])
        number = propose(shore, shape)["number"]
        sheet = technical_sheet(shore.council.area(), shape, "park")
        alone = view(shore, number).measures.loc["served_park_inhab", "change"]
        assert alone == pytest.approx(sheet["served_new"].value)
        assert alone > 0
        both = view(shore, number, with_refuge).measures
        assert both.loc["served_park_inhab", "change"] == alone
        # the union counts those of the refuge as well: it may be more than gain a park
        assert both.loc["served_inhab", "after"] > alone


def test_each_kind_serves_as_its_sheet_says(shore: Town) -> None:
    area = shore.council.area()
    camera = view(shore, 7)
    assert camera.measures.loc["sight_inhab", "after"] == pytest.approx(
        technical_sheet(area, Point(_at(1037, 1037)), "cameras")["served"].value
    )
    stair = LineString([_at(1000, 1000), _at(1030, 1000)])
    assert view(shore, 6).measures.loc["flight_inhab", "after"] == pytest.approx(
        technical_sheet(area, stair, "evacuation_link")["served"].value
    )
    base = technical_sheet(area, Point(_at(203.3, 247.9)), "patrol_base")
    assert view(shore, 5).measures.loc["served_inhab", "after"] == pytest.approx(
        base["served"].value
    )
    street = view(shore, 8)
    assert street.measures.loc["served_inhab", "after"] == 0
    assert any("8. Vereda" in said.es and "regla" in said.es for said in street.notices)


def test_costs_water_and_hazards_are_sums_and_what_is_unknown_is_named(shore: Town) -> None:
    shown = view(shore, 1, 2, 3, 4)
    row = shown.measures.loc["cost_soles"]
    assert (row["before"], row["after"], row["low"], row["high"]) == (0, 180_000, 120_000, 180_000)
    said = " ".join(text.es for text in shown.notices)
    assert "Sin costo: 2. Mitad oeste; 4. Losa." in said
    assert "cuánta agua piden: 4. Losa" in said or "2. Mitad oeste" in said
    area = shore.council.area()
    sheets = [
        technical_sheet(area, shape, kind)
        for shape, kind in (
            (PARK, "park"),
            (HALVES[0], "park"),
            (HALVES[1], "park"),
            (FIELD, "sports_field"),
        )
    ]
    risk = sum(one["residual"].value * one["served"].value for one in sheets)
    assert shown.measures.loc["risk_inhab", "after"] == pytest.approx(risk)
    water = sum(one["water_m3_day"].value or 0 for one in sheets)
    assert shown.measures.loc["water_m3_day", "after"] == pytest.approx(water)
    severe = sum(one["strongest"].level in ("high", "very_high") for one in sheets)
    assert shown.measures.loc["severe_sites", "after"] == severe


def test_two_scenarios_stand_side_by_side(shore: Town) -> None:
    one, other = view(shore, 1), view(shore, 2, 3, 5, 7)
    table = beside(one, other)
    assert (table["between"].dropna() == (table["other"] - table["one"]).dropna()).all()
    assert table.loc["deficit_ha", "before"] == one.measures.loc["deficit_ha", "before"]
    change = table.loc["deficit_ha", "change_other"]
    assert change == other.measures.loc["deficit_ha", "change"]
    # only the second has cameras
    assert np.isnan(table.loc["sight_inhab", "one"])
    assert np.isnan(table.loc["sight_inhab", "between"])
    assert table.loc["sight_inhab", "title_es"]


def test_it_is_stale_once_data_or_a_proposal_change(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "city"
    shutil.copytree(folder, copy)
    town = sheet_town(copy, tmp_path / "ws")
    first = propose(town, PARK, submit=False)
    scenario = made(town, 1)
    planner = town.actors["planner"]
    shown = scenario_view(town.council, planner, scenario["id"])

    def stale() -> bool:
        return is_stale(town.council, planner, scenario["id"], shown.inputs_sha256)

    assert not stale()
    asked = {"title": "Parque", "kind": "park", "version": first["version"], "cost_min_soles": 1,
             "cost_max_soles": 2}  # fmt: skip
    changed = town.council.edit(planner, first["id"], asked)
    assert stale()
    shown = scenario_view(town.council, planner, scenario["id"])
    assert not stale()
    town.council.edit(
        planner, first["id"], {**asked, "version": changed["version"], "kind": "refuge"}
    )
    assert stale()
    shown = scenario_view(town.council, planner, scenario["id"])
    parks = gpd.read_file(copy / "parks" / "data.gpkg")
    parks.iloc[:1].to_file(copy / "parks" / "data.gpkg", driver="GPKG")
    assert stale()
    town.council.database.close()


def test_a_scenario_is_made_edited_and_taken_back_with_its_audit(town: Town) -> None:
    first, second = town.proposal_in("submitted"), town.proposal_in("in_debate")
    council, planner = town.council, town.actors["planner"]
    asked = {"title": " Dos  parques ", "proposal_ids": [first["id"], second["id"], first["id"]]}
    found = scenarios.create(council, planner, asked)
    assert found["title"] == "Dos parques"
    (row,) = scenarios.scenarios(council, town.actors["secretary"])
    assert (row.n_proposals, row.verbs) == (2, frozenset())
    edited = scenarios.edit(
        council,
        planner,
        found["id"],
        {"title": "Uno", "proposal_ids": [second["id"]], "version": found["version"]},
    )
    assert edited["version"] == found["version"] + 1
    (row,) = scenarios.scenarios(council, planner)
    assert (row.n_proposals, row.verbs) == (1, {"edit_scenario", "discard_scenario"})
    with pytest.raises(ConflictError):
        scenarios.edit(
            council,
            planner,
            found["id"],
            {"title": "Tarde", "proposal_ids": [first["id"]], "version": found["version"]},
        )
    with pytest.raises(ConflictError):
        scenarios.discard(council, planner, found["id"], {"version": found["version"]})
    scenarios.discard(council, planner, found["id"], {"version": edited["version"]})
    assert scenarios.scenarios(council, planner) == []
    with council.reading(people.system) as repo:
        assert repo.count(scenario_item) == 0
        assert first_broken(repo.connection) is None


def test_who_may_not_is_refused_and_nothing_changes(town: Town) -> None:
    first = town.proposal_in("submitted")
    asked = {"title": "Mío", "proposal_ids": [first["id"]]}
    found = scenarios.create(town.council, town.actors["planner"], asked)
    edit = {**asked, "version": found["version"]}
    makers = {"planner", "civil_defence", "councillor"}
    for role in (*ROLES, "visitor"):
        actor = town.actors[role]
        if role not in makers:
            with pytest.raises(RefusedError):
                scenarios.create(town.council, actor, asked)
            assert not scenarios.may_create(town.council, actor)
        if role not in makers | {"secretary"}:
            with pytest.raises(RefusedError):
                scenarios.scenarios(town.council, actor)
            with pytest.raises(RefusedError):
                scenario_view(town.council, actor, found["id"])
        if role != "planner":
            with pytest.raises(RefusedError):
                scenarios.edit(town.council, actor, found["id"], edit)
            with pytest.raises(RefusedError):
                scenarios.discard(town.council, actor, found["id"], {"version": 1})
    with pytest.raises(RefusedError):
        scenarios.edit(town.council, town.actors["other_planner"], found["id"], edit)
    (row,) = scenarios.scenarios(town.council, town.actors["planner"])
    assert (row.record, row.n_proposals) == (found, 1)


def test_another_s_draft_cannot_be_taken_in_and_is_not_shown(town: Town) -> None:
    mine, theirs = town.draft("planner"), town.draft("councillor", title="Secreta")
    planner = town.actors["planner"]
    for hidden in (theirs["id"], "ab" * 8):
        with pytest.raises(NotFoundError):
            scenarios.create(
                town.council, planner, {"title": "X", "proposal_ids": [mine["id"], hidden]}
            )
    assert scenarios.scenarios(town.council, planner) == []
    found = scenarios.create(town.council, planner, {"title": "X", "proposal_ids": [mine["id"]]})
    seen = scenario_view(town.council, town.actors["councillor"], found["id"])
    assert len(seen.proposals) == 0
    assert any("no puede leer" in said.es for said in seen.notices)
    assert "Parque de la terraza" not in str([said.es for said in seen.notices])
    # the row of the table says nothing of what the reader may not know
    assert seen.measures.loc["served_inhab", "after"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"title": "", "proposal_ids": ["ab"]},
        {"title": "X", "proposal_ids": []},
        {"title": "X", "proposal_ids": ["ab"] * 61},
        {"title": "X", "proposal_ids": ["../x"]},
        {"title": "X", "proposal_ids": ["ab"], "account_id": "cd"},
        {"title": "x" * 201, "proposal_ids": ["ab"]},
    ],
)
def test_a_faulty_form_is_refused(town: Town, asked: dict[str, object]) -> None:
    with pytest.raises(InputError):
        scenarios.create(town.council, town.actors["planner"], asked)


def test_a_city_without_parks_says_what_it_lacks(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "city"
    shutil.copytree(folder, copy)
    town = sheet_town(copy, tmp_path / "ws")
    propose(town, PARK)
    found = made(town, 1)
    shutil.rmtree(copy / "parks")
    catalogue = copy / "catalogue.yaml"
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("- parks\n", ""), "utf-8")
    reopened = sheet_town
    assert reopened
    from council_town import Clock

    from ilo_geo.services.council import Council

    area = open_area(copy, Workspace(tmp_path / "ws"))
    council = Council(town.council.database, lambda: area, town.council.folder, Clock())
    with pytest.raises(InputError) as refused:
        scenario_view(council, town.actors["planner"], found["id"])
    assert refused.value.code == "scenario.no_city"
    assert residents(area, "plan").total_inhab == pytest.approx(10_000)
    town.council.database.close()

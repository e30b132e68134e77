"""The technical sheet of a proposal against naive computations of the same figures."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
import yaml
from lot_city import SIDE_M
from rasterio.transform import rowcol
from shapely import LineString
from shapely import Point
from shapely import box
from small_city import SOUTH_M
from small_city import _at

from ilo_geo.core.layer import Status
from ilo_geo.green.entrances import GreenAreas
from ilo_geo.green.entrances import find_entrances
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import content_of
from ilo_geo.proposals.sheet import sheet_from
from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.city import residents
from ilo_geo.services.proposal_sheet import technical_sheet
from ilo_geo.services.sheet_city import flood_known

SERVES = {"access_standard": "rne_gh020"}


def park_at(x: float, y: float, side: float = 80.0) -> shapely.Polygon:
    return box(*_at(x, y, x + side, y + side))


def walks_by_networkx(sheet_area: Area, entrances: list[Point], reach_m: float) -> np.ndarray:
    """Return the walk of every resident point by a graph with a node at every place."""
    streets = sheet_area.frame("streets")
    lines = streets.geometry.to_numpy()
    people = residents(sheet_area, "plan").points.geometry.to_numpy()
    graph = nx.Graph()
    stops: dict[int, set[float]] = {n: {0.0, line.length} for n, line in enumerate(lines)}
    crossings: dict[tuple[int, float], tuple[float, float]] = {}

    def stop(n: int, place: Point) -> tuple[int, float]:
        at = round(lines[n].project(place), 6)
        stops[n].add(at)
        return n, at

    for n, line in enumerate(lines):
        for x, y in line.coords:
            crossings[stop(n, Point(x, y))] = (round(x, 3), round(y, 3))

    def nearest(place: Point, limit: float) -> tuple[tuple[int, float], float] | None:
        gaps = shapely.distance(lines, place)
        n = int(gaps.argmin())
        return (stop(n, place), float(gaps[n])) if gaps[n] <= limit else None

    doors = [found for e in entrances if (found := nearest(e, reach_m))]
    homes = [nearest(home, 250.0) for home in people]
    for n, along in stops.items():
        ordered = sorted({round(at, 6) for at in along})
        for a, b in itertools.pairwise(ordered):
            graph.add_edge(node(crossings, n, a), node(crossings, n, b), weight=b - a)
    for (n, at), gap in doors:
        graph.add_edge("out", node(crossings, n, at), weight=gap)
    known = nx.single_source_dijkstra_path_length(graph, "out") if doors else {}
    return np.array(
        [
            np.inf if home is None else known.get(node(crossings, *home[0]), np.inf) + home[1]
            for home in homes
        ]
    )


def node(crossings: dict[tuple[int, float], tuple[float, float]], n: int, at: float) -> object:
    """Return the node of a place: the crossing there, which streets share, or its own."""
    return crossings.get((n, round(at, 6)), (n, round(at, 6)))


def test_people_served_are_those_a_plain_graph_finds(sheet_area: Area) -> None:
    park = park_at(1013.3, 1017.7, 77.1)
    shown = technical_sheet(sheet_area, park, "park")
    whole = GreenAreas(np.array([park]), np.array([park.area]), np.zeros(1, int))
    doors = list(find_entrances(whole, sheet_area.frame("streets"), reach_m=20).geometry)
    near = walks_by_networkx(sheet_area, doors, 20.0) <= 300
    for base, attribute in (("plan", "value"), ("census", "low")):
        inhab = residents(sheet_area, base).points["inhab"].to_numpy()
        assert getattr(shown["served"], attribute) == pytest.approx(inhab[near].sum())
    assert shown["served"].high == shown["served"].value
    assert 0 < near.sum() < len(near)


def test_a_point_is_reached_from_the_street_by_it(sheet_area: Area) -> None:
    place = Point(_at(1053.7, 1019.1))
    near = walks_by_networkx(sheet_area, [place], 20.0) <= 300
    inhab = residents(sheet_area, "plan").points["inhab"].to_numpy()
    shown = technical_sheet(sheet_area, place, "park")
    assert shown["served"].value == pytest.approx(inhab[near].sum())
    # without an outline nobody knows how much green it is
    for name in ("served_new", "added_green", "water_m3_day"):
        assert shown[name].value is None
        assert "contorno" in shown[name].explanation.es


@pytest.fixture(scope="module")
def greener(sheet_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Area:
    """Return the same city with the proposal built: one more park in its layer."""
    built = tmp_path_factory.mktemp("greener") / "city"
    shutil.copytree(sheet_folder, built)
    parks = gpd.read_file(built / "parks" / "data.gpkg")
    new = parks.iloc[[1]].assign(name="Nuevo", since_year=None, until_year=None)
    new = new.set_geometry([park_at(1010, 970)], crs=parks.crs)
    grown = gpd.GeoDataFrame(
        {column: [*parks[column], *new[column]] for column in parks.columns}, crs=parks.crs
    )
    grown.to_file(built / "parks" / "data.gpkg", driver="GPKG")
    return open_area(built, Workspace(tmp_path_factory.mktemp("greener_ws")))


def test_the_deficit_after_is_that_of_the_green_analysis_once_built(
    sheet_area: Area, greener: Area
) -> None:
    # it lies in two zones, so each gets its part
    shown = technical_sheet(sheet_area, park_at(1010, 970), "park")
    zone = shown.zone
    for when, city in (("before", sheet_area), ("after", greener)):
        for base, end in (("plan", "value"), ("census", "low")):
            found = analyse(city, "green", {"population_base": base, **SERVES})
            row = found.tables["zones"].loc[zone]
            assert getattr(shown[f"zone_deficit_{when}"], end) == pytest.approx(row.deficit_ha)
            city_ha = found.summary["deficit_ha"]
            assert getattr(shown[f"city_deficit_{when}"], end) == pytest.approx(city_ha)
            if base == "plan":
                m2 = row.green_m2_per_inhab
                assert shown[f"zone_per_inhab_{when}"].value == pytest.approx(m2)
    served = [
        analyse(city, "green", {"population_base": "plan", **SERVES}).summary[
            "served_population_inhab"
        ]
        for city in (sheet_area, greener)
    ]
    assert shown["served_new"].value == pytest.approx(served[1] - served[0])
    assert shown["zone_deficit_closed"].value == pytest.approx(
        shown["zone_deficit_before"].value - shown["zone_deficit_after"].value
    )


def test_green_over_a_park_that_is_there_adds_only_what_is_new(sheet_area: Area) -> None:
    # half of it lies on the park that stands at 1210–1290, 260–390
    shown = technical_sheet(sheet_area, box(*_at(1250, 300, 1330, 380)), "park")
    assert shown["added_green"].value == pytest.approx(80 * 80 - 40 * 80)
    sport = technical_sheet(sheet_area, box(*_at(1250, 300, 1330, 380)), "sports_field")
    assert sport["added_sport"].value == pytest.approx(80 * 80)
    assert sport["lost_green"].value == pytest.approx(40 * 80)
    assert sport["city_deficit_closed"].value == pytest.approx(-40 * 80 / 1e4)


def test_water_is_area_times_thirst(sheet_area: Area) -> None:
    site = box(*_at(1650, 1650, 1690, 1690))
    park = technical_sheet(sheet_area, site, "park")["water_m3_day"]
    assert "inclusivo" in park.explanation.es
    # lawn 20 %, dry-climate plants 25 %, trees 20 %, paved 35 %
    assert park.value == pytest.approx(1600 * (0.2 * 4.6 + 0.25 * 0.69 + 0.2 * 1.0) / 1000)
    assert park.low == pytest.approx(1600 * (0.2 * 4.6 + 0.25 * 0.69 + 0.2 * 0.5) / 1000)
    assert park.high == pytest.approx(1600 * (0.2 * 4.6 + 0.25 * 0.69 + 0.2 * 1.5) / 1000)
    skate = technical_sheet(sheet_area, site, "skate_park")["water_m3_day"]
    assert skate.value == pytest.approx(1600 * (0.15 * 0.69 + 0.05 * 1.0) / 1000)
    field = technical_sheet(sheet_area, site, "sports_field")["water_m3_day"]
    assert (field.value, field.low, field.high) == (None, 0.0, pytest.approx(1600 * 4.6 / 1000))
    assert technical_sheet(sheet_area, site, "refuge")["dry"].value == 0.0


def test_water_costs_only_where_a_price_is_known(
    sheet_area: Area, sheet_folder: Path, tmp_path: Path
) -> None:
    site = box(*_at(1650, 1650, 1690, 1690))
    unknown = technical_sheet(sheet_area, site, "park")["water_soles_year"]
    assert (unknown.value, unknown.low, unknown.high) == (None, None, None)
    assert "No hay precio" in unknown.explanation.es
    shutil.copytree(sheet_folder, tmp_path / "ilo")
    path = tmp_path / "ilo" / "area.yaml"
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**described, "id": "ilo"}, allow_unicode=True), "utf-8")
    priced = technical_sheet(open_area(path.parent, Workspace(tmp_path / "ws")), site, "park")
    a_day = 1600 * 1.2925 / 1000
    assert priced["water_soles_year_mains"].value == pytest.approx(a_day * 365 * 5.03)
    assert priced["water_soles_year_ct_ilo_2"].value == pytest.approx(a_day * 365 * 1.5)
    assert "V2" in priced["water_soles_year_mains"].norms[0]


def test_who_flees_to_a_stair_lives_in_the_water_and_walks_there_in_time(sheet_area: Area) -> None:
    stair = LineString([_at(1000, 1000), _at(1030, 1000)])
    shown = technical_sheet(sheet_area, stair, "evacuation_link")["served"]
    walk_m = walks_by_networkx(sheet_area, [Point(_at(1000, 1000)), Point(_at(1030, 1000))], 20.0)
    points = residents(sheet_area, "plan").points
    field = flood_known(sheet_area).field
    row, column = rowcol(field.transform, points.geometry.x, points.geometry.y)
    at = np.asarray(row, int), np.asarray(column, int)
    wet = field.level_m[at] <= 20
    reach_m = 1.1 * 15 * 60
    assert shown.value == pytest.approx(points["inhab"][wet & (walk_m <= reach_m)].sum())
    assert shown.low < shown.value <= shown.high
    tower = box(*_at(1005, 1005, 1015, 1015))
    roomy = technical_sheet(sheet_area, tower, "refuge")["served"]
    # 100 m², a person each
    assert roomy.value == roomy.high == 100.0
    assert technical_sheet(sheet_area, Point(_at(1005, 1005)), "refuge")["served"].value is None


def test_cameras_serve_as_far_as_they_see(sheet_area: Area) -> None:
    place = Point(_at(1037, 1037))
    shown = technical_sheet(sheet_area, place, "cameras")
    points = residents(sheet_area, "plan").points
    near = points[points.distance(place) <= 66.5]
    assert shown["served"].value == pytest.approx(near["inhab"].sum())
    census = residents(sheet_area, "census").points
    observed = census[census.distance(place) <= 26.6]
    assert shown["served"].low == pytest.approx(observed["inhab"].sum())
    assert 0 < shown["need_in_sight"].value < 100


@pytest.mark.parametrize("kind", ["street", "other"])
def test_a_kind_without_a_rule_serves_nobody_that_is_counted(sheet_area: Area, kind: str) -> None:
    shown = technical_sheet(sheet_area, LineString([_at(500, 505), _at(700, 505)]), kind)["served"]
    assert shown.value is None
    assert "Ninguna regla" in shown.explanation.es
    assert "nobody is counted" in shown.explanation.en


def test_conflicts_name_who_overlaps_who_shares_a_lot_and_who_is_near(sheet_area: Area) -> None:
    # a vacant lot of the city stands at (350, 350), 40 m wide
    site = box(*_at(345, 345, 365, 365))
    others = [
        Other(9, "Encima", box(*_at(360, 360, 380, 380))),
        Other(3, "Mismo lote", box(*_at(380, 345, 395, 355))),
        Other(4, "Lejos", box(*_at(900, 900, 950, 950))),
        Other(5, "Al lado", box(*_at(345, 400, 365, 420))),
        Other(6, "Cruza", LineString([_at(340, 350), _at(370, 350)])),
    ]
    shown = technical_sheet(sheet_area, site, "park", others)
    found = {f.id: f for f in shown.group("conflicts") if f.id.startswith("proposal_")}
    levels = {"proposal_3": "same_lot", "proposal_5": "near", "proposal_6": "overlap"}
    assert {name: f.level for name, f in found.items()} == {**levels, "proposal_9": "overlap"}
    assert found["proposal_9"].value == pytest.approx(25.0)
    assert "35 m" in found["proposal_5"].explanation.es
    assert (shown["proposals"].value, shown["proposals"].high) == (3, 4)
    lots = [f for f in shown.figures if f.id.startswith("lots_")]
    assert [(f.value, "225 m²" in f.explanation.es) for f in lots] == [(1, True)]
    assert SIDE_M == 40.0


def test_a_lot_has_the_figures_that_the_search_for_parks_gives_it(sheet_area: Area) -> None:
    found = analyse(sheet_area, "parks", {}).tables["candidates"]
    # the sheet looks at the plan's higher line as well
    higher = analyse(sheet_area, "parks", {"level_m": 20}).tables["candidates"]["hazard_ratio"]
    shapes = sheet_area.frame("lots").set_index("id").geometry
    n_struck = n_eligible = 0
    for label, lot in found.iloc[::4].iterrows():
        shown = technical_sheet(sheet_area, shapes[label], "park")
        rules = {f.id[5:]: f.level for f in shown.figures if f.id.startswith("rule_")}
        struck = set(filter(None, lot["rules"].split(",")))
        assert {rule for rule, level in rules.items() if level == "struck"} == struck
        possible = set(filter(None, lot["possible_rules"].split(",")))
        assert {rule for rule, level in rules.items() if level == "possible"} == possible
        assert shown["rules"].value == len(struck)
        n_struck += bool(struck)
        if lot["status"] == "eligible":
            n_eligible += 1
            assert shown["served_new"].value == pytest.approx(lot["served_inhab"])
            assert shown["residual"].value == pytest.approx(higher[label])
            assert shown["water_m3_day"].value == pytest.approx(lot["water_m3_day"])
    assert n_struck
    assert n_eligible


def test_every_kind_and_shape_has_a_sheet_that_is_json_and_cites_its_sources(
    sheet_area: Area,
) -> None:
    shapes = {
        "polygon": park_at(210, 210, 60),
        "point": Point(_at(240, 240)),
        "line": LineString([_at(240, 240), _at(400, 260)]),
    }
    for kind, known in rulebook().kinds.items():
        for name in known.shapes:
            shown = technical_sheet(sheet_area, shapes[name], kind)
            content = content_of(shown)
            assert content_of(sheet_from(content)) == content
            assert len({f.id for f in shown.figures}) == len(shown.figures)
            assert {f.group for f in shown.figures} >= {"hazards", "conflicts", "response"}
            for figure in shown.figures:
                _tells_where_it_comes_from(figure, shown.layers)
            assert len(shown.document("es")) == len(shown.document("en")) == len(shown.figures)
    assert set(sheet_rules().kinds) == set(rulebook().kinds)


def _tells_where_it_comes_from(figure: Figure, layers: tuple[object, ...]) -> None:
    known = {note.layer for note in layers}
    assert set(figure.layers) <= known, figure.id
    if figure.value is not None and figure.group in ("hazards", "green", "response"):
        assert figure.layers, figure.id
    ends = [figure.low, figure.high]
    if figure.value is not None and None not in ends:
        assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9, figure.id
    if figure.low is not None:
        assert figure.low <= figure.high


def test_levels_are_called_as_the_planner_calls_them() -> None:
    titles = sheet_rules().levels
    for level in (*hazard_levels().levels, hazard_levels().missing, *patrol_rules().classes):
        assert titles[level.id] == level.title


def test_a_figure_that_lacks_a_layer_has_no_value(sheet_area: Area) -> None:
    for kind in ("park", "refuge", "cameras"):
        shape = Point(_at(240, 240)) if kind == "cameras" else park_at(210, 210, 60)
        for figure in technical_sheet(sheet_area, shape, kind).figures:
            assert not figure.missing or figure.value is None, figure.id


def test_the_same_inputs_give_the_same_content(
    sheet_area: Area, sheet_folder: Path, tmp_path: Path
) -> None:
    fresh = open_area(sheet_folder, Workspace(tmp_path / "ws"))
    shape = park_at(1010, 1010)
    assert content_of(technical_sheet(sheet_area, shape, "park")) == content_of(
        technical_sheet(fresh, shape, "park")
    )


def test_what_is_missing_is_said_and_never_nought(small_area: Area) -> None:
    shown = technical_sheet(small_area, park_at(1010, 1010), "park")
    for hazard in ("fault", "tanks", "fuel_stations", "saline_soils", "river_erosion"):
        assert shown[hazard].missing, hazard
        assert shown[hazard].value is None
        assert shown[hazard].level is None
    assert shown["lots"].missing
    assert shown["lots"].value is None
    assert shown["response"].value is None
    assert len(shown["response"].missing) == 3
    # its coast fits no district: what needs the flood says so, the rest is told
    for name in ("flood_15", "tsunami", "rules_unknown"):
        assert "coastline" in shown[name].explanation.en
        assert shown[name].value is None
    assert shown["served"].value > 0
    assert shown.layers
    assert any(note.status is Status.MODELLED for note in shown.layers)


def test_a_city_of_outlines_alone_still_has_a_sheet(sheet_folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(sheet_folder, bare)
    path = bare / "catalogue.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    listed["layers"] = ["districts", "zones"]
    path.write_text(yaml.safe_dump(listed, allow_unicode=True), "utf-8")
    for layer in [p.name for p in bare.iterdir() if p.is_dir()]:
        if layer not in listed["layers"]:
            shutil.rmtree(bare / layer)
    area = open_area(bare, Workspace(tmp_path / "ws"))
    for kind in rulebook().kinds:
        place = Point(_at(240, 240)) if "point" in rulebook().kinds[kind].shapes else None
        shape = place or LineString([_at(240, 240), _at(400, 260)])
        shown = technical_sheet(area, shape, kind)
        told = [f for f in shown.figures if f.value is not None]
        assert {f.id for f in told} <= {"proposals", "dry"}, kind
        assert content_of(shown)
    assert SOUTH_M > 0

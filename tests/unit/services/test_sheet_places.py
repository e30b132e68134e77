"""Hazards and response of the technical sheet, by rulers, rasters and networkx."""

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
from rasterio.transform import rowcol
from shapely import LineString
from shapely import Point
from shapely import box
from sheet_town import add_layer
from small_city import WEST_M
from small_city import _at

from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.patrol import PATROL
from ilo_geo.services.patrol import patrol_inputs
from ilo_geo.services.proposal_sheet import technical_sheet
from ilo_geo.services.sheet_city import flood_known
from ilo_geo.services.sheet_response import patrols_of


def test_what_floods_is_the_share_of_terrains_over_the_cells_of_the_shape(sheet_area: Area) -> None:
    shape = box(*_at(655, 1205, 833, 1311))
    field, shown = flood_known(sheet_area).field, technical_sheet(sheet_area, shape, "other")
    for level_m in (15, 20):
        ratio, weight = [], []
        grid = field.probability(level_m)
        # cell by cell, as a person would
        for row in range(grid.shape[0]):
            for column in range(grid.shape[1]):
                west, north = field.transform @ (column, row)
                east, south = field.transform @ (column + 1, row + 1)
                shared = box(west, south, east, north).intersection(shape).area
                if shared > 0:
                    ratio.append(float(grid[row, column]))
                    weight.append(shared)
        figure = shown[f"flood_{level_m}"]
        assert figure.value == pytest.approx(100 * np.average(ratio, weights=weight))
        assert (figure.low, figure.high) == pytest.approx((100 * min(ratio), 100 * max(ratio)))
        assert 0 < figure.low < figure.value < figure.high
    # the land rises 2 m each 100 m: under 15 m up to 750 m from the coast
    assert shown["flood_15"].level == "very_high"
    assert shown["flood_20"].value > shown["flood_15"].value


def test_a_point_floods_as_its_cell_does(sheet_area: Area) -> None:
    place = Point(_at(741, 1207))
    field = flood_known(sheet_area).field
    row, column = rowcol(field.transform, place.x, place.y)
    shown = technical_sheet(sheet_area, place, "cameras")["flood_15"]
    expected = 100 * float(field.probability(15)[int(row), int(column)])
    assert (shown.value, shown.low, shown.high) == pytest.approx((expected,) * 3)


@pytest.mark.parametrize(
    ("hazard", "shape", "level"),
    [
        ("fault", box(*_at(1620, 400, 1680, 460)), "very_high"),
        ("fault", box(*_at(1680, 400, 1740, 460)), "very_high"),
        ("fault", LineString([_at(1750, 400), _at(1900, 400)]), "high"),
        ("tanks", Point(_at(640, 1000)), "very_high"),
        ("fuel_stations", box(*_at(930, 380, 970, 420)), None),
    ],
)
def test_each_hazard_is_told_by_its_gravest_outline(
    sheet_area: Area, hazard: str, shape: shapely.Geometry, level: str | None
) -> None:
    shown = technical_sheet(sheet_area, shape, "other")[hazard]
    zones = hazard_zones(sheet_area, 20.0, 400.0, "auto", graded=True)
    own = zones[(zones["hazard"] == hazard) & zones.intersects(shape)]
    ranks = {name: n for n, name in enumerate(hazard_levels().ids)}
    best = own[own["certainty"] != "possible"]["level"].map(ranks)
    gravest = hazard_levels().ids[int(best.max())] if len(best) else None
    assert shown.level == gravest
    if level is not None:
        assert shown.level == level
    rank = int(best.max()) if len(best) else int(own["level"].map(ranks).max())
    band = own[own["level"].map(ranks) >= rank]
    for end, known in (("low", ["certain"]), ("value", ["certain", "line"]), ("high", None)):
        held = band if known is None else band[band["certainty"].isin(known)]
        cut = held.union_all().intersection(shape) if len(held) else None
        if shape.geom_type == "Polygon":
            share = cut.area / shape.area if cut is not None else 0.0
        elif shape.geom_type == "LineString":
            share = cut.length / shape.length if cut is not None else 0.0
        else:
            share = 0.0 if cut is None or cut.is_empty else 1.0
        assert getattr(shown, end) == pytest.approx(100 * share)


def test_a_fault_is_as_far_as_a_ruler_says(sheet_area: Area) -> None:
    # the trace runs at 1500 m; bands of 200, 500 and 1,000 m
    for x, level in ((1520, "very_high"), (1760, "high"), (1130, "high"), (760, "medium")):
        assert technical_sheet(sheet_area, Point(_at(x, 1000)), "other")["fault"].level == level


def test_all_hazards_together_are_weighed_by_hand(sheet_area: Area) -> None:
    # 490 m from the trace: high by the fault; 40 m above the sea; far from tanks and stations
    shown = technical_sheet(sheet_area, Point(_at(1990, 1900)), "other")
    assert shown["strongest"].value == pytest.approx(0.260)
    assert shown["strongest"].level == "high"
    weights = {"tsunami": 0.331, "seismic": 0.331, "hydrocarbons": 0.145, "river": 0.094}
    weights |= {"saline_soils": 0.061, "dunes": 0.038}
    values = {"tsunami": 0.035, "seismic": 0.260, "hydrocarbons": 0.035}
    # nobody mapped these three: the middle of the scale, and anything in the interval
    middle = sum(w * values.get(name, 0.134) for name, w in weights.items())
    high = sum(w * values.get(name, 0.503) for name, w in weights.items())
    assert shown["multihazard"].value == pytest.approx(middle, abs=2e-3)
    assert shown["multihazard"].high == pytest.approx(high, abs=2e-3)
    for title in ("Suelos salinos", "Erosión de ribera"):
        assert title in shown["multihazard"].explanation.es
    assert shown["multihazard"].missing == ()
    # the level high counts ¾, inside the drawn outline for sure
    assert shown["residual"].value == pytest.approx(0.75 * 0.975)


def test_a_patrol_comes_along_the_streets(sheet_area: Area) -> None:
    # the base stands 40 m off a crossing; from there 500 m east at 30 km/h, and 10 m on foot
    shown = technical_sheet(sheet_area, Point(_at(1500, 1110)), "other")["response"]
    patrols = patrols_of(sheet_area)
    # Palacio at (1000, 1040): its street x = 1000 is the 11th of its kind, a primary one
    drive = patrols.scene.drive
    pace = {"primary": 3.6 / 40, "residential": 3.6 / 30}
    streets = sheet_area.frame("streets")
    graph = nx.Graph()
    for line, kind in zip(streets.geometry, streets["street_class"], strict=True):
        for a, b in itertools.pairwise(line.coords):
            ends = [tuple(np.round(p, 2)) for p in (a, b)]
            graph.add_edge(*ends, weight=Point(a).distance(Point(b)) * pace[kind])
    base_at = tuple(np.round(_at(1000, 1040), 2))
    for y in (1000, 1100):
        end = tuple(np.round(_at(1000, y), 2))
        graph.add_edge(base_at, end, weight=abs(y - 1040) * pace[_class_at(streets, 1000)])
    goal = [(tuple(np.round(_at(1500, y), 2)), y) for y in (1100, 1200)]
    known = nx.single_source_dijkstra_path_length(graph, base_at)
    way = min(known[n] + abs(y - 1110) * pace[_class_at(streets, 1500)] for n, y in goal)
    assert drive.foot_m_s == 1.4
    assert shown.value == pytest.approx((105 + 1.2 * way) / 60)
    assert shown.low == pytest.approx((90 + 1.2 / 1.2 * max(way - 5 * 3.6 / 30, 0)) / 60)
    assert shown.high == pytest.approx((120 + 1.2 / 0.8 * (way + 5 * 3.6 / 30)) / 60)
    assert shown.level == "green"


def _class_at(streets: gpd.GeoDataFrame, x: float) -> str:
    upright = streets[
        streets.geometry.map(lambda g: g.coords[0][0] == g.coords[-1][0] == WEST_M + x)
    ]
    return str(upright.iloc[0]["street_class"])


def test_a_second_base_gains_what_the_analysis_of_both_bases_gains(
    sheet_area: Area, sheet_folder: Path, tmp_path: Path
) -> None:
    # so slow that five minutes do not cover the city
    spot = Point(_at(803.3, 847.9))
    slow = {"dispatch_s": 200.0, "night_ratio": 1.0}
    path = tmp_path / "city"
    shutil.copytree(sheet_folder, path)
    config = yaml.safe_load((path / "area.yaml").read_text(encoding="utf-8"))
    config["defaults"] = {"patrol": slow}
    (path / "area.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    slow_area = open_area(path, Workspace(tmp_path / "ws"))
    shown = technical_sheet(slow_area, spot, "patrol_base")
    shutil.copytree(path, tmp_path / "both")
    both = gpd.read_file(tmp_path / "both" / "municipal" / "data.gpkg")
    add_layer(tmp_path / "both", "municipal", [*both.geometry, spot], name=["Palacio", "Base"])
    built = open_area(tmp_path / "both", Workspace(tmp_path / "ws2"))
    for city, name in ((slow_area, "within_before"), (built, "within_after")):
        params = PATROL.parameters(city, {})
        scene_inhab = patrol_inputs(city, params).residents.total_inhab
        found = analyse(city, "patrol", {"new_bases": 0})
        ratio = found.summary["people_within_green_ratio"]
        assert shown[name].value == pytest.approx(ratio * scene_inhab)
    assert 0 < shown["within_new"].value < shown["served"].value
    assert shown["within_new"].value == pytest.approx(
        shown["within_after"].value - shown["within_before"].value
    )

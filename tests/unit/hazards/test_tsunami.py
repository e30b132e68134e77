"""The tsunami analysis on a straight coast whose figures can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.stats import norm
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.parameters import parse_parameters
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards.exposure import Exposed
from ilo_geo.hazards.flood_outlines import band_width
from ilo_geo.hazards.flood_outlines import traced
from ilo_geo.hazards.tsunami import TsunamiInputs
from ilo_geo.hazards.tsunami import TsunamiLayers
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import analyse
from ilo_geo.hazards.tsunami import inundation_lines
from ilo_geo.hazards.tsunami import inundation_zones
from ilo_geo.hazards.tsunami import tsunami_scene
from ilo_geo.hazards.tsunami_parameters import tsunami_classes

UTM = CRS.from_epsg(32719)
GRID = Affine(10, 0, 0, 0, -10, 600)
COAST_X = 203.0
SOUTH, NORTH = box(COAST_X, 0, 800, 300), box(COAST_X, 300, 800, 600)


def frame(*geometries: shapely.Geometry, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(geometries), crs=UTM).assign(**columns)


def plane() -> TsunamiLayers:
    """Return land rising 1 in 10 from a coast at x = 203, with a basin behind a dyke.

    The basin, 60 m by 60 m at 2 m, lies from x = 500 (ground 30 m) on: no sea of 25 m gets there.
    """
    x_m = np.arange(80) * 10 + 5.0
    elevation_m = np.tile(np.where(x_m > COAST_X, (x_m - 200) / 10, np.nan), (60, 1))
    elevation_m[10:16, 50:56] = 2.0
    return TsunamiLayers(
        elevation_m=elevation_m,
        transform=GRID,
        crs=UTM,
        terrain_status=Status.OBSERVED,
        terrain_source="Copernicus GLO-30",
        land=frame(SOUTH, NORTH, id=["s", "n"], name=["South", "North"]),
        coastline=frame(LineString([(COAST_X, 0), (COAST_X, 600)])),
        river=frame(LineString([(COAST_X, 300), (795, 300)])),
    )


def someone() -> Exposed:
    """Return 10 people every 50 m inland along y = 150 and y = 450, and three sites."""
    x_m = np.arange(225, 800, 50.0)
    points = frame(
        *(Point(x, y) for x in x_m for y in (150, 450)), inhab=10.0, unit="u", placed_on="building"
    )
    people, more = Residents(points), Residents(points.assign(inhab=13.0))
    schools = frame(Point(230, 100), Point(410, 100), Point(790, 100), name=["low", "edge", "high"])
    return Exposed(
        residents={"plan": people, "census": more},
        day={"plan": people, "census": more},
        dwellings=points[["geometry"]].assign(dwellings=3),
        sites={"schools": schools, "health": frame(Point(530, 470), name=["in the basin"])},
        lines={"roads": frame(LineString([(COAST_X, 250), (800, 250)]))},
        levels={"districts": plane().land},
    )


def analysed(**changes: object) -> AnalysisResult:
    params = TsunamiParams(population_base="plan", **changes)
    layers = plane()
    field = tsunami_scene(layers, params)
    return analyse(TsunamiInputs("toy", field, layers.land, someone()), params)


@pytest.fixture(scope="module")
def result() -> AnalysisResult:
    return analysed(level_m=20.0, rmse_m=2.0, correlation_m=2000.0, n_draws=400, river_reach_m=0)


def test_area_below_the_level_by_hand(result: AnalysisResult) -> None:
    """Cells up to x = 400 m lie at most at 19.5 m: (400 - 203) m of coast of 600 m."""
    assert result.summary["flooded_land_m2"] == pytest.approx(197 * 600, rel=1e-9)
    zones = result.tables["inundation"]
    assert zones.loc["tsunami/all/level_15/line", "area_m2"] == pytest.approx(147 * 600, rel=1e-9)
    # half a cell of beach whose centre lies in the sea is flooded too
    assert zones.loc["tsunami/all/level_15/line"].geometry.bounds[0] == COAST_X


def test_band_and_its_width_are_those_of_the_normal_law(result: AnalysisResult) -> None:
    """Theory: with an error common to all cells, the 5 % limit lies at z = 20 + 1.645 rmse."""
    zones = result.tables["inundation"]
    reach_m = norm.ppf(0.95) * 2.0 * 10  # an error of 1 m moves the line 10 m
    far_m = zones.loc["tsunami/all/level_20/possible", "area_m2"] / 600 + COAST_X
    near_m = zones.loc["tsunami/all/level_20/certain", "area_m2"] / 600 + COAST_X
    # to a cell and to the error of 400 draws (5 % ± 1.1 %: ± 0.11 rmse)
    assert far_m == pytest.approx(400 + reach_m, abs=10 + 3 * 2.2)
    assert near_m == pytest.approx(400 - reach_m, abs=10 + 3 * 2.2)
    assert result.summary["band_width_m"] == pytest.approx(far_m - near_m, abs=20)
    assert result.summary["band_width_max_m"] >= result.summary["band_width_m"]


def test_basin_behind_the_dyke_stays_dry_in_every_outline(result: AnalysisResult) -> None:
    basin = box(500, 440, 560, 500)
    zones = result.tables["inundation"]
    assert not zones.intersects(basin.buffer(-1)).any()
    assert "health/0" not in result.tables["sites"].index
    assert result.summary["exposed_health_high"] == 0


def test_each_outline_holds_the_surer_and_each_band_the_more_severe() -> None:
    zones = analysed(level_m=25, rmse_m=4, correlation_m=60).tables["inundation"].geometry
    for level in (15, 20, 25):
        certain, line, possible = (
            zones[f"tsunami/all/level_{level}/{c}"] for c in ("certain", "line", "possible")
        )
        assert shapely.difference(certain, line).area < 1e-6
        assert shapely.difference(line, possible).area < 1e-6
        assert certain.area < line.area < possible.area
    for lower, higher in ((15, 20), (20, 25)):
        inner, outer = (zones[f"tsunami/all/level_{level}/line"] for level in (lower, higher))
        assert shapely.difference(inner, outer).area < 1e-6


def test_people_inside_by_hand(result: AnalysisResult) -> None:
    """At x = 225, 275, 325 and 375 in two rows: 8 places of 10; the largest base counts 13."""
    assert result.summary["exposed_inhab"] == 80
    assert result.summary["exposed_day_inhab"] == 80
    inside = shapely.contains_xy(
        result.tables["inundation"].loc["tsunami/all/level_20/possible"].geometry,
        shapely.get_coordinates(someone().residents["census"].points.geometry),
    )
    assert result.summary["exposed_inhab_high"] == 13 * inside.sum() >= 13 * 8
    assert result.summary["exposed_inhab_low"] < 80
    districts = result.tables["districts"]
    assert districts["people_night_inhab"].to_dict() == {"s": 40, "n": 40}
    assert districts.loc["s"].geometry.equals(SOUTH)


def test_sites_in_the_band_say_how_sure_and_at_what_level(result: AnalysisResult) -> None:
    """The school at x = 410 stands at 21.5 m: dry by the line, wet in Phi(-0.75) of the draws."""
    sites = result.tables["sites"]
    assert sites.index.tolist() == ["schools/0", "schools/1"]
    assert sites["status"].tolist() == ["inside", "possible"]
    assert sites["name"].tolist() == ["low", "edge"]
    assert sites["floods_at_m"].tolist() == pytest.approx([3.5, 21.5])
    assert sites["probability_ratio"].iloc[0] == 1
    assert sites["probability_ratio"].iloc[1] == pytest.approx(norm.cdf(-0.75), abs=0.08)
    assert (result.summary["exposed_schools"], result.summary["exposed_schools_high"]) == (1, 2)


def test_lines_are_the_inland_limit_and_not_the_coast(result: AnalysisResult) -> None:
    for level, x_m in (("15", 350), ("20", 400)):
        line = result.tables[f"inundation_line_{level}"].loc[f"level_{level}"]
        assert line.geometry.equals(LineString([(x_m, 0), (x_m, 600)]))
        assert line["length_m"] == 600
    assert "inundation_line_asked" not in result.tables


def test_the_asked_level_is_a_band_and_a_line_beside_the_plan_s_two() -> None:
    tables = analysed(level_m=12.5, n_draws=20).tables
    assert tables["inundation"]["band"].unique().tolist() == ["level_12.5", "level_15", "level_20"]
    lines = {name: table for name, table in tables.items() if name.startswith("inundation_line")}
    levels_m = {name.rpartition("_")[2]: table["level_m"].item() for name, table in lines.items()}
    assert levels_m == {"asked": 12.5, "15": 15, "20": 20}
    assert tables["exposure"].index.tolist() == [f"tsunami/level_{m}" for m in ("12.5", 15, 20)]
    assert tables["districts"]["band"].unique().tolist() == ["level_12.5"]


def test_lower_levels_are_more_severe() -> None:
    """Plan L.956-960 for the lines of 15 and 20 m; every level that may be asked has a class."""
    classes = [tsunami_classes().level_of(level_m) for level_m in (5, 15, 15.1, 20, 20.1, 25)]
    assert classes == ["very_high", "very_high", "high", "high", "medium", "medium"]
    assert tsunami_classes().plan_levels_m == (15, 20)
    assert tsunami_classes().classes_verified == "NV"


def island(rng: np.random.Generator) -> tuple[TsunamiLayers, gpd.GeoDataFrame]:
    """Return a rough island of oblique coast in two districts."""
    shore = shapely.Point(400, 300).buffer(260, quad_segs=3).difference(box(380, 0, 430, 120))
    y_m, x_m = np.mgrid[595:0:-10, 5:800:10].astype(float)
    elevation_m = rng.uniform(0, 30, x_m.shape)
    elevation_m[~shapely.contains_xy(shore, x_m, y_m)] = np.nan
    halves = [
        shapely.intersection(shore, half) for half in (box(0, 0, 800, 287), box(0, 287, 800, 600))
    ]
    land = frame(*halves, id=["a", "b"], name=["a", "b"])
    layers = replace(
        plane(), elevation_m=elevation_m, land=land, river=None, coastline=frame(shore.exterior)
    )
    return layers, land


def test_area_is_that_of_an_overlay_of_squares_with_the_land() -> None:
    """Oracle: one shapely square a flooded cell, united and cut by the districts; 1e-6."""
    layers, land = island(np.random.default_rng(4))
    params = TsunamiParams(population_base="plan", level_m=18, n_draws=20)
    field = tsunami_scene(layers, params)
    shore = land.union_all()
    zones = inundation_zones(field, shore, [18.0])
    wet = field.flooded(18.0) & field.land
    beside = np.zeros_like(wet)
    for row, col in zip(*np.nonzero(wet), strict=True):
        beside[max(0, row - 1) : row + 2, max(0, col - 1) : col + 2] = True
    drawn = wet | (beside & ~field.land) | field.sea
    squares = [
        box(c * 10, 590 - r * 10, c * 10 + 10, 600 - r * 10)
        for r, c in zip(*np.nonzero(drawn), strict=True)
    ]
    expected = shapely.union_all(squares).intersection(shore)
    found = zones.loc["tsunami/all/level_18/line"].geometry
    assert 0.1 < found.area / shore.area < 0.9
    assert found.area == pytest.approx(expected.area, rel=1e-6)
    assert found.symmetric_difference(expected).area < 1e-6 * found.area
    assert found.is_valid
    # by district it adds up to the whole
    result = analyse(
        TsunamiInputs("toy", field, land, replace(someone(), levels={"d": land})), params
    )
    assert result.tables["d"]["area_m2"].sum() == pytest.approx(found.area, rel=1e-6)
    assert found.difference(shore.buffer(1e-6)).area == 0


def test_lines_are_the_edges_between_wet_and_dry_ground_and_nothing_else() -> None:
    """Oracle: the edge shared by every two neighbouring squares of ground, one by one."""
    layers, land = island(np.random.default_rng(4))
    field = tsunami_scene(layers, TsunamiParams(population_base="plan", n_draws=20))
    shore, wet = land.union_all(), field.flooded(18.0)
    ground = np.isfinite(layers.elevation_m) & ~field.sea
    edges = []
    for row, col in zip(*np.nonzero(ground), strict=True):
        x, y = col * 10, 600 - row * 10
        if ground[row + 1, col] and wet[row, col] != wet[row + 1, col]:
            edges.append(LineString([(x, y - 10), (x + 10, y - 10)]))
        if ground[row, col + 1] and wet[row, col] != wet[row, col + 1]:
            edges.append(LineString([(x + 10, y), (x + 10, y - 10)]))
    expected = shapely.intersection(shapely.union_all(edges), shore)
    found = inundation_lines(field, shore, [18.0])
    assert expected.length > 1000
    assert found["length_m"].iloc[0] == pytest.approx(expected.length, rel=1e-9)
    assert found.geometry.iloc[0].equals(expected)


def test_strips_of_land_in_cells_centred_off_the_land_follow_their_neighbours() -> None:
    """A border and a coast that cut cells: 3 m and 7 m strips are not left dry by hand."""
    layers = plane()
    elevation_m = layers.elevation_m.copy()
    elevation_m[-1] = np.nan  # the centre of the last row, y = 5, is beyond the border at y = 7
    land = frame(box(COAST_X, 7, 800, 600))
    params = TsunamiParams(population_base="p", rmse_m=0.1, n_draws=20)
    coastline = frame(LineString([(COAST_X, 7), (COAST_X, 600)]))
    layers = replace(layers, elevation_m=elevation_m, land=land, coastline=coastline, river=None)
    zones = inundation_zones(tsunami_scene(layers, params), land.union_all(), [20.0])
    for certainty in ("certain", "line", "possible"):
        outline = zones.loc[f"tsunami/all/level_20/{certainty}"].geometry
        expected = box(COAST_X, 7, 400, 600)
        assert shapely.difference(expected, outline).area == 0
        # at the corner the strip takes one cell more: cells touch at corners too
        assert shapely.difference(outline, expected).area <= 3 * 10


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_traced_cells_cover_exactly_their_area_and_centres(seed: int, share: float) -> None:
    cells = np.random.default_rng(seed).random((9, 13)) < share
    polygon = traced(cells, GRID)
    assert polygon.is_valid
    assert polygon.area == pytest.approx(100 * cells.sum())
    row, col = np.indices(cells.shape)
    inside = shapely.contains_xy(polygon, col * 10 + 5, 595 - row * 10)
    np.testing.assert_array_equal(inside, cells)


def test_more_people_stand_below_a_higher_sea() -> None:
    """Property: every exposed figure and its ends are monotone in the level."""
    keys = ("exposed_inhab", "exposed_schools", "flooded_land_m2", "exposed_day_inhab")
    before = dict.fromkeys([f"{k}{end}" for k in keys for end in ("", "_low", "_high")], 0.0)
    layers, land = island(np.random.default_rng(7))
    params = TsunamiParams(population_base="plan", n_draws=50)
    field = tsunami_scene(layers, params)
    for level_m in (5.0, 8.0, 11.5, 15.0, 20.0, 25.0):
        now = analyse(
            TsunamiInputs("toy", field, land, someone()),
            params.model_copy(update={"level_m": level_m}),
        ).summary
        assert all(now[name] >= value for name, value in before.items())
        assert now["exposed_inhab_low"] <= now["exposed_inhab"] <= now["exposed_inhab_high"]
        before = {name: now[name] for name in before}
    assert before["exposed_inhab"] > 0


def test_reach_up_the_valley_floods_low_ground_behind_a_sill_and_is_reported() -> None:
    layers = plane()
    elevation_m = layers.elevation_m.copy()
    elevation_m[20:40, 24:] = 40.0  # hills
    elevation_m[28:32, 25:] = 4.0  # the valley between them, shut at x = 250
    layers = replace(layers, elevation_m=elevation_m)
    figures = {}
    for reach_m in (0, 300):
        params = TsunamiParams(
            population_base="p",
            level_m=10,
            river_reach_m=reach_m,
            river_half_width_m=30,
            rmse_m=0.1,
        )
        field = tsunami_scene(layers, params)
        result = analyse(TsunamiInputs("toy", field, layers.land, someone()), params)
        figures[reach_m] = result.summary
    assert figures[0]["river_reached_m"] == pytest.approx(240 - COAST_X, abs=10)
    assert figures[300]["river_reached_m"] == pytest.approx(300, abs=10)
    assert figures[300]["river_reached_m_low"] == pytest.approx(300, abs=10)
    gained_m2 = figures[300]["flooded_land_m2"] - figures[0]["flooded_land_m2"]
    # 40 m of valley from x = 250 to 300 m from the mouth, to a column of cells
    assert gained_m2 == pytest.approx(40 * (COAST_X + 300 - 250), abs=400)
    assert figures[300]["river_added_m2"] == pytest.approx(gained_m2)
    assert figures[0]["river_added_m2"] == 0


def test_a_reach_that_adds_no_ground_says_so() -> None:
    params = TsunamiParams(population_base="p", level_m=10, river_reach_m=50, n_draws=20)
    field = tsunami_scene(plane(), params)
    result = analyse(TsunamiInputs("toy", field, plane().land, someone()), params)
    assert result.summary["river_added_m2"] == 0
    assert "tsunami_river_adds_nothing" in [notice.code for notice in result.warnings]


def test_notices_say_what_the_map_cannot(result: AnalysisResult) -> None:
    always = ["tsunami_units_unchecked", "tsunami_still_water"]
    assert [notice.code for notice in result.warnings] == always
    modelled = replace(plane(), terrain_status=Status.MODELLED)
    params = TsunamiParams(population_base="plan", level_m=12, river_reach_m=500)
    field = tsunami_scene(modelled, params)
    codes = [
        notice.code
        for notice in analyse(
            TsunamiInputs("toy", field, modelled.land, someone()), params
        ).warnings
    ]
    assert codes == [
        *always,
        "tsunami_terrain_modelled",
        "tsunami_wide_band",
        "tsunami_nothing_certain",
        "tsunami_river_short",
    ]
    assert field.rmse_m == 11.0


def test_width_is_unknown_where_no_ground_is_dry() -> None:
    layers = replace(plane(), elevation_m=np.where(np.isnan(plane().elevation_m), np.nan, 1.0))
    field = tsunami_scene(layers, TsunamiParams(population_base="p", rmse_m=0.5))
    assert band_width(field, 20.0).median_m is None


def test_equal_inputs_give_equal_results_and_are_not_changed() -> None:
    layers = plane()
    kept = layers.elevation_m.copy()
    one, same = analysed(n_draws=20, rmse_m=3), analysed(n_draws=20, rmse_m=3)
    other = analysed(n_draws=20, rmse_m=3, seed=2)
    assert one.sha256 == same.sha256 != other.sha256
    tsunami_scene(layers, TsunamiParams(population_base="p", n_draws=20))
    np.testing.assert_array_equal(layers.elevation_m, kept)


@pytest.mark.parametrize(("name", "value"), [("level_m", 4.9), ("level_m", 25.1), ("n_draws", 10)])
def test_a_level_outside_the_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=name):
        parse_parameters(TsunamiParams, {"population_base": "p", name: value})


def test_three_parameters_are_shown_and_all_have_words() -> None:
    texts = parameter_texts("ilo_geo.hazards", "tsunami.yaml")
    assert list(texts) == list(TsunamiParams.model_fields)
    shown = [name for name, text in texts.items() if not text.advanced]
    assert shown == ["level_m", "river_reach_m", "population_base"]

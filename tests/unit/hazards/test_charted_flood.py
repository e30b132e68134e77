"""A flood held by a chart, cell by cell, against its own definition."""

from __future__ import annotations

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from pyproj import CRS
from scipy.stats import norm
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.hazards.charted_flood import charted_field
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.flood_draws import FloodDraws
from ilo_geo.hazards.tsunami_chart import read_chart
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

UTM = CRS.from_epsg(32719)
ROWS, COLUMNS, CELL_M = 30, 60, 10.0
LAND = box(50, 0, 600, 300)
SHORE = LineString([(50, 0), (50, 300)])
LEVELS_M = (5, 12, 15, 15.01, 17.5, 20, 20.01, 25)


def field(seed=1, n_draws=40):
    """Return a flood of random levels: what a chart does must hold for any."""
    rng = np.random.default_rng(seed)
    sea = np.zeros((ROWS, COLUMNS), dtype=bool)
    sea[:, :5] = True
    cell = np.flatnonzero(~sea)
    drawn = np.sort(rng.integers(100, 3_000, (len(cell), n_draws)), axis=1).astype(np.uint16)
    level_m = np.zeros((ROWS, COLUMNS), dtype=np.float32)
    level_m.ravel()[cell] = rng.integers(100, 3_000, len(cell)) / 100
    return FloodField(
        level_m=level_m,
        draws=FloodDraws(cell, drawn),
        transform=Affine(CELL_M, 0, 0, 0, -CELL_M, 300),
        crs=UTM,
        land=~sea,
        sea=sea,
        valued=np.ones_like(sea),
        cell_m=CELL_M,
        rmse_m=4.0,
        correlation_m=900.0,
    )


def chart(accuracy_m=40.0, **columns):
    ref = LayerRef(
        layer="tsunami_chart",
        title=Text(es="Carta", en="Chart"),
        source="DHN",
        licence="CC0-1.0",
        date="2021",
        status=Status.OFFICIAL,
        accuracy_m=accuracy_m,
        sha256="0" * 64,
    )
    polygons = [box(0, 0, 200, 300), box(0, 0, 300, 300), box(0, 100, 500, 300)]
    own = {"level_m": [15.0, 20.0, None], "scenario": None, **columns}
    kind = ["flooded", "flooded", "sheet"]
    frame = gpd.GeoDataFrame({**own, "kind": kind}, geometry=polygons, crs=UTM)
    return read_chart(frame, LAND, SHORE, ref)


@pytest.mark.parametrize("accuracy_m", [None, 5.0, 40.0, 400.0])
def test_a_cell_floods_with_a_probability_from_its_quantile_on(accuracy_m):
    # the two say the same of one distribution, whatever holds it
    held = charted_field(field(), chart(accuracy_m))
    for ratio in (0.05, 0.25, 0.5, 0.75, 0.95):
        from_m = held.quantile_level_m(ratio)
        for level_m in LEVELS_M:
            wet = held.probability(level_m) >= np.float32(ratio)
            assert np.array_equal(wet, from_m <= np.float32(level_m) + 1e-4), (ratio, level_m)


@pytest.mark.parametrize("accuracy_m", [None, 40.0])
def test_outlines_are_nested_and_rise_with_the_sea(accuracy_m):
    held = charted_field(field(), chart(accuracy_m))
    before = MappingProxyType({name: np.zeros((ROWS, COLUMNS), bool) for name in (LINE, POSSIBLE)})
    for level_m in LEVELS_M:
        now = {name: held.outline(name, level_m) for name in (CERTAIN, LINE, POSSIBLE)}
        assert (now[CERTAIN] <= now[LINE]).all()
        assert (now[LINE] <= now[POSSIBLE]).all()
        assert all((before[name] <= now[name]).all() for name in before)
        before = MappingProxyType({name: now[name] for name in before})


def test_at_a_charted_level_the_outlines_are_the_polygons_of_the_chart():
    free, drawn = field(), chart()
    held = charted_field(free, drawn)
    rows, columns = np.indices((ROWS, COLUMNS))
    middles = [
        Point(CELL_M * (c + 0.5), 300 - CELL_M * (r + 0.5))
        for r, c in zip(rows.ravel(), columns.ravel(), strict=True)
    ]
    on_sheet = np.array([drawn.sheet.contains(p) for p in middles]).reshape(ROWS, COLUMNS)
    for level_m in (15, 20):
        for name, outline in drawn.at(level_m).outlines.items():
            inside = np.array([outline.contains(p) for p in middles]).reshape(ROWS, COLUMNS)
            wet = held.outline(name, level_m)
            assert np.array_equal(wet[on_sheet & free.land], inside[on_sheet & free.land])
    beyond = ~on_sheet & free.land
    assert np.array_equal(held.level_m[beyond], free.level_m[beyond])


def test_how_sure_a_cell_is_follows_from_its_distance_to_the_limit():
    ratio = charted_field(field(), chart(40.0)).probability(20)
    sigma_m = 40 / norm.ppf(0.975)
    # row 10, away from the ends of the limit at x = 300; between what is certain and what is not
    for column in (27, 29, 30, 32):
        offset_m = 300 - CELL_M * (column + 0.5)
        assert ratio[10, column] == pytest.approx(norm.cdf(offset_m / sigma_m), abs=1e-3)

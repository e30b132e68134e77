"""How far the sea goes up a valley by a stated length."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import InputError
from ilo_geo.hazards.flood import flood_levels_m
from ilo_geo.hazards.river_reach import Corridor
from ilo_geo.hazards.river_reach import river_corridor
from ilo_geo.hazards.river_reach import with_reach

CRS = "EPSG:32719"
GRID = Affine(10, 0, 0, 0, -10, 200)
SHAPE = (20, 100)
COAST = shapely.LineString([(0, 0), (0, 200)])


def river(*lines: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.LineString(line) for line in lines], crs=CRS)


BENT = [(2.0, 100.0), (400.0, 100.0), (400.0, 150.0), (980.0, 150.0)]


def test_cells_of_the_valley_and_their_distance_from_the_mouth() -> None:
    """Oracle: shapely's distance and projection of every cell's centre, one by one."""
    corridor = river_corridor(river(BENT), COAST, SHAPE, GRID, half_width_m=34.0)
    axis = shapely.LineString(BENT)
    expected = {}
    for row, col in np.ndindex(SHAPE):
        centre = shapely.Point(col * 10 + 5, 200 - row * 10 - 5)
        if axis.distance(centre) <= 34.0:
            expected[row * SHAPE[1] + col] = axis.project(centre)
    found = dict(zip(corridor.cell.tolist(), corridor.chainage_m.tolist(), strict=True))
    # a round end is drawn with corners: cells right on its edge may differ
    different = found.keys() ^ expected.keys()
    assert all(
        abs(axis.distance(shapely.Point(c % 100 * 10 + 5, 195 - c // 100 * 10)) - 34) < 0.5
        for c in different
    )
    assert len(expected) > 500
    for cell in found.keys() & expected.keys():
        assert found[cell] == pytest.approx(expected[cell], abs=1e-6)


def test_the_mouth_is_the_end_nearer_the_sea_however_the_axis_is_drawn() -> None:
    pieces = [BENT[:2][::-1], BENT[1:]]
    one = river_corridor(river(BENT), COAST, SHAPE, GRID, half_width_m=20.0)
    turned = river_corridor(river(BENT[::-1]), COAST, SHAPE, GRID, half_width_m=20.0)
    joined = river_corridor(river(*pieces), COAST, SHAPE, GRID, half_width_m=20.0)
    for other in (turned, joined):
        np.testing.assert_array_equal(other.cell, one.cell)
        np.testing.assert_allclose(other.chainage_m, one.chainage_m, atol=1e-9)


def test_an_axis_that_forks_is_refused_by_name() -> None:
    fork = river([(0, 100), (400, 100)], [(400, 100), (900, 150)], [(400, 100), (900, 50)])
    with pytest.raises(InputError, match=r"'river'.* 3 lines") as caught:
        river_corridor(fork, COAST, SHAPE, GRID, half_width_m=20.0)
    assert caught.value.code == "tsunami.river_in_pieces"


def closed_valley() -> tuple[np.ndarray, np.ndarray]:
    """Return a valley at 5 m, shut off from the sea by a sill of 30 m, between hills of 80 m."""
    elevation_m = np.full(SHAPE, 80.0)
    elevation_m[8:12, :] = 5.0
    elevation_m[:, 5:7] = 30.0
    sea = np.zeros(SHAPE, dtype=bool)
    sea[:, 0] = True
    return elevation_m, sea


STRAIGHT = [(5.0, 100.0), (995.0, 100.0)]


def test_low_ground_within_the_reach_floods_though_the_terrain_parts_it_from_the_sea() -> None:
    elevation_m, sea = closed_valley()
    corridor = river_corridor(river(STRAIGHT), COAST, SHAPE, GRID, half_width_m=50.0)
    level_m = flood_levels_m(elevation_m, sea)
    assert (level_m[8:12, 7:] == 30).all()
    reached = with_reach(level_m, elevation_m, corridor.within(400.0, SHAPE))
    assert (reached[8:12, 7:40] == 5).all()
    # beyond the stated length, and on the hills beside, nothing changes
    np.testing.assert_array_equal(reached[:, 41:], level_m[:, 41:])
    np.testing.assert_array_equal(reached[:5], level_m[:5])
    # the sill itself stays above a sea of 20 m: ground above the level is never flooded
    assert (reached[8:12, 5:7] == 30).all()
    assert not np.shares_memory(reached, level_m)


def test_no_reach_changes_nothing() -> None:
    elevation_m, sea = closed_valley()
    corridor = river_corridor(river(STRAIGHT), COAST, SHAPE, GRID, half_width_m=50.0)
    level_m = flood_levels_m(elevation_m, sea)
    same = with_reach(level_m, elevation_m, corridor.within(0.0, SHAPE))
    np.testing.assert_array_equal(same, level_m)


def test_ground_without_value_stays_dry_within_the_reach() -> None:
    elevation_m, sea = closed_valley()
    elevation_m[9, 20] = np.nan
    reach = np.ones(SHAPE, dtype=bool)
    assert np.isinf(with_reach(flood_levels_m(elevation_m, sea), elevation_m, reach)[9, 20])


@settings(max_examples=80, deadline=None)
@given(st.floats(0, 1200), st.floats(0, 1200), st.sampled_from([5.0, 20.0, 31.0]))
def test_a_longer_reach_never_dries_ground_and_never_reaches_less(
    one_m: float, other_m: float, level_m: float
) -> None:
    elevation_m, sea = closed_valley()
    corridor = river_corridor(river(STRAIGHT), COAST, SHAPE, GRID, half_width_m=50.0)
    base_m = flood_levels_m(elevation_m, sea)
    wet = [
        with_reach(base_m, elevation_m, corridor.within(reach_m, SHAPE)) <= level_m
        for reach_m in sorted([one_m, other_m])
    ]
    assert not (wet[0] & ~wet[1]).any()
    assert corridor.reached_m(wet[0]) <= corridor.reached_m(wet[1])


def test_reached_is_where_the_unbroken_flood_along_the_axis_ends() -> None:
    cells = np.arange(10)
    corridor = Corridor(cells, cells * 10.0, step_m=20.0)
    wet = np.zeros((1, 10), dtype=bool)
    assert corridor.reached_m(wet) == 0
    wet[0, [0, 1, 3]] = True
    assert corridor.reached_m(wet) == 30  # one dry cell is no end
    wet[0, [7, 8]] = True
    assert corridor.reached_m(wet) == 30  # a pond farther up is not reached by the sea
    wet[0, :5] = False
    assert corridor.reached_m(wet) == 0  # nor is one that does not start at the mouth

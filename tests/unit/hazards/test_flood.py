"""The level at which each cell floods, against searches nobody tuned for it."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import label

from ilo_geo.hazards.flood import flood_levels_m

EIGHT = np.ones((3, 3))
# whole centimetres from below the sea to above any level, and no value
heights = st.integers(-300, 2600).map(lambda cm: cm / 100)
grids = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float64, shape, elements=st.one_of(heights, st.just(np.nan))),
        arrays(np.bool_, shape),
        arrays(np.bool_, shape),
    )
)


def by_heap(elevation_m: np.ndarray, sea: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Dijkstra's search on the largest elevation of a path, by the book: a heap and no buckets."""
    level_m = np.full(elevation_m.shape, np.inf)
    queue = []
    for cell in zip(*np.nonzero(sea | (start & np.isfinite(elevation_m))), strict=True):
        level_m[cell] = 0.0 if sea[cell] else max(0.0, elevation_m[cell])
        heapq.heappush(queue, (level_m[cell], cell))
    while queue:
        level, (row, col) = heapq.heappop(queue)
        if level > level_m[row, col]:
            continue
        for other in [(row + dy, col + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
            inside = all(0 <= i < n for i, n in zip(other, elevation_m.shape, strict=True))
            if inside and np.isfinite(elevation_m[other]):
                through = max(level, elevation_m[other])
                if through < level_m[other]:
                    level_m[other] = through
                    heapq.heappush(queue, (through, other))
    return level_m


@settings(max_examples=150, deadline=None)
@given(grids)
def test_same_levels_as_a_heap_search(grid: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    elevation_m, sea, start = grid
    expected = by_heap(elevation_m, sea, start)
    found = flood_levels_m(elevation_m, sea, start=start)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(grids, st.integers(0, 2700))
def test_same_cells_as_labelling_the_ground_below_a_level(
    grid: tuple[np.ndarray, np.ndarray, np.ndarray], level_cm: int
) -> None:
    """Peer: scipy.ndimage.label of sea and ground below the level, corners counted."""
    elevation_m, sea, _ = grid
    below = sea | (elevation_m <= level_cm / 100 + 1e-9)
    parts, _ = label(below, EIGHT)
    connected = below & np.isin(parts, parts[sea])
    found = flood_levels_m(elevation_m, sea) <= np.float32(level_cm / 100)
    np.testing.assert_array_equal(found, connected)


@pytest.mark.parametrize("level_m", [5, 10, 15, 20, 25])
def test_large_rough_terrain_as_labelled_at_each_level(level_m: int) -> None:
    """Peer: scipy.ndimage.label on a terrain with hills, basins and noise."""
    rng = np.random.default_rng(3)
    row, col = np.mgrid[:300, :300]
    hills = 8 * np.sin(row / 17) * np.cos(col / 23) + col / 12
    elevation_m = hills + rng.normal(0, 1.5, hills.shape)
    sea = col == 0
    parts, _ = label(sea | (elevation_m <= level_m), EIGHT)
    expected = np.isin(parts, parts[sea]) & (parts > 0)
    found = flood_levels_m(elevation_m, sea) <= level_m
    np.testing.assert_array_equal(found, expected)
    # the same terrain by a threshold alone floods more: the basins are there
    assert (sea | (elevation_m <= level_m)).sum() > found.sum() or level_m == 25


def dyke_and_basin() -> tuple[np.ndarray, np.ndarray]:
    """Return a basin 2 m low behind a dyke 12 m high; sea in the first column."""
    elevation_m = np.full((7, 7), 2.0)
    elevation_m[:, 3] = 12.0
    return elevation_m, np.arange(49).reshape(7, 7) % 7 == 0


def test_basin_behind_a_dyke_stays_dry_until_it_is_overtopped() -> None:
    elevation_m, sea = dyke_and_basin()
    level_m = flood_levels_m(elevation_m, sea)
    assert (level_m[:, 1:3] == 2).all()
    assert (level_m[:, 4:] == 12).all()


def test_one_cell_gap_in_the_dyke_lets_the_sea_in() -> None:
    elevation_m, sea = dyke_and_basin()
    elevation_m[5, 3] = 3.0
    assert (flood_levels_m(elevation_m, sea)[:, 4:] == 3).all()


def test_water_passes_between_two_cells_that_touch_at_a_corner() -> None:
    elevation_m, sea = dyke_and_basin()
    # the dyke steps one column aside: its cells meet at a corner, and so do the gaps
    elevation_m[:4, 3], elevation_m[:3, 4] = 2.0, 12.0
    assert (flood_levels_m(elevation_m, sea)[:, 5:] == 2).all()


def test_ground_without_value_stays_dry_and_blocks() -> None:
    elevation_m, sea = dyke_and_basin()
    elevation_m[:, 3] = np.nan
    level_m = flood_levels_m(elevation_m, sea)
    assert np.isinf(level_m[:, 3:]).all()
    assert (level_m[:, 1:3] == 2).all()


def test_coast_below_zero_floods_at_zero_and_so_does_the_sea() -> None:
    elevation_m = np.array([[-7.0, -3.0, 4.0]])
    level_m = flood_levels_m(elevation_m, np.array([[True, False, False]]))
    assert level_m.tolist() == [[0.0, 0.0, 4.0]]


def test_every_whole_centimetre_level_cuts_where_the_elevation_does() -> None:
    """Elevations between centimetres flood at the next whole centimetre, in either precision."""
    elevation_m = np.array([[0.0, 15.0, 15.0049, 15.01, 15.01005, 20.0, 20.001]])
    start = np.ones_like(elevation_m, dtype=bool)
    # a twentieth of a millimetre is noise, one millimetre is not
    expected_cm = [0, 1500, 1501, 1501, 1501, 2000, 2001]
    for dtype in (np.float32, np.float64):
        level_m = flood_levels_m(elevation_m.astype(dtype), ~start, start=start)
        np.testing.assert_allclose(level_m[0] * 100, expected_cm, atol=1e-3)


def test_levels_above_the_limit_are_left_out_and_the_rest_is_unchanged() -> None:
    rng = np.random.default_rng(0)
    elevation_m = rng.uniform(0, 40, (40, 40))
    sea = np.zeros((40, 40), dtype=bool)
    sea[0] = True
    every = flood_levels_m(elevation_m, sea)
    some = flood_levels_m(elevation_m, sea, max_level_m=12.5)
    np.testing.assert_array_equal(some, np.where(every <= 12.5, every, np.inf))
    assert 0 < np.isinf(some).sum() < some.size


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint8, np.float32, np.float64])
def test_any_number_type_gives_the_same_and_is_not_changed(dtype: type) -> None:
    rng = np.random.default_rng(1)
    elevation_m = rng.integers(0, 30, (20, 30)).astype(dtype)
    sea = rng.random((20, 30)) < 0.02
    kept, kept_sea = elevation_m.copy(), sea.copy()
    level_m = flood_levels_m(elevation_m, sea)
    np.testing.assert_array_equal(level_m, by_heap(elevation_m.astype(float), sea, ~sea & False))
    np.testing.assert_array_equal(elevation_m, kept)
    np.testing.assert_array_equal(sea, kept_sea)


@settings(max_examples=60, deadline=None)
@given(grids)
def test_turned_and_mirrored_terrain_floods_the_same(
    grid: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    elevation_m, sea, _ = grid
    level_m = flood_levels_m(elevation_m, sea)
    np.testing.assert_array_equal(
        flood_levels_m(np.rot90(elevation_m), np.rot90(sea)), np.rot90(level_m)
    )
    np.testing.assert_array_equal(flood_levels_m(elevation_m.T, sea.T), level_m.T)


def test_nothing_floods_without_a_sea() -> None:
    assert np.isinf(flood_levels_m(np.zeros((5, 5)), np.zeros((5, 5), dtype=bool))).all()

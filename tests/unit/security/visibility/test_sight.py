from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from ilo_geo.core.errors import InputError
from ilo_geo.security.visibility import Ground
from ilo_geo.security.visibility import building_heights_m
from ilo_geo.security.visibility import ground_of
from ilo_geo.security.visibility import prisms_of
from ilo_geo.security.visibility import seen_cells
from ilo_geo.security.visibility import sees_3d
from ilo_geo.security.visibility import solid_notices
from ilo_geo.security.visibility import visibility_polygons

POLE_M = 7.0
PERSON_M = 1.7
CELL_M = 10.0
NOTHING = np.array([], dtype=object)
QUICK = settings(deadline=None, max_examples=25)
seeds = st.integers(0, 10**9)


def city(rng: np.random.Generator, n: int = 8) -> tuple[NDArray, NDArray]:
    corners = rng.uniform(-50, 40, (n, 2))
    houses = shapely.box(*corners.T, *(corners + rng.uniform(2, 25, (n, 2))).T)
    return houses, rng.uniform(0.5, 9, n)


def hills(rng: np.random.Generator, height_m: float) -> tuple[NDArray, Ground]:
    elevation_m = rng.uniform(0, height_m, (16, 16))
    return elevation_m, ground_of(elevation_m, Affine(CELL_M, 0, -80, 0, -CELL_M, 80))


def one(camera: object, target: object, houses: NDArray, heights_m: object, **more: object) -> bool:
    seen = sees_3d(
        np.array([camera], dtype=float),
        POLE_M,
        np.array([target], dtype=float),
        houses,
        heights_m,
        **more,
    )
    return bool(seen.toarray()[0, 0])


@QUICK
@given(seeds)
def test_buildings_without_end_hide_as_in_plan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    houses, _ = city(rng)
    cameras, targets = rng.uniform(-50, 50, (3, 2)), rng.uniform(-60, 60, (150, 2))
    seen = sees_3d(cameras, POLE_M, targets, houses, np.inf, range_m=70).toarray()
    views, points = visibility_polygons(cameras, houses, range_m=70), shapely.points(targets)
    sure = shapely.distance(shapely.boundary(views)[:, None], points) > 1e-6
    sure |= shapely.is_empty(views)[:, None]
    # the rim of the plan view is a polygon, that of the view in space a circle
    distance_m = np.hypot(*(cameras[:, None] - targets).transpose(2, 0, 1))
    sure &= abs(distance_m - 70) > 0.1
    assert (seen == shapely.contains(views[:, None], points))[sure].all()


@QUICK
@given(seeds)
def test_buildings_of_no_height_hide_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    houses, _ = city(rng)
    _, ground = hills(rng, 6)
    cameras, targets = rng.uniform(-50, 50, (3, 2)), rng.uniform(-60, 60, (150, 2))
    flat = sees_3d(cameras, POLE_M, targets, houses, 0, ground)
    assert (flat.toarray() == sees_3d(cameras, POLE_M, targets, NOTHING, 0, ground)).all()


@QUICK
@given(seeds)
def test_a_line_of_sight_agrees_with_shapely_and_dense_samples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    houses, heights_m = city(rng)
    elevation_m, ground = hills(rng, 8)
    centres = np.arange(-75, 80, CELL_M)
    bilinear = RegularGridInterpolator((centres, centres), elevation_m[::-1])
    tops_m = bilinear(shapely.get_coordinates(shapely.point_on_surface(houses))[:, ::-1])
    tops_m = tops_m + heights_m
    camera, targets = rng.uniform(-50, 50, 2), rng.uniform(-60, 60, (60, 2))
    seen = sees_3d(camera[None], POLE_M, targets, houses, heights_m, ground).toarray()[0]
    eye_m = bilinear(camera[::-1])[0] + POLE_M
    for target, answer in zip(targets, seen, strict=True):
        goal_m = bilinear(target[::-1])[0] + PERSON_M
        share = np.linspace(0, 1, 1500)[:, None]
        way = camera + share * (target - camera)
        above_m = (eye_m + share[:, 0] * (goal_m - eye_m)) - bilinear(way[:, ::-1])
        over_m = roof_clearance_m(camera, eye_m, target, goal_m, houses, tops_m)
        clearance_m = min(float(above_m.min()), over_m)
        if abs(clearance_m) > 0.02:
            assert answer == (clearance_m > 0)


def roof_clearance_m(
    camera: NDArray,
    eye_m: float,
    target: NDArray,
    goal_m: float,
    houses: NDArray,
    tops_m: NDArray,
) -> float:
    """The least height of the sight line over the roofs it passes."""
    line, length_m = shapely.LineString([camera, target]), math.dist(camera, target)
    least = math.inf
    for house, top_m in zip(houses, tops_m, strict=True):
        for x, y in shapely.get_coordinates(line.intersection(house)):
            share = math.dist(camera, (x, y)) / length_m
            least = min(least, eye_m + share * (goal_m - eye_m) - top_m)
    return least


@QUICK
@given(seeds)
def test_higher_buildings_never_show_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    houses, heights_m = city(rng)
    _, ground = hills(rng, 4)
    cameras, targets = rng.uniform(-50, 50, (3, 2)), rng.uniform(-60, 60, (150, 2))
    low = sees_3d(cameras, POLE_M, targets, houses, heights_m, ground).toarray()
    high = sees_3d(
        cameras, POLE_M, targets, houses, heights_m + rng.uniform(0, 5, len(houses)), ground
    ).toarray()
    assert not (high & ~low).any()


def test_a_target_is_seen_over_a_low_house_where_the_geometry_says_so() -> None:
    house = np.array([shapely.box(10, -5, 14, 5)], dtype=object)
    # from 7 m, past the far edge of a 3 m roof at 14 m, the line meets 1.7 m at this distance
    free_from_m = 14 * (POLE_M - PERSON_M) / (POLE_M - 3.0)
    assert free_from_m == pytest.approx(18.55)
    assert not one((0, 0), (free_from_m - 0.01, 0), house, 3.0)
    assert one((0, 0), (free_from_m + 0.01, 0), house, 3.0)


def test_a_camera_above_the_roof_it_stands_on_sees_and_one_below_does_not() -> None:
    house = np.array([shapely.box(-2, -2, 2, 2)], dtype=object)
    assert one((0, 0), (30, 0), house, 6.0)
    assert not one((0, 0), (30, 0), house, 8.0)
    assert not one((0, 0), (0, 0), house, 8.0)


def test_a_line_along_a_wall_is_free_and_one_between_two_houses_is_not() -> None:
    left, right = shapely.box(10, 0, 20, 8), shapely.box(10, -8, 20, 0)
    tall = 30.0
    assert one((0, 0), (40, 0), np.array([left], dtype=object), tall)
    assert one((0, 0), (40, 0), np.array([right], dtype=object), tall)
    assert not one((0, 0), (40, 0), np.array([left, right], dtype=object), tall)


def test_a_camera_on_a_wall_looks_outwards() -> None:
    house = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    assert one((10, 5), (30, 6), house, 30.0)
    assert one((10, 5), (10, 30), house, 30.0)
    assert not one((10, 5), (-20, 5), house, 30.0)


def test_a_courtyard_is_seen_across_its_own_house_only_from_above() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    rings = np.array([ring], dtype=object)
    assert one((11, 11), (19, 19), rings, 30.0)
    assert not one((-5, 15), (18, 15), rings, 6.0)
    assert one((-5, 15), (19.5, 15), rings, 2.5)


def test_a_ridge_hides_who_is_behind_it() -> None:
    elevation_m = np.zeros((16, 16))
    elevation_m[:, 8] = 6.0
    ridge = ground_of(elevation_m, Affine(CELL_M, 0, -80, 0, -CELL_M, 80))
    # its crest runs north to south at x = 5, 6 m high
    assert one((-15, 0), (4, 0), NOTHING, 0, terrain=ridge)
    behind = 5 + 20 * (6 - PERSON_M) / (POLE_M - 6)
    assert behind == pytest.approx(91)
    assert not one((-15, 0), (60, 0), NOTHING, 0, terrain=ridge)
    assert one((-15, 0), (60, 0), NOTHING, 0)


def test_a_house_stands_on_its_ground() -> None:
    elevation_m = np.repeat([[0.0], [10.0]], 2, axis=1)
    slope = ground_of(elevation_m, Affine(100, 0, -100, 0, -100, 100))
    house = np.array([shapely.box(-1, 20, 1, 22)], dtype=object)
    prism = prisms_of(house, 4.0, slope)
    # the rows of centres lie at y = 50 (0 m) and y = -50 (10 m)
    assert prism.tops_m == pytest.approx([(50 - 21) / 100 * 10 + 4.0])


def test_unknown_ground_goes_on_flat_and_is_told() -> None:
    elevation_m = np.array([[4.0, np.nan, np.nan], [4.0, np.nan, np.nan]])
    given_m = elevation_m.copy()
    ground = ground_of(elevation_m, Affine(10, 0, 0, 0, -10, 20))
    at = np.array([[5.0, 15.0], [25.0, 15.0], [500.0, 15.0]])
    assert ground.at(at) == pytest.approx([4.0, 4.0, 4.0])
    assert ground.is_known(at).tolist() == [True, False, False]
    assert np.array_equal(elevation_m, given_m, equal_nan=True)
    nowhere = ground_of(np.full((3, 3), np.nan), Affine(10, 0, 0, 0, -10, 20))
    assert nowhere.at(at) == pytest.approx([0, 0, 0])
    assert not nowhere.is_known(at).any()


@pytest.mark.parametrize(
    ("elevation_m", "transform"),
    [
        (np.zeros((2, 2)), Affine(10, 0, 0, 0, 10, 0)),
        (np.zeros((2, 2)), Affine(10, 1, 0, 0, -10, 0)),
        (np.zeros(4), Affine(10, 0, 0, 0, -10, 0)),
        (np.zeros((0, 4)), Affine(10, 0, 0, 0, -10, 0)),
    ],
)
def test_a_turned_flipped_or_empty_raster_is_an_error(
    elevation_m: NDArray, transform: Affine
) -> None:
    with pytest.raises(InputError) as caught:
        ground_of(elevation_m, transform)
    assert caught.value.code == "visibility.terrain"


@pytest.mark.parametrize("height_m", [-1.0, math.nan])
def test_a_height_that_is_none_is_an_error(height_m: float) -> None:
    with pytest.raises(InputError) as caught:
        prisms_of(np.array([shapely.box(0, 0, 1, 1)], dtype=object), height_m)
    assert caught.value.code == "visibility.height"


def test_a_height_is_the_recorded_one_else_storeys_else_assumed() -> None:
    shapes = [shapely.box(0, 0, 1, 1)] * 4
    table = gpd.GeoDataFrame(
        {"height_m": [8.5, np.nan, np.nan, 0.0], "levels": [1, 4, np.nan, np.nan]}, geometry=shapes
    )
    heights_m, assumed = building_heights_m(table)
    assert heights_m.tolist() == [8.5, 12.0, 6.0, 6.0]
    assert assumed.tolist() == [False, False, True, True]
    assert building_heights_m(table[["geometry"]])[0].tolist() == [6.0] * 4


def test_assumed_heights_and_unknown_ground_are_counted_for_the_reader() -> None:
    some, none = np.array([True, False, True]), np.zeros(3, dtype=bool)
    heights, ground = solid_notices(some, ~some)
    assert dict(heights.fields) == {"n": 2, "total": 3, "height": "6"}
    assert dict(ground.fields) == {"n": 2, "total": 3}
    assert "2 of 3" in heights.text("en")
    assert solid_notices(none, ~none) == ()


def test_cells_seen_measure_a_free_disc_and_the_shadow_of_a_high_house() -> None:
    free = seen_cells((0, 0), POLE_M, prisms_of(NOTHING, 0), range_m=40, cell_m=0.5)
    assert free.area_m2 == pytest.approx(math.pi * 40**2, rel=2e-3)
    assert free.polygon.area == pytest.approx(free.area_m2)
    house = np.array([shapely.box(5, -6, 9, 6)], dtype=object)
    seen = seen_cells((0, 0), POLE_M, prisms_of(house, 50), range_m=40, cell_m=0.5)
    exact = visibility_polygons(np.zeros((1, 2)), house, range_m=40)[0]
    assert seen.area_m2 == pytest.approx(exact.area, rel=5e-3)


def test_cells_seen_join_without_seams_wherever_the_camera_stands() -> None:
    camera = (254_321.123456, 8_045_678.654321)
    seen = seen_cells(camera, POLE_M, prisms_of(NOTHING, 0), range_m=20, cell_m=0.7)
    assert seen.polygon.geom_type == "Polygon"
    assert seen.polygon.area == pytest.approx(seen.area_m2)
    around = np.array([shapely.Point(camera).buffer(30)], dtype=object)
    blind = seen_cells(camera, POLE_M, prisms_of(around, 50), range_m=20, cell_m=0.7)
    assert blind.area_m2 == 0
    assert blind.polygon.is_empty


def test_only_targets_within_range_are_asked() -> None:
    at = np.array([[10.0, 0.0], [30.0, 0.0], [50.0, 0.0]])
    seen = sees_3d(np.zeros((1, 2)), POLE_M, at, NOTHING, 0, range_m=30)
    assert seen.indices.tolist() == [0, 1]
    assert sees_3d(np.zeros((2, 2)), POLE_M, at[:0], NOTHING, 0, range_m=30).shape == (2, 0)


def test_terrain_buildings_and_heights_given_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    houses, heights_m = city(rng)
    elevation_m = rng.integers(0, 5, (16, 16)).astype(np.int16)
    before = shapely.to_wkb(houses).tolist(), heights_m.copy(), elevation_m.copy()
    ground = ground_of(elevation_m, Affine(CELL_M, 0, -80, 0, -CELL_M, 80))
    sees_3d(np.zeros((1, 2)), POLE_M, rng.uniform(-50, 50, (9, 2)), houses, heights_m, ground)
    assert shapely.to_wkb(houses).tolist() == before[0]
    assert (heights_m == before[1]).all()
    assert elevation_m.dtype == np.int16
    assert (elevation_m == before[2]).all()

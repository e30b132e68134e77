from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity

from ilo_geo.core.errors import InputError
from ilo_geo.security.visibility import inside_notices
from ilo_geo.security.visibility import visibility_polygons
from ilo_geo.security.visibility import walls_of

RANGE_M = 45.0
FAR_M = 1e5
NOTHING = np.array([], dtype=object)
QUICK = settings(deadline=None, max_examples=60)

whole = st.integers(-30, 30)
boxes = st.builds(
    lambda x, y, wide, high, turn: affinity.rotate(shapely.box(x, y, x + wide, y + high), turn),
    whole,
    whole,
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from([0, 0, 0, 45, 90, 17.3]),
)
scenes = st.lists(boxes, min_size=1, max_size=7).map(lambda some: np.array(some, dtype=object))
places = st.tuples(whole, whole).map(np.array)


def seen_from(place: object, buildings: object, range_m: float = RANGE_M) -> shapely.Geometry:
    return visibility_polygons(np.array([place], dtype=float), buildings, range_m=range_m)[0]


def disc(place: NDArray[np.float64], range_m: float) -> shapely.Polygon:
    """The range as documented: 72 corners, of the area of the circle."""
    step = math.tau / 72
    bearing = np.arange(72) * step
    radius = range_m * math.sqrt(step / math.sin(step))
    return shapely.Polygon(place + radius * np.column_stack([np.cos(bearing), np.sin(bearing)]))


def shadow(place: NDArray[np.float64], start: NDArray, end: NDArray) -> shapely.Geometry:
    """All that lies behind one wall: out to a point so far that the range is left behind."""
    rays = [(corner - place) / np.hypot(*(corner - place)) for corner in (start, end)]
    between = (rays[0] + rays[1]) / np.hypot(*(rays[0] + rays[1]))
    corners = [start, place + FAR_M * rays[0], place + 2 * FAR_M * between]
    return shapely.make_valid(shapely.Polygon([*corners, place + FAR_M * rays[1], end]))


def naive(place: NDArray[np.float64], buildings: NDArray) -> shapely.Geometry:
    """The range less every building and the shadow of every wall, wall by wall."""
    hidden = list(buildings)
    for ring in shapely.get_rings(buildings):
        xy = shapely.get_coordinates(ring)
        for start, end in pairwise(xy):
            (ax, ay), (bx, by) = start - place, end - place
            if abs(ax * by - ay * bx) > 1e-9:
                hidden.append(shadow(place, start, end))
    return disc(place, RANGE_M).difference(shapely.union_all(hidden))


@QUICK
@given(scenes, places)
def test_the_sweep_equals_the_range_less_the_shadow_of_each_wall(
    buildings: NDArray, place: NDArray
) -> None:
    whole_city = shapely.union_all(buildings)
    assume(shapely.distance(whole_city, shapely.Point(place)) > 0)
    seen, expected = seen_from(place, buildings), naive(place.astype(float), buildings)
    assert seen.is_valid
    assert seen.area == pytest.approx(expected.area, abs=1e-5)
    assert seen.symmetric_difference(expected).area < 1e-4


@QUICK
@given(scenes, places, st.integers(0, 10**6))
def test_a_target_is_seen_if_and_only_if_the_straight_line_to_it_enters_no_building(
    buildings: NDArray, place: NDArray, seed: int
) -> None:
    city, seen = shapely.union_all(buildings), seen_from(place, buildings)
    targets = np.random.default_rng(seed).uniform(-RANGE_M, RANGE_M, (200, 2)) * 0.7 + place
    points = shapely.points(targets)
    points = points[~(shapely.distance(points, shapely.boundary(seen)) <= 1e-6)]
    lines = shapely.linestrings(
        [[(place[0], place[1]), (x, y)] for x, y in shapely.get_coordinates(points)]
    )
    free = ~shapely.relate_pattern(lines, city, "T********") & ~shapely.within(points, city)
    assert (shapely.contains(seen, points) == free).all()


@QUICK
@given(scenes, places, st.floats(0, 360), st.tuples(whole, whole))
def test_turning_and_moving_the_scene_turns_and_moves_what_is_seen(
    buildings: NDArray, place: NDArray, turn_deg: float, shift: tuple[int, int]
) -> None:
    assume(shapely.distance(shapely.union_all(buildings), shapely.Point(place)) > 1e-3)

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        turned = affinity.rotate(shape, turn_deg, origin=(0, 0))
        return affinity.translate(turned, 300_000 + shift[0], 8_000_000 + shift[1])

    there = shapely.get_coordinates(moved(shapely.Point(place)))[0]
    again = seen_from(there, np.array([moved(b) for b in buildings], dtype=object))
    expected = moved(seen_from(place, buildings))
    # the rim's corners do not turn with the scene: they are apart by less than 0.1 % of the range
    core = shapely.Point(there).buffer(RANGE_M * 0.999, quad_segs=90)
    differing = again.symmetric_difference(expected).intersection(core)
    assert differing.area < 1e-3


@QUICK
@given(scenes, boxes, places)
def test_one_more_building_never_shows_more(
    buildings: NDArray, another: shapely.Polygon, place: NDArray
) -> None:
    before, after = seen_from(place, buildings), seen_from(place, np.append(buildings, another))
    assert after.difference(before).area < 1e-6


@pytest.mark.parametrize(("start_x", "end_x", "wall_y"), [(-10, 10, 20), (5, 25, 12), (-3, 40, 31)])
def test_the_shadow_of_one_wall_is_exact(start_x: float, end_x: float, wall_y: float) -> None:
    behind = (0.6 * (start_x + end_x), 1.2 * wall_y)
    house = np.array([shapely.Polygon([(start_x, wall_y), (end_x, wall_y), behind])], dtype=object)
    range_m = 200.0
    seen = seen_from((0, 0), house, range_m)
    # behind the wall, up to a line short of the rim, lies a trapezoid between the straight rays
    until = 80.0
    hidden = shapely.Polygon(
        [
            (start_x, wall_y),
            (end_x, wall_y),
            (end_x * until / wall_y, until),
            (start_x * until / wall_y, until),
        ]
    )
    strip = shapely.box(-FAR_M, 0, FAR_M, until)
    free = disc(np.zeros(2), range_m).intersection(strip)
    assert seen.intersection(strip).area == pytest.approx(free.area - hidden.area, abs=1e-8)
    assert seen.intersection(hidden).area < 1e-9


def test_a_free_view_has_the_area_of_the_disc() -> None:
    for range_m in (5.7, 60.0, 200.0):
        area = seen_from((12, -7), NOTHING, range_m).area
        assert area == pytest.approx(math.pi * range_m**2, rel=1e-12)


def test_a_place_on_a_wall_or_a_corner_looks_outwards() -> None:
    house = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    whole_m2 = math.pi * RANGE_M**2
    for place in ((5, 0), (10, 5), (5, 1e-7), (5, -1e-7)):
        assert seen_from(place, house).area == pytest.approx(whole_m2 / 2, rel=1e-6)
    assert seen_from((0, 0), house).area == pytest.approx(whole_m2 * 3 / 4)


def test_an_inner_corner_leaves_the_quarter_outside() -> None:
    angle = shapely.box(0, 0, 10, 10).difference(shapely.box(5, 5, 10, 10))
    seen = seen_from((5, 5), np.array([angle], dtype=object))
    assert seen.area == pytest.approx(math.pi * RANGE_M**2 / 4)
    assert seen.bounds[:2] == pytest.approx((5, 5))


def test_a_place_where_two_houses_touch_sees_both_sides() -> None:
    houses = np.array([shapely.box(0, 0, 9, 9), shapely.box(-9, -9, 0, 0)], dtype=object)
    seen = seen_from((0, 0), houses)
    assert seen.is_valid
    assert len(shapely.get_parts(seen)) == 2
    assert seen.area == pytest.approx(math.pi * RANGE_M**2 / 2)


@pytest.mark.parametrize("turn_deg", range(0, 360, 30))
def test_of_two_walls_that_begin_at_one_corner_the_nearer_hides_the_other(turn_deg: int) -> None:
    near = shapely.Polygon([(10, 0), (11, 10), (8, 10)])
    behind = shapely.Polygon([(10, 0), (30, 10), (20, 12)])
    houses = [affinity.rotate(house, turn_deg, origin=(0, 0)) for house in (near, behind)]
    for order in (houses, houses[::-1]):
        city = np.array(order, dtype=object)
        seen = seen_from((0, 0), city)
        assert seen.symmetric_difference(naive(np.zeros(2), city)).area < 1e-6


def test_a_wall_shared_by_two_houses_lets_nobody_through() -> None:
    houses = np.array([shapely.box(-9, 5, 0, 9), shapely.box(0, 5, 9, 9)], dtype=object)
    one = np.array([shapely.box(-9, 5, 9, 9)], dtype=object)
    assert seen_from((0, 0), houses).equals(seen_from((0, 0), one))


def test_a_pole_inside_a_footprint_sees_nothing_and_is_counted() -> None:
    house = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    seen = visibility_polygons(np.array([[5.0, 5.0], [20.0, 5.0]]), house, range_m=RANGE_M)
    assert list(shapely.is_empty(seen)) == [True, False]
    (notice,) = inside_notices(seen)
    assert dict(notice.fields) == {"n": 1, "total": 2}
    assert "1 of 2" in notice.text("en")
    assert inside_notices(seen[1:]) == ()


def test_a_courtyard_is_seen_from_within_it() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    seen = seen_from((12, 13), np.array([ring], dtype=object))
    assert seen.equals(shapely.box(10, 10, 20, 20))


def test_footprints_that_cross_themselves_are_mended_and_empty_ones_left_out() -> None:
    bow = shapely.Polygon([(5, 5), (15, 15), (15, 5), (5, 15)])
    with_gaps = np.array([bow, None, shapely.Polygon()], dtype=object)
    mended = np.array([shapely.make_valid(bow)], dtype=object)
    assert seen_from((0, 0), with_gaps).equals(seen_from((0, 0), mended))
    assert seen_from((0, 0), with_gaps).area < math.pi * RANGE_M**2 - 100


def test_walls_made_once_answer_alike() -> None:
    rng = np.random.default_rng(3)
    corners = rng.uniform(0, 400, (300, 2))
    city = shapely.box(*corners.T, *(corners + rng.uniform(2, 20, (300, 2))).T)
    at = rng.uniform(0, 400, (70, 2))
    one_by_one = [seen_from(place, city) for place in at[:5]]
    together = visibility_polygons(at, walls_of(city), range_m=RANGE_M)
    assert shapely.equals(together[:5], one_by_one).all()


def test_the_buildings_and_places_given_stay_as_they_are() -> None:
    houses = np.array([shapely.box(0, 0, 9, 9), shapely.box(5, 5, 12, 12)], dtype=object)
    at = np.array([[20.0, 5.0]])
    before = shapely.to_wkb(houses).tolist(), at.copy()
    visibility_polygons(at, houses, range_m=RANGE_M)
    assert (shapely.to_wkb(houses).tolist(), at.tolist()) == (before[0], before[1].tolist())


def test_a_place_without_coordinates_is_named() -> None:
    with pytest.raises(InputError, match="row 1") as caught:
        visibility_polygons(np.array([[0, 0], [np.nan, 1]]), NOTHING, range_m=RANGE_M)
    assert caught.value.code == "visibility.viewpoint"


@pytest.mark.parametrize("range_m", [0.0, -5.0, math.nan, math.inf])
def test_a_range_that_is_no_distance_is_an_error(range_m: float) -> None:
    with pytest.raises(InputError) as caught:
        seen_from((0, 0), NOTHING, range_m)
    assert caught.value.code == "visibility.range"


def test_progress_ends_at_the_whole() -> None:
    told: list[float] = []
    visibility_polygons(
        np.zeros((100, 2)),
        NOTHING,
        range_m=RANGE_M,
        progress=lambda code, ratio, **figures: told.append(ratio),
    )
    assert told == sorted(told)
    assert told[-1] == 1.0

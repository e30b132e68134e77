from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.security.visibility import sector
from ilo_geo.security.visibility import visibility_polygons
from ilo_geo.security.visibility import wedge

NOTHING = np.array([], dtype=object)


def free(range_m: float) -> shapely.Polygon:
    return visibility_polygons(np.zeros((1, 2)), NOTHING, range_m=range_m)[0]


@settings(deadline=None)
@given(st.floats(-720, 720), st.sampled_from([20.0, 60.0, 109.7, 200.0]))
def test_a_free_sector_of_90_degrees_has_a_quarter_of_the_disc(
    heading_deg: float, range_m: float
) -> None:
    seen = sector(free(range_m), (0, 0), heading_deg, 90, 0, range_m)
    assert seen.area == pytest.approx(math.pi * range_m**2 / 4, rel=1e-3)


@given(st.floats(1, 360), st.floats(0, 50), st.floats(51, 300), st.floats(0, 360))
def test_a_free_field_has_exactly_the_area_of_its_ring_sector(
    hfov_deg: float, near_m: float, far_m: float, heading_deg: float
) -> None:
    expected = math.radians(hfov_deg) / 2 * (far_m**2 - near_m**2)
    assert wedge((3, 4), heading_deg, hfov_deg, near_m, far_m).area == pytest.approx(expected)


@pytest.mark.parametrize(
    ("heading_deg", "ahead"), [(0, (0, 30)), (90, (30, 0)), (180, (0, -30)), (270, (-30, 0))]
)
def test_headings_count_clockwise_from_north(heading_deg: float, ahead: tuple[int, int]) -> None:
    seen = sector(free(60), (0, 0), heading_deg, 40, 0, 60)
    assert seen.contains(shapely.Point(ahead))
    assert not seen.intersects(shapely.Point(-ahead[0], -ahead[1]))


def test_the_blind_zone_is_cut_out() -> None:
    seen = sector(free(60), (0, 0), 0, 60, 10, 40)
    assert shapely.distance(seen, shapely.Point(0, 0)) == pytest.approx(10, rel=5e-3)
    assert seen.contains(shapely.Point(0, 12))
    assert not seen.contains(shapely.Point(0, 8))
    assert not seen.contains(shapely.Point(0, 41))


def test_all_around_is_a_ring() -> None:
    ring = sector(free(60), (0, 0), 123, 360, 10, 50)
    assert ring.area == pytest.approx(math.pi * (50**2 - 10**2))
    assert len(ring.interiors) == 1


def test_a_camera_blind_to_its_whole_range_sees_nothing() -> None:
    assert sector(free(60), (0, 0), 0, 60, 50, 50).is_empty
    assert sector(free(60), (0, 0), 0, 60, math.inf, 60).is_empty


def test_a_wall_hides_as_much_in_the_sector_as_in_the_whole_view() -> None:
    house = np.array([shapely.box(-5, 20, 5, 25)], dtype=object)
    around = visibility_polygons(np.zeros((1, 2)), house, range_m=60)[0]
    ahead = sector(around, (0, 0), 0, 90, 0, 60)
    hidden = free(60).area - around.area
    assert sector(free(60), (0, 0), 0, 90, 0, 60).area - ahead.area == pytest.approx(hidden)


def test_arrays_of_cameras_are_cut_one_by_one() -> None:
    at = np.array([[0.0, 0.0], [100.0, 50.0], [7.0, -3.0]])
    views = visibility_polygons(at, NOTHING, range_m=60)
    headings = np.arange(8) * 45.0
    many = sector(views[:, None], at[:, None, :], headings, 60, 5, 40)
    assert many.shape == (3, 8)
    one = sector(views[1], at[1], headings[3], 60, 5, 40)
    assert many[1, 3].equals(one)

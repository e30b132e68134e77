"""Measures of layers against PROJ's own geodesics and hand-made shapes."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import Geod
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.plan.measures import MEASURES
from ilo_geo.city.plan.measures import choose
from ilo_geo.core.errors import InputError

GEOD = Geod(ellps="WGS84")
UTM = "EPSG:32719"
WEST, SOUTH, EAST, NORTH = -71.40, -17.70, -71.30, -17.60


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_crs(UTM)


def take(name, chosen, other=None):
    return MEASURES[name].take(chosen, other or chosen)


@pytest.fixture
def square():
    return choose("square", frame([box(WEST, SOUTH, EAST, NORTH)], id=["s"]), {})


def test_an_area_is_that_of_the_ellipsoid(square):
    expected = GEOD.geometry_area_perimeter(box(WEST, SOUTH, EAST, NORTH))[0] / 1e6
    assert take("area_km2", square) == pytest.approx(expected, rel=1e-4)
    assert take("area_ha", square) == pytest.approx(100 * take("area_km2", square))


def test_land_in_two_features_counts_once():
    twice = frame([box(WEST, SOUTH, EAST, NORTH)] * 2, id=["a", "b"])
    both, one = choose("t", twice, {}), choose("t", twice, {"id": "a"})
    assert take("area_km2", both) == pytest.approx(take("area_km2", one))


def test_width_and_height_are_along_the_middle(square):
    middle = (SOUTH + NORTH) / 2
    width = GEOD.inv(WEST, middle, EAST, middle)[2] / 1000
    height = GEOD.inv(EAST, SOUTH, EAST, NORTH)[2] / 1000
    assert take("width_km", square) == pytest.approx(width, rel=2e-3)
    assert take("height_km", square) == pytest.approx(height, rel=2e-3)


def test_lengths_add_up_and_the_longest_is_one_of_them():
    lines = [LineString([(WEST, SOUTH), (WEST, NORTH)]), LineString([(WEST, SOUTH), (EAST, SOUTH)])]
    chosen = choose("lines", frame(lines, name=["x", "y"]), {})
    lengths = [GEOD.geometry_length(line) / 1000 for line in lines]
    assert take("length_km", chosen) == pytest.approx(sum(lengths), rel=1e-4)
    assert take("longest_km", chosen) == pytest.approx(max(lengths), rel=1e-4)


def test_distance_bearing_and_nearest():
    places = frame([Point(WEST, SOUTH), Point(EAST, NORTH), Point(WEST, NORTH)], id=["a", "b", "c"])
    a, b = choose("p", places, {"id": "a"}), choose("p", places, {"id": "b"})
    azimuth, _, apart = GEOD.inv(WEST, SOUTH, EAST, NORTH)
    assert take("distance_km", a, b) == pytest.approx(apart / 1000, rel=1e-6)
    assert take("bearing_deg", a, b) == pytest.approx(azimuth % 360, abs=1e-4)
    assert take("nearest_km", a, choose("p", places, {})) == 0.0
    assert take("nearest_km", a, b) == pytest.approx(apart / 1000, rel=1e-6)
    assert take("latitude_deg", b) == pytest.approx(NORTH)
    assert take("longitude_deg", b) == pytest.approx(EAST)


def test_counts_and_sums_of_what_the_filter_leaves():
    table = pd.DataFrame(
        {"kind": ["x", "x", "y"], "n": [1.5, None, 4.0], "until": [None, 2017, None]}
    )
    assert take("count", choose("t", table, {"kind": "x"})) == 2
    assert take("count", choose("t", table, {"kind": "z"})) == 0
    assert take("sum", choose("t", table, {}, "n")) == 5.5
    assert take("count", choose("t", table, {"until": None})) == 2
    assert take("count", choose("t", table, {"no_such": None})) == 3


@pytest.mark.parametrize(
    ("where", "column", "measure"),
    [
        ({"nothing": 1}, None, "count"),
        ({}, "nothing", "sum"),
        ({}, "word", "sum"),
        ({"id": "nobody"}, None, "area_km2"),
    ],
)
def test_what_cannot_be_measured_says_so(where, column, measure):
    table = frame([Point(WEST, SOUTH)], id=["a"], word=["text"])
    with pytest.raises(InputError) as caught:
        take(measure, choose("places", table, where, column))
    assert caught.value.code == "plan.measure"


def test_a_table_has_no_area():
    with pytest.raises(InputError, match="geometry"):
        take("area_km2", choose("t", pd.DataFrame({"a": [1]}), {}))

"""What counts as public green."""

import geopandas as gpd
import pytest
from shapely import Point
from shapely import box

from ilo_geo.green.rules import rule_of_each
from ilo_geo.green.rules import width_of_each_m

CRS = "EPSG:32719"


@pytest.mark.parametrize(
    ("width_m", "length_m", "rule"),
    [
        (2.9, 100, "narrow_median"),
        (2.9, 4, "narrow_median"),
        (3.05, 100, "public_green"),
        (3.2, 40, "public_green"),
        (5.9, 5.9, "public_green"),
    ],
)
def test_a_median_counts_from_three_metres_whatever_its_length(width_m, length_m, rule):
    median = gpd.GeoDataFrame(geometry=[box(0, 0, length_m, width_m)], crs=CRS).assign(
        kind="median", access="public", since_year=None, until_year=None
    )
    assert rule_of_each(median, year=2018).tolist() == [rule]


def test_width_of_a_bent_strip_is_that_of_the_strip():
    ring = Point(0, 0).buffer(50, quad_segs=256).difference(Point(0, 0).buffer(46, quad_segs=256))
    # a ring is a strip bent until its ends meet: two long sides, no ends
    assert width_of_each_m(gpd.GeoSeries([ring], crs=CRS)).iloc[0] == pytest.approx(4, abs=0.06)


def test_years_are_inclusive_and_open_where_unknown():
    parks = gpd.GeoDataFrame(geometry=[box(0, 0, 50, 50)] * 4, crs=CRS).assign(
        kind="park",
        access="public",
        since_year=[None, 2018, 2019, None],
        until_year=[2017, None, None, 2018],
    )
    decided = rule_of_each(parks, year=2018)
    assert decided.tolist() == ["not_in_year", "public_green", "not_in_year", "public_green"]
    assert set(rule_of_each(parks, year=None)) == {"public_green"}

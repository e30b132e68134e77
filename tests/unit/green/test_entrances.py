"""Entrances of a single square park beside streets."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString
from shapely import Point
from shapely import Polygon
from shapely import box

from ilo_geo.green.entrances import GreenAreas
from ilo_geo.green.entrances import find_entrances
from ilo_geo.green.entrances import merge_touching

CRS = "EPSG:32719"


def lines(*coordinates, **columns):
    shapes = [LineString(c) for c in coordinates]
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS).assign(**columns)


def park(*shapes):
    shapes = shapes or (box(0, 0, 100, 100),)
    return merge_touching(gpd.GeoSeries(list(shapes), crs=CRS), np.ones(len(shapes), dtype=bool))


def test_street_along_one_side_opens_that_side_only():
    found = find_entrances(park(), lines([(-50, -8), (150, -8)], walk=True), reach_m=10)
    assert (found.geometry.y < 10).all()
    # 100 m of edge at one point every 20 m
    assert len(found) == 5


def test_street_beyond_reach_opens_nothing():
    assert find_entrances(park(), lines([(-50, -8), (150, -8)], walk=True), reach_m=7).empty


def test_path_through_the_park_enters_where_it_crosses_the_edge():
    found = find_entrances(park(), lines([(50, -80), (50, 180)], walk=True), reach_m=0.001)
    crossings = found[found["kind"] == "crossing"]
    assert sorted(crossings.geometry.y) == [0, 100]


def test_street_for_cars_only_is_no_way_in():
    assert find_entrances(park(), lines([(-50, -8), (150, -8)], walk=False), reach_m=10).empty


def test_wall_across_the_way_closes_the_side_and_a_gate_opens_it():
    street = lines([(-50, -8), (150, -8)], walk=True)
    wall = lines([(-50, -5), (150, -5)], kind="wall")
    assert find_entrances(park(), street, reach_m=10, barriers=wall).empty
    gates = gpd.GeoDataFrame({"kind": ["gate"]}, geometry=[Point(30, -1)], crs=CRS)
    found = find_entrances(park(), street, reach_m=10, barriers=wall, gates=gates)
    assert found["kind"].tolist() == ["gate"]


@pytest.mark.parametrize("first", range(1, 5))
def test_the_corner_at_which_an_outline_begins_moves_no_entrance(first):
    # no side is a whole number of steps, so each start would have its own points
    corners = [(0, 0), (93, 4), (101, 57), (48, 89), (3, 61)]
    street = lines([(-50, -8), (150, -2), (150, 120)], walk=True)

    def doors(ring):
        areas = GreenAreas(np.array([Polygon(ring)]), np.array([1.0]), np.zeros(1, dtype=int))
        found = find_entrances(areas, street, reach_m=60)
        return sorted(map(tuple, shapely.get_coordinates(found.geometry).round(3)))

    turned = [*corners[first:], *corners[:first]]
    assert doors(turned) == doors(turned[::-1]) == doors(corners)


def test_touching_polygons_are_one_green_area():
    merged = park(box(0, 0, 50, 100), box(50, 0, 100, 100), box(300, 0, 310, 10))
    assert sorted(merged.area_m2) == pytest.approx([100, 10_000])
    assert merged.member[0] == merged.member[1] != merged.member[2]


def test_wall_closes_a_street_that_meets_or_crosses_it():
    wall = lines([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)], kind="wall")
    streets = lines([(0, 0), (100, 0)], [(50, -50), (50, 0)], [(-50, 70), (150, 70)], walk=True)
    assert len(find_entrances(park(), streets, reach_m=10)) > 0
    assert find_entrances(park(), streets, reach_m=10, barriers=wall).empty

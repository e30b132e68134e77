"""Shapes against grids, zones and other shapes, by arithmetic and by brute force."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import LineString
from shapely import MultiPoint
from shapely import Point
from shapely import box

from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_conflicts import lots_under
from ilo_geo.proposals.sheet_conflicts import meetings
from ilo_geo.proposals.sheet_shape import cells_of
from ilo_geo.proposals.sheet_shape import places_in
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.proposals.sheet_shape import share_inside
from ilo_geo.proposals.sheet_shape import size_of
from ilo_geo.proposals.sheet_shape import touch_of

LEVELS = ("low", "medium", "high", "very_high")
GRID = Affine(10, 0, 0, 0, -10, 100)
number = st.integers(-30, 130).map(float)
corner = st.tuples(number, number)
shapes = st.one_of(
    corner.map(Point),
    st.lists(corner, min_size=1, max_size=4).map(MultiPoint),
    st.lists(corner, min_size=2, max_size=5, unique=True).map(LineString),
    st.tuples(corner, st.integers(1, 90), st.integers(1, 90)).map(
        lambda t: box(t[0][0], t[0][1], t[0][0] + t[1], t[0][1] + t[2])
    ),
)


@settings(max_examples=200, deadline=None)
@given(shapes)
def test_cells_hold_all_of_a_shape_that_lies_on_the_grid(shape: shapely.Geometry) -> None:
    row, column, weight = cells_of(shape, GRID, (10, 10))
    kind = shape_kind(shape)
    if kind == "line":
        # a line along a limit of cells lies in both
        inside = shapely.intersection(shape, box(0, 0, 100, 100)).length
        assert weight.sum() >= inside - 1e-6
    elif kind == "polygon":
        expected = shape.intersection(box(0, 0, 100, 100)).area
        assert weight.sum() == pytest.approx(expected)
    else:
        # cells are open to the west and north: each point is in one
        held = list(shape.geoms) if hasattr(shape, "geoms") else [shape]
        assert weight.sum() == sum(0 <= p.x < 100 and 0 < p.y <= 100 for p in held)
    for r, c in zip(row, column, strict=True):
        cell = box(c * 10, 100 - (r + 1) * 10, c * 10 + 10, 100 - r * 10)
        assert cell.intersects(shape)


@settings(max_examples=100, deadline=None)
@given(shapes, st.floats(5, 50), st.integers(4, 60))
def test_places_lie_in_the_shape_and_are_no_more_than_asked(
    shape: shapely.Geometry, step_m: float, most: int
) -> None:
    points = places_in(shape, step_m=step_m, most=most)
    assert len(points) > 0
    if shape_kind(shape) != "point":
        assert len(points) <= most
    assert shapely.distance(shape, points).max() < 1e-6


def test_a_share_counts_what_is_covered_twice_once() -> None:
    shape = box(0, 0, 10, 10)
    others = np.array([box(-5, 0, 5, 10), box(0, 0, 5, 5), box(0, 0, 1, 1)])
    assert share_inside(shape, others) == pytest.approx(0.5)
    assert share_inside(shape, others[:0]) == 0.0
    assert share_inside(LineString([(0, 0), (20, 0)]), others) == pytest.approx(0.25)
    assert share_inside(MultiPoint([(1, 1), (50, 50)]), others) == pytest.approx(0.5)


def zones(*rows: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"level": [r[0] for r in rows], "certainty": [r[1] for r in rows]},
        geometry=[r[2] for r in rows],
        crs="EPSG:32719",
    )


def test_the_level_told_is_the_gravest_that_is_likely() -> None:
    bands = zones(
        ("medium", "certain", box(0, 0, 80, 100)),
        ("medium", "line", box(0, 0, 100, 100)),
        ("medium", "possible", box(0, 0, 120, 100)),
        ("high", "line", box(0, 0, 20, 100)),
        ("high", "possible", box(0, 0, 50, 100)),
    )
    inside = touch_of(box(10, 10, 40, 20), bands, LEVELS)
    assert (inside.level, inside.level_low, inside.level_high) == ("high", "medium", "high")
    assert (inside.share_low, inside.share, inside.share_high) == pytest.approx((0, 1 / 3, 1))
    assert inside.certainty == "line"
    beyond = touch_of(box(60, 10, 110, 20), bands, LEVELS)
    assert (beyond.level, beyond.level_low, beyond.level_high) == ("medium", None, "medium")
    assert (beyond.share_low, beyond.share, beyond.share_high) == pytest.approx((0.4, 0.8, 1))
    barely = touch_of(Point(110, 50), bands, LEVELS)
    assert (barely.level, barely.level_high, barely.certainty) == (None, "medium", "possible")
    assert touch_of(Point(500, 500), bands, LEVELS) is None


def test_a_line_that_touches_a_proposal_meets_it_and_polygons_must_overlap() -> None:
    site = box(0, 0, 10, 10)
    beside = Other(1, "Al lado", box(10, 0, 20, 10))
    along = Other(2, "Vereda", LineString([(0, 0), (10, 0)]))
    found = meetings(site, [along, beside], None, near_m=5, overlap_m2=1)
    assert [(m.other.number, m.level) for m in found] == [(1, "near"), (2, "overlap")]
    lots = gpd.GeoDataFrame(geometry=[box(-50, -5, 50, 50)], index=["l1"], crs="EPSG:32719")
    assert lots_under(Point(0, 0), lots, overlap_m2=1) == ["l1"]
    assert lots_under(box(49.99, 0, 60, 10), lots, overlap_m2=1) == []
    far = Other(3, "Otro extremo", box(30, 20, 40, 30))
    shared = meetings(site, [far], lots, near_m=5, overlap_m2=1)
    assert [(m.level, m.lots) for m in shared] == [("same_lot", ("l1",))]


def test_sizes_are_areas_lengths_and_numbers() -> None:
    assert size_of(np.array([box(0, 0, 2, 3)]), "polygon") == pytest.approx([6])
    assert size_of(np.array([LineString([(0, 0), (3, 4)])]), "line") == pytest.approx([5])
    assert size_of(np.array([MultiPoint([(0, 0), (1, 1)])]), "point") == pytest.approx([2])

"""Walls of buildings in plan, and a grid that finds those near a place.

Footprints are dissolved first, so that walls meet at their ends only: a wall shared by two houses
vanishes, and houses that overlap become one. The sweep of ``sweep`` stands on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Geometries = NDArray[Any]

# a place closer than this to a wall stands on it; shorter walls are none
TOUCH_M = 1e-6
# about one block: a few dozen walls a cell
CELL_M = 50.0
POLYGON_IDS = (3, 6)


@dataclass(frozen=True)
class Walls:
    """Dissolved walls with a grid index; build once, ask often.

    Attributes
    ----------
    blocks
        The dissolved footprints, one polygon each.
    segments
        A row a wall: from x, y; to x, y; and x, y of the corner before it, m. The building is on
        the left of a wall.
    starts, items
        Cell ``c`` of the grid holds the walls ``items[starts[c]:starts[c + 1]]``.
    frame
        West, south of the grid and its cell size, m.
    shape
        Rows and columns of the grid.
    """

    blocks: Geometries
    segments: Floats
    starts: Whole
    items: Whole
    frame: Floats
    shape: Whole

    def inside(self, places_xy: Floats) -> NDArray[np.bool_]:
        """Return which places lie strictly inside a building."""
        found = np.zeros(len(places_xy), dtype=bool)
        if len(self.blocks):
            tree = shapely.STRtree(self.blocks)
            found[tree.query(shapely.points(places_xy), predicate="within")[0]] = True
        return found


def footprints(buildings: gpd.GeoSeries | Geometries) -> Geometries:
    """Return the polygons of ``buildings``, mended where invalid; what has no area is left out."""
    shapes = np.asarray(buildings, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    parts = shapely.get_parts(shapely.get_parts(shapely.force_2d(shapes)))
    polygons: Geometries = parts[np.isin(shapely.get_type_id(parts), POLYGON_IDS)]
    return polygons


def walls_of(buildings: gpd.GeoSeries | Geometries) -> Walls:
    """Return the dissolved walls of ``buildings`` (polygons, metres) with their index."""
    blocks = shapely.remove_repeated_points(_dissolved(footprints(buildings)), TOUCH_M)
    blocks = shapely.orient_polygons(blocks[~shapely.is_empty(blocks)])
    segments = ring_segments(shapely.get_rings(blocks) if len(blocks) else blocks)
    return Walls(blocks, segments, *_index(segments))


def _dissolved(shapes: Geometries) -> Geometries:
    """Return polygons that meet at points at most: those that touch, joined group by group."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    met = csr_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(shapes),) * 2)
    n_groups, group = connected_components(met, directed=False)
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    joined = [shapely.union_all(shapes[some]) for some in members if len(some) > 1]
    alone = shapes[np.bincount(group, minlength=n_groups)[group] == 1]
    blocks: Geometries = np.append(alone, shapely.get_parts(np.array(joined, dtype=object)))
    return blocks


def ring_segments(rings: Geometries) -> Floats:
    """Return the walls of closed rings: from, to, and the corner before, a row a wall."""
    if not len(rings):
        return np.empty((0, 6))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    last = np.append(first[1:], len(ring)) - 1
    is_wall = np.ones(len(ring), dtype=bool)
    is_wall[last] = False
    before = np.roll(xy, 1, axis=0)
    # the last point of a ring repeats its first: the corner before that is the last but one
    before[first] = xy[last - 1]
    after = np.roll(xy, -1, axis=0)
    return np.hstack([xy, after, before])[is_wall]


def _index(segments: Floats) -> tuple[Whole, Whole, Floats, Whole]:
    """Return starts, items, frame and shape of a grid in which each wall lies in its box."""
    if not len(segments):
        nothing = np.zeros(0, dtype=np.int64)
        return np.zeros(2, np.int64), nothing, np.array([0.0, 0.0, CELL_M]), np.array([1, 1])
    x, y = segments[:, [0, 2]], segments[:, [1, 3]]
    west, south = x.min(), y.min()
    cols = np.floor((np.column_stack([x.min(1), x.max(1)]) - west) / CELL_M).astype(np.int64)
    rows = np.floor((np.column_stack([y.min(1), y.max(1)]) - south) / CELL_M).astype(np.int64)
    n_rows, n_cols = int(rows.max()) + 1, int(cols.max()) + 1
    wide, high = np.ptp(cols, axis=1) + 1, np.ptp(rows, axis=1) + 1
    wall = np.repeat(np.arange(len(segments)), wide * high)
    nth = np.arange(len(wall)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    cell = (rows[wall, 0] + nth // wide[wall]) * n_cols + cols[wall, 0] + nth % wide[wall]
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(n_rows * n_cols + 1))
    frame = np.array([west, south, CELL_M])
    return starts.astype(np.int64), wall[order], frame, np.array([n_rows, n_cols])

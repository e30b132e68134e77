"""Where people stand, whether they must leave, and how they enter the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from ilo_geo.hazards.evacuation.graph import NO_NODE
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.strip import Strip
from ilo_geo.hazards.evacuation.strip import graph_figures
from ilo_geo.hazards.evacuation.strip import on_map
from ilo_geo.hazards.evacuation.surfaces import GROUND
from ilo_geo.hazards.evacuation.surfaces import surfaces

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NO_UNIT = -1
S_PER_MIN = 60.0
Key = TypeVar("Key")


@dataclass(frozen=True)
class Places:
    """People who must leave: those who stand in the evacuation zone.

    Attributes
    ----------
    xy, inhab
        Where, and how many.
    node, gap_s
        Nearest node of the graph and the walk to it at the graph's speed, over open ground; -1 and
        infinite where neither street nor ground is near.
    cell
        Flat position in the strip's grid.
    inundated
        Whether the place floods at the level itself, not only within the margin.
    unit
        Row of the block (or square) that holds the place; -1 for none.
    level_row
        The same for every level reported by.
    """

    xy: Floats
    inhab: Floats
    node: Ints
    gap_s: Floats
    cell: Ints
    inundated: Bools
    unit: Ints
    level_row: Mapping[str, Ints]

    def seconds(self, time_s: Floats) -> Floats:
        """Return the walk to safety from each place, for the times of all nodes."""
        # a place without a node (-1) reads the infinity at the end
        walk: Floats = self.gap_s + np.append(time_s, np.inf)[self.node]
        return walk


def places_of_each(
    xy: Mapping[Key, Floats],
    inhab: Mapping[Key, Floats],
    strip: Strip,
    graph: EvacGraph,
    blocks: gpd.GeoDataFrame | None,
    levels: Mapping[str, gpd.GeoDataFrame],
) -> tuple[dict[Key, Places], gpd.GeoDataFrame]:
    """Return for each group of people those in the evacuation zone, and the units they live in.

    Groups share most of their places, so each place is looked up once.
    """
    inside = {key: strip.held(strip.zone, points) for key, points in xy.items()}
    all_xy = np.vstack([np.empty((0, 2)), *(xy[key][inside[key]] for key in xy)])
    # complex numbers sort faster than rows
    _, first, place = np.unique(
        all_xy[:, 0] + 1j * all_xy[:, 1], return_index=True, return_inverse=True
    )
    own_xy = all_xy[first]
    points = shapely.points(own_xy)
    node, gap_s = _entry(own_xy, graph)
    cell = strip.cells_at(own_xy)
    units = _squares(strip, cell) if blocks is None else blocks
    unit = rows_of(points, units)
    level_row = {name: rows_of(points, polygons) for name, polygons in levels.items()}
    found, start = {}, 0
    for key in xy:
        at = place[start : start + int(inside[key].sum())]
        start += len(at)
        found[key] = Places(
            xy=own_xy[at],
            inhab=inhab[key][inside[key]],
            node=node[at],
            gap_s=gap_s[at],
            cell=cell[at],
            inundated=strip.inundated.ravel()[cell[at]],
            unit=unit[at],
            level_row={name: row[at] for name, row in level_row.items()},
        )
    return found, units


def rows_of(points: np.ndarray, polygons: gpd.GeoDataFrame) -> Ints:
    """Return the row of the polygon that holds each point, the first of several; -1 for none."""
    row = np.full(len(points), NO_UNIT, dtype=np.int64)
    point, polygon = shapely.STRtree(polygons.geometry.to_numpy()).query(
        points, predicate="intersects"
    )
    order = np.argsort(-polygon, kind="stable")
    row[point[order]] = polygon[order]
    return row


def _entry(xy: Floats, graph: EvacGraph) -> tuple[Ints, Floats]:
    """Return the nearest street node or ground cell of each place and the seconds to it."""
    usable = np.flatnonzero(graph.is_street_node | (graph.cell_of_node >= 0))
    node, gap_s = np.full(len(xy), NO_NODE, dtype=np.int64), np.full(len(xy), np.inf)
    if len(usable) and len(xy):
        gap_m, near = KDTree(graph.node_xy[usable]).query(xy)
        reached = gap_m <= graph_figures().max_gap_m
        node[reached] = usable[near[reached]]
        gap_s[reached] = walk_seconds(
            gap_m[reached], 0.0, speed_m_s=graph.speed_m_s, factor=surfaces().factors[GROUND]
        )
    return node, gap_s


def _squares(strip: Strip, cell: Ints) -> gpd.GeoDataFrame:
    """Return the squares of a coarser grid that hold any of the cells."""
    n = max(1, round(arrival_figures().grid_cell_m / strip.cell_m))
    row, col = np.divmod(cell, strip.shape[1])
    square = np.unique(np.stack([row // n, col // n], axis=1), axis=0) * n
    west, north = on_map(strip.transform, square[:, 1], square[:, 0])
    east, south = on_map(strip.transform, square[:, 1] + n, square[:, 0] + n)
    names = [f"{r}-{c}" for r, c in square]
    return gpd.GeoDataFrame(
        {"id": names}, geometry=shapely.box(west, south, east, north), crs=strip.crs
    )

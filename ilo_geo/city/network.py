"""Streets as a graph: nodes where lines share a vertex, and edges between them.

Two lines meet where both have the same vertex (equal to the millimetre), as in OpenStreetMap; a
bridge that crosses a street without a shared vertex does not connect to it. Walkers use every edge
both ways; drivers obey ``oneway``. Points on the
graph are in `ilo_geo.city.snapping`, searches in `ilo_geo.city.shortest_paths`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ilo_geo.core.crs import require_metric

if TYPE_CHECKING:
    import geopandas as gpd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[Any]  # of shapely geometries, which numpy knows as objects

MM_PER_M = 1000


@dataclass(frozen=True)
class Network:
    """A street graph in a metric CRS.

    Attributes
    ----------
    crs
        Metric CRS of all coordinates.
    node_xy
        Coordinates of the nodes in metres, shape (n, 2).
    edge_u, edge_v
        Nodes at the start and the end of each edge's line.
    edge_length_m
        Length of each edge.
    edge_line
        LineString of each edge, from ``edge_u`` to ``edge_v``.
    edge_row
        Position in the street layer of the line the edge was cut from.
    edge_forward, edge_backward
        Whether the edge may be used from u to v, and from v to u.
    """

    crs: CRS
    node_xy: Floats
    edge_u: Ints
    edge_v: Ints
    edge_length_m: Floats
    edge_line: Shapes
    edge_row: Ints
    edge_forward: Bools
    edge_backward: Bools

    @property
    def n_nodes(self) -> int:
        """Return how many nodes there are."""
        return len(self.node_xy)

    @property
    def n_edges(self) -> int:
        """Return how many edges there are, each counted once."""
        return len(self.edge_u)

    @cached_property
    def csr(self) -> tuple[Ints, Ints, Floats]:
        """Return the directed graph as rows: ``indptr``, ``indices``, ``length_m``.

        The arcs out of node ``i`` are at positions ``indptr[i]`` to ``indptr[i + 1]``; parallel
        edges stay apart.
        """
        forward, backward = self.edge_forward, self.edge_backward
        start = np.concatenate([self.edge_u[forward], self.edge_v[backward]])
        end = np.concatenate([self.edge_v[forward], self.edge_u[backward]])
        length_m = np.concatenate([self.edge_length_m[forward], self.edge_length_m[backward]])
        order = np.argsort(start, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=self.n_nodes))])
        return indptr, end[order], length_m[order]

    @cached_property
    def component(self) -> Ints:
        """Return the number of the connected part of each node, directions ignored."""
        ones = np.ones(self.n_edges, dtype=bool)
        shape = (self.n_nodes, self.n_nodes)
        graph = coo_array((ones, (self.edge_u, self.edge_v)), shape=shape)
        labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
        return labels

    @cached_property
    def edge_tree(self) -> shapely.STRtree:
        """Return the spatial index of the edges."""
        return shapely.STRtree(self.edge_line)


def walking_network(streets: gpd.GeoDataFrame) -> Network:
    """Return the graph of the streets one may walk, usable both ways (oneway binds drivers only).

    Parameters
    ----------
    streets
        The ``streets`` layer in a metric CRS; lines need not be split at crossings.
    """
    rows = np.flatnonzero(streets["walk"].to_numpy(dtype=bool))
    return _network(
        streets, rows, forward=np.ones(len(rows), bool), backward=np.ones(len(rows), bool)
    )


def driving_network(streets: gpd.GeoDataFrame) -> Network:
    """Return the graph of the streets one may drive, each in the directions ``oneway`` allows."""
    rows = np.flatnonzero(streets["drive"].to_numpy(dtype=bool))
    oneway = streets["oneway"].to_numpy()[rows]
    return _network(streets, rows, forward=oneway != "backward", backward=oneway != "forward")


def _network(streets: gpd.GeoDataFrame, rows: Ints, *, forward: Bools, backward: Bools) -> Network:
    crs = require_metric(streets.crs, where="streets")
    parts, part_of = shapely.get_parts(streets.geometry.to_numpy()[rows], return_index=True)
    xy, line, vertex = _vertices(parts)
    starts = _changes(line)
    ends = np.roll(starts, -1)
    shared = np.bincount(vertex)[vertex] > 1
    inner_node = shared & ~starts & ~ends
    # an inner node ends one edge and starts the next, so it is written twice
    position = np.repeat(np.arange(len(xy)), inner_node + 1)
    opens = starts[position] | ~_changes(position)
    edge = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    last = np.roll(first, -1) - 1  # -1 is the last vertex of all

    node_vertex, node_first = np.unique(vertex[starts | ends | inner_node], return_index=True)
    row = part_of[line[position[first]]]
    edge_line = (
        shapely.linestrings(xy[position], indices=edge) if len(first) else np.empty(0, object)
    )
    return Network(
        crs=crs,
        node_xy=xy[starts | ends | inner_node][node_first],
        edge_u=np.searchsorted(node_vertex, vertex[position[first]]),
        edge_v=np.searchsorted(node_vertex, vertex[position[last]]),
        edge_length_m=shapely.length(edge_line),
        edge_line=edge_line,
        edge_row=rows[row],
        edge_forward=forward[row],
        edge_backward=backward[row],
    )


def _vertices(lines: Shapes) -> tuple[Floats, Ints, Ints]:
    """Return the coordinates of ``lines``, the line of each and its `_vertex_numbers`.

    A vertex drawn twice in a row is one vertex; a line of a single vertex is none.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    vertex = _vertex_numbers(xy)
    kept = _changes(vertex) | _changes(line)
    xy, line, vertex = xy[kept], line[kept], vertex[kept]
    long = np.bincount(line)[line] > 1
    return xy[long], line[long], vertex[long]


def _changes(values: Ints) -> Bools:
    """Return where a value differs from the one before; the first always does."""
    changes = np.ones(len(values), dtype=bool)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _vertex_numbers(xy: Floats) -> Ints:
    """Return a number for each coordinate pair, equal where the pairs agree to the millimetre."""
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    mm = np.rint(xy * MM_PER_M).astype(np.int64)
    mm -= mm.min(axis=0)
    # both coordinates in one whole number: exact while the city spans less than 3000 km
    numbers: Ints = np.unique(mm[:, 0] * (mm[:, 1].max() + 1) + mm[:, 1], return_inverse=True)[1]
    return numbers

"""Points on a street graph: which edge is nearest, and nodes where an exact distance is wanted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.network import Network
from ilo_geo.city.network import Shapes

NOT_SNAPPED = -1


@dataclass(frozen=True)
class Snap:
    """Points on a network: ``edge`` (-1 where none is near), ``offset_m`` from the edge's start.

    ``gap_m`` is the straight distance from the point to the edge, infinite where none is near.
    """

    edge: Ints
    offset_m: Floats
    gap_m: Floats

    @property
    def found(self) -> Bools:
        """Return which points lie near an edge."""
        near: Bools = self.edge != NOT_SNAPPED
        return near


@dataclass(frozen=True)
class Split:
    """A network cut at places.

    Attributes
    ----------
    network
        The cut network; nodes of the uncut one keep their numbers.
    place_node
        Node of each place, -1 for a place that is not snapped.
    piece_start_m
        Offset along the uncut edge where each edge of ``network`` starts.
    piece_of
        Uncut edge that each edge of ``network`` is a piece of, ascending.
    """

    network: Network
    place_node: Ints
    piece_start_m: Floats
    piece_of: Ints

    def move(self, snap: Snap) -> Snap:
        """Return points snapped to the uncut network as points of the cut one."""
        found = snap.found
        n_pieces = len(self.piece_of)
        edges = np.concatenate([self.piece_of, snap.edge[found]])
        offsets_m = np.concatenate([self.piece_start_m, snap.offset_m[found]])
        # a point lies on the last piece of its edge that starts at or before it
        order = np.lexsort((np.arange(len(edges)), offsets_m, edges))
        last = np.maximum.accumulate(np.where(order < n_pieces, order, 0))
        is_point = order >= n_pieces
        piece = np.empty(len(edges) - n_pieces, dtype=np.int64)
        piece[order[is_point] - n_pieces] = last[is_point]
        edge, offset_m = snap.edge.copy(), snap.offset_m.copy()
        edge[found] = piece
        offset_m[found] -= self.piece_start_m[piece]
        return Snap(edge, offset_m, snap.gap_m)


def snap(network: Network, points: Shapes | Sequence[Any], *, max_gap_m: float) -> Snap:
    """Return where each point meets its nearest edge, if one lies within ``max_gap_m``."""
    points = np.asarray(points, dtype=object)
    edge = np.full(len(points), NOT_SNAPPED, dtype=np.int64)
    offset_m, gap_m = np.zeros(len(points)), np.full(len(points), np.inf)
    if network.n_edges and len(points):
        (row, nearest), distance_m = network.edge_tree.query_nearest(
            points, max_distance=max_gap_m, all_matches=False, return_distance=True
        )
        edge[row], gap_m[row] = nearest, distance_m
        offset_m[row] = shapely.line_locate_point(network.edge_line[nearest], points[row])
    return Snap(edge, offset_m, gap_m)


def split_at(network: Network, places: Snap) -> Split:
    """Return the network with a node at each of ``places``, so distances to them are exact.

    A place at the end of an edge, or where another place already is, takes the node there.
    A place that is not snapped has node -1.
    """
    cut = _cuts(network, places)
    affected, first = np.unique(cut.edge, return_index=True)
    n_pieces = np.bincount(cut.edge, minlength=network.n_edges) + 1
    first_piece = np.concatenate([[0], np.cumsum(n_pieces)])[:-1]
    source = np.repeat(np.arange(network.n_edges), n_pieces)
    line = network.edge_line[source]
    end = np.searchsorted(cut.edge, affected, side="right")
    for edge, start, stop in zip(affected, first, end, strict=True):
        bounds_m = [0.0, *cut.offset_m[start:stop], network.edge_length_m[edge]]
        pieces = [
            substring(network.edge_line[edge], from_m, to_m)
            for from_m, to_m in itertools.pairwise(bounds_m)
        ]
        line[first_piece[edge] + np.arange(len(pieces))] = pieces
    # the k-th cut of an edge ends its k-th piece and starts the next one
    rank = np.arange(len(cut.edge)) - np.searchsorted(cut.edge, cut.edge)
    ends_at = first_piece[cut.edge] + rank
    u, v = network.edge_u[source], network.edge_v[source]
    v[ends_at] = u[ends_at + 1] = network.n_nodes + np.arange(len(cut.edge))
    start_m, end_m = np.zeros(len(source)), network.edge_length_m[source]
    end_m[ends_at] = start_m[ends_at + 1] = cut.offset_m
    on_edge = shapely.line_interpolate_point(network.edge_line[cut.edge], cut.offset_m)
    cut_network = replace(
        network,
        node_xy=np.concatenate([network.node_xy, shapely.get_coordinates(on_edge)]),
        edge_u=u,
        edge_v=v,
        edge_length_m=end_m - start_m,
        edge_line=line,
        edge_row=network.edge_row[source],
        edge_forward=network.edge_forward[source],
        edge_backward=network.edge_backward[source],
    )
    return Split(cut_network, cut.place_node, start_m, source)


@dataclass(frozen=True)
class _Cuts:
    """Places where edges must be cut, in order of edge and offset, and the node of every place."""

    edge: Ints
    offset_m: Floats
    place_node: Ints


def _cuts(network: Network, places: Snap) -> _Cuts:
    node = np.full(len(places.edge), NOT_SNAPPED, dtype=np.int64)
    rows = np.flatnonzero(places.found)
    edge, offset_m = places.edge[rows], places.offset_m[rows]
    at_start = offset_m <= 0
    at_end = ~at_start & (offset_m >= network.edge_length_m[edge])
    node[rows[at_start]] = network.edge_u[edge[at_start]]
    node[rows[at_end]] = network.edge_v[edge[at_end]]
    inside = ~at_start & ~at_end
    rows, edge, offset_m = rows[inside], edge[inside], offset_m[inside]
    order = np.lexsort((offset_m, edge))
    rows, edge, offset_m = rows[order], edge[order], offset_m[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (edge[1:] != edge[:-1]) | (offset_m[1:] != offset_m[:-1])
    node[rows] = network.n_nodes + np.cumsum(new) - 1
    return _Cuts(edge[new], offset_m[new], node)

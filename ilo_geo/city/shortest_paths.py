"""Walking distances on a `Network`: to the nearest of many sources, and within a limit of each.

Dijkstra's algorithm with a binary heap and lazy deletion, compiled by numba. Edge lengths are not
negative by construction, so the distances are exact up to the rounding of sums.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.network import Network
from ilo_geo.city.snapping import Snap

NO_SOURCE = -1


def distances_to_nearest_m(
    network: Network,
    source_node: Ints,
    *,
    initial_m: Floats | None = None,
    limit_m: float = np.inf,
) -> tuple[Floats, Ints]:
    """Return for every node the distance to its nearest source, and which source that is.

    Parameters
    ----------
    network
        Where edges are one-way, distances run from the source to the node.
    source_node
        Node of each source; a node may carry several sources. -1 (not on the network) is skipped.
    initial_m
        Distance already walked at each source, 0 by default.
    limit_m
        Nodes farther than this are left unreached.

    Returns
    -------
    distance_m, nearest
        Metres, infinite where no source reaches; position in ``source_node``, -1 where none.
    """
    sources = np.asarray(source_node, dtype=np.int64)
    walked_m = np.zeros(len(sources)) if initial_m is None else np.asarray(initial_m, dtype=float)
    distance_m = np.full(network.n_nodes, np.inf)
    nearest = np.full(network.n_nodes, NO_SOURCE, dtype=np.int64)
    _search(*network.csr, sources, walked_m, limit_m, distance_m, nearest)
    return distance_m, nearest


def bounded_distances(
    network: Network,
    source_node: Ints,
    source_group: Ints,
    *,
    initial_m: Floats | None = None,
    limit_m: float,
) -> tuple[Ints, Ints, Floats]:
    """Return every (group, node) within ``limit_m`` and the distance to the group's nearest source.

    Parameters
    ----------
    network
        Where edges are one-way, distances run from the source to the node.
    source_node, source_group
        Node and group of each source, e.g. each entrance and its park; -1 nodes are skipped.
    initial_m
        Distance already walked at each source, 0 by default.
    limit_m
        Largest distance kept.

    Returns
    -------
    group, node, distance_m
        Sparse triples, ascending by group.
    """
    groups, nodes = np.asarray(source_group, np.int64), np.asarray(source_node, np.int64)
    walked_m = np.zeros(len(nodes)) if initial_m is None else np.asarray(initial_m, dtype=float)
    order = np.argsort(groups, kind="stable")
    first = np.flatnonzero(np.diff(groups[order], prepend=NO_SOURCE - 1))
    bounds = np.append(first, len(order))
    size, node, distance_m = _search_each(
        *network.csr, nodes[order], walked_m[order], bounds, limit_m
    )
    return np.repeat(groups[order][first], size), node, distance_m


def point_distances_m(network: Network, snap: Snap, node_distance_m: Floats) -> Floats:
    """Return the distance of each snapped point, given that of every node.

    The point is reached over the nearer end of its edge, then across its gap:
    ``min(d(u) + offset, d(v) + length - offset) + gap``. Sources inside an edge must be nodes
    (`ilo_geo.city.snapping.split_at`). Infinite for a point that is not snapped.
    """
    to_u_m, to_v_m = _end_distances_m(network, snap)
    found = snap.found
    edge = snap.edge[found]
    distance_m = np.full(len(found), np.inf)
    over_u_m = node_distance_m[network.edge_u[edge]] + to_u_m[found]
    over_v_m = node_distance_m[network.edge_v[edge]] + to_v_m[found]
    distance_m[found] = np.minimum(over_u_m, over_v_m) + snap.gap_m[found]
    return distance_m


def bounded_point_distances(
    network: Network,
    snap: Snap,
    triples: tuple[Ints, Ints, Floats],
    *,
    limit_m: float,
) -> tuple[Ints, Ints, Floats]:
    """Return every (group, point) within ``limit_m``, from the triples of `bounded_distances`.

    Returns
    -------
    group, point, distance_m
        Sparse triples in order of group and point; ``point`` is the position in ``snap``.
    """
    group, node, distance_m = triples
    point = np.tile(np.flatnonzero(snap.found), 2)
    edge = snap.edge[snap.found]
    end = np.concatenate([network.edge_u[edge], network.edge_v[edge]])
    to_end_m = np.concatenate(
        [d[snap.found] + snap.gap_m[snap.found] for d in _end_distances_m(network, snap)]
    )
    by_end = np.argsort(end, kind="stable")
    n_at = np.bincount(end, minlength=network.n_nodes)
    first_at = np.cumsum(n_at) - n_at
    # each triple meets every point whose edge ends at its node
    pair = np.repeat(np.arange(len(node)), n_at[node])
    nth = np.arange(len(pair)) - np.repeat(np.cumsum(n_at[node]) - n_at[node], n_at[node])
    at = by_end[first_at[node[pair]] + nth]
    total_m = distance_m[pair] + to_end_m[at]
    near = total_m <= limit_m
    group, point, total_m = group[pair][near], point[at][near], total_m[near]
    order = np.lexsort((total_m, point, group))
    group, point, total_m = group[order], point[order], total_m[order]
    nearest = np.ones(len(order), dtype=bool)
    nearest[1:] = (group[1:] != group[:-1]) | (point[1:] != point[:-1])
    return group[nearest], point[nearest], total_m[nearest]


def _end_distances_m(network: Network, snap: Snap) -> tuple[Floats, Floats]:
    """Return the way from u and from v along the edge to each point; infinite against one-way.

    A point at the very end of an edge is at the crossing, whichever way the edge runs.
    """
    length_m, forward, backward = (
        np.append(values, last)[snap.edge]
        for values, last in (
            (network.edge_length_m, 0.0),
            (network.edge_forward, False),
            (network.edge_backward, False),
        )
    )
    at_u, at_v = snap.offset_m <= 0, snap.offset_m >= length_m
    from_u_m = np.where(forward | at_u, snap.offset_m, np.inf)
    from_v_m = np.where(backward | at_v, length_m - snap.offset_m, np.inf)
    return from_u_m, from_v_m


@njit(cache=True, nogil=True)
def _search(
    indptr: Ints,
    indices: Ints,
    length_m: Floats,
    source_node: Ints,
    initial_m: Floats,
    limit_m: float,
    distance_m: Floats,
    nearest: Ints,
) -> list[np.int64]:
    """Fill ``distance_m`` and ``nearest``, both unreached at first; return the nodes reached."""
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    reached = [np.int64(0) for _ in range(0)]
    for source in range(len(source_node)):
        node, walked_m = source_node[source], initial_m[source]
        if node >= 0 and walked_m <= limit_m and walked_m < distance_m[node]:
            distance_m[node], nearest[node] = walked_m, source
            heapq.heappush(heap, (walked_m, node))
    while heap:
        walked_m, node = heapq.heappop(heap)
        if walked_m > distance_m[node]:
            continue  # a shorter way was found after this entry
        reached.append(node)
        for arc in range(indptr[node], indptr[node + 1]):
            there, way_m = indices[arc], walked_m + length_m[arc]
            if way_m <= limit_m and way_m < distance_m[there]:
                distance_m[there], nearest[there] = way_m, nearest[node]
                heapq.heappush(heap, (way_m, there))
    return reached


@njit(cache=True, nogil=True)
def _search_each(
    indptr: Ints,
    indices: Ints,
    length_m: Floats,
    source_node: Ints,
    initial_m: Floats,
    bounds: Ints,
    limit_m: float,
) -> tuple[Ints, Ints, Floats]:
    """Search from the sources between each two ``bounds``; return sizes, nodes and distances."""
    distance_m = np.full(len(indptr) - 1, np.inf)
    nearest = np.full(len(indptr) - 1, -1)
    size = np.zeros(len(bounds) - 1, np.int64)
    nodes = [np.int64(0) for _ in range(0)]
    found_m = [0.0 for _ in range(0)]
    for group in range(len(bounds) - 1):
        sources = source_node[bounds[group] : bounds[group + 1]]
        walked_m = initial_m[bounds[group] : bounds[group + 1]]
        reached = _search(
            indptr, indices, length_m, sources, walked_m, limit_m, distance_m, nearest
        )
        size[group] = len(reached)
        for node in reached:
            nodes.append(node)
            found_m.append(distance_m[node])
            distance_m[node] = np.inf
    return size, np.array(nodes), np.array(found_m)

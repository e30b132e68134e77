"""Density of points along streets: each point spreads its weight over the ways within a bandwidth.

Streets are cut into pieces of one length at most (lixels) and the density is found at the middle of
each. ``d`` is the shortest way along streets from where point ``e`` meets its nearest street, exact
to the metre of the drawing, and ``K`` the kernel of `density`::

    f(x) = Σ_e  weight_e · K(d(e, x)) / Σ_y K(d(e, y)) · length_y

Dividing each point by its own sum lets it spread exactly its weight, whatever the crossings and
dead ends around it (a kernel along shortest ways alone counts more where many streets meet: Okabe,
Satoh and Sugihara 2009). On one long street ``f`` is the kernel of one dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from ilo_geo.city.network import Network
from ilo_geo.city.network import Shapes
from ilo_geo.city.shortest_paths import bounded_distances
from ilo_geo.city.snapping import Snap
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.security.density import GAUSSIAN
from ilo_geo.security.density import QUARTIC
from ilo_geo.security.density import kernel_at

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# a place on a street is told apart from another by this much
PLACE_STEP_M = 0.01
N_STEPS = 20


@dataclass(frozen=True)
class Lixels:
    """Streets cut into pieces.

    Attributes
    ----------
    network
        The streets.
    first
        The pieces of edge ``i`` are ``first[i]`` to ``first[i + 1]``, from its start to its end.
    edge, length_m, middle_m
        Edge of each piece, its length, and how far along the edge its middle lies.
    """

    network: Network
    first: Ints
    edge: Ints
    length_m: Floats
    middle_m: Floats

    def __len__(self) -> int:
        """Return how many pieces there are."""
        return len(self.edge)

    @property
    def middles(self) -> Shapes:
        """Return the middle of each piece as a point."""
        lines = self.network.edge_line[self.edge]
        points: Shapes = shapely.line_interpolate_point(lines, self.middle_m)
        return points

    @property
    def row(self) -> Ints:
        """Return the row of the street layer that each piece was cut from."""
        return self.network.edge_row[self.edge]


def cut_streets(network: Network, *, longest_m: float) -> Lixels:
    """Return the edges of a network in equal pieces of at most ``longest_m``."""
    n_pieces = np.maximum(np.ceil(network.edge_length_m / longest_m), 1).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(n_pieces)])
    edge = np.repeat(np.arange(network.n_edges), n_pieces)
    length_m = (network.edge_length_m / n_pieces)[edge]
    nth = np.arange(len(edge)) - first[edge]
    return Lixels(network, first, edge, length_m, (nth + 0.5) * length_m)


@dataclass(frozen=True)
class StreetDensity:
    """What points spread over pieces of street.

    Attributes
    ----------
    per_m
        Weight per metre of street at the middle of each piece.
    n_points
        How many points it stands on.
    """

    per_m: Floats
    n_points: Ints


def street_density(
    lixels: Lixels,
    places: Snap,
    weight: Floats,
    *,
    bandwidth_m: float,
    kernel: str = QUARTIC,
    progress: Progress = silent,
) -> StreetDensity:
    """Return the density of points along the streets; points that are not snapped count nothing.

    Points at one place of a street are added up first, so time grows with the places and not with
    the points; memory does not grow with either.
    """
    edge, offset_m, mass, count = _places(places, weight)
    per_m, n_points = np.zeros(len(lixels)), np.zeros(len(lixels), dtype=np.int64)
    if not len(edge):
        return StreetDensity(per_m, n_points)
    network = lixels.network
    near = _near_nodes(network, edge, bandwidth_m)
    incident = _incident_edges(network)
    scratch = _scratch(network, lixels)
    starts = np.flatnonzero(np.diff(edge, prepend=-1))
    bounds = np.append(starts, len(edge))
    steps = np.unique(np.linspace(0, len(starts), N_STEPS + 1).astype(np.int64))
    for low, high in pairwise(steps):
        progress("progress.density", float(low / len(starts)))
        _spread(
            bounds[low : high + 1],
            edge,
            offset_m,
            mass,
            count,
            *near,
            *incident,
            network.edge_u,
            network.edge_v,
            network.edge_length_m,
            lixels.first,
            lixels.length_m,
            bandwidth_m,
            kernel == GAUSSIAN,
            *scratch,
            per_m,
            n_points,
        )
    return StreetDensity(per_m, n_points)


def _places(places: Snap, weight: Floats) -> tuple[Ints, Floats, Floats, Ints]:
    """Return the distinct places with the weight and the number of points at each."""
    found = np.flatnonzero(places.found)
    step = np.rint(places.offset_m[found] / PLACE_STEP_M).astype(np.int64)
    # edge and step in one whole number: sorted as the pairs are
    n_steps = int(step.max(initial=0)) + 1
    distinct, of_each = np.unique(places.edge[found] * n_steps + step, return_inverse=True)
    mass = np.bincount(of_each, np.asarray(weight)[found], len(distinct)).astype(np.float64)
    count = np.bincount(of_each, minlength=len(distinct)).astype(np.int64)
    return distinct // n_steps, (distinct % n_steps) * PLACE_STEP_M, mass, count


def _near_nodes(network: Network, edge: Ints, limit_m: float) -> tuple[Ints, Ints, Floats]:
    """Return the nodes near both ends of the edges that hold points, as rows by node."""
    ends = np.unique(np.concatenate([network.edge_u[edge], network.edge_v[edge]]))
    group, node, distance_m = bounded_distances(network, ends, ends, limit_m=limit_m)
    size = np.bincount(group, minlength=network.n_nodes)
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64), node, distance_m


def _incident_edges(network: Network) -> tuple[Ints, Ints]:
    """Return the edges at each node, as rows."""
    ends = np.concatenate([network.edge_u, network.edge_v])
    order = np.argsort(ends, kind="stable")
    size = np.bincount(ends, minlength=network.n_nodes)
    return np.concatenate([[0], np.cumsum(size)]).astype(np.int64), order % network.n_edges


def _scratch(network: Network, lixels: Lixels) -> tuple[Floats, Floats, Ints, Ints, Floats]:
    """Return what the search writes on, so that it asks for no memory itself."""
    return (
        np.full(network.n_nodes, np.inf),
        np.full(network.n_nodes, np.inf),
        np.full(network.n_edges, -1, dtype=np.int64),
        np.empty(network.n_edges, dtype=np.int64),
        np.empty(len(lixels)),
    )


@njit(cache=True, nogil=True)
def _spread(  # type: ignore[no-untyped-def]
    bounds, edge, offset_m, mass, count,
    near_first, near_node, near_m, edges_first, edges_at,
    edge_u, edge_v, edge_m, first, piece_m, bandwidth_m, gaussian,
    from_u_m, from_v_m, seen, reached, value, per_m, n_points,
):  # fmt: skip
    """Spread the places ``bounds[0]`` to ``bounds[-1]``, edge by edge."""
    for k in range(len(bounds) - 1):
        e = edge[bounds[k]]
        u, v = edge_u[e], edge_v[e]
        n_reached = _open(
            e, u, from_u_m, near_first, near_node, near_m, edges_first, edges_at, seen, reached, 0
        )
        n_reached = _open(
            e, v, from_v_m, near_first, near_node, near_m, edges_first, edges_at, seen, reached,
            n_reached,
        )  # fmt: skip
        for p in range(bounds[k], bounds[k + 1]):
            total = _weigh(
                e, offset_m[p], reached[:n_reached], edge_u, edge_v, edge_m, first, piece_m,
                from_u_m, from_v_m, bandwidth_m, gaussian, value,
            )  # fmt: skip
            if total <= 0.0:
                continue
            for r in range(n_reached):
                for i in range(first[reached[r]], first[reached[r] + 1]):
                    if value[i] > 0.0:
                        per_m[i] += mass[p] * value[i] / total
                        n_points[i] += count[p]
        for node in near_node[near_first[u] : near_first[u + 1]]:
            from_u_m[node] = np.inf
        for node in near_node[near_first[v] : near_first[v + 1]]:
            from_v_m[node] = np.inf


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]
    e, at_m, reached, edge_u, edge_v, edge_m, first, piece_m,
    from_u_m, from_v_m, bandwidth_m, gaussian, value,
):  # fmt: skip
    """Write the kernel of one place on the edge ``e`` at each piece; return its integral."""
    left_m, total = edge_m[e] - at_m, 0.0
    for f in reached:
        start, end = edge_u[f], edge_v[f]
        to_start_m = min(at_m + from_u_m[start], left_m + from_v_m[start])
        to_end_m = min(at_m + from_u_m[end], left_m + from_v_m[end])
        for i in range(first[f], first[f + 1]):
            middle_m = (i - first[f] + 0.5) * piece_m[i]
            way_m = min(to_start_m + middle_m, to_end_m + edge_m[f] - middle_m)
            if f == e:
                way_m = min(way_m, abs(middle_m - at_m))
            value[i] = kernel_at(way_m, bandwidth_m, gaussian)
            total += value[i] * piece_m[i]
    return total


@njit(cache=True, nogil=True)
def _open(  # type: ignore[no-untyped-def]
    e, end, from_m, near_first, near_node, near_m, edges_first, edges_at, seen, reached, n_reached
):
    """Write the distances from one end of an edge; return how many edges are within reach."""
    if seen[e] != e:
        seen[e] = e
        reached[n_reached] = e
        n_reached += 1
    for at in range(near_first[end], near_first[end + 1]):
        node = near_node[at]
        from_m[node] = near_m[at]
        for i in range(edges_first[node], edges_first[node + 1]):
            f = edges_at[i]
            if seen[f] != e:
                seen[f] = e
                reached[n_reached] = f
                n_reached += 1
    return n_reached

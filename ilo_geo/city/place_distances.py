"""Ways from a few places of a network to many points, without cutting the network at them.

A place inside an edge is left over either end of it, so a search starts at both ends with what was
travelled to them; a point on the very edge of a place may also be reached along it. Distances are
those that `ilo_geo.city.snapping.split_at` would give, and the network stays the one that is kept.
"""

from __future__ import annotations

import numpy as np

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Network
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.city.shortest_paths import point_distances_m
from ilo_geo.city.snapping import Snap


def ways_from_places(
    network: Network, places: Snap, points: Snap, *, limit: float = np.inf
) -> Floats:
    """Return the way from the nearest place to each point, in the unit of the network's lengths.

    Parameters
    ----------
    network
        One-way edges are travelled from the place to the point only as they allow.
    places, points
        On ``network``, each with its own gap, which is part of the way.
    limit
        Longer ways may be left out (infinite).

    Returns
    -------
    way
        Infinite where no place leads, and for a point off the network.
    """
    node, travelled = _ends(network, places)
    node_way, _ = distances_to_nearest_m(network, node, initial_m=travelled, limit_m=limit)
    way = point_distances_m(network, points, node_way)
    nearest: Floats = np.minimum(way, _along_own_edge(network, places, points))
    return nearest


def _ends(network: Network, places: Snap) -> tuple[np.ndarray, Floats]:
    """Return the ends of the edge of each place, and the way to them."""
    edge, offset = places.edge[places.found], places.offset_m[places.found]
    gap = places.gap_m[places.found]
    length = network.edge_length_m[edge]
    # a place at the very end of a one-way edge is at the crossing, where every street begins
    to_v = np.where(network.edge_forward[edge] | (offset >= length), length - offset, np.inf)
    to_u = np.where(network.edge_backward[edge] | (offset <= 0), offset, np.inf)
    node = np.concatenate([network.edge_u[edge], network.edge_v[edge]])
    return node, np.concatenate([to_u + gap, to_v + gap])


def _along_own_edge(network: Network, places: Snap, points: Snap) -> Floats:
    """Return the way along the edge to each point that lies on the edge of a place."""
    way = np.full(len(points.edge), np.inf)
    for place in np.flatnonzero(places.found):
        edge, start = places.edge[place], places.offset_m[place]
        here = np.flatnonzero(points.edge == edge)
        ahead = points.offset_m[here] - start
        allowed = np.where(ahead >= 0, network.edge_forward[edge], network.edge_backward[edge])
        along = np.abs(ahead) + points.gap_m[here] + places.gap_m[place]
        way[here] = np.minimum(way[here], np.where(allowed | (ahead == 0), along, np.inf))
    return way

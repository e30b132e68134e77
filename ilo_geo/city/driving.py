"""Driving times on a street graph: every edge has a pace, and searches on lengths give seconds.

A `Network` whose lengths are seconds answers all of `ilo_geo.city.shortest_paths` in seconds.
Points on it need their offsets and gaps in seconds as well (`Drive.place`): along the street at
the street's pace, from the street to the door on foot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.network import Network
from ilo_geo.city.network import driving_network
from ilo_geo.city.snapping import Snap
from ilo_geo.city.snapping import Split
from ilo_geo.city.snapping import snap
from ilo_geo.city.snapping import split_at

KM_H_PER_M_S = 3.6


@dataclass(frozen=True)
class Drive:
    """A driving graph cut at places, with the time of each edge.

    Attributes
    ----------
    streets
        The graph in metres, cut.
    timed
        The same graph; its ``edge_length_m`` holds seconds.
    place_node
        Node of each place it was cut at, -1 for a place off the network.
    place_gap_m
        Straight distance from each such place to the network, infinite where none is near.
    foot_m_s
        Walking speed between a street and a door.
    """

    streets: Network
    timed: Network
    place_node: Ints
    place_gap_m: Floats
    foot_m_s: float

    @property
    def pace_s_per_m(self) -> Floats:
        """Return the seconds a metre of each edge takes."""
        pace: Floats = self.timed.edge_length_m / self.streets.edge_length_m
        return pace

    def place(self, points: npt.NDArray[np.object_], *, max_gap_m: float) -> Snap:
        """Return points on ``timed``: offset at the street's pace, gap on foot, both in seconds."""
        found = snap(self.streets, points, max_gap_m=max_gap_m)
        pace = np.append(self.pace_s_per_m, 0.0)[found.edge]
        return Snap(found.edge, found.offset_m * pace, found.gap_m / self.foot_m_s)

    def largest_part(self) -> Bools:
        """Return the nodes of the largest part in which every node can be driven to from every."""
        indptr, indices, _ = self.timed.csr
        start = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        shape = (self.timed.n_nodes, self.timed.n_nodes)
        graph = coo_array((np.ones(len(indices), dtype=bool), (start, indices)), shape=shape)
        part = connected_components(graph, directed=True, connection="strong")[1]
        largest: Bools = part == np.bincount(part).argmax()
        return largest


def drive(
    streets: gpd.GeoDataFrame,
    places: npt.NDArray[np.object_],
    *,
    speed_km_h: Mapping[str, float],
    other_km_h: float,
    foot_m_s: float,
    max_gap_m: float,
) -> Drive:
    """Return the driving graph cut at ``places``, timed by the speed of each street's class.

    Parameters
    ----------
    streets
        The ``streets`` layer: ``street_class``, ``drive``, ``oneway``.
    places
        Points one starts from; each within ``max_gap_m`` of a street becomes a node.
    speed_km_h, other_km_h
        Speed by street class, and of a class not named.
    """
    whole = driving_network(streets)
    found = snap(whole, places, max_gap_m=max_gap_m)
    split: Split = split_at(whole, found)
    speed = streets["street_class"].map(dict(speed_km_h)).fillna(other_km_h).to_numpy(dtype=float)
    pace_s_per_m = KM_H_PER_M_S / speed[split.network.edge_row]
    timed = replace(split.network, edge_length_m=split.network.edge_length_m * pace_s_per_m)
    return Drive(split.network, timed, split.place_node, found.gap_m, foot_m_s)


def crossings(network: Network) -> Ints:
    """Return the nodes where at least three ends of streets meet."""
    degree = np.bincount(
        np.concatenate([network.edge_u, network.edge_v]), minlength=network.n_nodes
    )
    return np.flatnonzero(degree >= 3)


def node_points(network: Network, node: Ints) -> npt.NDArray[np.object_]:
    """Return nodes as points."""
    points: npt.NDArray[np.object_] = shapely.points(network.node_xy[node])
    return points

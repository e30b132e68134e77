"""Who reaches a park on foot: from the dwelling along the walking network to an entrance.

The walk is counted from the dwelling to its nearest street (straight), along the network to the
point of the street beside the entrance, and from there to the entrance (straight); never as the
crow flies from door to park. A dwelling
farther than ``MAX_GAP_M`` from any walkable street counts as without access.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.network import Network
from ilo_geo.city.shortest_paths import bounded_distances
from ilo_geo.city.shortest_paths import bounded_point_distances
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.city.shortest_paths import point_distances_m
from ilo_geo.city.snapping import Snap
from ilo_geo.city.snapping import snap
from ilo_geo.city.snapping import split_at
from ilo_geo.green.catchment import e2sfca_m2_per_inhab

MAX_GAP_M = 250.0


@dataclass(frozen=True)
class ParkNetwork:
    """The walking network with a node at every entrance, and the residents on it.

    Attributes
    ----------
    network
        Cut at the entrances.
    entrance_node
        Node of each entrance, -1 where no street is within reach.
    entrance_area
        Green area each entrance leads into.
    entrance_gap_m
        From the street to each entrance.
    residents
        Where each resident point meets the network.
    """

    network: Network
    entrance_node: Ints
    entrance_area: Ints
    entrance_gap_m: Floats
    residents: Snap


def park_network(
    network: Network, residents: gpd.GeoSeries, entrances: gpd.GeoDataFrame, *, reach_m: float
) -> ParkNetwork:
    """Return the network ready to measure from residents to entrances.

    Parameters
    ----------
    network
        Walking network.
    residents
        Points where people live.
    entrances
        Points with ``area`` (`entrances.find_entrances`).
    reach_m
        Largest distance from entrance to street axis.
    """
    doors = snap(network, entrances.geometry.to_numpy(), max_gap_m=reach_m)
    split = split_at(network, doors)
    where = snap(network, residents.to_numpy(), max_gap_m=MAX_GAP_M)
    return ParkNetwork(
        split.network,
        split.place_node,
        entrances["green_area_id"].to_numpy(dtype=int),
        doors.gap_m,
        split.move(where),
    )


def distance_to_park_m(parks: ParkNetwork, large_enough: np.ndarray) -> Floats:
    """Return for each resident point the walk to the nearest entrance of a large enough park.

    Parameters
    ----------
    parks
        Network with entrances and residents.
    large_enough
        Mask of the green areas that count.

    Returns
    -------
    distance_m
        Infinite where no such park can be reached.
    """
    counts = large_enough[parks.entrance_area]
    sources = np.where(counts, parks.entrance_node, -1)
    node_distance_m, _ = distances_to_nearest_m(
        parks.network, sources, initial_m=parks.entrance_gap_m
    )
    return point_distances_m(parks.network, parks.residents, node_distance_m)


def access_m2_per_inhab(
    parks: ParkNetwork, inhab: np.ndarray, area_m2: np.ndarray, *, catchment_m: float
) -> Floats:
    """Return the E2SFCA access of each resident point (`catchment.e2sfca_m2_per_inhab`)."""
    triples = bounded_distances(
        parks.network,
        parks.entrance_node,
        parks.entrance_area,
        initial_m=parks.entrance_gap_m,
        limit_m=catchment_m,
    )
    area, place, distance_m = bounded_point_distances(
        parks.network, parks.residents, triples, limit_m=catchment_m
    )
    return e2sfca_m2_per_inhab(
        place,
        area,
        distance_m,
        place_inhab=inhab,
        park_area_m2=area_m2,
        catchment_m=catchment_m,
    )

"""Who walks to which site: along the walking network to where a street meets the lot."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.shortest_paths import bounded_distances
from ilo_geo.city.shortest_paths import bounded_point_distances
from ilo_geo.green.access import distance_to_park_m
from ilo_geo.green.access import park_network
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.entrances import GreenAreas
from ilo_geo.green.entrances import find_entrances
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene


@dataclass(frozen=True)
class Reach:
    """Sites by resident points.

    Attributes
    ----------
    walk_m
        Metres walked, stored where within the distance of the access standard and the site is of
        its smallest size or more.
    n_entrances
        Of each site, those with a street.
    served
        Resident points that an existing park serves.
    """

    walk_m: csr_array
    n_entrances: Ints
    served: Bools

    @property
    def new(self) -> csr_array:
        """Return 1 where a site would serve a point that no park serves today."""
        site = np.repeat(np.arange(self.walk_m.shape[0]), np.diff(self.walk_m.indptr))
        fresh = ~self.served[self.walk_m.indices]
        point = self.walk_m.indices[fresh]
        return _stored(site[fresh], point, np.ones(len(point)), self.walk_m.shape)


def reach_of(
    sites: gpd.GeoDataFrame, inputs: GreenInputs, scene: GreenScene, params: ParkParams
) -> Reach:
    """Return who walks to each site within the access standard, and who is served today."""
    polygons = sites.geometry.to_numpy()
    areas = GreenAreas(polygons, shapely.area(polygons), np.arange(len(polygons)))
    entrances = find_entrances(
        areas,
        inputs.streets,
        reach_m=params.entrance_reach_m,
        barriers=inputs.barriers,
        gates=inputs.gates,
    )
    people = inputs.residents.points.geometry
    ways = park_network(inputs.network, people, entrances, reach_m=params.entrance_reach_m)
    triples = bounded_distances(
        ways.network,
        ways.entrance_node,
        ways.entrance_area,
        initial_m=ways.entrance_gap_m,
        limit_m=params.access_distance_m,
    )
    site, point, metres = bounded_point_distances(
        ways.network, ways.residents, triples, limit_m=params.access_distance_m
    )
    large = areas.area_m2[site] >= params.min_park_area_m2
    reached = ways.entrance_area[ways.entrance_node >= 0]
    return Reach(
        walk_m=_stored(site[large], point[large], metres[large], (len(sites), len(people))),
        n_entrances=np.bincount(reached, minlength=len(sites)),
        served=_served(scene, params),
    )


def _served(scene: GreenScene, params: ParkParams) -> Bools:
    large_enough = scene.areas.area_m2 >= params.min_park_area_m2
    walk_m: Floats = distance_to_park_m(scene.parks, large_enough)
    return walk_m <= params.access_distance_m


def _stored(site: Ints, point: Ints, metres: Floats, shape: tuple[int, int]) -> csr_array:
    """Return the triples as rows; a walk of no length keeps its entry."""
    order = np.lexsort((point, site))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=shape[0]))])
    return csr_array((metres[order], point[order], indptr), shape=shape)

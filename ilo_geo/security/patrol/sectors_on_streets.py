"""Patrol sectors on the streets of a city, and where patrols on their rounds may be at a call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.scene import Places
from ilo_geo.security.patrol.sectors import StreetGraph
from ilo_geo.security.patrol.sectors import balanced_sectors
from ilo_geo.security.patrol.sectors import deviation_ratio
from ilo_geo.security.response import Conditions
from ilo_geo.security.response import response_time_s

OUTSIDE = -1


@dataclass(frozen=True)
class PatrolSectors:
    """Sectors of the part of the network where every street can be driven to from every other.

    Attributes
    ----------
    label
        Sector of each node, -1 outside that part.
    n_sectors
        How many.
    deviation_ratio
        How far the need of each is from the mean, as a share of the mean.
    need_outside_ratio
        Share of the need that lies in no sector.
    """

    label: Ints
    n_sectors: int
    deviation_ratio: Floats
    need_outside_ratio: float


def patrol_sectors(scene: PatrolScene, params: PatrolParams) -> PatrolSectors:
    """Return connected sectors of nearly equal need."""
    network, limits = scene.drive.timed, patrol_rules().limits
    inside = scene.drive.largest_part()
    node_need = scene.at_nodes(scene.need)
    whole = StreetGraph(node_need, network.edge_u, network.edge_v)
    part = whole.part(inside)
    label = np.full(network.n_nodes, OUTSIDE, dtype=np.int64)
    n_sectors = params.sectors_wanted
    label[inside] = balanced_sectors(
        part,
        n_sectors,
        n_trees=limits.n_trees,
        tolerance_ratio=limits.sector_tolerance_ratio / 2,
        seed=params.seed,
    )
    outside = float(scene.need.weight.sum() - node_need[inside].sum())
    deviation = deviation_ratio(part.weight, label[inside], n_sectors)
    return PatrolSectors(label, n_sectors, deviation, max(outside, 0.0))


def drawn_positions(scene: PatrolScene, sectors: PatrolSectors, params: PatrolParams) -> Ints:
    """Return where the patrols may be, a row a draw, a node a sector.

    A patrol drives all streets of its sector alike, so a node is as likely as half the streets at
    it are long. A sector without street has no patrol (-1).
    """
    network = scene.drive.streets
    ends = np.concatenate([network.edge_u, network.edge_v])
    length_m = np.tile(network.edge_length_m, 2)
    near_m = np.bincount(ends, weights=length_m, minlength=network.n_nodes)
    random = np.random.default_rng(params.seed)
    n_draws = patrol_rules().limits.n_patrol_draws
    drawn = np.full((n_draws, sectors.n_sectors), OUTSIDE, dtype=np.int64)
    for sector in range(sectors.n_sectors):
        nodes = np.flatnonzero(sectors.label == sector)
        chance = near_m[nodes]
        if chance.sum() > 0:
            drawn[:, sector] = random.choice(nodes, size=n_draws, p=chance / chance.sum())
    return drawn


def mean_response_s(
    scene: PatrolScene, places: Places, positions: Ints, conditions: Conditions
) -> Floats:
    """Return the mean over ``positions`` of the time the nearest patrol takes to each place."""
    total = np.zeros(len(places.weight))
    for nodes in positions:
        total += response_time_s(scene.drive, places.on, nodes, conditions)
    return total / len(positions)

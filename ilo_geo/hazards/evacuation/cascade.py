"""What is left of the evacuation when the earthquake blocks streets and a tank burns.

Streets beside tall or weak buildings are *exposed*. Which of them rubble blocks nobody knows, so a
stated share is drawn at random, many times, and the answer is a spread, not a number. Every draw
puts the exposed streets in an order of its own and blocks from its start, so that a greater share
blocks the same streets and more. A blocked street is one nobody enters; who lives on it still
walks out to the next crossing.

A fire ring is a polygon nobody enters: ways into it and across it are closed, ways out of it stay
open to who is inside when the fire starts. Removing ways never shortens a time, so no draw is
better than the city as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures_rules import measure_rules
from ilo_geo.hazards.evacuation.measures_rules import street_width_m
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import closes_with_its_street

# of the draws: middle, and the range that holds 90 % of them
QUANTILES = {"p05": 0.05, "median": 0.5, "p95": 0.95}


@dataclass(frozen=True)
class Cascade:
    """What the draws gave.

    Attributes
    ----------
    draws
        One row a draw: ``blocked_streets, late_inhab, no_way_inhab``.
    late_ratio
        For each group of `People`, the share of draws in which it is late.
    base_late_inhab
        Late people with every street open and no fire.
    fire_late_inhab
        Late people with the fire ring closed and every street open.
    n_exposed
        Exposed streets of the network, of which a share is blocked.
    """

    draws: pd.DataFrame
    late_ratio: Floats
    base_late_inhab: float
    fire_late_inhab: float
    n_exposed: int

    def late_quantiles_inhab(self) -> dict[str, float]:
        """Return the median and the 5 and 95 % quantiles of the late people."""
        late = self.draws["late_inhab"].to_numpy()
        return {name: float(np.quantile(late, q)) for name, q in QUANTILES.items()}


def exposed_streets(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    weak_construction: gpd.GeoDataFrame | None = None,
) -> Bools:
    """Return which streets rubble may block.

    The tallest building within half the width and the setback is at least the stated share of the
    street's width high; in a zone of weak construction a smaller share is enough. Heights nobody
    recorded do not count, so streets beside them may be missing here.

    Parameters
    ----------
    streets
        Lines, where known with ``width_m``.
    buildings
        Polygons with ``height_m``.
    weak_construction
        Polygons of weak construction, if such a layer exists.
    """
    require_same_metric_crs(streets=streets, buildings=buildings, weak=weak_construction)
    rules = measure_rules()
    lines = streets.geometry.to_numpy()
    width_m = street_width_m(streets)
    reach_m = width_m / 2 + rules.cascade.setback_m.value
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    street, building = tree.query(lines, predicate="dwithin", distance=reach_m)
    tallest_m = np.zeros(len(lines))
    height_m = np.nan_to_num(buildings["height_m"].to_numpy(dtype=float))
    np.maximum.at(tallest_m, street, height_m[building])
    limit = np.full(len(lines), rules.cascade.height_width_ratio.value)
    if weak_construction is not None and len(weak_construction):
        zones = shapely.STRtree(weak_construction.geometry.to_numpy())
        weak = np.unique(zones.query(lines, predicate="intersects")[0])
        limit[weak] = rules.cascade.weak_height_width_ratio.value
    exposed: Bools = tallest_m >= limit * width_m
    return exposed


def blocked_streets(exposed: Ints, share_ratio: float, *, seed: int, draw: int) -> Ints:
    """Return the streets a draw blocks: the first ``share_ratio`` of ``exposed`` in its order."""
    order = np.random.default_rng([seed, draw]).permutation(exposed)
    n_blocked = int(np.floor(share_ratio * len(exposed) + 0.5))
    return order[:n_blocked]


def closed_by_fire(graph: EvacGraph, ring: BaseGeometry) -> Bools:
    """Return the arcs that lead into or across ``ring`` (its edge included) from outside."""
    shapely.prepare(ring)
    start = graph.node_xy[graph.arc_from]
    ways = shapely.linestrings(np.stack([start, graph.node_xy[graph.arc_to]], axis=1))
    outside = ~shapely.intersects_xy(ring, start[:, 0], start[:, 1])
    closed: Bools = outside & shapely.intersects(ways, ring)
    return closed


def cascade(
    tree: EvacTree,
    people: People,
    exposed: Bools,
    *,
    arrival_s: float,
    blocked_share_ratio: float,
    n_draws: int,
    seed: int,
    ring: BaseGeometry | None = None,
) -> Cascade:
    """Return late people over ``n_draws`` earthquakes, each with the fire ring closed.

    Parameters
    ----------
    tree, people
        The network as it stands and who walks on it.
    exposed
        Of each street of the layer, whether rubble may block it.
    arrival_s
        Seconds from the earthquake to the first wave.
    blocked_share_ratio
        Share of the exposed streets of the network that is blocked.
    n_draws, seed
        How many earthquakes, and which.
    ring
        Where the tank fire lets nobody in; None without a fire.
    """
    link = np.asarray(tree.graph.arc_link, dtype=np.int64)
    of_network = np.unique(link[link >= 0])
    at_risk = of_network[exposed[of_network]]
    fire = np.zeros(len(link), np.bool_) if ring is None else closed_by_fire(tree.graph, ring)
    closes = closes_with_its_street(tree.graph)
    inhab = np.asarray(people.inhab, dtype=float)
    n_late = np.zeros(len(inhab))
    rows = []
    for draw in range(n_draws):
        blocked = blocked_streets(at_risk, blocked_share_ratio, seed=seed, draw=draw)
        is_blocked = np.zeros(len(exposed) + 1, dtype=np.bool_)
        is_blocked[blocked] = True  # the last place is of arcs on no street
        total_s = arrival_times_s(people, tree.times_without(fire | (closes & is_blocked[link])))
        late = total_s > arrival_s
        n_late += late
        no_way = float(inhab[np.isinf(total_s)].sum())
        rows.append((len(blocked), float(inhab[late].sum()), no_way))
    fire_s = arrival_times_s(people, tree.times_without(fire))
    return Cascade(
        draws=pd.DataFrame(rows, columns=["blocked_streets", "late_inhab", "no_way_inhab"]),
        late_ratio=n_late / max(n_draws, 1),
        base_late_inhab=float(inhab[arrival_times_s(people, tree.time_s) > arrival_s].sum()),
        fire_late_inhab=float(inhab[fire_s > arrival_s].sum()),
        n_exposed=len(at_risk),
    )

"""Where a new stair or link would bring most people to safety in time.

A candidate joins two points of the streets by a straight way no longer and no steeper than a stair
may be, across no building, and is worth looking at where it meets safe ground, climbs steep ground
or cuts a long way round. Every candidate is valued exactly: all times with it built
(`ilo_geo.hazards.evacuation.retime`). Its seconds come from the formula and surface factors that
streets and stairs already on the map have, so that a copy of one gains nothing; it is a stair where
it is steeper than a ramp, else a path. Ground between its ends is taken as an even slope.

Of ``k`` links the best one is built first, all others are valued anew, and so on (greedy). Two
links in a row may save people where either alone saves none, so people saved are *not* submodular
and greedy has no guarantee; the only bound that is proved is the people saved if every candidate
were built (building more never lengthens a time), and the gap to it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures_rules import measure_rules
from ilo_geo.hazards.evacuation.retime import S_PER_MIN
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import PeopleByNode
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.retime import people_by_node
from ilo_geo.hazards.evacuation.retime_search import saved_by_each
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.surfaces import STAIRS
from ilo_geo.hazards.evacuation.surfaces import STREET
from ilo_geo.hazards.evacuation.surfaces import surfaces

# the street a link is part of when it is on no map yet
NEW_LINK = -1


@dataclass(frozen=True)
class LinkCandidates:
    """Ways that could be built, usable both ways.

    Attributes
    ----------
    lower, upper
        Nodes a link joins; ``upper`` is nearer to safety in time.
    up_s, down_s
        Seconds from ``lower`` to ``upper`` and back.
    length_m, rise_m
        Length on the map, and elevation of ``upper`` less that of ``lower``.
    is_stair
        Steeper than a ramp.
    """

    lower: Ints
    upper: Ints
    up_s: Floats
    down_s: Floats
    length_m: Floats
    rise_m: Floats
    is_stair: Bools

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.lower)

    def of(self, chosen: Ints | Bools) -> LinkCandidates:
        """Return some of the candidates."""
        return LinkCandidates(
            self.lower[chosen],
            self.upper[chosen],
            self.up_s[chosen],
            self.down_s[chosen],
            self.length_m[chosen],
            self.rise_m[chosen],
            self.is_stair[chosen],
        )


@dataclass(frozen=True)
class NewLinks:
    """The links chosen, in order.

    Attributes
    ----------
    candidates, chosen
        What could be built, and which of it to build, best first.
    saved_inhab
        People each adds who are then in time, given those before it.
    saved_alone_inhab
        People each would save if it were the only one.
    all_saved_inhab
        Upper bound of any choice: people saved if every candidate were built.
    tree
        The network with the chosen links built.
    """

    candidates: LinkCandidates
    chosen: Ints
    saved_inhab: Floats
    saved_alone_inhab: Floats
    all_saved_inhab: float
    tree: EvacTree

    @property
    def gap_inhab(self) -> float:
        """Return how many more people another choice could save at most (proved)."""
        return self.all_saved_inhab - float(self.saved_inhab.sum())

    def table(self, crs: object) -> gpd.GeoDataFrame:
        """Return the chosen links as lines, best first."""
        links = self.candidates.of(self.chosen)
        xy = self.tree.graph.node_xy
        lines = shapely.linestrings(np.stack([xy[links.lower], xy[links.upper]], axis=1))
        table = pd.DataFrame(
            {
                "rank": np.arange(1, len(links) + 1),
                "kind": np.where(links.is_stair, "stairs", "path"),
                "saved_inhab": self.saved_inhab,
                "saved_alone_inhab": self.saved_alone_inhab,
                "length_m": links.length_m,
                "rise_m": links.rise_m,
                "slope_ratio": np.abs(links.rise_m) / links.length_m,
                "walk_min": links.up_s / S_PER_MIN,
                "from_node": links.lower,
                "to_node": links.upper,
            }
        )
        return gpd.GeoDataFrame(table, geometry=lines, crs=crs)


def link_candidates(
    tree: EvacTree,
    *,
    max_length_m: float,
    obstacles: Iterable[gpd.GeoDataFrame | None] = (),
) -> LinkCandidates:
    """Return every link worth valuing.

    Both ends lie on streets (or the upper one on safe ground beside one), not farther apart than
    ``max_length_m`` and with a slope a stair can have. The link must shorten the time of its lower
    end, and either end on safe ground, be steeper than a ramp, or save a long way round: today's
    way to safety from the lower end, less that from the upper, is at least the detour ratio times
    the link (a lower bound of the true ratio, as the way round to the upper end is no shorter).
    """
    graph, rules = tree.graph, measure_rules().new_links
    nodes = np.flatnonzero(graph.is_street_node)
    pairs = KDTree(graph.node_xy[nodes]).query_pairs(max_length_m, output_type="ndarray")
    pairs = nodes[pairs.reshape(-1, 2)]
    slower = tree.time_s[pairs[:, 0]] >= tree.time_s[pairs[:, 1]]
    lower = np.where(slower, pairs[:, 0], pairs[:, 1])
    upper = np.where(slower, pairs[:, 1], pairs[:, 0])
    found = _links(graph, lower, upper)
    with np.errstate(invalid="ignore"):
        today_s = tree.time_s[lower] - tree.time_s[upper]
    slope = np.abs(found.rise_m) / np.maximum(found.length_m, np.finfo(float).tiny)
    worth = (
        graph.safe[upper] | found.is_stair | (today_s >= rules.min_detour_ratio.value * found.up_s)
    )
    feasible = (found.length_m > 0) & (slope <= rules.max_slope_ratio.value)
    kept = found.of(np.flatnonzero(feasible & worth & (today_s > found.up_s)))
    return kept.of(_clear(graph, kept, obstacles))


def _links(graph: EvacGraph, lower: Ints, upper: Ints) -> LinkCandidates:
    length_m = np.hypot(*(graph.node_xy[upper] - graph.node_xy[lower]).T)
    rise_m = graph.node_elevation_m[upper] - graph.node_elevation_m[lower]
    slope = np.abs(rise_m) / np.maximum(length_m, np.finfo(float).tiny)
    is_stair = slope >= measure_rules().new_links.steep_slope_ratio.value
    factors = surfaces().factors
    up_s, down_s = (
        walk_seconds(
            length_m,
            sign * rise_m,
            speed_m_s=graph.speed_m_s,
            factor=np.where(is_stair, factors[STAIRS], factors[STREET]),
            formulation=graph.formulation,
        )
        for sign in (1, -1)
    )
    return LinkCandidates(lower, upper, up_s, down_s, length_m, rise_m, is_stair)


def _clear(
    graph: EvacGraph, links: LinkCandidates, obstacles: Iterable[gpd.GeoDataFrame | None]
) -> Bools:
    """Return which links cross no obstacle."""
    ends = np.stack([graph.node_xy[links.lower], graph.node_xy[links.upper]], axis=1)
    lines = shapely.linestrings(ends)
    clear = np.ones(len(links), dtype=np.bool_)
    for frame in obstacles:
        if frame is not None and len(frame):
            standing = shapely.STRtree(frame.geometry.to_numpy())
            clear[standing.query(lines, predicate="intersects")[0]] = False
    return clear


def with_links(graph: EvacGraph, links: LinkCandidates) -> EvacGraph:
    """Return the graph with ``links`` built, both ways."""
    return replace(
        graph,
        arc_from=np.concatenate([graph.arc_from, links.lower, links.upper]),
        arc_to=np.concatenate([graph.arc_to, links.upper, links.lower]),
        arc_s=np.concatenate([graph.arc_s, links.up_s, links.down_s]),
        arc_length_m=np.concatenate([graph.arc_length_m, links.length_m, links.length_m]),
        arc_link=np.concatenate([graph.arc_link, np.full(2 * len(links), NEW_LINK)]),
    )


def people_saved(
    tree: EvacTree, people: PeopleByNode, links: LinkCandidates, *, arrival_s: float
) -> Floats:
    """Return for each link alone the people late today who would be in time with it."""
    return saved_by_each(
        tree.arcs,
        tree.rows,
        tree.time_s,
        (links.lower, links.upper, links.up_s, links.down_s),
        (people.ptr, people.inhab, people.delay_s),
        arrival_s,
    )


def choose_links(
    tree: EvacTree,
    people: People,
    candidates: LinkCandidates,
    *,
    n_links: int,
    arrival_s: float,
) -> NewLinks:
    """Return the ``n_links`` chosen one after the other; fewer where no more people are saved."""
    by_node = people_by_node(people, tree.graph.n_nodes)
    alone = people_saved(tree, by_node, candidates, arrival_s=arrival_s)
    everything = evac_tree(with_links(tree.graph, candidates))
    bound = saved_inhab(by_node, tree.time_s, everything.time_s, arrival_s)
    chosen: list[int] = []
    gains: list[float] = []
    built, gain = tree, alone
    while len(chosen) < n_links and len(gain) and gain.max() > 0:
        # equal gains: the shortest link, then the first
        best = int(np.lexsort((candidates.length_m, -gain))[0])
        chosen.append(best)
        gains.append(float(gain[best]))
        built = evac_tree(with_links(tree.graph, candidates.of(np.array(chosen))))
        gain = people_saved(built, by_node, candidates, arrival_s=arrival_s)
    order = np.array(chosen, dtype=np.int64)
    return NewLinks(candidates, order, np.array(gains), alone[order], bound, built)


def saved_inhab(people: PeopleByNode, old_s: Floats, new_s: Floats, arrival_s: float) -> float:
    """Return the people late with the old times and in time with the new."""
    node = np.repeat(np.arange(len(old_s)), np.diff(people.ptr))
    late = people.delay_s + old_s[node] > arrival_s
    in_time = people.delay_s + new_s[node] <= arrival_s
    return float(people.inhab[late & in_time].sum())

"""Times to safety after streets close or open, without searching the whole graph again.

Closing arcs can change only the nodes whose best way used one of them: the nodes *upstream* of the
cut in the tree of best ways. Each of those gets its best way through a neighbour that kept its
time, and Dijkstra's search runs among them alone. Opening arcs starts from their tails and spreads
against the arcs while times fall. Both give what a full search gives (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.hazards.evacuation.graph import NO_LINK
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime_search import close
from ilo_geo.hazards.evacuation.times import times_to_safety_s

S_PER_MIN = 60.0


@dataclass(frozen=True)
class EvacTree:
    """The best ways to safety of a graph, ready to be changed.

    Attributes
    ----------
    graph
        The network.
    time_s, next_arc
        Of each node, as `times_to_safety_s` gives them.
    """

    graph: EvacGraph
    time_s: Floats
    next_arc: Ints

    @cached_property
    def rows(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return ``out_ptr, out_arc, in_ptr, in_arc``: the arcs out of and into each node."""
        return *_by_node(self.graph.arc_from, self), *_by_node(self.graph.arc_to, self)

    @cached_property
    def arcs(self) -> tuple[Ints, Ints, Floats]:
        """Return tail, head and seconds of every arc in the types the kernels are compiled for."""
        graph = self.graph
        return (
            np.ascontiguousarray(graph.arc_from, dtype=np.int64),
            np.ascontiguousarray(graph.arc_to, dtype=np.int64),
            np.ascontiguousarray(graph.arc_s, dtype=np.float64),
        )

    def times_without(self, closed: Bools) -> Floats:
        """Return the time of each node when the arcs marked ``closed`` cannot be used."""
        used = self.next_arc >= 0
        cut = np.flatnonzero(used & closed[np.where(used, self.next_arc, 0)])
        time_s = self.time_s.copy()
        affected = np.zeros(len(time_s), dtype=np.bool_)
        close(self.arcs, self.rows, self.time_s, self.next_arc, closed, cut, time_s, affected)
        return time_s


def evac_tree(graph: EvacGraph) -> EvacTree:
    """Return the best ways of every node of ``graph``."""
    time_s, next_arc = times_to_safety_s(graph)
    return EvacTree(graph, np.asarray(time_s, np.float64), np.asarray(next_arc, np.int64))


def _by_node(end: Ints, tree: EvacTree) -> tuple[Ints, Ints]:
    order = np.argsort(end, kind="stable").astype(np.int64)
    count = np.bincount(end, minlength=len(tree.time_s))
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64), order


def arrival_times_s(people: People, time_s: Floats) -> Floats:
    """Return seconds from the earthquake to safety of each group; infinite without any way."""
    node = np.asarray(people.node, dtype=np.int64)
    walk_s = np.where(node >= 0, time_s[node], np.inf)
    total: Floats = np.asarray(people.delay_s, dtype=float) + walk_s
    return total


def late_inhab(people: People, time_s: Floats, arrival_s: float) -> float:
    """Return the people not in safety at ``arrival_s``."""
    late = arrival_times_s(people, time_s) > arrival_s
    return float(np.asarray(people.inhab, dtype=float)[late].sum())


def own_link(graph: EvacGraph) -> Ints:
    """Return the street each node lies inside, -1 at crossings and off the streets.

    A node is inside a street when no other street touches it.
    """
    link = np.asarray(graph.arc_link, dtype=np.int64)
    on_street = link >= 0
    least = np.full(graph.n_nodes, np.iinfo(np.int64).max)
    most = np.full(graph.n_nodes, NO_LINK)
    np.minimum.at(least, graph.arc_from[on_street], link[on_street])
    np.maximum.at(most, graph.arc_from[on_street], link[on_street])
    own: Ints = np.where(least == most, most, NO_LINK)
    return own


def closes_with_its_street(graph: EvacGraph, *, residents_leave: bool = True) -> Bools:
    """Return the arcs that close when their street does: all, or all but those of its residents.

    With ``residents_leave`` a closed street is one nobody enters: who lives inside it still walks
    out to the next crossing. Without, they are trapped and every street is critical to its own
    residents.
    """
    link = np.asarray(graph.arc_link, dtype=np.int64)
    if not residents_leave:
        return link >= 0
    from_inside = own_link(graph)[graph.arc_from] == link
    closes: Bools = (link >= 0) & ~from_inside
    return closes


@dataclass(frozen=True)
class PeopleByNode:
    """People in the order of their nodes; those of node ``i`` are at ``ptr[i]`` to ``ptr[i+1]``.

    Attributes
    ----------
    ptr, inhab, delay_s
        Rows of people, how many each stands for, and the delay before they walk from the node.
    order
        Position of each row in the `People` given.
    """

    ptr: Ints
    inhab: Floats
    delay_s: Floats
    order: Ints


def people_by_node(people: People, n_nodes: int) -> PeopleByNode:
    """Return ``people`` sorted by node; who is on no node (-1) is left out."""
    node = np.asarray(people.node, dtype=np.int64)
    order = np.argsort(node, kind="stable")
    order = order[node[order] >= 0]
    ptr = np.searchsorted(node[order], np.arange(n_nodes + 1)).astype(np.int64)
    inhab = np.asarray(people.inhab, np.float64)[order]
    return PeopleByNode(ptr, inhab, np.asarray(people.delay_s, np.float64)[order], order)

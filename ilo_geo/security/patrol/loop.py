"""A patrol loop: from the base through the streets of most need and back within a shift.

An orienteering problem on arcs: a closed walk on the directed driving network that passes as much
need as possible in the time there is; a street counts once, in whichever direction it is driven.

Heuristic: streets are put in one by one where they give most need for the time they add, the
order is improved (`loop_search`), and streets are put in again until nothing fits. What the ways
between them pass counts too. The bound is that of the fractional knapsack: no loop can pass more
need than the streets of most need a second that fill the time, connecting ways left out.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.security.patrol.loop_search import improve
from ilo_geo.security.patrol.loop_search import insert

NO_ARC = -1
MAX_ROUNDS = 12
# rows of the matrix of times computed at once
BATCH = 128


@dataclass(frozen=True)
class ArcGraph:
    """Streets as arcs, one for each direction that may be driven.

    Attributes
    ----------
    n_nodes
        How many nodes.
    tail, head, seconds, edge
        Of each arc: its ends, the time it takes on patrol, the street it is a direction of.
    need
        Of each street.
    """

    n_nodes: int
    tail: Ints
    head: Ints
    seconds: Floats
    edge: Ints
    need: Floats

    def fastest(self) -> tuple[csr_array, csr_array]:
        """Return time and arc number (from 1) between nodes, the faster of parallel arcs."""
        order = np.lexsort((self.seconds, self.head, self.tail))
        tail, head = self.tail[order], self.head[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        kept, shape = order[first], (self.n_nodes, self.n_nodes)
        at = (self.tail[kept], self.head[kept])
        return csr_array((self.seconds[kept], at), shape=shape), csr_array(
            (kept + 1, at), shape=shape
        )


@dataclass(frozen=True)
class Loop:
    """A closed walk and how good it is.

    Attributes
    ----------
    arcs
        Arcs in the order they are driven; the first leaves the base, the last ends there.
    seconds
        Of the whole walk.
    need, bound
        Need passed, and what no walk in this time can pass.
    stopped
        Whether the user ended the search early.
    """

    arcs: Ints
    seconds: float
    need: float
    bound: float
    stopped: bool

    @property
    def gap_ratio(self) -> float:
        """Return how much more the bound leaves open, as a share of it."""
        return (self.bound - self.need) / self.bound if self.bound > 0 else 0.0


def patrol_loop(
    graph: ArcGraph,
    base: int,
    budget_s: float,
    *,
    max_segments: int,
    progress: Progress = silent,
) -> Loop:
    """Return a loop from ``base`` that passes much need within ``budget_s``.

    Parameters
    ----------
    base
        Node where the loop starts and ends.
    max_segments
        Streets that may be aimed at, the most need a second first; others count where passed.
    """
    time, number = graph.fastest()
    out_s = dijkstra(time, indices=base)
    back_s = dijkstra(csr_array(time.T), indices=base)
    round_trip_s = out_s[graph.tail] + graph.seconds + back_s[graph.head]
    usable = np.flatnonzero(round_trip_s <= budget_s)
    bound = knapsack_bound(graph, usable, budget_s)
    aims = _aims(graph, usable, max_segments)
    ends, at = np.unique(
        np.concatenate([[base], graph.tail[aims], graph.head[aims]]), return_inverse=True
    )
    between_s = _times_between(time, ends)
    tail_at, head_at = np.split(at[1:], 2)
    other = _other_direction(graph, aims)
    search = (between_s, int(at[0]), tail_at, head_at, graph.seconds[aims], other)
    visits = np.zeros(0, dtype=np.int64)
    best = _walk(graph, time, number, base, aims[visits])
    stopped = False
    try:
        for turn in range(MAX_ROUNDS):
            passed = np.isin(graph.edge[aims], graph.edge[best])
            passed[visits] = False
            worth = np.where(passed, 0.0, graph.need[graph.edge[aims]])
            visits = insert(*search, worth, visits, budget_s)
            visits = improve(*search, visits)
            walk = _walk(graph, time, number, base, aims[visits])
            better = need_of(graph, walk) > need_of(graph, best) * (1 + 1e-9)
            if better:
                best = walk
            done = (turn + 1) / MAX_ROUNDS
            progress("progress.patrol_loop", done, objective=need_of(graph, best), bound=bound)
            if not better:
                break
    except EnoughError:
        stopped = True
    return Loop(best, float(graph.seconds[best].sum()), need_of(graph, best), bound, stopped)


def need_of(graph: ArcGraph, arcs: Ints) -> float:
    """Return the need of the streets that arcs pass, each once."""
    return float(graph.need[np.unique(graph.edge[arcs])].sum())


def knapsack_bound(graph: ArcGraph, usable: Ints, budget_s: float) -> float:
    """Return the need that fills the time best when streets need no way between them."""
    edges, of_arc = np.unique(graph.edge[usable], return_inverse=True)
    seconds = np.full(len(edges), np.inf)
    np.minimum.at(seconds, of_arc, graph.seconds[usable])
    need = graph.need[edges]
    order = np.argsort(-need / seconds, kind="stable")
    used_s = np.cumsum(seconds[order])
    share = np.clip((budget_s - (used_s - seconds[order])) / seconds[order], 0.0, 1.0)
    return float((share * need[order]).sum())


def _aims(graph: ArcGraph, usable: Ints, max_segments: int) -> Ints:
    """Return the arcs of the streets with most need a second, streets without need left out."""
    arcs = usable[graph.need[graph.edge[usable]] > 0]
    worth = graph.need[graph.edge[arcs]] / graph.seconds[arcs]
    edges = graph.edge[arcs[np.argsort(-worth, kind="stable")]]
    _, first = np.unique(edges, return_index=True)
    chosen = edges[np.sort(first)][:max_segments]
    return arcs[np.isin(graph.edge[arcs], chosen)]


def _other_direction(graph: ArcGraph, aims: Ints) -> Ints:
    """Return the position in ``aims`` of the same street driven the other way, -1 for none."""
    order = np.argsort(graph.edge[aims], kind="stable")
    edge = graph.edge[aims][order]
    other = np.full(len(aims), NO_ARC, dtype=np.int64)
    same = np.flatnonzero(edge[1:] == edge[:-1])
    other[order[same]], other[order[same + 1]] = order[same + 1], order[same]
    return other


def _times_between(time: csr_array, nodes: Ints) -> Floats:
    """Return the shortest times from each of ``nodes`` to each."""
    batches = [
        dijkstra(time, indices=nodes[first : first + BATCH])[:, nodes]
        for first in range(0, len(nodes), BATCH)
    ]
    times: Floats = np.concatenate(batches)
    return times


def _walk(graph: ArcGraph, time: csr_array, number: csr_array, base: int, visits: Ints) -> Ints:
    """Return every arc from the base through ``visits`` in order, and back."""
    starts = np.concatenate([[base], graph.head[visits]])
    aims = np.concatenate([graph.tail[visits], [base]])
    own = np.append(visits, NO_ARC)
    arcs: list[int] = []
    for first in range(0, len(starts), BATCH):
        batch = slice(first, first + BATCH)
        _, before = dijkstra(time, indices=starts[batch], return_predecessors=True)
        for row, (start, aim, arc) in enumerate(
            zip(starts[batch], aims[batch], own[batch], strict=True)
        ):
            way = [int(aim)]
            while way[-1] != start:
                way.append(int(before[row, way[-1]]))
            nodes = way[::-1]
            arcs += [int(number[a, b]) - 1 for a, b in itertools.pairwise(nodes)]
            if arc != NO_ARC:
                arcs.append(int(arc))
    return np.array(arcs, dtype=np.int64)

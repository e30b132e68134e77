"""Seconds from every node to safety along the best directed way.

Dijkstra's algorithm from all safe nodes at once over the arcs turned round, with a binary heap and
lazy deletion. Arc seconds are not negative by construction, so the times are exact up to the
rounding of sums.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt
from numba import njit

from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.speeds import Floats

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NO_ARC = -1


def times_to_safety_s(
    graph: EvacGraph,
    *,
    arc_s: Floats | None = None,
    closed_arc: Bools | None = None,
) -> tuple[Floats, Ints]:
    """Return for each node the seconds to the nearest safe node, and the arc to take.

    Parameters
    ----------
    graph
        The graph of people.
    arc_s
        Seconds of each arc instead of those of ``graph``; not negative.
    closed_arc
        Arcs that cannot be walked.

    Returns
    -------
    time_s, next_arc
        Infinite where no way leads to safety; ``next_arc`` is -1 there and at safe nodes.
    """
    seconds = np.asarray(graph.arc_s if arc_s is None else arc_s, dtype=np.float64)
    if closed_arc is not None:
        seconds = np.where(closed_arc, np.inf, seconds)
    return _search(*graph.arcs_in, graph.arc_from, seconds, graph.safe)


@njit(cache=True, nogil=True)
def _search(
    indptr: Ints, arc_into: Ints, arc_from: Ints, arc_s: Floats, safe: Bools
) -> tuple[Floats, Ints]:
    n_nodes = len(safe)
    time_s = np.full(n_nodes, np.inf)
    next_arc = np.full(n_nodes, -1, np.int64)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for start in np.flatnonzero(safe):
        time_s[start] = 0.0
        heap.append((0.0, np.int64(start)))  # equal times are a heap as they are
    while heap:
        walked_s, node = heapq.heappop(heap)
        if walked_s > time_s[node]:
            continue  # a shorter way was found after this entry
        for position in range(indptr[node], indptr[node + 1]):
            arc = arc_into[position]
            before, way_s = arc_from[arc], walked_s + arc_s[arc]
            if way_s < time_s[before]:
                time_s[before], next_arc[before] = way_s, arc
                heapq.heappush(heap, (way_s, before))
    return time_s, next_arc

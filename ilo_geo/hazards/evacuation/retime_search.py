"""Compiled searches behind `ilo_geo.hazards.evacuation.retime` and what is counted with them.

They stand in one file because a compiled function kept on disk is renewed when its own file
changes, not when a file it calls into does. ``arcs`` are tail, head and seconds of every arc,
``rows`` the arcs out of and into each node (`EvacTree.rows`), ``people`` first row of each node,
inhabitants and delay of each row (`PeopleByNode`).
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints


@njit(cache=True, nogil=True)
def close(
    arcs: tuple[Ints, Ints, Floats],
    rows: tuple[Ints, Ints, Ints, Ints],
    old_s: Floats,
    next_arc: Ints,
    closed: Bools,
    cut: Ints,
    new_s: Floats,
    affected: Bools,
) -> Ints:
    """Write into ``new_s`` (``old_s`` before) the times without ``closed``; return whose changed.

    ``cut`` are the nodes whose own next arc is closed. ``affected`` is False everywhere before and
    True at the returned nodes after; the caller resets both arrays there to use them again.
    """
    tail, head, seconds = arcs
    out_ptr, out_arc, in_ptr, in_arc = rows
    found = _upstream(tail, in_ptr, in_arc, next_arc, cut, affected)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for node in found:
        best_s = np.inf
        for k in range(out_ptr[node], out_ptr[node + 1]):
            arc = out_arc[k]
            if not closed[arc] and not affected[head[arc]]:
                best_s = min(best_s, old_s[head[arc]] + seconds[arc])
        new_s[node] = best_s
        if best_s < np.inf:
            heapq.heappush(heap, (best_s, node))
    while heap:
        reached_s, node = heapq.heappop(heap)
        if reached_s > new_s[node]:
            continue
        for k in range(in_ptr[node], in_ptr[node + 1]):
            arc = in_arc[k]
            up = tail[arc]
            if affected[up] and not closed[arc] and reached_s + seconds[arc] < new_s[up]:
                new_s[up] = reached_s + seconds[arc]
                heapq.heappush(heap, (new_s[up], up))
    return found


@njit(cache=True, nogil=True)
def _upstream(
    tail: Ints, in_ptr: Ints, in_arc: Ints, next_arc: Ints, cut: Ints, affected: Bools
) -> Ints:
    """Mark and return ``cut`` and every node whose best way leads through one of them."""
    found = [np.int64(0) for _ in range(0)]
    for node in cut:
        affected[node] = True
        found.append(node)
    at = 0
    while at < len(found):
        node = found[at]
        at += 1
        for k in range(in_ptr[node], in_ptr[node + 1]):
            up = tail[in_arc[k]]
            if next_arc[up] == in_arc[k] and not affected[up]:
                affected[up] = True
                found.append(up)
    return np.array(found)


@njit(cache=True, nogil=True)
def open_arc(
    arcs: tuple[Ints, Ints, Floats],
    rows: tuple[Ints, Ints, Ints, Ints],
    u: int,
    v: int,
    uv_s: float,
    time_s: Floats,
    changed: Bools,
) -> Ints:
    """Lower ``time_s`` in place by an added arc from ``u`` to ``v``; return the nodes that gained.

    ``changed`` is marked at the returned nodes.
    """
    tail, seconds = arcs[0], arcs[2]
    in_ptr, in_arc = rows[2], rows[3]
    found = [np.int64(0) for _ in range(0)]
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    if time_s[v] + uv_s < time_s[u]:
        time_s[u] = time_s[v] + uv_s
        heapq.heappush(heap, (time_s[u], np.int64(u)))
    while heap:
        reached_s, node = heapq.heappop(heap)
        if reached_s > time_s[node]:
            continue
        if not changed[node]:
            changed[node] = True
            found.append(node)
        for k in range(in_ptr[node], in_ptr[node + 1]):
            arc = in_arc[k]
            up = tail[arc]
            if reached_s + seconds[arc] < time_s[up]:
                time_s[up] = reached_s + seconds[arc]
                heapq.heappush(heap, (time_s[up], up))
    return np.array(found)


@njit(cache=True, nogil=True)
def losses(
    arcs: tuple[Ints, Ints, Floats],
    rows: tuple[Ints, Ints, Ints, Ints],
    time_s: Floats,
    next_arc: Ints,
    cuts: tuple[Ints, Ints],
    link_arcs: tuple[Ints, Ints],
    people: tuple[Ints, Floats, Floats],
    arrival_s: float,
) -> Floats:
    """Close one link after the other; return using, extra late, no way and median loss of each."""
    cut_node, bounds = cuts
    arc_at, arc_ptr = link_arcs
    figures = np.zeros((len(bounds) - 1, 4))
    closed = np.zeros(len(arcs[0]), np.bool_)
    affected = np.zeros(len(time_s), np.bool_)
    new_s = time_s.copy()
    for i in range(len(bounds) - 1):
        of_link = arc_at[arc_ptr[0, i] : arc_ptr[1, i]]
        closed[of_link] = True
        cut = cut_node[bounds[i] : bounds[i + 1]]
        nodes = close(arcs, rows, time_s, next_arc, closed, cut, new_s, affected)
        figures[i] = _count(nodes, time_s, new_s, people, arrival_s)
        closed[of_link] = False
        for node in nodes:
            new_s[node], affected[node] = time_s[node], False
    return figures


@njit(cache=True, nogil=True)
def _count(
    nodes: Ints,
    old_s: Floats,
    new_s: Floats,
    people: tuple[Ints, Floats, Floats],
    arrival_s: float,
) -> Floats:
    ptr, inhab, delay_s = people
    using, late, no_way = 0.0, 0.0, 0.0
    loss_s = [0.0 for _ in range(0)]
    weight = [0.0 for _ in range(0)]
    for node in nodes:
        for row in range(ptr[node], ptr[node + 1]):
            using += inhab[row]
            if delay_s[row] + old_s[node] <= arrival_s < delay_s[row] + new_s[node]:
                late += inhab[row]
            if new_s[node] == np.inf:
                no_way += inhab[row]
            else:
                loss_s.append(new_s[node] - old_s[node])
                weight.append(inhab[row])
    return np.array([using, late, no_way, _weighted_median(np.array(loss_s), np.array(weight))])


@njit(cache=True, nogil=True)
def _weighted_median(values: Floats, weight: Floats) -> float:
    """Return the least value that at least half the weight does not exceed; NaN of none."""
    order = np.argsort(values)
    half, so_far = weight.sum() / 2, 0.0
    for i in order:
        so_far += weight[i]
        if so_far >= half and weight[i] > 0:
            return float(values[i])
    return np.nan


@njit(cache=True, nogil=True)
def saved_by_each(
    arcs: tuple[Ints, Ints, Floats],
    rows: tuple[Ints, Ints, Ints, Ints],
    old_s: Floats,
    links: tuple[Ints, Ints, Floats, Floats],
    people: tuple[Ints, Floats, Floats],
    arrival_s: float,
) -> Floats:
    """Return for each link alone the people late with ``old_s`` and in time with it."""
    lower, upper, up_s, down_s = links
    ptr, inhab, delay_s = people
    saved = np.zeros(len(lower))
    new_s = old_s.copy()
    changed = np.zeros(len(old_s), np.bool_)
    for i in range(len(lower)):
        # of the two directions one at most shortens anything
        for way in range(2):
            u, v = (lower[i], upper[i]) if way == 0 else (upper[i], lower[i])
            uv_s = up_s[i] if way == 0 else down_s[i]
            for node in open_arc(arcs, rows, u, v, uv_s, new_s, changed):
                for row in range(ptr[node], ptr[node + 1]):
                    late = delay_s[row] + old_s[node] > arrival_s
                    if late and delay_s[row] + new_s[node] <= arrival_s:
                        saved[i] += inhab[row]
                new_s[node], changed[node] = old_s[node], False
    return saved

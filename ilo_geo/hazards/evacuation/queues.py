"""The queues of `ilo_geo.hazards.evacuation.congestion`, event by event.

A *piece* holds people in the order they came in and lets them out at its end. Pieces ``0 … n - 1``
are next arcs of nodes, ``n … 2n - 1`` the doors of the people who start there.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints

# place of who is not in a queue; where a piece leads that ends on safe ground
NOBODY, OUT = -1, -1


class _Pieces(NamedTuple):
    """What a piece is, and the queue in it now (linked lists of agents and of blocked pieces)."""

    onto: Ints
    free_s: Floats
    headway_s: Floats
    storage: Floats
    first: Ints
    last: Ints
    first_walking: Ints
    inside: Ints
    queued: Ints
    open_s: Floats
    blocked_first: Ints
    blocked_last: Ints
    blocked_next: Ints
    queue_max: Ints
    waited_s: Floats
    passed: Ints


class _Walkers(NamedTuple):
    """Where each agent is in its queue, and when."""

    behind: Ints
    ready_s: Floats
    left_s: Floats
    arrived_s: Floats


def run(
    onto: Ints,
    free_s: Floats,
    headway_s: Floats,
    storage: Floats,
    door: Ints,
    start_s: Floats,
    samples_s: Floats,
) -> tuple[Floats, Floats, Ints, Ints, Floats, Ints]:
    """Put the agents (sorted by door and start) behind their doors and run to the last sample."""
    n, n_agents = len(onto), len(door)
    nobody, zero = np.full(n, NOBODY), np.zeros(n, np.int64)
    opens = np.flatnonzero(np.diff(door, prepend=-1))
    first, last, inside = nobody.copy(), nobody.copy(), zero.copy()
    first[door[opens]] = opens
    last[door[opens]] = np.append(opens[1:], n_agents)[: len(opens)] - 1
    inside[door[opens]] = last[door[opens]] - opens + 1
    behind = np.arange(1, n_agents + 1)
    behind[last[door[opens]]] = NOBODY
    pieces = _Pieces(
        onto=onto,
        free_s=free_s,
        headway_s=headway_s,
        storage=storage,
        first=first,
        last=last,
        first_walking=first.copy(),
        inside=inside,
        queued=zero.copy(),
        open_s=np.zeros(n),
        blocked_first=nobody.copy(),
        blocked_last=nobody.copy(),
        blocked_next=nobody.copy(),
        queue_max=zero.copy(),
        waited_s=np.zeros(n),
        passed=zero.copy(),
    )
    never = np.full(n_agents, np.inf)
    walkers = _Walkers(behind, start_s.copy(), never.copy(), never.copy())
    counts = _play(pieces, walkers, door[opens], samples_s)
    return (
        walkers.left_s,
        walkers.arrived_s,
        counts,
        pieces.queue_max,
        pieces.waited_s,
        pieces.passed,
    )


@njit(cache=True, nogil=True)
def _play(pieces: _Pieces, walkers: _Walkers, doors: Ints, samples_s: Floats) -> Ints:
    """Play all events in order of time; return who waits, walks and has arrived at each sample."""
    counts = np.zeros((len(samples_s), 3), np.int64)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    for door in doors:
        heapq.heappush(heap, (walkers.ready_s[pieces.first[door]], door))
    n_nodes = len(pieces.onto) // 2
    arrived = 0
    for sample in range(len(samples_s)):
        while heap and heap[0][0] <= samples_s[sample]:
            now_s, piece = heapq.heappop(heap)
            arrived += _release(pieces, walkers, heap, piece, now_s)
        counts[sample, 0] = pieces.inside[n_nodes:].sum()
        counts[sample, 1] = pieces.inside[:n_nodes].sum()
        counts[sample, 2] = arrived
    for stuck in np.arange(2 * n_nodes):
        _count_queue(pieces, walkers, stuck, samples_s[-1])
        agent = pieces.first[stuck]
        while agent != NOBODY and walkers.ready_s[agent] < samples_s[-1]:
            pieces.waited_s[stuck] += samples_s[-1] - walkers.ready_s[agent]
            agent = walkers.behind[agent]
    return counts


@njit(cache=True, nogil=True)
def _release(
    pieces: _Pieces,
    walkers: _Walkers,
    heap: list[tuple[float, np.int64]],
    piece: np.int64,
    now_s: float,
) -> int:
    """Let the first of ``piece`` out, then whoever waited for its room; return who got safe."""
    arrived = 0
    while piece != NOBODY:
        onto = pieces.onto[piece]
        if onto != OUT and pieces.inside[onto] >= pieces.storage[onto]:
            _block(pieces, piece, onto)
            break
        _count_queue(pieces, walkers, piece, now_s)
        agent = pieces.first[piece]
        _take_out(pieces, walkers, piece, agent, now_s)
        if piece >= len(pieces.onto) // 2:
            walkers.left_s[agent] = now_s
        if onto == OUT:
            walkers.arrived_s[agent] = now_s
            arrived += 1
        else:
            _put_in(pieces, walkers, heap, onto, agent, now_s)
        heir = pieces.first[piece]
        if heir != NOBODY:
            heapq.heappush(heap, (max(walkers.ready_s[heir], pieces.open_s[piece]), piece))
        waiting = pieces.blocked_first[piece]
        if waiting != NOBODY:
            pieces.blocked_first[piece] = pieces.blocked_next[waiting]
        piece = waiting
    return arrived


@njit(cache=True, nogil=True)
def _block(pieces: _Pieces, piece: np.int64, onto: np.int64) -> None:
    """Line ``piece`` up behind the others that wait for room in ``onto``."""
    pieces.blocked_next[piece] = NOBODY
    if pieces.blocked_first[onto] == NOBODY:
        pieces.blocked_first[onto] = piece
    else:
        pieces.blocked_next[pieces.blocked_last[onto]] = piece
    pieces.blocked_last[onto] = piece


@njit(cache=True, nogil=True)
def _count_queue(pieces: _Pieces, walkers: _Walkers, piece: np.int64, now_s: float) -> None:
    """Count who has reached the end of ``piece`` and waits; queues are longest at such moments."""
    agent = pieces.first_walking[piece]
    while agent != NOBODY and walkers.ready_s[agent] < now_s:
        pieces.queued[piece] += 1
        agent = walkers.behind[agent]
    pieces.first_walking[piece] = agent
    pieces.queue_max[piece] = max(pieces.queue_max[piece], pieces.queued[piece])


@njit(cache=True, nogil=True)
def _take_out(
    pieces: _Pieces, walkers: _Walkers, piece: np.int64, agent: np.int64, now_s: float
) -> None:
    if pieces.first_walking[piece] == agent:
        pieces.first_walking[piece] = walkers.behind[agent]
    else:
        pieces.queued[piece] -= 1
    pieces.first[piece] = walkers.behind[agent]
    pieces.inside[piece] -= 1
    pieces.open_s[piece] = now_s + pieces.headway_s[piece]
    pieces.waited_s[piece] += now_s - walkers.ready_s[agent]
    pieces.passed[piece] += 1


@njit(cache=True, nogil=True)
def _put_in(
    pieces: _Pieces,
    walkers: _Walkers,
    heap: list[tuple[float, np.int64]],
    piece: np.int64,
    agent: np.int64,
    now_s: float,
) -> None:
    walkers.ready_s[agent] = now_s + pieces.free_s[piece]
    walkers.behind[agent] = NOBODY
    if pieces.first[piece] == NOBODY:
        pieces.first[piece] = agent
        free_s = max(walkers.ready_s[agent], pieces.open_s[piece])
        heapq.heappush(heap, (free_s, piece))
    else:
        walkers.behind[pieces.last[piece]] = agent
    if pieces.first_walking[piece] == NOBODY:
        pieces.first_walking[piece] = agent
    pieces.last[piece] = agent
    pieces.inside[piece] += 1

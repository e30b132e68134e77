"""Better choices by exchanging one site for another, with a memory of what was just moved.

For each site the weight it would add (gain), for each chosen one the weight only it covers (loss),
and for each pair what both share of it (shared) are kept up to date, so that the best of all p × m
exchanges is found by one scan of ``gain + shared − loss`` (the fast interchange of Resende and
Werneck 2007 for the p-median, carried over to coverage: a place changes the figures only when the
number of chosen sites that reach it passes between 0, 1 and 2). The best exchange is made even if
it loses; what moved may not move back for a while (tabu search, Glover 1989), except to a new
record, and after a dry spell a few random exchanges lead elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.mclp.cover import Indices

# exchanges for which a site put out, or the slot of one put in, is left alone; up to twice as many
STAY_OUT = 20
STAY_IN = 5
# exchanges without a record before random ones are made, and how many of these
PATIENCE = 500
KICKS = 8


@dataclass(frozen=True)
class Walk:
    """Where a search came by: the best choice and the last one, as positions of sites."""

    best: Indices
    last: Indices


def greedy(cover: Cover, count: int) -> Indices:
    """Return ``count`` sites, each the one that adds most to those before it.

    A gain only shrinks, so it is computed anew only while it looks largest (Minoux 1978).
    """
    return np.asarray(_greedy(cover.site_start, cover.site_place, cover.weight, count))


def walk(cover: Cover, chosen: Indices, n_exchanges: int, seed: int) -> Walk:
    """Return where ``n_exchanges`` exchanges lead from ``chosen``, drawing from ``seed``."""
    state = np.random.default_rng(seed).integers(1, 2**63, 1, dtype=np.uint64)
    best, last = _walk(
        cover.site_start,
        cover.site_place,
        cover.place_start,
        cover.place_site,
        cover.weight,
        chosen.astype(np.int64),
        n_exchanges,
        state,
    )
    return Walk(best.astype(np.int32), last.astype(np.int32))


@njit(cache=True, nogil=True)
def _greedy(site_start, site_place, weight, count):  # type: ignore[no-untyped-def]
    n = len(site_start) - 1
    covered = np.zeros(len(weight), np.bool_)
    gain = np.zeros(n)
    for j in range(n):
        for a in range(site_start[j], site_start[j + 1]):
            gain[j] += weight[site_place[a]]
    fresh = np.zeros(n, np.int64)
    out = np.empty(count, np.int32)
    for k in range(count):
        while True:
            best = np.argmax(gain)
            if fresh[best] == k:
                break
            gain[best] = 0.0
            for a in range(site_start[best], site_start[best + 1]):
                if not covered[site_place[a]]:
                    gain[best] += weight[site_place[a]]
            fresh[best] = k
        out[k] = best
        gain[best] = -1.0
        for a in range(site_start[best], site_start[best + 1]):
            covered[site_place[a]] = True
    return out


@njit(cache=True, nogil=True)
def _gains(rows):  # type: ignore[no-untyped-def]
    """Return the weight each site reaches."""
    site_start, site_place, _, _, weight = rows
    gain = np.zeros(len(site_start) - 1)
    for j in range(len(gain)):
        for a in range(site_start[j], site_start[j + 1]):
            gain[j] += weight[site_place[a]]
    return gain


@njit(cache=True, nogil=True)
def _draw(state, n):  # type: ignore[no-untyped-def]
    """Return a number below ``n`` (xorshift64)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return np.int64(x % np.uint64(n))


@njit(cache=True, nogil=True)
def _put_in(j, slot, rows, number, owner, gain, loss, shared):  # type: ignore[no-untyped-def]
    site_start, site_place, place_start, place_site, weight = rows
    for a in range(site_start[j], site_start[j + 1]):
        i = site_place[a]
        w = weight[i]
        if number[i] == 0:
            loss[slot] += w
            for b in range(place_start[i], place_start[i + 1]):
                gain[place_site[b]] -= w
                shared[slot, place_site[b]] += w
        elif number[i] == 1:
            only = owner[i]
            loss[only] -= w
            for b in range(place_start[i], place_start[i + 1]):
                shared[only, place_site[b]] -= w
        number[i] += 1
        # a sum of slots: with one site left it is that site's slot
        owner[i] += slot


@njit(cache=True, nogil=True)
def _put_out(j, slot, rows, number, owner, gain, loss, shared):  # type: ignore[no-untyped-def]
    site_start, site_place, place_start, place_site, weight = rows
    for a in range(site_start[j], site_start[j + 1]):
        i = site_place[a]
        w = weight[i]
        number[i] -= 1
        owner[i] -= slot
        if number[i] == 0:
            loss[slot] -= w
            for b in range(place_start[i], place_start[i + 1]):
                gain[place_site[b]] += w
                shared[slot, place_site[b]] -= w
        elif number[i] == 1:
            only = owner[i]
            loss[only] += w
            for b in range(place_start[i], place_start[i + 1]):
                shared[only, place_site[b]] += w


@njit(cache=True, nogil=True)
def _best_exchange(now, record, value, gain, loss, shared, slot_of, out_until, in_until):  # type: ignore[no-untyped-def]
    best, best_in, best_slot = -np.inf, -1, -1
    for slot in range(len(loss)):
        if in_until[slot] > now:
            continue
        row = shared[slot]
        for j in range(len(gain)):
            change = gain[j] + row[j] - loss[slot]
            if change <= best or slot_of[j] >= 0:
                continue
            if out_until[j] <= now or value + change > record:
                best, best_in, best_slot = change, j, slot
    return best_in, best_slot


@njit(cache=True, nogil=True)
def _walk(site_start, site_place, place_start, place_site, weight, chosen, n_exchanges, state):  # type: ignore[no-untyped-def]
    rows = (site_start, site_place, place_start, place_site, weight)
    n, count = len(site_start) - 1, len(chosen)
    number, owner = np.zeros(len(weight), np.int64), np.zeros(len(weight), np.int64)
    gain, loss, shared = _gains(rows), np.zeros(count), np.zeros((count, n))
    slot_of, out_until, in_until = np.full(n, -1), np.zeros(n, np.int64), np.zeros(count, np.int64)
    # weight too small to be more than rounding of the running sums
    tiny = 1e-9 * weight.sum()
    value = 0.0
    for slot in range(count):
        value += gain[chosen[slot]]
        _put_in(chosen[slot], slot, rows, number, owner, gain, loss, shared)
        slot_of[chosen[slot]] = slot
    best, record, local, since = chosen.copy(), value, value, 0
    for now in range(1, n_exchanges + 1):
        j, slot = _best_exchange(
            now, record + tiny, value, gain, loss, shared, slot_of, out_until, in_until
        )
        kicks = 1
        if j < 0 or since > PATIENCE:
            kicks, since, local = KICKS, 0, -np.inf
        for _ in range(kicks):
            if kicks > 1:
                j, slot = _draw(state, n), _draw(state, count)
                if slot_of[j] >= 0:
                    continue
            old = chosen[slot]
            value -= loss[slot]
            _put_out(old, slot, rows, number, owner, gain, loss, shared)
            value += gain[j]
            _put_in(j, slot, rows, number, owner, gain, loss, shared)
            slot_of[old], slot_of[j], chosen[slot] = -1, slot, j
            out_until[old] = now + STAY_OUT + _draw(state, STAY_OUT)
            in_until[slot] = now + STAY_IN + _draw(state, STAY_IN + 1)
        since += 1
        if value > local + tiny:
            local, since = value, 0
        if value > record + tiny:
            record = value
            best[:] = chosen
    return best, chosen

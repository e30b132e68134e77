"""Compiled moves of the p-median: the fast interchange of Whitaker (1983).

Every place knows its nearest and second nearest chosen site. A place that no chosen site reaches
counts as ``far`` away, so far that serving one more place outweighs every distance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

NONE = -1


class MedianNet(NamedTuple):
    """Weighted distances in compressed rows from both sides, and the rules of the sites.

    The sites of a place come nearest first.
    """

    site_start: Ints
    site_places: Ints
    site_far: Floats
    place_start: Ints
    place_sites: Ints
    place_far: Floats
    unserved: float
    cost: Floats
    rival_start: Ints
    rivals: Ints
    locked: Bools


@njit(cache=True, nogil=True)
def settle(
    net: MedianNet, chosen: Bools, place: int, first: Ints, d1: Floats, d2: Floats, second: Ints
) -> None:
    """Find the nearest and second nearest chosen site of a place."""
    first[place], second[place] = NONE, NONE
    d1[place], d2[place] = net.unserved, net.unserved
    for at in range(net.place_start[place], net.place_start[place + 1]):
        if not chosen[net.place_sites[at]]:
            continue
        if first[place] < 0:
            first[place], d1[place] = net.place_sites[at], net.place_far[at]
        else:
            second[place], d2[place] = net.place_sites[at], net.place_far[at]
            return


@njit(cache=True, nogil=True)
def blocked_but(net: MedianNet, chosen: Bools, site: int, but: int) -> bool:
    """Return whether a chosen rival other than ``but`` stands too near ``site``."""
    for at in range(net.rival_start[site], net.rival_start[site + 1]):
        rival = net.rivals[at]
        if chosen[rival] and rival != but:
            return True
    return False


@njit(cache=True, nogil=True)
def swap_gains(
    net: MedianNet, rank: Ints, first: Ints, d1: Floats, d2: Floats, gain: Floats, loss: Floats,
    back: Floats,
) -> None:  # fmt: skip
    """Write what adding each site gains, what each drop loses, and what an added site takes back.

    Only sites nearer to a place than its second nearest chosen one matter to it; ``rank`` numbers
    the chosen sites, ``loss`` and the columns of ``back`` follow it (Resende and Werneck 2007).
    """
    for place in range(len(d1)):
        nearest = rank[first[place]] if first[place] >= 0 else NONE
        if nearest >= 0:
            loss[nearest] += d2[place] - d1[place]
        for at in range(net.place_start[place], net.place_start[place + 1]):
            site, away = net.place_sites[at], net.place_far[at]
            if away >= d2[place]:
                break
            if away < d1[place]:
                gain[site] += d1[place] - away
            if nearest >= 0:
                back[site, nearest] += d2[place] - max(away, d1[place])


@njit(cache=True, nogil=True)
def best_drop(
    net: MedianNet, chosen: Bools, here: Ints, site: int, loss: Floats, spare_cost: float
) -> tuple[int, float]:
    """Return the chosen site whose place ``site`` may take at the least loss, -1 for none."""
    drop, least = NONE, np.inf
    for at in range(len(here)):
        r = here[at]
        fits = net.cost[site] - net.cost[r] <= spare_cost and not net.locked[r]
        if fits and loss[at] < least and not blocked_but(net, chosen, site, r):
            drop, least = r, loss[at]
    return drop, least


@njit(cache=True, nogil=True)
def best_move(
    net: MedianNet, chosen: Bools, first: Ints, d1: Floats, d2: Floats, max_count: int,
    max_cost: float, skew: Floats,
) -> tuple[int, int]:  # fmt: skip
    """Return the site to add and the one to drop (-1: none) of the best allowed move that gains."""
    here = np.flatnonzero(chosen)
    rank = np.full(len(chosen), NONE)
    rank[here] = np.arange(len(here))
    gain, loss = np.zeros(len(chosen)), np.zeros(len(here))
    back = np.zeros((len(chosen), len(here)))
    swap_gains(net, rank, first, d1, d2, gain, loss, back)
    spare_cost = max_cost - net.cost[here].sum()
    add, drop, best = NONE, NONE, 1e-12 * (1.0 + d1.sum())
    for site in range(len(chosen)):
        if chosen[site] or gain[site] * skew[site] <= best:
            continue
        out, lost = NONE, 0.0
        can_add = len(here) < max_count and net.cost[site] <= spare_cost
        if not can_add or blocked_but(net, chosen, site, NONE):
            out, lost = best_drop(net, chosen, here, site, loss - back[site], spare_cost)
        if gain[site] * skew[site] - lost > best:
            add, drop, best = site, out, gain[site] * skew[site] - lost
    return add, drop


@njit(cache=True, nogil=True)
def climb(
    net: MedianNet, chosen: Bools, max_count: int, max_cost: float, n_moves: int, skew: Floats
) -> float:
    """Make the best move while one gains, ``n_moves`` at most; return the weighted distance."""
    n_places = len(net.place_start) - 1
    first, second = np.empty(n_places, np.int64), np.empty(n_places, np.int64)
    d1, d2 = np.empty(n_places), np.empty(n_places)
    for place in range(n_places):
        settle(net, chosen, place, first, d1, d2, second)
    for _ in range(n_moves):
        add, drop = best_move(net, chosen, first, d1, d2, max_count, max_cost, skew)
        if add < 0:
            break
        chosen[add] = True
        for at in range(net.site_start[add], net.site_start[add + 1]):
            place, away = net.site_places[at], net.site_far[at]
            if away < d1[place]:
                second[place], d2[place] = first[place], d1[place]
                first[place], d1[place] = add, away
            elif away < d2[place]:
                second[place], d2[place] = add, away
        if drop >= 0:
            chosen[drop] = False
            for at in range(net.site_start[drop], net.site_start[drop + 1]):
                place = net.site_places[at]
                if first[place] == drop or second[place] == drop:
                    settle(net, chosen, place, first, d1, d2, second)
    return float(d1.sum())


@njit(cache=True, nogil=True)
def reduced_costs(net: MedianNet, price: Floats) -> Floats:
    """Return, for each site, the sum of its negative reduced distances at the places' prices."""
    sums = np.zeros(len(net.cost))
    for place in range(len(price)):
        for at in range(net.place_start[place], net.place_start[place + 1]):
            left = net.place_far[at] - price[place]
            if left >= 0.0:
                break
            sums[net.place_sites[at]] += left
    return sums


@njit(cache=True, nogil=True)
def n_serving(net: MedianNet, price: Floats, taken: Floats) -> Floats:
    """Return how many taken sites want each place at its price."""
    n_at = np.zeros(len(price))
    for place in range(len(price)):
        for at in range(net.place_start[place], net.place_start[place + 1]):
            if net.place_far[at] >= price[place]:
                break
            n_at[place] += taken[net.place_sites[at]]
    return n_at


@njit(cache=True, nogil=True)
def fill_at_prices(
    net: MedianNet, weight: Floats, capacity: Floats, price: Floats, share: Floats
) -> Floats:
    """Return, for each site, the least sum of reduced distances that its capacity allows.

    Places are divisible: those that gain most a unit of weight come first. ``share`` is written
    with what the site serves of each place it reaches.
    """
    sums = np.zeros(len(net.cost))
    for site in range(len(sums)):
        start, end = net.site_start[site], net.site_start[site + 1]
        share[start:end] = 0.0
        places = net.site_places[start:end]
        left = net.site_far[start:end] - price[places]
        gaining = np.flatnonzero(left < 0)
        room = capacity[site]
        for at in gaining[np.argsort(left[gaining] / weight[places[gaining]])]:
            part = min(1.0, room / weight[places[at]])
            share[start + at] = part
            sums[site] += part * left[at]
            room -= part * weight[places[at]]
            if room <= 0:
                break
    return sums


@njit(cache=True, nogil=True)
def served_at_prices(net: MedianNet, share: Floats, taken: Floats) -> Floats:
    """Return how often each place is served where the taken sites serve their shares."""
    n_at = np.zeros(len(net.place_start) - 1)
    for site in range(len(taken)):
        if taken[site] > 0:
            for at in range(net.site_start[site], net.site_start[site + 1]):
                n_at[net.site_places[at]] += taken[site] * share[at]
    return n_at

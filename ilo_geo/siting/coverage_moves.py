"""Compiled moves on a set of sites that cover places: add, drop, fill, prune.

``state`` is a tuple of arrays changed in place: sites reaching each place (``n_at``), what adding
each site would gain (``gain``), the chosen sites, and how many chosen rivals block each site. A
place gains its ``hint`` with each step towards its folds, and with the last one what is left of its
value, so that backup coverage has a slope to climb.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints


class Net(NamedTuple):
    """Who reaches whom, in compressed rows from both sides, and what places and sites are worth."""

    site_start: Ints
    site_places: Ints
    place_start: Ints
    place_sites: Ints
    value: Floats
    hint: Floats
    folds: Ints
    cost: Floats
    rival_start: Ints
    rivals: Ints
    locked: Bools


class State(NamedTuple):
    """Where a search is; changed in place. ``sums`` holds the count and the cost chosen."""

    n_at: Ints
    gain: Floats
    chosen: Bools
    blocked: Ints
    sums: Floats


@njit(cache=True, nogil=True)
def step_value(net: Net, place: int, n: int) -> float:
    """Return what the place gains when one more site joins ``n``."""
    if n >= net.folds[place]:
        return 0.0
    if n == net.folds[place] - 1:
        return float(net.value[place] - (net.folds[place] - 1) * net.hint[place])
    return float(net.hint[place])


@njit(cache=True, nogil=True)
def _shift(net: Net, state: State, site: int, sign: int) -> None:
    for at in range(net.site_start[site], net.site_start[site + 1]):
        place = net.site_places[at]
        before = step_value(net, place, state.n_at[place])
        state.n_at[place] += sign
        change = step_value(net, place, state.n_at[place]) - before
        if change != 0.0:
            for other in range(net.place_start[place], net.place_start[place + 1]):
                state.gain[net.place_sites[other]] += change
    for at in range(net.rival_start[site], net.rival_start[site + 1]):
        state.blocked[net.rivals[at]] += sign
    state.sums[0] += sign
    state.sums[1] += sign * net.cost[site]
    state.chosen[site] = sign > 0


@njit(cache=True, nogil=True)
def add(net: Net, state: State, site: int) -> None:
    """Choose a site."""
    _shift(net, state, site, 1)


@njit(cache=True, nogil=True)
def drop(net: Net, state: State, site: int) -> None:
    """Give a site up."""
    _shift(net, state, site, -1)


@njit(cache=True, nogil=True)
def reset(net: Net, state: State, selected: Ints) -> None:
    """Start again from the choice ``selected``; clears what rounding has left in the gains."""
    state.n_at[:] = 0
    state.blocked[:] = 0
    state.chosen[:] = False
    state.sums[:] = 0.0
    state.gain[:] = 0.0
    for place in range(len(net.value)):
        first = step_value(net, place, 0)
        for at in range(net.place_start[place], net.place_start[place + 1]):
            state.gain[net.place_sites[at]] += first
    for site in selected:
        add(net, state, site)


@njit(cache=True, nogil=True)
def covered(net: Net, state: State) -> float:
    """Return the value of the places whose folds are complete."""
    total = 0.0
    for place in range(len(net.value)):
        if state.n_at[place] >= net.folds[place]:
            total += net.value[place]
    return total


@njit(cache=True, nogil=True)
def hinted(net: Net, state: State) -> float:
    """Return the value covered and what the steps towards other folds count."""
    total = 0.0
    for place in range(len(net.value)):
        n = state.n_at[place]
        total += net.value[place] if n >= net.folds[place] else n * net.hint[place]
    return total


@njit(cache=True, nogil=True)
def fill(
    net: Net, state: State, max_count: int, max_cost: float, per_cost: bool, skew: Floats
) -> None:
    """Add the site of most gain (a unit of cost, if ``per_cost``) while one fits and gains.

    ``skew`` multiplies the gains: ones for the greedy rule, other values to vary it.
    """
    least = 1e-9 * (1.0 + net.value.sum() + net.hint.sum())
    while state.sums[0] < max_count:
        best, best_score = -1, 0.0
        for site in range(len(state.gain)):
            fits = state.sums[1] + net.cost[site] <= max_cost and state.blocked[site] == 0
            if fits and not state.chosen[site] and state.gain[site] > least:
                score = state.gain[site] * skew[site]
                if per_cost:
                    score /= net.cost[site] + 1e-12
                if score > best_score:
                    best, best_score = site, score
        if best < 0:
            return
        add(net, state, best)


@njit(cache=True, nogil=True)
def improve(
    net: Net, state: State, max_count: int, max_cost: float, per_cost: bool, skew: Floats
) -> float:
    """Drop each site in turn and fill again while that gains, hints included; return the value."""
    tiny = 1e-9 * (1.0 + net.value.sum())
    fill(net, state, max_count, max_cost, per_cost, skew)
    value = hinted(net, state)
    improved = True
    while improved:
        improved = False
        for site in np.flatnonzero(state.chosen):
            if net.locked[site] or not state.chosen[site]:
                continue
            before = state.chosen.copy()
            drop(net, state, int(site))
            fill(net, state, max_count, max_cost, per_cost, skew)
            after = hinted(net, state)
            if after > value + tiny:
                value, improved = after, True
                continue
            for other in np.flatnonzero(state.chosen & ~before):
                drop(net, state, int(other))
            for other in np.flatnonzero(before & ~state.chosen):
                add(net, state, int(other))
    return value


@njit(cache=True, nogil=True)
def complete(net: Net, state: State, skew: Floats) -> bool:
    """Fill until every place has its folds, most gain a unit of cost first; prune; say if done."""
    fill(net, state, len(net.cost), np.inf, True, skew)
    for place in range(len(net.value)):
        if state.n_at[place] < net.folds[place]:
            return False
    chosen = np.flatnonzero(state.chosen)
    for at in np.argsort(-net.cost[chosen] * skew[chosen], kind="mergesort"):
        site = chosen[at]
        needed = net.locked[site]
        for k in range(net.site_start[site], net.site_start[site + 1]):
            place = net.site_places[k]
            needed = needed or state.n_at[place] <= net.folds[place]
        if not needed:
            drop(net, state, site)
    return True

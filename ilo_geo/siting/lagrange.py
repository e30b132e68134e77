"""Lagrangian bounds for coverage: prices of places, improved by subgradient steps.

Maximal coverage: with a price ``u`` (0 to w/k) for each place of weight w and k folds, no choice
covers more than ``sum(w - k·u)`` plus the most that allowed sites earn at these prices. Set cover:
no cover costs less than ``sum(k·u) + sum(min(0, cost - earned))``. Spacing is left out, which
keeps the bound valid (Fisher 1981; Galvão and ReVelle 1996; Caprara et al. 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from ilo_geo.siting.coverage_moves import Net
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.rules import Rules

# the usual schedule (Fisher 1981): halve the step after so many rounds without a better bound
FIRST_STEP = 1.0
PATIENCE = 20
LEAST_STEP = 2e-3


@dataclass(frozen=True)
class Prices:
    """The best bound found, its prices and the earnings of the sites at them."""

    bound: float
    price: Floats
    earned: Floats


@njit(cache=True, nogil=True)
def _earned(net: Net, price: Floats) -> Floats:
    earned = np.zeros(len(net.cost))
    for site in range(len(earned)):
        for at in range(net.site_start[site], net.site_start[site + 1]):
            earned[site] += price[net.site_places[at]]
    return earned


@njit(cache=True, nogil=True)
def _n_at(net: Net, taken: Floats) -> Floats:
    n_at = np.zeros(len(net.value))
    for site in range(len(taken)):
        if taken[site] > 0:
            for at in range(net.site_start[site], net.site_start[site + 1]):
                n_at[net.site_places[at]] += taken[site]
    return n_at


def most_earned(earned: Floats, rules: Rules) -> tuple[float, Floats]:
    """Return the most that count and budget allow to earn, sites divisible, and the shares taken.

    Where both limit, the tighter of the two bounds.
    """
    by_count = _most(earned, np.ones(len(earned)), float(rules.max_count), rules.locked)
    if not np.isfinite(rules.max_cost):
        return by_count
    by_cost = _most(earned, rules.cost, rules.max_cost, rules.locked)
    return min(by_count, by_cost, key=lambda found: found[0])


def _most(earned: Floats, use: Floats, limit: float, locked: Bools) -> tuple[float, Floats]:
    taken = locked.astype(float)
    free = np.flatnonzero(~locked & (earned > 0))
    with np.errstate(divide="ignore"):
        order = free[np.argsort(-(earned[free] / use[free]), kind="stable")]
    left = max(limit - float(use[locked].sum()), 0.0)
    before = np.cumsum(use[order]) - use[order]
    needed = np.where(use[order] > 0, use[order], 1.0)
    taken[order] = np.where(use[order] > 0, np.clip((left - before) / needed, 0.0, 1.0), 1.0)
    return float(taken @ earned), taken


def bound_coverage(
    net: Net,
    rules: Rules,
    incumbent: Incumbent,
    n_rounds: int,
    *,
    until: float,
    start: Floats | None = None,
) -> Prices:
    """Lower the bound on the weight covered, from the prices ``start``.

    Ends after ``n_rounds``, when the search has run ``until`` seconds, or when steps are too small.
    """
    most = net.value / net.folds
    price = most / 2 if start is None else start
    best = Prices(np.inf, price, np.zeros(len(net.cost)))
    step, waited = FIRST_STEP, 0
    for _ in range(n_rounds):
        earned = _earned(net, price)
        value, taken = most_earned(earned, rules)
        bound = float((net.value - net.folds * price).sum()) + value
        incumbent.prove(bound)
        waited += 1
        if bound < best.bound:
            best, waited = Prices(bound, price, earned), 0
        if waited >= PATIENCE:
            step, waited, price = step / 2, 0, best.price
            continue
        slope = _n_at(net, taken) - net.folds * (price < most)
        slope[(price <= 0) & (slope > 0)] = 0.0
        norm = float(slope @ slope)
        if norm == 0 or step < LEAST_STEP or incumbent.done or incumbent.seconds > until:
            break
        # slope > 0: more sites than needed, so the price may fall
        price = np.clip(price - step * (bound - incumbent.objective) / norm * slope, 0.0, most)
        incumbent.tell()
    return best


def bound_cover(
    net: Net,
    rules: Rules,
    incumbent: Incumbent,
    n_rounds: int,
    *,
    until: float,
    start: Floats | None = None,
) -> Prices:
    """Raise the bound on the cost of covering all; starts and ends as `bound_coverage` does."""
    price = _shares_of_cost(net, rules) if start is None else start
    best = Prices(-np.inf, price, np.zeros(len(net.cost)))
    step, waited = FIRST_STEP, 0
    for _ in range(n_rounds):
        earned = _earned(net, price)
        left = rules.cost - earned
        taken = ((left < 0) | rules.locked).astype(float)
        bound = float((net.folds * price).sum() + left @ taken)
        incumbent.prove(bound)
        waited += 1
        if bound > best.bound:
            best, waited = Prices(bound, price, earned), 0
        if waited >= PATIENCE:
            step, waited, price = step / 2, 0, best.price
            continue
        slope = net.folds - _n_at(net, taken)
        slope[(price <= 0) & (slope < 0)] = 0.0
        norm = float(slope @ slope)
        if norm == 0 or step < LEAST_STEP or incumbent.done or incumbent.seconds > until:
            break
        target = incumbent.objective if incumbent.selected is not None else 2 * bound + 1
        price = np.maximum(price + step * (target - bound) / norm * slope, 0.0)
        incumbent.tell()
    return best


def _shares_of_cost(net: Net, rules: Rules) -> Floats:
    """Return, for each place, its least share in the cost of a site that reaches it."""
    n_places = np.diff(net.site_start)
    price = np.full(len(net.value), np.inf)
    np.minimum.at(price, net.site_places, np.repeat(rules.cost / np.maximum(n_places, 1), n_places))
    return price


def useless_sites(reduced: Floats, rules: Rules, slack: float) -> tuple[Bools, Bools]:
    """Return the sites that no choice as good as the best holds, and those that each of them holds.

    Parameters
    ----------
    reduced
        Reduced costs at the prices of the bound: what a site adds to it, negative where it helps.
    slack
        Distance of bound and best value.

    Notes
    -----
    With a count, taking a site left out pushes the worst one taken out; proofs are by count alone,
    so nothing is proved useless where a budget limits.
    """
    n_sites = len(reduced)
    out, kept = np.zeros(n_sites, dtype=bool), rules.locked.copy()
    if np.isfinite(rules.max_cost):
        return out, kept
    _, taken = most_earned(-reduced, rules)
    inside = taken > 0
    free = inside & ~rules.locked
    is_full = int(inside.sum()) >= rules.max_count
    if is_full and not free.any():
        return ~rules.locked, kept
    pushed_out = reduced[free].max() if is_full else 0.0
    follows = min(float(reduced[~inside].min(initial=0.0)), 0.0) if is_full else 0.0
    out = ~inside & (reduced - pushed_out > slack)
    kept |= free & (follows - reduced > slack)
    return out, kept

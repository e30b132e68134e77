"""Sets of projects: all of them looked at, or many of them searched; what each brings.

A set is a row of booleans over the projects. See `ilo_geo.proposals.bundles` for what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# sets that the search for more projects keeps at each step
KEPT_SETS = 400
# sums of the same people in another order differ in their last digits
PEOPLE_DECIMALS, HA_DECIMALS, RISK_DECIMALS = 6, 9, 6


@dataclass(frozen=True)
class SetProblem:
    """Projects that may be in a set.

    Attributes
    ----------
    covers, weight
        Projects by classes of places that the same projects serve, and the people of each class.
    green_ha, lacking_ha
        Green each project adds to each zone; what each zone lacks, negative where it has more.
    risk, cost
        Of each project.
    envelope
        S/.
    pairs
        Positions of projects that are never together.
    """

    covers: Bools
    weight: Floats
    green_ha: Floats
    lacking_ha: Floats
    risk: Floats
    cost: Ints
    envelope: int
    pairs: tuple[tuple[int, int], ...]

    @property
    def n_projects(self) -> int:
        """Return how many projects there are."""
        return len(self.cost)

    @property
    def alone(self) -> Floats:
        """Return how many people each project serves alone."""
        inhab: Floats = self.covers @ self.weight
        return inhab


def closed_ha(lacking_ha: Floats, added_ha: Floats) -> Floats:
    """Return the deficit that added green closes, summed over zones (last axis)."""
    before, after = np.maximum(lacking_ha, 0.0), np.maximum(lacking_ha - added_ha, 0.0)
    total: Floats = np.round((before - after).sum(axis=-1), HA_DECIMALS)
    return total


def every_set(problem: SetProblem) -> Bools:
    """Return the sets of the frontier as rows, all 2^n looked at."""
    n = problem.n_projects
    people = np.round(_people_of_every_set(problem, n), PEOPLE_DECIMALS)
    risk = np.round(_sum_of_every_set(problem.risk), RISK_DECIMALS)
    cost = _sum_of_every_set(problem.cost)
    lacking = problem.lacking_ha
    closed = np.zeros(1 << n)
    for zone in np.flatnonzero((problem.green_ha != 0).any(axis=0)) if n else []:
        added = _sum_of_every_set(problem.green_ha[:, zone])
        closed += max(lacking[zone], 0.0) - np.maximum(lacking[zone] - added, 0.0)
    closed = np.round(closed, HA_DECIMALS)
    allowed = cost <= problem.envelope
    for a, b in problem.pairs:
        both = (1 << a) | (1 << b)
        allowed &= (np.arange(1 << n) & both) != both
    number = np.flatnonzero(allowed)
    best = number[_frontier(people[number], closed[number], risk[number], cost[number])]
    sets: Bools = (best[:, None] >> np.arange(n)) & 1 == 1
    return sets


def _people_of_every_set(problem: SetProblem, n: int) -> Floats:
    """Return people(S) of every S: all, less those whom only projects outside S serve."""
    only = np.zeros(1 << n)
    # the set of the projects that serve a class, as a number whose bits they are
    signature = (1 << np.arange(n, dtype=np.int64)) @ problem.covers.astype(np.int64)
    np.add.at(only, signature, problem.weight)
    for bit in range(n):
        # now of every T the people whose projects all lie in T, as far as the lower bits go
        halves = only.reshape(-1, 2, 1 << bit)
        halves[:, 1] += halves[:, 0]
    total = float(problem.weight.sum())
    outside = only[::-1]
    served: Floats = total - outside
    return served


def _sum_of_every_set(values: npt.NDArray[np.number]) -> npt.NDArray[np.number]:
    """Return Σ values of every set, the set a number's bits are."""
    sums = np.zeros(1, dtype=values.dtype)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _frontier(people: Floats, closed: Floats, risk: Floats, cost: npt.NDArray[np.number]) -> Ints:
    """Return the positions that none dominates; of equals the cheapest, then the first."""
    order = np.lexsort((np.arange(len(people)), cost, risk, -closed, -people))
    rank = np.unique(-closed[order], return_inverse=True)[1]
    return order[_sweep(rank.astype(np.int64), risk[order])]


@njit(cache=True)
def _sweep(rank: Ints, risk: Floats) -> Ints:
    """Return the rows, best people first, that no earlier row equals or passes in both measures.

    A tree of the least risk among rows of at least so much deficit closed (Fenwick).
    """
    n = len(rank)
    least = np.full(n + 1, np.inf)
    kept = np.empty(n, dtype=np.int64)
    n_kept = 0
    for row in range(n):
        at, lowest = rank[row] + 1, np.inf
        while at > 0:
            lowest = min(lowest, least[at])
            at -= at & -at
        if lowest <= risk[row]:
            continue
        kept[n_kept] = row
        n_kept += 1
        at = rank[row] + 1
        while at <= n:
            least[at] = min(least[at], risk[row])
            at += at & -at
    return kept[:n_kept]


def searched_sets(problem: SetProblem) -> Bools:
    """Return the sets of a frontier as far as a search of many partial sets finds it."""
    n = problem.n_projects
    sets = np.zeros((1, n), dtype=bool)
    # the most people for their cost first: later projects build on good sets
    for project in np.argsort(-problem.alone / np.maximum(problem.cost, 1), kind="stable"):
        grown = sets.copy()
        grown[:, project] = True
        together = np.concatenate([sets, grown[_allowed(problem, grown)]])
        sets = together[_kept(problem, together)]
    people, closed, risk, cost = measures(problem, sets)
    found: Bools = sets[_frontier(people, closed, risk, cost)]
    return found


def _allowed(problem: SetProblem, sets: Bools) -> Bools:
    allowed: Bools = sets @ problem.cost <= problem.envelope
    for a, b in problem.pairs:
        allowed &= ~(sets[:, a] & sets[:, b])
    return allowed


def _kept(problem: SetProblem, sets: Bools) -> Ints:
    """Return the sets worth growing: not dominated, cost counted as well; thinned to so many."""
    people, closed, risk, cost = measures(problem, sets)
    values = np.stack([-people, -closed, risk, cost.astype(float)], axis=1)
    order = np.lexsort(values.T[::-1])
    ranked = values[order]
    no_worse = np.all(ranked[None] <= ranked[:, None], axis=2)
    better = no_worse & np.any(ranked[None] < ranked[:, None], axis=2)
    kept: Ints = order[~better.any(axis=1)]
    if len(kept) <= KEPT_SETS:
        return kept
    # by people from most to least, evenly; the ends stay
    even: Ints = kept[np.linspace(0, len(kept) - 1, KEPT_SETS).round().astype(np.int64)]
    return even


def measures(
    problem: SetProblem, sets: Bools
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.number]]:
    """Return people, deficit closed, risk and upper cost of each set."""
    seen = (sets.astype(np.int64) @ problem.covers.astype(np.int64)) > 0
    people = np.round(seen @ problem.weight, PEOPLE_DECIMALS)
    closed = closed_ha(problem.lacking_ha, sets @ problem.green_ha)
    return people, closed, np.round(sets @ problem.risk, RISK_DECIMALS), sets @ problem.cost


def bounds(problem: SetProblem) -> tuple[float, float]:
    """Return what no set within the envelope passes: the fractional knapsack of each alone."""
    zones = np.maximum(problem.green_ha, 0.0)
    alone_ha = np.minimum(zones, np.maximum(problem.lacking_ha, 0.0)).sum(axis=1)
    most_people = min(_fractional(problem, problem.alone), float(problem.weight.sum()))
    return most_people, _fractional(problem, alone_ha)


def _fractional(problem: SetProblem, value: Floats) -> float:
    left, total = float(problem.envelope), 0.0
    for n in np.argsort(-value / np.maximum(problem.cost, 1), kind="stable"):
        cost = float(problem.cost[n])
        share = 1.0 if cost <= left else left / cost
        total += share * float(value[n])
        left -= share * cost
        if left <= 0:
            break
    return total

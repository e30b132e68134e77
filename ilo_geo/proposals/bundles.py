"""The best sets of projects under an envelope: by people served, deficit closed and risk.

For a set S of projects with upper costs c, each serving places P_i of the inhabitants, adding green
g_iz (ha) to zone z, and with residual hazard h_i (0 to 1)::

    people(S) = Σ inhabitants of ∪ P_i                     more is better; a person counts once
    closed(S) = Σ_z max(0, d_z) − max(0, d_z − Σ g_iz)     more is better; at most a zone's deficit
    risk(S)   = Σ h_i · n_i                                less is better; n_i: whom i serves alone
    cost(S)   = Σ c_i ≤ envelope

``d_z`` is what the zone lacks, ha (negative where it has more than enough). Risk sums over
projects, not over people: whoever is drawn to two dangerous places is in danger at both. A bundle
is listed where no other set within the envelope, the empty one included, is as good by all three
and better by one; of sets that are equal by all three the cheapest is listed, and of those the one
whose projects come first. Projects that would take the same ground are never in one bundle.

Up to `EXACT_PROJECTS` projects every set is looked at: people by a sum over subsets (the people of
S are all but those whom only projects outside S serve), so the list is the whole frontier. With
more, a search keeps good sets on its way and forgets others: what it lists is within the envelope
and not dominated by anything else listed, but better sets may exist; `Frontier.people_bound` and
``closed_bound`` say how much better at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# 2^20 sets take less than a second and about 100 MB
EXACT_PROJECTS = 20
# sets that the search for more projects keeps at each step
KEPT_SETS = 400
# sums of the same people in another order differ in their last digits
PEOPLE_DECIMALS, HA_DECIMALS, RISK_DECIMALS = 6, 9, 6


@dataclass(frozen=True)
class Project:
    """A project as bundles see it.

    Attributes
    ----------
    id, title
        Of the proposal.
    cost_low, cost_high
        S/; None where nobody stated a cost.
    serves
        Which of the places with inhabitants it serves; all False where no rule says.
    green_ha
        Green it adds to each zone; negative where it takes some.
    hazard
        Residual hazard of its place, 0 to 1.
    """

    id: str
    title: str
    cost_low: int | None
    cost_high: int | None
    serves: Bools
    green_ha: Floats
    hazard: float


@dataclass(frozen=True)
class BundleInputs:
    """Projects and the city they are weighed in.

    Attributes
    ----------
    projects
        In the order that decides between equals.
    inhab
        Inhabitants of each place.
    lacking_ha
        Green each zone lacks of the standard; negative where it has more.
    overlapping
        Pairs of positions of projects that lie on each other.
    """

    projects: tuple[Project, ...]
    inhab: Floats
    lacking_ha: Floats
    overlapping: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A set of projects and what it brings."""

    ids: tuple[str, ...]
    people_inhab: float
    closed_ha: float
    risk_inhab: float
    cost_low: int
    cost_high: int


@dataclass(frozen=True)
class Frontier:
    """The bundles that none other dominates, most people first.

    Attributes
    ----------
    bundles
        Never the empty one.
    envelope
        S/.
    exact
        Whether every set was looked at.
    n_projects
        How many projects could be in a bundle.
    without_cost, over_envelope, idle
        Titles of projects in no bundle: nobody stated a cost; dearer than the envelope alone; serve
        nobody who is counted and close no deficit.
    people_bound, closed_bound
        No set within the envelope passes these.
    """

    bundles: tuple[Bundle, ...]
    envelope: int
    exact: bool
    n_projects: int
    without_cost: tuple[str, ...] = ()
    over_envelope: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    people_bound: float = 0.0
    closed_bound: float = 0.0


@dataclass(frozen=True)
class _Problem:
    """Projects that may be in a bundle: whom they serve by classes of places served alike."""

    projects: tuple[Project, ...]
    signature: Ints
    weight: Floats
    covers: Bools
    green_ha: Floats
    lacking_ha: Floats
    risk: Floats
    cost: Ints
    envelope: int
    pairs: tuple[tuple[int, int], ...]
    alone: Floats = field(default_factory=lambda: np.zeros(0))


def best_bundles(inputs: BundleInputs, envelope: int) -> Frontier:
    """Return the bundles under an envelope that no other bundle dominates.

    Parameters
    ----------
    envelope
        S/, against which the upper costs are held.
    """
    problem, left_out = _problem(inputs, envelope)
    n_projects = len(problem.projects)
    exact = n_projects <= EXACT_PROJECTS
    sets = _every_set(problem) if exact else _searched(problem)
    bundles = [_bundle(problem, chosen) for chosen in sets if chosen.any()]
    order = sorted(bundles, key=lambda b: (-b.people_inhab, -b.closed_ha, b.risk_inhab, b.ids))
    most_people, most_closed = _bounds(problem)
    if exact:
        most_people = max((b.people_inhab for b in order), default=0.0)
        most_closed = max((b.closed_ha for b in order), default=0.0)
    return Frontier(
        bundles=tuple(order),
        envelope=envelope,
        exact=exact,
        n_projects=n_projects,
        people_bound=most_people,
        closed_bound=most_closed,
        **left_out,
    )


def spread_out(frontier: Frontier, most: int) -> tuple[Bundle, ...]:
    """Return at most so many bundles of a frontier that differ most, in its order.

    The best by each measure come first, then each time the one farthest from all chosen; measures
    are scaled to their range.
    """
    bundles = frontier.bundles
    if len(bundles) <= most:
        return bundles
    values = np.array([[b.people_inhab, b.closed_ha, -b.risk_inhab] for b in bundles])
    span = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(span > 0, span, 1.0)
    chosen = list(dict.fromkeys(int(scaled[:, k].argmax()) for k in range(3)))[:most]
    while len(chosen) < most:
        gap = np.min(np.linalg.norm(scaled[:, None] - scaled[None, chosen], axis=2), axis=1)
        chosen.append(int(gap.argmax()))
    return tuple(bundles[n] for n in sorted(chosen))


def closed_ha(lacking_ha: Floats, added_ha: Floats) -> Floats:
    """Return the deficit that added green closes, summed over zones (last axis)."""
    before, after = np.maximum(lacking_ha, 0.0), np.maximum(lacking_ha - added_ha, 0.0)
    total: Floats = np.round((before - after).sum(axis=-1), HA_DECIMALS)
    return total


def _problem(inputs: BundleInputs, envelope: int) -> tuple[_Problem, dict[str, tuple[str, ...]]]:
    """Return the projects that may be in a bundle, and those that are in none and why."""
    kept: list[int] = []
    left: dict[str, list[str]] = {"without_cost": [], "over_envelope": [], "idle": []}
    for n, project in enumerate(inputs.projects):
        brings = inputs.inhab[project.serves].sum() > 0 or (project.green_ha > 0).any()
        if project.cost_high is None:
            left["without_cost"].append(project.title)
        elif project.cost_high > envelope:
            left["over_envelope"].append(project.title)
        elif not brings:
            left["idle"].append(project.title)
        else:
            kept.append(n)
    projects = tuple(inputs.projects[n] for n in kept)
    place = {n: k for k, n in enumerate(kept)}
    pairs = tuple((place[a], place[b]) for a, b in inputs.overlapping if a in place and b in place)
    covers, weight = _classes(projects, inputs.inhab)
    bits = 1 << np.arange(min(len(projects), 62), dtype=np.int64)
    alone = covers @ weight if len(projects) else np.zeros(0)
    risk = np.array([project.hazard for project in projects]) * alone
    problem = _Problem(
        projects=projects,
        signature=bits @ covers[: len(bits)] if len(projects) else np.zeros(0, np.int64),
        weight=weight,
        covers=covers,
        green_ha=np.array([p.green_ha for p in projects]).reshape(
            len(projects), len(inputs.lacking_ha)
        ),
        lacking_ha=inputs.lacking_ha,
        risk=risk,
        cost=np.array([int(p.cost_high or 0) for p in projects], dtype=np.int64),
        envelope=envelope,
        pairs=pairs,
        alone=alone,
    )
    return problem, {name: tuple(titles) for name, titles in left.items()}


def _classes(projects: Sequence[Project], inhab: Floats) -> tuple[Bools, Floats]:
    """Return places that the same projects serve as one: projects by classes, and their people."""
    if not projects:
        return np.zeros((0, 0), dtype=bool), np.zeros(0)
    serves = np.array([project.serves for project in projects])
    someone = serves.any(axis=0) & (inhab > 0)
    columns, of_place = np.unique(serves[:, someone], axis=1, return_inverse=True)
    weight = np.bincount(of_place.ravel(), weights=inhab[someone], minlength=columns.shape[1])
    return columns.astype(bool), weight.astype(float)


def _every_set(problem: _Problem) -> Bools:
    """Return the sets of the frontier as rows, all 2^n looked at."""
    n = len(problem.projects)
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


def _people_of_every_set(problem: _Problem, n: int) -> Floats:
    """Return people(S) of every S: all, less those whom only projects outside S serve."""
    only = np.zeros(1 << n)
    np.add.at(only, problem.signature, problem.weight)
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


def _searched(problem: _Problem) -> Bools:
    """Return the sets of a frontier as far as a search of many partial sets finds it."""
    n = len(problem.projects)
    sets = np.zeros((1, n), dtype=bool)
    # the most people for their cost first: later projects build on good sets
    for project in np.argsort(-problem.alone / np.maximum(problem.cost, 1), kind="stable"):
        grown = sets.copy()
        grown[:, project] = True
        together = np.concatenate([sets, grown[_allowed(problem, grown)]])
        sets = together[_kept(problem, together)]
    people, closed, risk, cost = _measures(problem, sets)
    found: Bools = sets[_frontier(people, closed, risk, cost)]
    return found


def _allowed(problem: _Problem, sets: Bools) -> Bools:
    allowed: Bools = sets @ problem.cost <= problem.envelope
    for a, b in problem.pairs:
        allowed &= ~(sets[:, a] & sets[:, b])
    return allowed


def _kept(problem: _Problem, sets: Bools) -> Ints:
    """Return the sets worth growing: not dominated, cost counted as well; thinned to so many."""
    people, closed, risk, cost = _measures(problem, sets)
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


def _measures(
    problem: _Problem, sets: Bools
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.number]]:
    """Return people, deficit closed, risk and upper cost of each set."""
    seen = (sets.astype(np.int64) @ problem.covers.astype(np.int64)) > 0
    people = np.round(seen @ problem.weight, PEOPLE_DECIMALS)
    closed = closed_ha(problem.lacking_ha, sets @ problem.green_ha)
    return people, closed, np.round(sets @ problem.risk, RISK_DECIMALS), sets @ problem.cost


def _bounds(problem: _Problem) -> tuple[float, float]:
    """Return what no set within the envelope passes: the fractional knapsack of each alone."""
    zones = np.maximum(problem.green_ha, 0.0)
    alone_ha = np.minimum(zones, np.maximum(problem.lacking_ha, 0.0)).sum(axis=1)
    most_people = min(_fractional(problem, problem.alone), float(problem.weight.sum()))
    return most_people, _fractional(problem, alone_ha)


def _fractional(problem: _Problem, value: Floats) -> float:
    left, total = float(problem.envelope), 0.0
    for n in np.argsort(-value / np.maximum(problem.cost, 1), kind="stable"):
        cost = float(problem.cost[n])
        share = 1.0 if cost <= left else left / cost
        total += share * float(value[n])
        left -= share * cost
        if left <= 0:
            break
    return total


def _bundle(problem: _Problem, chosen: Bools) -> Bundle:
    people, closed, risk, _ = (part[0] for part in _measures(problem, chosen[None]))
    projects = [problem.projects[n] for n in np.flatnonzero(chosen)]
    return Bundle(
        ids=tuple(project.id for project in projects),
        people_inhab=float(people),
        closed_ha=float(closed),
        risk_inhab=float(risk),
        cost_low=sum(int(project.cost_low or 0) for project in projects),
        cost_high=sum(int(project.cost_high or 0) for project in projects),
    )

"""Which sites to choose: the most people newly served within a count, the water and the money.

A maximal covering problem: places are the resident points that no park serves today, so two parks
side by side do not both count. For the objective ``score`` each site also brings a place of its
own that holds the rest of its score: then the sum is ``w_deficit · served / most served by one +
Σ (score − w_deficit · u_deficit)``, the score of the set with its deficit part counted once.

Water and money are two budgets, and the engine takes one. Where both are given the choice must fit
the surrogate ``λ · water / available + (1 − λ) · soles / budget ≤ 1``, which every choice within
both fits: the least bound over several λ bounds the true question, and the best choice within both,
found or pruned, is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse import eye_array
from scipy.sparse import hstack

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.answer import Status
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.solve import solve

# how water and money share the surrogate where both are limited
SURROGATES = (1.0, 0.75, 0.5, 0.25, 0.0)
# rounding of a sum of costs, as a share of the limit
ROUNDING_RATIO = 1e-9


@dataclass(frozen=True)
class Question:
    """Eligible sites, whom they serve and what they take.

    Attributes
    ----------
    reach
        Sites by places, an entry where a site serves a place.
    weight
        Of each place.
    inhab
        People of the first places; the others hold what sites bring besides.
    water_m3_day, capex_soles
        Of each site.
    apart
        Pairs too near each other.
    """

    reach: csr_array
    weight: Floats
    inhab: Floats
    water_m3_day: Floats
    capex_soles: Floats
    apart: Ints

    def newly_served_inhab(self, chosen: Ints) -> float:
        """Return the people whom the chosen sites serve and no park does today, each once."""
        if not len(chosen):
            return 0.0
        covered = np.unique(self.reach[chosen].indices)
        return float(self.inhab[covered[covered < len(self.inhab)]].sum())

    def value(self, chosen: Ints) -> float:
        """Return the weight of the places that the chosen sites serve."""
        if not len(chosen):
            return 0.0
        covered = np.unique(self.reach[chosen].indices)
        return float(self.weight[covered].sum())


@dataclass(frozen=True)
class Choice:
    """Positions of the chosen sites and the proof."""

    selected: Ints
    objective: float
    bound: float
    status: Status
    seconds: float

    @property
    def gap_ratio(self) -> float:
        """Return how far from the bound the choice may be, as a share of the bound."""
        none = np.zeros(0, dtype=np.int64)
        answer = SitingAnswer(
            self.selected, none, self.objective, self.bound, self.status, self.seconds
        )
        return answer.gap_ratio


def question_of(
    new: csr_array,
    inhab: Floats,
    extra: Floats | None,
    per_inhab: float,
    *,
    water_m3_day: Floats,
    capex_soles: Floats,
    apart: Ints,
) -> Question:
    """Return the question of a set of sites; people whom the same sites serve are one place.

    Parameters
    ----------
    new
        Sites by resident points that they would newly serve.
    inhab
        Inhabitants of each point.
    extra
        What each site brings besides, None for nothing.
    per_inhab
        Value of one person newly served.
    """
    reach, people = _alike(new, inhab)
    weight = people * per_inhab
    if extra is not None:
        reach = csr_array(hstack([reach, eye_array(len(extra))]))
        weight = np.concatenate([weight, extra])
    return Question(reach, weight, people, water_m3_day, capex_soles, apart)


def _alike(new: csr_array, inhab: Floats) -> tuple[csr_array, Floats]:
    """Return ``new`` with one column for all points that the same sites serve, and their people."""
    columns = csr_array(new.T)
    reached = np.flatnonzero(np.diff(columns.indptr))
    marks = np.zeros((len(reached), new.shape[0]), dtype=bool)
    point = np.repeat(np.arange(len(reached)), np.diff(columns.indptr)[reached])
    marks[point, columns[reached].indices] = True
    packed = np.ascontiguousarray(np.packbits(marks, axis=1))
    _, first, of_point = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    people: Floats = np.zeros(len(first))
    np.add.at(people, of_point.ravel(), inhab[reached])
    return csr_array(new[:, reached[first]]), people


def pairs_within(sites: gpd.GeoDataFrame, apart_m: float) -> Ints:
    """Return the pairs of sites nearer than ``apart_m``, shape (m, 2)."""
    if apart_m <= 0:
        return np.zeros((0, 2), dtype=np.int64)
    polygons = sites.geometry.to_numpy()
    one, other = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=apart_m)
    pairs: Ints = np.column_stack([one, other])[one < other].astype(np.int64)
    return pairs


def choose(
    question: Question,
    *,
    count: int,
    water_m3_day: float | None,
    budget_soles: float | None,
    limits: Limits,
    progress: Progress = silent,
) -> Choice:
    """Return the best choice within a count and the budgets that are given."""
    water = _share(question.water_m3_day, water_m3_day)
    soles = _share(question.capex_soles, budget_soles)
    n = len(question.water_m3_day)
    within = np.ones(n, dtype=bool)
    for cost in (water, soles):
        if cost is not None:
            within &= cost <= 1 + ROUNDING_RATIO
    if not count or not question.reach[within].nnz or not question.weight.any():
        return Choice(np.zeros(0, dtype=np.int64), 0.0, 0.0, Status.OPTIMAL, 0.0)

    def ask(cost: Floats | None) -> SitingAnswer:
        return solve(_problem(question, cost, count, ~within), limits, progress)

    if water is None or soles is None:
        answer = ask(water if soles is None else soles)
        return Choice(
            answer.selected,
            answer.objective,
            answer.bound,
            answer.status,
            answer.solver_seconds,
        )
    return _within_both(question, water, soles, ask)


def _share(cost: Floats, budget: float | None) -> Floats | None:
    if budget is None:
        return None
    return cost / budget if budget > 0 else np.where(cost > 0, np.inf, 0.0)


def _problem(
    question: Question, cost: Floats | None, count: int, forbidden: np.ndarray
) -> SitingProblem:
    n = len(forbidden)
    spent = np.ones(n) if cost is None else np.where(forbidden, 1.0, cost)
    sites = Candidates(
        cost=spent,
        capacity=np.full(n, np.inf),
        locked=np.zeros(n, dtype=bool),
        forbidden=forbidden,
        apart=question.apart,
    )
    budget = None if cost is None else 1.0
    return SitingProblem(Kind.MCLP, question.weight, question.reach, sites, min(count, n), budget)


def _within_both(
    question: Question,
    water: Floats,
    soles: Floats,
    ask: Callable[[Floats], SitingAnswer],
) -> Choice:
    answers = []
    for share in SURROGATES:
        answers.append(ask(share * water + (1 - share) * soles))
        if answers[-1].status is Status.STOPPED:
            break
    pruned = [_pruned(question, answer.selected, water, soles) for answer in answers]
    best = max(pruned, key=question.value)
    objective, bound = question.value(best), min(answer.bound for answer in answers)
    stopped = answers[-1].status is Status.STOPPED
    closed = bound - objective <= ROUNDING_RATIO * max(bound, 1.0)
    status = Status.STOPPED if stopped else Status.FEASIBLE
    seconds = sum(answer.solver_seconds for answer in answers)
    return Choice(best, objective, bound, Status.OPTIMAL if closed else status, seconds)


def _pruned(question: Question, chosen: Ints, water: Floats, soles: Floats) -> Ints:
    """Return the choice less the sites that are missed least, until it fits both budgets."""
    left = np.array(chosen, dtype=np.int64)
    while max(water[left].sum(), soles[left].sum()) > 1 + ROUNDING_RATIO:
        without = [np.delete(left, row) for row in range(len(left))]
        left = max(without, key=question.value)
    return left


def in_order(question: Question, chosen: Ints) -> tuple[Ints, Floats]:
    """Return the chosen sites, the one that adds most first, and what each adds to those before.

    A site that adds nothing is left out: it would cost and serve nobody.
    """
    order, gains = np.zeros(0, dtype=np.int64), []
    left = sorted(int(site) for site in chosen)
    while left:
        before = question.value(order)
        gain = [question.value(np.append(order, site)) - before for site in left]
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        gains.append(gain[best])
        order = np.append(order, left.pop(best))
    return order, np.array(gains)

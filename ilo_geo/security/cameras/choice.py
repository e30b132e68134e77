"""The joint choice of pole, heading and model, and what each camera of a choice is worth.

Maximal coverage: with ``d_i`` the demand of place i, ``a_i`` how many chosen views see it and
``f_i`` how many must (1, or 2 at places that need a backup), the most ``Σ_i d_i · [a_i ≥ f_i]`` for
at most k cameras or a budget, no two on a pole nearer in heading than the pole's limit allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.solve import solve


@dataclass(frozen=True)
class Question:
    """What is chosen from.

    Attributes
    ----------
    reach
        Views by places.
    weight, folds
        Demand of each place, and how many cameras must see it.
    price_soles
        Of each view.
    apart
        Pairs of views that may not hang together.
    count, budget_soles
        Most cameras, most money; None for no limit of money.
    """

    reach: csr_array
    weight: Floats
    folds: Ints
    price_soles: Floats
    apart: Ints
    count: int
    budget_soles: float | None

    @property
    def problem(self) -> SitingProblem:
        """Return it in the words of the siting engine."""
        plain = Candidates.plain(self.reach.shape[0])
        return SitingProblem(
            kind=Kind.MCLP,
            weight=self.weight,
            reach=self.reach,
            candidates=Candidates(
                cost=self.price_soles,
                capacity=plain.capacity,
                locked=plain.locked,
                forbidden=plain.forbidden,
                apart=self.apart,
            ),
            count=self.count,
            budget=self.budget_soles,
            folds=self.folds,
        )

    def n_seeing(self, chosen: Ints) -> Ints:
        """Return how many of the chosen views see each place."""
        counted: Ints = np.bincount(self.reach[chosen].indices, minlength=len(self.weight)).astype(
            np.int64
        )
        return counted

    def seen(self, chosen: Ints) -> Floats:
        """Return 1 for each place that enough of the chosen views see, else 0."""
        return (self.n_seeing(chosen) >= self.folds).astype(float)

    def objective(self, chosen: Ints) -> float:
        """Return the demand that the chosen views cover."""
        return float(self.weight @ self.seen(chosen))


def choose(question: Question, limits: Limits, progress: Progress = silent) -> SitingAnswer:
    """Return the best choice found and how far from the best it can be at most."""
    answer = solve(question.problem, limits, progress)
    return replace(answer, selected=settled(question, answer.selected))


def settled(question: Question, selected: Ints) -> Ints:
    """Return the selection with each view replaced by the first that sees and costs the same.

    Opposite sides of a street may see the same places: which of them a search meets first must not
    change the answer. No pair that may not hang together is made.
    """
    barred_by = _neighbours(question.apart, question.reach.shape[0])
    twins = _twins(question)
    chosen = set(selected.tolist())
    for view in sorted(chosen):
        others = chosen - {view}
        free = (
            twin
            for twin in twins[_sees(question, view)]
            if twin not in others and others.isdisjoint(barred_by(twin).tolist())
        )
        chosen = others | {next(free, view)}
    return np.array(sorted(chosen), dtype=np.int64)


def _sees(question: Question, view: int) -> tuple[float, bytes]:
    """Return what a view costs and sees, as a key."""
    reach = question.reach
    places = reach.indices[reach.indptr[view] : reach.indptr[view + 1]]
    return float(question.price_soles[view]), np.sort(places).tobytes()


def _twins(question: Question) -> dict[tuple[float, bytes], list[int]]:
    """Return the views by what they cost and see, each list ascending."""
    found: dict[tuple[float, bytes], list[int]] = {}
    for view in range(question.reach.shape[0]):
        found.setdefault(_sees(question, view), []).append(view)
    return found


@dataclass(frozen=True)
class Greedy:
    """Views one after the other, each the one that adds most to those before.

    ``marginal`` is what each adds; ``order`` are positions of views.
    """

    order: Ints
    marginal: Floats


def greedy(question: Question, pool: Ints, n: int) -> Greedy:
    """Return up to ``n`` views of ``pool`` in greedy order, none too near an earlier one.

    Where several add alike, the one that sees most demand not yet covered goes first (a place that
    needs two cameras counts nothing for the first of them), then the one listed first.
    """
    reach, weight = question.reach[pool], question.weight
    barred_by = _neighbours(question.apart, question.reach.shape[0])
    place_of = np.full(question.reach.shape[0], -1)
    place_of[pool] = np.arange(len(pool))
    lacking = question.folds.copy()
    free = np.ones(len(pool), dtype=bool)
    order: list[int] = []
    marginal: list[float] = []
    while free.any() and len(order) < n:
        adds = reach @ (weight * (lacking == 1))
        promise = reach @ (weight * (lacking > 0))
        best = int(np.lexsort((np.arange(len(pool)), -promise, -adds, ~free))[0])
        order.append(int(pool[best]))
        marginal.append(adds[best])
        lacking[reach[[best]].indices] -= 1
        free[best] = False
        barred = place_of[barred_by(int(pool[best]))]
        free[barred[barred >= 0]] = False
    return Greedy(np.array(order, dtype=np.int64), np.array(marginal, dtype=float))


def _neighbours(apart: Ints, n: int) -> Callable[[int], Ints]:
    """Return a function from a view to those too near it."""
    both = np.concatenate([apart, apart[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    starts = np.searchsorted(both[:, 0], np.arange(n + 1))

    def of(view: int) -> Ints:
        near: Ints = both[starts[view] : starts[view + 1], 1]
        return near

    return of


def losses(question: Question, chosen: Ints) -> Floats:
    """Return the demand that goes unseen when each chosen view fails, all others working."""
    whole = question.objective(chosen)
    return np.array(
        [whole - question.objective(np.delete(chosen, nth)) for nth in range(len(chosen))]
    )

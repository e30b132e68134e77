"""What makes a question of siting senseless: each fault is told in one line before any search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ilo_geo.core.errors import InputError
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem

# rounding of a sum of costs, as a share of the budget
COST_ROUNDING_RATIO = 1e-9
SHOWN = 5


def check(problem: SitingProblem, names: Sequence[int | str] | None = None) -> None:
    """Refuse a question that has no answer or no sense.

    Parameters
    ----------
    names
        What the asker calls each candidate; its position, if None.

    Raises
    ------
    InputError
        Shapes disagree; a weight, cost, capacity or distance is negative or no number; no
        candidate is left; count, budget or folds are out of range; locked sites are forbidden, too
        near each other, or more than the count or the budget allows.
    """
    _check_shapes(problem)
    _check_numbers(problem)
    _check_folds(problem)
    if not (~problem.candidates.forbidden).any():
        raise InputError("siting.no_candidate", n=len(problem.candidates))
    if problem.kind is not Kind.LSCP:
        _check_limits(problem)
    _check_locked(problem, range(len(problem.candidates)) if names is None else names)
    if problem.kind is not Kind.MCLP:
        _check_capacity(problem)


def _check_shapes(problem: SitingProblem) -> None:
    sites = problem.candidates
    shape = (len(sites), len(problem.weight))
    found = {
        "reach": problem.reach.shape == shape,
        "folds": np.ndim(problem.folds) == 0 or np.shape(problem.folds) == problem.weight.shape,
        "apart": sites.apart.ndim == 2 and sites.apart.shape[1] == 2,
        **{
            name: getattr(sites, name).shape == sites.cost.shape
            for name in ("capacity", "locked", "forbidden")
        },
    }
    wrong = [name for name, fits in found.items() if not fits]
    if wrong:
        raise InputError("siting.shape", found=", ".join(wrong), n=shape[0], places=shape[1])


def _check_numbers(problem: SitingProblem) -> None:
    numbers: dict[str, Floats] = {
        "weight": problem.weight,
        "cost": problem.candidates.cost,
        "capacity": problem.candidates.capacity,
    }
    if problem.kind is Kind.PMEDIAN:
        numbers["distance"] = problem.reach.data
    for name, values in numbers.items():
        wrong = ~(values >= 0) | (np.isinf(values) & (name != "capacity"))
        if wrong.any():
            raise InputError("siting.negative", what=name, n=int(wrong.sum()), rows=_rows(wrong))


def _check_folds(problem: SitingProblem) -> None:
    if len(problem.weight) and problem.folds_of.min() < 1:
        raise InputError("siting.folds", found=int(problem.folds_of.min()))
    if problem.kind is Kind.PMEDIAN and (problem.folds_of != 1).any():
        raise InputError("siting.folds_pmedian", found=int(problem.folds_of.max()))


def _check_limits(problem: SitingProblem) -> None:
    if problem.count is None and problem.budget is None:
        raise InputError("siting.no_limit", kind=problem.kind.value)
    if problem.count is not None and problem.count < 1:
        raise InputError("siting.count", found=problem.count)
    if problem.budget is None:
        return
    allowed = ~problem.candidates.forbidden
    cheapest = float(problem.candidates.cost[allowed].min())
    if not problem.budget * (1 + COST_ROUNDING_RATIO) >= cheapest:
        raise InputError("siting.budget", found=f"{problem.budget:g}", expected=f"{cheapest:g}")


def _check_locked(problem: SitingProblem, names: Sequence[int | str]) -> None:
    sites = problem.candidates
    both = sites.locked & sites.forbidden
    if both.any():
        raise InputError("siting.locked_forbidden", n=int(both.sum()), names=named(both, names))
    near = sites.apart[sites.locked[sites.apart].all(axis=1)]
    if len(near):
        one, other = (names[at] for at in near[0])
        raise InputError("siting.locked_apart", n=len(near), pair=f"{one}, {other}")
    if problem.kind is Kind.LSCP:
        return
    n_locked = int(sites.locked.sum())
    if problem.count is not None and n_locked > problem.count:
        raise InputError("siting.locked_count", n=n_locked, expected=problem.count)
    cost = float(sites.cost[sites.locked].sum())
    if problem.budget is not None and cost > problem.budget * (1 + COST_ROUNDING_RATIO):
        raise InputError("siting.locked_budget", cost=f"{cost:g}", expected=f"{problem.budget:g}")


def _check_capacity(problem: SitingProblem) -> None:
    """Refuse to serve everybody where the largest sites together cannot; spacing is left out."""
    able = np.sort(problem.candidates.capacity[~problem.candidates.forbidden])[::-1]
    limited = problem.kind is Kind.PMEDIAN and problem.count is not None
    most = float(able[: problem.count if limited else None].sum())
    weight = float(problem.weight[reachable(problem)].sum())
    if weight > most * (1 + COST_ROUNDING_RATIO):
        raise InputError("siting.capacity_short", found=f"{most:g}", expected=f"{weight:g}")


def _rows(mask: Bools) -> str:
    return named(mask, range(len(mask)))


def named(mask: Bools, names: Sequence[int | str]) -> str:
    """Return the first names under ``mask`` as a list in words."""
    rows: Ints = np.flatnonzero(mask)
    more = ", …" if len(rows) > SHOWN else ""
    return ", ".join(str(names[row]) for row in rows[:SHOWN]) + more


def n_unreached(problem: SitingProblem) -> int:
    """Return how many places fewer candidates reach than the place needs; none can serve them."""
    return int((~reachable(problem)).sum())


def reachable(problem: SitingProblem) -> Bools:
    """Return the places that the candidates which may be chosen can serve."""
    allowed = np.flatnonzero(~problem.candidates.forbidden)
    reach = problem.reach[allowed]
    n_reaching = np.bincount(reach.indices, minlength=len(problem.weight))
    enough: Bools = n_reaching >= problem.folds_of
    return enough

"""The one door of the engine: checks a question, makes it smaller, searches and proves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.answer import Status
from ilo_geo.siting.assign import assign
from ilo_geo.siting.checks import check
from ilo_geo.siting.checks import reachable
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.mclp.search import search_mclp
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.reduce import Reduced
from ilo_geo.siting.reduce import reduce
from ilo_geo.siting.rules import Rules
from ilo_geo.siting.search import Search


def solve(
    problem: SitingProblem, limits: Limits | None = None, progress: Progress = silent
) -> SitingAnswer:
    """Return the best choice of sites found and the bound that no choice can pass.

    Places that no allowed candidate can serve ask nothing (`checks.n_unreached` counts them).
    The p-median and the set cover serve every other place. Capacities divide a place among sites;
    a place under ``folds`` takes capacity once.

    Parameters
    ----------
    limits
        When to stop; a minute by default. A first choice and a first bound are made at any time.
    progress
        Told of ``objective`` and ``bound``; `EnoughError` ends the search with the best so far.

    Raises
    ------
    InputError
        The question has no sense (see `checks.check`), no choice obeys its limits, or none was
        found in the time given.
    """
    limits = limits or Limits()
    check(problem)
    if not reachable(problem).any():
        raise InputError("siting.no_reach", n=len(problem.candidates), places=len(problem.weight))
    if problem.is_plain and problem.kind is Kind.MCLP:
        return search_mclp(problem, limits, progress)
    has_capacity = bool(np.isfinite(problem.candidates.capacity).any())
    compile_moves(problem.kind, has_capacity=has_capacity)
    began = limits.clock()
    reduced = reduce(problem)
    small = reduced.problem
    maximises = problem.kind is Kind.MCLP
    incumbent = Incumbent(limits, progress, _units(small), maximises=maximises, began=began)
    stopped = False
    try:
        Search(small, Rules.of(small), incumbent).run()
    except (EnoughError, KeyboardInterrupt):
        stopped = True
    return _answer(problem, reduced, incumbent, stopped=stopped)


@cache
def compile_moves(kind: Kind, *, has_capacity: bool) -> None:
    """Have the moves of a kind compiled, on two sites, before the clock of a search runs.

    The first time on a machine this takes many seconds, later a fraction of one.
    """
    sites = Candidates.plain(2)
    if has_capacity:
        sites = replace(sites, capacity=np.full(2, 2.0))
    reach = csr_array(np.array([[1.0, 2.0], [2.0, 1.0]]))
    folds = 2 if kind is Kind.MCLP else 1
    tiny = SitingProblem(kind, np.ones(2), reach, sites, count=2, folds=folds)
    no_time = Limits(seconds=0.0)
    incumbent = Incumbent(no_time, silent, tiny.weight, maximises=kind is Kind.MCLP)
    Search(tiny, Rules.of(tiny), incumbent).run()


def _units(problem: SitingProblem) -> Floats:
    """Return the values of which every objective is a sum (of products, for the p-median)."""
    if problem.kind is Kind.LSCP:
        return problem.candidates.cost
    capacity = problem.candidates.capacity
    parts = [problem.weight, capacity[np.isfinite(capacity)]]
    if problem.kind is Kind.PMEDIAN:
        parts.append(problem.reach.data.astype(float))
    return np.concatenate(parts)


def _answer(
    problem: SitingProblem, reduced: Reduced, incumbent: Incumbent, *, stopped: bool
) -> SitingAnswer:
    if incumbent.selected is None:
        raise InputError("siting.none_found", seconds=f"{incumbent.seconds:.1f}")
    selected = reduced.site_ids[incumbent.selected]
    assigned, shares = assign(problem, selected)
    status = Status.STOPPED if stopped else Status.FEASIBLE
    return SitingAnswer(
        selected,
        assigned,
        incumbent.objective,
        incumbent.bound,
        Status.OPTIMAL if incumbent.closed else status,
        incumbent.seconds,
        shares,
    )

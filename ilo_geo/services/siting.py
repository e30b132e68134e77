"""Use case: choose sites for anyone's demand and candidates, from files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.io.site_files import CostMatrix
from ilo_geo.io.site_files import SiteTable
from ilo_geo.io.site_files import read_candidates
from ilo_geo.io.site_files import read_cost_matrix
from ilo_geo.io.site_files import read_demand
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.checks import COST_ROUNDING_RATIO
from ilo_geo.siting.checks import check
from ilo_geo.siting.checks import named
from ilo_geo.siting.checks import reachable
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.reach import pairs_nearer_than
from ilo_geo.siting.reach import reach_nearest
from ilo_geo.siting.reach import reach_within
from ilo_geo.siting.solve import solve

# distances a p-median keeps in memory; beyond, each place knows its nearest candidates only
MOST_PAIRS = 10_000_000
MOST_LONGITUDE_DEG = 180.0
MOST_LATITUDE_DEG = 90.0


@dataclass(frozen=True)
class SiteFiles:
    """Where a question lies; ``cost_matrix`` takes the place of straight distances."""

    demand: Path
    candidates: Path
    cost_matrix: Path | None = None


@dataclass(frozen=True)
class SiteQuestion:
    """What is asked of the files.

    Attributes
    ----------
    kind
        Maximal coverage, set cover or p-median.
    radius_m
        Reach, in metres or in the matrix's unit.
    count, budget
        Most sites, most cost.
    spacing_m
        Least straight distance between two sites.
    folds
        Sites that must reach a place before it counts.
    """

    kind: Kind = Kind.MCLP
    radius_m: float | None = None
    count: int | None = None
    budget: float | None = None
    spacing_m: float = 0.0
    folds: int = 1


@dataclass(frozen=True)
class SiteOutcome:
    """The answer in the files' own ids."""

    question: SiteQuestion
    problem: SitingProblem
    answer: SitingAnswer
    demand_ids: list[int] | list[str]
    candidate_ids: list[int] | list[str]
    notices: tuple[Notice, ...]

    @property
    def document(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        answer, problem = self.answer, self.problem
        served = answer.assigned >= 0
        total = float(problem.weight.sum())
        unreached = ~reachable(problem)
        return {
            "problem": problem.kind.value,
            "selected": [self.candidate_ids[at] for at in answer.selected],
            "objective": answer.objective,
            "bound": answer.bound,
            "gap_ratio": answer.gap_ratio,
            "status": answer.status.value,
            "solver_seconds": round(answer.solver_seconds, 3),
            "n_demand": len(problem.weight),
            "n_candidates": len(problem.candidates),
            "weight_total": total,
            "n_served": int(served.sum()),
            "n_unreached": int(unreached.sum()),
            "weight_unreached": float(problem.weight[unreached].sum()),
            "cost": float(problem.candidates.cost[answer.selected].sum()),
            "count": self.question.count,
            "budget": self.question.budget,
            "warnings": [notice.text("en") for notice in self.notices],
        }


def site(
    files: SiteFiles,
    question: SiteQuestion,
    limits: Limits | None = None,
    progress: Progress = silent,
) -> SiteOutcome:
    """Return the best sites found for the question that the files and options ask.

    Raises
    ------
    InputError
        A file is faulty, the options do not fit each other, or no choice obeys them.
    """
    needs_xy = files.cost_matrix is None or question.spacing_m > 0
    demand = read_demand(files.demand, needs_xy=files.cost_matrix is None)
    candidates = read_candidates(files.candidates, needs_xy=needs_xy)
    _check_options(question)
    if files.cost_matrix is None:
        _check_plane(demand, candidates)
        reach, notices = _straight_reach(demand, candidates, question)
    else:
        sizes = (len(demand.table), len(candidates.table))
        costs = read_cost_matrix(files.cost_matrix, *sizes)
        reach, notices = _matrix_reach(costs, question), []
    problem = _problem(demand, candidates, reach, question)
    # the engine checks again, but knows no ids
    check(problem, candidates.ids)
    answer = solve(problem, limits, progress)
    notices += [
        *_about_unreached(problem),
        *_about_idle(problem, demand, candidates, question, files),
        *_about_cover(problem, answer),
    ]
    return SiteOutcome(question, problem, answer, demand.ids, candidates.ids, tuple(notices))


def _about_unreached(problem: SitingProblem) -> Iterator[Notice]:
    """Yield how much demand nobody can serve, and what that means for the problem asked."""
    served = reachable(problem)
    if served.all():
        return
    fields = {
        "n": int((~served).sum()),
        "total": len(problem.weight),
        "weight": f"{float(problem.weight[~served].sum()):g}",
    }
    match problem.kind:
        case Kind.MCLP:
            rest = f"{float(problem.weight[served].sum()):g}"
            yield Notice("siting.unreached", {**fields, "rest": rest})
        case Kind.LSCP:
            yield Notice("siting.unreached_cover", fields)
        case Kind.PMEDIAN:
            yield Notice("siting.unreached_median", fields)


def _about_idle(
    problem: SitingProblem,
    demand: SiteTable,
    candidates: SiteTable,
    question: SiteQuestion,
    files: SiteFiles,
) -> Iterator[Notice]:
    """Yield how many candidates can serve nobody: mostly a fault of their coordinates."""
    total = len(problem.candidates)
    if files.cost_matrix is None and question.radius_m is None:
        # every pair may serve: those out of all proportion are told
        diagonal_m = float(np.hypot(*np.ptp(demand.xy, axis=0)))
        far = cKDTree(demand.xy).query(candidates.xy)[0] > diagonal_m
        if diagonal_m > 0 and far.any():
            fields = {"n": int(far.sum()), "total": total, "names": named(far, candidates.ids)}
            yield Notice("siting.candidates_far", {**fields, "diagonal": f"{diagonal_m:,.0f}"})
        return
    idle = np.diff(problem.reach.indptr) == 0
    if idle.any():
        fields = {"n": int(idle.sum()), "total": total, "names": named(idle, candidates.ids)}
        yield Notice("siting.candidates_without_reach", fields)


def _about_cover(problem: SitingProblem, answer: SitingAnswer) -> Iterator[Notice]:
    """Yield the limits that a set cover was given and disregards, and those it exceeds."""
    count, budget = problem.count, problem.budget
    if problem.kind is not Kind.LSCP or (count is None and budget is None):
        return
    given = {"--count": count, "--budget": budget}
    limits = ", ".join(f"{name} {limit:g}" for name, limit in given.items() if limit is not None)
    yield Notice("siting.cover_without_limits", {"limits": limits})
    n = len(answer.selected)
    if count is not None and n > count:
        yield Notice("siting.cover_over_count", {"n": n, "expected": count})
    cost = float(problem.candidates.cost[answer.selected].sum())
    if budget is not None and cost > budget * (1 + COST_ROUNDING_RATIO):
        over = {"cost": f"{cost:g}", "expected": f"{budget:g}"}
        yield Notice("siting.cover_over_budget", over)


def _check_options(question: SiteQuestion) -> None:
    given = {
        "--radius-m": question.radius_m,
        "--spacing-m": question.spacing_m,
        "--budget": question.budget,
    }
    for name, value in given.items():
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise InputError(
                "parameter.invalid", where=name, found=f"{value:g}", expected="0 or more"
            )


def _check_plane(demand: SiteTable, candidates: SiteTable) -> None:
    """Refuse degrees, and two files in two reference systems."""
    if demand.crs is not None and candidates.crs is not None and demand.crs != candidates.crs:
        raise CrsError(
            "crs.mixed",
            where="--candidates",
            found=crs_name(candidates.crs),
            expected=crs_name(demand.crs),
            other="--demand",
        )
    x, y = np.abs(np.concatenate([demand.xy, candidates.xy])).T
    if x.max() <= MOST_LONGITUDE_DEG and y.max() <= MOST_LATITUDE_DEG:
        raise CrsError("siting.degrees", found=f"x ≤ {x.max():g}, y ≤ {y.max():g}")


def _straight_reach(
    demand: SiteTable, candidates: SiteTable, question: SiteQuestion
) -> tuple[csr_array, list[Notice]]:
    places, sites = demand.xy, candidates.xy
    by_distance = question.kind is Kind.PMEDIAN
    if question.radius_m is not None:
        return reach_within(sites, places, question.radius_m, distances=by_distance), []
    if not by_distance:
        raise InputError("siting.radius_missing", kind=question.kind.value)
    k = min(max(MOST_PAIRS // len(places), 1), len(sites))
    notices = []
    if k < len(sites):
        notices.append(Notice("siting.nearest_only", {"k": k, "total": len(sites)}))
    return reach_nearest(sites, places, k), notices


def _matrix_reach(matrix: CostMatrix, question: SiteQuestion) -> csr_array:
    """Return the pairs that may serve: those within the radius, or all the matrix has."""
    costs = matrix.costs
    if question.radius_m is None:
        if question.kind is not Kind.PMEDIAN and not matrix.is_sparse:
            raise InputError("siting.radius_missing", kind=question.kind.value)
        return costs
    near = costs.data <= question.radius_m
    row = np.repeat(np.arange(costs.shape[0]), np.diff(costs.indptr))[near]
    start_of = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=costs.shape[0]))])
    return csr_array((costs.data[near], costs.indices[near], start_of), shape=costs.shape)


def _problem(
    demand: SiteTable, candidates: SiteTable, reach: csr_array, question: SiteQuestion
) -> SitingProblem:
    table = candidates.table
    apart = (
        pairs_nearer_than(candidates.xy, question.spacing_m)
        if question.spacing_m > 0
        else np.zeros((0, 2), dtype=np.int64)
    )
    sites = Candidates(
        table["cost"].to_numpy(dtype=float),
        table["capacity"].to_numpy(dtype=float),
        table["locked"].to_numpy(dtype=bool),
        table["forbidden"].to_numpy(dtype=bool),
        apart,
    )
    weight = demand.table["weight"].to_numpy(dtype=float)
    return SitingProblem(
        question.kind, weight, reach, sites, question.count, question.budget, question.folds
    )

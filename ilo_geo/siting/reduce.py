"""The same question, smaller: only sites that may be chosen and places that they can serve."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.siting.checks import reachable
from ilo_geo.siting.dominance import without_dominated
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem

UNUSED = -1


@dataclass(frozen=True)
class Reduced:
    """A smaller question with the same best value.

    Attributes
    ----------
    problem
        The question on the kept sites and places.
    site_ids
        Position of each kept site in the question asked.
    """

    problem: SitingProblem
    site_ids: Ints


def reduce(problem: SitingProblem) -> Reduced:
    """Return ``problem`` without forbidden sites and places that ask nothing or cannot be served.

    For coverage, places that the same sites reach become one of their joint weight: exact, also
    with capacities, as those may divide a place. A place without weight asks nothing but of the
    set cover, which reaches every place whatever its weight.
    The set cover also forgets what `dominance` says it may.
    """
    sites = problem.candidates
    site_ids = np.flatnonzero(~sites.forbidden)
    wanted = reachable(problem)
    if problem.kind is not Kind.LSCP:
        wanted &= problem.weight > 0
    reach = _columns(problem.reach[site_ids], wanted)
    kept = replace(
        problem,
        weight=problem.weight[wanted],
        folds=problem.folds_of[wanted],
        reach=reach,
        candidates=_kept_sites(sites, site_ids),
    )
    if problem.kind is not Kind.PMEDIAN:
        kept = _merged(kept)
    if problem.kind is Kind.LSCP and not np.isfinite(sites.capacity).any():
        kept, still = without_dominated(kept)
        site_ids = site_ids[still]
    return Reduced(kept, site_ids)


def _columns(reach: csr_array, wanted: Bools) -> csr_array:
    """Return the wanted columns, entries of value zero kept."""
    new = np.where(wanted, np.cumsum(wanted) - 1, UNUSED)[reach.indices]
    inside = new != UNUSED
    row = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))[inside]
    start_of = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=reach.shape[0]))])
    data = (reach.data[inside], new[inside], start_of)
    return csr_array(data, shape=(reach.shape[0], int(wanted.sum())))


def _kept_sites(sites: Candidates, site_ids: Ints) -> Candidates:
    new = np.full(len(sites), UNUSED)
    new[site_ids] = np.arange(len(site_ids))
    apart = new[sites.apart] if len(sites.apart) else sites.apart
    return Candidates(
        sites.cost[site_ids],
        sites.capacity[site_ids],
        sites.locked[site_ids],
        sites.forbidden[site_ids],
        apart[(apart != UNUSED).all(axis=1) & (apart[:, 0] != apart[:, 1])],
    )


def _merged(problem: SitingProblem) -> SitingProblem:
    n_places = len(problem.weight)
    if not n_places:
        return problem
    group, first = _groups(problem)
    weight = np.bincount(group, weights=problem.weight, minlength=len(first)).astype(float)
    keep = np.zeros(n_places, dtype=bool)
    keep[first] = True
    order = np.argsort(first)
    return replace(
        problem,
        weight=weight[order],
        folds=problem.folds_of[first[order]],
        reach=_columns(problem.reach, keep),
    )


def _groups(problem: SitingProblem) -> tuple[Ints, Ints]:
    """Return the group of each place of equal sites and folds, and the first place of each group.

    Two random 64-bit sums stand for the set of sites: a wrong match among a million places has a
    chance below 1e-25.
    """
    rng = np.random.default_rng(0)
    reach = problem.reach
    n_places = len(problem.weight)
    n_sites = np.diff(reach.indptr)
    keys = np.zeros((n_places, 3), dtype=np.uint64)
    for part in range(2):
        mark = np.repeat(rng.integers(1, 2**63, len(n_sites), dtype=np.uint64), n_sites)
        np.add.at(keys[:, part], reach.indices, mark)
    keys[:, 2] = problem.folds_of
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return group.ravel(), first

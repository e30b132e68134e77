"""Places and sites that a set cover may forget: another one asks, or gives, at least as much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import SitingProblem

# one pass makes the next one find more, less and less
MOST_PASSES = 6
# pairs compared at most: keeps the products of a large question out of memory
MOST_PAIRS = 60_000_000


def without_dominated(problem: SitingProblem) -> tuple[SitingProblem, Ints]:
    """Return a set cover of the same least cost, and the positions of the sites it keeps.

    A place is left out where the sites of another place, which needs as many, are all among its
    own: who serves that one serves both. A site is left out where another one, not dearer, reaches
    all that it reaches; only where one site is enough for each place and no spacing is asked.
    """
    sites = problem.candidates
    reach = csr_array(
        (np.ones(problem.reach.nnz), problem.reach.indices, problem.reach.indptr),
        shape=problem.reach.shape,
    )
    site_ids, place_ids = np.arange(reach.shape[0]), np.arange(reach.shape[1])
    may_drop_sites = not len(sites.apart) and bool((problem.folds_of == 1).all())
    for _ in range(MOST_PASSES):
        n_before = len(site_ids) + len(place_ids)
        place_ids = place_ids[~_holding(reach[site_ids][:, place_ids], problem.folds_of[place_ids])]
        if may_drop_sites:
            within = _within(reach[site_ids][:, place_ids], sites.cost[site_ids])
            site_ids = site_ids[~within | sites.locked[site_ids]]
        if len(site_ids) + len(place_ids) == n_before:
            break
    new = np.full(len(sites), -1)
    new[site_ids] = np.arange(len(site_ids))
    kept = Candidates(
        sites.cost[site_ids],
        sites.capacity[site_ids],
        sites.locked[site_ids],
        sites.forbidden[site_ids],
        new[sites.apart] if len(sites.apart) else sites.apart,
    )
    smaller = replace(
        problem,
        weight=problem.weight[place_ids],
        folds=problem.folds_of[place_ids],
        reach=reach[site_ids][:, place_ids].tocsr(),
        candidates=kept,
    )
    return smaller, site_ids


def _holding(reach: csr_array, folds: Ints) -> Bools:
    """Return the places whose sites hold all sites of another place that needs as many."""
    of_place = reach.T.tocsr()
    n_sites = np.diff(of_place.indptr)
    small, large = _pairs(of_place, n_sites)
    earlier = (n_sites[small] < n_sites[large]) | (small < large)
    needs = folds[small] >= folds[large]
    same = (n_sites[small] == n_sites[large]) & (folds[small] > folds[large])
    dominated = np.zeros(len(n_sites), dtype=bool)
    dominated[large[needs & (earlier | same)]] = True
    return dominated


def _within(reach: csr_array, cost: Floats) -> Bools:
    """Return the sites that reach nothing that another, not dearer one does not."""
    n_places = np.diff(reach.indptr)
    small, large = _pairs(reach, n_places)
    tied = (n_places[small] == n_places[large]) & (cost[small] == cost[large])
    cheaper = (cost[large] <= cost[small]) & (~tied | (large < small))
    dominated: Bools = n_places == 0
    dominated[small[cheaper]] = True
    return dominated


def _pairs(rows: csr_array, sizes: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of rows of which the first lies within the second."""
    if float((np.bincount(rows.indices, minlength=1).astype(float) ** 2).sum()) > MOST_PAIRS:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    shared = (rows @ rows.T).tocoo()
    inside = (shared.data == sizes[shared.row]) & (shared.row != shared.col)
    return shared.row[inside].astype(np.int64), shared.col[inside].astype(np.int64)

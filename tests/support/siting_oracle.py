"""Brute force over every choice of sites, and random small problems; nothing is the engine's."""

from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem


def served_best(weight, able, capacity, distance):
    """Return (weight served, weighted distance) of the best division, by scipy's own solver."""
    sites, places = np.nonzero(able)
    if not len(sites):
        return 0.0, 0.0
    n_sites, n_places = able.shape
    a_ub, b_ub = [], []
    for j in range(n_places):
        a_ub.append((places == j).astype(float))
        b_ub.append(weight[j])
    for i in range(n_sites):
        if np.isfinite(capacity[i]):
            a_ub.append((sites == i).astype(float))
            b_ub.append(capacity[i])
    most = linprog(-np.ones(len(sites)), a_ub, b_ub)
    served = -most.fun
    cheapest = linprog(
        distance[sites, places], a_ub, b_ub, A_eq=[np.ones(len(sites))], b_eq=[served * (1 - 1e-12)]
    )
    return served, cheapest.fun if cheapest.status == 0 else np.inf


def value_of(problem, chosen):
    """Return the objective of a choice, None if it breaks a rule."""
    sites = problem.candidates
    picked = set(chosen)
    limited = problem.kind is not Kind.LSCP
    broken = (
        any(sites.forbidden[i] for i in chosen)
        or not set(np.flatnonzero(sites.locked)) <= picked
        or any(a in picked and b in picked for a, b in sites.apart if a != b)
        or (limited and problem.count is not None and len(chosen) > problem.count)
        or (
            limited
            and problem.budget is not None
            and sites.cost[list(chosen)].sum() > problem.budget + 1e-9
        )
    )
    if broken:
        return None
    reach = np.zeros(problem.reach.shape, dtype=bool)
    distance = np.zeros(problem.reach.shape)
    rows = np.repeat(np.arange(reach.shape[0]), np.diff(problem.reach.indptr))
    reach[rows, problem.reach.indices] = True
    distance[rows, problem.reach.indices] = problem.reach.data
    folds = np.broadcast_to(problem.folds, problem.weight.shape)
    wanted = reach[~sites.forbidden].sum(axis=0) >= folds
    here = list(chosen)
    enough = reach[here].sum(axis=0) >= folds
    asks = wanted & ((problem.weight > 0) | (problem.kind is Kind.LSCP))
    if problem.kind is not Kind.MCLP and not enough[asks].all():
        return None
    cost = float(sites.cost[here].sum())
    if not np.isfinite(sites.capacity).any():
        if problem.kind is Kind.LSCP:
            return cost
        if problem.kind is Kind.MCLP:
            return float(problem.weight[enough].sum())
        nearest = np.where(reach[here], distance[here], np.inf).min(axis=0, initial=np.inf)
        return float((nearest[asks] * problem.weight[asks]).sum())
    able = reach[here] & enough & (problem.weight > 0)
    served, far = served_best(problem.weight, able, sites.capacity[here], distance[here])
    if problem.kind is Kind.MCLP:
        return served
    if served < problem.weight[asks].sum() - 1e-6:
        return None
    return cost if problem.kind is Kind.LSCP else far


def brute_force(problem):
    """Return the best value over all choices, None if none obeys the rules."""
    n = len(problem.candidates)
    if not np.isfinite(problem.candidates.capacity).any():
        return brute_force_without_capacities(problem)
    values = [
        value
        for size in range(n + 1)
        for chosen in combinations(range(n), size)
        if (value := value_of(problem, chosen)) is not None
    ]
    if not values:
        return None
    return max(values) if problem.kind is Kind.MCLP else min(values)


def brute_force_without_capacities(problem):
    """Return the same for every subset at once: a table of 2^n rows, one a choice."""
    sites, kind = problem.candidates, problem.kind
    n = len(sites)
    chosen = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1
    distance = np.full(problem.reach.shape, np.inf)
    rows = np.repeat(np.arange(n), np.diff(problem.reach.indptr))
    distance[rows, problem.reach.indices] = problem.reach.data
    reach = np.isfinite(distance)
    folds = np.broadcast_to(problem.folds, problem.weight.shape)
    cost = chosen @ sites.cost
    allowed = chosen[:, sites.locked].all(axis=1) & ~chosen[:, sites.forbidden].any(axis=1)
    for a, b in sites.apart:
        allowed &= ~(chosen[:, a] & chosen[:, b])
    if kind is not Kind.LSCP and problem.count is not None:
        allowed &= chosen.sum(axis=1) <= problem.count
    if kind is not Kind.LSCP and problem.budget is not None:
        allowed &= cost <= problem.budget + 1e-9
    enough = chosen.astype(int) @ reach.astype(int) >= folds
    asks = reach[~sites.forbidden].sum(axis=0) >= folds
    asks &= (problem.weight > 0) | (kind is Kind.LSCP)
    if kind is not Kind.MCLP:
        allowed &= enough[:, asks].all(axis=1)
    if not allowed.any():
        return None
    if kind is Kind.MCLP:
        return float((enough[allowed] @ problem.weight).max())
    if kind is Kind.LSCP:
        return float(cost[allowed].min())
    near = np.where(chosen[allowed][:, :, None], distance[:, asks], np.inf)
    return float((near.min(axis=1, initial=np.inf) @ problem.weight[asks]).min())


@st.composite
def problems(draw, kind, *, max_sites=12, max_places=12, capacities=False):
    """Draw a small problem with any mix of limits."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n_sites = draw(st.integers(1, max_sites))
    n_places = draw(st.integers(1, max_places))
    dense = rng.random((n_sites, n_places)) < draw(st.sampled_from([0.2, 0.4, 0.8, 1.0]))
    site, place = np.nonzero(dense)
    far = rng.integers(0, 50, len(site)).astype(float)
    reach = csr_array((far, place, np.concatenate([[0], np.cumsum(dense.sum(axis=1))])),
                      shape=dense.shape)  # fmt: skip
    marks = rng.random(n_sites)
    marked = draw(st.booleans())
    apart = np.argwhere(np.triu(rng.random((n_sites, n_sites)) < 0.15, 1))
    with_cost = draw(st.booleans())
    cost = rng.integers(0, 8, n_sites).astype(float) if with_cost else np.ones(n_sites)
    total = 60 * n_places / max(n_sites, 1)
    capacity = np.full(n_sites, np.inf)
    if capacities:
        limited = rng.random(n_sites) < 0.8
        capacity[limited] = rng.integers(0, int(total) + 2, int(limited.sum()))
    candidates = Candidates(
        cost,
        capacity,
        (marks < 0.15) & marked,
        (marks > 0.85) & marked,
        apart if draw(st.booleans()) else apart[:0],
    )
    count = draw(st.one_of(st.none(), st.integers(1, n_sites)))
    budget = draw(st.one_of(st.none(), st.integers(0, 20).map(float)))
    if count is None and budget is None:
        count = n_sites
    folds = rng.integers(1, 3, n_places) if kind is not Kind.PMEDIAN and draw(st.booleans()) else 1
    weight = rng.integers(0, 60, n_places).astype(float)
    return SitingProblem(kind, weight, reach, candidates, count, budget, folds)

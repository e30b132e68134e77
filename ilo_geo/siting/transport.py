"""Who serves whom when sites have capacities and stand where they stand.

A place is many people: part of it may be served by one site and part by another. The best division
is then a transport problem, solved exactly as a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse import csr_array

from ilo_geo.siting.exact import solver_of
from ilo_geo.siting.model import Model
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem

# share of the weight that arithmetic may leave unserved
SERVED_ROUNDING_RATIO = 1e-7
# where pairs are many, a division starts with the best sites of each place; prices ask for others
FEW_PAIRS = 3000
FIRST_SITES = 4
# the worth of the best pair is 1
DUAL_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Division:
    """Weight served, its weighted distance, and the share of each place by each site."""

    served: float
    distance: float
    shares: csr_array


def complete_folds(problem: SitingProblem, selected: Ints) -> Bools:
    """Return the places that enough of the sites ``selected`` reach."""
    reaching = problem.reach[selected].indices
    n_at = np.bincount(reaching, minlength=len(problem.weight))
    enough: Bools = n_at >= problem.folds_of
    return enough


def divide(problem: SitingProblem, selected: Ints, *, required: Bools | None = None) -> Division:
    """Return the best division of the places among ``selected``, within their capacities.

    The most weight is served; of such divisions the p-median takes the one of least distance.

    Parameters
    ----------
    required
        Places that may be served; those with complete folds by default.
    """
    eligible = complete_folds(problem, selected) if required is None else required
    rows = problem.reach[selected]
    at = np.repeat(np.arange(len(selected)), np.diff(rows.indptr))
    used = eligible[rows.indices] & (problem.weight[rows.indices] > 0)
    at, place = at[used], rows.indices[used].astype(np.int64)
    away = rows.data[used].astype(float)
    weight = problem.weight[place]
    by_distance = problem.kind is Kind.PMEDIAN
    # a step nearer never outweighs serving more
    worth = weight * (1.0 + 2.0 * away.max(initial=0.0) - away) if by_distance else weight
    share = _solve(problem, selected, at, place, worth)
    shares = coo_array((share, (selected[at], place)), shape=problem.reach.shape).tocsr()
    return Division(float(share @ weight), float(share @ (weight * away)), shares)


def _solve(problem: SitingProblem, selected: Ints, at: Ints, place: Ints, worth: Floats) -> Floats:
    n_pairs = len(at)
    if not n_pairs:
        return np.zeros(0)
    places, place_row = np.unique(place, return_inverse=True)
    capacity = problem.candidates.capacity[selected]
    limited = np.isfinite(capacity[at])
    divisor = np.where(capacity > 0, capacity, 1.0)
    column = np.arange(n_pairs)
    row = np.concatenate([place_row, len(places) + at[limited]])
    load = problem.weight[place[limited]] / divisor[at[limited]]
    value = np.concatenate([np.ones(n_pairs), load])
    shape = (len(places) + len(selected), n_pairs)
    matrix = coo_array((value, (row, np.concatenate([column, column[limited]]))), shape=shape)
    high = np.concatenate([np.ones(len(places)), (capacity > 0).astype(float)])
    columns = matrix.tocsc()
    worth = worth / (worth.max() or 1.0)
    used = _first_pairs(place_row, worth / problem.weight[place])
    share = np.zeros(n_pairs)
    while True:
        found = _optimal(worth[used], columns[:, used].tocsr(), high)
        if found is None:
            return share
        part, price = found
        missing = worth - columns.T @ price > DUAL_TOLERANCE
        missing[used] = False
        if not missing.any():
            share[used] = part
            return share
        used = np.union1d(used, np.flatnonzero(missing))


def _first_pairs(place_row: Ints, worth: Floats) -> Ints:
    """Return the pairs to begin with: of each place those worth most; all, where they are few."""
    if len(worth) <= FEW_PAIRS:
        return np.arange(len(worth))
    order = np.lexsort((-worth, place_row))
    first = np.searchsorted(place_row[order], place_row[order])
    return np.sort(order[np.arange(len(order)) - first < FIRST_SITES])


def _optimal(worth: Floats, rows: csr_array, high: Floats) -> tuple[Floats, Floats] | None:
    """Return the shares worth most together and the prices of the rows."""
    none = np.zeros(0, dtype=np.int64)
    zero, one = np.zeros(len(worth)), np.ones(len(worth))
    low = np.full(len(high), -np.inf)
    solver = solver_of(Model(worth, zero, one, none, rows, low, high, True, 0))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    share: Floats = np.clip(np.array(solution.col_value), 0.0, 1.0)
    return share, np.array(solution.row_dual)


class Valuer:
    """Tells the objective of a choice with capacities, None where it leaves somebody unserved."""

    def __init__(self, problem: SitingProblem) -> None:
        self._problem = problem
        self._total = float(problem.weight.sum())
        self._known: dict[bytes, tuple[float, float | None]] = {}

    def served(self, selected: Ints) -> float:
        """Return the weight that the choice can serve."""
        return self._look(selected)[0]

    def value(self, selected: Ints) -> float | None:
        """Return the objective of the choice, None where the problem asks that all be served."""
        return self._look(selected)[1]

    def _look(self, selected: Ints) -> tuple[float, float | None]:
        key = np.sort(selected).tobytes()
        if key not in self._known:
            self._known[key] = self._compute(np.sort(selected))
        return self._known[key]

    def _compute(self, selected: Ints) -> tuple[float, float | None]:
        problem = self._problem
        division = divide(problem, selected)
        if problem.kind is Kind.MCLP:
            return division.served, division.served
        missing = self._total - division.served
        whole = bool(complete_folds(problem, selected).all())
        if not whole or missing > SERVED_ROUNDING_RATIO * max(self._total, 1.0):
            return division.served, None
        cost = float(problem.candidates.cost[selected].sum())
        return division.served, division.distance if problem.kind is Kind.PMEDIAN else cost

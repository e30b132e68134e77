"""The exact model of a siting question as sparse arrays, ready for the solver.

Variables: ``y`` a site is chosen (whole); then for the plain maximal coverage ``z`` a place is
covered, and where places are assigned (p-median, capacities) ``x`` the share of a place that a
site serves.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse import csr_array

from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules


@dataclass(frozen=True)
class Model:
    """Maximise or minimise ``value @ v`` for ``low <= rows @ v <= high``, ``v`` within bounds."""

    value: Floats
    lower: Floats
    upper: Floats
    whole: Ints
    rows: csr_array
    low: Floats
    high: Floats
    maximises: bool
    n_sites: int


@dataclass
class _Rows:
    """Rows gathered block by block."""

    n_columns: int
    blocks: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    n: int = 0

    def add(
        self, row: Ints, column: Ints, value: Floats, n_rows: int, low: float | Floats,
        high: float | Floats,
    ) -> None:  # fmt: skip
        self.blocks.append((row + self.n, column, value))
        self.low.append(np.broadcast_to(np.asarray(low, dtype=float), (n_rows,)))
        self.high.append(np.broadcast_to(np.asarray(high, dtype=float), (n_rows,)))
        self.n += n_rows

    def matrix(self) -> csr_array:
        row, column, value = (np.concatenate(part) for part in zip(*self.blocks, strict=True))
        return coo_array((value, (row, column)), shape=(self.n, self.n_columns)).tocsr()


def build(
    problem: SitingProblem, rules: Rules, *, site_upper: Floats, site_lower: Floats,
    pairs: Ints | None = None,
) -> Model:  # fmt: skip
    """Return the exact model.

    Parameters
    ----------
    site_lower, site_upper
        Bounds of the sites: 1 for those that must stand, 0 for those proved useless.
    pairs
        Positions of the entries of ``reach`` that a better choice may use; None for all.
    """
    n_sites, n_places = problem.reach.shape
    assigns = problem.kind is Kind.PMEDIAN or bool(np.isfinite(problem.candidates.capacity).any())
    site = np.repeat(np.arange(n_sites), np.diff(problem.reach.indptr))
    pairs = np.arange(len(site)) if pairs is None else pairs
    site, place = site[pairs], problem.reach.indices[pairs].astype(np.int64)
    covers = problem.kind is Kind.MCLP and (not assigns or bool((problem.folds_of > 1).any()))
    n_x, n_z = len(pairs) if assigns else 0, n_places if covers else 0
    rows = _Rows(n_sites + n_z + n_x)
    _site_rows(rows, rules, n_sites)
    x_at = n_sites + n_z + np.arange(n_x)
    if covers or problem.kind is Kind.LSCP:
        _fold_rows(rows, problem, site, place, n_sites if covers else None)
    if assigns:
        _share_rows(rows, problem, site, place, x_at, n_sites if covers else None)
    value = np.zeros(rows.n_columns)
    if problem.kind is Kind.LSCP:
        value[:n_sites] = rules.cost
    elif problem.kind is Kind.PMEDIAN:
        value[x_at] = problem.reach.data[pairs] * problem.weight[place]
    else:
        value[x_at if assigns else slice(n_sites, None)] = (
            problem.weight[place] if assigns else problem.weight
        )
    whole_z = np.flatnonzero(problem.folds_of > 1) if covers else np.zeros(0, dtype=np.int64)
    lower, upper = np.zeros(rows.n_columns), np.ones(rows.n_columns)
    lower[:n_sites], upper[:n_sites] = site_lower, site_upper
    return Model(
        value,
        lower,
        upper,
        np.concatenate([np.arange(n_sites), n_sites + whole_z]),
        rows.matrix(),
        np.concatenate(rows.low),
        np.concatenate(rows.high),
        problem.kind is Kind.MCLP,
        n_sites,
    )


def _site_rows(rows: _Rows, rules: Rules, n_sites: int) -> None:
    """Count, budget and spacing; a row without a limit is left out."""
    every, zero = np.arange(n_sites), np.zeros(n_sites, dtype=np.int64)
    rows.add(zero, every, np.ones(n_sites), 1, -np.inf, float(rules.max_count))
    if np.isfinite(rules.max_cost):
        rows.add(zero, every, rules.cost, 1, -np.inf, rules.max_cost)
    cliques = rules.cliques
    if cliques:
        row = np.repeat(np.arange(len(cliques)), [len(members) for members in cliques])
        rows.add(row, np.concatenate(cliques), np.ones(len(row)), len(cliques), -np.inf, 1.0)


def _fold_rows(
    rows: _Rows, problem: SitingProblem, site: Ints, place: Ints, z_at: int | None
) -> None:
    """Enough chosen sites reach each place (set cover), or each place that counts as covered."""
    n_places = len(problem.weight)
    folds = problem.folds_of.astype(float)
    ones = np.ones(len(site))
    if z_at is None:
        rows.add(place, site, ones, n_places, folds, np.inf)
        return
    every = np.arange(n_places)
    row, column = np.concatenate([place, every]), np.concatenate([site, z_at + every])
    rows.add(row, column, np.concatenate([ones, -folds]), n_places, 0.0, np.inf)


def _share_rows(
    rows: _Rows, problem: SitingProblem, site: Ints, place: Ints, x_at: Ints, z_at: int | None
) -> None:
    """Shares of a place sum to one (or to what counts as covered) and come from chosen sites."""
    n_places, n_pairs = len(problem.weight), len(x_at)
    ones = np.ones(n_pairs)
    if z_at is None:
        least = -np.inf if problem.kind is Kind.MCLP else 1.0
        rows.add(place, x_at, ones, n_places, least, 1.0)
    else:
        every = np.arange(n_places)
        row, column = np.concatenate([place, every]), np.concatenate([x_at, z_at + every])
        value = np.concatenate([ones, -np.ones(n_places)])
        rows.add(row, column, value, n_places, -np.inf, 0.0)
    every = np.arange(n_pairs)
    row, column = np.concatenate([every, every]), np.concatenate([x_at, site])
    rows.add(row, column, np.concatenate([ones, -ones]), n_pairs, -np.inf, 0.0)
    capacity = problem.candidates.capacity
    limited = np.isfinite(capacity[site])
    # divided by the capacity: the solver's tolerance is then a share of it
    divisor = np.where(capacity > 0, capacity, 1.0)
    tight = np.flatnonzero(np.isfinite(capacity))
    number = np.zeros(len(capacity), dtype=np.int64)
    number[tight] = np.arange(len(tight))
    load = problem.weight[place[limited]] / divisor[site[limited]]
    row = np.concatenate([number[site[limited]], np.arange(len(tight))])
    column = np.concatenate([x_at[limited], tight])
    value = np.concatenate([load, -(capacity[tight] > 0).astype(float)])
    rows.add(row, column, value, len(tight), -np.inf, 0.0)

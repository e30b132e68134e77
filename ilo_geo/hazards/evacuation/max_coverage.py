"""The best k of many refuges, with proof: maximum coverage, with or without capacities.

Solved by branch and bound (HiGHS, through scipy). The bound it proves is reported with the choice,
so that a search stopped early still says how far from the best it may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds
from scipy.optimize import LinearConstraint
from scipy.optimize import milp
from scipy.sparse import coo_array
from scipy.sparse import csr_array

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints

# people are counted to the thousandth, which is closer than any of them is known
ROUNDING_INHAB = 1e-3
# a variable that is 0 or 1 but for rounding is 1 above this
WHOLE = 0.5


@dataclass(frozen=True)
class Coverage:
    """Which candidate saves whom; groups are late people that the same candidates save.

    Attributes
    ----------
    saves
        Candidates by groups, 1 where people of the group get there in time.
    inhab
        People of each group.
    capacity_inhab
        People each candidate holds; infinite where there is no limit.
    late_inhab
        All late people, those out of reach of every candidate included.
    """

    saves: csr_array
    inhab: Floats
    capacity_inhab: Floats
    late_inhab: float

    @property
    def reachable_inhab(self) -> float:
        """Return the late people who reach at least one candidate."""
        reached = np.unique(self.saves.indices)
        return float(self.inhab[reached].sum())


@dataclass(frozen=True)
class RefugeChoice:
    """The refuges chosen and the proof of how good the choice is.

    Attributes
    ----------
    chosen
        Positions of the candidates, most people first.
    assigned_inhab
        Late people each one takes in; they add up to ``saved_inhab``.
    upper_bound_inhab
        No choice of as many candidates saves more (proved by branch and bound).
    greedy_saved_inhab
        What picking one after the other would save.
    """

    chosen: Ints
    assigned_inhab: Floats
    upper_bound_inhab: float
    greedy_saved_inhab: float

    @property
    def saved_inhab(self) -> float:
        """Return the people saved."""
        return float(self.assigned_inhab.sum())

    @property
    def gap_inhab(self) -> float:
        """Return how many more people another choice could save at most; 0 is proven best."""
        gap = self.upper_bound_inhab - self.saved_inhab
        return gap if gap > ROUNDING_INHAB else 0.0


def choose_refuges(cover: Coverage, *, n_refuges: int, max_nodes: int = 10_000) -> RefugeChoice:
    """Return the best choice of at most ``n_refuges`` candidates, and the proof.

    Parameters
    ----------
    cover
        Who reaches what.
    n_refuges
        Refuges to choose.
    max_nodes
        Branches after which the search stops; the gap then says how far the bound is.
    """
    greedy = _greedy(cover, n_refuges)
    assigned = _assign(cover, greedy)
    greedy_saved = float(assigned.sum())
    best, bound = _branch_and_bound(cover, n_refuges, max_nodes)
    proven = _assign(cover, best)
    if proven.sum() >= greedy_saved:
        assigned = proven
    used = np.flatnonzero(assigned > ROUNDING_INHAB)
    chosen = used[np.lexsort((used, -assigned[used]))]
    saved = float(assigned[chosen].sum())
    return RefugeChoice(chosen, assigned[chosen], max(bound, saved), greedy_saved)


def _greedy(cover: Coverage, n_refuges: int) -> Ints:
    """Return candidates picked one by one, each taking whom it can of those left."""
    left = cover.inhab.copy()
    chosen: list[int] = []
    while len(chosen) < min(n_refuges, cover.saves.shape[0]):
        gain = np.minimum(cover.saves @ left, cover.capacity_inhab)
        gain[chosen] = 0.0
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        chosen.append(best)
        groups = cover.saves.indices[cover.saves.indptr[best] : cover.saves.indptr[best + 1]]
        before = np.cumsum(left[groups]) - left[groups]
        taken = np.clip(cover.capacity_inhab[best] - before, 0.0, left[groups])
        left[groups] -= taken
    return np.array(chosen, dtype=np.int64)


def _assign(cover: Coverage, chosen: Ints) -> Floats:
    """Return the people each candidate takes in when ``chosen`` are built: as many as can be.

    A refuge without a limit takes all it reaches; the others share out the rest (transport LP).
    """
    assigned = np.zeros(cover.saves.shape[0])
    left = cover.inhab.copy()
    limited = np.isfinite(cover.capacity_inhab[chosen])
    for candidate in chosen[~limited]:
        groups = cover.saves[[candidate]].indices
        assigned[candidate] = left[groups].sum()
        left[groups] = 0.0
    part = coo_array(cover.saves[chosen[limited]])
    row, group = part.coords
    wanted = left[group] > 0
    row, group = row[wanted], group[wanted]
    if len(row):
        pair = np.arange(len(row))
        shape = (len(chosen[limited]) + len(left), len(row))
        ones = np.ones(2 * len(row))
        rows = np.concatenate([row, len(chosen[limited]) + group])
        matrix = coo_array((ones, (rows, np.tile(pair, 2))), shape=shape).tocsr()
        most = np.concatenate([cover.capacity_inhab[chosen[limited]], left])
        flow = milp(-np.ones(len(row)), constraints=LinearConstraint(matrix, ub=most)).x
        assigned[chosen[limited]] = np.bincount(row, weights=flow, minlength=limited.sum())
    return assigned


def _branch_and_bound(cover: Coverage, n_refuges: int, max_nodes: int) -> tuple[Ints, float]:
    """Return the best choice found and an upper bound of every choice."""
    n_candidates, n_groups = cover.saves.shape
    if not cover.saves.nnz or n_refuges < 1:
        return np.zeros(0, np.int64), 0.0
    matrix, most, top = _programme(cover, n_refuges)
    cost, whole = np.zeros((2, len(top)))
    cost[n_candidates : n_candidates + n_groups] = -1.0
    whole[:n_candidates] = 1
    answer = milp(
        cost,
        integrality=whole,
        bounds=Bounds(0.0, top),
        constraints=LinearConstraint(matrix, ub=most),
        options={"mip_rel_gap": 0.0, "node_limit": max_nodes},
    )
    found = np.zeros(0) if answer.x is None else answer.x[:n_candidates]
    bound = cover.reachable_inhab
    if answer.mip_dual_bound is not None:
        bound = min(bound, -answer.mip_dual_bound)
    return np.flatnonzero(found > WHOLE), bound


def _programme(cover: Coverage, n_refuges: int) -> tuple[csr_array, Floats, Floats]:
    """Return matrix, right-hand sides (each row at most that) and upper bounds of the variables.

    Variables: ``y`` (a refuge is built), ``x`` (people of a group saved) and, for refuges with a
    capacity, ``z`` (people of a group in it). The sum of ``x`` is to be as large as can be.
    """
    n_candidates, n_groups = cover.saves.shape
    candidate, group = coo_array(cover.saves).coords
    limited = np.isfinite(cover.capacity_inhab)
    pair_c, pair_g = (values[limited[candidate]] for values in (candidate, group))
    free_c, free_g = (values[~limited[candidate]] for values in (candidate, group))
    of_limited, pairs = np.flatnonzero(limited), np.arange(len(pair_c))
    y, x = np.arange(n_candidates), n_candidates + np.arange(n_groups)
    z = n_candidates + n_groups + pairs
    groups, rooms = 1 + np.arange(n_groups), 1 + n_groups
    joins = rooms + n_candidates + pairs
    inhab, capacity = cover.inhab, cover.capacity_inhab
    blocks = (
        # no more refuges than asked for
        (np.zeros(n_candidates, int), y, np.ones(n_candidates)),
        # a group is saved only in refuges that are built
        (groups, x, np.ones(n_groups)),
        (groups[free_g], free_c, -inhab[free_g]),
        (groups[pair_g], z, -np.ones(len(z))),
        # a refuge takes no more than it holds, and nobody if it is not built
        (rooms + pair_c, z, np.ones(len(z))),
        (rooms + of_limited, of_limited, -capacity[of_limited]),
        (joins, z, np.ones(len(z))),
        (joins, pair_c, -inhab[pair_g]),
    )
    rows, columns, values = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    shape = (1 + n_groups + n_candidates + len(z), n_candidates + n_groups + len(z))
    most = np.zeros(shape[0])
    most[0] = n_refuges
    top = np.concatenate([np.ones(n_candidates), inhab, inhab[pair_g]])
    return coo_array((values, (rows, columns)), shape=shape).tocsr(), most, top

"""Best places for bases, by driving time: the p-median or the maximal coverage, with its proof.

Candidates are crossings of streets, the one with most need of each square of a grid; what is to be
reached is the need of each square of a finer grid, at its node of most need. The certificate holds
for that grain; shares before and after are counted at every point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.city.driving import Drive
from ilo_geo.city.driving import crossings
from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.shortest_paths import bounded_distances
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.solve import solve


@dataclass(frozen=True)
class BaseSearch:
    """What is asked of new bases.

    Attributes
    ----------
    kind
        p-median (least mean time) or maximal coverage (most need within ``within_s``).
    n_new
        Bases sought beside those there are.
    keep
        Whether the bases there are stay; else as many in all are sought anywhere, those there are
        among the candidates.
    within_s
        Longest way, dispatch left out, that covers.
    grid_m, max_candidates
        Squares with a candidate each, and the most candidates.
    """

    kind: Kind
    n_new: int
    keep: bool
    within_s: float
    grid_m: float
    max_candidates: int


@dataclass(frozen=True)
class Bases:
    """Where bases should be.

    Attributes
    ----------
    node
        Node of each candidate: first the bases there are, then crossings.
    n_existing
        How many of them are bases there are.
    answer
        The choice and its certificate.
    served_ratio
        Share of the need that the chosen candidate serves, of each candidate.
    """

    node: Ints
    n_existing: int
    answer: SitingAnswer
    served_ratio: Floats

    @property
    def chosen_node(self) -> Ints:
        """Return the nodes of the bases chosen."""
        return self.node[self.answer.selected]


def best_bases(
    drive: Drive,
    node_need: Floats,
    existing: Ints,
    existing_s: Floats,
    search: BaseSearch,
    *,
    limits: Limits,
    progress: Progress = silent,
) -> Bases:
    """Return the best places for bases on a driving network.

    Parameters
    ----------
    node_need
        Need at each node.
    existing, existing_s
        Nodes of the bases there are, and what each adds to every way.
    """
    inside = drive.largest_part()
    squares = _best_of_each_square(drive, node_need, inside & (node_need > 0), search.grid_m / 2)
    weight = _weight_of(drive, node_need, inside, squares, search.grid_m / 2)
    is_crossing = np.zeros(drive.timed.n_nodes, dtype=bool)
    is_crossing[crossings(drive.timed)] = True
    is_crossing[existing] = False
    sites = _best_of_each_square(drive, node_need, is_crossing & inside, search.grid_m)
    sites = np.sort(sites[np.argsort(-node_need[sites], kind="stable")][: search.max_candidates])
    node = np.concatenate([existing, sites])
    n_chosen = len(existing) + search.n_new
    if not len(squares) or len(node) < n_chosen or n_chosen == 0:
        raise InputError("patrol.too_few_sites", found=len(node), expected=max(n_chosen, 1))
    start_s = np.concatenate([existing_s, np.zeros(len(sites))])
    reach = _reach(drive, node, start_s, squares, search)
    candidates = Candidates.plain(len(node))
    if search.keep:
        candidates.locked[: len(existing)] = True
    problem = SitingProblem(search.kind, weight, reach, candidates, count=n_chosen)
    answer = solve(problem, limits, progress)
    served = answer.assigned >= 0
    served_ratio = np.bincount(
        answer.assigned[served], weights=weight[served], minlength=len(node)
    ) / max(float(weight.sum()), 1e-300)
    return Bases(node, len(existing), answer, served_ratio)


def _square_of(drive: Drive, grid_m: float) -> Ints:
    """Return a number for the square of a grid that each node lies in."""
    cell = np.floor((drive.timed.node_xy - drive.timed.node_xy.min(axis=0)) / grid_m)
    column, row = cell.astype(np.int64).T
    square: Ints = row * (column.max() + 1) + column
    return square


def _best_of_each_square(drive: Drive, node_need: Floats, eligible: Bools, grid_m: float) -> Ints:
    """Return the eligible node with most need of each square, the first of equal ones."""
    nodes = np.flatnonzero(eligible)
    square = _square_of(drive, grid_m)[nodes]
    order = np.lexsort((nodes, -node_need[nodes], square))
    _, first = np.unique(square[order], return_index=True)
    return np.sort(nodes[order[first]])


def _weight_of(
    drive: Drive, node_need: Floats, inside: Bools, squares: Ints, grid_m: float
) -> Floats:
    """Return the need of the square of each of ``squares``."""
    square = _square_of(drive, grid_m)
    total = np.bincount(square, weights=np.where(inside, node_need, 0.0))
    return total[square[squares]].astype(float)


def _reach(
    drive: Drive, node: Ints, start_s: Floats, places: Ints, search: BaseSearch
) -> csr_array:
    """Return the way from each candidate to each place, in seconds; within reach for coverage."""
    limit_s = np.inf if search.kind is Kind.PMEDIAN else search.within_s
    group, there, way_s = bounded_distances(
        drive.timed, node, np.arange(len(node)), initial_m=start_s, limit_m=limit_s
    )
    column = np.full(drive.timed.n_nodes, -1)
    column[places] = np.arange(len(places))
    kept = column[there] >= 0
    at = (group[kept], column[there[kept]])
    return csr_array((way_s[kept], at), shape=(len(node), len(places)))

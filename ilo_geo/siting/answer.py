"""What a search for sites returns: always a choice, and how far from the best it can be at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from scipy.sparse import csr_array

from ilo_geo.siting.problem import Ints

# a gap below this is rounding of the arithmetic, not a better choice that was missed
CLOSED_RATIO = 1e-9


class Status(StrEnum):
    """How the search ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Limits:
    """When a search ends before its proof is complete.

    For equal ``seed`` and equal work the answer is equal; a search cut by the clock ends where the
    machine had got to.

    Attributes
    ----------
    seconds
        Time after which the best choice so far is returned.
    gap_ratio
        A gap not above this is good enough.
    seed
        Of everything random in the search.
    clock
        Seconds that only grow.
    """

    seconds: float = 60.0
    gap_ratio: float = 0.0
    seed: int = 0
    clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True)
class SitingAnswer:
    """A feasible choice and its certificate.

    Attributes
    ----------
    selected
        Positions of the chosen candidates, ascending.
    assigned
        For each place the position of the candidate that serves it, -1 for none. Where capacities
        divide a place among sites, the one that serves most of it.
    objective
        Weight covered (MCLP), cost (LSCP) or weighted distance (p-median) of the choice.
    bound
        No choice covers more, or costs less.
    status, solver_seconds
        How the search ended, and after how long.
    shares
        Candidates by places: share of the place's weight that the candidate serves, where
        capacities divide places; None otherwise.
    """

    selected: Ints
    assigned: Ints
    objective: float
    bound: float
    status: Status
    solver_seconds: float
    shares: csr_array | None = None

    @property
    def gap_ratio(self) -> float:
        """Return the distance between objective and bound as a share of the larger one."""
        larger = max(abs(self.objective), abs(self.bound))
        gap = abs(self.bound - self.objective) / larger if larger else 0.0
        return gap if gap > CLOSED_RATIO else 0.0

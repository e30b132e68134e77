"""What is asked of a choice of sites: who is to be served, by which candidates, within what.

Three problems of location science:

- `Kind.MCLP`, maximal coverage (Church and ReVelle 1974): the most demand within reach of the
  sites that a count or a budget allows.
- `Kind.LSCP`, set cover (Toregas et al. 1971): the cheapest sites that reach every demand.
- `Kind.PMEDIAN` (Hakimi 1964): the least demand-weighted distance to the nearest site chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Kind(StrEnum):
    """Which problem is asked."""

    MCLP = "mclp"
    LSCP = "lscp"
    PMEDIAN = "pmedian"


@dataclass(frozen=True)
class Candidates:
    """The sites one may choose from; arrays of one value a candidate.

    Attributes
    ----------
    cost
        What choosing it takes of the budget, in the budget's unit; not negative.
    capacity
        Most demand weight it serves; infinite where there is no limit.
    locked, forbidden
        Must be chosen, must not be.
    apart
        Pairs of candidates, shape (m, 2), that are too near each other to be chosen together.
    """

    cost: Floats
    capacity: Floats
    locked: Bools
    forbidden: Bools
    apart: Ints

    def __len__(self) -> int:
        """Return how many candidates there are."""
        return len(self.cost)

    @classmethod
    def plain(cls, n: int) -> Candidates:
        """Return ``n`` candidates of cost 1 without limits."""
        no, none = np.zeros(n, dtype=bool), np.zeros((0, 2), dtype=np.int64)
        return cls(np.ones(n), np.full(n, np.inf), no, no.copy(), none)


@dataclass(frozen=True)
class SitingProblem:
    """One question; weights, costs and distances are in the asker's units.

    Attributes
    ----------
    kind
        Which of the three.
    weight
        Demand of each place, not negative.
    reach
        Candidates by places. For coverage, a stored entry means within reach (values ignored); for
        the p-median its value is the distance, and a pair without entry cannot be served.
    candidates
        The sites.
    count, budget
        Most sites, most cost; None for no limit. Ignored by the set cover, which minimises cost.
    folds
        Sites that must reach a place before it counts as covered (1; 2 for backup coverage).
    """

    kind: Kind
    weight: Floats
    reach: csr_array
    candidates: Candidates
    count: int | None = None
    budget: float | None = None
    folds: Ints | int = 1

    @cached_property
    def folds_of(self) -> Ints:
        """Return how many sites must reach each place."""
        return np.broadcast_to(np.asarray(self.folds, dtype=np.int64), self.weight.shape)

    @property
    def is_plain(self) -> bool:
        """Return whether only a count limits the choice: no budget, capacity, spacing or folds."""
        free = self.candidates
        return (
            self.budget is None
            and not len(free.apart)
            and not np.isfinite(free.capacity).any()
            and bool((self.folds_of == 1).all())
        )

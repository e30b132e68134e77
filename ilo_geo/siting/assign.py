"""Which chosen site serves each place."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.transport import complete_folds
from ilo_geo.siting.transport import divide

NONE = -1


def assign(problem: SitingProblem, selected: Ints) -> tuple[Ints, csr_array | None]:
    """Return the site that serves each place (-1 for none), and shares where capacities divide.

    For the p-median the nearest site, for coverage the first that reaches the place, with
    capacities the one that serves most of it. A place short of its folds counts as not served.
    """
    assigned = np.full(len(problem.weight), NONE, dtype=np.int64)
    if not len(selected):
        return assigned, None
    rows = problem.reach[selected]
    shares = None
    if np.isfinite(problem.candidates.capacity).any():
        shares = divide(problem, selected).shares
        rows = shares[selected]
    site = np.repeat(selected, np.diff(rows.indptr))
    rank = rows.data.astype(float) if problem.kind is Kind.PMEDIAN else np.zeros(len(site))
    if shares is not None:
        rank = -rows.data.astype(float)
        given = rank < 0
        site, rank, place = site[given], rank[given], rows.indices[given]
    else:
        place = rows.indices
    order = np.lexsort((site, rank))[::-1]
    # the last written stays: the best of each place
    assigned[place[order]] = site[order]
    if problem.kind is not Kind.PMEDIAN:
        assigned[~complete_folds(problem, selected)] = NONE
    return assigned, shares

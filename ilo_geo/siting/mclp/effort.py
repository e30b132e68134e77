"""How much work a piece of a search is, counted so that it is the same on every machine.

A unit is about one changed number in memory, a nanosecond or two.
"""

from __future__ import annotations

import numpy as np

from ilo_geo.siting.mclp.cover import Cover

# steps of the interior point method that a relaxation takes, about
RELAX_STEPS = 18
# multiplications of a dense factorisation done in one unit
DENSE_RATE = 32


def exchange_effort(cover: Cover, count: int) -> float:
    """Return the work of one exchange of the walk: two sites' places, and the scan of all pairs."""
    reaching = np.diff(cover.place_start).astype(np.float64)
    touched = float((reaching**2).sum()) / cover.n_sites
    return 2.0 * touched + 0.5 * count * cover.n_sites


def relax_effort(cover: Cover, n_sites: int) -> float:
    """Return the work of the relaxation of a part with ``n_sites`` free sites."""
    reaching = np.diff(cover.place_start).astype(np.float64) * (n_sites / cover.n_sites)
    return RELAX_STEPS * (float((reaching**2).sum()) / 2 + n_sites**3 / 3 / DENSE_RATE)

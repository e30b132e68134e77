"""Makes a choice serve everybody where adding site after site ends with somebody left out.

Spacing and tight limits lead greedy rules into dead ends. A place left out then gets one of its
sites by force: those too near it go, others go until the limits hold, the rest is completed again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules

# rounds made whatever the clock says: without a choice there is nothing to return
LEAST_ROUNDS = 40
# then the exact solver may as well find that there is none
MOST_ROUNDS = 150
# more places left out than before, and still gone on from
MORE_LEFT_OUT = 2


def repair(
    problem: SitingProblem,
    rules: Rules,
    incumbent: Incumbent,
    complete: Callable[[Bools], Bools],
    left_out: Callable[[Bools], Ints],
) -> None:
    """Force sites in until the incumbent has a choice, or rounds and time are over.

    Parameters
    ----------
    complete
        Adds to a choice what it can, offers it to the incumbent, and returns it.
    left_out
        Places that a choice does not serve.
    """
    rng = np.random.default_rng(incumbent.limits.seed)
    back = problem.reach.tocsc()
    chosen = complete(rules.locked.copy())
    missing = left_out(chosen)
    for tried in range(MOST_ROUNDS):
        if incumbent.selected is not None or not len(missing):
            return
        if tried >= LEAST_ROUNDS and incumbent.seconds_left <= 0:
            return
        incumbent.tell()
        place = rng.choice(missing)
        sites = back.indices[back.indptr[place] : back.indptr[place + 1]]
        sites = sites[~chosen[sites]]
        if not len(sites):
            sites = np.flatnonzero(~chosen)
        if not len(sites):
            return
        forced = _forced(rules, chosen, int(rng.choice(sites)), rng)
        if forced is None:
            continue
        after = complete(forced)
        still = left_out(after)
        if len(still) <= len(missing) + int(rng.integers(MORE_LEFT_OUT + 1)):
            chosen, missing = after, still


def _forced(rules: Rules, chosen: Bools, site: int, rng: np.random.Generator) -> Bools | None:
    """Return the choice with ``site`` and without what it excludes; None if locked sites do."""
    start_of, rivals = rules.rivals
    near = rivals[start_of[site] : start_of[site + 1]]
    if rules.locked[near].any():
        return None
    forced = chosen.copy()
    forced[near] = False
    forced[site] = True
    others = np.flatnonzero(forced & ~rules.locked)
    for other in rng.permutation(others[others != site]):
        if rules.allow(np.flatnonzero(forced)):
            break
        forced[other] = False
    return forced if rules.allow(np.flatnonzero(forced)) else None

"""Which sites may stand together: count, budget and spacing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ilo_geo.siting.checks import COST_ROUNDING_RATIO
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem


@dataclass(frozen=True)
class Rules:
    """The limits of a choice, as arrays for compiled code; infinite where there is none."""

    cost: Floats
    locked: Bools
    apart: Ints
    max_count: int
    max_cost: float

    @classmethod
    def of(cls, problem: SitingProblem) -> Rules:
        """Return the limits of ``problem``; the set cover has neither count nor budget."""
        sites = problem.candidates
        limited = problem.kind is not Kind.LSCP
        count = problem.count if limited and problem.count is not None else len(sites)
        budget = problem.budget if limited and problem.budget is not None else np.inf
        slack = 1 + COST_ROUNDING_RATIO
        return cls(sites.cost, sites.locked, sites.apart, min(count, len(sites)), budget * slack)

    @cached_property
    def rivals(self) -> tuple[Ints, Ints]:
        """Return, in compressed rows, the sites too near each site."""
        both = np.concatenate([self.apart, self.apart[:, ::-1]]).reshape(-1, 2)
        both = np.unique(both, axis=0)
        n_rivals = np.bincount(both[:, 0], minlength=len(self.cost))
        return np.concatenate([[0], np.cumsum(n_rivals)]), both[:, 1].copy()

    @cached_property
    def cliques(self) -> list[Ints]:
        """Return sets of sites of which one at most may stand; together they hold every pair.

        One row for each set instead of one for each pair makes the relaxation tighter.
        """
        start_of, rival = self.rivals
        near = [set(rival[start_of[i] : start_of[i + 1]].tolist()) for i in range(len(self.cost))]
        left = {(int(a), int(b)) if a < b else (int(b), int(a)) for a, b in self.apart}
        found = []
        for pair in sorted(left):
            if pair not in left:
                continue
            members = list(pair)
            for site in sorted(near[pair[0]] & near[pair[1]]):
                if all(site in near[member] for member in members):
                    members.append(site)
            members.sort()
            left -= {(a, b) for n, a in enumerate(members) for b in members[n + 1 :]}
            found.append(np.array(members))
        return found

    def allow(self, selected: Ints) -> bool:
        """Return whether the sites ``selected`` may stand together."""
        chosen = np.zeros(len(self.cost), dtype=bool)
        chosen[selected] = True
        together = len(self.apart) > 0 and bool(chosen[self.apart].all(axis=1).any())
        return (
            len(selected) <= self.max_count
            and float(self.cost[chosen].sum()) <= self.max_cost
            and bool(chosen[self.locked].all())
            and not together
        )

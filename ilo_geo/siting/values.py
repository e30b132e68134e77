"""The objective of a choice of sites, computed afresh: the judge of what a solver proposes."""

from __future__ import annotations

import numpy as np

from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules
from ilo_geo.siting.transport import Valuer
from ilo_geo.siting.transport import complete_folds


class Values:
    """Judges choices of one problem."""

    def __init__(self, problem: SitingProblem, rules: Rules) -> None:
        self._problem = problem
        self._rules = rules
        self.has_capacity = bool(np.isfinite(problem.candidates.capacity).any())
        self._valuer = Valuer(problem)

    def value(self, selected: Ints) -> float | None:
        """Return the objective of a choice, None for one that breaks a rule."""
        problem = self._problem
        if not self._rules.allow(selected):
            return None
        if self.has_capacity:
            return self._valuer.value(selected)
        if problem.kind is Kind.PMEDIAN:
            return self._distance(selected)
        covered = complete_folds(problem, selected)
        if problem.kind is Kind.MCLP:
            return float(problem.weight[covered].sum())
        return float(self._rules.cost[selected].sum()) if covered.all() else None

    def _distance(self, selected: Ints) -> float | None:
        rows = self._problem.reach[selected]
        nearest = np.full(len(self._problem.weight), np.inf)
        np.minimum.at(nearest, rows.indices, rows.data.astype(float))
        return float(nearest @ self._problem.weight) if np.isfinite(nearest).all() else None

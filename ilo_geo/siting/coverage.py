"""Heuristics for coverage without capacities: greedy, drop and refill, perturb, again."""

from __future__ import annotations

import numpy as np

from ilo_geo.siting import coverage_moves as moves
from ilo_geo.siting.coverage_moves import Net
from ilo_geo.siting.coverage_moves import State
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules

# what the steps towards a place's folds count, as a share of its weight. All: sites join where
# others stand already, as backup asks; nearly nothing: only complete folds lead
HINT_RATIOS = (1.0, 0.3, 0.02)
# share of the sites that a perturbation changes at most
SHAKEN_RATIO = 0.3
# share of the perturbations that may change every site
FAR_RATIO = 0.2
# what a choice may be worse than the one before and still be gone on from; after so many rounds
# without a better one the search goes back to the best
WORSE_RATIO = 0.01
AWAY_ROUNDS = 40
# greatest factor by which a perturbed greedy rule misjudges a gain
SKEW = 0.4


def net_of(problem: SitingProblem, rules: Rules) -> Net:
    """Return the arrays that the compiled moves read.

    For the set cover every place is worth one, whatever its weight, and every step alike.
    """
    reach = problem.reach
    back = reach.tocsc()
    cover_all = problem.kind is Kind.LSCP
    value = np.ones(len(problem.weight)) if cover_all else problem.weight
    folds = problem.folds_of.astype(np.int64)
    ratio = HINT_RATIOS[0] if cover_all else HINT_RATIOS[-1]
    hint = _hint(value, folds, ratio)
    start_of, rivals = rules.rivals
    return Net(
        reach.indptr.astype(np.int64),
        reach.indices.astype(np.int64),
        back.indptr.astype(np.int64),
        back.indices.astype(np.int64),
        np.ascontiguousarray(value, dtype=np.float64),
        hint,
        folds,
        np.ascontiguousarray(rules.cost, dtype=np.float64),
        start_of.astype(np.int64),
        rivals.astype(np.int64),
        rules.locked.copy(),
    )


def _hint(value: Floats, folds: Ints, ratio: float) -> Floats:
    return np.where(folds > 1, ratio * value / folds, 0.0)


def empty_state(net: Net) -> State:
    """Return a state with nothing chosen; `moves.reset` makes it ready."""
    n_sites, n_places = len(net.cost), len(net.value)
    return State(
        np.zeros(n_places, dtype=np.int64),
        np.zeros(n_sites),
        np.zeros(n_sites, dtype=bool),
        np.zeros(n_sites, dtype=np.int64),
        np.zeros(2),
    )


class CoverageSearch:
    """Improves the incumbent of a maximal coverage or a set cover, a round at a time."""

    def __init__(self, problem: SitingProblem, rules: Rules, incumbent: Incumbent) -> None:
        self._cover_all = problem.kind is Kind.LSCP
        self._rules = rules
        self._incumbent = incumbent
        self.net = net_of(problem, rules)
        has_folds = not self._cover_all and bool((self.net.folds > 1).any())
        self._nets = [
            self.net._replace(hint=_hint(self.net.value, self.net.folds, ratio))
            for ratio in (HINT_RATIOS if has_folds else HINT_RATIOS[-1:])
        ]
        if self._cover_all:
            self._nets = [self.net]
        self._state = empty_state(self.net)
        self._rng = np.random.default_rng(incumbent.limits.seed)
        self._even = np.ones(len(rules.cost))
        self._base: Ints = np.flatnonzero(rules.locked)
        self._base_value = -np.inf
        self._n_away = 0

    def start(self) -> None:
        """Find a first choice by the greedy rule, by gain and by gain a unit of cost."""
        for per_cost in (True, False):
            for net in self._nets:
                moves.reset(net, self._state, np.flatnonzero(self._rules.locked))
                if self._cover_all:
                    self._settle(moves.complete(net, self._state, self._even))
                    return
                limits = (self._rules.max_count, self._rules.max_cost)
                moves.fill(net, self._state, *limits, per_cost, self._even)
                self._settle(True)

    def improve(self) -> None:
        """Climb from the best choice found."""
        if self._cover_all or self._incumbent.selected is None:
            return
        self._climb(self._base, len(self._nets) - 1)

    def shake(self) -> None:
        """Give some sites up, take others, and climb again."""
        self._n_away += 1
        if self._n_away > AWAY_ROUNDS and self._incumbent.selected is not None:
            self._base, self._n_away = self._incumbent.selected, 0
            self._base_value = (-1.0 if self._cover_all else 1.0) * self._incumbent.objective
        lost = self._lost()
        skew: Floats = 1 + SKEW * (2 * self._rng.random(len(self._even)) - 1)
        start = int(self._rng.integers(len(self._nets)))
        moves.reset(self._nets[start], self._state, np.setdiff1d(self._base, lost))
        if self._cover_all:
            self._settle(moves.complete(self.net, self._state, skew))
            return
        limits = (self._rules.max_count, self._rules.max_cost)
        moves.fill(self._nets[start], self._state, *limits, bool(self._rng.integers(2)), skew)
        self._climb(np.flatnonzero(self._state.chosen), start)

    def complete(self, chosen: Bools) -> Bools:
        """Add to a choice what gains, offer it if it serves everybody, and return it."""
        moves.reset(self.net, self._state, np.flatnonzero(chosen))
        self._settle(moves.complete(self.net, self._state, self._even))
        return self._state.chosen.copy()

    def left_out(self, chosen: Bools) -> Ints:
        """Return the places that a choice does not serve."""
        moves.reset(self.net, self._state, np.flatnonzero(chosen))
        return np.flatnonzero(self._state.n_at < self.net.folds)

    def _lost(self) -> Ints:
        """Return sites to give up: any, or (as often) one and those that share its places most."""
        keep = self._base[~self._rules.locked[self._base]]
        part = 1.0 if self._rng.random() < FAR_RATIO else SHAKEN_RATIO
        n_most = max(2, int(part * len(keep)))
        n_lost = min(len(keep), int(self._rng.integers(1, n_most + 1)))
        if not n_lost or self._rng.integers(2):
            return self._rng.choice(keep, n_lost, replace=False)
        start_of, places = self.net.site_start, self.net.site_places
        near = np.zeros(len(self.net.value))
        one = self._rng.choice(keep)
        near[places[start_of[one] : start_of[one + 1]]] = 1.0
        shared = [near[places[start_of[site] : start_of[site + 1]]].sum() for site in keep]
        return keep[np.argsort(-np.array(shared), kind="stable")[:n_lost]]

    def _climb(self, selected: Ints, start: int) -> None:
        """Climb from ``selected`` by hints that lead less and less."""
        limits = (self._rules.max_count, self._rules.max_cost)
        per_cost = bool(np.isfinite(self._rules.max_cost)) and bool(self._rng.integers(2))
        for net in self._nets[start:]:
            moves.reset(net, self._state, selected)
            moves.improve(net, self._state, *limits, per_cost, self._even)
            selected = np.flatnonzero(self._state.chosen)
        self._settle(True)

    def _settle(self, is_whole: bool) -> None:
        """Offer the choice made; go on from it if it is hardly worse than the base."""
        if not is_whole:
            return
        selected = np.flatnonzero(self._state.chosen)
        covered = float(moves.covered(self.net, self._state))
        value = -float(self._rules.cost[selected].sum()) if self._cover_all else covered
        slack = WORSE_RATIO * self._rng.random() * abs(value)
        if value >= self._base_value - slack:
            self._base, self._base_value = selected, value
        if self._incumbent.offer(selected, abs(value)):
            self._n_away = 0

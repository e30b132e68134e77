"""Heuristics for sites with capacities: fill by what is unserved, then swap by exact value."""

from __future__ import annotations

import numpy as np
from numba import njit

from ilo_geo.siting import coverage_moves as moves
from ilo_geo.siting.coverage import empty_state
from ilo_geo.siting.coverage import net_of
from ilo_geo.siting.coverage_moves import Net
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.median import net_of as median_net
from ilo_geo.siting.median_moves import climb
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules
from ilo_geo.siting.transport import SERVED_ROUNDING_RATIO
from ilo_geo.siting.transport import Valuer
from ilo_geo.siting.transport import divide

# sites of most promise that a perturbation draws from, for each site it takes, if not more
MOST_PROMISING = 10


@njit(cache=True, nogil=True)
def _serve(net: Net, left: Floats, site: int, capacity: float) -> float:
    """Serve what is left of the places a site reaches, those of fewest sites first."""
    places = net.site_places[net.site_start[site] : net.site_start[site + 1]]
    n_sites = np.empty(len(places))
    for at in range(len(places)):
        n_sites[at] = net.place_start[places[at] + 1] - net.place_start[places[at]]
    served = 0.0
    for at in np.argsort(n_sites, kind="mergesort"):
        part = min(left[places[at]], capacity - served)
        left[places[at]] -= part
        served += part
    return float(served)


@njit(cache=True, nogil=True)
def fill_capacity(
    net: Net, weight: Floats, capacity: Floats, chosen: Bools, max_count: int, max_cost: float,
    per_cost: bool,
) -> None:  # fmt: skip
    """Add the site that serves most of what is left while one fits and serves anybody."""
    left = weight.copy()
    for standing in np.flatnonzero(chosen):
        _serve(net, left, int(standing), capacity[standing])
    while chosen.sum() < max_count:
        spent = net.cost[chosen].sum()
        best, best_score = -1, 0.0
        for site in range(len(capacity)):
            fits = not chosen[site] and spent + net.cost[site] <= max_cost
            for at in range(net.rival_start[site], net.rival_start[site + 1]):
                fits = fits and not chosen[net.rivals[at]]
            if not fits:
                continue
            reached = 0.0
            for at in range(net.site_start[site], net.site_start[site + 1]):
                reached += left[net.site_places[at]]
            score = min(reached, capacity[site])
            if per_cost:
                score /= net.cost[site] + 1e-12
            if score > best_score:
                best, best_score = site, score
        if best < 0:
            return
        chosen[best] = True
        _serve(net, left, best, capacity[best])


class CapacitySearch:
    """Improves the incumbent of a problem with capacities."""

    def __init__(self, problem: SitingProblem, rules: Rules, incumbent: Incumbent) -> None:
        self._problem = problem
        self._rules = rules
        self._incumbent = incumbent
        self.net = net_of(problem, rules)
        self._rng = np.random.default_rng(incumbent.limits.seed)
        self._median_net = median_net(problem, rules) if problem.kind is Kind.PMEDIAN else None
        self.valuer = Valuer(problem)
        self._base: Bools = rules.locked.copy()
        self._base_score = (-np.inf, -np.inf)
        self._promise = np.zeros(len(rules.cost))

    def start(self) -> None:
        """Find a first choice; a set cover gets more sites until everybody is served."""
        cover_all = self._problem.kind is Kind.LSCP
        for per_cost in (True, False):
            chosen = self._first()
            self._fill(chosen, per_cost=per_cost)
            if cover_all:
                self._serve_all(chosen)
                return
            self._judge(chosen)

    def _first(self) -> Bools:
        """Return the locked sites, and those that complete the folds where folds are asked."""
        chosen = self._rules.locked.copy()
        if (self._problem.folds_of > 1).any():
            state = empty_state(self.net)
            moves.reset(self.net, state, np.flatnonzero(chosen))
            even = np.ones(len(chosen))
            limits = (self._rules.max_count, self._rules.max_cost)
            moves.fill(self.net, state, *limits, True, even)
            chosen = state.chosen.copy()
        return chosen

    def _fill(self, chosen: Bools, *, per_cost: bool) -> None:
        limits = (self._rules.max_count, self._rules.max_cost)
        weight, capacity = self._problem.weight, self._problem.candidates.capacity
        fill_capacity(self.net, weight, capacity, chosen, *limits, per_cost)
        if self._median_net is not None:
            # all are served: what count and budget still allow goes where it saves most distance
            standing = self._median_net._replace(locked=chosen.copy())
            climb(standing, chosen, *limits, len(chosen), np.ones(len(chosen)))

    def _serve_all(self, chosen: Bools) -> None:
        """Add the largest sites left until everybody is served, then give up what is not needed."""
        order = np.argsort(-self._problem.candidates.capacity, kind="stable")
        for site in order:
            if self._judge(chosen):
                break
            with_site = chosen.copy()
            with_site[site] = True
            if self._rules.allow(np.flatnonzero(with_site)):
                chosen[site] = True
        if self._incumbent.selected is None:
            return
        for site in self._incumbent.selected[
            np.argsort(-self._rules.cost[self._incumbent.selected])
        ]:
            if self._rules.locked[site] or self._incumbent.seconds_left <= 0:
                continue
            without = self._base.copy()
            without[site] = False
            self._judge(without)

    def follow(self, promise: Floats) -> None:
        """Try the sites of most promise, and prefer them from now on."""
        self._promise = promise
        chosen = self._rules.locked.copy()
        for site in np.argsort(-promise, kind="stable"):
            before, chosen[site] = chosen[site], True
            if not self._rules.allow(np.flatnonzero(chosen)):
                chosen[site] = before
        self._judge(chosen)

    def shake(self) -> None:
        """Replace one or two sites at random, by sites of promise."""
        free = np.flatnonzero(self._base & ~self._rules.locked)
        if not len(free):
            return
        chosen = self._base.copy()
        n_lost = min(len(free), int(self._rng.integers(1, 3)))
        chosen[self._rng.choice(free, n_lost, replace=False)] = False
        others = np.flatnonzero(~self._base)
        order = np.argsort(-self._promise[others], kind="stable")
        others = others[order[: max(MOST_PROMISING * n_lost, len(free))]]
        for site in self._rng.permutation(others)[: int(self._rng.integers(0, n_lost + 1))]:
            chosen[site] = True
            if not self._rules.allow(np.flatnonzero(chosen)):
                chosen[site] = False
        self._fill(chosen, per_cost=bool(self._rng.integers(2)))
        self._judge(chosen)

    def complete(self, chosen: Bools) -> Bools:
        """Add what serves those left, offer the choice if it serves everybody, and return it."""
        self._fill(chosen, per_cost=bool(self._rng.integers(2)))
        self._judge(chosen)
        return chosen

    def left_out(self, chosen: Bools) -> Ints:
        """Return the places that the capacities of a choice leave, in part at least."""
        shares = divide(self._problem, np.flatnonzero(chosen)).shares
        served = np.bincount(
            shares.indices, weights=shares.data, minlength=len(self._problem.weight)
        )
        return np.flatnonzero(served < 1 - SERVED_ROUNDING_RATIO)

    def _judge(self, chosen: Bools) -> bool:
        """Offer a choice if it serves who must be served; go on from it if it is no worse."""
        selected = np.flatnonzero(chosen)
        value = self.valuer.value(selected)
        sign = 1.0 if self._incumbent.maximises else -1.0
        served = self.valuer.served(selected)
        score = (np.inf, sign * value) if value is not None else (served, 0.0)
        if score >= self._base_score:
            self._base, self._base_score = chosen.copy(), score
        if value is not None and self._rules.allow(selected):
            self._incumbent.offer(selected, value)
        return value is not None

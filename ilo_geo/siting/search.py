"""How a search goes: heuristics for a choice, prices for a bound, the exact solver for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import highspy
import numpy as np

from ilo_geo.core.errors import InputError
from ilo_geo.siting.backup import bound_backup
from ilo_geo.siting.capacity import CapacitySearch
from ilo_geo.siting.coverage import CoverageSearch
from ilo_geo.siting.exact import ExactRun
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.lagrange import bound_cover
from ilo_geo.siting.lagrange import bound_coverage
from ilo_geo.siting.lagrange import most_earned
from ilo_geo.siting.lagrange import useless_sites
from ilo_geo.siting.median import MedianSearch
from ilo_geo.siting.median import useful_pairs
from ilo_geo.siting.model import build
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.repair import repair
from ilo_geo.siting.rules import Rules
from ilo_geo.siting.transport import SERVED_ROUNDING_RATIO
from ilo_geo.siting.values import Values

# rounds after which heuristics and prices end, or the share of the time left if that comes first
SHAKES = 300
PRICE_ROUNDS = 1500
SHAKES_UNTIL = 0.1
PRICES_UNTIL = 0.25
# where places need backup the exact solver gets little further than the prices
BACKUP_UNTIL = 0.5
# judging a choice with capacities is dear: they get more of the time
CAPACITY_SHAKES_UNTIL = 0.6
SHAKES_WITHOUT_GAIN = 60
# turns at choices where the exact solver gets little further
SHAKES_AGAIN = 3
# reduced costs are sums of many terms: what rounding may make of them
SLACK_RATIO = 1e-9
# a larger model takes the solver longer to read and presolve, where it heeds no clock, than is left
MOST_PAIRS = 4_000_000
PAIRS_A_SECOND = 100_000
SHARES_A_SECOND = 15_000
INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


class Heuristic(Protocol):
    """What finds choices and offers them to the incumbent."""

    def start(self) -> None:
        """Find a first choice."""

    def shake(self) -> None:
        """Try another one near the best."""

    def complete(self, chosen: Bools) -> Bools:
        """Add what is allowed, offer the choice if it serves everybody, and return it."""

    def left_out(self, chosen: Bools) -> Ints:
        """Return the places that a choice does not serve."""


class Search:
    """One search around one incumbent."""

    def __init__(self, problem: SitingProblem, rules: Rules, incumbent: Incumbent) -> None:
        self._problem = problem
        self._rules = rules
        self._incumbent = incumbent

    def run(self) -> None:
        """Search until proved or out of time."""
        self._incumbent.prove(self._first_bound())
        if np.isfinite(self._problem.candidates.capacity).any():
            self._with_capacity()
        elif self._problem.kind is Kind.PMEDIAN:
            self._median()
        else:
            self._coverage()

    def _first_bound(self) -> float:
        """Return a bound that costs nothing: all covered, the locked alone, everybody next door."""
        problem = self._problem
        if problem.kind is Kind.MCLP:
            return float(problem.weight.sum())
        if problem.kind is Kind.LSCP:
            return float(self._rules.cost[self._rules.locked].sum())
        nearest = np.full(len(problem.weight), np.inf)
        np.minimum.at(nearest, problem.reach.indices, problem.reach.data.astype(float))
        return float(nearest @ problem.weight)

    def _coverage(self) -> None:
        search = CoverageSearch(self._problem, self._rules, self._incumbent)
        search.start()
        self._repair(search)
        search.improve()
        incumbent, rules, cover_all = self._incumbent, self._rules, self._problem.kind is Kind.LSCP
        bound = bound_cover if cover_all else bound_coverage
        until = self._until(SHAKES_UNTIL)
        prices = bound(search.net, rules, incumbent, PRICE_ROUNDS // 10, until=until)
        self._shake(search, self._until(SHAKES_UNTIL))
        until = self._until(PRICES_UNTIL)
        start = prices.price
        if not cover_all and bool((search.net.folds > 1).any()):
            until = self._until(BACKUP_UNTIL)
            prices = bound_backup(search.net, rules, incumbent, until=until)
            for _ in range(SHAKES_AGAIN):
                self._shake(search, self._until(SHAKES_UNTIL))
        else:
            prices = bound(search.net, rules, incumbent, PRICE_ROUNDS, until=until, start=start)
        if incumbent.selected is None:
            self._prove(np.zeros(len(rules.cost), dtype=bool), rules.locked, None)
            return
        reduced = rules.cost - prices.earned if cover_all else -prices.earned
        self._prove(*useless_sites(reduced, rules, self._slack(prices.bound)), None)

    def _median(self) -> None:
        incumbent, rules = self._incumbent, self._rules
        search = MedianSearch(self._problem, rules, incumbent)
        search.start()
        self._repair(search)
        search.bound(PRICE_ROUNDS // 10, until=self._until(SHAKES_UNTIL))
        self._shake(search, self._until(SHAKES_UNTIL))
        prices = search.bound(PRICE_ROUNDS, until=self._until(PRICES_UNTIL))
        out, kept, pairs = np.zeros(len(rules.cost), dtype=bool), rules.locked, None
        if incumbent.selected is not None:
            slack = self._slack(prices.bound)
            out, kept = useless_sites(prices.reduced, rules, slack)
            pairs = useful_pairs(search.net, prices, kept, slack)
            site = np.repeat(np.arange(len(rules.cost)), np.diff(search.net.site_start))
            pairs = pairs[~out[site[pairs]]]
        if not self._prove(out, kept, pairs):
            self._use_time_left(search, lambda until: search.bound(PRICE_ROUNDS, until=until))

    def _with_capacity(self) -> None:
        """Search with capacities; without them no choice is worse, so their bound holds too."""
        incumbent, rules, problem = self._incumbent, self._rules, self._problem
        search = CapacitySearch(problem, rules, incumbent)
        search.start()
        self._repair(search)
        self._bound_by_capacity()
        until, n_rounds = self._until(PRICES_UNTIL), PRICE_ROUNDS // 3
        out, kept = np.zeros(len(rules.cost), dtype=bool), rules.locked
        if problem.kind is Kind.PMEDIAN:
            prices = MedianSearch(problem, rules, incumbent).bound(n_rounds, until=until)
            search.follow(-prices.reduced)
            self._shake(search, self._until(CAPACITY_SHAKES_UNTIL))
            if incumbent.selected is not None:
                out, kept = useless_sites(prices.reduced, rules, self._slack(prices.bound))
        else:
            bound = bound_cover if problem.kind is Kind.LSCP else bound_coverage
            search.follow(bound(search.net, rules, incumbent, n_rounds, until=until).earned)
            self._shake(search, self._until(CAPACITY_SHAKES_UNTIL))
        site = np.repeat(np.arange(len(rules.cost)), np.diff(problem.reach.indptr))
        if not self._prove(out, kept, np.flatnonzero(~out[site])):
            self._use_time_left(search, lambda _until: None)

    def _until(self, ratio: float) -> float:
        """Return when a share of the time left has passed."""
        return self._incumbent.seconds + ratio * self._incumbent.seconds_left

    def _use_time_left(self, search: Heuristic, bound: Callable[[float], object]) -> None:
        """Take turns at choices and bounds until neither has got further for some turns."""
        incumbent, in_vain = self._incumbent, 0
        while not incumbent.done and in_vain < SHAKES_AGAIN:
            before = (incumbent.objective, incumbent.bound)
            self._shake(search, self._until(SHAKES_UNTIL))
            bound(self._until(SHAKES_UNTIL))
            is_same = before == (incumbent.objective, incumbent.bound)
            in_vain = in_vain + 1 if is_same else 0

    def _repair(self, search: Heuristic) -> None:
        if self._incumbent.selected is None:
            arguments = (self._problem, self._rules, self._incumbent)
            repair(*arguments, search.complete, search.left_out)

    def _shake(self, search: Heuristic, until: float) -> None:
        incumbent = self._incumbent
        last, best = 0, incumbent.objective
        for tried in range(SHAKES):
            if incumbent.objective != best:
                last, best = tried, incumbent.objective
            if tried - last >= SHAKES_WITHOUT_GAIN or incumbent.done or incumbent.seconds > until:
                return
            incumbent.tell()
            search.shake()

    def _slack(self, bound: float) -> float:
        best = self._incumbent.objective
        return abs(best - bound) + SLACK_RATIO * max(1.0, abs(best))

    def _bound_by_capacity(self) -> None:
        """Bound by capacities alone: who allowed sites can serve, what enough capacity costs."""
        problem, rules = self._problem, self._rules
        within = np.bincount(
            np.repeat(np.arange(len(rules.cost)), np.diff(problem.reach.indptr)),
            weights=problem.weight[problem.reach.indices],
            minlength=len(rules.cost),
        )
        able = np.minimum(problem.candidates.capacity, within)
        if problem.kind is Kind.MCLP:
            self._incumbent.prove(most_earned(able, rules)[0])
        elif problem.kind is Kind.LSCP:
            self._incumbent.prove(_least_cost(able, rules, float(problem.weight.sum())))

    def _prove(self, out: Bools, kept: Bools, pairs: Ints | None) -> bool:
        """Close the gap with the exact solver; return False if its model is too large."""
        incumbent, problem = self._incumbent, self._problem
        if incumbent.selected is not None and incumbent.done:
            return True
        n_pairs = problem.reach.nnz if pairs is None else len(pairs)
        values = Values(problem, self._rules)
        has_shares = values.has_capacity or problem.kind is Kind.PMEDIAN
        a_second = SHARES_A_SECOND if has_shares else PAIRS_A_SECOND
        if n_pairs > min(MOST_PAIRS, a_second * incumbent.seconds_left):
            return False
        upper, lower = (~out).astype(float), kept.astype(float)
        model = build(problem, self._rules, site_lower=lower, site_upper=upper, pairs=pairs)
        run = ExactRun(model, incumbent, values.value, values_in_callback=not values.has_capacity)
        status = run.run(incumbent.selected)
        if incumbent.selected is None and status in INFEASIBLE:
            raise InputError("siting.infeasible", kind=problem.kind.value)
        return True


def _least_cost(able: Floats, rules: Rules, weight: float) -> float:
    """Return the least cost of sites, divisible, that can serve ``weight`` together."""
    left = max(weight * (1 - SERVED_ROUNDING_RATIO) - float(able[rules.locked].sum()), 0.0)
    free = np.flatnonzero(~rules.locked & (able > 0))
    order = free[np.argsort(rules.cost[free] / able[free], kind="stable")]
    before = np.cumsum(able[order]) - able[order]
    share = np.clip((left - before) / able[order], 0.0, 1.0)
    return float(rules.cost[rules.locked].sum() + share @ rules.cost[order])

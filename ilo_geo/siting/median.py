"""p-median: interchange (without capacities) from above, Lagrangian prices from below.

The bound relaxes "each place is served once" with a price for each place: no choice costs less
than the prices' sum plus the least sum of reduced distances of allowed sites (Cornuéjols, Fisher
and Nemhauser 1977); with capacities each site fills its own with the places that gain most a unit
of weight. The prices also prove sites and pairs useless, which shrinks the exact model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ilo_geo.siting import median_moves as moves
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.lagrange import FIRST_STEP
from ilo_geo.siting.lagrange import LEAST_STEP
from ilo_geo.siting.lagrange import PATIENCE
from ilo_geo.siting.lagrange import most_earned
from ilo_geo.siting.median_moves import MedianNet
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.rules import Rules

SHAKEN_RATIO = 0.3
SKEW = 0.5
# moves of a perturbed climb before it goes on by the true gains
SKEWED_MOVES = 4


@dataclass(frozen=True)
class MedianPrices:
    """Prices of the best Lagrangian bound, and the reduced costs of the sites at them."""

    bound: float
    price: Floats
    reduced: Floats


def net_of(problem: SitingProblem, rules: Rules) -> MedianNet:
    """Return the arrays that the compiled moves read; distances times the weight of the place."""
    reach = problem.reach
    far = reach.data.astype(float) * problem.weight[reach.indices]
    order = np.lexsort((far, reach.indices))
    site = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    n_sites = np.bincount(reach.indices, minlength=reach.shape[1])
    start_of, rivals = rules.rivals
    return MedianNet(
        reach.indptr.astype(np.int64),
        reach.indices.astype(np.int64),
        far,
        np.concatenate([[0], np.cumsum(n_sites)]).astype(np.int64),
        site[order].astype(np.int64),
        far[order],
        _unserved(far, reach.indices, reach.shape[1]),
        np.ascontiguousarray(rules.cost, dtype=np.float64),
        start_of.astype(np.int64),
        rivals.astype(np.int64),
        rules.locked.copy(),
    )


def _unserved(far: Floats, place: Ints, n_places: int) -> float:
    """Return a weighted distance larger than all places at their farthest site together."""
    worst = np.zeros(n_places)
    np.maximum.at(worst, place, far)
    return float(worst.sum()) + 1.0


class MedianSearch:
    """Improves the incumbent of a p-median, a round at a time."""

    def __init__(self, problem: SitingProblem, rules: Rules, incumbent: Incumbent) -> None:
        self.net = net_of(problem, rules)
        self._rules = rules
        self._incumbent = incumbent
        self._rng = np.random.default_rng(incumbent.limits.seed)
        self._even = np.ones(len(rules.cost))
        self._base: Bools = rules.locked.copy()
        self._base_far = np.inf
        self._price: Floats | None = None
        self._weight, self._capacity = problem.weight, problem.candidates.capacity
        self._limited = bool(np.isfinite(self._capacity).any())
        self._share = np.zeros(len(self.net.site_far) if self._limited else 0)

    def start(self) -> None:
        """Add the best site after the other (swapping where nothing can be added), then climb."""
        self._climb(self._rules.locked.copy())

    def shake(self) -> None:
        """Give some sites up at random, take others, and climb again."""
        free = np.flatnonzero(self._base & ~self._rules.locked)
        if not len(free):
            return
        n_lost = int(self._rng.integers(1, max(2, int(SHAKEN_RATIO * len(free))) + 1))
        chosen = self._base.copy()
        chosen[self._rng.choice(free, min(n_lost, len(free)), replace=False)] = False
        skew = 1 + SKEW * (2 * self._rng.random(len(chosen)) - 1)
        limits = (self._rules.max_count, self._rules.max_cost)
        moves.climb(self.net, chosen, *limits, n_lost + SKEWED_MOVES, skew)
        self._climb(chosen)

    def complete(self, chosen: Bools) -> Bools:
        """Climb from a choice, offer it if it serves everybody, and return it."""
        self._climb(chosen)
        return chosen

    def left_out(self, chosen: Bools) -> Ints:
        """Return the places that a choice does not reach."""
        of_chosen = np.repeat(chosen, np.diff(self.net.site_start))
        reached = np.zeros(len(self._weight), dtype=bool)
        reached[self.net.site_places[of_chosen]] = True
        return np.flatnonzero(~reached)

    def _climb(self, chosen: Bools) -> None:
        limits = (self._rules.max_count, self._rules.max_cost)
        far = moves.climb(self.net, chosen, *limits, np.iinfo(np.int64).max, self._even)
        if far <= self._base_far:
            self._base, self._base_far = chosen, far
        if far < self.net.unserved:
            self._incumbent.offer(np.flatnonzero(chosen), far)

    def bound(self, n_rounds: int, *, until: float) -> MedianPrices:
        """Raise the bound; stop after ``n_rounds`` or at ``until`` seconds of the search."""
        net, incumbent = self.net, self._incumbent
        price = self._first_prices() if self._price is None else self._price
        best = MedianPrices(-np.inf, price, np.zeros(len(net.cost)))
        step, waited = FIRST_STEP, 0
        for _ in range(n_rounds):
            reduced = self._reduced(price)
            earned, taken = most_earned(-reduced, self._rules)
            bound = float(price.sum()) - earned
            incumbent.prove(bound)
            waited += 1
            if bound > best.bound:
                best, waited = MedianPrices(bound, price, reduced), 0
            if waited >= PATIENCE:
                step, waited, price = step / 2, 0, best.price
                continue
            slope = 1.0 - self._n_serving(price, taken)
            norm = float(slope @ slope)
            if norm == 0 or step < LEAST_STEP or incumbent.done or incumbent.seconds > until:
                break
            target = incumbent.objective if incumbent.selected is not None else 1.5 * bound + 1
            price = np.maximum(price + step * (target - bound) / norm * slope, 0.0)
            incumbent.tell()
        self._price = best.price
        return best

    def _reduced(self, price: Floats) -> Floats:
        if not self._limited:
            return moves.reduced_costs(self.net, price)
        return moves.fill_at_prices(self.net, self._weight, self._capacity, price, self._share)

    def _n_serving(self, price: Floats, taken: Floats) -> Floats:
        if not self._limited:
            return moves.n_serving(self.net, price, taken)
        return moves.served_at_prices(self.net, self._share, taken)

    def _first_prices(self) -> Floats:
        """Return, for each place, a distance between its two nearest chosen sites, or its mean."""
        n_places = len(self.net.place_start) - 1
        first, second = np.empty(n_places, np.int64), np.empty(n_places, np.int64)
        d1, d2 = np.empty(n_places), np.empty(n_places)
        for place in range(n_places):
            moves.settle(self.net, self._base, place, first, d1, d2, second)
        mean = np.add.reduceat(self.net.place_far, self.net.place_start[:-1])
        mean /= np.diff(self.net.place_start)
        d1 = np.where(d1 < self.net.unserved, d1, mean)
        return np.where(d2 < self.net.unserved, (d1 + d2) / 2, d1)


def useful_pairs(net: MedianNet, prices: MedianPrices, kept: Bools, slack: float) -> Ints:
    """Return the entries of reach that a choice no worse than the best found may serve by.

    A pair whose reduced distance passes ``slack`` makes the bound pass the best value; one farther
    than a site that must stand is never served by.
    """
    nearest_kept = np.full(len(prices.price), np.inf)
    site = np.repeat(np.arange(len(net.cost)), np.diff(net.site_start))
    stands = kept[site]
    np.minimum.at(nearest_kept, net.site_places[stands], net.site_far[stands])
    near = net.site_far <= nearest_kept[net.site_places]
    return np.flatnonzero(near & (net.site_far - prices.price[net.site_places] <= slack))

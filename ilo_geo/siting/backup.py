r"""Upper bounds of backup coverage: places that count only where k sites reach them.

The usual relaxation, ``k·z ≤ Σ y``, lets a place count half when one site stands there. It also
holds that any k sites leave k - 1 when one of them, the most chosen, is left out::

    z_i ≤ min(1, Σ y_j / k, (Σ y_j - y_m) / (k - 1) for every m)      j, m ∈ N(i)

The weighted sum of these minima is a concave function of y, maximised by accelerated steps on a
smoothed one (Nesterov 2005). Its slopes are prices ``v_ij ≥ 0`` of a place at a site. Whoever found
them, no choice covers more than::

    Σ_i max(0, w_i - the k least v_ij)  +  the most that allowed sites earn, site j earning Σ_i v_ij
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ilo_geo.siting.coverage_moves import Net
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.lagrange import Prices
from ilo_geo.siting.lagrange import most_earned
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.rules import Rules

# smoothing, as a share of a place: each stage starts where the one before ended
FIRST_SMOOTHING = 0.1
LEAST_SMOOTHING = 1e-3
SMOOTHING_STEP = 0.4
STAGE_STEPS = 300
# steps between two bounds; a stage ends after so many bounds that gain less than the ratio
BOUND_EVERY = 20
PATIENCE = 3
GAIN_RATIO = 2e-4
# exponents below this add nothing to a sum of numbers about 1
LEAST_EXPONENT = -30.0
BISECTIONS = 60


@njit(cache=True, nogil=True)
def _smoothed(net: Net, y: Floats, smoothing: float, price: Floats, earned: Floats) -> float:
    """Return the smoothed weight covered by shares ``y``; write its slopes, by pair and by site."""
    total = 0.0
    earned[:] = 0.0
    for place in range(len(net.value)):
        start, end, k = net.place_start[place], net.place_start[place + 1], net.folds[place]
        reached, most = 0.0, 0.0
        for at in range(start, end):
            reached += y[net.place_sites[at]]
            most = max(most, y[net.place_sites[at]])
        least = min(1.0, reached / k)
        if k > 1:
            least = min(least, (reached - most) / (k - 1))
        by_sum = np.exp((least - reached / k) / smoothing)
        without = 0.0
        for at in range(start, end):
            price[at] = 0.0
            if k > 1:
                power = (least - (reached - y[net.place_sites[at]]) / (k - 1)) / smoothing
                price[at] = np.exp(power) if power > LEAST_EXPONENT else 0.0
                without += price[at]
        parts = np.exp((least - 1.0) / smoothing) + by_sum + without
        total += net.value[place] * (least - smoothing * np.log(parts))
        scale = net.value[place] / parts
        for at in range(start, end):
            one = price[at] / (k - 1) if k > 1 else 0.0
            share = by_sum / k + (without / (k - 1) if k > 1 else 0.0)
            price[at] = scale * max(share - one, 0.0)
            earned[net.place_sites[at]] += price[at]
    return total


@njit(cache=True, nogil=True)
def _uncovered(net: Net, price: Floats) -> float:
    """Return what places are worth beyond their k least prices."""
    rest = 0.0
    for place in range(len(net.value)):
        paid = np.sort(price[net.place_start[place] : net.place_start[place + 1]])
        rest += max(0.0, net.value[place] - paid[: net.folds[place]].sum())
    return rest


class _Ascent:
    """Shares of sites on their way to the most smoothed coverage."""

    def __init__(self, net: Net, rules: Rules, price: Floats) -> None:
        self.net, self.rules = net, rules
        self._low = rules.locked.astype(float)
        count = (np.ones(len(rules.cost)), float(rules.max_count))
        limits = [count, (rules.cost, rules.max_cost)] if np.isfinite(rules.max_cost) else [count]
        even = np.bincount(net.place_sites, weights=price, minlength=len(rules.cost))
        # one limit leads the steps, the tighter; the bound minds both
        self._use, self._limit = min(limits, key=lambda one: one[1] / float(one[0].mean() or 1.0))
        self.share = self._allowed(even / (even.max() or 1.0))
        self._steepness = float(net.value.sum())
        self.restart()

    def restart(self) -> None:
        """Forget the momentum and the prices gathered."""
        self.price = np.zeros(len(self.net.place_sites))
        self.gathered, self.weight = np.zeros(len(self.price)), 0.0
        self._ahead, self._momentum = self.share, 1.0

    def step(self, smoothing: float) -> None:
        """Take one accelerated step, as long as the slope allows."""
        earned, passing = np.empty(len(self.share)), np.empty(len(self.price))
        ahead, net = self._ahead, self.net
        value = _smoothed(net, ahead, smoothing, self.price, earned)
        self.weight += 1.0
        self.gathered += (self.price - self.gathered) * (2.0 / (self.weight + 1.0))
        self._steepness *= 0.9
        while True:
            share = self._allowed(ahead + earned / self._steepness)
            moved = share - ahead
            least = value + earned @ moved - self._steepness / 2 * (moved @ moved)
            reached = _smoothed(net, share, smoothing, passing, np.empty(len(share)))
            if reached >= least - 1e-9 * abs(value):
                break
            self._steepness *= 2.0
        if earned @ (share - self.share) < 0:
            self._momentum = 1.0
        following = (1 + np.sqrt(1 + 4 * self._momentum**2)) / 2
        pull = (self._momentum - 1) / following
        self._ahead = np.clip(share + pull * (share - self.share), 0.0, 1.0)
        self.share, self._momentum = share, following

    def _allowed(self, wanted: Floats) -> Floats:
        """Return the shares within the limit that lie nearest to those wanted."""
        if float(self._use @ np.clip(wanted, self._low, 1.0)) <= self._limit:
            return np.clip(wanted, self._low, 1.0)
        used = self._use > 0
        low, high = 0.0, float((wanted[used] / self._use[used]).max())
        for _ in range(BISECTIONS):
            toll = (low + high) / 2
            over = float(self._use @ np.clip(wanted - toll * self._use, self._low, 1.0))
            low, high = (toll, high) if over > self._limit else (low, toll)
        return np.clip(wanted - high * self._use, self._low, 1.0)


def bound_backup(net: Net, rules: Rules, incumbent: Incumbent, *, until: float) -> Prices:
    """Lower the bound on the weight covered, until the search has run ``until`` seconds."""
    n_sites = np.diff(net.place_start)
    ascent = _Ascent(net, rules, np.repeat(net.value / n_sites, n_sites))
    best = Prices(np.inf, ascent.price, np.zeros(len(rules.cost)))
    smoothing = FIRST_SMOOTHING
    while smoothing > LEAST_SMOOTHING:
        ascent.restart()
        stage_best, waited = np.inf, 0
        for taken in range(1, STAGE_STEPS + 1):
            ascent.step(smoothing)
            incumbent.tell()
            late = incumbent.done or incumbent.seconds > until
            if taken % BOUND_EVERY and not late:
                continue
            found = min(
                (_prices(net, rules, price) for price in (ascent.price, ascent.gathered)),
                key=lambda one: one.bound,
            )
            incumbent.prove(found.bound)
            best = min(best, found, key=lambda one: one.bound)
            if late:
                return best
            waited = 0 if found.bound < stage_best * (1 - GAIN_RATIO) else waited + 1
            stage_best = min(stage_best, found.bound)
            if waited >= PATIENCE:
                break
        smoothing *= SMOOTHING_STEP
    return best


def _prices(net: Net, rules: Rules, price: Floats) -> Prices:
    """Return the bound of ``price``, moved up by more than its sums can be off."""
    earned: Floats = np.bincount(net.place_sites, weights=price, minlength=len(rules.cost)).astype(
        np.float64
    )
    value = _uncovered(net, price) + most_earned(earned, rules)[0]
    roundings = len(price) + len(net.value) + len(earned) + 8
    return Prices(value * (1 + roundings * np.finfo(float).eps), price.copy(), earned)

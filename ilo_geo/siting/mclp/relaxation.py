r"""Upper bounds of the maximal coverage problem from its linear relaxation.

The problem of Church and ReVelle (1974), with y the sites, z the places and N(i) the sites that
reach place i::

    max  Σ w_i z_i    z_i ≤ Σ_{j ∈ N(i)} y_j,   Σ y_j ≤ p,   y binary,  0 ≤ z ≤ 1

Pricing z_i ≤ Σ y_j at any u_i ≥ 0 gives a bound that needs no trust in whoever found u::

    L(u) = Σ max(0, w_i − u_i)  +  the p largest of  s_j = Σ_{i reached by j} u_i

`bound_of` evaluates it, and adds more than its rounding can have taken away. Its minimum over u is
the value of the linear relaxation. `relax` finds that minimum by a primal-dual interior point
method with Mehrotra's predictor and corrector (1992). Both programs have an interior point at
hand, and the slack of every place is eliminated by hand, so that a step costs one dense Cholesky
factor of sites × sites only, A being the sites × places pattern and d positive::

    M = diag(r / y) + A diag(d) Aᵀ
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.linalg import LinAlgError
from scipy.linalg import cho_factor
from scipy.linalg import cho_solve

from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.problem import Floats

MOST_STEPS = 80
# share of the way to the boundary that a step goes
TO_BOUNDARY = 0.995
# relative distance of the primal and the dual value at which the relaxation counts as solved
SOLVED_RATIO = 1e-7
# steps of the quick bound, and how many may bring nothing before they get shorter
QUICK_STEPS = 150
QUICK_PATIENCE = 8


@dataclass(frozen=True)
class Relaxed:
    """A bound and where it comes from.

    Attributes
    ----------
    bound
        No choice covers more.
    score
        s_j of each site at the prices of the bound.
    share
        y of each site in the relaxation.
    """

    bound: float
    score: Floats
    share: Floats


def bound_of(cover: Cover, price: Floats, count: int) -> tuple[float, Floats]:
    """Return L(u) rounded up, and s; valid for every ``price`` u ≥ 0."""
    score = cover.over_site(price)
    rest = np.maximum(0.0, cover.weight - price).sum()
    best = np.partition(score, len(score) - count)[len(score) - count :]
    value = float(rest + best.sum())
    # each sum of n numbers is off by at most n roundings
    roundings = cover.n_places + count + 8
    return value * (1.0 + roundings * np.finfo(float).eps), score


def relax(cover: Cover, count: int, enough: Callable[[float], bool]) -> Relaxed:
    """Return the best bound of the relaxation, with fewer sites to choose than there are.

    ``enough`` is asked at each step, with the bound reached, whether to leave it at that.
    """
    point = _Point(cover, count)
    best = Relaxed(np.inf, np.zeros(cover.n_sites), point.y)
    for _ in range(MOST_STEPS):
        bound, score = bound_of(cover, np.maximum(0.0, point.u * point.unit), count)
        reached = point.value() * point.unit
        if bound < best.bound:
            best = Relaxed(bound, score, point.y)
        if best.bound - reached <= SOLVED_RATIO * best.bound or enough(best.bound):
            break
        if not point.improve():
            break
    return best


def quick_bound(cover: Cover, count: int, target: float, enough: Callable[[float], bool]) -> float:
    """Return a bound far cheaper than `relax`'s and looser: u follows the subgradients of L.

    Each step is as long as would reach ``target`` if L were linear (Polyak 1969), by a factor that
    halves whenever a run of steps brings nothing.
    """
    price, best, factor, dry = 0.5 * cover.weight, np.inf, 1.0, 0
    for _ in range(QUICK_STEPS):
        bound, score = bound_of(cover, price, count)
        dry = 0 if bound < best else dry + 1
        best = min(best, bound)
        if enough(best):
            break
        if dry > QUICK_PATIENCE:
            factor, dry = factor / 2, 0
        taken = np.zeros(cover.n_sites)
        taken[np.argpartition(score, len(score) - count)[len(score) - count :]] = 1.0
        slope = cover.over_place(taken) - (price < cover.weight)
        steepness = float(slope @ slope)
        if steepness == 0.0:
            break
        step = factor * (bound - target) / steepness
        price = np.clip(price - step * slope, 0.0, cover.weight)
    return best


class _Point:
    """A strictly feasible pair of the relaxation and its dual, and the step to a better one.

    Slacks: s of z ≤ Σy, priced u; t of z ≤ 1, priced v = w − u; r = λ − s_j of y ≥ 0, λ being the
    price of the count. Weights are in ``unit`` so that all numbers are about 1.
    """

    def __init__(self, cover: Cover, count: int) -> None:
        self.cover = cover
        self.unit = float(cover.weight.mean())
        self.weight = cover.weight / self.unit
        self.y = np.full(cover.n_sites, count / cover.n_sites)
        sums = cover.over_place(self.y)
        z = 0.5 * np.minimum(1.0, sums)
        self.s, self.t = sums - z, 1.0 - z
        self.u = 0.5 * self.weight
        self.v = self.weight - self.u
        score = cover.over_site(self.u)
        self.r = score.max() + 0.5 * score.mean() - score
        self.matrix = np.empty((cover.n_sites, cover.n_sites))

    def value(self) -> float:
        """Return what y covers, fractions of sites covering fractions of places."""
        return float(self.weight @ np.minimum(1.0, self.cover.over_place(self.y)))

    def improve(self) -> bool:
        """Take one step; return False if rounding leaves no direction."""
        y, r, s, u, t, v = self.y, self.r, self.s, self.u, self.t, self.v
        size = len(y) + 2 * len(u)
        mu = (y @ r + s @ u + t @ v) / size
        e = s + u * t / v
        d = u / e
        cover = self.cover
        _normal(
            cover.site_start, cover.site_place, cover.place_start, cover.place_site, d, self.matrix
        )
        self.matrix.ravel()[:: len(y) + 1] += r / y
        try:
            # the transposed view is in the order LAPACK works in place
            factor = cho_factor(self.matrix.T, overwrite_a=True, check_finite=False)
        except LinAlgError:
            return False
        ones = cho_solve(factor, np.ones(len(y)), check_finite=False)

        def direction(to_s: Floats, to_t: Floats, to_y: Floats) -> tuple[Floats, ...]:
            g = (to_s - u * to_t / v) / e
            q = cho_solve(factor, to_y / y + cover.over_site(g), check_finite=False)
            d_count = q.sum() / ones.sum()
            d_y = q - d_count * ones
            d_sum = cover.over_place(d_y)
            d_u = g - d * d_sum
            d_z = -(to_t + t * d_u) / v
            return d_y, d_count - cover.over_site(d_u), d_sum - d_z, d_u, -d_z, -d_u

        pairs = ((y, r), (s, u), (t, v))
        flat = [x for pair in pairs for x in pair]
        ahead = direction(-s * u, -t * v, -y * r)
        primal, dual = _lengths(flat, ahead)
        after = sum(
            (flat[k] + primal * ahead[k]) @ (flat[k + 1] + dual * ahead[k + 1]) for k in (0, 2, 4)
        )
        aim = mu * (after / size / mu) ** 3
        d_y, d_r, d_s, d_u, d_t, d_v = ahead
        step = direction(aim - s * u - d_s * d_u, aim - t * v - d_t * d_v, aim - y * r - d_y * d_r)
        if not all(np.isfinite(x).all() for x in step):
            return False
        primal, dual = (min(1.0, TO_BOUNDARY * length) for length in _lengths(flat, step))
        self.y, self.s, self.t = y + primal * step[0], s + primal * step[2], t + primal * step[4]
        self.r, self.u, self.v = r + dual * step[1], u + dual * step[3], v + dual * step[5]
        return True


def _lengths(values: list[Floats], steps: tuple[Floats, ...]) -> tuple[float, float]:
    """Return how far the primal and the dual numbers can go before one of them is 0."""
    most = [max(float((-d / x).max()), 1e-300) for x, d in zip(values, steps, strict=True)]
    return 1.0 / max(most[0::2]), 1.0 / max(most[1::2])


@njit(cache=True, nogil=True)
def _normal(site_start, site_place, place_start, place_site, d, out):  # type: ignore[no-untyped-def]
    """Write the lower triangle of A diag(d) Aᵀ."""
    for j in range(len(site_start) - 1):
        row = out[j]
        row[: j + 1] = 0.0
        for a in range(site_start[j], site_start[j + 1]):
            i = site_place[a]
            for b in range(place_start[i], place_start[i + 1]):
                k = place_site[b]
                if k > j:
                    break
                row[k] += d[i]

"""How much of the need the chosen cameras would still see if the masts and weights were not exact.

Each draw moves every camera by a Gaussian error and multiplies every weight by a uniform factor;
sight is found anew. What no draw can say: modelled buildings stand where no house may be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ilo_geo.security.cameras.candidates import off_footprints
from ilo_geo.security.cameras.demand import Demand
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.security.cameras.scene import Lens
from ilo_geo.security.cameras.scene import Sightings
from ilo_geo.security.cameras.scene import seen_by_each
from ilo_geo.security.cameras.scene import with_bearings
from ilo_geo.security.cameras.sight import Sight
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints


@dataclass(frozen=True)
class Hung:
    """Cameras as they hang: place, heading and lens of each."""

    xy: Floats
    heading_deg: Floats
    lenses: tuple[Lens, ...]

    @property
    def reach_m(self) -> float:
        """Return how far the farthest-seeing of them sees."""
        return max(lens.far_m for lens in self.lenses)

    def moved(self, xy: Floats) -> Hung:
        """Return the same cameras elsewhere."""
        return Hung(xy, self.heading_deg, self.lenses)


@dataclass(frozen=True)
class Draws:
    """Share of the need and of the demand that is seen, a value a draw."""

    need_ratio: Floats
    demand_ratio: Floats

    def interval(self, values: Floats, rules: CameraRules) -> tuple[float, float] | None:
        """Return the interval of ``values``; None without draws."""
        if not len(values):
            return None
        ends = (rules.interval_low_percent.value, rules.interval_high_percent.value)
        low, high = np.percentile(values, ends)
        return float(low), float(high)


def seen_places(hung: Hung, seen: Sightings, at_dwelling: Bools, folds: Ints) -> Bools:
    """Return which places enough cameras see."""
    inside = seen_by_each(seen, hung.heading_deg, hung.lenses, at_dwelling)
    n_seeing = np.bincount(seen.place[inside], minlength=len(at_dwelling))
    enough: Bools = n_seeing >= folds
    return enough


@dataclass(frozen=True)
class Uncertain:
    """What the draws stand on.

    ``error_m`` is the standard error of each coordinate of a camera; the rest is as in the scene.
    """

    sight: Sight
    demand: Demand
    at_dwelling: Bools
    folds: Ints
    blocks: np.ndarray
    error_m: float
    n_draws: int
    seed: int


def draw(hung: Hung, given: Uncertain, rules: CameraRules) -> Draws:
    """Return what is seen in each draw; equal for equal seeds."""
    random = np.random.default_rng(given.seed)
    n, demand, swing = len(hung.xy), given.demand, rules.weight_swing_ratio.value
    moves = random.normal(0.0, given.error_m, size=(given.n_draws, n, 2))
    factors = random.uniform(1 - swing, 1 + swing, size=(given.n_draws, len(demand.weights)))
    need, total = np.zeros(given.n_draws), np.zeros(given.n_draws)
    for nth in range(given.n_draws):
        # what lands in a house is hung on its wall
        moved = hung.moved(on_walls(hung.xy + moves[nth], given.blocks, rules))
        seen = given.sight.places(moved.xy, demand.xy, moved.reach_m)
        enough = seen_places(moved, seen, given.at_dwelling, given.folds)
        weights = {c: w * f for (c, w), f in zip(demand.weights.items(), factors[nth], strict=True)}
        need[nth] = demand.need @ enough
        total[nth] = demand.reweighted(weights) @ enough
    return Draws(need, total)


def on_walls(xy: Floats, blocks: np.ndarray, rules: CameraRules) -> Floats:
    """Return places with those inside a block moved before its nearest wall."""
    return off_footprints(xy, np.zeros(len(xy), dtype=bool), blocks, rules)[0]


def open_sightings(xy: Floats, need_xy: Floats, range_m: float) -> Sightings:
    """Return the sightings if no building hid anything."""
    near = cKDTree(need_xy).query_ball_point(xy, range_m, return_sorted=True)
    pole = np.repeat(np.arange(len(xy)), [len(one) for one in near])
    place = np.array([p for one in near for p in one], dtype=np.int64)
    return with_bearings(pole, place, xy, need_xy)

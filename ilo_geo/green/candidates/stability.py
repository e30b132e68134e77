"""How stable the ranking is: drawn futures of weights, population base, terrain and hazards.

Each draw multiplies every weight by a number from 1 ± ``swing_ratio`` and scales them to sum to 1,
takes one population base, one outline of each hazard as the true one (all sites together), and an
error of each site's slope. Ranks are by score among all sites; a site that a draw rules out is not
in its top, which then goes to the next ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.exclusions import CERTAINTIES
from ilo_geo.green.candidates.scoring import ranks
from ilo_geo.green.candidates.utilities import UTILITY_DECIMALS
from ilo_geo.green.candidates.utilities import shape_utility


@dataclass(frozen=True)
class Uncertain:
    """What is drawn.

    Attributes
    ----------
    utilities
        Eligible sites by criteria, as scored.
    by_base
        Utilities that depend on the population base: sites by bases, by criterion.
    hazard_levels
        Level of each hazard at each site, by the outline taken as true (`hazard_by_outline`).
    strikes
        Which rules of zones strike which site, by outline.
    compactness_ratio, slope_ratio, slope_error_ratio, max_slope_ratio
        What the shape is made of, the standard deviation of the slope's error, and the limit.
    """

    utilities: pd.DataFrame
    by_base: Mapping[str, Floats]
    hazard_levels: Mapping[str, pd.DataFrame]
    strikes: Mapping[str, pd.DataFrame]
    compactness_ratio: Floats
    slope_ratio: Floats
    slope_error_ratio: float
    max_slope_ratio: float


def drawn_scores(
    uncertain: Uncertain, weights: Floats, *, swing_ratio: float, n_draws: int, seed: int
) -> tuple[Floats, Bools]:
    """Return the score of each site in each draw (draws by sites), and where it is ruled out."""
    rng = np.random.default_rng(seed)
    swung = weights * rng.uniform(1 - swing_ratio, 1 + swing_ratio, (n_draws, len(weights)))
    swung /= swung.sum(axis=1, keepdims=True) / weights.sum()
    n_bases = next(iter(uncertain.by_base.values())).shape[1]
    base = rng.integers(n_bases, size=n_bases and n_draws)
    outline = _drawn_outlines(uncertain, rng, n_draws)
    slope = _drawn_slopes(uncertain, rng, n_draws)
    drawn = {name: values.T[base] for name, values in uncertain.by_base.items()}
    drawn["shape"] = shape_utility(
        np.broadcast_to(uncertain.compactness_ratio, slope.shape),
        slope,
        uncertain.max_slope_ratio,
    )
    drawn["hazard"] = 1 - _drawn_hazard(uncertain, outline, n_draws)
    total = np.zeros(slope.shape)
    for number, criterion in enumerate(criterion_table().ids):
        usual = uncertain.utilities[criterion].to_numpy()[None, :]
        u = drawn[criterion].round(UTILITY_DECIMALS) if criterion in drawn else usual
        total = total + swung[:, number, None] * u
    ruled_out = _drawn_strikes(uncertain, outline, n_draws) | (slope > uncertain.max_slope_ratio)
    return total, ruled_out


def stability(score: Floats, ruled_out: Bools, k: int) -> pd.DataFrame:
    """Return ``rank_low, rank_high`` (5–95 %), ``top_k_ratio`` and ``struck_ratio`` of each site.

    Parameters
    ----------
    score, ruled_out
        Draws by sites.
    k
        How many sites count as the top.
    """
    rank = ranks(score)
    interval = criterion_table().rank_interval
    among_left = ranks(np.where(ruled_out, -np.inf, score))
    return pd.DataFrame(
        {
            "rank_low": np.quantile(rank, interval.low, axis=0, method="lower"),
            "rank_high": np.quantile(rank, interval.high, axis=0, method="higher"),
            "top_k_ratio": ((among_left <= k) & ~ruled_out).mean(axis=0),
            "struck_ratio": ruled_out.mean(axis=0),
        }
    )


def _drawn_outlines(
    uncertain: Uncertain, rng: np.random.Generator, n_draws: int
) -> dict[str, Ints]:
    """Return the outline of each hazard that is true in each draw: a position in CERTAINTIES."""
    names = dict.fromkeys(
        [*uncertain.hazard_levels[CERTAINTIES[0]], *uncertain.strikes[CERTAINTIES[0]]]
    )
    often = criterion_table().outline_draws
    probability = np.array([getattr(often, name) for name in CERTAINTIES])
    return {
        name: rng.choice(len(CERTAINTIES), size=n_draws, p=probability / probability.sum())
        for name in sorted(names)
    }


def _drawn_slopes(uncertain: Uncertain, rng: np.random.Generator, n_draws: int) -> Floats:
    error = rng.standard_normal((n_draws, len(uncertain.slope_ratio)))
    return np.abs(uncertain.slope_ratio + error * uncertain.slope_error_ratio)


def _drawn_hazard(uncertain: Uncertain, outline: Mapping[str, Ints], n_draws: int) -> Floats:
    worst = np.zeros((n_draws, len(uncertain.utilities)))
    for hazard in uncertain.hazard_levels[CERTAINTIES[0]]:
        by_outline = _nested(
            np.stack([uncertain.hazard_levels[c][hazard].to_numpy() for c in CERTAINTIES])
        )
        worst = np.maximum(worst, by_outline[outline[str(hazard)]])
    return worst


def _drawn_strikes(uncertain: Uncertain, outline: Mapping[str, Ints], n_draws: int) -> Bools:
    struck = np.zeros((n_draws, len(uncertain.utilities)), dtype=bool)
    for rule in uncertain.strikes[CERTAINTIES[0]]:
        by_outline = np.stack([uncertain.strikes[c][rule].to_numpy() for c in CERTAINTIES])
        struck |= by_outline[outline[str(rule)]]
    return struck


def _nested(by_outline: Floats) -> Floats:
    """Return levels that do not fall from one outline to the next, which holds it."""
    grown: Floats = np.maximum.accumulate(by_outline, axis=0)
    return grown

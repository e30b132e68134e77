"""How often a unit stays among the first when weights and data move within their margins.

Weights: each is multiplied by its own draw from ``1 − swing … 1 + swing`` and all are divided by
their sum. Data: each part of each unit is drawn from its own interval, evenly and apart from all
others; what is not known is drawn from the whole of 0 to 1. Units whose data err together keep
their order better than this says: the second share is on the cautious side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ilo_geo.proposals.scoring import DECIMALS
from ilo_geo.proposals.scoring import Floats
from ilo_geo.proposals.scoring import Ints
from ilo_geo.proposals.scoring import ScaledPart
from ilo_geo.proposals.scoring import places


@dataclass(frozen=True)
class Stability:
    """What the draws say of each unit.

    Attributes
    ----------
    top_k_ratio
        Share of draws of the weights, data at their best estimate, with the unit among the first.
    top_k_data_ratio
        The same with weights and data drawn.
    best_place, worst_place
        Over the draws of the weights alone.
    """

    top_k_ratio: Floats
    top_k_data_ratio: Floats
    best_place: Ints
    worst_place: Ints


def stability(
    parts: Mapping[str, ScaledPart],
    weights: Mapping[str, float],
    *,
    top_k: int,
    swing_ratio: float,
    n_draws: int,
    seed: int,
) -> Stability:
    """Return how places move; equal seeds give equal answers.

    Parameters
    ----------
    parts
        By id, at least those of ``weights``.
    weights
        Summing to 1.
    top_k
        How many places count as the first; equals share the better place.
    swing_ratio
        How far a weight moves either way, as a share of itself.
    """
    random = np.random.default_rng(seed)
    mid = np.array([parts[name].mid for name in weights])
    low = np.array([parts[name].low for name in weights])
    width = np.array([parts[name].high for name in weights]) - low
    drawn = _drawn_weights(np.array(list(weights.values())), swing_ratio, n_draws, random)
    n_units = mid.shape[1]
    first, first_data = np.zeros(n_units), np.zeros(n_units)
    best, worst = np.full(n_units, n_units), np.ones(n_units, dtype=int)
    for one in drawn:
        place = places(np.round(one @ mid, DECIMALS))
        first += place <= top_k
        best, worst = np.minimum(best, place), np.maximum(worst, place)
        sampled = low + width * random.random(low.shape)
        first_data += places(np.round(one @ sampled, DECIMALS)) <= top_k
    return Stability(first / n_draws, first_data / n_draws, best, worst)


def _drawn_weights(
    weights: Floats, swing_ratio: float, n_draws: int, random: np.random.Generator
) -> Floats:
    factors = random.uniform(1 - swing_ratio, 1 + swing_ratio, (n_draws, len(weights)))
    moved: Floats = weights * factors
    normalised: Floats = moved / moved.sum(axis=1, keepdims=True)
    return normalised

"""Weights and the score: ``score = Σ w_j · u_j``, ties broken by id.

The sum runs over the criteria in their order, one product after another, over utilities of six and
weights of nine decimals: a page that does the same gets the same score to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.ahp import ahp_weights
from ilo_geo.core.errors import ParameterError
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.parameters import ParkParams

WEIGHT_DECIMALS = 9


@dataclass(frozen=True)
class Weights:
    """Weight of each criterion, summing to 1; consistency is None where they were given directly.

    Attributes
    ----------
    value
        In the order of the criteria.
    given
        Criteria whose weight was given directly, not by judgements.
    """

    value: Floats
    given: tuple[str, ...]
    consistency_ratio: float | None
    consistency_limit: float | None


def weights_of(params: ParkParams) -> Weights:
    """Return the weights of judgements, replaced where weights are given, scaled to sum to 1.

    Raises
    ------
    ParameterError
        The judgements are no matrix or contradict each other, or all weights are 0.
    """
    ids = criterion_table().ids
    solved = ahp_weights(params.park_judgements, ids, where="park_judgements")
    given = params.given_weights
    raw = np.array([given.get(name, solved.weights[name]) for name in ids])
    if not raw.sum() > 0:
        raise ParameterError("parks.no_weights", names=", ".join(f"w_{name}" for name in ids))
    judged = len(given) < len(ids)
    return Weights(
        value=(raw / raw.sum()).round(WEIGHT_DECIMALS),
        given=tuple(given),
        consistency_ratio=solved.consistency_ratio if judged else None,
        consistency_limit=solved.consistency_limit if judged else None,
    )


def scores(utilities: Floats, weights: Floats) -> Floats:
    """Return Σ w u over the last axis, summed in order.

    ``utilities`` is (…, criteria); ``weights`` (criteria) or of the same leading shape.
    """
    total = np.zeros(np.broadcast_shapes(utilities.shape[:-1], weights.shape[:-1]))
    for criterion in range(utilities.shape[-1]):
        total = total + weights[..., criterion] * utilities[..., criterion]
    return total


def ranks(score: Floats) -> Ints:
    """Return the rank of each site along the last axis, 1 the best; the first of equals is ahead.

    Sites lie in the order of their ids.
    """
    order = np.argsort(-score, axis=-1, kind="stable")
    rank = np.empty_like(order)
    places = np.broadcast_to(np.arange(1, score.shape[-1] + 1), order.shape)
    np.put_along_axis(rank, order, places, axis=-1)
    return rank


def weights_table(weights: Weights) -> pd.DataFrame:
    """Return ``criterion``, its words, weight, and where the weight comes from."""
    table = criterion_table()
    rows = [
        {
            "criterion": criterion.id,
            "title_es": criterion.title.es,
            "title_en": criterion.title.en,
            "help_es": criterion.help.es,
            "help_en": criterion.help.en,
            "raw": criterion.raw,
            "raw_unit_es": criterion.unit.es,
            "raw_unit_en": criterion.unit.en,
            "weight": float(weight),
            "given": criterion.id in weights.given,
            "consistency_ratio": weights.consistency_ratio,
            "consistency_limit": weights.consistency_limit,
        }
        for criterion, weight in zip(table.criteria, weights.value, strict=True)
    ]
    return pd.DataFrame(rows).set_index("criterion")

"""What cameras are to see: the need for security, weighed with whatever evidence there is.

Each criterion is a share of the whole at each place (sums to 1); the demand is their weighted sum::

    d_i = Σ_c w_c · s_ci,  Σ_c w_c = 1 over the criteria with evidence

Weights come from pairwise judgements (`core.ahp`); those of criteria without evidence are spread
over the others in proportion, and the reader is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.ahp import ahp_weights
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats

CRIME, GAP, FLOW, SENSITIVE = "crime", "gap", "flow", "sensitive"
FEASIBILITY, EVACUATION = "feasibility", "evacuation"


@dataclass(frozen=True)
class Demand:
    """Places and what seeing them is worth.

    Attributes
    ----------
    xy
        Where each need is counted.
    need
        Share of the need for security at each place, sums to 1.
    shares
        The same by criterion with evidence.
    weights
        Weight used of each of those, sums to 1.
    table
        A row a criterion: ``weight`` of the judgements, ``weight_used``, ``available``.
    consistency_ratio
        Of the judgements.
    """

    xy: Floats
    need: Floats
    shares: Mapping[str, Floats]
    weights: Mapping[str, float]
    table: pd.DataFrame
    consistency_ratio: float

    @property
    def weight(self) -> Floats:
        """Return the demand of each place, sums to 1."""
        return self.reweighted(self.weights)

    def reweighted(self, weights: Mapping[str, float]) -> Floats:
        """Return the demand under other weights of the same criteria."""
        total = sum(weights[name] * share for name, share in self.shares.items())
        return np.asarray(total, dtype=float) / sum(weights.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the criteria without evidence."""
        return tuple(name for name in self.table.index if name not in self.shares)


def weigh(
    xy: Floats, need: Floats, evidence: Mapping[str, Floats], judgements: str, rules: CameraRules
) -> Demand:
    """Return the demand of evidence by criterion; one that is nowhere above 0 counts as missing.

    Raises
    ------
    ParameterError
        The judgements cannot be read or contradict each other.
    """
    said = ahp_weights(judgements, rules.criterion_ids, where="criteria_judgements")
    known = {CRIME: need, **evidence}
    shares = {
        name: known[name] / known[name].sum()
        for name in rules.criterion_ids
        if name in known and known[name].sum() > 0
    }
    total = sum(said.weights[name] for name in shares)
    used = {name: said.weights[name] / total for name in shares}
    table = pd.DataFrame(
        {
            "weight": pd.Series(dict(said.weights)),
            "weight_used": pd.Series({name: used.get(name, 0.0) for name in said.weights}),
            "available": pd.Series({name: name in shares for name in said.weights}),
        }
    ).rename_axis("criterion")
    return Demand(xy, need, shares, used, table, said.consistency_ratio)


def near(xy: Floats, places: np.ndarray, distance_m: float) -> Bools:
    """Return which points lie within a distance of any of the geometries."""
    found = np.zeros(len(xy), dtype=bool)
    if len(places):
        tree = shapely.STRtree(shapely.points(xy))
        found[tree.query(places, predicate="dwithin", distance=distance_m)[1]] = True
    return found

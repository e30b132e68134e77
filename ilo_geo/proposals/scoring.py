"""The index of one set of units: parts on one scale, their weighted sum, and places as intervals.

Formulas, ``x`` the raw value of a part, ``q5`` and ``q95`` percentiles of its best estimates over
the units that have one, ``w`` the weights (summing to 1)::

    u = (x − q5) / (q95 − q5)        cut at 0 and 1
    I = Σ_p w_p u_p                  for the least, the best estimate, the most

A part whose units all have the same value tells nobody apart: it is 0 up to that value and 1
above it. A part without data lies anywhere from 0 to 1; the one figure that is drawn takes the
middle by convention, never zero.

The best place of a unit is 1 + the units whose least is above its most; the worst counts the
units whose most is above its least. Units are taken to vary apart, so the intervals are as wide
as they can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ilo_geo.proposals.rules import priority_rules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
LOW, MID, HIGH = "low", "mid", "high"
# sums of weights that are equal on paper must be equal here
DECIMALS = 12


@dataclass(frozen=True)
class ScaledPart:
    """A part on the scale of 0 to 1, unit by unit.

    Attributes
    ----------
    low, mid, high
        The least, the best estimate and the most.
    known
        Whether there are data of the unit.
    q_low, q_high
        The raw values that are 0 and 1; NaN where no unit has data.
    """

    low: Floats
    mid: Floats
    high: Floats
    known: npt.NDArray[np.bool_]
    q_low: float
    q_high: float

    @property
    def distinguishes(self) -> bool:
        """Return whether units differ at all in what is known."""
        return self.q_high > self.q_low


def scaled_part(raw: pd.DataFrame) -> ScaledPart:
    """Return a part on the scale of 0 to 1.

    Parameters
    ----------
    raw
        Columns ``low``, ``mid``, ``high``, a row a unit; a row without ``mid`` has no data.
    """
    low, mid, high = (raw[name].to_numpy(float) for name in (LOW, MID, HIGH))
    known = ~np.isnan(mid)
    if not known.any():
        nowhere = np.full(len(raw), np.nan)
        return _with_unknown(nowhere, nowhere, nowhere, known, (np.nan, np.nan))
    q_low, q_high = np.percentile(mid[known], priority_rules().scale_percentiles)
    ends = (float(q_low), float(q_high))
    scaled = [_on_scale(values, *ends) for values in (low, mid, high)]
    return _with_unknown(scaled[0], scaled[1], scaled[2], known, ends)


def _on_scale(values: Floats, q_low: float, q_high: float) -> Floats:
    if q_high > q_low:
        return np.clip((values - q_low) / (q_high - q_low), 0.0, 1.0)
    return (values > q_high).astype(float)


def _with_unknown(
    low: Floats, mid: Floats, high: Floats, known: npt.NDArray[np.bool_], ends: tuple[float, float]
) -> ScaledPart:
    return ScaledPart(
        low=np.where(known, low, 0.0),
        mid=np.where(known, mid, priority_rules().unknown_middle_ratio),
        high=np.where(known, high, 1.0),
        known=known,
        q_low=ends[0],
        q_high=ends[1],
    )


@dataclass(frozen=True)
class Index:
    """The index of each unit: the least, the best estimate, the most."""

    low: Floats
    mid: Floats
    high: Floats


def index_of(parts: Mapping[str, ScaledPart], weights: Mapping[str, float]) -> Index:
    """Return the weighted sum of the parts; ``weights`` sum to 1."""

    def summed(end: str) -> Floats:
        columns = np.array([getattr(parts[name], end) for name in weights])
        total: Floats = np.round(np.array(list(weights.values())) @ columns, DECIMALS)
        return total

    return Index(summed(LOW), summed(MID), summed(HIGH))


def places(values: Floats) -> Ints:
    """Return the place of each value, 1 for the largest; equals share the better place."""
    ascending = np.sort(values)
    above = len(values) - np.searchsorted(ascending, values, side="right")
    found: Ints = above + 1
    return found


def place_interval(index: Index) -> tuple[Ints, Ints]:
    """Return the best and the worst place each unit can have within the intervals of all."""
    n = len(index.mid)
    best = 1 + n - np.searchsorted(np.sort(index.low), index.high, side="right")
    worst = 1 + n - np.searchsorted(np.sort(index.high), index.low, side="right")
    # its own most is above its own least where its interval has a width
    worst = worst - (index.high > index.low)
    return best, worst

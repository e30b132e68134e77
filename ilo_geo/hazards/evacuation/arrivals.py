"""When people arrive: classes, counts, quantiles and the curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.evacuation.speeds import Floats

Ints = npt.NDArray[np.int64]
# a hair of a second, so that a sum of seconds that is exactly T is not late by rounding
SLACK_MIN = 1e-9


def arrival_class(minutes: Floats, params: EvacuationParams) -> npt.NDArray[np.object_]:
    """Return the class id of each time: green up to T − 5 min, amber up to T, red after it.

    NaN (nobody there) is the missing class; infinite (no way) is late.
    """
    figures = arrival_figures()
    limits = [params.arrival_min - figures.spare_min, params.arrival_min]
    ids = np.array([*(c.id for c in figures.classes), figures.missing.id], dtype=object)
    position = np.searchsorted(limits, minutes - SLACK_MIN, side="left")
    position[np.isnan(minutes)] = len(figures.classes)
    classes: npt.NDArray[np.object_] = ids[position]
    return classes


def late_inhab(minutes: Floats, inhab: Floats, arrival_min: float) -> float:
    """Return how many arrive after ``arrival_min`` or never."""
    return float(inhab[minutes > arrival_min + SLACK_MIN].sum())


def weighted_quantile(values: Floats, weight: Floats, ratio: float) -> float | None:
    """Return the least value that at least ``ratio`` of the weight does not exceed.

    None where there is no weight or the value is infinite.
    """
    total = weight.sum()
    if total <= 0:
        return None
    order = np.argsort(values, kind="stable")
    position = np.searchsorted(np.cumsum(weight[order]), ratio * total * (1 - SLACK_MIN))
    found = float(values[order][min(position, len(order) - 1)])
    return found if np.isfinite(found) else None


def group_median(values: Floats, weight: Floats, group: Ints, n_groups: int) -> Floats:
    """Return the weighted median (`weighted_quantile`) of each group; NaN where it has no weight.

    Rows of group -1 are in none.
    """
    kept = (group >= 0) & (weight > 0)
    order = np.flatnonzero(kept)[np.lexsort((values[kept], group[kept]))]
    total = np.bincount(group[order], weights=weight[order], minlength=n_groups)
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    so_far = np.cumsum(weight[order]) - before[group[order]]
    reached = so_far >= 0.5 * total[group[order]] * (1 - SLACK_MIN)
    median = np.full(n_groups, np.nan)
    # written backwards, so that the first one that reaches half stays
    median[group[order][reached][::-1]] = values[order][reached][::-1]
    return median


def curve_table(
    minutes_by_walker: Mapping[str, Floats], inhab: Floats, *, chosen: str
) -> pd.DataFrame:
    """Return by whole minute how many have arrived, of the chosen walker and as share of each.

    Columns ``minute, arrived_inhab, share_ratio, share_ratio_<walker>``; the last minute is that
    of `arrival_figures`. People without a way never arrive; where nobody must leave there is no
    share.
    """
    minute = np.arange(arrival_figures().curve_end_min + 1)
    total = float(inhab.sum())
    arrived = {
        walker: _arrived(minutes, inhab, minute) for walker, minutes in minutes_by_walker.items()
    }
    table = pd.DataFrame({"minute": minute, "arrived_inhab": arrived[chosen]})
    shares = {walker: n / total if total > 0 else n * np.nan for walker, n in arrived.items()}
    table["share_ratio"] = shares[chosen]
    for walker, share in shares.items():
        table[f"share_ratio_{walker}"] = share
    return table.rename_axis("id")


def _arrived(minutes: Floats, inhab: Floats, minute: npt.NDArray[np.int64]) -> Floats:
    order = np.argsort(minutes, kind="stable")
    so_far = np.concatenate([[0.0], np.cumsum(inhab[order])])
    arrived: Floats = so_far[np.searchsorted(minutes[order], minute + SLACK_MIN, side="right")]
    return arrived

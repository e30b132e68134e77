"""Response time: from the call to the door, by the nearest of several starting places.

::

    t = dispatch + (1 + night) / (1 + faster) · (start + Σ L / v + gap / v_foot)

over the driving network with its one-way streets; ``start`` is what a base off the street or at an
uncertain place adds. The night factor lengthens the way, not the dispatch.

Assumptions: a vehicle waits at each starting place; speeds hold for the whole way; the last metres
from the street to the door are walked. Nobody beyond ``foot_gap_m`` of a street is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ilo_geo.city.driving import Drive
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.city.shortest_paths import point_distances_m
from ilo_geo.city.snapping import Snap

S_PER_MIN = 60.0


@dataclass(frozen=True)
class Conditions:
    """What a call meets.

    Attributes
    ----------
    dispatch_s
        From the call to the start of the vehicle.
    night_ratio
        How much longer the way takes; 0 by day.
    faster_ratio
        Speeds are this share above those stated; negative where below.
    start_ratio
        Sign and share of each base's position error that is added to the way.
    """

    dispatch_s: float
    night_ratio: float = 0.0
    faster_ratio: float = 0.0
    start_ratio: float = 0.0

    @property
    def way_factor(self) -> float:
        """Return by how much the way is longer than at the speeds stated."""
        return (1.0 + self.night_ratio) / (1.0 + self.faster_ratio)


def travel_s(drive: Drive, places: Snap, start_node: Ints, start_s: Floats | None = None) -> Floats:
    """Return the way to each place at the speeds stated, infinite where no vehicle arrives.

    ``start_s`` is what each start adds, 0 by default; one that is negative (a base that may be
    nearer) never makes a way shorter than none.
    """
    node_s, _ = distances_to_nearest_m(drive.timed, start_node, initial_m=start_s)
    way_s: Floats = np.maximum(point_distances_m(drive.timed, places, node_s), 0.0)
    return way_s


def response_time_s(
    drive: Drive,
    places: Snap,
    start_node: Ints,
    conditions: Conditions,
    *,
    start_s: Floats | None = None,
    start_error_s: Floats | None = None,
) -> Floats:
    """Return the seconds from the call to the door of each place, infinite where none arrives.

    Parameters
    ----------
    drive, places
        The graph, and the places on it (`Drive.place`).
    start_node
        Node of each base or patrol; -1 is skipped.
    start_s, start_error_s
        What each start adds, and what its uncertain position may add or take.
    """
    added = np.zeros(len(start_node)) if start_s is None else start_s
    if start_error_s is not None:
        added = added + conditions.start_ratio * start_error_s
    way_s = travel_s(drive, places, start_node, added)
    return conditions.dispatch_s + conditions.way_factor * way_s


def within_ratio(time_s: Floats, weight: Floats, limit_min: float) -> float:
    """Return the share of the weight reached within ``limit_min``; NaN without weight."""
    total = weight.sum()
    return float(weight[time_s <= limit_min * S_PER_MIN].sum() / total) if total > 0 else np.nan


def quantile_min(time_s: Floats, weight: Floats, share: float) -> float:
    """Return the minutes within which ``share`` of the weight is reached; NaN where never."""
    order = np.argsort(time_s, kind="stable")
    total = np.cumsum(weight[order])
    if not len(total) or total[-1] <= 0:
        return np.nan
    # sums of the same weights in another order differ in their last digits
    first = int(np.searchsorted(total, share * total[-1] * (1 - 1e-12)))
    seconds = float(time_s[order][min(first, len(order) - 1)])
    return seconds / S_PER_MIN if np.isfinite(seconds) else np.nan


def time_class(minutes: Floats, limits_min: tuple[float, ...], ids: tuple[str, ...]) -> list[str]:
    """Return the class of each time: up to each limit its id, beyond all the next, never the last.

    ``ids`` has two more entries than ``limits_min``: beyond the last limit, and not reached.
    """
    rank = np.searchsorted(np.asarray(limits_min), minutes)
    rank = np.where(np.isfinite(minutes), rank, len(limits_min) + 1)
    return [ids[r] for r in rank]

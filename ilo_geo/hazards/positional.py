"""What an error of position does to "within so many metres of it": probabilities and distances.

The stated accuracy of a position is read as the half-width (a line, across) or the radius (a point)
that holds the true position with 95 % probability, and the error as normal. Both are judgements of
ours: the catalogues and registers state an accuracy and not what it means.

- A line moved sideways by a normal error of standard deviation σ is within ``d`` of a place that is
  ``x`` from where it is drawn with probability Φ((d−x)/σ) − Φ((−d−x)/σ). Ends and bends of a trace
  are taken as straight.
- A point with the same σ on both axes: the squared distance over σ² is a non-central χ² with two
  degrees of freedom and non-centrality (x/σ)² (the distance has a Rice distribution).
- An edge of a polygon moves in or out as a line does; a polygon's inset is two-sided, so that the
  bound also holds where opposite edges are close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import ncx2
from scipy.stats import norm

from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.hazards.zones import POSSIBLE_RATIO
from ilo_geo.hazards.zones import SURE_RATIO

# what is meant by an accuracy: it holds the true position this often
ACCURACY_RATIO = 0.95
LINE_SIGMAS = float(norm.ppf((1 + ACCURACY_RATIO) / 2))
POINT_SIGMAS = float(np.sqrt(-2 * np.log(1 - ACCURACY_RATIO)))
# beyond this many standard deviations from the rim, a point is inside or outside for certain
SURE_SIGMAS = 12.0
# a rim of a radius so many times the error is straight to nine digits, and χ² runs out of them
STRAIGHT_RIM_SIGMAS = 1e4
# segments a quarter circle: the chords of a circle of 1 km run at most 0.3 m inside it
QUARTER_SEGMENTS = 32

Probability = Callable[[float], float]


def line_sigma_m(accuracy_m: float) -> float:
    """Return the standard deviation across a line whose accuracy is ``accuracy_m``."""
    return accuracy_m / LINE_SIGMAS


def point_sigma_m(accuracy_m: float) -> float:
    """Return the standard deviation, on each axis, of a point whose accuracy is ``accuracy_m``."""
    return accuracy_m / POINT_SIGMAS


def near_line_ratio(offset_m: Any, band_m: float, sigma_m: float) -> Any:
    """Return the probability that a line is within ``band_m`` of a place.

    Parameters
    ----------
    offset_m
        Distance (m) of the place from the line as drawn; number or array.
    band_m
        Distance (m) asked about.
    sigma_m
        Standard deviation (m) of the line's position across; zero is a line without error.
    """
    offset = np.asarray(offset_m, dtype=float)
    if sigma_m == 0:
        return (np.abs(offset) <= band_m).astype(float)[()]
    upper, lower = (band_m - offset) / sigma_m, (-band_m - offset) / sigma_m
    return (ndtr(upper) - ndtr(lower))[()]


def near_point_ratio(offset_m: Any, radius_m: float, sigma_m: float) -> Any:
    """Return the probability that a point is within ``radius_m`` of a place.

    ``offset_m`` (m, number or array) is the distance of the place from the point as drawn,
    ``sigma_m`` the standard deviation of the point's position on each axis.
    """
    offset = np.abs(np.asarray(offset_m, dtype=float))
    inside = (offset <= radius_m).astype(float)
    if sigma_m == 0:
        return inside[()]
    if radius_m > STRAIGHT_RIM_SIGMAS * sigma_m:
        return ndtr((radius_m - offset) / sigma_m)[()]
    # far from the rim the distribution function loses its digits; there the answer is known
    near = np.abs(offset - radius_m) <= SURE_SIGMAS * sigma_m
    at_rim = np.where(near, offset, radius_m)
    ratio = ncx2.cdf((radius_m / sigma_m) ** 2, 2, (at_rim / sigma_m) ** 2)
    return np.where(near, ratio, inside)[()]


@dataclass(frozen=True)
class Reach:
    """Distances (m) from a feature as drawn to the three outlines of one band around it.

    ``certain_m`` is None where no place is 95 % sure to be inside. ``possible_m`` is never less
    than ``line_m``: where the error is much larger than the band, no place at all is 5 % sure to be
    inside, and the band as drawn is shown all the same.
    """

    certain_m: float | None
    line_m: float
    possible_m: float

    @property
    def is_lost_in_error(self) -> bool:
        """Return whether the error alone decides who is inside (nothing beyond the line)."""
        return self.possible_m <= self.line_m

    def outlines(self, feature: Any) -> dict[str, Any]:
        """Return the polygon of each certainty around a line or point."""
        reach_m = {CERTAIN: self.certain_m, LINE: self.line_m, POSSIBLE: self.possible_m}
        return {
            certainty: shapely.buffer(feature, distance_m, quad_segs=QUARTER_SEGMENTS)
            for certainty, distance_m in reach_m.items()
            if distance_m is not None
        }


def reach_of_line(band_m: float, accuracy_m: float) -> Reach:
    """Return the outlines of "within ``band_m`` of a line" of that accuracy (m)."""
    sigma_m = line_sigma_m(accuracy_m)
    return _reach(lambda offset: float(near_line_ratio(offset, band_m, sigma_m)), band_m, sigma_m)


def reach_of_point(radius_m: float, accuracy_m: float) -> Reach:
    """Return the outlines of "within ``radius_m`` of a point" of that accuracy (m)."""
    sigma_m = point_sigma_m(accuracy_m)
    return _reach(
        lambda offset: float(near_point_ratio(offset, radius_m, sigma_m)), radius_m, sigma_m
    )


def offset_at_m(probability: Probability, ratio: float, furthest_m: float) -> float | None:
    """Return where a probability that falls with distance passes ``ratio``; None if it never does.

    ``furthest_m`` is a distance (m) where the probability is below ``ratio``.
    """
    if probability(0.0) <= ratio:
        return None
    return float(brentq(lambda offset: probability(offset) - ratio, 0.0, furthest_m, xtol=1e-6))


def _reach(probability: Probability, band_m: float, sigma_m: float) -> Reach:
    if sigma_m == 0:
        return Reach(band_m, band_m, band_m)
    furthest_m = band_m + SURE_SIGMAS * sigma_m
    possible_m = offset_at_m(probability, POSSIBLE_RATIO, furthest_m)
    return Reach(
        certain_m=offset_at_m(probability, SURE_RATIO, furthest_m),
        line_m=band_m,
        possible_m=band_m if possible_m is None else max(band_m, possible_m),
    )


def polygon_outlines(polygon: Any, accuracy_m: float) -> dict[str, Any]:
    """Return the polygon of each certainty of an area whose edge has that accuracy (m).

    Outside, an edge is possible as far as 5 % of its errors reach (1.645 σ, exact for a straight
    edge). Inside, 95 % is held against both edges of a strip at once (1.96 σ, the accuracy itself).
    """
    inset_m, outset_m = edge_distances_m(accuracy_m)
    return {
        CERTAIN: shapely.buffer(polygon, -inset_m, quad_segs=QUARTER_SEGMENTS),
        LINE: polygon,
        POSSIBLE: shapely.buffer(polygon, outset_m, quad_segs=QUARTER_SEGMENTS),
    }


def edge_distances_m(accuracy_m: float) -> tuple[float, float]:
    """Return how far inside its edge a polygon is certain, and how far outside it is possible."""
    sigma_m = line_sigma_m(accuracy_m)
    inset_m = sigma_m * float(norm.ppf((1 + SURE_RATIO) / 2))
    return inset_m, sigma_m * float(norm.ppf(1 - POSSIBLE_RATIO))

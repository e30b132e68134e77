"""What each camera would see: pole × heading × model against the places of need.

A place is seen where nothing stands between it and the pole in plan, it lies within the field of
view, beyond the near blind zone, near enough for the pixel density asked for, and in no masked
strip before a dwelling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse import csr_array

from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

FULL_TURN_DEG = 360.0
# headings are exact fractions of a turn; less than this is rounding
SAME_DEG = 1e-9
# a place on the very edge of a picture is in it
EDGE_DEG = 1e-9


@dataclass(frozen=True)
class Lens:
    """A model as it would be mounted: what it sees and what it costs.

    ``near_m`` and ``far_m`` bound the distance on the ground at which a target is in the picture at
    the density asked for; up to ``mask_m`` a person could be recognised, so that the strips before
    dwellings are masked.
    """

    id: str
    hfov_deg: float
    near_m: float
    far_m: float
    mask_m: float
    price_soles: float


@dataclass(frozen=True)
class Sightings:
    """Pairs of pole and place of need with a free line of sight; bearings clockwise from north."""

    pole: Ints
    place: Ints
    distance_m: Floats
    bearing_deg: Floats


@dataclass(frozen=True)
class Views:
    """Every camera that might be hung and sees something.

    Attributes
    ----------
    pole, lens
        Position of the pole and of the lens of each.
    heading_deg
        Of the middle of its picture, clockwise from north.
    reach
        Views by places; an entry where the view sees the place.
    """

    pole: Ints
    lens: Ints
    heading_deg: Floats
    reach: csr_array

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.pole)


def sightings(poles_xy: Floats, need_xy: Floats, sight: np.ndarray) -> Sightings:
    """Return which places lie in the visible polygon ``sight`` of which pole."""
    tree = shapely.STRtree(shapely.points(need_xy))
    pole, place = tree.query(sight, predicate="intersects")
    order = np.lexsort((place, pole))
    return with_bearings(
        pole[order].astype(np.int64), place[order].astype(np.int64), poles_xy, need_xy
    )


def with_bearings(pole: Ints, place: Ints, poles_xy: Floats, need_xy: Floats) -> Sightings:
    """Return pairs of pole and place with how far and which way the place lies."""
    east, north = (need_xy[place] - poles_xy[pole]).T
    return Sightings(pole, place, np.hypot(east, north), bearing_deg(east, north))


def bearing_deg(east: Floats, north: Floats) -> Floats:
    """Return degrees clockwise from north, 0 to 360."""
    return np.degrees(np.arctan2(east, north)) % FULL_TURN_DEG


def off_axis_deg(bearing: Floats, heading: float | Floats) -> Floats:
    """Return the angle between a bearing and a heading, 0 to 180."""
    half = FULL_TURN_DEG / 2
    turned: Floats = np.abs((bearing - heading + half) % FULL_TURN_DEG - half)
    return turned


def sharp(seen: Sightings, lens: Lens, at_dwelling: Bools) -> Bools:
    """Return which sightings a lens shows well enough and unmasked, whatever its heading."""
    distance_m = seen.distance_m
    masked = at_dwelling[seen.place] & (distance_m <= lens.mask_m)
    return (distance_m >= lens.near_m) & (distance_m <= lens.far_m) & ~masked


def in_field(bearing: Floats, heading: float, lens: Lens) -> Bools:
    """Return which bearings lie within the field of view."""
    inside: Bools = off_axis_deg(bearing, heading) <= lens.hfov_deg / 2 + EDGE_DEG
    return inside


def seen_by_each(
    seen: Sightings, heading_deg: Floats, lenses: tuple[Lens, ...], at_dwelling: Bools
) -> Bools:
    """Return which sightings the one camera that hangs on each pole has in its picture."""
    found = np.zeros(len(seen.pole), dtype=bool)
    for pole, lens in enumerate(lenses):
        own = seen.pole == pole
        field = in_field(seen.bearing_deg, heading_deg[pole], lens)
        found |= own & field & sharp(seen, lens, at_dwelling)
    return found


def make_views(
    seen: Sightings, lenses: tuple[Lens, ...], n_headings: int, at_dwelling: Bools
) -> Views:
    """Return every pole × heading × lens that sees a place.

    ``at_dwelling`` are the places within the strip before a dwelling that is masked.
    """
    step_deg = FULL_TURN_DEG / n_headings
    keys, places = [], []
    for number, lens in enumerate(lenses):
        usable = np.flatnonzero(sharp(seen, lens, at_dwelling))
        pole, bearing = seen.pole[usable], seen.bearing_deg[usable]
        for turn in range(n_headings):
            inside = in_field(bearing, turn * step_deg, lens)
            keys.append((pole[inside] * n_headings + turn) * len(lenses) + number)
            places.append(seen.place[usable[inside]])
    key, row = np.unique(np.concatenate(keys), return_inverse=True)
    column = np.concatenate(places)
    ones = np.ones(len(column))
    reach = coo_array((ones, (row, column)), shape=(len(key), len(at_dwelling))).tocsr()
    return Views(
        pole=key // (len(lenses) * n_headings),
        lens=key % len(lenses),
        heading_deg=(key // len(lenses) % n_headings).astype(float) * step_deg,
        reach=reach,
    )


def too_near_pairs(views: Views, max_per_pole: int) -> Ints:
    """Return the pairs of views of one pole that look less than a turn / ``max_per_pole`` apart.

    So no more than ``max_per_pole`` hang on a pole, and no two look the same way.
    """
    spacing_deg = FULL_TURN_DEG / max_per_pole - SAME_DEG
    pairs = []
    starts = np.flatnonzero(np.diff(views.pole, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(views)], strict=True):
        first, second = np.triu_indices(end - start, 1)
        apart = off_axis_deg(views.heading_deg[start + first], views.heading_deg[start + second])
        clash = apart < spacing_deg
        pairs.append(np.column_stack([first[clash], second[clash]]) + start)
    return np.concatenate(pairs) if pairs else np.zeros((0, 2), dtype=np.int64)

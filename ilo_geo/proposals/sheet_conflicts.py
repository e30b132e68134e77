"""What stands in a proposal's way: other proposals and lots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind

OVERLAP, SAME_LOT, NEAR = "overlap", "same_lot", "near"


@dataclass(frozen=True)
class Other:
    """Another proposal: its number, title and shape in metres."""

    number: int
    title: str
    shape: shapely.Geometry


@dataclass(frozen=True)
class Meeting:
    """How two proposals meet: ``level`` overlap, same_lot or near."""

    other: Other
    level: str
    overlap_m2: float
    distance_m: float
    lots: tuple[str, ...]


def meetings(
    shape: shapely.Geometry,
    others: Iterable[Other],
    lots: gpd.GeoDataFrame | None,
    *,
    near_m: float,
    overlap_m2: float,
) -> list[Meeting]:
    """Return the proposals that overlap it, share a lot with it or lie near it, by number.

    Parameters
    ----------
    lots
        Polygons on an index of their ids, None where none are known.
    near_m
        Farther ones are not told of, unless on the same lot.
    overlap_m2
        Polygons overlap by more than this; a line or a point overlaps what it touches.
    """
    mine = set(lots_under(shape, lots, overlap_m2=overlap_m2))
    found = []
    for other in sorted(others, key=lambda one: one.number):
        distance_m = float(shapely.distance(shape, other.shape))
        shared = mine & set(lots_under(other.shape, lots, overlap_m2=overlap_m2)) if mine else set()
        if distance_m > near_m and not shared:
            continue
        area_m2 = float(shapely.intersection(shape, other.shape).area)
        both_wide = shape_kind(shape) == shape_kind(other.shape) == POLYGON
        overlaps = area_m2 > overlap_m2 if both_wide else distance_m == 0
        level = OVERLAP if overlaps else SAME_LOT if shared else NEAR
        found.append(Meeting(other, level, area_m2, distance_m, tuple(sorted(shared))))
    return found


def lots_under(
    shape: shapely.Geometry, lots: gpd.GeoDataFrame | None, *, overlap_m2: float
) -> list[str]:
    """Return the ids of the lots that a shape lies on."""
    if lots is None or not len(lots):
        return []
    touched = np.sort(lots.sindex.query(shape, predicate="intersects"))
    if shape_kind(shape) == POLYGON:
        shared = shapely.area(shapely.intersection(shape, lots.geometry.to_numpy()[touched]))
        touched = touched[shared > overlap_m2]
    return [str(label) for label in lots.index[touched]]

"""What is refused before anything is flooded, each with one error that names layer and remedy.

A wrong terrain gives a plausible map: a sea at -9999 floods nothing more than a sea at 0, feet look
like metres with a third of the flood, a hole in the coast keeps a whole bay dry.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pydantic import BaseModel
from pydantic import ConfigDict
from scipy.ndimage import binary_fill_holes
from scipy.ndimage import label

from ilo_geo.city.terrain import values_at
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.flood_kernel import beside
from ilo_geo.hazards.shore import GAP_CELLS
from ilo_geo.hazards.shore import Shore

TERRAIN, COASTLINE = "terrain", "coastline"
FEET_PER_M = 3.28084


class _Limit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    source: str
    verified: Verified


class _Sentinels(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    values: tuple[float, ...]
    source: str
    verified: Verified


class TerrainLimits(BaseModel):
    """What a terrain and a coastline must be like; see ``terrain_checks.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentinels: _Sentinels
    lowest_m: _Limit
    highest_m: _Limit
    unit_ratio_min: _Limit
    unit_ratio_max: _Limit
    compare_from_m: _Limit
    compare_least_n: _Limit
    coast_covered_min_ratio: _Limit
    hole_max_cells: _Limit
    water_min_m2: _Limit
    hole_max_ratio: _Limit
    gap_max_ratio: _Limit
    coast_on_land_min_ratio: _Limit


@cache
def terrain_limits() -> TerrainLimits:
    """Return the limits."""
    return TerrainLimits.model_validate(load_package_yaml("ilo_geo.hazards", "terrain_checks.yaml"))


def require_real_heights(
    elevation_m: np.ndarray, transform: Affine, spot_heights: gpd.GeoDataFrame | None
) -> None:
    """Refuse a terrain whose values are no heights in metres.

    Parameters
    ----------
    spot_heights
        Known heights (``elevation_m``) to compare with; without them only a terrain higher than
        any land on Earth is known not to be in metres.

    Raises
    ------
    InputError
        A value stands for "no value", no cell has one, or the heights are in another unit.
    """
    limits = terrain_limits()
    known = elevation_m[np.isfinite(elevation_m)]
    if not known.size:
        raise InputError("tsunami.terrain_empty", layer=TERRAIN)
    strange = (known < limits.lowest_m.value) | np.isin(known, limits.sentinels.values)
    if strange.any():
        values, counts = np.unique(known[strange], return_counts=True)
        found = f"{values[counts.argmax()]:g}"
        raise InputError(
            "tsunami.terrain_sentinel", layer=TERRAIN, found=found, n=int(counts.max())
        )
    highest_m = float(known.max())
    if highest_m > limits.highest_m.value:
        raise InputError(
            "tsunami.terrain_too_high",
            layer=TERRAIN,
            found=f"{highest_m:.0f}",
            expected=f"{limits.highest_m.value:g}",
        )
    if spot_heights is not None:
        _require_metres(elevation_m, transform, spot_heights)


def _require_metres(
    elevation_m: np.ndarray, transform: Affine, spot_heights: gpd.GeoDataFrame
) -> None:
    limits = terrain_limits()
    true_m = spot_heights["elevation_m"].to_numpy(float)
    terrain = values_at(spot_heights.geometry, elevation_m, transform)
    usable = np.isfinite(terrain) & (true_m >= limits.compare_from_m.value)
    if usable.sum() < limits.compare_least_n.value:
        return
    ratio = float(np.median(terrain[usable] / true_m[usable]))
    if not limits.unit_ratio_min.value <= ratio <= limits.unit_ratio_max.value:
        raise InputError(
            "tsunami.terrain_units",
            layer=TERRAIN,
            found=f"{ratio:.2f}",
            n=int(usable.sum()),
            feet=f"{FEET_PER_M:.2f}",
        )


def require_closed_coast(
    coastline: gpd.GeoDataFrame, land: gpd.GeoDataFrame, *, cell_m: float
) -> None:
    """Refuse a coastline that is not the seaward edge of the land or leaves gaps in it.

    What remains of the land's outline beside the coastline must be the limit with neighbouring
    land; a remainder of less than 5 % of the outline is a gap through which no water would come.
    A longer gap cannot be told from a land border.

    Raises
    ------
    InputError
        The coastline has gaps, or runs elsewhere than the land's outline.
    """
    limits = terrain_limits()
    tolerance_m = GAP_CELLS * cell_m
    coast = shapely.union_all(coastline.geometry.to_numpy())
    outline = shapely.get_exterior_ring(shapely.get_parts(shapely.union_all(land.geometry)))
    along = shapely.intersection(coast, shapely.buffer(shapely.union_all(outline), tolerance_m))
    on_land_ratio = float(along.length / coast.length) if coast.length else 0.0
    if on_land_ratio < limits.coast_on_land_min_ratio.value:
        raise InputError(
            "tsunami.coast_off_land",
            layer=COASTLINE,
            found=f"{on_land_ratio:.0%}",
            expected=f"{limits.coast_on_land_min_ratio.value:.0%}",
        )
    near_coast = shapely.buffer(coast, tolerance_m)
    gaps_m = [gap_m for ring in outline for gap_m in _gaps_m(ring, near_coast, tolerance_m)]
    if gaps_m:
        raise InputError(
            "tsunami.coast_open", layer=COASTLINE, n=len(gaps_m), found=f"{max(gaps_m):.0f}"
        )


def _gaps_m(
    ring: shapely.LinearRing, near_coast: shapely.Geometry, tolerance_m: float
) -> list[float]:
    """Return the lengths of the gaps in the coast of one piece of land."""
    rest = shapely.difference(shapely.LineString(ring), near_coast)
    pieces = shapely.get_parts(shapely.line_merge(rest))
    length_m = shapely.length(pieces)
    if length_m.sum() >= ring.length - tolerance_m:
        return []  # no coast at all: land behind land
    # both ends of a gap lie within the tolerance already
    longest_m = terrain_limits().gap_max_ratio.value * ring.length
    return [float(gap + 2 * tolerance_m) for gap in length_m if 0 < gap < longest_m]


def require_whole_terrain(
    elevation_m: np.ndarray,
    shore: Shore,
    transform: Affine,
    *,
    coastline: gpd.GeoDataFrame | None,
) -> int:
    """Refuse a terrain that does not reach the coast or has holes; return the cells missing.

    Raises
    ------
    InputError
        The sea touches no cell with a value, more than 5 % of the coast lies off the terrain, or
        land cells inside it have no value: more than one in a thousand, or many side by side.
    """
    limits = terrain_limits()
    valued = np.isfinite(elevation_m)
    near = valued & ~shore.sea
    for _ in range(1 + int(GAP_CELLS)):
        near = beside(near)
    covered_ratio = float((near & shore.sea).any())
    if coastline is not None and covered_ratio:
        covered_ratio = _covered_ratio(coastline, near, transform)
    if covered_ratio < limits.coast_covered_min_ratio.value:
        raise InputError(
            "tsunami.terrain_off_coast",
            layer=TERRAIN,
            found=f"{covered_ratio:.0%}",
            expected=f"{limits.coast_covered_min_ratio.value:.0%}",
        )
    missing = shore.land & ~valued & ~shore.sea
    _require_few_holes(missing & binary_fill_holes(valued | shore.sea), int(shore.land.sum()))
    return int(missing.sum())


def _require_few_holes(holes: np.ndarray, n_land: int) -> None:
    """Refuse holes inside the terrain; where it merely ends before the land does is none."""
    limits = terrain_limits()
    pieces, n_pieces = label(holes, np.ones((3, 3)))
    largest = int(np.bincount(pieces.ravel())[1:].max()) if n_pieces else 0
    n_holes, most = int(holes.sum()), int(limits.hole_max_cells.value)
    if n_holes > limits.hole_max_ratio.value * n_land or largest > most:
        raise InputError(
            "tsunami.terrain_holes",
            layer=TERRAIN,
            found=n_holes,
            n=n_land,
            largest=largest,
            expected=f"{limits.hole_max_ratio.value:.1%}",
            most=most,
        )


def _covered_ratio(coastline: gpd.GeoDataFrame, near: np.ndarray, transform: Affine) -> float:
    """Return the share of the coast's length that has terrain near it."""
    pieces = shapely.segmentize(coastline.geometry.to_numpy(), abs(transform.a))
    along = gpd.GeoSeries(shapely.points(shapely.get_coordinates(pieces)))
    covered = values_at(along, near.astype(float), transform)
    return float(np.nan_to_num(covered).mean())

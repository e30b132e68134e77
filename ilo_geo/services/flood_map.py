"""Flood levels for the browser: it repaints any level without asking again.

A cell's levels travel as bytes in decimetres, rounded up, so that "floods at 20.0 m" is as exact in
the browser as here. The counts of people and sites at each level of the slider travel with them:
everybody has one flood level, so a count is a cumulative sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import array_bounds
from rasterio.transform import rowcol
from rasterio.warp import calculate_default_transform
from rasterio.warp import reproject

from ilo_geo.hazards.exposed import MOMENTS
from ilo_geo.hazards.exposed import PEOPLE
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.services.areas import Area
from ilo_geo.services.basemap import WEB_MERCATOR
from ilo_geo.services.city import kept_of
from ilo_geo.services.flood_chart import flood_in_use
from ilo_geo.services.hazard_inputs import exposed_of
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import payload

Bytes = NDArray[np.uint8]

# what the slider offers
MIN_LEVEL_M, MAX_LEVEL_M, LEVEL_STEP_M = 5.0, 25.0, 0.5
# levels at which a cell floods in this share of the terrains; beside them goes the best estimate
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
DM_PER_M = 10
# bytes that are no level: open sea, and ground that no level of the slider floods
SEA, DRY = 254, 255
# more cells than this are sent coarser: nobody sees them, and a telephone must hold them
MAX_CELLS = 3_000_000
BINARY = "application/octet-stream"


@dataclass(frozen=True)
class FloodPlanes:
    """Flood levels of the cells that may flood, in web Mercator, row 0 in the north.

    Attributes
    ----------
    planes
        Best estimate, then one plane a quantile: lowest level in whole decimetres, `SEA` or `DRY`.
    bounds_m
        West, south, east, north in EPSG:3857.
    """

    planes: Bytes
    bounds_m: tuple[float, float, float, float]

    @property
    def payload(self) -> Payload:
        """Return all planes one after the other, gzipped."""
        return payload(self.planes.tobytes(), BINARY)


def slider_levels_m() -> np.ndarray:
    """Return every level of the slider."""
    n_steps = round((MAX_LEVEL_M - MIN_LEVEL_M) / LEVEL_STEP_M)
    return MIN_LEVEL_M + LEVEL_STEP_M * np.arange(n_steps + 1)


def flood_planes(field: FloodField) -> FloodPlanes:
    """Return the levels of ``field``, cropped to what may flood at the slider's highest level."""
    grids = (field.level_m, *(field.quantile_level_m(ratio) for ratio in QUANTILES))
    on_land = field.land & ~field.sea
    source = np.stack([_bytes(grid, on_land) for grid in grids])
    rows, columns = _window(np.asarray((source < SEA).any(axis=0)))
    moved = field.transform * rasterio.Affine.translation(columns.start, rows.start)
    return _to_mercator(source[:, rows, columns], moved, field.crs)


def exposure_by_flood_level(field: FloodField, exposed: Exposed) -> dict[str, list[float]]:
    """Return how many people, dwellings and sites each level of the slider reaches.

    ``<measure>`` follows the best estimate and the chosen population base; ``<measure>_low`` what
    floods in 95 % of the terrains and the smallest base, ``<measure>_high`` what floods in 5 %
    and the largest. Land (``area_m2``) is counted by cells.
    """
    best_m = field.level_m
    sure_m = np.maximum(best_m, field.quantile_level_m(QUANTILES[-1]))
    possible_m = np.minimum(best_m, field.quantile_level_m(QUANTILES[0]))
    counts: dict[str, list[float]] = {}
    for measure, bases in _measures(exposed):
        for suffix, grid_m, pick in (
            ("", best_m, None),
            ("_low", sure_m, min),
            ("_high", possible_m, max),
        ):
            sums = [_reached(field, grid_m, points, amount) for points, amount in bases]
            curve = sums[0] if pick is None else [pick(step) for step in zip(*sums, strict=True)]
            counts[f"{measure}{suffix}"] = list(curve)
    on_land = field.land & ~field.sea
    for suffix, grid_m in (("", best_m), ("_low", sure_m), ("_high", possible_m)):
        cells = np.full(int(on_land.sum()), field.cell_m**2)
        counts[f"area_m2{suffix}"] = _cumulated(grid_m[on_land], cells)
    return counts


def flood_map(area: Area, params: TsunamiParams) -> tuple[dict[str, Any], Payload]:
    """Return what the browser must know of an area's flood, and the planes it paints from.

    ``params.level_m`` plays no part: one answer serves every level of the slider.
    """
    field = flood_in_use(area, params)
    exposed = exposed_of(area, params.population_base)
    # both are kept as long as nothing they come from changes
    key = ("flood map", id(field), id(exposed))
    return kept_of(area).get(key, lambda: _about(field, exposed))


def _about(field: FloodField, exposed: Exposed) -> tuple[dict[str, Any], Payload]:
    planes = flood_planes(field)
    n_planes, rows, columns = planes.planes.shape
    about = {
        "rows": rows,
        "columns": columns,
        "planes": n_planes,
        "bounds_m": list(planes.bounds_m),
        "quantiles": list(QUANTILES),
        "levels_m": slider_levels_m().tolist(),
        "counts": exposure_by_flood_level(field, exposed),
    }
    return about, planes.payload


def _bytes(level_m: np.ndarray, on_land: np.ndarray) -> Bytes:
    """Return levels in whole decimetres, rounded up: what floods at 20.04 m is dry at 20.0 m."""
    # levels are whole centimetres: half a millimetre undoes what float32 adds
    level_dm = np.ceil(level_m * DM_PER_M - 0.005)
    within = on_land & (level_dm <= MAX_LEVEL_M * DM_PER_M)
    planes: Bytes = np.where(within, np.maximum(level_dm, 0), DRY).astype(np.uint8)
    planes[~on_land] = SEA
    return planes


def _window(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns that hold all of ``mask``; all of them where it holds nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return slice(0, mask.shape[0]), slice(0, mask.shape[1])
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _to_mercator(source: Bytes, transform: rasterio.Affine, crs: Any) -> FloodPlanes:
    n_planes, rows, columns = source.shape
    shrink = min(1.0, (MAX_CELLS / (rows * columns)) ** 0.5)
    target_transform, width, height = calculate_default_transform(
        crs,
        WEB_MERCATOR,
        columns,
        rows,
        *array_bounds(rows, columns, transform),
        dst_width=max(1, round(columns * shrink)),
        dst_height=max(1, round(rows * shrink)),
    )
    target = np.full((n_planes, height, width), DRY, dtype=np.uint8)
    reproject(
        source,
        target,
        src_transform=transform,
        src_crs=crs,
        dst_transform=target_transform,
        dst_crs=WEB_MERCATOR,
        # a level between two cells would be one that nobody computed
        resampling=Resampling.nearest,
        init_dest_nodata=False,
    )
    west, south, east, north = array_bounds(height, width, target_transform)
    return FloodPlanes(target, (west, south, east, north))


def _measures(
    exposed: Exposed,
) -> Iterator[tuple[str, list[tuple[gpd.GeoDataFrame, np.ndarray]]]]:
    """Yield each quantity with its points and amounts, by population base where it has one."""
    for moment in MOMENTS:
        bases = [residents.points for residents in exposed.people(moment).values()]
        yield PEOPLE[moment], [(points, points["inhab"].to_numpy(float)) for points in bases]
    dwellings = exposed.dwellings
    yield "dwellings", [(dwellings, dwellings["dwellings"].to_numpy(float))]
    for name, points in zip(exposed.site_counts, exposed.sites.values(), strict=True):
        yield name, [(points, np.ones(len(points)))]


def _of_bases(sums: list[list[float]], suffix: str) -> list[float]:
    """Return the curve of the chosen base, or at each level the least or most of any base."""
    if suffix == "":
        return sums[0]
    pick = min if suffix == "_low" else max
    return [pick(step) for step in zip(*sums, strict=True)]


def _reached(
    field: FloodField, grid_m: np.ndarray, points: gpd.GeoDataFrame, amount: np.ndarray
) -> list[float]:
    """Return the amount that stands where each level of the slider reaches."""
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    row, column = (np.asarray(part, dtype=int) for part in rowcol(field.transform, *xy.T))
    rows, columns = grid_m.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return _cumulated(grid_m[row[inside], column[inside]], amount[inside])


def _cumulated(level_m: np.ndarray, amount: np.ndarray) -> list[float]:
    order = np.argsort(level_m, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(amount[order])])
    # levels are whole centimetres in 4 bytes: a hair more finds those that equal the level
    upto = np.searchsorted(level_m[order], slider_levels_m() + 1e-4, side="right")
    return [round(float(value), 3) for value in total[upto]]

"""Terrain from scattered heights and a coast at zero.

Bias: heights a kilometre apart make every slope between them even and smooth, so scarps come out
gentler and wider than they are, and the low contours near the sea lie off by 100 to 500 m.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from rasterio.features import geometry_mask
from scipy.interpolate import LinearNDInterpolator

from ilo_geo.core.crs import require_same_metric_crs


def terrain_from_spot_heights(
    spot_heights: gpd.GeoDataFrame,
    coastline: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    *,
    cell_m: float = 30.0,
    coast_spacing_m: float = 100.0,
) -> tuple[np.ndarray, Affine]:
    """Return elevation on a grid that covers ``land``.

    Linear interpolation in a Delaunay triangulation of the spot heights and of points along the
    coast at 0 m. A linear surface never leaves the range of its corners, so no pit or peak appears
    that nobody measured. Heights below zero (noise of the source on beaches) count as zero.

    Parameters
    ----------
    spot_heights
        Points with ``elevation_m``.
    coastline
        Lines where the elevation is 0 m.
    land
        Polygons to cover; a cell has a value where its centre is on land.
    cell_m
        Cell size, m.
    coast_spacing_m
        Largest distance between coast points, m.

    Returns
    -------
    elevation_m, transform
        Rows from north to south; NaN on the sea (its depth is unknown) and outside ``land``.
        Where land reaches past the outermost heights the nearest height is carried on.
    """
    require_same_metric_crs(spot_heights=spot_heights, coastline=coastline, land=land)
    shore = shapely.get_coordinates(
        shapely.segmentize(coastline.geometry.to_numpy(), coast_spacing_m)
    )
    known = np.vstack([shapely.get_coordinates(spot_heights.geometry.to_numpy()), shore])
    heights_m = np.append(np.maximum(spot_heights["elevation_m"], 0.0), np.zeros(len(shore)))

    west, south, east, north = (np.asarray(land.total_bounds) / cell_m).round(9)
    n_cols, n_rows = (int(np.ceil(b) - np.floor(a)) for a, b in ((west, east), (south, north)))
    origin_x, origin_y = np.floor(west) * cell_m, np.ceil(north) * cell_m
    transform = Affine(cell_m, 0.0, origin_x, 0.0, -cell_m, origin_y)
    on_land = geometry_mask(land.geometry, (n_rows, n_cols), transform, invert=True)

    rows, cols = np.nonzero(on_land)
    centres = np.column_stack([origin_x + (cols + 0.5) * cell_m, origin_y - (rows + 0.5) * cell_m])
    elevation_m = np.full((n_rows, n_cols), np.nan)
    elevation_m[on_land] = _interpolated(known, heights_m, centres)
    return elevation_m, transform


def _interpolated(known: np.ndarray, heights_m: np.ndarray, centres: np.ndarray) -> np.ndarray:
    values: np.ndarray = LinearNDInterpolator(known, heights_m)(centres)
    outside = np.isnan(values)
    if outside.any():
        nearest = shapely.STRtree(shapely.points(known)).nearest(shapely.points(centres[outside]))
        values[outside] = heights_m[nearest]
    return values


def slope_ratio(elevation_m: np.ndarray, *, cell_m: float) -> np.ndarray:
    """Return rise over run of each cell (central differences); NaN beside a cell without value."""
    down, right = np.gradient(elevation_m, cell_m)
    slope: np.ndarray = np.hypot(down, right)
    return slope


def values_at(points: gpd.GeoSeries, values: np.ndarray, transform: Affine) -> np.ndarray:
    """Return the value of the cell under each point; NaN outside the grid."""
    cols, rows = (
        np.floor(axis).astype(int)
        for axis in ~transform @ (points.x.to_numpy(), points.y.to_numpy())
    )
    inside = (rows >= 0) & (rows < values.shape[0]) & (cols >= 0) & (cols < values.shape[1])
    found = np.full(len(points), np.nan)
    found[inside] = values[rows[inside], cols[inside]]
    return found

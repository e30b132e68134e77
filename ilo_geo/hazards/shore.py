"""Where the water comes from: the cells of the sea and the land cells it touches.

A terrain may have no value over the sea and none beyond the area's limits either, so "no value" is
not the sea. The sea is named by the coastline (or by a layer of water): it is what lies at the
coastline and is not land. Limits with neighbouring provinces are no coast and let nothing in.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from ilo_geo.core.crs import require_same_metric_crs

# a terrain may end a cell or two before the coastline, which is drawn from another source
GAP_CELLS = 2.0

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Shore:
    """Where water starts.

    Attributes
    ----------
    sea
        Cells at level 0: water, or cells at the coastline that are not land.
    start
        Cells with a value that the coastline runs through: they flood at their own elevation.
    land
        Cells whose centre is on land.
    """

    sea: Bools
    start: Bools
    land: Bools


def sea_cells(
    elevation_m: np.ndarray,
    transform: Affine,
    land: gpd.GeoDataFrame,
    *,
    coastline: gpd.GeoDataFrame | None = None,
    water: gpd.GeoDataFrame | None = None,
) -> Shore:
    """Return the cells water starts from.

    Parameters
    ----------
    elevation_m, transform
        The terrain; NaN is no value.
    land
        Polygons of the area, e.g. its districts.
    coastline
        The seaward edge of the land, as lines.
    water
        Polygons of a sea or lake; they are water even where ``land`` covers them. At least one of
        ``coastline`` and ``water`` must be given.
    """
    if coastline is None and water is None:
        msg = "neither coastline nor water is given"
        raise TypeError(msg)
    require_same_metric_crs(land=land, coastline=coastline, water=water)
    shape = elevation_m.shape
    valued = np.isfinite(elevation_m)
    on_land = _burnt(land.geometry.to_numpy(), shape, transform)
    sea = np.zeros(shape, dtype=np.bool_)
    start = np.zeros(shape, dtype=np.bool_)
    if water is not None:
        sea |= _burnt(water.geometry.to_numpy(), shape, transform)
        on_land &= ~sea
    if coastline is not None:
        lines = coastline.geometry.to_numpy()
        crossed = _burnt(lines, shape, transform, touched=True)
        near = shapely.buffer(lines, GAP_CELLS * abs(transform.a))
        sea |= crossed & ~on_land
        sea |= _burnt(near, shape, transform) & ~valued
        start = crossed & valued & ~sea
    return Shore(sea=sea, start=start, land=on_land)


def _burnt(
    geometries: np.ndarray, shape: tuple[int, ...], transform: Affine, *, touched: bool = False
) -> Bools:
    """Return the cells whose centre is in a geometry, or all that one touches."""
    kept = [geometry for geometry in geometries if geometry and not geometry.is_empty]
    if not kept:
        return np.zeros(shape, dtype=np.bool_)
    burnt: Bools = rasterize(
        kept, out_shape=shape, transform=transform, all_touched=touched, dtype=np.uint8
    ).astype(np.bool_)
    return burnt

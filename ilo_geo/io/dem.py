"""Reads the part of an elevation file that covers a city, in the file's own CRS and cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.errors import WindowError
from rasterio.transform import array_bounds
from rasterio.windows import Window
from rasterio.windows import from_bounds

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError

# hills around the city belong to its relief
MARGIN_M = 1000.0


@dataclass(frozen=True)
class Dem:
    """Elevation in metres, NaN where the file has none."""

    elevation_m: npt.NDArray[Any]
    transform: Affine
    crs: CRS


def read_dem(path: Path, units: gpd.GeoDataFrame) -> Dem:
    """Return the elevation of ``units`` (polygons in a metric CRS) and 1 km around them.

    Raises
    ------
    InputError
        The file cannot be read or lies elsewhere.
    CrsError
        The file has no reference system.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    city = gpd.GeoSeries([shapely.box(*units.total_bounds).buffer(MARGIN_M)], crs=units.crs)
    try:
        with rasterio.open(path) as file:
            if not file.crs:
                raise CrsError("layer.crs_missing", where=str(path), expected="e.g. EPSG:4326")
            crs = named_crs(CRS.from_wkt(file.crs.to_wkt()))
            window = from_bounds(*city.to_crs(crs).total_bounds, transform=file.transform)
            whole = Window(0, 0, file.width, file.height)
            window = window.round_offsets().round_lengths(op="ceil").intersection(whole)
            band = file.read(1, window=window, masked=True)
            transform = file.transform @ Affine.translation(window.col_off, window.row_off)
    except WindowError as error:
        raise InputError("raster.nodata", where=str(path), found="100 %") from error
    except RasterioError as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected="a GeoTIFF"
        ) from error
    return Dem(band.astype(np.float32).filled(np.nan), transform, crs)


def bare_inhab_ratio(dem: Dem, units: gpd.GeoDataFrame, inhab: pd.Series) -> float:
    """Return the share of inhabitants in units where no cell at all has an elevation."""
    height, width = dem.elevation_m.shape
    west, south, east, north = array_bounds(height, width, dem.transform)
    raster = NumPyRasterSource(
        dem.elevation_m, xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=dem.crs.to_wkt()
    )
    counted = exact_extract(raster, units.to_crs(dem.crs), "count", output="pandas")
    bare = counted["count"].to_numpy() == 0
    return float(inhab[bare].sum() / inhab.sum())


def named_crs(crs: CRS) -> CRS:
    """Return ``crs`` by its code where it has one, so that files and descriptions agree."""
    code = crs.to_epsg()
    return CRS.from_epsg(code) if code else crs

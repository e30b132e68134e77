"""Reads and writes single-band rasters; work happens in the study area's metric CRS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import RasterLayer
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.workspace import atomic_path


def read_raster(source: LayerSource, crs: CRS) -> RasterLayer:
    """Return the first band of a raster in ``crs``; nodata becomes NaN.

    Raises
    ------
    CrsError
        The file has no CRS or not the one its description states.
    InputError
        The file cannot be read.
    """
    path = source.path
    try:
        with rasterio.open(path) as dataset:
            _require_declared_crs(dataset.crs, source)
            with WarpedVRT(dataset, crs=crs.to_wkt(), resampling=Resampling.bilinear) as warped:
                band = warped.read(1, masked=True)
                transform = warped.transform
    except RasterioError as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected="a GeoTIFF"
        ) from error
    values = band.astype(np.float32).filled(np.nan)
    return RasterLayer(source.meta, file_sha256(path), source.origin, values, transform, crs)


def _require_declared_crs(found: object, source: LayerSource) -> None:
    where, expected = str(source.path), source.meta.crs
    if not found:
        raise CrsError("layer.crs_missing", where=where, expected=expected)
    if CRS.from_user_input(found) != CRS.from_user_input(expected):
        name = crs_name(CRS.from_user_input(found))
        raise CrsError("layer.crs_disagrees", where=where, found=name, expected=expected)


def write_raster(values: np.ndarray, transform: Affine, crs: CRS, path: Path) -> None:
    """Write one float32 band (NaN as nodata) as a compressed GeoTIFF, whole or not at all."""
    height, width = values.shape
    # made in memory: on a full disk the driver would print to stderr and hide the reason
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            height=height,
            width=width,
            count=1,
            dtype="float32",
            crs=crs.to_wkt(),
            transform=transform,
            nodata=np.nan,
            tiled=True,
            compress="deflate",
            predictor=3,
        ) as dataset:
            dataset.write(values.astype(np.float32), 1)
        with atomic_path(path) as temporary:
            temporary.write_bytes(memory.read())

"""A whole study area in one GeoPackage: every layer as it is used, and what describes it.

Features and tables keep the reference system and the types they have, so that reading them back
gives equal values. Heights lie in float32 tiles (the format's gridded coverage), which lose
nothing; the exact corner of their grid is kept beside them because the format rounds it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from affine import Affine
from pyogrio.errors import DataLayerError
from pyogrio.errors import DataSourceError
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.shutil import copy as copy_raster

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.gpkg_door import EXPECTED
from ilo_geo.io.gpkg_door import TEXTS_TABLE
from ilo_geo.io.vector import CSV_SUFFIX
from ilo_geo.io.vector import FILE_TIME
from ilo_geo.io.vector import read_features
from ilo_geo.io.vector import read_points
from ilo_geo.io.vector import read_table
from ilo_geo.io.vector import write_features

# the newest that QGIS 3.22 reads without a warning
GPKG_VERSION = "1.3"
SYNCHRONOUS = "OGR_SQLITE_SYNCHRONOUS"
GRIDS_TABLE = "ilo_geo_grids"
# the format knows no NaN; no height is the lowest of all numbers
NO_VALUE = float(np.finfo(np.float32).min)
GRID_TOLERANCE_M = 1e-6
DECLARED_TYPES = {
    GeometryKind.POINT: "MultiPoint",
    GeometryKind.LINE: "MultiLineString",
    GeometryKind.POLYGON: "MultiPolygon",
}
# what a layer must not be called in a file that holds more than layers
RESERVED_TABLES = ("gpkg_", "rtree_", "sqlite_", "ilo_geo_", "layer_styles", "qgis_", "result_")


@dataclass(frozen=True)
class Grid:
    """A raster's values (NaN where there is none), place and reference system."""

    cells: np.ndarray
    transform: Affine
    crs: CRS


# features are rows too
LayerData: TypeAlias = pd.DataFrame | Grid


def raw_data(source: LayerSource) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the features or rows of a layer as they lie on disk, before any door."""
    meta = source.meta
    if meta.geometry is GeometryKind.TABLE:
        return read_table(source).data
    if meta.geometry is GeometryKind.POINT and source.path.suffix.lower() == CSV_SUFFIX:
        return read_points(source.path, meta)
    return read_features(source.path)


@contextmanager
def synced_once(place: Path) -> Iterator[None]:
    """Let the disk follow once, when the file or folder ``place`` is complete.

    It is written beside where it belongs and renamed afterwards, so what a power cut leaves half
    written is never seen; waiting for the disk at each of dozens of layers takes most of the time.
    """
    pyogrio.set_gdal_config_options({SYNCHRONOUS: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({SYNCHRONOUS: None})
    for path in [place] if place.is_file() else place.rglob("*"):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())


def write_grids(path: Path, grids: Mapping[str, Grid]) -> None:
    """Write rasters as the first tables of a new GeoPackage.

    Raises
    ------
    OSError
        The disk refused.
    """
    for layer_id, grid in grids.items():
        height, width = grid.cells.shape
        shape = {"height": height, "width": width, "count": 1, "dtype": "float32"}
        place = {"crs": grid.crs.to_wkt(), "transform": grid.transform, "nodata": NO_VALUE}
        values = np.where(np.isnan(grid.cells), np.float32(NO_VALUE), grid.cells)
        try:
            # the driver makes whole copies only; rasterio writes the values of options in capitals
            with (
                rasterio.Env(OGR_CURRENT_DATE=FILE_TIME, **{SYNCHRONOUS: "OFF"}),
                rasterio.MemoryFile() as memory,
            ):
                with memory.open(driver="GTiff", **shape, **place) as dataset:
                    dataset.write(values.astype(np.float32), 1)
                with memory.open() as dataset:
                    copy_raster(
                        dataset,
                        path,
                        driver="GPKG",
                        raster_table=raster_table(layer_id),
                        version=GPKG_VERSION,
                        append_subdataset="YES" if path.exists() else "NO",
                    )
        except (RasterioError, SystemError) as error:
            raise OSError(str(error)) from error
    if grids:
        exact = {
            "layer": list(grids),
            "grid": [json.dumps(g.transform[:6]) for g in grids.values()],
        }
        write_rows(pd.DataFrame(exact), path, name=GRIDS_TABLE)


def raster_table(layer_id: str) -> str:
    """Return the name of the table that holds a raster layer."""
    return layer_id.upper()


def write_layer(
    frame: pd.DataFrame,
    path: Path,
    name: str,
    kind: GeometryKind,
    *,
    metadata: dict[str, str] | None = None,
) -> str:
    """Add a layer to a GeoPackage, or make one of it, each shape and value as it is.

    Returns the name of its column of shapes, empty for a table.

    Raises
    ------
    InputError
        The format cannot hold it: two columns differ only in case.
    OSError
        The disk refused.
    """
    columns = [str(column) for column in frame.columns]
    lower = pd.Series([column.lower() for column in columns], dtype=object)
    if lower.duplicated().any():
        alike = [columns[row] for row in lower.index[lower.duplicated(keep=False)]]
        raise InputError("export.not_storable", layer=name, found=", ".join(alike))
    options = {"FID": _free("fid", columns)}
    geometry, declared = "", None
    if isinstance(frame, gpd.GeoDataFrame):
        attributes = [column for column in columns if column != frame.geometry.name]
        geometry = _free("geom", [*attributes, options["FID"]])
        options["GEOMETRY_NAME"] = geometry
        declared = _declared_type(frame, kind)
    write_features(
        frame,
        path,
        layer=name,
        layer_options=options,
        dataset_options={"VERSION": GPKG_VERSION},
        metadata=metadata,
        geometry_type=declared,
    )
    return geometry


def _free(wanted: str, taken: Iterable[str]) -> str:
    """Return a name for a column of the format's own that no column of the layer has."""
    used = {name.lower() for name in taken}
    name, number = wanted, 0
    while name in used:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _declared_type(frame: gpd.GeoDataFrame, kind: GeometryKind) -> str:
    shapes = frame.geometry
    found = sorted({str(name) for name in shapes.geom_type.dropna()})
    if not found:
        return DECLARED_TYPES[kind]
    deep = bool(shapes.has_z.any())
    if len(found) > 1 or (deep and not shapes.has_z[shapes.notna()].all()):
        return "Unknown"
    return f"{found[0]} Z" if deep else found[0]


def write_rows(frame: pd.DataFrame, path: Path, *, name: str, fid: str = "fid") -> None:
    """Add a plain table to a GeoPackage."""
    write_features(
        frame,
        path,
        layer=name,
        layer_options={"FID": fid},
        dataset_options={"VERSION": GPKG_VERSION},
    )


def write_texts(path: Path, texts: Mapping[str, str]) -> None:
    """Add the descriptions of the study area: path within its folder, and text."""
    rows = pd.DataFrame({"path": list(texts), "text": list(texts.values())})
    write_rows(rows, path, name=TEXTS_TABLE)


def read_layer(path: Path, meta: LayerMeta, tables: frozenset[str]) -> LayerData | None:
    """Return the data of a layer in a GeoPackage past `gpkg_door.open_texts`, or None without.

    Raises
    ------
    InputError
        It cannot be read.
    """
    raster = meta.geometry is GeometryKind.RASTER
    name = raster_table(meta.id) if raster else meta.id
    if name not in tables:
        return None
    is_table = meta.geometry is GeometryKind.TABLE
    frame: pd.DataFrame
    try:
        if raster:
            return _read_grid(path, meta.id)
        with warnings.catch_warnings():
            # GDAL tells of the tables it misses beside this one; what is missing is told once
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = pyogrio.read_dataframe(path, layer=name, read_geometry=not is_table)
    except (DataSourceError, DataLayerError, RasterioError, sqlite3.Error, ValueError) as error:
        found = f"{meta.id}: {' '.join(str(error).split())}"
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected=EXPECTED
        ) from error
    if not is_table and not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("file.empty", where=f"{path}:{name}", found="geometry", expected=EXPECTED)
    return frame


def _read_grid(path: Path, layer_id: str) -> Grid:
    with rasterio.open(f"GPKG:{path}:{raster_table(layer_id)}") as dataset:
        band = dataset.read(1, masked=True)
        crs = CRS.from_user_input(dataset.crs)
        transform = _exact(path, layer_id, dataset.transform)
    return Grid(band.astype(np.float32).filled(np.nan), transform, crs)


def _exact(path: Path, layer_id: str, rounded: Affine) -> Affine:
    """Return the grid's exact place where it is kept and means the one in the file."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        row = database.execute(
            f"SELECT grid FROM {GRIDS_TABLE} WHERE layer = ?",  # noqa: S608 - our own name
            (layer_id,),
        ).fetchone()
    kept = Affine(*json.loads(row[0])) if row else rounded
    return kept if kept.almost_equals(rounded, GRID_TOLERANCE_M) else rounded

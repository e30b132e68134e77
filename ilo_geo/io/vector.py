"""Reads and writes vector layers; a faulty file is refused with every fault listed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError
from pyogrio.errors import DataSourceError
from pyogrio.errors import FeatureError
from pyproj import CRS

from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import TableLayer
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.quality import check_geometries
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.schema import table_faults
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.workspace import atomic_path

CHUNK_BYTES = 1 << 20
CSV_SUFFIX = ".csv"
# names of the coordinates of a CSV of points, the first that is there
COORDINATES = (("lon", "lat"), ("x", "y"))
# GeoPackages carry the time they were written; a fixed one keeps equal data equal to the byte
FILE_TIME = "2000-01-01T00:00:00.000Z"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Return the features of a file as they lie on disk, CRS included.

    Raises
    ------
    InputError
        The file is missing, empty, truncated or of no known format.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    expected = "a GeoPackage, GeoJSON or Shapefile with features"
    try:
        frame = pyogrio.read_dataframe(path)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected=expected
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("file.empty", where=str(path), found="geometry", expected=expected)
    return frame


def read_vector(
    source: LayerSource, crs: CRS, *, boundary: shapely.Geometry | None = None
) -> VectorLayer:
    """Return a layer in the study area's CRS, checked against its schema and for geometry faults.

    Parameters
    ----------
    source
        Description and place of the layer.
    crs
        Metric CRS of the study area.
    boundary
        Outline of the study area in ``crs``; features outside are reported, not dropped.

    Raises
    ------
    CrsError
        The file has no CRS or not the one its description states.
    SchemaError
        Columns or values do not match; every mismatch is listed.
    """
    meta = source.meta
    frame = read_unchecked(source)
    _require_declared_crs(frame.crs, meta, source.path)
    _require_schema(frame, meta, source.path)
    usable, quality = check_geometries(frame.to_crs(crs), meta.geometry, boundary=boundary)
    sha256 = file_sha256(source.path)
    return VectorLayer(meta, sha256, source.origin, usable, quality)


def read_unchecked(source: LayerSource) -> pd.DataFrame:
    """Return the rows of a layer's file as they lie on disk, in the file's own CRS."""
    path, meta = source.path, source.meta
    if meta.geometry is GeometryKind.TABLE:
        return _read_csv(path)
    is_csv = path.suffix.lower() == CSV_SUFFIX and meta.geometry is GeometryKind.POINT
    return read_points(path, meta) if is_csv else read_features(path)


def read_points(path: Path, meta: LayerMeta) -> gpd.GeoDataFrame:
    """Return the rows of a CSV as points, in the reference system that the description states.

    Coordinates are columns ``lon`` and ``lat``, or ``x`` and ``y``; a row without them is an empty
    point, which the door reports.

    Raises
    ------
    SchemaError
        There are no such columns, or they hold something that is no number.
    """
    table = _read_csv(path)
    names = next((pair for pair in COORDINATES if set(pair) <= set(table.columns)), COORDINATES[0])
    faults = table_faults(table, dict.fromkeys(names, Column(kind="number", nullable=True)))
    if faults:
        raise SchemaError("layer.schema", where=str(path), layer=meta.id, faults=faults)
    xy = table[list(names)].apply(pd.to_numeric).to_numpy(dtype=float)
    geometry = gpd.points_from_xy(xy[:, 0], xy[:, 1])
    return gpd.GeoDataFrame(table.drop(columns=list(names)), geometry=geometry, crs=meta.crs)


def read_table(source: LayerSource) -> TableLayer:
    """Return a layer without geometry, read from CSV."""
    frame = read_unchecked(source)
    _require_schema(frame, source.meta, source.path)
    return TableLayer(source.meta, file_sha256(source.path), source.origin, frame)


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected="a CSV in UTF-8"
        ) from error


def write_gpkg(frame: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Write ``frame`` as the one layer of a GeoPackage, whole or not at all."""
    with atomic_path(path) as temporary:
        write_features(
            frame,
            temporary,
            layer=layer,
            layer_options={"SPATIAL_INDEX": "YES"},
            dataset_options={"DATETIME_FORMAT": "UTC"},
        )


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write rows without geometry as CSV, whole or not at all."""
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, encoding="utf-8")


def write_features(
    frame: pd.DataFrame,
    path: Path,
    *,
    layer: str,
    layer_options: dict[str, str],
    dataset_options: dict[str, str],
    metadata: dict[str, str] | None = None,
    geometry_type: str | None = None,
) -> None:
    """Add ``frame`` to a GeoPackage as a layer; a full disk surfaces as `OSError`.

    ``dataset_options`` apply where the file is new. With ``geometry_type`` the layer is declared as
    such and every shape stays of the type it is; without, single ones beside multiple ones turn
    multiple.
    """
    exists = path.exists()
    # what GDAL would write to stderr is in the exception; a person reads one line
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FILE_TIME, "CPL_LOG": os.devnull})
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=layer,
            driver="GPKG",
            append=exists,
            layer_metadata=metadata,
            layer_options=layer_options,
            dataset_options={} if exists else dataset_options,
            geometry_type=geometry_type,
            promote_to_multi=False if geometry_type else None,
        )
    except (DataSourceError, FeatureError) as error:
        raise OSError(str(error)) from error


def _require_declared_crs(found: CRS | None, meta: LayerMeta, path: Path) -> None:
    if found is None:
        raise CrsError("layer.crs_missing", where=str(path), expected=meta.crs)
    if found != CRS.from_user_input(meta.crs):
        raise CrsError(
            "layer.crs_disagrees", where=str(path), found=crs_name(found), expected=meta.crs
        )


def _require_schema(frame: pd.DataFrame, meta: LayerMeta, path: Path) -> None:
    schema = layer_schemas().get(meta.id)
    columns = {**(schema.columns if schema else {}), **meta.columns}
    faults = table_faults(frame, columns)
    if meta.geometry is not GeometryKind.TABLE and len(frame) == 0:
        # a city without parks is a fact; the analysis says so
        faults = []
    if faults:
        raise SchemaError("layer.schema", where=str(path), layer=meta.id, faults=faults)

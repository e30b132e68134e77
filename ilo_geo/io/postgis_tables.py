"""Writes a frame as a table of PostGIS and reads it back equal: values, kinds, order and CRS.

geopandas' own `to_postgis` turns empty text into NULL, so rows go by COPY from here. What a
PostgreSQL type cannot tell (the kind of column in memory, a name too long) is kept in `TableSpec`.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql
from pydantic import BaseModel
from pydantic import ConfigDict
from pyproj import CRS

from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.schema import row_names
from ilo_geo.io.postgis import fitted_name

KEY = "fid"
# kinds of numpy, with their size in bytes, as PostgreSQL has them
SQL_TYPES = {
    "bool": "boolean",
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "uint8": "smallint",
    "uint16": "integer",
    "uint32": "bigint",
    "uint64": "numeric(20)",
    "float32": "real",
    "float64": "double precision",
    "str": "text",
}
# what an untyped column holds, as pandas names it
OBJECT_TYPES = {
    "string": "text",
    "empty": "text",
    "boolean": "boolean",
    "integer": "numeric",
    "floating": "double precision",
    "bytes": "bytea",
    "date": "date",
    "time": "time",
}
# by shapely's number
SHAPES = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}
ANY_SHAPE = "Geometry"


class ColumnSpec(BaseModel):
    """One column: its name in the file and in the database, its types in memory and there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sql_name: str
    dtype: str
    sql_type: str


class TableSpec(BaseModel):
    """How a table holds a frame: key, columns in order, and the CRS of its geometry as WKT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    columns: tuple[ColumnSpec, ...]
    geometry: str | None = None
    srid: int | None = None
    crs_wkt: str = ""


def table_spec(frame: pd.DataFrame, connection: psycopg.Connection, *, layer: str) -> TableSpec:
    """Return how ``frame`` is to be held.

    Raises
    ------
    SchemaError
        Values PostgreSQL cannot hold as they are: NUL in a text, several kinds in one column.
    CrsError
        PostGIS does not know the reference system.
    """
    geometry = str(frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else None
    srid = _srid(frame.crs, connection, layer) if geometry else None
    faults: list[str] = []
    columns: list[ColumnSpec] = []
    taken: list[str] = []
    for name in frame.columns:
        values = frame[name]
        sql_type = _geometry_type(values, srid) if name == geometry else _sql_type(values, faults)
        sql_name = fitted_name(str(name).replace("\0", ""), taken)
        taken.append(sql_name)
        columns.append(
            ColumnSpec(
                name=str(name), sql_name=sql_name, dtype=str(values.dtype), sql_type=sql_type
            )
        )
    if faults:
        raise SchemaError("database.values", layer=layer, faults=faults)
    wkt = frame.crs.to_wkt() if geometry else ""
    key = fitted_name(KEY, taken)
    return TableSpec(key=key, columns=tuple(columns), geometry=geometry, srid=srid, crs_wkt=wkt)


def _sql_type(values: pd.Series, faults: list[str]) -> str:
    """Return the type of a column, what it cannot hold appended to ``faults``."""
    kind = str(values.dtype)
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return "timestamp with time zone"
    if kind.startswith("datetime64"):
        return "timestamp"
    sql_type = SQL_TYPES.get(kind)
    if sql_type is None and kind == "object":
        sql_type = OBJECT_TYPES.get(pd.api.types.infer_dtype(values, skipna=True))
    if sql_type is None:
        faults.append(f"column '{values.name}' holds several kinds of values or lists ({kind})")
        return "text"
    if sql_type == "text":
        wrong = pd.Series(["\0" in str(value) for value in values], index=values.index, dtype=bool)
        if wrong.any():
            faults.append(f"column '{values.name}' has a NUL character in {row_names(wrong)}")
    return sql_type


def _srid(crs: CRS, connection: psycopg.Connection, layer: str) -> int:
    """Return PostGIS's number of a reference system; the order of axes is (x, y) there always."""
    authority = crs.to_authority() if crs is not None else None
    if authority == ("OGC", "CRS84"):
        authority = ("EPSG", "4326")
    if authority is not None and crs.equals(CRS.from_authority(*authority), ignore_axis_order=True):
        row = connection.execute(
            "SELECT srid FROM spatial_ref_sys WHERE auth_name = %s AND auth_srid::text = %s",
            authority,
        ).fetchone()
        if row is not None:
            return int(row[0])
    raise CrsError("database.crs_unknown", where=layer, found=crs_name(crs))


def _geometry_type(values: gpd.GeoSeries, srid: int | None) -> str:
    """Return a type as narrow as all shapes allow; shapes of unlike dimensions need a plain one."""
    shapes = values.to_numpy()
    present = shapes[~shapely.is_missing(shapes)]
    kinds = set(shapely.get_type_id(present).tolist())
    suffixes = {
        ("Z" if z else "") + ("M" if m else "")
        for z, m in zip(shapely.has_z(present), shapely.has_m(present), strict=True)
    }
    if len(suffixes) > 1:
        return "geometry"
    name = SHAPES.get(kinds.pop(), ANY_SHAPE) if len(kinds) == 1 else ANY_SHAPE
    return f"geometry({name}{suffixes.pop() if suffixes else ''}, {srid})"


def write_table(
    connection: psycopg.Connection, table: sql.Identifier, frame: pd.DataFrame, spec: TableSpec
) -> None:
    """Make ``table`` and fill it with the rows of ``frame``, numbered from 1 in their order."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(c.sql_name), sql.SQL(_literal(c.sql_type)))
        for c in spec.columns
    ]
    # a row that somebody adds by hand gets the next number
    key = sql.SQL("{} bigint GENERATED BY DEFAULT AS IDENTITY (START WITH {}) PRIMARY KEY").format(
        sql.Identifier(spec.key), sql.Literal(len(frame) + 1)
    )
    connection.execute(
        sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join([key, *columns]))
    )
    names = [spec.key, *(c.sql_name for c in spec.columns)]
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(table, _names(names))
    with connection.cursor() as cursor, cursor.copy(copy) as sink:
        for row in _rows(frame, spec):
            sink.write_row(row)
    if spec.geometry is not None:
        column = next(c.sql_name for c in spec.columns if c.name == spec.geometry)
        connection.execute(
            sql.SQL("CREATE INDEX ON {} USING gist ({})").format(table, sql.Identifier(column))
        )


def _literal(sql_type: str) -> Any:
    """Return a type of this module as SQL; it is made of constants and numbers only."""
    return sql_type


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _rows(frame: pd.DataFrame, spec: TableSpec) -> Iterator[tuple[Any, ...]]:
    values = [_plain(frame[name], spec) for name in frame.columns]
    return zip(range(1, len(frame) + 1), *values, strict=True)


def _plain(values: pd.Series, spec: TableSpec) -> list[Any]:
    """Return a column as Python values, None where there is none."""
    if values.name == spec.geometry:
        shapes = shapely.set_srid(values.to_numpy(), spec.srid)
        encoded: list[Any] = shapely.to_wkb(shapes, hex=True, include_srid=True).tolist()
        return encoded
    if values.dtype.kind == "M":
        return [None if pd.isna(value) else value.to_pydatetime() for value in values]
    missing = values.isna().to_numpy()
    plain: list[Any] = values.to_numpy().tolist() if values.dtype != "str" else values.tolist()
    return [None if none else value for value, none in zip(plain, missing, strict=True)]


def read_rows(
    connection: psycopg.Connection, table: sql.Identifier, spec: TableSpec
) -> pd.DataFrame:
    """Return the rows of ``table`` in the order of its key, as the frame it was made of.

    The index counts rows from 0 as in the file; it has gaps where somebody removed rows.

    Raises
    ------
    SchemaError
        Somebody put values there that the frame's columns cannot hold.
    """
    names = [spec.key, *(c.sql_name for c in spec.columns)]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        _names(names), table, sql.Identifier(spec.key)
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    faults: list[str] = []
    columns = {}
    for number, column in enumerate(spec.columns, start=1):
        values = [row[number] for row in rows]
        try:
            columns[column.name] = _restored(values, column, spec)
        except (TypeError, ValueError, OverflowError, shapely.errors.ShapelyError):
            faults.append(f"column '{column.name}' is no longer {column.dtype}")
    if faults:
        raise SchemaError("database.rows", layer=table.as_string(connection), faults=faults)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))
    keys = [row[0] - 1 for row in rows]
    if keys != list(frame.index):
        frame.index = pd.Index(keys)
    if spec.geometry is None:
        return frame
    return gpd.GeoDataFrame(frame, geometry=spec.geometry, crs=CRS.from_wkt(spec.crs_wkt))


def _restored(values: list[Any], column: ColumnSpec, spec: TableSpec) -> Any:
    if column.name == spec.geometry:
        shapes = np.array(values, dtype=object)
        return gpd.array.from_shapely(shapely.set_srid(shapely.from_wkb(shapes), 0))
    if column.dtype == "object":
        if column.sql_type == "numeric":
            values = [None if value is None else int(value) for value in values]
        return pd.Series(values, dtype=object)
    if column.dtype.startswith("datetime64"):
        zoned = isinstance(pd.api.types.pandas_dtype(column.dtype), pd.DatetimeTZDtype)
        return pd.to_datetime(pd.Series(values, dtype=object), utc=zoned).astype(column.dtype)
    if column.dtype == "str":
        return pd.Series(values, dtype="str")
    return pd.Series(np.array(_numbers(values, column), dtype=column.dtype))


def _numbers(values: list[Any], column: ColumnSpec) -> list[Any]:
    if column.dtype.startswith("float"):
        return [np.nan if value is None else value for value in values]
    if None in values:
        msg = f"{column.name} has no value"
        raise ValueError(msg)
    return values


def fingerprint(connection: psycopg.Connection, table: sql.Identifier) -> str:
    """Return a figure that changes when any row of ``table`` does, computed by the server."""
    query = sql.SQL(
        "SELECT count(*) || ':' || coalesce(sum(('x' || substr(md5((t.*)::text), 1, 15))"
        "::bit(60)::bigint::numeric), 0) FROM {} AS t"
    ).format(table)
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else ""

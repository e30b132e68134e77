"""What schemas, tables and columns say about themselves in PostGIS: title, unit, status, source."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import psycopg
from psycopg import sql
from pyproj import CRS

from ilo_geo import __version__
from ilo_geo.core.crs import crs_name
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.schema import Column
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.postgis_tables import TableSpec


@cache
def _words() -> dict[str, dict[str, Text]]:
    table = load_package_yaml("ilo_geo.io", "postgis.yaml")
    return {part: {key: Text(**text) for key, text in of.items()} for part, of in table.items()}


def _comment(name: str, **fields: object) -> str:
    return " ".join(_words()["comments"][name].format("es", **fields).split())


def comment_schema(
    connection: psycopg.Connection, schema: str, title: Text, own_tables: Iterable[str]
) -> None:
    """Comment a schema and the tables that describe it, named ``ilo_geo_…``."""
    text = _comment("schema", title=title.es, version=__version__)
    _say(connection, "SCHEMA", sql.Identifier(schema), text)
    for name in own_tables:
        text = _comment(name.removeprefix("ilo_geo_"))
        _say(connection, "TABLE", sql.Identifier(schema, name), text)


def comment_table(
    connection: psycopg.Connection, table: sql.Identifier, meta: LayerMeta, spec: TableSpec
) -> None:
    """Comment a table of a layer and each of its columns."""
    status = _words()["status"][meta.status.value].es
    accuracy = (
        _comment("no_accuracy")
        if meta.accuracy_m is None
        else _comment("accuracy", value=f"{meta.accuracy_m:g}")
    )
    about = _comment(
        "table",
        title=meta.title.es,
        status=status,
        source=meta.source,
        licence=meta.licence,
        date=meta.date,
        accuracy=accuracy,
        note=meta.note.es if meta.note else "",
    )
    _say(connection, "TABLE", table, about)
    _say(connection, "COLUMN", _column(table, spec.key), _comment("key"))
    schema = layer_schemas().get(meta.id)
    described = {**(schema.columns if schema else {}), **meta.columns}
    for column in spec.columns:
        if column.name == spec.geometry:
            crs = crs_name(CRS.from_wkt(spec.crs_wkt))
            text = _comment("geometry", crs=crs)
        else:
            text = _column_text(column.name, described.get(column.name), status)
        _say(connection, "COLUMN", _column(table, column.sql_name), text)


def _column_text(name: str, column: Column | None, status: str) -> str:
    title = column.title.es if column and column.title else name
    if column and column.unit:
        return _comment("column", title=title, unit=column.unit, status=status)
    return _comment("column_plain", title=title, status=status)


def _column(table: sql.Identifier, name: str) -> sql.Composed:
    return sql.SQL("{}.{}").format(table, sql.Identifier(name))


def _say(connection: psycopg.Connection, kind: str, name: sql.Composable, text: str) -> None:
    kinds = {"SCHEMA": sql.SQL("SCHEMA"), "TABLE": sql.SQL("TABLE"), "COLUMN": sql.SQL("COLUMN")}
    shown = sql.Literal(text.replace("\0", ""))
    connection.execute(sql.SQL("COMMENT ON {} {} IS {}").format(kinds[kind], name, shown))

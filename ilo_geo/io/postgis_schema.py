"""A publication: the schema of a study area in PostGIS, with the tables that describe it.

A new one is built beside the old in one transaction and takes its name at the end. Of the old one
only tables that were written here are dropped, one by one and without CASCADE: where a view, a
table or a function of others is in the way, PostgreSQL refuses and all stays as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import LiteralString

import pandas as pd
import psycopg
from psycopg import sql
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo import __version__
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.text import Text
from ilo_geo.io.postgis import fitted_name
from ilo_geo.io.postgis_comments import comment_schema
from ilo_geo.io.postgis_comments import comment_table
from ilo_geo.io.postgis_tables import TableSpec
from ilo_geo.io.postgis_tables import fingerprint
from ilo_geo.io.postgis_tables import read_rows
from ilo_geo.io.postgis_tables import table_spec
from ilo_geo.io.postgis_tables import write_table

FORMAT = 1
AREA_TABLE, LAYERS_TABLE, FILES_TABLE = "ilo_geo_area", "ilo_geo_layers", "ilo_geo_files"
OWN_TABLES: dict[str, LiteralString] = {
    AREA_TABLE: "format integer PRIMARY KEY, area text NOT NULL, workspace_id text NOT NULL,"
    " published_at timestamptz NOT NULL, version text NOT NULL",
    LAYERS_TABLE: "layer text PRIMARY KEY, table_name text, title text NOT NULL,"
    " status text NOT NULL, source text NOT NULL, licence text NOT NULL, date text NOT NULL,"
    " n_rows bigint, file text NOT NULL, sha256 text NOT NULL, described text NOT NULL",
    FILES_TABLE: "path text PRIMARY KEY, sha256 text NOT NULL, content bytea NOT NULL",
}
ADD_LAYER: LiteralString = "INSERT INTO {} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
STAGING = "ilo_geo_staging_"


class PublishedLayer(BaseModel):
    """One layer in the database; ``spec`` is None where it lies there as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meta: LayerMeta
    origin: Origin
    sha256: str
    table: str | None = None
    spec: TableSpec | None = None
    n_rows: int | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class Publication:
    """What a schema of ours holds: the area's id, its layers, the paths of its files."""

    schema: str
    workspace_id: str
    layers: Mapping[str, PublishedLayer] = field(default_factory=dict)

    def table(self, layer: PublishedLayer) -> sql.Identifier:
        """Return the quoted name of a layer's table."""
        return sql.Identifier(self.schema, layer.table or layer.meta.id)


def read_publication(connection: psycopg.Connection, schema: str) -> Publication | None:
    """Return what ``schema`` holds, or None where there is no such schema.

    Raises
    ------
    DatabaseError
        It was not written here, or by a version that writes otherwise.
    """
    found = connection.execute(
        "SELECT c.relname FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid"
        " AND c.relkind = 'r' WHERE n.nspname = %s",
        (schema,),
    ).fetchall()
    if not found:
        return None
    if not set(OWN_TABLES) <= {row[0] for row in found}:
        raise DatabaseError("database.not_ours", where=schema)
    area = connection.execute(
        _of(schema, AREA_TABLE, "SELECT format, workspace_id FROM {}")
    ).fetchall()
    if len(area) != 1 or area[0][0] != FORMAT:
        raise DatabaseError("database.not_ours", where=schema)
    rows = connection.execute(
        _of(schema, LAYERS_TABLE, "SELECT layer, described FROM {}")
    ).fetchall()
    try:
        layers = {layer: PublishedLayer.model_validate_json(text) for layer, text in rows}
    except ValidationError:
        raise DatabaseError("database.not_ours", where=schema) from None
    return Publication(schema, area[0][1], layers)


def schemas_of_ours(connection: psycopg.Connection) -> list[str]:
    """Return the names of the schemas that look like publications."""
    rows = connection.execute(
        "SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid"
        " WHERE c.relname = %s AND c.relkind = 'r' ORDER BY 1",
        (LAYERS_TABLE,),
    )
    return [str(row[0]) for row in rows]


def start_staging(
    connection: psycopg.Connection, schema: str, *, title: Text, area: str, workspace_id: str
) -> Publication:
    """Make the schema in which the next publication grows, seen by nobody until it is swapped in.

    Raises
    ------
    DatabaseError
        Another process is publishing to the same schema.
    """
    row = connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (STAGING + schema,)
    ).fetchone()
    if row is None or not row[0]:
        raise DatabaseError("database.busy", where=schema)
    staging = STAGING + hashlib.sha256(schema.encode()).hexdigest()[:16]
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(staging)))
    for name, columns in OWN_TABLES.items():
        connection.execute(
            sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(staging, name), sql.SQL(columns))
        )
    connection.execute(
        _of(staging, AREA_TABLE, "INSERT INTO {} VALUES (%s, %s, %s, %s, %s)"),
        (FORMAT, area, workspace_id, datetime.now(UTC), __version__),
    )
    comment_schema(connection, staging, title, tuple(OWN_TABLES))
    return Publication(staging, workspace_id, {})


def add_layer(
    connection: psycopg.Connection,
    staging: Publication,
    layer: PublishedLayer,
    frame: pd.DataFrame,
) -> PublishedLayer:
    """Write the rows of a layer, and return its description with what is known of them then."""
    name = layer.meta.id
    spec = table_spec(frame, connection, layer=name)
    layer = layer.model_copy(
        update={"table": fitted_name(name, tuple(OWN_TABLES)), "spec": spec, "n_rows": len(frame)}
    )
    table = staging.table(layer)
    write_table(connection, table, frame, spec)
    layer = layer.model_copy(update={"fingerprint": fingerprint(connection, table)})
    comment_table(connection, table, layer.meta, spec)
    describe_layer(connection, staging, layer)
    return layer


def describe_layer(
    connection: psycopg.Connection, staging: Publication, layer: PublishedLayer
) -> None:
    """Write a layer into the table of layers."""
    meta = layer.meta
    connection.execute(
        _of(staging.schema, LAYERS_TABLE, ADD_LAYER),
        (
            meta.id,
            layer.table,
            meta.title.es,
            meta.status.value,
            meta.source,
            meta.licence,
            meta.date,
            layer.n_rows,
            meta.file,
            layer.sha256,
            layer.model_dump_json(),
        ),
    )


def add_file(
    connection: psycopg.Connection, staging: Publication, path: str, content: bytes
) -> None:
    """Keep a file as it is, byte by byte."""
    connection.execute(
        _of(staging.schema, FILES_TABLE, "INSERT INTO {} VALUES (%s, %s, %s)"),
        (path, hashlib.sha256(content).hexdigest(), content),
    )


def read_files(connection: psycopg.Connection, publication: Publication) -> dict[str, bytes]:
    """Return the files of a publication by their path in the area's folder."""
    rows = connection.execute(_of(publication.schema, FILES_TABLE, "SELECT path, content FROM {}"))
    return {str(path): bytes(content) for path, content in rows}


def read_layer(
    connection: psycopg.Connection, publication: Publication, layer: PublishedLayer
) -> pd.DataFrame:
    """Return the rows of a published layer."""
    if layer.spec is None:
        msg = f"{layer.meta.id} lies there as a file"
        raise TypeError(msg)
    return read_rows(connection, publication.table(layer), layer.spec)


def carry_over(
    connection: psycopg.Connection,
    old: Publication,
    staging: Publication,
    layers: Iterable[PublishedLayer],
) -> None:
    """Move layers that are not published anew from the old schema into the next one."""
    for layer in layers:
        if layer.spec is not None:
            connection.execute(
                sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(
                    old.table(layer), sql.Identifier(staging.schema)
                )
            )
        else:
            path = f"{layer.meta.id}/{layer.meta.file}"
            content = read_files(connection, old)[path]
            add_file(connection, staging, path, content)
        describe_layer(connection, staging, layer)


def edited_layers(
    connection: psycopg.Connection, old: Publication, layers: Iterable[PublishedLayer]
) -> list[str]:
    """Return the layers whose rows somebody changed since; nobody can change them any more now."""
    edited = []
    for layer in layers:
        if layer.spec is not None:
            table = old.table(layer)
            connection.execute(sql.SQL("LOCK TABLE {}").format(table))
            if fingerprint(connection, table) != layer.fingerprint:
                edited.append(layer.meta.id)
    return edited


def swap_in(
    connection: psycopg.Connection,
    staging: Publication,
    schema: str,
    old: Publication | None,
    replaced: Iterable[PublishedLayer],
) -> None:
    """Give the new publication its name, the old one dropped table by table."""
    if old is not None:
        tables = [old.table(layer) for layer in replaced if layer.spec is not None]
        own = [sql.Identifier(old.schema, name) for name in OWN_TABLES]
        for table in [*tables, *own]:
            connection.execute(sql.SQL("DROP TABLE {}").format(table))
        connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(old.schema)))
    connection.execute(
        sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
            sql.Identifier(staging.schema), sql.Identifier(schema)
        )
    )


def _of(schema: str, table: str, query: LiteralString) -> sql.Composed:
    return sql.SQL(query).format(sql.Identifier(schema, table))

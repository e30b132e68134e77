"""Looks at the first bytes and at the markup of a file before any driver does.

GDAL asks every driver whether it knows a file; some of them follow what is written in it to other
files and to the network, so what is no plain data of the kind its name says never reaches GDAL.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from sqlite3 import DatabaseError
from sqlite3 import connect

from ilo_geo.core.errors import InputError
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.limits import require_at_most

HEAD_BYTES = 4096
MAX_NUL_RATIO = 0.05
ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
SQLITE_MAGIC = b"SQLite format 3\0"
SHAPE_MAGIC = b"\x00\x00\x27\x0a"
# begins of files that tell a driver to open others
FOLLOWERS = re.compile(rb"<(\w+:)?(OGR(VRT|WFS|WMS)\w*|VRT\w+|WFS_Cap\w*|GDAL_\w+)", re.IGNORECASE)
DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
DECLARED = re.compile(r"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
PLAIN_ENCODINGS = ("utf-8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252")
ROOT = re.compile(r"<(?![?!])(?:\w+:)?(\w+)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# tables that a GeoPackage is read by; as views they would run whatever is written in them
KEY_TABLES = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
SCHEMA_QUERY = "SELECT name, type, sql FROM sqlite_master"
LAYER_QUERY = (
    "SELECT c.table_name, g.column_name FROM gpkg_contents c LEFT JOIN gpkg_geometry_columns g "
    "ON g.table_name = c.table_name WHERE c.data_type IN ('features', 'attributes')"
)
XY_BYTES = 16
# a virtual table, or a column computed as it is read
COMPUTED = re.compile(r"^\s*CREATE\s+VIRTUAL|\bAS\s*\(", re.IGNORECASE)


def require_kind(path: Path, suffix: str, *, name: str) -> None:
    """Refuse a file whose first bytes are not those of its suffix.

    Raises
    ------
    InputError
        It is empty, of another kind, or tells a driver to open other files.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head.strip():
        raise InputError("file.empty", where=name, found="bytes", expected=f"a {suffix} file")
    found = _kind(head)
    expected = {".gpkg": "SQLite", ".xlsx": "ZIP", ".shp": "Shapefile"}.get(suffix, "text")
    if found != expected:
        raise InputError(
            "import.wrong_extension", where=name, found=found, expected=f"{suffix} ({expected})"
        )
    if expected == "text" and suffix != ".csv" and FOLLOWERS.search(head):
        raise InputError("import.follows", where=name)
    if suffix in (".geojson", ".json") and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise InputError(
            "import.wrong_extension", where=name, found="text", expected=f"{suffix} (JSON)"
        )


def _kind(head: bytes) -> str:
    for magic, kind in (
        (ZIP_MAGIC, "ZIP"),
        (EMPTY_ZIP_MAGIC, "ZIP"),
        (SQLITE_MAGIC, "SQLite"),
        (SHAPE_MAGIC, "Shapefile"),
    ):
        if head.startswith(magic):
            return kind
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    # a stray NUL in a text is cleaned and told; a file full of them is none
    return "binary" if head.count(b"\0") > MAX_NUL_RATIO * len(head) and not wide else "text"


def require_plain_markup(path: Path, *, name: str, root: str | None = None) -> None:
    """Refuse XML with a document type or entities, or of another root than ``root``.

    Raises
    ------
    InputError
        It declares a type, an entity or an encoding that could hide one, or has another root.
    """
    content = path.read_bytes()
    require_at_most(name, "max_file_bytes", len(content))
    text = _markup(content, name)
    if DOCTYPE.search(text):
        raise InputError("import.entities", where=name)
    first = ROOT.search(COMMENT.sub("", text[: HEAD_BYTES * 4]))
    if root is not None and (first is None or first[1].lower() != root):
        found = "no element" if first is None else f"<{first[1][:40]}>"
        raise InputError("file.unreadable", where=name, found=found, expected=f"<{root}>")


def _markup(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    text = content.removeprefix(BOM_UTF8).decode("latin-1")
    declared = DECLARED.search(text)
    encoding = declared[1].lower() if declared else "utf-8"
    if encoding not in PLAIN_ENCODINGS or "\0" in text[:HEAD_BYTES]:
        expected = ", ".join(PLAIN_ENCODINGS)
        raise InputError("file.unreadable", where=name, found=encoding, expected=expected)
    return text


def geopackage_tables(path: Path, *, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables with features of a GeoPackage, and those not offered; no trigger runs.

    Not offered are views and what is computed as it is read.

    The file is opened so that nothing in it can be changed, and only its own tables are asked.

    Raises
    ------
    InputError
        It is no GeoPackage, a table it is read by is a view, nothing is left but views, or a
        geometry is beyond the limits.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(connect(uri, uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            offered, hidden = _plain_tables(database, name)
    except DatabaseError as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=name, found=found, expected="a GeoPackage"
        ) from error
    if hidden and not offered:
        raise InputError("import.views", where=name, found=", ".join(hidden))
    return offered, hidden


def _plain_tables(database: Connection, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = {row[0]: row for row in database.execute(SCHEMA_QUERY)}
    for table in KEY_TABLES:
        if table not in known or known[table][1] != "table":
            found = f"{table}: {known[table][1] if table in known else 'absent'}"
            raise InputError("file.unreadable", where=name, found=found, expected="a GeoPackage")
    offered, hidden = [], []
    for table, column in database.execute(LAYER_QUERY).fetchall():
        _name, kind, sql = known.get(table, (table, "absent", None))
        if kind == "table" and not COMPUTED.search(sql or ""):
            offered.append(table)
            if column is not None:
                _require_small(database, table, column, name)
        elif kind != "absent":
            hidden.append(str(table))
    return tuple(offered), tuple(hidden)


def _require_small(database: Connection, table: str, column: str, name: str) -> None:
    """Refuse a geometry beyond the limits before it is in memory."""
    quoted, field = (part.replace('"', '""') for part in (table, column))
    # identifiers cannot be parameters; both are quoted
    query = f'SELECT max(length("{field}")), count(*) FROM "{quoted}"'  # noqa: S608
    longest, rows = database.execute(query).fetchone()
    require_at_most(name, "max_rows", rows)
    if (longest or 0) > 2 * XY_BYTES * limits().max_vertices_feature:
        require_at_most(name, "max_vertices_feature", longest // (2 * XY_BYTES))

"""The door for a GeoPackage that somebody else may have made: opened to read, nothing in it runs.

A GeoPackage is a database with programs in it. Only tables are read that are plain tables; views
are ignored, triggers never fire because nothing is written, and a view in the place of a table is
refused.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from ilo_geo.core.errors import InputError

TEXTS_TABLE = "ilo_geo_study_area"
MAX_TEXTS = 2000
MAX_TEXT_CHARACTERS = 1_000_000
TEXT_PATH = re.compile(r"[a-z][a-z0-9_]*(/[A-Za-z0-9_][A-Za-z0-9_-]*)?\.yaml")
EXPECTED = "a GeoPackage written by 'ilo-geo export'"


def is_own(path: Path) -> bool:
    """Return whether a file is a GeoPackage that an export wrote."""
    try:
        with closing(_connected(path)) as database:
            return TEXTS_TABLE in _plain_tables(database)
    except sqlite3.Error:
        return False


def open_texts(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Return the descriptions in a GeoPackage by path, and the names of its plain tables.

    Raises
    ------
    InputError
        It is missing, damaged or not ours; a table is not what it seems; or the path of a text
        would lead out of the folder.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    try:
        with closing(_connected(path)) as database:
            tables = _plain_tables(database)
            if TEXTS_TABLE not in tables:
                found = f"no table {TEXTS_TABLE}"
                raise _unreadable(path, found)
            _require_whole(path, database)
            return _texts(path, database), tables
    except sqlite3.Error as error:
        raise _unreadable(path, str(error)) from error


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _plain_tables(database: sqlite3.Connection) -> frozenset[str]:
    """Return the tables that only hold rows; none of the format's own may be anything else."""
    rows = database.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
    plain = set()
    for name, kind, sql in rows:
        computed = kind == "view" or (
            kind == "table" and str(sql).upper().startswith("CREATE VIRTUAL")
        )
        if computed and str(name).lower().startswith(("gpkg_", "ilo_geo_")):
            message = f"{name} is no table"
            raise sqlite3.DatabaseError(message)
        if kind == "table" and not computed:
            plain.add(str(name))
    return frozenset(plain)


def _require_whole(path: Path, database: sqlite3.Connection) -> None:
    found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _unreadable(path, str(found))


def _texts(path: Path, database: sqlite3.Connection) -> dict[str, str]:
    count, longest = database.execute(
        f"SELECT count(*), max(length(text)) FROM {TEXTS_TABLE}"  # noqa: S608 - our own name
    ).fetchone()
    if count > MAX_TEXTS or (longest or 0) > MAX_TEXT_CHARACTERS:
        raise _unreadable(path, f"{count} texts of up to {longest} characters")
    rows = database.execute(f"SELECT path, text FROM {TEXTS_TABLE}")  # noqa: S608 - our own name
    texts: dict[str, str] = {}
    for name, text in rows:
        if not isinstance(name, str) or not TEXT_PATH.fullmatch(name):
            raise InputError("read_back.path", where=str(path), found=repr(name)[:80])
        texts[name] = str(text)
    return texts


def _unreadable(path: Path, found: str) -> InputError:
    line = " ".join(found.split())
    return InputError("file.unreadable", where=str(path), found=line, expected=EXPECTED)

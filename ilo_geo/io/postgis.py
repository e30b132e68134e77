"""The door to a PostGIS database: its address, its errors in one line, names that fit in SQL.

The password of the address is in no message, log or traceback: what libpq says is shown with it
struck out, and an address that cannot be read is never quoted. Imported by who publishes only.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import errors as pg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError

ENV_DATABASE = "ILO_GEO_DATABASE_URL"
# one "@" at most, and none after it: libpq would take a piece of the password for the host
URL = re.compile(r"postgres(?:ql)?://(?:[^@/?#]*@)?[^@/?#]*(?:/[^@/?#]*)?(?:\?[^@#]*)?")
SCHEMES = ("postgresql", "postgres")
CONNECT_TIMEOUT_S = 10
# as long as a reader may hold an old table before the swap gives up
LOCK_TIMEOUT = "30s"
MAX_NAME_BYTES = 63
HASH_HEX_DIGITS = 8
# names that every table of PostgreSQL has already
SYSTEM_COLUMNS = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid")
STRUCK = "***"
# values are written the same way in every session, so that fingerprints can be compared
SESSION: dict[LiteralString, str] = {
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "lock_timeout": LOCK_TIMEOUT,
}


@dataclass(frozen=True)
class Address:
    """Where the database is; ``text`` holds no password."""

    conninfo: dict[str, str]
    text: str

    def __repr__(self) -> str:
        """Return the address without the password, for whoever prints it."""
        return f"Address({self.text!r})"


def database_address(url: str | None = None) -> Address:
    """Return the address in ``url``, by default of ``ILO_GEO_DATABASE_URL``.

    Raises
    ------
    InputError
        There is none, or it is no address of a PostgreSQL database.
    """
    given = os.environ.get(ENV_DATABASE, "") if url is None else url
    if not given.strip():
        raise InputError("database.no_url", expected=ENV_DATABASE)
    scheme, separator, _ = given.partition("://")
    if separator and scheme not in SCHEMES and re.fullmatch(r"[A-Za-z0-9+.-]{1,30}", scheme):
        raise InputError("database.wrong_scheme", where=ENV_DATABASE, found=scheme)
    parts = None
    if URL.fullmatch(given) and "\0" not in given:
        try:
            parts = {key: str(value) for key, value in conninfo_to_dict(given).items()}
        except psycopg.ProgrammingError:
            # its message quotes the address: neither shown nor chained
            parts = None
    if parts is None or not re.fullmatch(r"[0-9,]*", parts.get("port", "")):
        raise InputError("database.bad_url", where=ENV_DATABASE)
    shown = f"{parts.get('host', 'localhost')}:{parts.get('port', '5432')}"
    return Address(parts, f"{shown}/{parts.get('dbname', '')}")


@contextmanager
def connected(address: Address, *, write: bool = False) -> Iterator[psycopg.Connection]:
    """Yield a connection in one transaction, committed when the block succeeds.

    Raises
    ------
    DatabaseError
        The server is down, refuses, or fails; the database is as it was.
    """
    try:
        connection = _connect(address)
    except psycopg.Error as error:
        raise DatabaseError(
            "database.unreachable", where=address.text, found=_said(error, address)
        ) from None
    if not write:
        # one picture of the whole publication, though another is swapped in meanwhile
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
    try:
        with connection:
            _prepare(connection, address)
            yield connection
    except psycopg.Error as error:
        # not chained: what the driver holds may print the address
        raise _error(error, address) from None


def _connect(address: Address) -> psycopg.Connection:
    given = {"connect_timeout": str(CONNECT_TIMEOUT_S), **address.conninfo}
    return psycopg.connect("", **given)  # type: ignore[arg-type]


def _prepare(connection: psycopg.Connection, address: Address) -> None:
    """Fix how values are written, and look for types in PostGIS's own schema and nowhere else."""
    for name, value in SESSION.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseError("database.not_utf8", where=address.text, found=encoding)
    row = connection.execute(
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
        " WHERE e.extname = 'postgis'"
    ).fetchone()
    if row is None:
        raise DatabaseError("database.no_postgis", where=address.text)
    path = sql.Identifier(str(row[0])).as_string(connection)
    connection.execute("SELECT set_config('search_path', %s, true)", (path,))


def _error(error: psycopg.Error, address: Address) -> DatabaseError:
    where, found = address.text, _said(error, address)
    if isinstance(error, pg.InsufficientPrivilege):
        return DatabaseError("database.no_right", where=where, found=found)
    if isinstance(error, pg.DependentObjectsStillExist):
        return DatabaseError("database.in_use_by_others", where=where, found=found)
    if isinstance(error, pg.LockNotAvailable):
        return DatabaseError("database.busy", where=where)
    return DatabaseError("database.failed", where=where, found=found)


def _said(error: psycopg.Error, address: Address) -> str:
    """Return what the server or libpq said, in one line and without the password."""
    text = " ".join(
        part for part in (error.diag.message_primary, error.diag.message_detail) if part
    )
    said = " ".join((text or str(error)).split()) or type(error).__name__
    for key in ("password", "sslpassword", "passfile"):
        if address.conninfo.get(key):
            said = said.replace(address.conninfo[key], STRUCK)
    return said.removeprefix("connection failed: ")


def fitted_name(wanted: str, taken: Collection[str]) -> str:
    """Return ``wanted`` as a name PostgreSQL keeps whole and that is not ``taken``.

    A name that is empty, too long (PostgreSQL would cut it in silence), one of its own or taken
    gets a piece of its fingerprint at the end. Every other name is kept as it is, and quoted.
    """
    unfit = not wanted or wanted in SYSTEM_COLUMNS or wanted in taken
    if not unfit and len(wanted.encode()) <= MAX_NAME_BYTES:
        return wanted
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:HASH_HEX_DIGITS]
    room = MAX_NAME_BYTES - HASH_HEX_DIGITS - 1
    start = wanted.encode()[:room].decode(errors="ignore")
    name = f"{start}_{digest}"
    return name if name not in taken else fitted_name(f"{digest}_{wanted}", taken)


def require_schema_name(name: str) -> str:
    """Return ``name`` if it can be the name of a schema of ours.

    Raises
    ------
    InputError
        It is empty, too long, holds NUL, or is PostgreSQL's own.
    """
    size = len(name.encode(errors="surrogatepass"))
    own = name.startswith("pg_") or name in ("information_schema", "public")
    if not name.isprintable() or not 0 < size <= MAX_NAME_BYTES or own:
        raise InputError("database.schema_name", found=repr(name), expected=MAX_NAME_BYTES)
    return name

"""What SQLite and PostgreSQL say when they cannot, as one line for whoever asked."""

from __future__ import annotations

import sqlite3

from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError

from ilo_geo.core.errors import DatabaseError

BUSY, FULL = "council.database_busy", "council.database_full"
GONE, DOWN = "council.database_gone", "council.database_down"
READ_ONLY, CORRUPT, NO_RIGHT = (
    "council.database_read_only",
    "council.database_corrupt",
    "council.database_no_right",
)
# the low byte of an extended code of SQLite is the code (https://sqlite.org/rescode.html)
PRIMARY = 0xFF
BY_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: GONE,
    sqlite3.SQLITE_CORRUPT: CORRUPT,
    sqlite3.SQLITE_NOTADB: CORRUPT,
}
# a write that hits a limit on a file's size, and one of a disk that is gone
IO_FULL = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_TRUNCATE)
# the first class that fits; what a server says of itself may quote its address, so it is not shown
BY_POSTGRES: tuple[tuple[type[pg.Error], str], ...] = (
    (pg.LockNotAvailable, BUSY),
    (pg.QueryCanceled, BUSY),
    (pg.TooManyConnections, BUSY),
    (pg.IdleInTransactionSessionTimeout, BUSY),
    (pg.DiskFull, FULL),
    (pg.ReadOnlySqlTransaction, READ_ONLY),
    (pg.InsufficientPrivilege, NO_RIGHT),
    (pg.UndefinedTable, GONE),
    (pg.InvalidCatalogName, GONE),
    (pg.OperationalError, DOWN),
    (pg.InterfaceError, DOWN),
)
NO_TABLE = "no such table"


def told(error: DBAPIError, where: str) -> DatabaseError:
    """Return an error of a driver as one of ours; ``where`` is the file or the server."""
    original = error.orig
    code = _code(original)
    if code is not None:
        return DatabaseError(code, where=where)
    is_file = isinstance(original, sqlite3.Error)
    found = " ".join(str(original).split()) if is_file else type(original).__name__
    return DatabaseError("council.database_failed", where=where, found=found)


def _code(original: object) -> str | None:
    if isinstance(original, sqlite3.Error):
        number = getattr(original, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if number in IO_FULL:
            return FULL
        missing = NO_TABLE in str(original)
        return GONE if missing else BY_SQLITE.get(number & PRIMARY)
    return next((code for kind, code in BY_POSTGRES if isinstance(original, kind)), None)

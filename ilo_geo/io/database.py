"""The door to the council's database: SQLite in the workspace, or PostgreSQL by its address.

A writer holds its turn from the first statement to the commit (``BEGIN IMMEDIATE``; an advisory
lock), so that what it reads is what it changes. SQLite writes ahead and waits for the disk, checks
foreign keys, and waits for its turn `BUSY_S`. A file that was taken away under an open connection
is found out before a write and after it: nothing is acknowledged that lands in a file without a
name. A server that cannot be asked, or whose lock does not come, is waited for as long and no
longer; a connection that broke is made anew by the next who asks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.database_errors import told
from ilo_geo.io.postgis import CONNECT_TIMEOUT_S
from ilo_geo.io.postgis import Address
from ilo_geo.io.postgis import fitted_name

SQLITE_FILE, WAL = "council.sqlite", "-wal"
# it holds what is personal, and the key
OWNER_ONLY_FOLDER = 0o700
BUSY_S = 5.0
POOL, OVERFLOW = 8, 24
PRAGMAS = {
    "journal_mode": "WAL",
    "foreign_keys": "ON",
    "synchronous": "FULL",
    # what is erased of a person is written over
    "secure_delete": "ON",
}
# one writer at a time in all of the database; the number means nothing
WRITERS_LOCK = 7_411_206
# who hangs in the middle of a transaction, or asks what takes minutes, lets the others go on
SESSION = {
    "lock_timeout": f"{BUSY_S:.0f}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
}
# a server whose machine is gone is found out in half a minute
KEEPALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
READER = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# what is read after the turn came is what was committed before it, and a commit is on the disk,
# whatever the server is set to
WRITER = ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET LOCAL synchronous_commit = on")


@dataclass
class Database:
    """An open database; ``path`` is None where it is a server."""

    engine: Engine
    where: str
    path: Path | None
    schema: str | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _file: tuple[int, int] | None = None
    _writes_ahead: bool = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment of the database.

        Raises
        ------
        DatabaseError
            It cannot be reached or fails.
        """
        with self._told(), self.engine.connect() as connection:
            self._require_there()
            if self.path is None:
                connection.execute(text(READER))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the only writer's connection; all of the block is written, or nothing.

        Raises
        ------
        DatabaseError
            It cannot be reached, is busy, full, gone or fails; nothing was written.
        """
        with self._told(), self._own_turn(), self.engine.connect() as connection:
            self._require_there()
            writer = connection.execution_options(begin="BEGIN IMMEDIATE")
            with writer.begin():
                if self.path is None:
                    for statement in WRITER:
                        writer.execute(text(statement))
                    writer.execute(text(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})"))
                yield writer
            # taken away meanwhile: what was written has no name, and is not acknowledged
            self._require_there(written=True)

    def remember_file(self) -> None:
        """Keep which file this is, to find out when another or none takes its place."""
        if self.path is not None:
            self._file = _identity(self.path)
            # some network drives cannot: there SQLite writes back in the old way
            self._writes_ahead = _identity(self._log) is not None

    def empty_log(self) -> None:
        """Bring the log beside the file over and empty it: no byte of it holds what was erased.

        Raises
        ------
        DatabaseError
            Somebody reads for longer than is waited for, or it fails.
        """
        if self.path is None:
            return
        with self._told(), self._own_turn(), self.engine.connect() as connection:
            outside = connection.execution_options(begin=None)
            busy = outside.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        if busy:
            raise DatabaseError("council.database_busy", where=self.where)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        # writers of this process queue here and not in SQLite, which makes them sleep
        if not self._turn.acquire(timeout=2 * BUSY_S):
            raise DatabaseError("council.database_busy", where=self.where)
        try:
            yield
        finally:
            self._turn.release()

    def _require_there(self, *, written: bool = False) -> None:
        """Find out a file that another or none took the place of.

        While a connection is open its file keeps its number, so no other can have it. What was
        just written stands in the log beside the file until it is brought over.
        """
        if self.path is None or self._file is None:
            return
        there = _identity(self.path) == self._file
        if written and self._writes_ahead:
            there = there and _identity(self._log) is not None
        if not there:
            raise DatabaseError("council.database_gone", where=self.where)

    @property
    def _log(self) -> Path:
        return Path(f"{self.path}{WAL}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise DatabaseError("council.database_busy", where=self.where) from error
        except IntegrityError as error:
            # two who wrote the same at once, on a database that is shared
            raise ConflictError("council.written_meanwhile") from error
        except (DataError, UnicodeEncodeError) as error:
            # a value that one database keeps and another does not, such as NUL in a text
            raise InputError("council.value_refused", found=type(error).__name__) from error
        except DBAPIError as error:
            # not chained: what the driver of a server holds may quote its address
            raise told(error, self.where) from None


def sqlite_database(path: Path) -> Database:
    """Return the SQLite database at ``path``, made where there is none.

    Raises
    ------
    WorkspaceError
        The folder cannot be made.
    """
    path = path.absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY_FOLDER)
    except OSError as error:
        found = error.strerror or str(error)
        raise WorkspaceError("workspace.not_writable", where=str(path), found=found) from error
    engine = create_engine(
        # not as text: "?" and "#" may stand in the name of a folder
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=BUSY_S,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, str(path), path)


def postgres_database(address: Address, area: str) -> Database:
    """Return the database at ``address``; an area's tables lie in a schema of its own."""
    schema = fitted_name(f"council_{area}", ())

    def connect() -> psycopg.Connection:
        given = {"connect_timeout": str(CONNECT_TIMEOUT_S), **KEEPALIVE, **address.conninfo}
        connection = psycopg.connect("", autocommit=True, **given)  # type: ignore[arg-type]
        path = sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema))
        connection.execute(path)
        for name, value in SESSION.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.autocommit = False
        return connection

    engine = create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=BUSY_S,
        pool_pre_ping=True,
    )
    return Database(engine, address.text, None, schema)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other that is there, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy begins transactions, not the driver: DDL and reads are in them too
    connection.isolation_level = None
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin is not None:
        connection.exec_driver_sql(begin)

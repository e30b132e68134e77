"""A PostgreSQL with PostGIS of the machine, started for the tests on a loopback port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SERVERS = Path("/usr/lib/postgresql")
OWNER, PASSWORD = "postgres", "cl4ve:con@signos"
ENCODED = "cl4ve%3Acon%40signos"
DATABASE = "gis"
# all but PostgreSQL's own and what the extension made; faster than a new database for each test
CLEAN = """DO $$ DECLARE name text; BEGIN
FOR name IN SELECT format('%I', nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
LOOP EXECUTE 'DROP SCHEMA ' || name || ' CASCADE'; END LOOP;
FOR name IN SELECT format('%I', relname) FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
LOOP EXECUTE 'DROP TABLE public.' || name || ' CASCADE'; END LOOP;
END $$"""


@dataclass(frozen=True)
class Server:
    """Where it listens; ``run`` starts a client or a tool of it."""

    port: int
    bin: Path

    def url(self, database: str, user: str = OWNER, password: str = ENCODED) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, database: str, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the owner; return the rows of the last."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def psql(self, database: str, query: str) -> str:
        """Return what the server's own client prints."""
        return subprocess.run(  # noqa: S603 - a fixed command
            [self.bin / "psql", "-XAtc", query, self.url(database)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()


def server_tools() -> Path | None:
    """Return the folder of the newest server with PostGIS, or None where there is none."""
    for folder in sorted(SERVERS.glob("*/bin"), reverse=True):
        control = Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control")
        may_run = os.geteuid() != 0 or shutil.which("runuser")
        if (folder / "initdb").is_file() and control.is_file() and may_run:
            return folder
    return None


@contextmanager
def running_server(tools: Path) -> Iterator[Server]:
    """Start a server as an unprivileged user and stop it at the end."""
    # the server's user must reach it, and a socket's path must be short
    home = Path(tempfile.mkdtemp(prefix="ilo-pg-"))
    as_user = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    try:
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        if as_user:
            shutil.chown(home, OWNER)
            shutil.chown(home / "password", OWNER)
        port = _free_port()
        init = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        init += ["-U", OWNER, f"--pwfile={home / 'password'}"]
        _run(as_user, tools / "initdb", "-D", home / "data", *init)
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = (tools / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log")
        _run(as_user, *control, "-o", options, "start")
        try:
            server = Server(port, tools)
            server.execute(OWNER, f"CREATE DATABASE {DATABASE}")
            server.execute(DATABASE, "CREATE EXTENSION postgis")
            yield server
        finally:
            _run(as_user, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(as_user: list[str], *command: object) -> None:
    words = [*as_user, *map(str, command)]
    # files, not pipes: the server keeps what it is given open
    subprocess.run(  # noqa: S603 - tools of the server
        words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

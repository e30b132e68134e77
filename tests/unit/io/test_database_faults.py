"""Locked, full, gone, replaced, damaged, read-only: one line that says what to do, nothing half."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from council_child import database_at
from council_child import repository
from database_checks import CHILD
from database_checks import REPO
from database_checks import keys
from database_checks import refusal
from database_checks import require_whole
from database_checks import write
from postgres_server import DATABASE
from sqlalchemy import event
from sqlalchemy import text

from ilo_geo.core.errors import DatabaseError
from ilo_geo.io import database as database_module
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import setting


def test_locked_by_another_program_one_is_told_after_a_while(file, monkeypatch):
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert refusal(file) == "council.database_busy"
    # readers read on
    assert keys(file) == set()
    other.execute("ROLLBACK")
    other.close()
    write(file)


def test_locked_on_a_server_one_is_told_after_a_while(served, postgres):
    other = database_at(postgres.url(DATABASE))
    with other.writing():
        assert refusal(served) == "council.database_busy"
        assert keys(served) == set()
    write(served)
    other.close()


def test_a_disk_that_fills_up_keeps_what_was_there_and_takes_writes_again(file):
    write(file)
    with file.engine.connect() as connection:
        n_pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def small(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count={limit}")

    limit = n_pages
    event.listen(file.engine, "checkout", small)
    big = "x" * 200_000
    assert refusal(file, of=lambda door: write(door, "big", big)) == "council.database_full"
    assert keys(file) == {"a"}
    limit = 2**30
    write(file, "big", big)
    assert keys(file) == {"a", "big"}
    require_whole(file, [])


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path):
    """By the system's own limit on a file's size, in a process of its own."""
    where = tmp_path / "council.sqlite"
    script = f"""
import resource, signal, sys
sys.path[:0] = [{str(CHILD.parent)!r}]
from council_child import *
from ilo_geo.proposals.tables import setting
database = database_at({str(where)!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
kept, code = 0, ""
try:
    for n in range(100):
        with database.writing() as connection:
            repository(connection, system).add(setting, "s", id=str(n), value="x" * 50_000)
        kept += 1
except IloGeoError as error:
    code = error.code
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with database.writing() as connection:
    repository(connection, system).add(setting, "s", id="after", value=1)
print(code, kept)
"""
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    code, kept = done.stdout.split()
    assert code == "council.database_full"
    assert int(kept) > 0
    database = database_at(str(where))
    assert keys(database) == {*map(str, range(int(kept))), "after"}
    require_whole(database, [])
    database.close()


def test_a_file_taken_away_or_replaced_is_found_before_anything_is_said(file, tmp_path):
    write(file)
    kept = tmp_path / "kept"
    shutil.copy(file.path, kept)
    file.path.unlink()
    assert refusal(file) == "council.database_gone"
    assert refusal(file, of=keys) == "council.database_gone"
    # asking made no empty one in its place
    assert not file.path.exists()
    shutil.copy(kept, file.path)
    assert refusal(file) == "council.database_gone"
    file.path.unlink()
    file.path.mkdir()
    assert refusal(file) == "council.database_gone"


@pytest.mark.parametrize("what", ["", "-wal"])
def test_a_file_taken_away_during_a_write_is_not_acknowledged(file, what):
    def written(door):
        with door.writing() as connection:
            repository(connection, system).add(setting, "change_setting", id="a", value=1)
            Path(f"{file.path}{what}").unlink()

    assert refusal(file, of=written) == "council.database_gone"


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_no_database_is_told_and_left(tmp_path, content):
    path = tmp_path / "council.sqlite"
    path.write_bytes(content)
    with pytest.raises(DatabaseError) as caught:
        database_at(str(path))
    assert caught.value.code == "council.database_corrupt"
    assert path.read_bytes() == content


def test_a_database_damaged_in_its_middle_is_told(tmp_path):
    path = tmp_path / "council.sqlite"
    first = database_at(str(path))
    for n in range(50):
        write(first, str(n), "x" * 2000)
    first.close()
    whole = bytearray(path.read_bytes())
    whole[4096 * 3 :] = b"\xa5" * (len(whole) - 4096 * 3)
    path.write_bytes(bytes(whole))
    opened = None
    with pytest.raises(DatabaseError) as caught:
        opened = database_at(str(path))
        write(opened)
    assert caught.value.code == "council.database_corrupt"
    if opened is not None:
        opened.close()


def test_a_folder_one_may_not_write_in_is_told(tmp_path):
    folder = tmp_path / "council"
    made = database_at(str(folder / "council.sqlite"))
    made.close()
    folder.chmod(0o500)
    (folder / "council.sqlite").chmod(0o400)
    script = f"""
import os, sys
sys.path[:0] = [{str(CHILD.parent)!r}]
from council_child import *
database_at({str(tmp_path / "warm.sqlite")!r}).close()
if os.geteuid() == 0:
    os.setegid(65534); os.seteuid(65534)
try:
    database_at({str(folder / "council.sqlite")!r})
except IloGeoError as error:
    print(error.code)
"""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    shutil.chown(folder, 65534) if os.geteuid() == 0 else None
    if os.geteuid() == 0:
        shutil.chown(folder / "council.sqlite", 65534)
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    folder.chmod(0o700)
    if "Permission denied" in done.stderr:
        pytest.skip("this user cannot read the interpreter or the tree")
    assert done.stdout.strip() == "council.database_read_only", done.stderr


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", "ñ ü", "a'b;c"])
def test_any_name_of_a_folder_will_do(tmp_path, name):
    opened = database_at(str(tmp_path / name / "council.sqlite"))
    write(opened)
    opened.close()
    assert (tmp_path / name / "council.sqlite").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_sqlite_waits_for_the_disk_and_checks_what_refers(file):
    with file.reading() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_a_server_that_goes_and_comes_back(served, postgres):
    """Its end of every connection is cut, as a restart does; the next who asks gets a new one."""
    write(served, "a")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    postgres.execute(DATABASE, cut)
    write(served, "b")

    def written(door):
        with door.writing() as connection:
            repository(connection, system).add(setting, "s", id="c", value=1)
            postgres.execute(DATABASE, cut)

    assert refusal(served, of=written) == "council.database_down"
    write(served, "d")
    assert keys(served) == {"a", "b", "d"}
    require_whole(served, [])


def test_a_server_set_to_forget_and_to_look_back_is_told_otherwise(served, postgres):
    """Whatever it is set to, a commit is on its disk and a writer reads what was committed last."""
    asked = ("synchronous_commit", "transaction_isolation", "lock_timeout", "statement_timeout")
    postgres.execute(
        DATABASE,
        f"ALTER DATABASE {DATABASE} SET synchronous_commit = off",
        f"ALTER DATABASE {DATABASE} SET default_transaction_isolation = 'serializable'",
    )
    try:
        served.close()
        with served.writing() as connection:
            told = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in asked]
    finally:
        postgres.execute(DATABASE, f"ALTER DATABASE {DATABASE} RESET ALL")
    assert told == ["on", "read committed", "5s", "1min"]


def test_a_server_that_is_not_there_is_told_without_its_password():
    with pytest.raises(DatabaseError) as caught:
        database_at("postgresql://somebody:secreto@127.0.0.1:1/gis")
    assert caught.value.code == "council.database_down"
    assert "secreto" not in caught.value.text("es")
    assert caught.value.__cause__ is None


def test_more_readers_than_there_are_connections_wait_and_are_told(file, monkeypatch):
    monkeypatch.setattr(file.engine.pool, "_timeout", 0.2)
    held = []
    try:
        with pytest.raises(DatabaseError) as caught:
            for _ in range(database_module.POOL + database_module.OVERFLOW + 1):
                context = file.reading()
                held.append((context, context.__enter__()))
    finally:
        for context, _ in held[:-1]:
            context.__exit__(None, None, None)
    assert caught.value.code == "council.database_busy"
    write(file)

"""The database when things go wrong: killed, shared, locked, full, gone, replaced, of another time.

What was acknowledged is there, what was not is not there by half, and whoever asked is told in one
line what to do.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from council_child import database_at
from council_child import person
from council_child import repository
from postgres_server import CLEAN
from postgres_server import DATABASE
from sqlalchemy import event
from sqlalchemy import select
from sqlalchemy import text

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.io import database as database_module
from ilo_geo.io.schema_version import SCRIPTS
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import metadata
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import setting
from ilo_geo.proposals.tables import state_change

CHILD = Path(__file__).parents[2] / "support" / "council_child.py"
REPO = Path(__file__).parents[3]
N_WRITES = 200


@pytest.fixture
def where(council_url, tmp_path):
    """Return the place of an empty database, of either kind."""
    return council_url or str(tmp_path / "council" / "council.sqlite")


@pytest.fixture
def database(where):
    opened = database_at(where)
    yield opened
    opened.close()


@pytest.fixture
def served(postgres):
    """Return a database on a server, opened empty."""
    postgres.execute(DATABASE, CLEAN)
    opened = database_at(postgres.url(DATABASE))
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path):
    """Return a database in a file, opened."""
    opened = database_at(str(tmp_path / "council" / "council.sqlite"))
    yield opened
    opened.close()


def child(where, seed, n_writes=N_WRITES):
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, CHILD, where, str(seed), str(n_writes)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def acknowledged(process, n_lines=None):
    """Return what the child said before it ended, or the first lines of it."""
    lines = []
    for line in process.stdout:
        if line.startswith("{"):
            lines.append(json.loads(line))
        if n_lines is not None and len(lines) >= n_lines:
            break
    return lines


def write(database, key="a", value=1):
    with database.writing() as connection:
        return repository(connection, system).add(setting, "change_setting", id=key, value=value)


def keys(database):
    with database.reading() as connection:
        return set(connection.execute(select(setting.c.id)).scalars())


def refusal(database, *, of=write):
    """Return the code of a refused write, sure that it is one line and in time."""
    start = time.monotonic()
    with pytest.raises(DatabaseError) as caught:
        of(database)
    assert time.monotonic() - start < 15
    for lang in ("es", "en"):
        assert "\n" not in caught.value.text(lang)
        assert str(Path(database.where).parent) not in caught.value.public_text(lang)
    return caught.value.code


def require_whole(database, told):
    """Every acknowledged write is there, none is there by half, the chain holds."""
    with database.reading() as connection:
        assert audit.first_broken(connection) is None
        hashes = dict(connection.execute(select(log.c.seq, log.c.hash)).all())
        rows = connection.execute(select(log.c.verb, log.c.subject)).all()
        states = dict(connection.execute(select(proposal.c.id, proposal.c.state)).all())
        order = select(state_change.c.proposal_id, state_change.c.to_state).order_by(
            state_change.c.at
        )
        moved = dict(connection.execute(order).all())
    lost = [one for one in told if "seq" in one and hashes.get(one["seq"]) != one["hash"]]
    assert lost == []
    # a step is two rows: the change of state and the proposal; never one without the other
    steps = Counter((verb, subject) for verb, subject in rows)
    for verb in ("submit", "take_up", "observe", "answer"):
        assert steps[verb, "proposal"] == steps[verb, "state_change"]
    assert {one: state for one, state in states.items() if state != "draft"} == moved


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_in_the_middle_of_writing_nothing_acknowledged_is_lost(where, database, seed):
    rng = random.Random(seed)  # noqa: S311 - when to kill
    process = child(where, seed)
    told = acknowledged(process, rng.randrange(20, N_WRITES - 20))
    time.sleep(rng.random() * 0.02)
    process.send_signal(signal.SIGKILL)
    # what was in the pipe when it died was acknowledged too
    told += acknowledged(process)
    process.wait()
    process.stdout.close()
    assert 20 <= len(told) < N_WRITES
    assert not [one for one in told if "refused" in one]
    require_whole(database, told)
    # and one can go on
    write(database)
    require_whole(database, told)


def test_two_programs_on_one_database_keep_one_chain(where, database):
    processes = [child(where, seed, 60) for seed in (11, 12)]
    told = [acknowledged(process) for process in processes]
    for process in processes:
        process.wait()
        process.stdout.close()
    assert [process.returncode for process in processes] == [0, 0]
    # nothing is refused but what is nobody's business: the draft of the other
    both = told[0] + told[1]
    assert len(both) == 120
    refused = {one["refused"] for one in both if "refused" in one}
    assert refused <= {"council.not_found", "council.refused"}
    seqs = [one["seq"] for one in both if "seq" in one]
    assert len(set(seqs)) == len(seqs) > 60
    assert all(len([one for one in half if "seq" in one]) > 20 for half in told)
    require_whole(database, both)
    with database.reading() as connection:
        n_rows = connection.execute(text("SELECT count(*), max(seq), min(seq) FROM audit")).one()
    assert n_rows[0] == n_rows[1]
    assert n_rows[2] == 1


def test_many_threads_of_two_doors_lose_nothing(where, database):
    other, failures = database_at(where), []

    def work(door, name):
        try:
            for n in range(15):
                write(door, f"{name}-{n}")
        except IloGeoError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(door, f"{n}{m}"))
        for n, door in enumerate((database, other))
        for m in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert failures == []
    assert len(keys(database)) == 8 * 15
    require_whole(database, [])


def test_a_reader_sees_one_moment_whatever_is_written(database):
    write(database, "a")
    with database.reading() as connection:
        before = set(connection.execute(select(setting.c.id)).scalars())
        write(database, "b")
        assert set(connection.execute(select(setting.c.id)).scalars()) == before
    assert keys(database) == {"a", "b"}


def test_what_fails_in_the_middle_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        repository(connection, system).add(setting, "change_setting", id="a", value=1)
        raise ZeroDivisionError
    with pytest.raises(ConflictError), database.writing() as connection:
        repo = repository(connection, system)
        repo.add(setting, "change_setting", id="b", value=1)
        repo.connection.execute(setting.insert(), {"id": "b", "value": 2, "version": 1})
    assert keys(database) == set()
    write(database)
    require_whole(database, [])


def test_a_clock_that_was_set_back_does_not_turn_the_log_back(town):
    town.draft()
    town.clock.move(days=-400)
    town.draft()
    town.clock.move(days=-400)
    found = town.draft()
    with town.council.reading(system) as repo:
        assert audit.first_broken(repo.connection) is None
        times = list(repo.connection.execute(select(log.c.at).order_by(log.c.seq)).scalars())
    assert times == sorted(times)
    assert found["created_at"] == times[-1]


@pytest.mark.filterwarnings("ignore:Did not recognize type 'public.geometry'")
def test_a_migrated_database_is_what_the_tables_say(database):
    """Alembic's own comparison, on both databases; PostGIS' second shape is the one exception."""

    def ours(name, kind, _parents):
        return kind != "schema" or name in (None, database.schema)

    def compared(_object, name, kind, reflected, _against):
        added = reflected and (name, kind) in EXTRA
        return not (added or name == "alembic_version")

    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": compared,
        "include_name": ours,
    }
    with database.reading() as connection:
        if database.schema is not None:
            # reflected under the name it is found by
            connection.execute(text(f'SET LOCAL search_path TO "{database.schema}"'))
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


EXTRA = {("geom", "column"), ("ix_proposal_geom", "index")}


@pytest.mark.filterwarnings("ignore:Did not recognize type 'public.geometry'")
@pytest.mark.parametrize("drop", ["INDEX ix_audit_subject", "TABLE attendance"])
def test_the_comparison_sees_what_is_missing(database, drop):
    with database.writing() as connection:
        connection.execute(text(f"DROP {drop}"))
    with pytest.raises(AssertionError):
        test_a_migrated_database_is_what_the_tables_say(database)


def test_a_database_of_a_newer_program_is_left_alone(where, database):
    write(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError) as caught:
        database_at(where)
    assert caught.value.code == "council.database_newer"
    assert keys(database) == {"a"}
    assert [path.name for path in SCRIPTS.glob("versions/9999*")] == []


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


def test_people_of_a_child_are_people(database):
    with database.writing() as connection:
        person(repository(connection, system), "x", "planner")
    require_whole(database, [])

"""Killed, shared, migrated: what was acknowledged is there, what was not is not there by half."""

from __future__ import annotations

import random
import signal
import threading
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from council_child import database_at
from council_child import person
from council_child import repository
from database_checks import N_WRITES
from database_checks import acknowledged
from database_checks import child
from database_checks import keys
from database_checks import require_whole
from database_checks import write
from sqlalchemy import select
from sqlalchemy import text

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.io.schema_version import SCRIPTS
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import metadata
from ilo_geo.proposals.tables import setting


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_in_the_middle_of_writing_nothing_acknowledged_is_lost(
    where, council_database, seed
):
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
    require_whole(council_database, told)
    # and one can go on
    write(council_database)
    require_whole(council_database, told)


def test_two_programs_on_one_database_keep_one_chain(where, council_database):
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
    require_whole(council_database, both)
    with council_database.reading() as connection:
        n_rows = connection.execute(text("SELECT count(*), max(seq), min(seq) FROM audit")).one()
    assert n_rows[0] == n_rows[1]
    assert n_rows[2] == 1


def test_many_threads_of_two_doors_lose_nothing(where, council_database):
    other, failures = database_at(where), []

    def work(door, name):
        try:
            for n in range(15):
                write(door, f"{name}-{n}")
        except IloGeoError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(door, f"{n}{m}"))
        for n, door in enumerate((council_database, other))
        for m in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert failures == []
    assert len(keys(council_database)) == 8 * 15
    require_whole(council_database, [])


def test_a_reader_sees_one_moment_whatever_is_written(council_database):
    write(council_database, "a")
    with council_database.reading() as connection:
        before = set(connection.execute(select(setting.c.id)).scalars())
        write(council_database, "b")
        assert set(connection.execute(select(setting.c.id)).scalars()) == before
    assert keys(council_database) == {"a", "b"}


def test_what_fails_in_the_middle_leaves_nothing(council_database):
    with pytest.raises(ZeroDivisionError), council_database.writing() as connection:
        repository(connection, system).add(setting, "change_setting", id="a", value=1)
        raise ZeroDivisionError
    with pytest.raises(ConflictError), council_database.writing() as connection:
        repo = repository(connection, system)
        repo.add(setting, "change_setting", id="b", value=1)
        repo.connection.execute(setting.insert(), {"id": "b", "value": 2, "version": 1})
    assert keys(council_database) == set()
    write(council_database)
    require_whole(council_database, [])


def test_a_clock_that_was_set_back_does_not_turn_the_log_back(town):
    town.draft()
    town.clock.move(hours=-9)
    town.draft()
    town.clock.move(hours=-9)
    found = town.draft()
    with town.council.reading(system) as repo:
        assert audit.first_broken(repo.connection) is None
        times = list(repo.connection.execute(select(log.c.at).order_by(log.c.seq)).scalars())
    assert times == sorted(times)
    assert found["created_at"] == times[-1]


@pytest.mark.filterwarnings("ignore:Did not recognize type 'public.geometry'")
def test_a_migrated_database_is_what_the_tables_say(council_database):
    """Alembic's own comparison, on both databases; PostGIS' second shape is the one exception."""

    def ours(name, kind, _parents):
        return kind != "schema" or name in (None, council_database.schema)

    def compared(_object, name, kind, reflected, _against):
        added = reflected and (name, kind) in EXTRA
        return not (added or name == "alembic_version")

    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": compared,
        "include_name": ours,
    }
    with council_database.reading() as connection:
        if council_database.schema is not None:
            # reflected under the name it is found by
            connection.execute(text(f'SET LOCAL search_path TO "{council_database.schema}"'))
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


EXTRA = {("geom", "column"), ("ix_proposal_geom", "index")}


@pytest.mark.filterwarnings("ignore:Did not recognize type 'public.geometry'")
@pytest.mark.parametrize("drop", ["INDEX ix_audit_subject", "TABLE attendance"])
def test_the_comparison_sees_what_is_missing(council_database, drop):
    with council_database.writing() as connection:
        connection.execute(text(f"DROP {drop}"))
    with pytest.raises(AssertionError):
        test_a_migrated_database_is_what_the_tables_say(council_database)


IMPOSSIBLE = {
    "active": ("2", "'x'", "0.5", "x'31'"),
    "must_change": ("2", "-1"),
    "created_at": (
        "replace(created_at, '+00:00', 'Z')",
        "replace(created_at, '+00:00', '-00:00')",
        "replace(created_at, '+00:00', '')",
        "replace(created_at, 'T', ' ')",
        "'0001-01-01T00:00:00.000000+14:00'",
        "'ayer'",
        "''",
        "5",
    ),
}


@pytest.mark.parametrize(
    ("column", "value"), [(name, one) for name, all_ in IMPOSSIBLE.items() for one in all_]
)
def test_what_a_column_cannot_hold_is_not_read_as_something_else(council_database, column, value):
    """SQL reads the stored value, the log its Python: the two must not differ unseen."""
    with council_database.writing() as connection:
        person(repository(connection, system), "x", "planner")
        assert connection.execute(select(account)).one().active is True
    try:
        with council_database.writing() as connection:
            connection.execute(text(f"UPDATE account SET {column} = {value}"))  # noqa: S608 - ours
    except IloGeoError:
        # a server refuses what is no truth
        assert council_database.path is None
        return
    with council_database.reading() as connection, pytest.raises(ValueError):
        connection.execute(select(account)).all()


def test_a_database_of_a_newer_program_is_left_alone(where, council_database):
    write(council_database)
    with council_database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError) as caught:
        database_at(where)
    assert caught.value.code == "council.database_newer"
    assert keys(council_database) == {"a"}
    assert [path.name for path in SCRIPTS.glob("versions/9999*")] == []


def test_people_of_a_child_are_people(council_database):
    with council_database.writing() as connection:
        person(repository(connection, system), "x", "planner")
    require_whole(council_database, [])

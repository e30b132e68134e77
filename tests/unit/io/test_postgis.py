"""The address and the errors: one line each, and the password in none of them."""

import logging
import socket
import traceback

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import ENCODED
from postgres_server import PASSWORD

from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.io.postgis import SYSTEM_COLUMNS
from ilo_geo.io.postgis import connected
from ilo_geo.io.postgis import database_address
from ilo_geo.io.postgis import fitted_name
from ilo_geo.io.postgis import require_schema_name

SECRET = "s3cr3t0"  # noqa: S105 - looked for in what is printed


def refused(url, *statements, write=True):
    """Return the error that a connection to ``url`` ends in."""
    with pytest.raises(DatabaseError) as caught, connected(database_address(url), write=write) as c:
        for statement in statements:
            c.execute(statement)
    return caught.value


def test_without_an_address_the_setting_is_named(monkeypatch):
    monkeypatch.delenv("ILO_GEO_DATABASE_URL", raising=False)
    with pytest.raises(InputError, match="ILO_GEO_DATABASE_URL"):
        database_address()


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{SECRET}@h/d",
        f"u:{SECRET}@h/d",
        f"postgresql://u:{SECRET}@x@h/d",
        f"postgresql://u:x/{SECRET}@h/d",
        f"postgresql://u:x?{SECRET}@h/d",
        f"postgresql://u:x#{SECRET}@h/d",
        f"postgresql://u:x:{SECRET}/d",
        f"postgresql://h:{SECRET}/d",
        f"postgresql://u:%zz{SECRET}@h/d",
        f"postgresql://h/d?nonsense={SECRET}",
        f"postgresql://u:{SECRET}\0@h/d",
    ],
)
def test_an_address_that_cannot_be_read_is_not_quoted(url):
    with pytest.raises(InputError) as caught:
        database_address(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.code in ("database.wrong_scheme", "database.bad_url")


def test_an_address_shows_everything_but_the_password():
    address = database_address(f"postgresql://u:{SECRET}@h:5433/d?password={SECRET}")
    assert address.text == "h:5433/d"
    assert SECRET not in f"{address} {address!r}"


def test_a_server_that_is_down_is_one_line():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"postgresql://u:{SECRET}@127.0.0.1:{held.getsockname()[1]}/d"
        error = refused(url)
    assert error.code == "database.unreachable"
    assert "refused" in str(error)
    assert "\n" not in str(error)


def test_a_wrong_password_is_in_no_message_log_or_traceback(postgres, caplog):
    with caplog.at_level(logging.DEBUG):
        error = refused(postgres.url("postgres", password=SECRET))
    assert error.code == "database.unreachable"
    assert "password authentication failed" in str(error)
    printed = "".join(traceback.format_exception(error)) + caplog.text
    assert SECRET not in printed


def test_what_the_server_says_has_the_password_struck_out(postgres, database):
    error = refused(postgres.url(database), f"DO $$ BEGIN RAISE 'x {PASSWORD} y'; END $$")
    assert error.code == "database.failed"
    assert "x *** y" in str(error)
    assert PASSWORD not in "".join(traceback.format_exception(error))
    assert ENCODED not in str(error)


def test_a_database_without_postgis_or_utf8_says_so(postgres):
    make = "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    postgres.execute("postgres", make)
    assert refused(postgres.url("postgres")).code == "database.no_postgis"
    assert refused(postgres.url("latin")).code == "database.not_utf8"


def test_no_right_and_a_held_table_have_their_own_line(postgres, database):
    postgres.execute(
        database,
        "DROP ROLE IF EXISTS lector",
        "CREATE ROLE lector LOGIN PASSWORD 'lee'",
        "CREATE TABLE public.a (x int)",
    )
    reader = postgres.url(database, "lector", "lee")
    assert refused(reader, "CREATE SCHEMA x").code == "database.no_right"
    with psycopg.connect(postgres.url(database)) as holder:
        holder.execute("SELECT * FROM public.a")
        error = refused(
            postgres.url(database), "SET LOCAL lock_timeout = '50ms'", "DROP TABLE public.a"
        )
    assert error.code == "database.busy"


def test_types_are_found_where_postgis_is_and_nothing_else_is(postgres):
    postgres.execute("postgres", "CREATE DATABASE apart")
    postgres.execute("apart", 'CREATE SCHEMA "Gis"', 'CREATE EXTENSION postgis SCHEMA "Gis"')
    with connected(database_address(postgres.url("apart"))) as connection:
        assert connection.execute("SELECT 'POINT(1 2)'::geometry").fetchone() is not None
        assert connection.execute("SHOW search_path").fetchone() == ('"Gis"',)


def test_reading_cannot_write(postgres, database):
    error = refused(postgres.url(database), "CREATE TABLE public.a (x int)", write=False)
    assert "read-only" in str(error)


@given(st.lists(st.text(min_size=0, max_size=80), unique=True, max_size=6))
def test_names_that_differ_stay_apart_and_whole(names):
    taken = []
    for name in (*names, *SYSTEM_COLUMNS):
        fitted = fitted_name(name.replace("\0", ""), taken)
        assert 0 < len(fitted.encode()) <= 63
        assert fitted not in (*taken, *SYSTEM_COLUMNS)
        taken.append(fitted)


@pytest.mark.parametrize("name", ["", "pg_x", "public", "ñ" * 32, "a\0b", "a\nb"])
def test_a_schema_name_that_cannot_be_is_refused(name):
    with pytest.raises(InputError, match="Schema name"):
        require_schema_name(name)

"""Brings the council's tables to the form this program knows, by Alembic; never back."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy import text

from ilo_geo.core.errors import DatabaseError
from ilo_geo.io.database import Database

SCRIPTS = Path(__file__).parent / "migrations"


def bring_up_to_date(database: Database) -> None:
    """Make the tables, or change those of an older program; two programs take turns.

    Raises
    ------
    DatabaseError
        A newer program made them: nothing was touched.
    """
    with ExitStack() as given_up:
        # who cannot open it holds nothing of it
        given_up.callback(database.close)
        with database.writing() as connection:
            if database.schema is not None:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"'))
            config = _config(connection, database.schema)
            found, known = (
                _revision(connection, database.schema),
                ScriptDirectory.from_config(config),
            )
            if found is not None and found not in {
                script.revision for script in known.walk_revisions()
            }:
                raise DatabaseError(
                    "council.database_newer",
                    where=database.where,
                    found=found,
                    expected=known.get_current_head(),
                )
            if found != known.get_current_head():
                command.upgrade(config, "head")
        given_up.pop_all()
    database.remember_file()


def revision(database: Database) -> str | None:
    """Return the revision of the tables, None where there are none."""
    with database.reading() as connection:
        return _revision(connection, database.schema)


def known_revisions() -> tuple[str, ...]:
    """Return the revision that this program makes, then every older one."""
    return tuple(one.revision for one in ScriptDirectory(str(SCRIPTS)).walk_revisions())


def is_there(database: Database) -> bool:
    """Return whether there are tables of ours; asking makes none."""
    # to connect would make the file
    is_file = database.path is None or database.path.is_file()
    return is_file and revision(database) is not None


def _revision(connection: Connection, schema: str | None) -> str | None:
    options = {"version_table_schema": schema} if schema else {}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _config(connection: Connection, schema: str | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes.update(connection=connection, schema=schema)
    return config

"""Databases of a council, empty and opened, of either kind."""

from __future__ import annotations

import pytest
from council_child import database_at
from postgres_server import CLEAN
from postgres_server import DATABASE


@pytest.fixture
def where(council_url, tmp_path):
    """Return the place of an empty database, of either kind."""
    return council_url or str(tmp_path / "council" / "council.sqlite")


@pytest.fixture
def council_database(where):
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

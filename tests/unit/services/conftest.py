"""A small city that municipal files are brought into, and councils with their backups."""

from __future__ import annotations

from pathlib import Path

import pytest
from backup_forge import backed_up
from council_rows import fill
from council_town import open_town
from import_town import SCHOOLS
from postgres_server import CLEAN
from postgres_server import DATABASE
from sheet_town import write_sheet_city
from small_city import write_small_city

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council


@pytest.fixture(scope="session")
def import_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the city, which no test changes."""
    return write_small_city(tmp_path_factory.mktemp("import") / "city")


@pytest.fixture
def city(import_folder: Path, tmp_path: Path) -> Area:
    """Return the city with a workspace of its own."""
    return open_area(import_folder, Workspace(tmp_path / "workspace"))


@pytest.fixture
def schools_csv(tmp_path: Path) -> Path:
    """Return a sheet as an office in Peru saves it: semicolons, decimal commas, CP1252."""
    path = tmp_path / "colegios.csv"
    path.write_bytes(SCHOOLS.encode("cp1252"))
    return path


@pytest.fixture(scope="session")
def sheet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a city by the sea with lots and a municipal building."""
    return write_sheet_city(tmp_path_factory.mktemp("sheet") / "city")


@pytest.fixture(scope="session")
def sheet_area(sheet_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Area:
    """Return that city, which no test changes."""
    return open_area(sheet_folder, Workspace(tmp_path_factory.mktemp("sheet_ws")))


@pytest.fixture
def area_id(small_area):
    return small_area.config.id


@pytest.fixture
def elsewhere(small_area, tmp_path, request):
    """Return a function that opens an empty council of the city in another workspace."""
    opened = []

    def council_on(kind):
        workspace = Workspace(tmp_path / f"other-{len(opened)}")
        area = open_area(small_area.catalogue.folder, workspace)
        url = ""
        if kind == "postgres":
            server = request.getfixturevalue("postgres")
            server.execute(DATABASE, CLEAN)
            url = server.url(DATABASE)
        opened.append(open_council(lambda: area, url=url))
        return opened[-1]

    yield council_on
    for council in opened:
        council.database.close()


@pytest.fixture
def one(small_area, tmp_path):
    """Return a council on SQLite with a backup of it."""
    area = open_area(small_area.catalogue.folder, Workspace(tmp_path / "workspace"))
    town = open_town(area)
    fill(town)
    yield town, backed_up(town.council, tmp_path / "a.zip")
    town.council.database.close()

"""A small city that municipal files are brought into."""

from __future__ import annotations

from pathlib import Path

import pytest
from import_town import SCHOOLS
from sheet_town import write_sheet_city
from small_city import write_small_city

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area


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

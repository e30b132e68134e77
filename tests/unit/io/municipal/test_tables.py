"""Which tables and columns of a file are read, and what is said of the others."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import openpyxl
import pytest
from municipal_files import points
from municipal_files import read
from municipal_files import refused

from ilo_geo.io.municipal.reading import layer_names
from ilo_geo.io.municipal.rows import clean_table


def test_a_geopackage_with_triggers_and_views_gives_its_tables_and_runs_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.gpkg"
    points().to_file(path, layer="puntos")
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE log (n); CREATE VIEW vista AS SELECT * FROM puntos;"
            "CREATE TRIGGER t AFTER INSERT ON puntos BEGIN INSERT INTO log VALUES (1); END;"
            "INSERT INTO gpkg_contents (table_name, data_type, srs_id)"
            " VALUES ('vista', 'features', 4326);"
            "INSERT INTO gpkg_geometry_columns VALUES ('vista', 'geom', 'POINT', 4326, 0, 0);"
        )
    database.close()
    before = path.read_bytes()
    assert layer_names(path, name="a.gpkg") == ("puntos",)
    rows = read(path)
    assert len(rows.table) == 2
    said = [n.text("es") for n in rows.notices if n.code == "import.views"]
    assert said[0].endswith("al abrirlas: vista. Guárdelas como tablas si las necesita.")
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gpkg"]


def test_a_geopackage_of_nothing_but_a_view_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    points().to_file(path, layer="puntos")
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE VIEW vista AS SELECT * FROM puntos;"
            "UPDATE gpkg_contents SET table_name = 'vista';"
        )
    database.close()
    refused(path, "are not read: vista")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_columns_of_one_name_are_kept_apart_and_it_is_said(tmp_path: Path, suffix: str) -> None:
    path, rows = tmp_path / f"a{suffix}", [["uso", "uso", "uso_2", "x"], ["a", "b", "c", 1]]
    if suffix == ".csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    found = read(path)
    table, _notices = clean_table(found.table)
    assert table.loc[2, ["uso", "uso_3", "uso_2"]].tolist() == ["a", "b", "c"]
    assert "uso → uso_3" in found.notices[0].text("es")


def test_a_geopackage_whose_contents_are_a_view_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    points().to_file(path, layer="puntos")
    with sqlite3.connect(path) as database:
        database.executescript(
            "ALTER TABLE gpkg_contents RENAME TO x;CREATE VIEW gpkg_contents AS SELECT * FROM x;"
        )
    database.close()
    refused(path, "gpkg_contents: view")


def test_reading_a_short_sheet_leaves_others_their_long_fields(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    (tmp_path / "short.csv").write_text("lon;lat\n-71.3;-17.6\n")
    read(tmp_path / "short.csv")
    assert csv.field_size_limit() >= before

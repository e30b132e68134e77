"""Lists of rows that were mended join the load they were rejected from."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import shapely
from import_town import AT
from import_town import UTM
from import_town import asked
from import_town import reopened

from ilo_geo.core.errors import InputError
from ilo_geo.services.areas import Area
from ilo_geo.services.imports import Loaded
from ilo_geo.services.imports import examine_fix
from ilo_geo.services.imports import join
from ilo_geo.services.imports import load
from ilo_geo.services.imports import open_loads
from ilo_geo.services.imports import save_rejected
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_rows import examine
from ilo_geo.services.versions import undo


def mend(area: Area, version: str, request: ImportRequest) -> Loaded:
    examined = examine_fix(area, version, request)
    return join(area, version, examined, made=AT.replace(hour=13))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_rejected_rows_come_back_mended_and_join_the_accepted(
    city: Area, schools_csv: Path, tmp_path: Path, suffix: str
) -> None:
    examined = examine(city, asked(schools_csv, crs=UTM))
    loaded = load(city, examined, made=AT, accept_valid=True)
    listed = tmp_path / f"rechazadas{suffix}"
    save_rejected(examined, listed, "es")
    rows = pd.read_csv(listed, dtype=str) if suffix == ".csv" else pd.read_excel(listed, dtype=str)
    assert rows["fila"].tolist() == ["4"]
    assert "Norte: no dice dónde está." in rows["motivo"][0]
    assert "Alumnos: no es un número entero." in rows["motivo"][0]
    assert rows["Nombre"][0] == ("'=suma" if suffix == ".csv" else "=suma")
    if suffix == ".csv":
        rows.assign(Norte="8047300", Alumnos="12").to_csv(listed, index=False)
    else:
        _mend_sheet(listed, Norte=8047300, Alumnos=12)
    joined = mend(reopened(city), loaded.report.version.id, asked(listed))
    layer = reopened(city).layer("schools")
    assert (joined.n_loaded, joined.missing) == (3, ())
    assert sorted(layer.data["name"]) == ["=suma", "I.E. Dos", "I.E. Ñandú"]
    assert "missing" not in (layer.meta.note.en if layer.meta.note else "")


def _mend_sheet(path: Path, **values: object) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    columns = {cell.value: cell.column for cell in sheet[1]}
    for name, value in values.items():
        sheet.cell(row=2, column=columns[name], value=value)
    # a program that opens the list and saves it keeps text as text
    sheet.cell(row=2, column=columns["Nombre"]).data_type = "s"
    book.save(path)


def test_a_row_that_was_not_rejected_cannot_join_a_second_time(
    city: Area, schools_csv: Path, tmp_path: Path
) -> None:
    loaded = load(city, examine(city, asked(schools_csv, crs=UTM)), made=AT, accept_valid=True)
    again = tmp_path / "otra.csv"
    again.write_text("fila,Nombre,Este,Norte,motivo\n2,I.E. Dos,251600,8047400,x\n")
    with pytest.raises(InputError, match="1 are missing: 4"):
        mend(reopened(city), loaded.report.version.id, asked(again))


POLES = """id;este;norte
P-1;251500;8047500
P-2;251600;8047500
P-3;;8047500
P-4;;8047500
P-5;;8047500
"""


def lacking_poles(area: Area, tmp_path: Path) -> str:
    path = tmp_path / "postes.csv"
    path.write_text(POLES)
    examined = examine(area, asked(path, "poles", crs=UTM))
    loaded = load(area, examined, made=AT, accept_valid=True)
    assert loaded.missing == (4, 5, 6)
    return loaded.report.version.id


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("id,este,norte\nP-9,251800,8047500\n", "expected the column 'fila', found: id, este"),
        ("fila,id,este,norte\n,P-9,251800,8047500\n", "'fila' – is not missing"),
        ("fila,id,este,norte\n4.5,P-9,251800,8047500\n", "'fila' – is not missing"),
        ("fila,id,este,norte\ninf,P-9,251800,8047500\n", "'fila' – is not missing"),
        ("fila,id,este,norte\n4,A,251800,8047500\n4,B,251900,8047500\n", "'fila' 4 is not"),
        ("fila,id,este,norte\n4,A,251800,8047500\n2,B,251900,8047500\n", "3 are missing: 4, 5, 6"),
    ],
)
def test_a_list_joins_only_rows_that_lack_each_once(
    city: Area, tmp_path: Path, rows: str, said: str
) -> None:
    version = lacking_poles(city, tmp_path)
    listed = tmp_path / "m.csv"
    listed.write_text(rows)
    with pytest.raises(InputError, match=said):
        mend(reopened(city), version, asked(listed, "poles"))
    assert len(reopened(city).frame("poles")) == 2
    assert len(city.catalogue.versions.versions()) == 1


def test_a_mended_row_cannot_bear_the_code_of_one_that_was_accepted(
    city: Area, tmp_path: Path
) -> None:
    boxes = [shapely.box(x, 8047100, x + 50, 8047200).wkt for x in (251100, 251300)]
    path, listed = tmp_path / "sectores.csv", tmp_path / "m.csv"
    path.write_text(f"id;name;wkt\nS-1;Uno;{boxes[0]}\nS-1;Dos;{boxes[1]}\n")
    examined = examine(city, asked(path, "patrol_sectors", crs=UTM))
    version = load(city, examined, made=AT, accept_valid=True).report.version.id
    save_rejected(examined, listed, "es")
    with pytest.raises(InputError, match="none of its 1 rows"):
        mend(reopened(city), version, asked(listed, "patrol_sectors"))
    listed.write_text(listed.read_text(encoding="utf-8-sig").replace("S-1", "S-2"))
    assert mend(reopened(city), version, asked(listed, "patrol_sectors")).missing == ()


def test_a_second_list_keeps_what_the_first_joined(city: Area, tmp_path: Path) -> None:
    version = lacking_poles(city, tmp_path)
    listed = tmp_path / "m.csv"
    listed.write_text("fila,id,este,norte\n4,P-3,251800,8047500\n")
    first = mend(reopened(city), version, asked(listed, "poles"))
    assert first.missing == (5, 6)
    assert set(open_loads(reopened(city))) == {first.report.version.id}
    with pytest.raises(InputError, match="2 are missing: 5, 6"):
        mend(reopened(city), version, asked(listed, "poles"))
    listed.write_text("fila,id,este,norte\n5,P-4,251900,8047500\n6,P-5,251700,8047500\n")
    second = mend(reopened(city), version, asked(listed, "poles"))
    assert second.missing == ()
    assert sorted(reopened(city).frame("poles")["id"]) == ["P-1", "P-2", "P-3", "P-4", "P-5"]
    assert open_loads(reopened(city)) == {}
    with pytest.raises(InputError, match="has no load"):
        mend(reopened(city), version, asked(listed, "poles"))


def test_after_going_back_a_list_joins_what_is_in_use(city: Area, tmp_path: Path) -> None:
    version = lacking_poles(city, tmp_path)
    listed = tmp_path / "m.csv"
    listed.write_text("fila,id,este,norte\n4,wrong,251800,8047500\n")
    mend(reopened(city), version, asked(listed, "poles"))
    undo(reopened(city))
    assert version in open_loads(reopened(city))
    listed.write_text("fila,id,este,norte\n4,P-3,251800,8047500\n")
    mend(reopened(city), version, asked(listed, "poles"))
    assert sorted(reopened(city).frame("poles")["id"]) == ["P-1", "P-2", "P-3"]


def test_rows_of_a_list_that_still_fail_keep_their_numbers(city: Area, tmp_path: Path) -> None:
    version = lacking_poles(city, tmp_path)
    listed = tmp_path / "m.csv"
    listed.write_text("fila,id,este,norte\n5,P-4,zzz,8047500\n6,P-5,251700,8047500\n")
    examined = examine_fix(reopened(city), version, asked(listed, "poles"))
    save_rejected(examined, listed, "es")
    assert pd.read_csv(listed)["fila"].tolist() == [5]

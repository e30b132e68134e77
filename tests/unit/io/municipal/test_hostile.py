"""Files that mean harm, or that a careless program wrote: refused in one line, nothing unpacked."""

from __future__ import annotations

import re
import sqlite3
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from municipal_files import points
from municipal_files import read
from municipal_files import refused

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.municipal import sheets
from ilo_geo.io.municipal.limits import Limits
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.reading import read_rows
from ilo_geo.io.municipal.rows import clean_table

KML = """<?xml version="1.0" encoding="UTF-8"?>{doctype}
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>{name}</name>
<Point><coordinates>-71.33,-17.64</coordinates></Point></Placemark></Document></kml>"""
ZIP_OF_ZEROS = 20_000_000


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", **{"a.csv": b"0" * ZIP_OF_ZEROS})
    assert path.stat().st_size < ZIP_OF_ZEROS / limits().max_ratio
    refused(path, "unpacks to more than is let in")


def test_many_members_that_pass_alone_are_stopped_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = limits().model_copy(update={"max_unpacked_bytes": 2_000})
    monkeypatch.setattr("ilo_geo.io.municipal.archive.limits", lambda: small)
    members = {f"{n}.csv": b"abc,def\n" * 100 for n in range(3)}
    refused(zipped(tmp_path / "b.zip", **members), "unpacks to more")


def test_a_size_that_lies_in_the_header_changes_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", **{"a.csv": b"0" * ZIP_OF_ZEROS})
    stated = ZIP_OF_ZEROS.to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(stated) == 2
    path.write_bytes(content.replace(stated, (10).to_bytes(4, "little")))
    refused(path, "unpacks to more|cannot be read")


@pytest.mark.parametrize(
    "name", ["../out.csv", "/etc/out.csv", "a/../../out.csv", "C:\\out.csv", "..\\..\\out.csv"]
)
def test_a_zip_with_paths_outside_writes_nothing(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "here"
    inside.mkdir()
    refused(zipped(inside / "a.zip", **{name: b"a,b\n1,2\n"}), "leaves its folder")
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "a.zip"]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("datos.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(path, "is a link")


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    refused(zipped(tmp_path / "a.zip", **{"b.ZIP": b"PK"}), "another archive")


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_truncated_zip_is_one_line(tmp_path: Path, cut: int) -> None:
    path = zipped(tmp_path / "a.zip", **{"a.csv": bytes(range(256)) * 4})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError):
        read(path)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!doctype kml SYSTEM "http://localhost/x.dtd">',
        '<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_kml_are_refused_before_they_are_read(
    tmp_path: Path, doctype: str, encoding: str
) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(KML.format(doctype=doctype, name="&x;").encode(encoding))
    refused(path, "entities")
    refused(zipped(tmp_path / "a.kmz", **{"doc.kml": path.read_bytes()}), "entities")


def test_an_encoding_that_could_hide_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    text = KML.format(doctype="", name="a").replace("UTF-8", "UTF-7")
    path.write_bytes(text.encode())
    refused(path, "utf-7")


@pytest.mark.parametrize("name", ["a.kml", "a.dxf"])
def test_a_file_that_sends_a_driver_to_others_is_refused(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    path = tmp_path / name
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    refused(path, "pointer to other files")


def test_kml_and_kmz_are_read(tmp_path: Path) -> None:
    content = KML.format(doctype="", name="Plaza Ñ").encode()
    (tmp_path / "a.kml").write_bytes(content)
    for path in (tmp_path / "a.kml", zipped(tmp_path / "a.kmz", **{"doc.kml": content})):
        rows = read(path)
        assert rows.table["Name"].tolist() == ["Plaza Ñ"]
        assert rows.crs.to_epsg() == 4326


def test_a_polygon_of_ten_million_vertices_is_refused_before_it_is_in_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.gpkg"
    points().set_geometry([shapely.box(0, 0, 1, 1)] * 2, crs=4326).to_file(path, layer="a")
    # a blob as large, without the trouble of drawing it; SQLite writes zeros for nothing
    with sqlite3.connect(path) as database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE a SET geom = zeroblob(160000000) WHERE fid = 1")
    database.close()
    tracemalloc.start()
    refused(path, "vertices in one feature")
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_a_feature_with_more_vertices_than_allowed_is_refused_in_any_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few: Limits = limits().model_copy(update={"max_vertices_feature": 50})
    monkeypatch.setattr("ilo_geo.io.municipal.limits.limits", lambda: few)
    ring = shapely.Point(0, 0).buffer(1, quad_segs=50)
    for name in ("a.geojson", "a.gpkg"):
        points(1).set_geometry([ring], crs=4326).to_file(tmp_path / name)
        refused(tmp_path / name, "201 vertices in one feature; up to 50")


def test_hidden_and_turning_characters_are_taken_out_and_counted() -> None:
    bad = ["a\0b", "abc\u202egpj.exe", "\u200bÑandú ", "limpio", None]
    table, notices = clean_table(pd.DataFrame({"x": bad}))
    assert table["x"].tolist()[:4] == ["ab", "abcgpj.exe", "Ñandú", "limpio"]
    assert notices[0].fields == {"n": 3}


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg"])
def test_characters_that_hide_or_turn_come_out_of_every_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    dirty = ["Pla\x01za \u202eUno", "Dos"]
    if suffix == ".csv":
        path.write_text("nombre,x\nPla\0za \u202eUno,1\nDos,2\n", encoding="utf-8")
    else:
        points(2, nombre=dirty).to_file(path)
    table, notices = clean_table(read(path).table)
    assert table["nombre"].tolist() == ["Plaza Uno", "Dos"]
    assert notices[0].fields == {"n": 1}


def test_every_limit_is_said_in_words() -> None:
    source = Path(sheets.__file__).parent
    named = {
        name
        for path in source.glob("*.py")
        for name in re.findall(r'"(max_\w+)"', path.read_text(encoding="utf-8"))
    }
    assert named <= set(limits().words)
    for text in limits().words.values():
        assert "_" not in text.es + text.en


def test_a_drawing_of_blocks_within_blocks_is_counted_before_it_is_drawn(tmp_path: Path) -> None:
    blocks = ["0\nBLOCK\n2\nB0\n0\nPOINT\n10\n1\n20\n1\n0\nENDBLK\n"]
    insert = "0\nINSERT\n2\nB{}\n10\n0\n20\n0\n"
    blocks += [
        f"0\nBLOCK\n2\nB{n}\n" + insert.format(n - 1) * 10 + "0\nENDBLK\n" for n in range(1, 9)
    ]
    path = tmp_path / "a.dxf"
    path.write_text(
        f"0\nSECTION\n2\nBLOCKS\n{''.join(blocks)}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
        f"{insert.format(8)}0\nENDSEC\n0\nEOF\n"
    )
    refused(path, "entities in the drawing")
    path.write_text(path.read_text().replace(insert.format(7) * 10, insert.format(8), 1))
    refused(path, "within itself")


def test_blocks_and_faces_of_a_drawing_are_read_as_what_they_draw(tmp_path: Path) -> None:
    face = "".join(
        f"{10 + n}\n{x}\n{20 + n}\n{y}\n{30 + n}\n5\n"
        for n, (x, y) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)])
    )
    path = tmp_path / "a.dxf"
    path.write_text(
        "0\nSECTION\n2\nHEADER\n0\nENDSEC\n"
        "0\nSECTION\n2\nBLOCKS\n0\nBLOCK\n2\nB\n70\n0\n10\n0\n20\n0\n0\nPOINT\n8\nP\n10\n1\n20\n1\n"
        "0\nENDBLK\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
        f"0\nINSERT\n8\nP\n2\nB\n10\n100\n20\n200\n0\n3DFACE\n8\nF\n{face}0\nENDSEC\n0\nEOF\n"
    )
    rows = read(path)
    drawn = {geometry.geom_type: geometry for geometry in rows.geometry}
    assert drawn["Point"].equals(shapely.Point(101, 201))
    assert not shapely.has_z(rows.geometry).any()
    assert rows.crs is None


def test_a_workbook_gives_values_and_never_runs_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["nombre", "x", "y", "doble"])
    book.active.append(["a", 1, 2, "=B2*2"])
    hidden = book.create_sheet("oculta")
    hidden.append(["a"])
    hidden.append([1])
    hidden.sheet_state = "hidden"
    book.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    rows = read(path)
    assert rows.table["doble"].tolist() == [None]
    assert {notice.code for notice in rows.notices} == {"import.formulas", "import.macros"}


def test_a_workbook_that_is_a_bomb_or_declares_entities_is_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.xlsx", **{"xl/workbook.xml": b"<a>" + b" " * ZIP_OF_ZEROS})
    refused(bomb, "unpacks to more")
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'
    refused(zipped(tmp_path / "b.xlsx", **{"xl/workbook.xml": entity}), "entities")
    refused(zipped(tmp_path / "c.xlsx", **{"a.txt": b"x"}), "Excel workbook")


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.csv", b"", "holds no bytes"),
        ("a.csv", b"a,b\n", "holds no rows"),
        ("a.geojson", b"", "holds no bytes"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "holds no rows"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[', "cannot be read"),
        ("a.geojson", b"[1,2]", "expected .geojson"),
        ("a.gpkg", b"PK\x03\x04 not a database", "found ZIP; expected .gpkg"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 100, "cannot be read"),
        ("a.csv", b"SQLite format 3\0" + b"\0" * 100, "found SQLite"),
        ("a.xlsx", b"nombre,x,y\n", "found text"),
        ("a.kml", b"<html><body>404</body></html>", "expected <kml>"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\0" * 10, "cannot be read"),
        ("a.exe", b"MZ", "found .exe"),
    ],
)
def test_what_is_empty_damaged_or_misnamed_is_one_line(
    tmp_path: Path, name: str, content: bytes, match: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refused(path, match)


def test_a_zip_with_several_layers_asks_which(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", **{"uno.csv": b"a,b\n1,2\n", "dos.csv": b"a,b\n3,4\n"})
    assert "dos, uno" in refused(path, "has 2 layers")
    assert read_rows(path, name="a.zip", layer="uno").table["a"].tolist() == ["1"]
    with pytest.raises(InputError, match="no layer 'tres'"):
        read_rows(path, name="a.zip", layer="tres")


def test_a_disk_full_while_unpacking_says_so_and_names_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", **{"a.csv": b"a,b\n1,2\n"})

    def full(*_args: object) -> int:
        raise OSError(28, "No space left on device", str(tmp_path / "x"))

    monkeypatch.setattr("ilo_geo.io.municipal.archive._write", full)
    with pytest.raises(WorkspaceError, match="No space left on device") as caught:
        read(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_csv_of_one_column_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"barrio\nMiramar\n")
    assert read(path).table["barrio"].tolist() == ["Miramar"]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_encodings_are_found(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    text = separator.join(["año", "x"]) + "\n" + separator.join(["Ñandú", "1"]) + "\n"
    path.write_bytes(text.encode(encoding))
    assert read(path).table.to_dict("records") == [{"año": "Ñandú", "x": "1"}]


# what is UTF-8 and claimed to be 1252 cannot be told from what is meant so
@pytest.mark.parametrize(
    ("written", "cpg"),
    [
        ("ISO-8859-1", None),
        ("ISO-8859-1", "UTF-8"),
        ("ISO-8859-1", "1252"),
        ("UTF-8", None),
        ("UTF-8", "UTF-8"),
        ("UTF-8", "nonsense"),
    ],
)
def test_a_shapefile_is_read_right_whatever_its_cpg_claims(
    tmp_path: Path, written: str, cpg: str | None
) -> None:
    points(1, nombre=["Ñandú"]).to_file(tmp_path / "a.shp", encoding=written)
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (tmp_path / "a.cpg").write_text(cpg)
    assert read(tmp_path / "a.shp").table["nombre"].tolist() == ["Ñandú"]


def test_row_numbers_are_those_the_user_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n\n1,2\n,\n3,4\n")
    assert read(path).table.index.tolist() == [3, 5]
    points(3).to_file(tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg").table.index.tolist() == [1, 2, 3]
    assert np.isfinite(shapely.bounds(read(tmp_path / "a.gpkg").geometry)).all()

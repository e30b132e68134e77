"""Files of the municipality become layers: landing, mending, templates, places by name."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from import_town import AT
from import_town import UTM
from import_town import asked
from import_town import reopened
from pyproj import CRS
from pyproj import Transformer

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Status
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.services.areas import Area
from ilo_geo.services.imports import load
from ilo_geo.services.municipal_rows import examine
from ilo_geo.services.templates import save_template
from ilo_geo.services.templates import template_titles


def test_nothing_lands_while_a_row_fails(city: Area, schools_csv: Path) -> None:
    examined = examine(city, asked(schools_csv, crs=UTM))
    with pytest.raises(InputError, match="1 of 3 rows cannot be loaded; the first: row 4"):
        load(city, examined, made=AT)
    assert not reopened(city).has("schools") if "schools" in city.catalogue.declared else True
    assert city.catalogue.versions.versions() == ()


def test_valid_rows_land_when_asked_and_the_description_says_how_many_lack(
    city: Area, schools_csv: Path
) -> None:
    request = asked(schools_csv, crs="EPSG:24879", accuracy_m=12.0, source="UGEL", date="2026-03")
    loaded = load(city, examine(city, request), made=AT, accept_valid=True)
    layer = reopened(city).layer("schools")
    assert (loaded.n_loaded, loaded.missing) == (2, (4,))
    assert layer.data["name"].tolist() == ["I.E. Ñandú", "I.E. Dos"]
    assert layer.data["management"].tolist() == ["public", "private"]
    assert layer.data["pupils"].tolist() == [120, 300]
    # 12 m of the file and 16 m of the datum shift
    assert layer.meta.accuracy_m == pytest.approx(20.0)
    assert "1 of 3 rows of the file colegios.csv are missing" in layer.meta.note.en
    assert "PSAD56 to WGS 84 (8)" in layer.meta.note.es
    assert (layer.meta.source, layer.meta.status) == ("UGEL", Status.OBSERVED)


@pytest.mark.parametrize(
    ("said", "kept"), [("22/11/2025", "2025-11-22"), ("3/2025", "2025-03"), (" 2025 ", "2025")]
)
def test_a_date_may_be_written_as_in_peru(
    city: Area, schools_csv: Path, said: str, kept: str
) -> None:
    examined = examine(city, asked(schools_csv, crs=UTM, date=said))
    load(city, examined, made=AT, accept_valid=True)
    assert reopened(city).layer("schools").meta.date == kept


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"date": "abc"}, "colegios.csv: 'abc' is no date; expected dd/mm/yyyy"),
        ({"date": "31/02/2025"}, "'31/02/2025' is no date"),
        ({"date": "2025-13"}, "'2025-13' is no date"),
        ({"date": "20251122"}, "'20251122' is no date"),
        ({"accuracy_m": -1.0}, "the accuracy '-1' is not valid"),
        ({"accuracy_m": float("nan")}, "the accuracy 'nan' is not valid"),
    ],
)
def test_what_is_said_of_a_file_is_refused_before_it_is_read(
    city: Area, tmp_path: Path, said: dict[str, object], line: str
) -> None:
    with pytest.raises(InputError, match=line):
        examine(city, asked(tmp_path / "colegios.csv", crs=UTM, **said))


def test_a_mapping_is_kept_for_files_with_the_same_columns(city: Area, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("zz1;zz2;zz3\nUno;251500;8047500\n")
    with pytest.raises(InputError, match="no column says where"):
        examine(city, asked(path))
    pairs = {"zz1": "name", "zz2": "x", "zz3": "y"}
    load(city, examine(city, asked(path, crs=UTM, pairs=pairs)), made=AT)
    path.write_text("zz1;zz2;zz3\nDos;251600;8047500\n")
    examined = examine(reopened(city), asked(path, crs=UTM))
    assert examined.draft.recalled
    assert examined.checked.frame["name"].tolist() == ["Dos"]


def test_incidents_keep_only_what_the_analyses_need_and_say_so(city: Area, tmp_path: Path) -> None:
    path = tmp_path / "incidentes.csv"
    path.write_text(
        "Tipo,Fecha,Hora,Este,Norte,Agraviado,Relato\n"
        "robo,5/3/2026,9:30 p. m.,251500,8047500,Ana Pérez,Iba por la calle\n"
    )
    examined = examine(city, asked(path, "incidents", crs=UTM))
    load(city, examined, made=AT)
    frame = reopened(city).frame("incidents")
    assert set(frame.columns) == {"kind", "date", "time", "geometry"}
    assert frame[["kind", "date", "time"]].iloc[0].tolist() == ["robo", "2026-03-05", "21:30"]
    said = [n for n in examined.notices if n.code == "import.left_out"]
    assert said[0].fields["columns"] == "Agraviado, Relato"


def test_rows_are_placed_by_the_names_of_places_and_never_guessed(
    city: Area, tmp_path: Path
) -> None:
    path = tmp_path / "barrios.csv"
    path.write_text("nombre,barrio\nA,VILLA PARAISO\nB,miramar\nC,Nada\nD,\n")
    examined = examine(city, asked(path))
    reasons = {fault.row: fault.reason.code for fault in examined.checked.faults}
    assert reasons == {4: "import.row.no_place", 5: "import.row.place"}
    zone = city.frame("zones").set_index("name").geometry["Miramar"]
    placed = examined.checked.frame.to_crs(city.crs)
    assert placed.geometry.within(zone).all()
    # the radius of a circle as large as the zone: 1 km² each
    assert examined.accuracy_m == pytest.approx(np.sqrt(1e6 / np.pi))


def test_a_name_of_several_places_is_listed_with_them(city: Area, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("nombre,barrio\nA,Pampa\n")
    # the small city has a district of that name; now it has a settlement too
    point = gpd.GeoDataFrame({"name": ["Pampa"]}, geometry=[shapely.Point(251_000, 8_047_500)])
    point.set_crs(UTM).to_file(tmp_path / "s.gpkg")
    load(city, examine(city, asked(tmp_path / "s.gpkg", "settlements")), made=AT)
    fault = examine(reopened(city), asked(path)).checked.faults[0]
    assert fault.reason.code == "import.row.several_places"
    assert fault.reason.fields["n"] == 2
    title = reopened(city).meta("settlements").title.es
    path.write_text(f"nombre,barrio\nA,Pampa ({title})\n")
    assert len(examine(reopened(city), asked(path)).checked.frame) == 1


@pytest.mark.parametrize("suffix", [".xlsx", ".gpkg"])
@pytest.mark.parametrize("layer", list(template_titles()))
def test_a_filled_template_lands(city: Area, tmp_path: Path, layer: str, suffix: str) -> None:
    path = tmp_path / f"{layer}{suffix}"
    save_template(city, layer, path)
    n_rows = _fill_sheet(path) if suffix == ".xlsx" else _fill_gpkg(path, layer)
    examined = examine(city, asked(path, layer, crs=UTM))
    assert [(f.row, f.column, f.reason.text("en")) for f in examined.checked.faults] == []
    load(city, examined, made=AT)
    frame = reopened(city).frame(layer)
    assert len(frame) == n_rows
    assert set(layer_schemas()[layer].columns) <= set(frame.columns)


def _fill_sheet(path: Path) -> int:
    """Write the example again as a row of its own, with real coordinates."""
    book = openpyxl.load_workbook(path)
    sheet = book["Datos"]
    header = [cell.value for cell in sheet[1]]
    row = [cell.value for cell in sheet[2]]
    row = [v.removeprefix("EJEMPLO: ") if isinstance(v, str) else v for v in row]
    values = dict(zip(header, row, strict=True))
    shape = shapely.box(251_100, 8_047_100, 251_200, 8_047_200)
    values |= {"este": 251_500.5, "norte": "8047500,5"} if "este" in values else {"wkt": shape.wkt}
    sheet.append([values[name] for name in header])
    book.save(path)
    return 1


def _fill_gpkg(path: Path, layer: str) -> int:
    empty = gpd.read_file(path)
    assert len(empty) == 0
    assert empty.crs == CRS(UTM)
    point = layer_schemas()[layer].geometry == "point"
    shape = shapely.box(251_100, 8_047_100, 251_200, 8_047_200)
    values = {"kind": "parque", "access": "público", "tenure": "municipal", "use": "baldío"}
    values |= {"name": "Uno", "title": "Uno", "hours_per_day": 6.5, "id": "U-1"}
    columns = {name: [values.get(name)] for name in empty.columns if name != "geometry"}
    geometry = [shape.centroid if point else shapely.MultiPolygon([shape])]
    gpd.GeoDataFrame(columns, geometry=geometry, crs=UTM).to_file(path, layer=layer)
    return 1


def test_an_official_fault_trace_takes_the_place_of_the_derived(city: Area, tmp_path: Path) -> None:
    path = tmp_path / "falla.geojson"
    line = shapely.LineString([(251_000, 8_047_000), (252_000, 8_048_000)])
    frame = gpd.GeoDataFrame({"name": ["Falla Chololo"]}, geometry=[line], crs=UTM)
    frame.to_crs(DISPLAY_CRS).to_file(path)
    request = asked(path, "faults", status=Status.OFFICIAL, source="INGEMMET", date="2025")
    load(city, examine(city, request), made=AT)
    meta = reopened(city).meta("faults")
    assert (meta.status, meta.source, meta.date) == (Status.OFFICIAL, "INGEMMET", "2025")


def test_a_reading_shift_is_the_published_one(city: Area, tmp_path: Path) -> None:
    """PSAD56 to WGS 84 in Peru: -279, 175, -379 m of geocentric translation (NIMA TR8350.2)."""
    path = tmp_path / "a.csv"
    path.write_text("nombre;este;norte\nA;251500;8047500\n")
    got = examine(city, asked(path, crs="EPSG:24879")).checked.frame.geometry.iloc[0]
    grid = Transformer.from_crs(24879, 4248, always_xy=True)
    lon, lat = np.radians(grid.transform(251_500, 8_047_500))
    x, y, z = _geocentric(lon, lat, 6_378_388.0, 1 / 297.0)
    lon_deg, lat_deg = _geodetic(x - 279.0, y + 175.0, z - 379.0, 6_378_137.0, 1 / 298.257223563)
    assert (got.x, got.y) == pytest.approx((lon_deg, lat_deg), abs=1e-7)


def _geocentric(lon: float, lat: float, a_m: float, flat: float) -> tuple[float, float, float]:
    e2 = flat * (2 - flat)
    n_m = a_m / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    along = n_m * np.cos(lat)
    return along * np.cos(lon), along * np.sin(lon), n_m * (1 - e2) * np.sin(lat)


def _geodetic(x: float, y: float, z: float, a_m: float, flat: float) -> tuple[float, float]:
    e2, p = flat * (2 - flat), np.hypot(x, y)
    lat = np.arctan2(z, p * (1 - e2))
    for _ in range(10):
        n_m = a_m / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * n_m * np.sin(lat), p)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(lat))


def test_a_full_disk_leaves_what_was_there(
    city: Area, schools_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(city, examine(city, asked(schools_csv, crs=UTM)), made=AT, accept_valid=True)
    before = reopened(city).layer("schools").sha256
    examined = examine(reopened(city), asked(schools_csv, crs=UTM))

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ilo_geo.io.vector.pyogrio.write_dataframe", full)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        load(city, examined, made=AT.replace(hour=14), accept_valid=True)
    assert reopened(city).layer("schools").sha256 == before
    assert len(city.catalogue.versions.versions()) == 1


@pytest.mark.parametrize(("declared", "doubted"), [(UTM, "EPSG:24879"), ("EPSG:24879", None)])
def test_a_file_on_the_other_datum_is_doubted_where_a_survey_speaks_for_it(
    city: Area, tmp_path: Path, declared: str, doubted: str | None
) -> None:
    """What is drawn in PSAD56 over surveyed schools lies 400 m off if it is taken for WGS 84."""
    middle = [shapely.Point(251_000, 8_047_000 + 150 * n) for n in range(10)]
    drawn = gpd.GeoDataFrame({"name": "x"}, index=range(10), geometry=middle, crs=UTM)
    drawn.to_file(tmp_path / "s.gpkg")
    load(city, examine(city, asked(tmp_path / "s.gpkg")), made=AT)
    shifted = drawn.to_crs("EPSG:24879").set_crs(declared, allow_override=True)
    shifted.to_file(tmp_path / "p.gpkg")
    examined = examine(reopened(city), asked(tmp_path / "p.gpkg"))
    said = [n.fields["twin"] for n in examined.notices if n.code == "import.datum_suspect"]
    assert said == ([doubted] if doubted else [])

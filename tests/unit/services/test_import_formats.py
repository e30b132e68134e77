"""The same two parks, written by GDAL in every format, become the same layer."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from small_city import write_small_city

from ilo_geo.core.errors import InputError
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_rows import examine

PSAD56, UTM, DEGREES = "EPSG:24879", "EPSG:32719", "EPSG:4326"
SHAPES = [shapely.box(251_100 + east, 8_047_100, 251_200 + east, 8_047_200) for east in (0, 300)]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Area:
    folder = tmp_path_factory.mktemp("formats")
    return open_area(write_small_city(folder / "city"), Workspace(folder / "workspace"))


def parks(crs: str) -> gpd.GeoDataFrame:
    columns = {
        "NOMBRE": ["Ñandú", "Dos"],
        "TIPO": ["Parque", "plaza"],
        "ACCESO": ["público", "Privado"],
    }
    return gpd.GeoDataFrame(columns, geometry=SHAPES, crs=PSAD56).to_crs(crs)


def zipped(source: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in source.rglob("*"):
            archive.write(path, path.relative_to(source))
    return target


def shapefile(folder: Path) -> Path:
    (folder / "shp").mkdir()
    parks(PSAD56).to_file(folder / "shp" / "parques.shp", encoding="ISO-8859-1")
    (folder / "shp" / "parques.cpg").unlink(missing_ok=True)
    return zipped(folder / "shp", folder / "parques.zip")


def geodatabase(folder: Path) -> Path:
    path = folder / "gdb" / "parques.gdb"
    path.parent.mkdir()
    parks(PSAD56).to_file(path, driver="OpenFileGDB")
    return path


def by_driver(suffix: str, crs: str, **options: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"parques{suffix}"
        parks(crs).to_file(path, **options)
        return path

    return write


def kmz(folder: Path) -> Path:
    (folder / "kmz").mkdir()
    parks(DEGREES).to_file(folder / "kmz" / "doc.kml", driver="LIBKML")
    return zipped(folder / "kmz", folder / "parques.kmz")


def sheet(suffix: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        frame = parks(PSAD56)
        table = frame.drop(columns="geometry").assign(wkt=frame.geometry.to_wkt())
        path = folder / f"parques{suffix}"
        table.to_excel(path, index=False) if suffix == ".xlsx" else table.to_csv(path, index=False)
        return path

    return write


@pytest.mark.parametrize(
    "write",
    [
        shapefile,
        geodatabase,
        lambda folder: zipped(geodatabase(folder).parent, folder / "g.zip"),
        by_driver(".gpkg", PSAD56),
        by_driver(".gpkg", UTM),
        by_driver(".geojson", DEGREES),
        by_driver(".kml", DEGREES, driver="LIBKML"),
        kmz,
        sheet(".csv"),
        sheet(".xlsx"),
    ],
    ids=["shp", "gdb", "gdb.zip", "gpkg", "gpkg-utm", "geojson", "kml", "kmz", "csv", "xlsx"],
)
def test_every_format_gives_the_same_rows(
    city: Area, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path = write(tmp_path)
    crs = PSAD56 if path.suffix in (".csv", ".xlsx") else None
    request = ImportRequest(path=path, name=path.name, layer="parks", crs=crs)
    examined = examine(city, request)
    frame = examined.checked.frame
    assert examined.checked.faults == ()
    assert frame["name"].tolist() == ["Ñandú", "Dos"]
    assert frame["kind"].tolist() == ["park", "plaza"]
    assert frame["access"].tolist() == ["public", "private"]
    expected = gpd.GeoSeries(SHAPES, crs=PSAD56).to_crs(UTM)
    # KML keeps 15 digits, a FileGDB a tenth of a millimetre
    apart_m = frame.to_crs(UTM).geometry.reset_index(drop=True).hausdorff_distance(expected)
    assert apart_m.max() < 0.002


def test_a_drawing_gives_closed_lines_as_parks_and_must_be_told_the_rest(
    city: Area, tmp_path: Path
) -> None:
    path = tmp_path / "parques.dxf"
    # a DXF keeps no system, whatever its writer was told
    lines = gpd.GeoDataFrame(geometry=[shape.exterior for shape in SHAPES], crs=UTM)
    lines.to_file(path, driver="DXF")
    asked = {"path": path, "name": path.name, "layer": "parks"}
    with pytest.raises(InputError, match="states no reference system"):
        examine(city, ImportRequest(**asked))
    with pytest.raises(InputError, match="needs the columns kind, access"):
        examine(city, ImportRequest(**asked, crs=UTM))
    told = {"kind": "park", "access": "público"}
    examined = examine(city, ImportRequest(**asked, crs=UTM, constants=told))
    assert examined.checked.frame["access"].tolist() == ["public"] * 2
    assert {n.code for n in examined.notices} >= {"import.closed_lines", "import.datum_untold"}


def test_rows_fail_for_what_is_wrong_with_their_shape(city: Area, tmp_path: Path) -> None:
    bowtie = shapely.Polygon(
        [(251_500, 8_047_500), (251_600, 8_047_600), (251_600, 8_047_500), (251_500, 8_047_600)]
    )
    touching = shapely.Polygon(
        SHAPES[0].exterior.coords,
        [[(251_100, 8_047_150), (251_150, 8_047_120), (251_150, 8_047_180)]],
    )
    far = shapely.box(400_000, 8_047_000, 400_100, 8_047_100)
    shapes = [SHAPES[0], bowtie, shapely.Point(251_500, 8_047_500), None, far, touching, SHAPES[0]]
    frame = gpd.GeoDataFrame(
        {"tipo": "parque", "acceso": "público"}, index=range(7), geometry=shapes
    )
    path = tmp_path / "p.gpkg"
    frame.set_crs(UTM).to_file(path)
    examined = examine(city, ImportRequest(path=path, name="p.gpkg", layer="parks"))
    assert {f.row: f.reason.code.removeprefix("import.row.") for f in examined.checked.faults} == {
        2: "self_crossing",
        3: "wrong_type",
        4: "no_geometry",
        5: "far",
    }
    assert examined.checked.frame.index.tolist() == [1, 6, 7]
    said = {n.code: n.fields for n in examined.notices}
    assert said["import.duplicates"] == {"n": 1}
    assert examined.checked.frame.geometry.is_valid.all()

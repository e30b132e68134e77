"""The toy extract lies in Ilo's UTM zone; the real city proves that an area is configuration."""

import os
from datetime import UTC
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import osmium
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.features import shapes
from shapely.geometry import shape

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.quality import Action
from ilo_geo.io.osm import read_osm
from ilo_geo.io.population_file import read_population_file
from ilo_geo.services import layer_folders
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import open_area
from ilo_geo.services.init_area import init_area
from ilo_geo.services.init_layers import Stated
from ilo_geo.services.init_layers import init_table

TOY = Path(__file__).parents[2] / "data" / "toy.osm"
CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(-17.6495, -71.3385, 9), 2))


@pytest.fixture
def population(tmp_path) -> Path:
    path = tmp_path / "cells.csv"
    table = {"id": CELLS, "population": range(1, 20), "age_0_14": 1}
    pd.DataFrame(table).to_csv(path, index=False)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "Ciudad Ñ"


def without(*, tag, folder):
    """Return the toy extract without the lines that carry a tag."""
    path = folder / "less.osm"
    lines = TOY.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if tag not in line), encoding="utf-8")
    return path


def dem_of(path, values):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=Affine(0.0005, 0, -71.36, 0, -0.0005, -17.63),
        nodata=-32768,
    ) as file:
        file.write(values.astype("int16"), 1)
    return path


def test_an_area_is_made_whole_and_reads_back(folder, population, workspace, tmp_path):
    dem = dem_of(tmp_path / "dem.tif", np.full((90, 90), 120))
    report = init_area(folder, osm=TOY, population=population, dem=dem)
    area = open_area(folder, workspace)
    assert area.config.id == "ciudad_n"
    assert area.config.crs == report.crs == "EPSG:32719"
    for name, n_features in report.n_features.items():
        assert area.layer(name).quality.n_features == n_features
        assert area.layer(name).quality.count(Action.SET_ASIDE) == 0
    assert area.frame("population")["population"].sum() == 190 == report.population_inhab
    assert [group.column for group in area.config.age_groups] == ["age_0_14"]
    terrain = area.layer("terrain")
    assert isinstance(terrain, RasterLayer)
    assert np.nanmin(terrain.values) == np.nanmax(terrain.values) == 120
    codes = [notice.code for notice in report.notices]
    assert codes == ["init.few_dwellings", "init.osm_incomplete"]
    assert set(area.catalogue.declared) == {*report.n_features, "terrain"}
    assert not [path for path in folder.parent.iterdir() if path.name.startswith(".writing")]


def with_a_far_street(folder):
    """Return the toy extract and a street 100 km away, as a country's file is."""
    path = folder / "country.osm.pbf"
    street = osmium.osm.mutable.Way(id=10**6, nodes=[10**6, 10**6 + 1], tags={"highway": "primary"})
    with osmium.SimpleWriter(str(path)) as writer:
        for node in osmium.FileProcessor(str(TOY), osmium.osm.NODE):
            writer.add(node)
        for i in range(2):
            writer.add_node(
                osmium.osm.mutable.Node(id=10**6 + i, location=(-70.3, -17.6 + i / 100))
            )
        for way in osmium.FileProcessor(str(TOY), osmium.osm.WAY):
            writer.add(way)
        writer.add_way(street)
        for relation in osmium.FileProcessor(str(TOY), osmium.osm.RELATION):
            writer.add(relation)
    return path


def test_of_a_country_only_what_is_around_the_people_is_read(folder, population, tmp_path):
    told = []
    country = with_a_far_street(tmp_path)
    report = init_area(
        folder,
        osm=country,
        population=population,
        progress=lambda _code, ratio, /, **_: told.append(ratio),
    )
    assert len(read_osm(country).layers["streets"]) == report.n_features["streets"] + 1
    city = init_area(tmp_path / "city", osm=TOY, population=population)
    assert city.n_features == report.n_features
    assert told == sorted(told)


def test_layers_from_openstreetmap_say_so(folder, population, workspace):
    init_area(folder, osm=TOY, population=population)
    area = open_area(folder, workspace)
    parks, districts = area.meta("parks"), area.meta("districts")
    assert (parks.licence, parks.status) == ("ODbL 1.0, © OpenStreetMap contributors", "observed")
    assert (districts.status, districts.source) == ("derived", "cells.csv")
    assert not area.has("terrain")


def test_administrative_boundaries_are_the_zones_where_there_are_two(folder, population, workspace):
    init_area(folder, osm=TOY, population=population)
    assert list(open_area(folder, workspace).frame("zones")["name"]) == ["Oeste", "Este"]


def test_zones_are_else_units_grouped_by_their_h3_cell(folder, population, workspace, tmp_path):
    osm = without(tag="administrative", folder=tmp_path)
    init_area(folder, osm=osm, population=population)
    zones, units = (open_area(folder, workspace).frame(name) for name in ("zones", "population"))
    assert set(zones["id"]) == {h3.cell_to_parent(cell, 7) for cell in CELLS}
    assert zones.area.sum() == pytest.approx(units.area.sum(), rel=1e-9)
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())


def test_a_city_without_any_park_is_made(folder, population, workspace, tmp_path):
    osm = without(tag="leisure", folder=tmp_path)
    report = init_area(folder, osm=osm, population=population)
    area = open_area(folder, workspace)
    assert len(area.frame("parks")) == 0
    assert "init.no_parks" in [notice.code for notice in report.notices]


def test_the_crs_and_title_given_are_used(folder, population, workspace):
    init_area(folder, osm=TOY, population=population, crs="EPSG:24879", title="Villa")
    area = open_area(folder, workspace)
    assert (area.config.crs, area.config.title.en) == ("EPSG:24879", "Villa")


@pytest.mark.parametrize(
    ("crs", "code"), [("EPSG:4326", "crs.not_metric"), ("nonsense", "crs.unknown")]
)
def test_a_crs_that_is_unknown_or_not_metric_is_refused(folder, population, crs, code):
    with pytest.raises(CrsError) as caught:
        init_area(folder, osm=TOY, population=population, crs=crs)
    assert caught.value.code == code
    assert not folder.exists()


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_earlier_area_is_replaced_only_when_asked(folder, population, workspace):
    init_area(folder, osm=TOY, population=population, title="Before")
    before = contents(folder)
    with pytest.raises(InputError, match="--replace") as caught:
        init_area(folder, osm=TOY, population=population, title="After")
    assert caught.value.code == "init.exists"
    assert contents(folder) == before
    init_area(folder, osm=TOY, population=population, title="After", replace=True)
    assert open_area(folder, workspace).config.title.en == "After"


def test_files_that_init_did_not_write_are_never_replaced(folder, population):
    init_area(folder, osm=TOY, population=population)
    (folder / "trees").mkdir()
    (folder / "trees" / "survey.gpkg").touch()
    config = folder / "area.yaml"
    config.write_text(config.read_text("utf-8") + "# mine\n", "utf-8")
    before = contents(folder)
    with pytest.raises(InputError) as caught:
        init_area(folder, osm=TOY, population=population, replace=True)
    assert caught.value.code == "init.foreign_files"
    assert "2 files" in str(caught.value)
    assert "area.yaml, trees/survey.gpkg" in str(caught.value)
    assert contents(folder) == before


def test_a_folder_of_other_files_and_a_file_are_refused(tmp_path, population):
    for folder, said in ((tmp_path, "holds other files"), (population, "is a file")):
        with pytest.raises(InputError, match=said) as caught:
            init_area(folder, osm=TOY, population=population, replace=True)
        assert caught.value.code == "init.folder_in_use"


def test_what_was_stated_of_a_file_is_in_its_description(folder, population, workspace, tmp_path):
    dem = dem_of(tmp_path / "dem.tif", np.full((90, 90), 120))
    init_area(
        folder,
        osm=TOY,
        population=population,
        dem=dem,
        population_stated=Stated("INEI", "CC BY 4.0", "2017-10"),
        dem_stated=Stated(source="SRTM"),
    )
    area = open_area(folder, workspace)
    people, terrain = area.meta("population"), area.meta("terrain")
    assert (people.source, people.licence, people.date) == ("INEI", "CC BY 4.0", "2017-10")
    assert people.note is None
    assert (terrain.source, terrain.note) == ("SRTM", init_table().notes.date)
    assert area.config.population_bases[0].source == "INEI"


def test_what_was_not_stated_is_said_and_not_invented(folder, population, workspace):
    noon = datetime(2020, 5, 17, 12, tzinfo=UTC).timestamp()
    os.utime(population, (noon, noon))
    init_area(folder, osm=TOY, population=population)
    area = open_area(folder, workspace)
    people = area.meta("population")
    assert (people.date, people.status) == ("2020-05-17", "observed")
    assert "Fecha del archivo; la de los datos no se indicó." in people.note.es
    assert "Source not stated nor verified" in people.note.en
    assert area.meta("streets").note == init_table().notes.date


@pytest.mark.parametrize("date", ["yesterday", "17-05-2020"])
def test_a_date_that_is_none_is_refused(folder, population, date):
    with pytest.raises(ParameterError, match="is no date; expected dd/mm/yyyy"):
        init_area(folder, osm=TOY, population=population, population_stated=Stated(date=date))


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32636"])
def test_a_crs_that_distorts_the_city_is_refused(folder, population, crs):
    with pytest.raises(CrsError) as caught:
        init_area(folder, osm=TOY, population=population, crs=crs)
    assert caught.value.code == "crs.distorts"
    assert not folder.exists()


def test_a_crs_written_into_area_yaml_is_checked_against_the_districts(
    folder, population, workspace
):
    init_area(folder, osm=TOY, population=population)
    config = folder / "area.yaml"
    config.write_text(config.read_text("utf-8").replace("EPSG:32719", "EPSG:3857"), "utf-8")
    with pytest.raises(CrsError, match=r"area\.yaml: EPSG:3857 does not fit"):
        open_area(folder, workspace).layer("parks")


def test_a_place_without_utm_zone_is_one_clear_line(folder, tmp_path):
    path = tmp_path / "pole.csv"
    pd.DataFrame({"id": [h3.latlng_to_cell(89, 10, 5)], "population": 5}).to_csv(path)
    with pytest.raises(CrsError) as caught:
        init_area(folder, osm=TOY, population=path)
    assert caught.value.code == "crs.no_utm"


def test_nodata_over_people_is_refused_with_their_share(folder, population, tmp_path):
    values = np.full((90, 90), 120)
    values[:, 40:] = -32768
    dem = dem_of(tmp_path / "dem.tif", values)
    with pytest.raises(InputError) as caught:
        init_area(folder, osm=TOY, population=population, dem=dem)
    assert caught.value.code == "raster.nodata"
    assert 0 < float(caught.value.fields["found"].rstrip("%")) < 100
    assert not folder.exists()


def test_files_of_two_cities_are_refused(folder, tmp_path):
    path = tmp_path / "elsewhere.csv"
    pd.DataFrame({"id": [h3.latlng_to_cell(-30, -51, 9)], "population": 5}).to_csv(path)
    with pytest.raises(InputError) as caught:
        init_area(folder, osm=TOY, population=path)
    assert caught.value.code == "init.no_overlap"


def test_nobody_anywhere_is_refused(folder, tmp_path):
    path = tmp_path / "empty.csv"
    pd.DataFrame({"id": CELLS, "population": 0}).to_csv(path)
    with pytest.raises(InputError) as caught:
        init_area(folder, osm=TOY, population=path)
    assert caught.value.code == "population.no_people"


def test_a_bad_population_leaves_nothing(folder, tmp_path):
    path = tmp_path / "bad.csv"
    pd.DataFrame({"id": CELLS, "population": -1}).to_csv(path)
    with pytest.raises(SchemaError):
        init_area(folder, osm=TOY, population=path)
    assert not folder.exists()


def test_a_full_disk_leaves_the_earlier_area(folder, population, monkeypatch):
    init_area(folder, osm=TOY, population=population, title="Before")
    before = contents(folder)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layer_folders, "write_gpkg", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        init_area(folder, osm=TOY, population=population, title="After", replace=True)
    assert contents(folder) == before


def test_a_cancelled_job_leaves_nothing(folder, population):
    def stop(code, done_ratio):
        if code == "progress.write_layers" and done_ratio > 0.8:
            raise CancelledError

    with pytest.raises(CancelledError):
        init_area(folder, osm=TOY, population=population, progress=stop)
    assert list(folder.parent.iterdir()) == [population]


def test_every_layer_has_a_theme_of_the_catalogue():
    themes = {theme.id for theme in init_table().themes}
    assert {layer.theme for layer in init_table().layers.values()} == themes


@pytest.mark.real_city
def test_a_real_city_is_made_from_its_files(folder, workspace, porto_alegre):
    cells = porto_alegre / "poa_hexgrid.csv"
    report = init_area(
        folder,
        osm=porto_alegre / "poa_osm.pbf",
        dem=porto_alegre / "poa_elevation.tif",
        population=cells,
        title="Porto Alegre",
    )
    area = open_area(folder, workspace)
    assert area.config.crs == "EPSG:32722"
    for name in area.catalogue.declared:
        area.layer(name)
    # the figures of the city's README
    units = area.frame("population")
    assert (len(units), units["population"].sum()) == (1227, 812_935)
    levels = [area.frame(level).area.sum() for level in area.config.levels]
    assert levels == pytest.approx([units.area.sum()] * 2, rel=1e-9)
    assert list(read_population_file(cells)["id"]) == list(units["id"])
    assert isinstance(area.frame("streets"), gpd.GeoDataFrame)
    assert "init.few_dwellings" in [notice.code for notice in report.notices]
    # its OpenStreetMap extract holds two ponds and not the lake: no flood may start in a pond
    with pytest.raises(InputError, match="no sea or lake of at least 1 km²"):
        analyse(area, "tsunami", {})
    _load_lake(folder, area)
    area = open_area(folder, workspace)
    flooded = [
        analyse(area, "tsunami", {"level_m": level, "n_draws": 20}).summary for level in (5, 10)
    ]
    assert 1e6 < flooded[0]["flooded_land_m2"] < flooded[1]["flooded_land_m2"]
    assert 0 < flooded[0]["exposed_inhab"] < flooded[1]["exposed_inhab"]


def _load_lake(folder, area):
    """Put the lake where a municipality would: the cells at 0 m as the layer of water."""
    terrain = area.raster("terrain")
    lake = (terrain.values <= 0).astype(np.uint8)  # noqa: PD011 - an array
    outlines = [shape(g) for g, _ in shapes(lake, mask=lake > 0, transform=terrain.transform)]
    largest = max(outlines, key=lambda polygon: polygon.area)
    path = folder / "water" / "data.gpkg"
    path.unlink()
    water = gpd.GeoDataFrame(geometry=[largest], crs=area.crs).to_crs(area.meta("water").crs)
    water.to_file(path, driver="GPKG", layer="water")

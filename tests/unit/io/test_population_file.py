import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.io.population_file import age_columns
from ilo_geo.io.population_file import read_population_file

CENTRE = h3.latlng_to_cell(-17.64, -71.34, 9)
CELLS = sorted(h3.grid_disk(CENTRE, 2))


def written(path, **columns):
    table = {"id": CELLS, "population": range(len(CELLS)), **columns}
    pd.DataFrame(table).to_csv(path, index=False)
    return path


def square(x_m):
    """Return a square of 100 m in Ilo, EPSG:32719."""
    return shapely.box(252_000 + x_m, 8_047_000, 252_100 + x_m, 8_047_100)


def polygons(**columns):
    squares = [square(x) for x in (0, 100, 200)]
    table = {"population": [10, 0, 30], **columns}
    return gpd.GeoDataFrame(table, geometry=squares, crs="EPSG:32719")


def faults_of(path):
    with pytest.raises(SchemaError) as caught:
        read_population_file(path)
    assert caught.value.code == "population.invalid"
    assert str(path) in str(caught.value)
    return list(caught.value.faults)


def test_h3_cells_become_the_polygons_h3_says_and_share_their_sides(tmp_path):
    units = read_population_file(written(tmp_path / "cells.csv", age_0_14=1))
    assert units["population"].sum() == sum(range(len(CELLS)))
    assert age_columns(units) == ["age_0_14"]
    areas_m2 = [abs(Geod(ellps="sphere").geometry_area_perimeter(g)[0]) for g in units.geometry]
    expected_m2 = [h3.cell_area(cell, "m^2") for cell in units["id"]]
    np.testing.assert_allclose(areas_m2, expected_m2, rtol=1e-3)
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert shapely.union_all(units.geometry.to_numpy()).geom_type == "Polygon"


def test_every_bad_row_of_a_table_is_listed_by_its_line_in_the_file(tmp_path):
    counts = [5.0] * len(CELLS)
    counts[1], counts[3] = -1, np.nan
    ids = [*CELLS]
    ids[4], ids[6] = "nowhere", ids[5]
    faults = " | ".join(faults_of(written(tmp_path / "bad.csv", population=counts, id=ids)))
    assert "below 0 in row 3" in faults
    assert "no value in row 5" in faults
    assert "no H3 cell in row 6" in faults
    assert "repeats in row 8" in faults


@pytest.mark.parametrize("bad", ["many", np.inf])
def test_a_count_that_is_no_number_is_refused(tmp_path, bad):
    counts = [5, bad, *[5] * (len(CELLS) - 2)]
    assert "row 3" in faults_of(written(tmp_path / "bad.csv", population=counts))[0]


@pytest.mark.parametrize("missing", ["id", "population"])
def test_a_missing_column_is_named(tmp_path, missing):
    path = tmp_path / "bad.csv"
    pd.read_csv(written(path)).drop(columns=missing).to_csv(path, index=False)
    assert f"column '{missing}' is missing" in faults_of(path)[0]


def test_points_do_not_say_which_area_people_live_in(tmp_path):
    path = tmp_path / "points.csv"
    points = {"id": ["a", "b"], "lon": [1, 2], "lat": [1, 2], "population": 5}
    pd.DataFrame(points).to_csv(path, index=False)
    assert "no H3 cell in rows 2, 3" in faults_of(path)[0]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_polygons_keep_their_counts_and_get_ids(tmp_path, suffix):
    path = tmp_path / f"units{suffix}"
    frame = polygons(age_0_14=[1, 0, 3])
    (frame if suffix == ".gpkg" else frame.to_crs(4326)).to_file(path)
    units = read_population_file(path)
    assert list(units["population"]) == [10, 0, 30]
    assert list(units["age_0_14"]) == [1, 0, 3]
    assert list(units["id"]) == ["1", "2", "3"]
    assert units.crs.to_epsg() == 4326


def test_negative_counts_and_bow_ties_of_polygons_are_refused_together(tmp_path):
    frame = polygons(population=[10, -4, 30])
    frame.loc[2, "geometry"] = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    frame.to_file(tmp_path / "bad.gpkg")
    faults = faults_of(tmp_path / "bad.gpkg")
    assert any("below 0 in row 1" in fault for fault in faults)
    assert any("no valid polygon in row 2" in fault for fault in faults)


def test_polygons_without_crs_are_refused(tmp_path):
    path = tmp_path / "units.shp"
    polygons().to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError) as caught:
        read_population_file(path)
    assert caught.value.code == "layer.crs_missing"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", "", "file.unreadable"),
        ("header.csv", "id,population\n", "file.empty"),
        ("empty.gpkg", "", "file.unreadable"),
    ],
)
def test_a_file_of_nothing_is_refused(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_population_file(path)
    assert caught.value.code == code


def test_a_gpkg_of_no_rows_and_no_file_are_refused(tmp_path):
    path = tmp_path / "none.gpkg"
    polygons().iloc[:0].to_file(path)
    with pytest.raises(InputError, match="holds no rows"):
        read_population_file(path)
    with pytest.raises(InputError, match="no such file"):
        read_population_file(tmp_path / "absent.csv")


def test_degrees_labelled_as_metres_are_refused_with_what_was_found_and_expected(tmp_path):
    path = tmp_path / "units.gpkg"
    polygons().to_crs("EPSG:4326").set_crs("EPSG:32719", allow_override=True).to_file(path)
    with pytest.raises(CrsError) as caught:
        read_population_file(path)
    assert caught.value.code == "crs.elsewhere"
    for said in (str(path), "-71.3", "EPSG:32719", "longitude -72 to -66", "Mend"):
        assert said in str(caught.value)


def test_data_in_the_neighbouring_zone_are_in_order(tmp_path):
    path = tmp_path / "units.gpkg"
    polygons().to_crs("EPSG:32718").to_file(path)
    assert len(read_population_file(path)) == 3

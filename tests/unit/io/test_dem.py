import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.io.dem import bare_inhab_ratio
from ilo_geo.io.dem import read_dem

CELL_M = 100.0
X0, Y0 = 250_000.0, 8_050_000.0


def tif(path, values, crs="EPSG:32719", nodata=-9999):
    height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=1,
        dtype="float32",
        crs=crs,
        transform=Affine(CELL_M, 0, X0, 0, -CELL_M, Y0),
        nodata=nodata,
    ) as file:
        file.write(values.astype("float32"), 1)
    return path


def units(*boxes):
    """Return boxes given in cells from the raster's upper left corner."""
    shapes = [
        shapely.box(X0 + a * CELL_M, Y0 - d * CELL_M, X0 + c * CELL_M, Y0 - b * CELL_M)
        for a, b, c, d in boxes
    ]
    return gpd.GeoDataFrame(geometry=shapes, crs="EPSG:32719")


VALUES = np.arange(60 * 80, dtype=float).reshape(60, 80)


def test_the_city_and_a_kilometre_around_it_are_kept_cell_by_cell(tmp_path):
    dem = read_dem(tif(tmp_path / "dem.tif", VALUES), units((30, 20, 40, 30)))
    assert dem.crs.to_epsg() == 32719
    col, row = ~Affine(CELL_M, 0, X0, 0, -CELL_M, Y0) @ (dem.transform.c, dem.transform.f)
    height, width = dem.elevation_m.shape
    assert (round(col), round(row)) == (20, 10)
    assert (height, width) == (30, 30)
    np.testing.assert_array_equal(dem.elevation_m, VALUES[10:40, 20:50])


def test_a_margin_beyond_the_file_is_no_fault(tmp_path):
    city = units((0, 0, 80, 60))
    dem = read_dem(tif(tmp_path / "dem.tif", VALUES), city)
    np.testing.assert_array_equal(dem.elevation_m, VALUES)
    assert bare_inhab_ratio(dem, city, pd.Series([7.0])) == 0


def test_inhabitants_where_no_cell_has_a_value_are_counted(tmp_path):
    values = VALUES.copy()
    values[:, 40:] = -9999
    city = units((0, 0, 20, 20), (30, 0, 50, 20), (60, 0, 80, 20), (90, 0, 95, 20))
    dem = read_dem(tif(tmp_path / "dem.tif", values), city)
    # the second is half covered; the third has no data, the fourth lies outside the file
    assert bare_inhab_ratio(dem, city, pd.Series([50.0, 20.0, 20.0, 10.0])) == 0.3


def test_a_file_of_another_place_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        read_dem(tif(tmp_path / "dem.tif", VALUES), units((500, 500, 510, 510)))
    assert caught.value.code == "raster.nodata"
    assert "100 %" in str(caught.value)


def test_a_file_without_crs_is_refused(tmp_path):
    with pytest.raises(CrsError) as caught:
        read_dem(tif(tmp_path / "dem.tif", VALUES, crs=None), units((0, 0, 9, 9)))
    assert caught.value.code == "layer.crs_missing"


@pytest.mark.parametrize("content", [b"", b"II*\0 cut off"])
def test_a_broken_file_is_refused(tmp_path, content):
    path = tmp_path / "dem.tif"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_dem(path, units((0, 0, 9, 9)))
    assert caught.value.code == "file.unreadable"
    with pytest.raises(InputError, match="no such file"):
        read_dem(tmp_path / "absent.tif", units((0, 0, 9, 9)))

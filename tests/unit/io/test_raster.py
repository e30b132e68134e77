from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.raster import read_raster
from ilo_geo.io.raster import write_raster

UTM = CRS("EPSG:32719")
GRID = Affine(30, 0, 250_000, 0, -30, 8_050_000)


def source(folder: Path, crs: str = "EPSG:32719") -> LayerSource:
    meta = LayerMeta.model_validate(
        {
            "id": "terrain", "title": {"es": "Relieve", "en": "Terrain"}, "theme": "land",
            "geometry": "raster", "crs": crs, "source": "toy", "licence": "CC0", "date": "2026",
            "accuracy_m": 30, "status": "modelled", "file": "data.tif",
        }
    )  # fmt: skip
    return LayerSource(meta, folder, Origin.SHIPPED)


def test_written_values_come_back_and_nodata_is_nan(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    values[1, 2] = np.nan
    write_raster(values, GRID, UTM, tmp_path / "data.tif")
    layer = read_raster(source(tmp_path), UTM)
    np.testing.assert_array_equal(layer.values, values)
    assert layer.transform == GRID
    assert layer.crs == UTM


def test_a_plane_is_the_same_plane_in_another_crs(tmp_path: Path) -> None:
    columns, rows = np.meshgrid(np.arange(60), np.arange(50))
    x, y = GRID @ (columns + 0.5, rows + 0.5)
    write_raster(0.01 * (x - 250_000) + 0.02 * (y - 8_050_000), GRID, UTM, tmp_path / "data.tif")
    other = CRS("EPSG:31979")
    layer = read_raster(source(tmp_path), other)
    assert layer.crs == other
    height, width = layer.values.shape
    middle = (height // 2, width // 2)
    x, y = layer.transform @ (middle[1] + 0.5, middle[0] + 0.5)
    expected = 0.01 * (x - 250_000) + 0.02 * (y - 8_050_000)
    # the two systems differ by centimetres here
    assert layer.values[middle] == pytest.approx(expected, abs=0.05)


def test_a_file_without_crs_or_with_another_is_refused(tmp_path: Path) -> None:
    write_raster(np.zeros((2, 2)), GRID, UTM, tmp_path / "data.tif")
    with pytest.raises(CrsError, match="EPSG:32719 but its description says EPSG:32718"):
        read_raster(source(tmp_path, "EPSG:32718"), UTM)
    profile = {"width": 2, "height": 2, "count": 1, "dtype": "float32", "transform": GRID}
    with rasterio.open(tmp_path / "data.tif", "w", driver="GTiff", **profile) as dataset:
        dataset.write(np.zeros((1, 2, 2), dtype=np.float32))
    with pytest.raises(CrsError, match="no reference system; expected EPSG:32719"):
        read_raster(source(tmp_path), UTM)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_empty_or_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "data.tif"
    write_raster(np.random.default_rng(1).normal(size=(600, 600)), GRID, UTM, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(InputError) as caught:
        read_raster(source(tmp_path), UTM)
    assert caught.value.code == "file.unreadable"
    assert str(path) in str(caught.value)

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.vector import read_table
from ilo_geo.io.vector import read_vector
from ilo_geo.io.vector import write_gpkg

UTM = CRS("EPSG:32719")


def source(folder: Path, file: str = "data.gpkg", **changes: Any) -> LayerSource:
    described = {
        "id": "tanks", "title": {"es": "Tanques", "en": "Tanks"}, "theme": "water",
        "geometry": "point", "crs": "EPSG:4326", "source": "toy", "licence": "CC0",
        "date": "2026", "accuracy_m": 5, "status": "observed", "file": file,
    }  # fmt: skip
    return LayerSource(LayerMeta.model_validate(described | changes), folder, Origin.SHIPPED)


def tanks(crs: str | None = "EPSG:4326", **columns: list[Any]) -> gpd.GeoDataFrame:
    where = gpd.points_from_xy([-71.34, -71.33], [-17.64, -17.65])
    return gpd.GeoDataFrame({"name": ["T1", "T2"]} | columns, geometry=where, crs=crs)


def test_a_layer_comes_in_the_city_crs_with_its_fingerprint(tmp_path: Path) -> None:
    frame = tanks()
    write_gpkg(frame, tmp_path / "data.gpkg", layer="tanks")
    layer = read_vector(source(tmp_path), UTM)
    assert layer.data.crs == UTM
    assert list(layer.data["name"]) == ["T1", "T2"]
    expected = frame.to_crs(UTM).geometry.to_numpy()
    assert (shapely.distance(layer.data.geometry.to_numpy(), expected) < 1e-6).all()
    content = (tmp_path / "data.gpkg").read_bytes()
    assert layer.ref.sha256 == hashlib.sha256(content).hexdigest()


def no_crs(path: Path) -> None:
    tanks(crs=None).to_file(path)


def other_crs(path: Path) -> None:
    tanks().to_crs("EPSG:32719").to_file(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("write", "code"), [(no_crs, "layer.crs_missing"), (other_crs, "layer.crs_disagrees")]
)
def test_a_crs_that_is_missing_or_disagrees_is_refused(
    tmp_path: Path, write: Callable[[Path], None], code: str
) -> None:
    write(tmp_path / "data.gpkg")
    with pytest.raises(CrsError) as caught:
        read_vector(source(tmp_path), UTM)
    assert caught.value.code == code
    assert str(tmp_path / "data.gpkg") in str(caught.value)
    assert "EPSG:4326" in str(caught.value)


def test_all_mismatches_of_a_file_are_refused_at_once(tmp_path: Path) -> None:
    frame = tanks(volume_m3=[-1.0, float("nan")]).drop(columns="name")
    frame.to_file(tmp_path / "data.gpkg")
    columns = {"volume_m3": {"kind": "number", "minimum": 0}}
    with pytest.raises(SchemaError) as caught:
        read_vector(source(tmp_path, columns=columns), UTM)
    assert caught.value.faults == (
        "column 'name' is missing (found: volume_m3, geometry)",
        "column 'volume_m3' has no value in row 1",
        "column 'volume_m3' is below 0 in row 0",
    )


def test_a_file_without_rows_is_a_layer_without_features(tmp_path: Path) -> None:
    tanks().iloc[:0].to_file(tmp_path / "data.gpkg")
    layer = read_vector(source(tmp_path), UTM)
    assert len(layer.data) == 0
    assert layer.data.crs == UTM
    assert layer.quality.n_features == 0


def test_bow_ties_are_reported_and_left_out(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    frame = gpd.GeoDataFrame(geometry=[bow_tie, shapely.box(0, 0, 9, 9)], crs=UTM)
    frame.to_file(tmp_path / "data.gpkg")
    changes = {"id": "water", "geometry": "polygon", "crs": "EPSG:32719"}
    layer = read_vector(source(tmp_path, **changes), UTM)
    assert len(layer.data) == 1
    assert list(layer.quality.findings["problem"]) == ["self_crossing"]


def absent(path: Path) -> None:
    path.unlink(missing_ok=True)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_in_half(path: Path) -> None:
    frame = tanks().loc[[0, 1] * 3000]
    write_gpkg(frame, path, layer="tanks")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def text(path: Path) -> None:
    path.write_text("these are not the features you are looking for")


@pytest.mark.parametrize("damage", [absent, empty, cut_in_half, text])
def test_a_damaged_file_is_named_and_not_taken_for_an_empty_one(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "data.gpkg"
    damage(path)
    with pytest.raises(InputError) as caught:
        read_vector(source(tmp_path), UTM)
    assert caught.value.code.startswith("file.")
    assert str(path) in str(caught.value)


def test_a_table_is_read_and_checked(tmp_path: Path) -> None:
    changes = {"id": "tariffs", "geometry": "table", "crs": None, "accuracy_m": None}
    columns = {"price_ratio": {"kind": "number", "minimum": 0}}
    described = source(tmp_path, "data.csv", columns=columns, **changes)
    pd.DataFrame({"price_ratio": [0.5, 1.0]}).to_csv(described.path, index=False)
    assert list(read_table(described).data["price_ratio"]) == [0.5, 1.0]
    pd.DataFrame({"price_ratio": [-0.5, 1.0]}).to_csv(described.path, index=False)
    with pytest.raises(SchemaError, match="'price_ratio' is below 0 in row 0"):
        read_table(described)
    described.path.write_bytes(b"")
    with pytest.raises(InputError, match="cannot be read"):
        read_table(described)

"""Layers of any content go into the one file and come back equal to the bit."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from affine import Affine
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import CRS
from same_area import assert_same_table

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.io.area_folder import write_layer_data
from ilo_geo.io.area_gpkg import Grid
from ilo_geo.io.area_gpkg import raw_data
from ilo_geo.io.area_gpkg import read_layer
from ilo_geo.io.area_gpkg import write_grids
from ilo_geo.io.area_gpkg import write_layer
from ilo_geo.io.area_gpkg import write_texts
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.gpkg_door import open_texts

RESERVED = ["order", "group", "select", "fid", "geom", "index", "fid_1", "table", "geometry_", "ñ"]
UTM = CRS("EPSG:32719")


def meta(layer_id: str, geometry: str, file: str) -> LayerMeta:
    said = {
        "id": layer_id, "title": {"es": "Capa", "en": "Layer"}, "theme": "t", "source": "toy",
        "geometry": geometry, "crs": None if geometry == "table" else "EPSG:4326",
        "licence": "CC0", "date": "2026", "accuracy_m": 1, "status": "observed", "file": file,
    }  # fmt: skip
    return LayerMeta.model_validate(said)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
names = st.one_of(
    st.sampled_from(RESERVED), st.text("abcñz_ 9-'\"", min_size=1, max_size=6).map(str.strip)
).filter(lambda name: name and name != "geometry" and name != "id")
values = st.one_of(
    st.lists(st.one_of(st.none(), texts), min_size=4, max_size=4),
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=4, max_size=4),
    st.lists(st.integers(-(2**53), 2**53), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.integers(-9, 2**40)), min_size=4, max_size=4),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.dates().map(str)), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=4, max_size=4),
)
columns = st.dictionaries(names, values, max_size=4).filter(
    lambda found: len({name.lower() for name in found}) == len(found)
)
degrees = st.floats(-60, 60, allow_nan=False, width=64)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """Return a kind of geometry and four shapes of it: single, multiple, or none."""
    kind = draw(st.sampled_from(["point", "line", "polygon"]))
    found = []
    for _ in range(4):
        x, y = draw(degrees), draw(degrees)
        one = {
            "point": shapely.Point(x, y),
            "line": shapely.LineString([(x, y), (x + 1.1, y / 3)]),
            "polygon": shapely.box(x, y, x + 0.1, y + 0.3),
        }[kind]
        how = draw(st.sampled_from(["one", "many", "none"]))
        if how == "many":
            one = shapely.multipoints([one]) if kind == "point" else one
            one = shapely.multilinestrings([one]) if kind == "line" else one
            one = shapely.multipolygons([one]) if kind == "polygon" else one
        found.append(None if how == "none" else one)
    return kind, found


def through(source: LayerSource, folder: Path) -> tuple[LayerSource, pd.DataFrame]:
    """Put a layer into the one file and back into a folder."""
    path = folder / "area.gpkg"
    write_layer(raw_data(source), path, source.meta.id, source.meta.geometry)
    write_texts(path, {"area.yaml": "id: x"})
    _, tables = open_texts(path)
    data = read_layer(path, source.meta, tables)
    assert data is not None
    back = folder / "back"
    back.mkdir()
    stored = write_layer_data(back, source.meta, data)
    return LayerSource(stored, back, Origin.SHIPPED), data


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shapes(), columns, st.integers(0, 4))
def test_features_come_back_equal(
    drawn: tuple[str, list[Any]], attributes: dict[str, list[Any]], n_rows: int
) -> None:
    kind, found = drawn
    features = [
        {
            "type": "Feature",
            "properties": {name: column[row] for name, column in attributes.items()},
            "geometry": None if found[row] is None else shapely.geometry.mapping(found[row]),
        }
        for row in range(n_rows)
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / "data.geojson").write_text(text, encoding="utf-8")
        source = LayerSource(meta("toy", kind, "data.geojson"), folder, Origin.SHIPPED)
        if not isinstance(pyogrio.read_dataframe(source.path), gpd.GeoDataFrame):
            return
        back, _ = through(source, folder)
        assert_same_table(raw_data(back), raw_data(source))


@settings(max_examples=25, deadline=None)
@given(columns.filter(bool), st.integers(0, 4))
def test_tables_come_back_equal(attributes: dict[str, list[Any]], n_rows: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = pd.DataFrame({name: pd.Series(column) for name, column in attributes.items()})
        rows.head(n_rows).to_csv(folder / "data.csv", index=False)
        source = LayerSource(meta("toy", "table", "data.csv"), folder, Origin.SHIPPED)
        back, _ = through(source, folder)
        assert_same_table(raw_data(back), raw_data(source))


def test_points_of_a_csv_keep_their_place(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("name,lon,lat\nA,-71.1234567890123,-17.1\n,-71.2,-17.3\n")
    source = LayerSource(meta("toy", "point", "data.csv"), tmp_path, Origin.SHIPPED)
    back, _ = through(source, tmp_path)
    assert_same_table(raw_data(back), raw_data(source))


@pytest.mark.parametrize("corner_m", [252_000.0, 8e6 / 3, 199_999.999_999_7])
def test_heights_come_back_to_the_bit(tmp_path: Path, corner_m: float) -> None:
    random = np.random.default_rng(7)
    cells = random.normal(500, 900, (300, 270)).astype(np.float32)
    cells[random.random(cells.shape) < 0.4] = np.nan
    cells[3, 3] = np.finfo(np.float32).max
    place = Affine(30.1, 0, corner_m, 0, -30.1, corner_m * 4)
    grids = {"terrain": Grid(cells, place, UTM), "slope": Grid(cells / 2, place, UTM)}
    path = tmp_path / "area.gpkg"
    write_grids(path, grids)
    write_texts(path, {"area.yaml": "id: x"})
    _, tables = open_texts(path)
    for name, expected in grids.items():
        found = read_layer(path, meta(name, "raster", "data.tif"), tables)
        assert isinstance(found, Grid)
        np.testing.assert_array_equal(found.cells, expected.cells)
        assert found.transform == expected.transform
        assert found.crs == expected.crs


def test_two_columns_alike_but_for_their_case_are_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"Name": ["a"], "name": ["b"]}, geometry=[shapely.Point(1, 2)])
    with pytest.raises(InputError, match="Name, name"):
        write_layer(
            frame.set_crs(4326), tmp_path / "a.gpkg", "toy", meta("t", "point", "f").geometry
        )
    assert not (tmp_path / "a.gpkg").exists()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "area.gpkg"
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[shapely.Point(1, 2)] * 2, crs=4326)
    write_layer(frame, path, "toy", meta("toy", "point", "f").geometry)
    write_texts(path, {"area.yaml": "id: x", "toy/layer.yaml": "id: toy"})
    return path


def run_sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_triggers_do_not_fire_and_views_are_no_tables(package: Path) -> None:
    fires = "BEGIN INSERT INTO fired VALUES (1); END"
    run_sql(
        package,
        "CREATE TABLE fired (n INTEGER)",
        *(
            f"CREATE TRIGGER t_{verb} AFTER {verb} ON ilo_geo_study_area {fires}"
            for verb in ("INSERT", "UPDATE", "DELETE")
        ),
        "CREATE VIEW lookalike AS SELECT * FROM toy",
    )
    before = package.read_bytes()
    texts_found, tables = open_texts(package)
    data = read_layer(package, meta("toy", "point", "f"), tables)
    assert isinstance(data, gpd.GeoDataFrame)
    assert data["name"].tolist() == ["a", "b"]
    assert read_layer(package, meta("lookalike", "point", "f"), tables) is None
    assert list(texts_found) == ["area.yaml", "toy/layer.yaml"]
    assert package.read_bytes() == before


@pytest.mark.parametrize("name", ["gpkg_contents", "ilo_geo_study_area"])
def test_a_view_in_the_place_of_a_table_is_refused(package: Path, name: str) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    run_sql(package, f"ALTER TABLE {name} RENAME TO away", f"CREATE VIEW {name} AS {endless}")
    with pytest.raises(InputError, match=f"{name} is no table"):
        open_texts(package)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd.yaml", "a/../../x.yaml", "a/b/c.yaml", "a\\b.yaml", "x.py", ""]
)
def test_a_path_that_leads_elsewhere_is_refused(package: Path, name: str) -> None:
    with closing(sqlite3.connect(package)) as database:
        database.execute("INSERT INTO ilo_geo_study_area (path, text) VALUES (?, 'x')", (name,))
        database.commit()
    with pytest.raises(InputError, match="names the file") as caught:
        open_texts(package)
    assert "\n" not in str(caught.value)


def test_what_is_not_ours_or_not_whole_is_refused_in_one_line(package: Path) -> None:
    whole = package.read_bytes()
    foreign = package.with_name("foreign.gpkg")
    with closing(sqlite3.connect(foreign)) as database:
        database.execute("CREATE TABLE t (x)")
    for content in (whole[: len(whole) // 2], whole[:-4096], whole[:100], b"", b"no database" * 99):
        package.write_bytes(content)
        with pytest.raises(InputError) as caught:
            open_texts(package)
        assert "\n" not in str(caught.value)
    for path in (foreign, foreign.with_name("none.gpkg")):
        with pytest.raises(InputError):
            open_texts(path)


def test_an_endless_text_is_refused(package: Path) -> None:
    run_sql(package, "UPDATE ilo_geo_study_area SET text = hex(zeroblob(1000000))")
    with pytest.raises(InputError, match="characters"):
        open_texts(package)

"""What goes in comes out equal; geopandas, psql and GDAL see the same in it."""

import json
import shutil
import subprocess

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from psycopg import sql
from pyproj import CRS
from shapely import LineString
from shapely import MultiPoint
from shapely import Point

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import SchemaError
from ilo_geo.io.postgis import connected
from ilo_geo.io.postgis import database_address
from ilo_geo.io.postgis_tables import fingerprint
from ilo_geo.io.postgis_tables import read_rows
from ilo_geo.io.postgis_tables import table_spec
from ilo_geo.io.postgis_tables import write_table

TABLE = sql.Identifier("public", 'Robert"); DROP TABLE x; --')
PLAIN = sql.Identifier("public", "plain")


def through(frame, table=PLAIN):
    """Return ``frame`` as it comes back from a table that stays."""
    with connected(database_address(), write=True) as connection:
        spec = table_spec(frame, connection, layer="layer")
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        write_table(connection, table, frame, spec)
    with connected(database_address()) as connection:
        return read_rows(connection, table, spec)


def assert_same(found, frame):
    check = assert_geodataframe_equal if isinstance(frame, gpd.GeoDataFrame) else assert_frame_equal
    check(found, frame)
    if isinstance(frame, gpd.GeoDataFrame):
        one, other = (shapely.to_wkb(np.asarray(f.geometry.array)) for f in (found, frame))
        assert (one == other).all()


def every_kind():
    days = pd.Series(np.array(["2024-02-29", "NaT", "1900-01-01T23:59:59.123"], "datetime64[ms]"))
    return pd.DataFrame(
        {
            "select": ["", None, "Ñ \t\\N \\. \r\n 'x' \"y\" \u202e\U0001f3d9"],
            'UPPER "q" %s {}': [True, False, True],
            "upper": pd.Series([True, None, False], dtype=object),
            "fid": np.array([-(2**63), 0, 2**63 - 1]),
            "fid_": np.array([0, 1, 2**64 - 1], dtype="uint64"),
            "xmin": np.array([1, -2, 3], dtype="int8"),
            "ñ" * 40 + "a": [np.nan, np.inf, -np.inf],
            "ñ" * 40 + "b": [-0.0, 0.1 + 0.2, 5e-324],
            "f32": np.array([0.1, np.nan, 3.4e38], dtype="float32"),
            "at": days,
            "zoned": days.dt.tz_localize("UTC").dt.tz_convert("UTC-05:00"),
            "whole": pd.Series([2**70, None, 0], dtype=object),
            "raw": pd.Series([b"\0\xff", None, b""], dtype=object),
            "day": pd.Series([pd.Timestamp("2024-02-29").date(), None, None], dtype=object),
            "nothing": pd.Series([None, None, None], dtype=object),
        }
    )


def test_every_kind_of_value_under_every_kind_of_name_comes_back(database):
    frame = every_kind()
    assert_same(through(frame, TABLE), frame)
    assert str(np.signbit(through(frame)["ñ" * 40 + "b"][0])) == "True"


def test_the_peer_library_would_lose_empty_text(database, postgres):
    """Why rows do not go by geopandas: the day this fails, they can."""
    frame = gpd.GeoDataFrame({"a": [""]}, geometry=[Point(0, 0)], crs=4326)
    engine = sqlalchemy.create_engine(postgres.url(database).replace("://", "+psycopg://", 1))
    frame.to_postgis("peer", engine)
    assert postgres.psql(database, "SELECT a IS NULL FROM peer") == "t"
    engine.dispose()


@pytest.mark.parametrize(
    "shapes",
    [
        [Point(0.1, -0.2), None, Point()],
        [Point(0, 0, 7), Point(1, 1, -7.25)],
        [Point(0, 0), Point(1, 1, 1), LineString([(0, 0), (1, 1 / 3)])],
        [MultiPoint([(0, 0), (1, 1)]), Point(1, 2)],
        [shapely.Polygon([(0, 0), (1, 0), (0, 1), (1, 1)]), shapely.GeometryCollection()],
        [],
    ],
)
def test_shapes_come_back_to_the_bit(database, shapes):
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs="EPSG:32719"))
    found = through(frame)
    assert_same(found, frame)
    assert found.crs == frame.crs


def test_lon_lat_of_geojson_is_4326_there_and_itself_here(database, postgres):
    frame = gpd.GeoDataFrame(geometry=[Point(-71.3, -17.6)], crs="OGC:CRS84")
    assert through(frame).crs == frame.crs
    assert postgres.psql(database, "SELECT ST_SRID(geometry) FROM plain") == "4326"


def test_a_reference_system_without_a_number_is_refused(database):
    crs = CRS("+proj=tmerc +lat_0=-17 +lon_0=-71.123 +datum=WGS84 +units=m")
    with pytest.raises(CrsError, match="PostGIS does not know"):
        through(gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=crs))


def test_nul_and_mixed_kinds_are_refused_with_every_column_and_row(database):
    frame = pd.DataFrame(
        {
            "a": ["x", "y\0z"],
            "b": pd.Series([1, "x"], dtype=object),
            "c": pd.Series([[1], [2]], dtype=object),
        }
    )
    with pytest.raises(SchemaError) as caught:
        through(frame)
    assert len(caught.value.faults) == 3
    assert "'a' has a NUL character in row 1" in str(caught.value)


values = st.fixed_dictionaries(
    {
        "text": st.none()
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        "number": st.floats(allow_nan=False) | st.just(np.nan),
        "whole": st.integers(-(2**63), 2**63 - 1),
        "x": st.floats(-1e9, 1e9),
        "y": st.floats(-1e9, 1e9),
    }
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(values, max_size=5),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
)
def test_any_frame_comes_back(database, rows, name):
    name = name if name not in ("number", "whole", "geometry") else "text"
    frame = gpd.GeoDataFrame(
        {
            name: pd.Series([row["text"] for row in rows], dtype="str"),
            "number": np.array([row["number"] for row in rows], dtype=float),
            "whole": np.array([row["whole"] for row in rows], dtype="int64"),
        },
        geometry=gpd.GeoSeries([Point(row["x"], row["y"]) for row in rows], crs="EPSG:32719"),
    )
    assert_same(through(frame), frame)


def lots():
    x = np.arange(50.0)
    frame = {"id": [f"l{i:02}" for i in range(50)], "area_m2": x / 3}
    return gpd.GeoDataFrame(frame, geometry=shapely.box(x, 0, x + 1, x / 7 + 1), crs="EPSG:32719")


def test_geopandas_reads_the_same(database, postgres):
    frame = lots()
    through(frame)
    engine = sqlalchemy.create_engine(postgres.url(database).replace("://", "+psycopg://", 1))
    query = "SELECT * FROM plain ORDER BY fid"
    found = gpd.read_postgis(query, engine, geom_col="geometry")
    engine.dispose()
    assert_geodataframe_equal(found.drop(columns="fid"), frame, check_geom_type=True)


def test_psql_and_gdal_see_the_same_count_extent_and_reference_system(database, postgres):
    frame = lots()
    through(frame)
    query = "SELECT count(*), ST_Extent(geometry), min(ST_SRID(geometry)), max(fid) FROM plain"
    extent = "BOX(" + ",".join(("0 0", f"50 {frame.total_bounds[3]:.16g}")) + ")"
    assert postgres.psql(database, query) == f"50|{extent}|32719|50"
    if shutil.which("ogrinfo") is None:
        pytest.skip("no ogrinfo on this machine")
    source = f"PG:{postgres.url(database)}"
    command = ["ogrinfo", "-so", source, "plain"]
    said = subprocess.run(  # noqa: S603 - a fixed command
        command, check=True, capture_output=True, text=True
    ).stdout
    assert "Feature Count: 50" in said
    assert f"Extent: (0.000000, 0.000000) - (50.000000, {frame.total_bounds[3]:.6f})" in said
    assert 'ID["EPSG",32719]]' in said
    assert "FID Column = fid" in said


def test_a_row_added_by_hand_gets_the_next_number_and_an_index_serves_the_map(database, postgres):
    through(lots())
    postgres.execute(database, "INSERT INTO plain (id) VALUES ('nuevo')")
    assert postgres.psql(database, "SELECT fid FROM plain WHERE id = 'nuevo'") == "51"
    plan = postgres.execute(
        database,
        "SET enable_seqscan = off",
        "EXPLAIN (FORMAT JSON) SELECT 1 FROM plain"
        " WHERE geometry && ST_MakeEnvelope(0, 0, 1, 1, 32719)",
    )
    assert "geometry_idx" in json.dumps(plan[0][0])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plain SET area_m2 = area_m2 + 1e-15 WHERE fid = 2",
        "UPDATE plain SET geometry = ST_Reverse(geometry) WHERE fid = 2",
        "DELETE FROM plain WHERE fid = 2",
        "UPDATE plain SET id = NULL WHERE fid = 2",
        "UPDATE plain SET fid = 999 WHERE fid = 2",
    ],
)
def test_every_change_shows_in_the_fingerprint(database, postgres, change):
    through(lots())

    def now():
        with connected(database_address()) as connection:
            return fingerprint(connection, PLAIN)

    before = now()
    assert now() == before
    postgres.execute(database, change)
    assert now() != before


def test_a_column_somebody_filled_with_something_else_is_named(database, postgres):
    frame = lots()
    frame["n"] = np.arange(50)
    with connected(database_address(), write=True) as connection:
        spec = table_spec(frame, connection, layer="layer")
        write_table(connection, PLAIN, frame, spec)
    postgres.execute(database, "UPDATE plain SET n = NULL WHERE fid = 1")
    with (
        pytest.raises(SchemaError, match="column 'n' is no longer int64"),
        connected(database_address()) as connection,
    ):
        read_rows(connection, PLAIN, spec)

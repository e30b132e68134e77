"""Features as GeoJSON: beside geopandas' own filters and writer, and by properties of any input."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.schema import Column
from ilo_geo.services.feature_table import feature_table

COLUMNS = dict.fromkeys(("use", "levels", "open", "tags")) | {
    "year": Column(kind="integer", nullable=True)
}


def frame():
    """Return a row of ten squares of 100 m, one without a place, in the CRS of Ilo."""
    squares = [
        shapely.box(251_000 + 200 * i, 8_047_000, 251_100 + 200 * i, 8_047_100) for i in range(9)
    ]
    return gpd.GeoDataFrame(
        {
            "use": ["house", "shop", "house", None, "shop", "a,b", "1", "house", "", "shop"],
            "levels": [1.5, 2.0, np.nan, 4, 1, 1, 2, 3, 1, 9],
            "open": [True, False] * 5,
            "tags": [["x", "y"]] + [None] * 9,
            "year": [2016, None, 2017, None, 1, 2, 3, 4, 5, 6],
            "secret": ["C:/Users/ana/lotes.shp"] * 10,
        },
        geometry=[*squares, None],
        crs="EPSG:32719",
    )


@pytest.fixture(scope="module")
def table():
    return feature_table(frame(), COLUMNS, "observed")


def test_only_named_columns_are_there_and_each_feature_says_its_status(table):
    (feature,) = table.features(np.array([0]))
    assert feature["properties"] == {
        "use": "house",
        "levels": 1.5,
        "open": True,
        "tags": "x, y",
        "year": 2016,
        "status": "observed",
    }
    assert "Users" not in "".join(table.texts(np.arange(10)))


def test_types_are_those_of_the_values(table):
    types = {name: field.type for name, field in table.fields.items()}
    assert types == {
        "use": "string",
        "levels": "number",
        "open": "boolean",
        "tags": "string",
        "year": "integer",
        "status": "string",
    }


def test_a_status_of_the_layers_own_does_not_pass_for_how_sure_it_is():
    own = frame().assign(status="real")
    made = feature_table(own, {"status": None}, "modelled")
    assert made.features(np.array([0]))[0]["properties"] == {
        "own_status": "real",
        "status": "modelled",
    }


def test_text_and_objects_say_the_same(table):
    rows = np.array([4, 0, 9])
    assert [json.loads(text) for text in table.texts(rows)] == table.features(rows)


def test_geometries_are_those_of_geopandas_within_a_centimetre(table):
    expected = json.loads(frame().iloc[:9].to_crs(4326).to_json())["features"]
    for mine, peer in zip(table.features(np.arange(9)), expected, strict=True):
        ring = np.array(mine["geometry"]["coordinates"][0])
        theirs = shapely.geometry.shape(peer["geometry"])
        assert shapely.LinearRing(ring).is_ccw
        assert shapely.Polygon(ring).symmetric_difference(theirs).area < 1e-9
    assert table.features(np.array([9]))[0]["geometry"] is None


@pytest.mark.parametrize(
    ("equal", "expected"),
    [
        ([("use", "house")], [0, 2, 7]),
        ([("use", "a,b")], [5]),
        ([("use", "")], [8]),
        ([("levels", "1")], [4, 5, 8]),
        ([("open", "TRUE"), ("use", "house")], [0, 2]),
        ([("year", "2017")], [2]),
        ([("use", "' or 1=1 --")], []),
    ],
)
def test_a_property_filter_takes_what_has_the_value(table, equal, expected):
    assert table.rows(equal=equal).tolist() == expected


@pytest.mark.parametrize(
    ("name", "text"), [("levels", "two"), ("open", "maybe"), ("year", "x" * 999)]
)
def test_a_value_of_another_type_is_refused_in_a_short_line(table, name, text):
    with pytest.raises(ParameterError, match=name) as caught:
        table.rows(equal=[(name, text)])
    assert len(str(caught.value)) < 200


def test_sorting_is_that_of_pandas_with_the_empty_last(table):
    for name, upwards in (("levels", True), ("levels", False), ("year", True)):
        expected = frame().sort_values(name, ascending=upwards, kind="stable").index.tolist()
        assert table.rows(sort_by=[(name, upwards)]).tolist() == expected


DEGREES = st.floats(-0.02, 0.02)


@given(st.tuples(DEGREES, DEGREES, DEGREES, DEGREES))
@settings(max_examples=60, deadline=None)
def test_a_window_finds_what_geopandas_finds(offsets):
    table = feature_table(frame(), COLUMNS, "observed")
    west, south = -71.343 + min(offsets[:2]), -17.65 + min(offsets[2:])
    east, north = -71.343 + max(offsets[:2]), -17.65 + max(offsets[2:])
    shapes = gpd.GeoSeries(table.shapes)
    expected = shapes.index[shapes.intersects(shapely.box(west, south, east, north))]
    found = table.rows([west, south, east, north])
    if west < east and south < north:
        assert found.tolist() == expected.tolist()


def test_a_window_across_the_180th_meridian_is_two():
    islands = gpd.GeoDataFrame(geometry=gpd.points_from_xy([179.5, -179.5, 0], [0, 0, 0]), crs=4326)
    assert feature_table(islands, {}, "observed").rows([179, -1, -179, 1]).tolist() == [0, 1]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_window_that_is_none_is_refused(table, bad):
    with pytest.raises(ParameterError, match="bbox"):
        table.rows([bad, 0, 1, 1])


def test_ids_are_the_features_own_where_each_has_one():
    named = frame().assign(id=[f"l{n}" for n in range(10)])
    assert feature_table(named, {}, "observed").ids[3] == "l3"
    assert feature_table(named.assign(id="same"), {}, "observed").ids[3] == "3"


def test_an_empty_layer_is_a_table_of_nothing():
    made = feature_table(frame().iloc[:0], COLUMNS, "observed")
    assert made.bounds_deg is None
    assert made.rows([0, 0, 1, 1]).tolist() == []
    assert made.fields["year"].type == "integer"


@pytest.mark.parametrize(("crs", "lat_first"), [("EPSG:32719", False), ("EPSG:4326", True)])
def test_another_reference_system_has_the_order_of_its_axes(table, crs, lat_first):
    (feature,) = table.features(np.array([3]), crs=crs)
    ring = np.array(feature["geometry"]["coordinates"][0])
    expected = frame().geometry.to_crs(crs).iloc[3]
    mine = shapely.Polygon(ring[:, ::-1] if lat_first else ring)
    assert mine.hausdorff_distance(expected) < (1e-6 if lat_first else 0.02)

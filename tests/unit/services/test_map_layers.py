"""What the map is sent, read back as a browser would."""

from __future__ import annotations

import gzip
import io
import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from ilo_geo.core.errors import ParameterError
from ilo_geo.services.basemap import label_payload
from ilo_geo.services.basemap import relief
from ilo_geo.services.basemap import sea_payload
from ilo_geo.services.map_layers import DECIMALS
from ilo_geo.services.map_layers import MAX_WINDOW_DEG
from ilo_geo.services.map_layers import MapLayers
from ilo_geo.services.map_layers import feature_texts
from ilo_geo.services.map_layers import outline_payload


@pytest.fixture(scope="module")
def maps(small_area):
    return MapLayers(small_area)


def features(payload):
    return json.loads(gzip.decompress(payload.body))["features"]


def frame_of(payload):
    return gpd.read_file(io.BytesIO(gzip.decompress(payload.body)))


def test_a_layer_arrives_where_it_lies_to_six_decimals(maps, small_area):
    sent = frame_of(maps.layer("zones"))
    own = small_area.frame("zones").to_crs(4326)
    assert sent.crs == own.crs
    for one, other in zip(sent.geometry, own.geometry, strict=True):
        assert one.hausdorff_distance(other) <= 10**-DECIMALS
    coordinates = shapely.get_coordinates(sent.geometry.to_numpy())
    assert np.array_equal(coordinates, coordinates.round(DECIMALS))


def test_only_the_overview_of_streets_is_sent_whole(maps, small_area):
    classes = {f["properties"]["c"] for f in features(maps.layer("streets"))}
    assert classes == {"primary"}
    assert len(small_area.frame("streets")) > len(features(maps.layer("streets")))


def test_a_layer_sent_by_window_is_empty_from_afar(maps):
    assert features(maps.layer("buildings")) == []


@given(
    x=st.floats(0, 0.018),
    y=st.floats(0, 0.018),
    size=st.floats(0.0005, 0.02),
)
def test_a_window_holds_exactly_the_features_that_meet_it(small_area, maps, x, y, size):
    own = small_area.frame("buildings").to_crs(4326)
    west, south, *_ = own.total_bounds
    window = (west + x, south + y, west + x + size, south + y + size)
    # by bounding box, as a window is asked for; houses are turned by less than half a degree
    met = own.geometry.apply(lambda g: shapely.box(*g.bounds).intersects(shapely.box(*window)))
    assert len(features(maps.window("buildings", window))) == int(met.sum())


@pytest.mark.parametrize(
    "window",
    [
        (0, 0, MAX_WINDOW_DEG * 2, 0.01),
        (0, 0, 0.01, MAX_WINDOW_DEG * 2),
        (1, 1, 0, 0),
        (np.nan,) * 4,
    ],
)
def test_a_window_that_is_none_is_refused(maps, window):
    with pytest.raises(ParameterError, match="bbox"):
        maps.window("buildings", window)


def test_equal_content_has_equal_etag_and_bytes(small_area, maps):
    other = MapLayers(small_area)
    for layer in ("zones", "parks"):
        assert other.layer(layer) == maps.layer(layer)
    assert maps.layer("zones").etag != maps.layer("parks").etag


def test_properties_without_value_are_left_out():
    frame = gpd.GeoDataFrame(
        {"name": ["a", None], "m": [1.5, np.nan]}, geometry=[shapely.Point(0, 0)] * 2, crs=4326
    )
    sent = [
        json.loads(text)["properties"] for text in feature_texts(frame, {"n": "name", "v": "m"})
    ]
    assert sent == [{"n": "a", "v": 1.5}, {}]


def test_markup_in_a_name_stays_text(maps):
    names = [f["properties"]["n"] for f in features(maps.layer("parks"))]
    assert "Parque <b>Dos</b>" in names


def test_a_selection_is_drawn_twice_the_casing_first(small_area):
    table = small_area.frame("zones").set_index("id")
    parts = [f["properties"]["part"] for f in features(outline_payload(table, "z2"))]
    assert parts == ["casing", "line"]


def test_the_sea_lies_off_the_coast_and_not_on_the_city(small_area):
    sea = frame_of(sea_payload(small_area)).to_crs(small_area.crs)
    city = shapely.union_all(small_area.frame("districts").geometry.to_numpy())
    west, south, _, north = city.bounds
    assert not sea.intersects(city).any()
    assert sea.contains(shapely.Point(west - 5_000, (south + north) / 2)).any()
    assert not sea.contains(shapely.Point(west + 30_000, (south + north) / 2)).any()


def test_the_relief_covers_the_terrain(small_area):
    shaded = relief(small_area)
    pixels = imread(io.BytesIO(gzip.decompress(shaded.image.body)), format="png")
    assert np.ptp(pixels[..., -1]) > 0
    south, west, north, east = shaded.bounds_deg
    city = small_area.frame("districts").to_crs(4326).total_bounds
    assert west < city[0]
    assert south < city[1]
    assert east > city[2]
    assert north > city[3]


def test_a_label_is_the_name_without_what_explains_it(small_area):
    names = {f["properties"]["n"]: f["properties"] for f in features(label_payload(small_area))}
    assert "Muelle Fiscal" in names
    assert names["Pampa"]["r"] < names["Miramar"]["r"] < names["Muelle Fiscal"]["r"]

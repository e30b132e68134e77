"""Places by name, positions by click."""

from __future__ import annotations

import pytest
from pyproj import Geod
from shapely import Point

from ilo_geo.core.errors import ParameterError
from ilo_geo.services.search import NEIGHBOURHOODS
from ilo_geo.services.search import locate
from ilo_geo.services.search import named_places


def test_a_zone_is_found_inside_itself(small_area):
    places = {p.name: p for p in named_places(small_area) if p.layer == "zones"}
    zones = small_area.frame("zones").to_crs(4326).set_index("name").geometry
    assert set(places) == set(zones.index)
    for name, outline in zones.items():
        assert outline.contains(Point(places[name].lon, places[name].lat))


def test_a_neighbourhood_leads_to_its_zone_and_says_so(small_area):
    found = {p.name: p.within for p in named_places(small_area) if p.layer == NEIGHBOURHOODS}
    assert found == {
        "Villa Paraíso": "Miramar",
        "Las Brisas": "Miramar",
        "Garibaldi": "Kennedy",
        "Miraflores": "Los Ángeles",
    }


def test_a_click_is_where_geodesy_says(small_area):
    here, there = locate(small_area, -17.64, -71.33), locate(small_area, -17.63, -71.32)
    _, _, ellipsoid_m = Geod(ellps="WGS84").inv(here.lon, here.lat, there.lon, there.lat)
    grid_m = ((there.x_m - here.x_m) ** 2 + (there.y_m - here.y_m) ** 2) ** 0.5
    # UTM draws 2.4° from its meridian at most 1.0005 times too long
    assert grid_m == pytest.approx(ellipsoid_m, rel=1e-3)
    assert here.crs == "EPSG:32719"


def test_elevation_is_that_of_the_cell_and_unknown_outside(small_area):
    terrain = small_area.raster("terrain")
    x_m, y_m = terrain.transform.c + 45, terrain.transform.f - 75
    import geopandas as gpd

    point = gpd.GeoSeries([Point(x_m, y_m)], crs=small_area.crs).to_crs(4326).iloc[0]
    at = locate(small_area, point.y, point.x)
    assert at.elevation_m == pytest.approx(float(terrain.values[2, 1]))
    assert locate(small_area, -17.0, -71.0).elevation_m is None


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (float("nan"), 0)])
def test_a_point_that_is_not_on_earth_is_refused(small_area, lat, lon):
    with pytest.raises(ParameterError):
        locate(small_area, lat, lon)

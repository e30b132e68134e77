"""A city at a glance."""

from __future__ import annotations

from small_city import MODELLED

from ilo_geo.core.layer import Status
from ilo_geo.services.layer_reports import list_layers
from ilo_geo.services.overview import city_overview
from ilo_geo.services.overview import start_view


def test_layers_are_counted_by_status(small_area):
    overview = city_overview(small_area)
    assert {meta.id for meta in overview.modelled} == set(MODELLED)
    assert overview.by_status[Status.MODELLED] == len(MODELLED)
    assert sum(overview.by_status.values()) == len(small_area.catalogue.declared)


def test_what_is_modelled_is_wanted_and_what_concerns_another_city_is_not(small_area):
    wanted = {item.layer for item in city_overview(small_area).wanted}
    assert {"streets", "parks", "buildings", "terrain"} <= wanted
    # a layer that is there and not modelled is not wanted, nor is what only Ilo knows of
    assert not wanted & {"tsunami_chart", "faults"}
    have = {e.meta.id for e in list_layers(small_area) if e.origin} - set(MODELLED)
    assert not wanted & have


def test_the_map_opens_on_the_city_and_shows_all_of_it(small_area):
    view = start_view(small_area)
    west, south, east, north = small_area.frame("zones").to_crs(4326).total_bounds
    lat, lon = view.center_deg
    assert south < lat < north
    assert west < lon < east
    degrees_per_pixel = 360 / (256 * 2**view.zoom)
    assert (east - west) / degrees_per_pixel < 800
    assert (east - west) / degrees_per_pixel > 150
    s, w, n, e = view.limits_deg
    assert s < south
    assert w < west
    assert n > north
    assert e > east

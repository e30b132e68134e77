"""Districts by name from a Nominatim on loopback."""

from __future__ import annotations

import time

import geopandas as gpd
import pyproj
import pytest
import shapely
from fetching import Clock
from fetching import parts_in
from fetching import patience
from fetching import settings_for
from osm_servers import Nominatim
from osm_servers import serving

from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import silent
from ilo_geo.io.fetch.nominatim import fetch_districts

ILO = shapely.box(-71.4, -17.7, -71.3, -17.6)
PACOCHA = shapely.box(-71.4, -17.6, -71.3, -17.5)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Nothing waits; the zone is looked up once."""
    monkeypatch.setattr(time, "sleep", lambda _s: None)
    monkeypatch.setattr(
        gpd.GeoDataFrame, "estimate_utm_crs", lambda _self: pyproj.CRS.from_epsg(32719)
    )


@pytest.fixture
def server():
    outlines = {"Ilo": ILO.buffer(-0.001), "Pacocha": PACOCHA.buffer(0.001)}
    with serving(Nominatim(outlines)) as nominatim:
        yield nominatim


def fetched(folder, server, names=("Ilo", "Pacocha")):
    known = gpd.GeoDataFrame(
        {"id": ["180301", "180303"], "name": list(names)}, geometry=[ILO, PACOCHA], crs="EPSG:4326"
    )
    settings = settings_for(folder, nominatim={"endpoint": server.url})
    waits = patience(settings, Clock())
    return fetch_districts(known, "Provincia", parts_in(folder), settings, waits, silent)


def test_districts_keep_their_ids_and_spelling_and_get_the_fetched_outline(tmp_path, server):
    found = fetched(tmp_path, server)
    assert found["id"].tolist() == ["180301", "180303"]
    assert found["name"].tolist() == ["Ilo", "Pacocha"]
    assert found.geometry.iloc[0].equals_exact(ILO.buffer(-0.001), 1e-6)
    assert server.searched == ["Ilo, Provincia", "Pacocha, Provincia"]
    assert server.agents == {"ilo-geo (municipal planner)"}


def test_one_that_broke_off_is_taken_up(tmp_path, server):
    server.misbehave.extend(["", *["html"] * 6])
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, server)
    assert caught.value.code == "fetch.not_json"
    fetched(tmp_path, server)
    assert server.searched.count("Ilo, Provincia") == 1


def test_a_district_that_is_not_known_there_changes_none(tmp_path, server):
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, server, names=("Ilo", "Atlantis"))
    assert caught.value.code == "fetch.no_boundary"
    assert "Atlantis, Provincia" in str(caught.value)


def test_a_place_of_the_same_name_elsewhere_is_refused(tmp_path, server):
    server.places["Pacocha"] = shapely.box(-60, -10, -59, -9)
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, server)
    assert caught.value.code == "fetch.elsewhere"


@pytest.mark.parametrize(("wrong", "code"), [("shape", "fetch.schema"), ("429", "fetch.busy")])
def test_other_answers_are_told_in_one_line(tmp_path, server, wrong, code):
    server.always = wrong
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, server)
    assert caught.value.code == code

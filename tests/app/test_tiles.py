"""Tiles and their archive by address: content, caching, ranges, refusals."""

from __future__ import annotations

import gzip

import geopandas as gpd
import pytest
from signed_in import client_for
from small_city import write_small_city

from dash_app.planner import Planner
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.workspace import Workspace
from ilo_geo.services import publication
from ilo_geo.services import tiles as tiles_service
from ilo_geo.services.areas import open_area

# the tile of zoom 14 that holds the middle of the small city
TILE = "/tiles/buildings/14/4945/9008.mvt"


@pytest.fixture(scope="module")
def planner(tmp_path_factory):
    """Return a planner whose buildings count as many."""
    folder = tmp_path_factory.mktemp("tiled")
    planner = Planner(open_area(write_small_city(folder / "city"), Workspace(folder / "ws")))
    yield planner
    planner.jobs.close()


@pytest.fixture
def client(planner, monkeypatch):
    monkeypatch.setattr(publication, "TILED_FROM", 300)
    return client_for(planner)


def test_a_tile_is_gzipped_known_by_its_etag_and_linked(client):
    first = client.get(TILE, headers={"Accept-Encoding": "gzip"})
    assert first.status_code == 200
    assert first.mimetype == "application/vnd.mapbox-vector-tile"
    content = gzip.decompress(first.data)
    assert b"buildings" in content
    assert b"modelled" in content
    assert client.get(TILE).data == content
    again = client.get(TILE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    links = client.get("/ogc/collections/buildings?f=json").get_json()["links"]
    tiled = {link["type"]: link["href"] for link in links if link["rel"] == "tiles"}
    assert tiled == {
        "application/vnd.mapbox-vector-tile": ("http://localhost/tiles/buildings/{z}/{x}/{y}.mvt"),
        "application/vnd.pmtiles": "http://localhost/tiles/buildings.pmtiles",
    }
    page = client.get("/ogc/collections/buildings?f=html").get_data(as_text=True)
    assert "/tiles/buildings/{z}/{x}/{y}.mvt" in page


def test_the_archive_is_read_by_ranges(client):
    def read(**headers):
        with client.get("/tiles/buildings.pmtiles", headers=headers) as response:
            return response.status_code, response.data

    status, whole = read()
    assert (status, whole[:7]) == (200, b"PMTiles")
    assert read(Range="bytes=0-126") == (206, whole[:127])
    assert read(Range="bytes=999999999-")[0] == 416


def test_where_nothing_lies_the_tile_is_empty(client):
    assert client.get("/tiles/buildings/14/0/0.mvt").status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "buildings/13/0/0.mvt",
        "buildings/99/0/0.mvt",
        "buildings/-1/0/0.mvt",
        "buildings/14/16384/0.mvt",
        "buildings/14/0/99999999999999999999.mvt",
        "buildings/14/0x1/0.mvt",
        "buildings/14/١/0.mvt",
        "buildings/14/1.5/0.mvt",
        "buildings/14/0/0.pbf",
        "parks/14/0/0.mvt",
        "terrain/14/0/0.mvt",
        "incidents/14/0/0.mvt",
        "green.zones/14/0/0.mvt",
        "..%2f..%2fetc/14/0/0.mvt",
        "..%2f..%2fetc%2fpasswd",
        "..%2fbuildings.pmtiles",
        "parks.pmtiles",
        ".pmtiles",
    ],
)
def test_what_is_no_tile_is_not_found_in_a_line(client, path):
    response = client.get(f"/tiles/{path}")
    said = response.get_data(as_text=True)
    assert response.status_code == 404
    assert said
    assert "\n" not in said


def test_tiles_of_a_changed_layer_are_new_and_the_old_are_swept(client, planner):
    before = client.get(TILE)
    path = planner.area.catalogue.source("buildings").path
    kept = gpd.read_file(path)
    kept.assign(levels=7.0).to_file(path, driver="GPKG")
    after = client.get(TILE, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data != before.data
    catalogue = planner.area.catalogue
    folder = catalogue.workspace.root / catalogue.workspace_id / "tiles"
    assert len(list(folder.glob("buildings-*.pmtiles"))) == 1


def test_a_disk_that_refuses_says_later_and_names_no_file(client, planner, monkeypatch):
    def refuse(_frame, path, *, layer):
        raise WorkspaceError("workspace.not_writable", where=str(path), found=layer)

    monkeypatch.setattr(tiles_service, "EXTENT", 512)
    monkeypatch.setattr(tiles_service, "write_tiles", refuse)
    response = client.get(TILE)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert str(planner.area.catalogue.workspace.root) not in response.get_data(as_text=True)

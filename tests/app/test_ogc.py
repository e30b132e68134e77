"""The OGC API as Flask sees it: every documented address, GeoJSON, paging, refusals, pages."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import geopandas as gpd
import jsonschema
import pytest
from signed_in import app_of
from signed_in import client_for
from signed_in import council_of
from signed_in import session_for
from signed_in import signed
from small_city import write_small_city

from dash_app.components.connect import connect_line
from dash_app.i18n import translator
from dash_app.ogc.pages import page_of
from dash_app.planner import Planner
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area

REPO = Path(__file__).parents[2]
HOST = "http://localhost/ogc"
# RFC 7946, 3.2 and 3.3, with what OGC API - Features, 7.16, asks of a page
FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": ["string", "integer"]},
        "properties": {"type": ["object", "null"]},
        "geometry": {
            "type": ["object", "null"],
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"pattern": "^(Multi)?(Point|LineString|Polygon)$"},
                "coordinates": {"type": "array", "minItems": 1},
            },
        },
    },
}
PAGE = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": FEATURE},
        "links": {"type": "array", "items": {"required": ["href", "rel"]}},
        "numberMatched": {"type": "integer", "minimum": 0},
    },
}


@pytest.fixture(scope="module")
def with_result(planner):
    """Return a client of an app whose planner has computed its green areas."""
    planner.result("green", planner.parse({}))
    return client_for(planner)


def read(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status, (path, response.get_data(as_text=True)[:300])
    return response.get_json(force=True)


def collections(client):
    return {one["id"]: one for one in read(client, "/ogc/collections")["collections"]}


def test_only_two_rooms_know_pygeoapi_and_nobody_enters_them_at_start():
    told = {"pygeoapi": set(), "dash_app.ogc.service": set(), "dash_app.ogc.provider": set()}
    for path in (REPO / "dash_app").rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            module = node.module if isinstance(node, ast.ImportFrom) else None
            for name in told:
                if module == name or (module or "").startswith(f"{name}."):
                    told[name].add(path.name)
    assert told["pygeoapi"] == {"service.py", "provider.py"}
    assert told["dash_app.ogc.service"] == told["dash_app.ogc.provider"] == set()


def test_every_documented_address_answers_and_every_reference_is_local(with_result):
    document = read(with_result, "/ogc/openapi")
    text = json.dumps(document)
    assert document["openapi"].startswith("3.0")
    assert document["servers"][0]["url"] == HOST
    for reference in set(re.findall(r'"\$ref": ?"([^"]+)"', text)):
        assert reference.startswith("#/components/"), reference
        part = document
        for key in reference[2:].split("/"):
            part = part[key]
    assert not re.findall(r'"(?:post|put|delete|patch)": ?\{', text)
    found = collections(with_result)
    assert {"zones", "green.zones"} <= set(found)
    assert {path.split("/")[2] for path in document["paths"] if path.count("/") > 1} == set(found)
    for path, methods in document["paths"].items():
        names = set(re.findall(r"\{(\w+)\}", path))
        taken = [
            document["components"]["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p
            for p in methods["get"].get("parameters", [])
        ]
        assert names <= {p["name"] for p in taken if p["in"] == "path" and p["required"]}
        if names:
            items = read(with_result, f"/ogc{path.rpartition('/')[0]}?limit=1")
            path = path.format(featureId=items["features"][0]["id"]) if items["features"] else "/"
        read(with_result, f"/ogc{path}" if path != "/" else "/ogc")


def test_every_page_is_geojson_and_counts_as_its_collection_does(with_result, planner):
    for name, document in collections(with_result).items():
        page = read(with_result, f"/ogc/collections/{name}/items?limit=5")
        jsonschema.validate(page, PAGE)
        table = planner.publication.collection(name).table
        assert page["numberMatched"] == len(table.ids)
        # a result may hold a table of nothing
        said = {feature["properties"]["status"] for feature in page["features"]}
        assert said == ({document["status"]} if table.ids else set())
        if not table.ids:
            assert "extent" not in document
            continue
        west, south, east, north = document["extent"]["spatial"]["bbox"][0]
        assert -72 < west <= east < -71
        assert -18 < south <= north < -17


def test_paging_gives_each_feature_once_and_ends(with_result):
    address, seen, pages = "/ogc/collections/streets/items?limit=6", [], 0
    while address:
        page = read(with_result, address)
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = following[0].removeprefix("http://localhost") if following else None
        pages += 1
    assert len(seen) == len(set(seen)) == page["numberMatched"] == 42
    assert pages == 7


def test_the_same_features_whole_and_in_parts(with_result):
    whole = read(with_result, "/ogc/collections/parks/items")["features"]
    part = read(with_result, "/ogc/collections/parks/items?properties=name")["features"]
    bare = read(with_result, "/ogc/collections/parks/items?skipGeometry=true")["features"]
    assert [f["geometry"] for f in part] == [f["geometry"] for f in whole]
    assert {tuple(f["properties"]) for f in part} == {("name",)}
    assert [f["properties"] for f in bare] == [f["properties"] for f in whole]
    one = read(with_result, f"/ogc/collections/parks/items/{whole[1]['id']}")
    jsonschema.validate(one, FEATURE)
    assert {key: one[key] for key in whole[1]} == whole[1]


def test_filters_windows_and_reference_systems(with_result, planner):
    parks = planner.area.frame("parks")
    items = "/ogc/collections/parks/items"
    found = read(with_result, f"{items}?kind=plaza")
    assert found["numberMatched"] == (parks["kind"] == "plaza").sum() == 1
    west, south, east, north = parks.iloc[[1]].to_crs(4326).total_bounds
    near = read(with_result, f"{items}?bbox={west},{south},{east},{north}")
    assert [f["properties"]["name"] for f in near["features"]] == ["Parque <b>Dos</b>"]
    west, south, east, north = parks.iloc[[1]].total_bounds
    utm = "http://www.opengis.net/def/crs/EPSG/0/32719"
    metric = read(
        with_result, f"{items}?bbox={west},{south},{east},{north}&bbox-crs={utm}&crs={utm}"
    )
    assert metric["numberMatched"] == 1
    again = gpd.GeoDataFrame.from_features(metric["features"], crs=32719)
    assert again.geometry.iloc[0].hausdorff_distance(parks.geometry.iloc[1]) < 0.02
    hits = read(with_result, f"{items}?resulttype=hits")
    assert (hits["numberMatched"], hits["features"]) == (3, [])
    ordered = read(with_result, f"{items}?sortby=-name")["features"]
    names = [f["properties"]["name"] for f in ordered]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("collections/nothing", 404),
        ("collections/terrain/items", 404),
        ("collections/incidents/items", 404),
        ("collections/..%2f..%2fetc/items", 404),
        ("collections/parks/items/no-such", 404),
        ("collections/parks/nothing", 404),
        ("nothing", 404),
        ("collections/parks/items?limit=0", 400),
        ("collections/parks/items?limit=x", 400),
        ("collections/parks/items?offset=-1", 400),
        ("collections/parks/items?bbox=1,2,3", 400),
        ("collections/parks/items?bbox=nan,0,1,1", 400),
        ("collections/parks/items?bbox=0,0,1,1&bbox-crs=EPSG:99", 400),
        ("collections/parks/items?crs=file:///etc/passwd", 400),
        ("collections/parks/items?knd=plaza", 400),
        ("collections/parks/items?since_year=two", 400),
        ("collections/parks/items?sortby=nothing", 400),
        ("collections/parks/items?properties=nothing", 400),
        ("collections/parks/items?filter=1%3D1", 400),
        ("collections?f=jsonld", 400),
        ("collections?f=<b>", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_line(with_result, path, status):
    response = with_result.get(f"/ogc/{path}")
    said = response.get_data(as_text=True)
    assert response.status_code == status, said
    assert said.strip()
    assert "\n" not in said.strip()
    assert "Traceback" not in said
    assert str(REPO) not in said


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_written(with_result, method):
    for path in ("/ogc/collections/parks/items", "/ogc/collections/parks/items/0"):
        assert getattr(with_result, method)(path, json={}).status_code == 405


def test_links_start_with_the_address_that_was_asked(with_result, planner):
    elsewhere = signed(client_for(planner), session_for(council_of(planner)), host="mapas.ilo.pe")
    page = read(elsewhere, "/ogc/collections/parks/items?limit=1", Host="mapas.ilo.pe:8443")
    links = [link["href"] for link in page["links"]]
    assert links
    assert all(link.startswith("http://mapas.ilo.pe:8443/ogc/") for link in links)
    assert with_result.get("/ogc", headers={"Host": 'a"><script>'}).status_code == 400


def test_languages(with_result):
    spanish = read(with_result, "/ogc/collections/streets")
    english = read(with_result, "/ogc/collections/streets?lang=en")
    assert "Fuente:" in spanish["description"]
    assert "Source:" in english["description"]
    assert read(with_result, "/ogc/collections/streets?lang=<b>")["title"] == spanish["title"]


def test_conformance_claims_no_writing_and_does_not_grow(with_result):
    first = read(with_result, "/ogc/conformance")
    assert not [one for one in first["conformsTo"] if "create" in one]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in first["conformsTo"]
    read(with_result, "/ogc/conformance")
    from pygeoapi.api import CONFORMANCE_CLASSES

    assert len(CONFORMANCE_CLASSES) == len(set(CONFORMANCE_CLASSES))


PAGES = (
    "",
    "/conformance",
    "/openapi",
    "/collections",
    "/collections/streets",
    "/collections/parks/schema",
    "/collections/parks/queryables",
    "/collections/parks/items",
    "/collections/parks/items/1",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_gets_a_page_that_asks_nothing_of_other_hosts(with_result, path):
    for lang in ("es", "en"):
        browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        response = with_result.get(f"/ogc{path}?lang={lang}", headers=browser)
        page = response.get_data(as_text=True)
        assert response.mimetype == "text/html"
        assert f'<html lang="{lang}">' in page
        assert "<script" not in page
        assert not re.findall(r'(?:src|href)="(?!http://localhost/|/)', page)
        assert "<b>" not in page


def test_a_page_turns_and_stays_a_page(with_result):
    page = with_result.get("/ogc/collections/streets/items?f=html&limit=6").get_data(as_text=True)
    following = re.findall(r'href="([^"]*offset=6[^"]*)"', page)
    assert len(following) == 1
    address = following[0].replace("&amp;", "&").removeprefix("http://localhost")
    assert with_result.get(address).mimetype == "text/html"


def test_a_hostile_title_is_text_on_the_page():
    document = {"title": "<img src=x>", "description": "<script>1</script>", "links": []}
    page = page_of("landing", translator("es"), document, HOST)
    assert "<img" not in page
    assert "<script" not in page


def test_two_apps_in_one_process_and_a_layer_replaced_while_they_run(with_result, tmp_path):
    planner = Planner(open_area(write_small_city(tmp_path / "city"), Workspace(tmp_path / "ws")))
    other = client_for(planner)
    planner.result("green", planner.parse({}))
    assert "green.zones" in collections(other)
    path = planner.area.catalogue.source("parks").path
    gpd.read_file(path).iloc[:1].to_file(path, driver="GPKG")
    assert read(other, "/ogc/collections/parks/items")["numberMatched"] == 1
    assert read(with_result, "/ogc/collections/parks/items")["numberMatched"] == 3
    # what was computed on the parks before passes for nothing any more
    assert "green.zones" not in collections(other)
    assert other.get("/ogc/collections/green.zones/items").status_code == 404
    gpd.read_file(path).drop(columns="access").to_file(path, driver="GPKG")
    said = read(other, "/ogc/collections/parks/items", 409)["description"]
    assert "parks" in said
    assert str(tmp_path) not in said
    assert "parks" not in collections(other)
    planner.jobs.close()


def test_the_line_for_people_names_the_address_as_they_reach_it(planner):
    app = app_of(planner).server
    with app.test_request_context("/datos", base_url="http://mapas.ilo.pe:8443"):
        line = str(connect_line(translator("en")))
    assert "http://mapas.ilo.pe:8443/ogc" in line
    assert "/ogc?lang=en&f=html" in line

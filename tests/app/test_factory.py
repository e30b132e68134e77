"""The app as Flask sees it: headers, layers by address, callbacks, refused input."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from signed_in import app_of

from dash_app import ids

KNOWN = {"lang": "es"}
ASKED = {"analysis": "green", "also": [], "asked": {}}


def test_two_apps_in_one_process_have_the_same_callbacks(planner, app):
    other = app_of(planner)
    assert set(other.callback_map) == set(app.callback_map)
    assert len(app.callback_map) > 10
    for one in (app, other):
        assert one.server.test_client().get("/health").status_code == 200


@pytest.mark.parametrize(("query", "lang"), [("", "es"), ("?lang=en", "en"), ("?lang=<b>", "es")])
def test_the_page_states_its_language(client, query, lang):
    page = client.get(f"/{query}").get_data(as_text=True)
    assert f'<html lang="{lang}">' in page


def test_the_page_names_no_other_host(client):
    page = client.get("/").get_data(as_text=True)
    assert not re.findall(r"https?://", page)


def test_the_policy_allows_no_eval_and_no_foreign_host(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    script = next(p for p in policy.split("; ") if p.startswith("script-src"))
    assert "unsafe-inline" not in script


def test_only_the_tiles_setting_opens_the_tile_host(planner):
    with_tiles = app_of(type(planner)(planner.area, jobs=planner.jobs, tiles=True))
    policy = with_tiles.server.test_client().get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://tile.openstreetmap.org" in policy


@pytest.mark.parametrize("name", ["zones", "streets", "sea", "labels", "parks"])
def test_a_layer_is_gzipped_and_known_by_its_etag(client, name):
    first = client.get(f"/layers/{name}.geojson")
    assert first.headers["Content-Encoding"] == "gzip"
    content = json.loads(gzip.decompress(first.data))
    assert content["features"]
    again = client.get(f"/layers/{name}.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_unknown_layer_is_not_found(client):
    assert client.get("/layers/nothing.geojson").status_code == 404
    outside = client.get("/layers/..%2Farea.geojson")
    assert outside.mimetype != "application/geo+json"


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "-180,-90,180,90", "nan,nan,nan,nan"])
def test_a_forged_window_is_refused_in_one_line(client, bbox):
    answer = client.get(f"/layers/streets.geojson?bbox={bbox}")
    assert answer.status_code == 400
    assert "bbox" in answer.get_data(as_text=True)
    assert "\n" not in answer.get_data(as_text=True)


def test_a_forged_parameter_keeps_what_was_there_and_says_so(fire):
    values = {
        f"{ids.KNOWN}.data": KNOWN,
        f"{ids.ASKED}.data": ASKED,
    }
    key = next(iter(_parameter_slots()))
    names = ["standard_m2_per_inhab"]
    values[f"{key}.value"] = [
        {"id": ids.parameter(n), "property": "value", "value": 900} for n in names
    ]
    values[f"{key}.id"] = [
        {"id": ids.parameter(n), "property": "id", "value": ids.parameter(n)} for n in names
    ]
    wanted = [
        {"id": ids.RUN, "property": "data"},
        {"id": ids.POLL, "property": "disabled"},
        {"id": ids.NOTICE, "property": "children"},
        [{"id": ids.parameter(n), "property": "value"} for n in names],
    ]
    answer = fire(f"{ids.RUN}.data...", values, wanted=wanted)
    assert answer.status_code == 200
    said = answer.get_json()["response"]
    assert ids.RUN not in said
    assert "0.5 – 50" in json.dumps(said[ids.NOTICE], ensure_ascii=False)


def _parameter_slots():
    yield json.dumps({"name": ["ALL"], "type": "parameter"}, separators=(",", ":"))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "La ciudad de un vistazo"),
        ("/areas-verdes", "¿Dónde falta área verde pública?"),
        ("/datos", "¿Qué datos tenemos y qué falta?"),
        ("/?lang=en", "The city at a glance"),
        ("/areas-verdes?standard_m2_per_inhab=900", "0.5 – 50"),
        ("/?map=99/1/1", "Parámetro map"),
        ("/?level=<script>", "Parámetro level"),
        ("/?layers=nothing.../etc/passwd", "La ciudad de un vistazo"),
    ],
)
def test_any_address_opens_a_page(fire, path, words):
    answer = fire(f"{ids.SHELL}.children", {f"{ids.URL}.href": f"http://localhost{path}"})
    assert answer.status_code == 200
    assert words in json.dumps(answer.get_json(), ensure_ascii=False)


def test_a_result_paints_the_map_and_its_polygons_can_be_read(fire, client, planner):
    params = planner.parse({}).model_dump(mode="json")
    values = {
        f"{ids.RUN}.data": {"analysis": "green", "params": params, "job": None},
        f"{ids.LEVEL}.value": "zones",
        f"{ids.KNOWN}.data": KNOWN,
    }
    painted = fire(f"{ids.THEME}.url", values).get_json()["response"]
    polygons = json.loads(gzip.decompress(client.get(painted[ids.THEME]["url"]).data))
    drawn = {feature["properties"]["i"] for feature in polygons["features"]}
    assert drawn == set(painted[ids.THEME]["hideout"]["values"]) == {"z1", "z2", "z3", "z4"}


def test_another_standard_reads_the_same_polygons(fire, planner):
    urls = set()
    for standard in (9, 12):
        params = planner.parse({"standard_m2_per_inhab": standard}).model_dump(mode="json")
        values = {
            f"{ids.RUN}.data": {"analysis": "green", "params": params, "job": None},
            f"{ids.LEVEL}.value": "zones",
            f"{ids.KNOWN}.data": KNOWN,
        }
        urls.add(fire(f"{ids.THEME}.url", values).get_json()["response"][ids.THEME]["url"])
    assert len(urls) == 1


@pytest.mark.parametrize("fmt", ["gpkg", "geojson", "csv", "html"])
def test_a_result_can_be_taken_away(client, fmt):
    answer = client.get(f"/descargas/green.{fmt}?standard_m2_per_inhab=12")
    assert answer.status_code == 200
    assert fmt in answer.headers["Content-Disposition"]
    assert len(answer.data) > 500
    answer.close()


@pytest.mark.parametrize(
    "address", ["green.exe", "green.csv?standard_m2_per_inhab=-1", "green.csv?year=1900"]
)
def test_a_forged_download_is_refused_in_one_line(client, address):
    answer = client.get(f"/descargas/{address}")
    assert answer.status_code == 400
    assert "\n" not in answer.get_data(as_text=True)

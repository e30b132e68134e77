"""The page of hazards without a browser: its addresses, callbacks, figures and refusals."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from dash_app import ids
from dash_app.factory import create_app

KNOWN = {"lang": "es"}


@pytest.fixture(scope="module")
def tsunami(coast_planner):
    """Return the result at 20 m and the store that says it is ready."""
    params = coast_planner.parse({}, "tsunami")
    result = coast_planner.result("tsunami", params)
    return result, {"analysis": "tsunami", "params": params.model_dump(mode="json"), "job": None}


@pytest.fixture
def coast_client(coast_planner):
    return create_app(coast_planner).server.test_client()


@pytest.fixture
def ask(coast_client, fire_on):
    return lambda output, values: fire_on(coast_client)(output, values)


def test_planes_hold_the_levels_of_the_terrain(coast_planner):
    # oracle: on a slope of 2 % without sinks a cell floods at its own height
    params = coast_planner.parse({}, "tsunami")
    about, payload = coast_planner.flood(params)
    planes = np.frombuffer(gzip.decompress(payload.body), dtype=np.uint8)
    planes = planes.reshape(about["planes"], about["rows"], about["columns"])
    middle = planes[0, about["rows"] // 2]
    land = middle[middle < 254].astype(int)
    assert land.max() == pytest.approx(250, abs=4)
    assert (np.diff(land) >= 0).all()
    # 20 m of ground is 0.4 m of height
    assert np.median(np.diff(land)) == pytest.approx(4, abs=1)


def test_counts_that_follow_the_slider_are_those_of_the_analysis(coast_planner):
    # oracle: the analysis itself, which overlays polygons where the counts look up cells
    about, _ = coast_planner.flood(coast_planner.parse({}, "tsunami"))
    for level in (5.0, 12.5, 20.0, 25.0):
        params = coast_planner.parse({"level_m": level}, "tsunami")
        table = coast_planner.result("tsunami", params).tables["exposure"]
        row = table.loc[f"tsunami/level_{level:g}"]
        at = about["levels_m"].index(level)
        for name in ("people_night_inhab", "people_day_inhab", "n_schools", "dwellings"):
            for end in ("", "_low", "_high"):
                assert about["counts"][name + end][at] == pytest.approx(row[name + end], abs=0.01)


def test_more_water_never_reaches_fewer_people(coast_planner):
    about, _ = coast_planner.flood(coast_planner.parse({}, "tsunami"))
    for name, curve in about["counts"].items():
        assert curve == sorted(curve), name
    for low, middle, high in zip(
        *(about["counts"][f"people_night_inhab{end}"] for end in ("_low", "", "_high")),
        strict=True,
    ):
        assert low <= middle <= high


def test_the_flood_is_announced_with_an_address_that_never_changes(ask, coast_client, tsunami):
    said = ask(f"{ids.FLOOD}.data", {f"{ids.RUN}.data": tsunami[1]}).get_json()
    about = said["response"][ids.FLOOD]["data"]
    answer = coast_client.get(about["url"])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    size = about["rows"] * about["columns"] * about["planes"]
    assert len(gzip.decompress(answer.data)) == size
    assert about["modelled"] is True


def test_the_headline_says_the_interval_and_who_is_late(ask, tsunami):
    result, run = tsunami
    values = {f"{ids.RUN}.data": run, f"{ids.PERIOD}.data": "night", f"{ids.KNOWN}.data": KNOWN}
    said = json.dumps(ask(f"{ids.HAZARD_RESULT}.children", values).get_json(), ensure_ascii=False)
    for end in ("", "_low", "_high"):
        assert f"{result.summary[f'exposed_inhab{end}']:,.0f}" in said
    assert "entre " in said
    assert "modeladas" in said


@pytest.mark.parametrize("hazard", ["tsunami", "fault", "multihazard"])
def test_the_table_has_a_row_a_unit(ask, coast_planner, hazard):
    params = coast_planner.parse({}, hazard).model_dump(mode="json")
    values = {
        f"{ids.DRAWER_OPEN}.data": True,
        f"{ids.RUN}.data": {"analysis": hazard, "params": params, "job": None},
        f"{ids.URL}.pathname": "/riesgos",
        f"{ids.KNOWN}.data": KNOWN,
    }
    said = ask(f"{ids.DRAWER_BODY}.children", values).get_json()["response"]
    rows = said[ids.DRAWER_BODY]["children"]["props"]["rowData"]
    assert {row["name"] for row in rows} == {"Miramar", "Kennedy", "18 de Mayo", "Los Ángeles"}
    order = [row.get("people_night_inhab", row.get("very_high_inhab")) for row in rows]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("hazard", ["fault", "tanks", "fuel_stations", "multihazard"])
def test_zones_are_read_by_address_with_class_and_certainty(
    ask, coast_client, coast_planner, hazard
):
    params = coast_planner.parse({}, hazard).model_dump(mode="json")
    values = {
        f"{ids.RUN}.data": {"analysis": hazard, "params": params, "job": None},
        f"{ids.LEVEL}.value": "zones",
        f"{ids.MODE}.data": "line",
        f"{ids.TAB}.data": "exposed",
        f"{ids.KNOWN}.data": KNOWN,
    }
    painted = ask(f"{ids.ZONES}.url", values).get_json()["response"]
    answer = coast_client.get(painted[ids.ZONES]["url"])
    drawn = json.loads(gzip.decompress(answer.data))["features"]
    levels = {feature["properties"].get("l") for feature in drawn}
    assert levels <= {"low", "medium", "high", "very_high", None}
    assert levels - {None}
    assert painted[ids.THEME]["url"] is None
    assert "Modelado" in json.dumps(painted[ids.LEGEND], ensure_ascii=False)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/riesgos", "¿Quién está en peligro"),
        ("/riesgos?hazard=fault", "Banda interior"),
        ("/riesgos?hazard=volcano", "Parámetro hazard"),
        ("/riesgos?level_m=99", "5 – 25"),
        ("/riesgos?lang=en&hazard=multihazard", "Who is in danger"),
    ],
)
def test_any_address_of_hazards_opens(ask, address, words):
    answer = ask(f"{ids.SHELL}.children", {f"{ids.URL}.href": f"http://localhost{address}"})
    assert answer.status_code == 200
    assert words in json.dumps(answer.get_json(), ensure_ascii=False)


def test_a_point_says_every_hazard_and_no_place_is_called_safe(ask, coast_planner, tsunami):
    at = _degrees(coast_planner, 200, 1000)
    values = {
        f"{ids.MAP}.clickData": {"latlng": {"lat": at[0], "lng": at[1]}},
        f"{ids.RUN}.data": tsunami[1],
        f"{ids.KNOWN}.data": KNOWN,
    }
    said = json.dumps(ask(f"{ids.POINT_CARD}.children", values).get_json(), ensure_ascii=False)
    assert "Tsunami" in said
    assert "probabilidad" in said
    assert "fuera de" in said.lower()
    assert "segur" not in said


def test_a_forged_flood_or_result_is_not_found(coast_client):
    for address in ("/flood/x.bin", "/results/fault/bands/x.geojson"):
        assert coast_client.get(address).status_code == 404
    outside = coast_client.get("/results/..%2F..%2Fx/y.geojson")
    assert outside.mimetype != "application/geo+json"


@pytest.mark.parametrize(
    "address",
    ["tsunami.exe", "tsunami.csv?level_m=99", "nothing.csv", "ruta.pdf?block=nowhere&level_m=20"],
)
def test_a_forged_download_of_hazards_is_refused_in_one_line(coast_client, address):
    answer = coast_client.get(f"/descargas/{address}")
    assert answer.status_code == 400
    assert "\n" not in answer.get_data(as_text=True)


def test_a_block_has_a_sheet_with_the_way_out(coast_client, coast_planner):
    params = coast_planner.parse({}, "evacuation")
    block = coast_planner.result("evacuation", params).tables["blocks"].index[0]
    answer = coast_client.get(f"/descargas/ruta.pdf?block={block}&level_m=20")
    assert answer.data.startswith(b"%PDF")
    answer.close()


def test_what_a_page_no_longer_waits_for_is_stopped(coast_planner, monkeypatch):
    stopped = []
    monkeypatch.setattr(coast_planner.jobs, "cancel", stopped.append)
    monkeypatch.setattr("dash_app.planner.INLINE_WAIT_S", 0.0)
    params = coast_planner.parse({"level_m": 7.5}, "tsunami")
    job = coast_planner.start("tsunami", params).job
    assert coast_planner.start("tsunami", params).job == job
    coast_planner.abandon(job)
    assert stopped == []
    coast_planner.abandon(job)
    assert stopped == [job]
    assert coast_planner.is_abandoned(job)


def _degrees(planner, x_m, y_m):
    from pyproj import Transformer
    from small_city import SOUTH_M
    from small_city import WEST_M

    to_degrees = Transformer.from_crs(planner.area.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(WEST_M + x_m, SOUTH_M + y_m)
    return lat, lon

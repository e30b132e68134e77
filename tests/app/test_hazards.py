"""The page of hazards without a browser: its addresses, callbacks, figures and refusals."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from signed_in import client_for

from dash_app import ids

KNOWN = {"lang": "es"}


@pytest.fixture(scope="module")
def tsunami(coast_planner):
    """Return the result at 20 m and the store that says it is ready."""
    params = coast_planner.parse({}, "tsunami")
    result = coast_planner.result("tsunami", params)
    return result, {"analysis": "tsunami", "params": params.model_dump(mode="json"), "job": None}


@pytest.fixture
def coast_client(coast_planner):
    return client_for(coast_planner)


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
    values = {f"{ids.RUN}.data": tsunami[1], f"{ids.KNOWN}.data": KNOWN}
    said = ask(f"{ids.FLOOD}.data", values).get_json()
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


@pytest.mark.parametrize("hazard", ["tsunami", "fault", "multihazard", "exposure"])
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
    keys = ("people_night_inhab", "very_high_inhab", "people_in_any_very_high_inhab")
    order = [next(row[key] for key in keys if key in row) for row in rows]
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


@pytest.fixture(scope="module")
def exposure(coast_planner):
    """Return the result over every hazard and the store that says it is ready."""
    params = coast_planner.parse({}, "exposure")
    result = coast_planner.result("exposure", params)
    return result, {"analysis": "exposure", "params": params.model_dump(mode="json"), "job": None}


def _exposure_panel(ask, run):
    values = {f"{ids.RUN}.data": run, f"{ids.PERIOD}.data": "night", f"{ids.KNOWN}.data": KNOWN}
    return ask(f"{ids.HAZARD_EXPOSED}.children", values).get_json()["response"]


def _texts(node):
    """Return every text inside a component as the server sent it, in reading order."""
    if isinstance(node, dict):
        return _texts(node.get("props", {}).get("children"))
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    return [] if node is None else [str(node)]


def test_exposure_says_people_in_any_hazard_with_their_interval(ask, exposure):
    result, run = exposure
    said = " ".join(_texts(_exposure_panel(ask, run)[ids.HAZARD_RESULT]["children"]))
    for name in ("people_in_any_very_high_inhab", "people_in_any_high_inhab", "displaced_inhab"):
        for end in ("", "_low", "_high"):
            assert f"{result.summary[name + end]:,.0f}" in said
    assert "personas de noche" in said


def test_exposure_lists_every_site_that_may_stand_inside(ask, exposure):
    result, run = exposure
    said = _texts(_exposure_panel(ask, run)[ids.HAZARD_EXPOSED]["children"])
    sites = result.tables["sites"]
    inside = sites[(sites["level"] != "outside") | (sites["level_high"] != "outside")]
    assert len(inside) > 0
    for name in inside["name"]:
        assert name in said


def test_exposure_cites_the_rate_of_every_need(ask, exposure):
    result, run = exposure
    said = " ".join(_texts(_exposure_panel(ask, run)[ids.HAZARD_EXPOSED]["children"]))
    needs = result.tables["needs"]
    for source in needs["source"].unique():
        assert source in said
    water = needs.loc["any/water"]
    assert "15 L por persona y día" in said
    assert f"{15 * water['displaced_inhab']:,.0f}" in said
    assert "NV: sin verificar" in said


def test_exposure_by_day_tells_of_the_day(ask, coast_planner):
    params = coast_planner.parse({"moment": "day"}, "exposure")
    run = {"analysis": "exposure", "params": params.model_dump(mode="json"), "job": None}
    said = " ".join(_texts(_exposure_panel(ask, run)[ids.HAZARD_RESULT]["children"]))
    by_day = coast_planner.result("exposure", params).summary["people_in_any_high_inhab"]
    assert f"{by_day:,.0f}" in said
    assert "personas de día" in said


def _plan_lines(ask, run, visible):
    lines = [ids.plan_line(f"inundation_line_{m}") for m in (15, 20)]
    values = {
        f"{ids.RUN}.data": run,
        f"{ids.VISIBLE}.data": visible,
        f"{ids.KNOWN}.data": KNOWN,
    }
    # a pattern is filled with one entry a line on the map
    pattern = json.dumps({"layer": ["ALL"], "type": "plan-line"}, separators=(",", ":"))
    values[f"{pattern}.id"] = [{"id": one, "property": "id", "value": one} for one in lines]
    wanted = [[{"id": one, "property": prop} for one in lines] for prop in ("url", "hideout")]
    answer = ask(f"{pattern}.url", values, wanted=wanted).get_json()["response"]
    return [answer[json.dumps(one, separators=(",", ":"), sort_keys=True)] for one in lines]


def test_the_lines_of_the_plan_are_layers_of_their_own(
    coast_client, fire_on, coast_planner, tsunami
):
    result, run = tsunami
    low, high = _plan_lines(fire_on(coast_client), run, ["inundation_line_15"])
    assert high["url"] is None
    assert low["hideout"]["modelled"] is True
    answer = coast_client.get(low["url"])
    drawn = json.loads(gzip.decompress(answer.data))["features"]
    names = {f["properties"].get("t") for f in drawn if f["geometry"]["type"] == "Point"}
    assert names == {"15 m"}
    # oracle: on the slope of 2 % the sea at 15 m ends 750 m from the coast, all along it
    line = result.tables["inundation_line_15"].geometry.iloc[0]
    west, _, east, _ = line.bounds
    assert (west + east) / 2 == pytest.approx(_west_of(coast_planner) + 750, abs=60)
    assert sum(f["geometry"]["type"] != "Point" for f in drawn) >= 1


def test_no_line_of_the_plan_is_drawn_over_another_hazard(coast_client, fire_on, coast_planner):
    params = coast_planner.parse({}, "fault").model_dump(mode="json")
    run = {"analysis": "fault", "params": params, "job": None}
    lines = _plan_lines(fire_on(coast_client), run, ["inundation_line_15", "inundation_line_20"])
    assert [line["url"] for line in lines] == [None, None]


def test_zones_say_their_band_to_the_pointer(ask, coast_client, coast_planner):
    params = coast_planner.parse({}, "fault")
    values = {
        f"{ids.RUN}.data": {
            "analysis": "fault",
            "params": params.model_dump(mode="json"),
            "job": None,
        },
        f"{ids.MODE}.data": "line",
        f"{ids.KNOWN}.data": KNOWN,
    }
    painted = ask(f"{ids.ZONES}.url", values).get_json()["response"]
    words = painted[ids.ZONES]["hideout"]
    assert words["certainties"]["line"] == "mejor estimación"
    assert words["badge"] == "Modelado"
    drawn = json.loads(gzip.decompress(coast_client.get(painted[ids.ZONES]["url"]).data))
    bands = coast_planner.result("fault", params).tables["bands"]
    said = {feature["properties"]["es"] for feature in drawn["features"]}
    assert said == set(bands[~bands.geometry.is_empty]["title_es"])


def _west_of(planner):
    west, *_ = planner.area.frame("coastline").total_bounds
    return west


def _degrees(planner, x_m, y_m):
    from pyproj import Transformer
    from small_city import SOUTH_M
    from small_city import WEST_M

    to_degrees = Transformer.from_crs(planner.area.crs, 4326, always_xy=True)
    lon, lat = to_degrees.transform(WEST_M + x_m, SOUTH_M + y_m)
    return lat, lon

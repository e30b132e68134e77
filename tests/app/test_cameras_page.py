"""The page of cameras without a browser: what it says, draws, lists and prints."""

from __future__ import annotations

import gzip
import json

import pytest

from dash_app import ids
from dash_app.components.cameras_words import compass
from dash_app.i18n import translator
from dash_app.pages import cameras
from ilo_geo.security.cameras.classes import band_scale
from ilo_geo.security.cameras.classes import coverage_scale
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.optics import edition
from ilo_geo.services.scales import scales_of

KNOWN = {"lang": "es"}
FEW = {
    "n_cameras": 3,
    "max_candidates": 30,
    "n_headings": 8,
    "n_draws": 2,
    "piece_m": 50,
    "time_limit_s": 5,
}


@pytest.fixture(scope="module")
def chosen(planner):
    """Return three cameras of the small city and the store that says they are ready."""
    params = planner.parse(FEW, "cameras")
    result = planner.result("cameras", params)
    return result, {"analysis": "cameras", "params": params.model_dump(mode="json"), "job": None}


@pytest.fixture
def ask(fire, chosen):
    """Return a function that fires a callback while the result is ready."""

    def ask(output, lang="es", **values):
        given = {f"{name}.data": value for name, value in values.items()}
        known = {f"{ids.RUN}.data": chosen[1], f"{ids.KNOWN}.data": {"lang": lang}}
        return fire(output, {**known, **given})

    return ask


def test_the_headline_is_the_share_of_the_need_and_flags_the_proxy(ask, chosen):
    result, _ = chosen
    text = ask(f"{ids.FOUND_RESULT}.children").get_data(as_text=True)
    said = json.loads(text)["response"][ids.FOUND_RESULT]["children"]
    words = json.dumps(said, ensure_ascii=False)
    assert f"{100 * result.summary['seen_need_ratio']:.1f} %" in words
    assert words.index("PROXY") < words.index("Costo de los equipos")


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_page_speaks_both_languages(ask, lang):
    words = ask(f"{ids.FOUND_RESULT}.children", lang=lang).get_data(as_text=True)
    assert ("Disk for 45 days" in words) == (lang == "en")


def test_without_patrols_the_page_says_so_instead_of_adding_up(ask, chosen):
    assert chosen[0].summary["patrol_ratio"] is None
    words = json.dumps(ask(f"{ids.FOUND_RESULT}.children").get_json(), ensure_ascii=False)
    assert "Sin base de patrullas cargada" in words


@pytest.mark.parametrize("mode", cameras.MODES)
def test_every_view_draws_features_with_a_known_class(planner, chosen, mode):
    drawn = cameras.drawn(translator("es"), chosen[0], mode)
    for painted in (drawn.areas, drawn.pins):
        known = {c.id for c in (*painted.scale.classes, painted.scale.missing)}
        assert set(painted.classes) <= known
        assert painted.table["title_es"].notna().all()


def test_a_view_of_another_page_shows_the_cameras(chosen):
    t = translator("es")
    assert cameras.drawn(t, chosen[0], "probability").areas.name == cameras.FIELDS


def test_there_is_one_pin_a_pole_with_the_ranks_of_its_cameras(chosen):
    table = chosen[0].tables["cameras"]
    pins = cameras.drawn(translator("es"), chosen[0], "").pins.table
    ranks = [int(rank) for pin in pins["rank"] for rank in pin.split("·")]
    assert sorted(ranks) == sorted(table["rank"])
    assert len(pins) == table["pole"].nunique()


def test_a_press_on_an_area_opens_the_sheet_of_its_camera(ask, chosen, client):
    drawn = ask(f"{ids.FOUND_AREAS}.url", **{ids.MODE: cameras.MODES[0]}).get_json()["response"]
    body = client.get(drawn[ids.FOUND_AREAS]["url"]).data
    features = json.loads(gzip.decompress(body))["features"]
    opened = {feature["properties"]["i"] for feature in features}
    assert opened <= set(chosen[0].tables["cameras"].index)
    camera = opened.pop()
    words = json.dumps(
        ask(f"{ids.FOUND_SHEET}.children", **{ids.FOUND: camera}).get_json(), ensure_ascii=False
    )
    row = chosen[0].tables["cameras"].loc[camera]
    assert f"Cámara {row['rank']}" in words
    assert "Alcance por calidad" in words
    assert row["reasons_es"].split("; ")[0] in words


def test_a_zone_and_a_cell_have_sheets_and_a_stranger_has_none(chosen):
    t, result = translator("es"), chosen[0]
    zone = next(iter(cameras._zones(result).index))
    cell = next(iter(result.tables["deficit"].index))
    assert cameras.sheet(t, result, zone)
    assert cameras.sheet(t, result, cell)
    assert cameras.sheet(t, result, "park_1") == []


def test_bands_get_darker_as_the_picture_gets_finer():
    # oracle: luminance by the weights of Rec. 709
    def luminance(colour):
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    colours = {c.id: c.colour for c in band_scale().classes}
    for name in ("2014", "2024"):
        tones = [luminance(colours[band.id]) for band in edition(name).bands]
        assert tones == sorted(set(tones), reverse=True)


def test_classes_of_coverage_are_those_of_the_rules():
    assert [c.id for c in coverage_scale().classes] == [c.id for c in camera_rules().classes]


def test_paper_and_files_draw_coverage_fields_deficit_and_masks(chosen):
    drawn = scales_of(chosen[0])
    assert {"fields", "deficit", "masked"} <= set(drawn)
    assert "cameras" not in drawn


@pytest.mark.parametrize(
    ("heading", "point"), [(0, "N"), (359, "N"), (112.5, "ESE"), (225, "SO"), (348.75, "N")]
)
def test_headings_are_points_of_the_compass(heading, point):
    assert compass(translator("es"), heading).split()[0] == point


def test_the_drawer_writes_shares_as_percent_and_classes_by_name(ask, fire, chosen):
    known = {f"{ids.RUN}.data": chosen[1], f"{ids.KNOWN}.data": KNOWN}
    opened = {f"{ids.DRAWER_OPEN}.data": True, f"{ids.URL}.pathname": "/seguridad/camaras"}
    words = fire(f"{ids.DRAWER_BODY}.children", {**known, **opened}).get_json()
    grid = words["response"][ids.DRAWER_BODY]["children"]["props"]
    formats = {c["field"]: c.get("valueFormatter", {}) for c in grid["columnDefs"]}
    assert "%" in formats["camera_ratio"]["function"]
    titles = {c.title.es for c in coverage_scale().classes}
    assert {row["coverage_class"] for row in grid["rowData"]} <= {*titles, None}

"""The page of the priority index, fired without a browser."""

from __future__ import annotations

import json

import pytest

from dash_app import ids
from dash_app.i18n import translator
from dash_app.pages import priority
from dash_app.shell import usual
from dash_app.state import read_view
from ilo_geo.core.units import peru_number

FEW = {"n_draws": 20}


@pytest.fixture(scope="module")
def result(coast_planner):
    return coast_planner.result("priority", coast_planner.parse(FEW, "priority"))


def said(blocks):
    return json.dumps(blocks, default=lambda node: node.to_plotly_json(), ensure_ascii=False)


def test_the_headline_names_the_first_zone_with_its_interval(coast_planner, result):
    first = result.maps["zones"].sort_values("rank").iloc[0]
    text = said(priority.result_block(translator("es"), coast_planner, result))
    assert first["name"] in text
    for column in ("priority_index", "low", "high"):
        assert peru_number(first[column], 2) in text


def test_a_part_that_stands_on_a_proxy_says_so_beside_the_headline(coast_planner, result):
    assert result.tables["weights"].loc["insecurity", "is_proxy"]
    text = said(priority.result_block(translator("es"), coast_planner, result))
    assert translator("es")("priority.proxy", part="Inseguridad") in text


def test_what_the_browser_sums_is_the_index_of_the_library(result):
    data = priority.scores(translator("es"), result)
    weights = result.tables["weights"]["weight"]
    table = result.maps["zones"]
    for zone, parts in zip(data["ids"], data["parts"], strict=True):
        total = sum(w * u for w, u in zip(weights, parts, strict=True))
        assert total == pytest.approx(table.loc[zone, "priority_index"], abs=1e-6)


def test_the_sheet_of_a_zone_opens_the_sum(result):
    zone = result.maps["zones"].index[0]
    text = said(priority.sheet(translator("en"), result, zone))
    row = result.maps["zones"].loc[zone]
    for part, weight in result.tables["weights"]["weight"].items():
        share = peru_number(weight, 2)
        assert f"× {share} = {peru_number(row[f'{part}_contribution'], 2)}" in text


def test_something_unknown_opens_no_sheet(result):
    assert priority.sheet(translator("es"), result, "nowhere") == []


def test_weights_in_the_address_are_those_of_the_sliders(coast_planner):
    view = read_view("/prioridad?green_weight=0.9", coast_planner, usual(coast_planner))
    text = said(priority.layout(coast_planner, view))
    slider = json.dumps(ids.weight("green_weight"))
    assert '"value": 0.9' in text[text.index(slider) - 400 : text.index(slider) + 400]

"""The page of the plan against the data, fired without a browser."""

from __future__ import annotations

import json

import pytest
from signed_in import client_for

from dash_app import ids
from dash_app.i18n import translator
from dash_app.pages import coherence
from dash_app.planner import Planner
from dash_app.shell import usual
from dash_app.state import read_view
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area


@pytest.fixture(scope="module")
def ilo(tmp_path_factory):
    planner = Planner(open_area(None, Workspace(tmp_path_factory.mktemp("workspace"))))
    yield planner
    planner.jobs.close()


@pytest.fixture(scope="module")
def client(ilo):
    return client_for(ilo)


def said(blocks):
    return json.dumps(blocks, default=lambda node: node.to_plotly_json(), ensure_ascii=False)


def page(planner, address):
    return said(coherence.layout(planner, read_view(address, planner, usual(planner))))


def test_the_headline_counts(ilo):
    text = page(ilo, "/datos/coherencia")
    assert "De 25 reglas: 5 contradicciones, 18 avisos, 2 coherentes y 0 sin datos." in text
    assert text.count('"rule-title"') == 25


def test_a_rule_shows_quotation_line_arithmetic_and_verdict(ilo):
    text = page(ilo, "/datos/coherencia?plan_theme=security&lang=es")
    for words in ("cuenta con 40 efectivos de serenazgo", "línea 1158", "40 × 6 ÷ 7 ÷ 3", "11.4"):
        assert words in text
    assert text.count('"rule-title"') == 4


def test_the_address_filters_by_verdict_too(ilo):
    text = page(ilo, "/datos/coherencia?plan_theme=green&plan_verdict=coherent&lang=en")
    assert text.count('"rule-title"') == 1
    assert "1 of 25 rules" in text
    assert "coherencia.csv?lang=en&plan_theme=green&plan_verdict=coherent" in text


def test_a_forged_filter_is_refused_in_words_and_all_is_shown(ilo):
    text = page(ilo, "/datos/coherencia?plan_theme=%3Cscript%3E")
    assert "notice-error" in text
    assert text.count('"rule-title"') == 25


def test_what_no_layer_tells_is_said(ilo):
    text = page(ilo, "/datos/coherencia?plan_theme=green")
    assert "ninguna capa cargada" in text


def test_a_city_without_a_plan_says_so(planner):
    text = page(planner, "/datos/coherencia")
    assert translator("es")("coherence.no_rules") in text
    assert '"rule-title"' not in text


def test_the_page_asks_for_no_analysis(ilo):
    view = read_view("/datos/coherencia", ilo, usual(ilo))
    assert view.analyses == ()
    assert view.asked == {}


def test_nothing_is_started_by_the_page(client, fire_on, ilo, monkeypatch):
    monkeypatch.setattr(ilo, "start", lambda *_: pytest.fail("an analysis was started"))
    values = {
        f"{ids.ASKED}.data": {"analysis": "", "also": [], "asked": {}},
        f"{ids.KNOWN}.data": {"lang": "es"},
    }
    outputs = ((ids.RUN, "data"), (ids.POLL, "disabled"), (ids.NOTICE, "children"))
    wanted = [*({"id": name, "property": prop} for name, prop in outputs), []]
    answer = fire_on(client)(f"{ids.RUN}.data...", values, wanted=wanted)
    assert answer.status_code == 204


def test_the_table_of_the_drawer_has_a_row_a_rule(ilo):
    grid = coherence.table(translator("en"), ilo)
    assert len(grid.rowData) == 25
    assert grid.rowData[0]["verdict"] == "Contradiction"


def test_files_are_those_of_the_filter(client):
    answer = client.get("/descargas/coherencia.csv?plan_theme=green&plan_verdict=coherent&lang=es")
    text = answer.get_data().decode("utf-8-sig")
    assert answer.status_code == 200
    assert "R17" in text
    assert "R18" not in text
    page = client.get("/descargas/coherencia.html?lang=en").get_data(as_text=True)
    assert "619.5" in page


@pytest.mark.parametrize(
    "address", ["coherencia.exe", "coherencia.csv?plan_theme=moon", "coherencia.csv?plan_verdict=x"]
)
def test_a_forged_download_gets_one_line(client, address):
    answer = client.get(f"/descargas/{address}")
    assert answer.status_code == 400
    assert len(answer.get_data(as_text=True).splitlines()) == 1


def test_a_city_without_a_plan_has_no_files(planner):
    answer = client_for(planner).get("/descargas/coherencia.csv")
    assert answer.status_code == 400
    assert "plan" in answer.get_data(as_text=True)

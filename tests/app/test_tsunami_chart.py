"""What the page of hazards says and draws where an official inundation chart is loaded."""

from __future__ import annotations

import json

import pytest
import shapely
from coast_city import write_chart
from coast_city import write_coast_city

from dash_app.components.hazard_figures import hazard_headline
from dash_app.components.hazard_legend import hazard_legend
from dash_app.components.layer_tree import layer_choices
from dash_app.components.map_view import plan_line_look
from dash_app.components.plan_lines import plan_lines
from dash_app.i18n import translator
from dash_app.pages.hazards import result_block
from dash_app.planner import Planner
from dash_app.routes.layers import plan_line_url
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area

OFFICIAL = {"es": "Carta DHN (oficial), 20 m", "en": "DHN chart (official), 20 m"}
BY_CHART = {"es": "según la carta DHN", "en": "by the DHN chart"}


@pytest.fixture(scope="module")
def planner(tmp_path_factory):
    folder = write_coast_city(tmp_path_factory.mktemp("charted_page"))
    workspace = Workspace(tmp_path_factory.mktemp("charted_page_workspace"))
    write_chart(open_area(folder, workspace), [shapely.box(-50, 0, 600, 2000)])
    planner = Planner(open_area(folder, workspace))
    yield planner
    planner.jobs.close()


def result_of(planner, **raw):
    asked = {"n_draws": 20, "river_reach_m": 0, **raw}
    return planner.result("tsunami", planner.parse(asked, "tsunami"))


def text_of(component):
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_headline_and_the_legend_name_the_chart(planner, lang):
    t, result = translator(lang), result_of(planner)
    assert BY_CHART[lang] in text_of(hazard_headline(t, result, "night"))
    legend = text_of(hazard_legend(t, result, "line", "exposed", list(plan_lines())))
    assert OFFICIAL[lang] in legend
    assert t("legend.computed_line", level="20 m") in legend
    notices = text_of(result_block(t, result, "night", None))
    assert "DHN, carta de ensayo" in notices


def test_the_official_line_is_solid_and_the_computed_one_is_not(planner):
    result = result_of(planner)
    dashed = {name: plan_line_look(name, result)["modelled"] for name in plan_lines()}
    assert dashed == {
        "inundation_line_15": True,
        "inundation_line_20": False,
        "inundation_line_computed": True,
    }
    t = translator("es")
    assert all(plan_line_url(t, planner, result, name) for name in plan_lines())
    assert "Línea calculada, sin la carta" in text_of(layer_choices(t, planner, [], {}))


def test_without_the_chart_the_page_does_not_speak_of_one(planner, coast_planner):
    t = translator("es")
    for result in (
        result_of(planner, flood_source="computed"),
        result_of(planner, level_m=18),
        result_of(coast_planner),
    ):
        assert "carta DHN" not in text_of(hazard_headline(t, result, "night"))
    plain = result_of(coast_planner)
    legend = text_of(hazard_legend(t, plain, "line", "exposed", list(plan_lines())))
    assert "Carta DHN" not in legend
    assert "Línea calculada" not in legend
    assert plan_line_url(t, coast_planner, plain, "inundation_line_computed") is None
    assert "sin la carta" not in text_of(layer_choices(t, coast_planner, [], {}))

"""Riesgos: each hazard, who and what stands in it, and who gets out in time."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.controls import asked
from dash_app.components.controls import control_label
from dash_app.components.controls import parameter_controls
from dash_app.components.exposure_figures import displaced_needs
from dash_app.components.exposure_figures import exposed_sites
from dash_app.components.exposure_figures import exposure_headline
from dash_app.components.exposure_figures import exposure_matrix
from dash_app.components.hazard_figures import MULTIHAZARD
from dash_app.components.hazard_figures import NIGHT
from dash_app.components.hazard_figures import PERIODS
from dash_app.components.hazard_figures import RISK_COLUMNS
from dash_app.components.hazard_figures import SUM
from dash_app.components.hazard_figures import exposure_bands
from dash_app.components.hazard_figures import hazard_figures
from dash_app.components.hazard_figures import hazard_headline
from dash_app.components.hazard_figures import risk_classes
from dash_app.components.segments import segments
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import EVACUATION
from dash_app.state import EXPOSURE
from dash_app.state import TSUNAMI
from dash_app.state import View
from dash_app.state import offered_hazards
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.services.flood_map import LEVEL_STEP_M
from ilo_geo.services.flood_map import MAX_LEVEL_M
from ilo_geo.services.flood_map import MIN_LEVEL_M

LEVEL, MOMENT = "level_m", "moment"
LINE, PROBABILITY = "line", "probability"
EXPOSED = "exposed"


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, hazard, and what belongs to the hazard."""
    t = view.t
    choices = [(name, t(f"hazard.{name}")) for name in offered_hazards()]
    return [
        html.H1(t("hazards.question")),
        segments(ids.HAZARD, choices, view.hazard, label=t("hazards.choose")),
        html.Div(hazard_body(planner, view), id=ids.HAZARD_BODY),
    ]


def hazard_body(planner: Planner, view: View) -> list[Component]:
    """Return what the panel shows of one hazard."""
    t = view.t
    flood = view.hazard == TSUNAMI
    own = [spec for name in view.analyses for spec in planner.specs(name)]
    specs = list({spec.name: spec for spec in reversed(own)}.values())[::-1]
    shown, more = parameter_controls(t, specs, view.asked)
    level = next((spec for spec in specs if spec.name == LEVEL), None)
    tabs = [(EXPOSED, t("tab.exposed")), (EVACUATION, t("tab.evacuation"))]
    return [
        asked(view),
        *(_level_slider(t, level, float(view.asked[LEVEL])) if flood and level else []),
        html.Div(html.Div(className="skeleton"), id=ids.HAZARD_RESULT, role="status"),
        html.Div(id=ids.POINT_CARD, role="status"),
        *([segments(ids.TAB, tabs, EXPOSED, label=t("tab.choose"))] if flood else []),
        html.Div(id=ids.HAZARD_EXPOSED),
        html.Div(
            [
                html.Div(id=ids.EVACUATION_RESULT, role="status"),
                html.H2(t("measures.title")),
                html.Div(id=ids.MEASURES_RESULT, role="status"),
            ],
            id=ids.EVACUATION_PANE,
            hidden=True,
        ),
        html.Details(
            [html.Summary(t("hazards.parameters")), html.Div([*shown, *more], className="more")],
            className="fold",
        ),
        html.Div(id=ids.HAZARD_MORE),
    ]


def result_block(
    t: Translator, result: AnalysisResult, period: str, late: Component | None
) -> list[Component]:
    """Return the headline and what nobody may overlook when reading it."""
    every = result.analysis == EXPOSURE
    headline = exposure_headline(t, result) if every else hazard_headline(t, result, period)
    return [
        html.Div([headline, late], className="follows-level"),
        grave_notices(t, result.warnings),
    ]


def exposed_block(
    t: Translator, planner: Planner, result: AnalysisResult, period: str
) -> list[Component]:
    """Return who and what stands in the hazard, by night or by day."""
    if result.analysis == EXPOSURE:
        return _every_hazard(t, result)
    if result.analysis == MULTIHAZARD:
        switch = segments(
            ids.MODE,
            [(measure, t(f"risk.{measure}")) for measure in RISK_COLUMNS],
            SUM,
            label=t("risk.choose"),
        )
        return [switch, html.H2(t("risk.people")), risk_classes(t, result)]
    switch = segments(
        ids.PERIOD, [(p, t(f"hazards.{p}")) for p in PERIODS], period, label=t("hazards.when")
    )
    return [
        switch,
        html.Div(hazard_figures(t, planner, result, period), className="follows-level"),
        html.H2(t("hazards.exposed_table")),
        exposure_bands(t, result, period),
        html.P(t("hazards.interval_about"), className="help"),
        *(_to_exposure(t) if result.analysis == TSUNAMI else []),
    ]


def _to_exposure(t: Translator) -> list[Component]:
    """Return what leads from one hazard to all of them."""
    choose = {"data-choose": ids.HAZARD, "data-value": EXPOSURE}
    return [html.Button(t("exposure.open"), className="button wide", **choose)]


def _every_hazard(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return who and what stands in any hazard and in each, the sites, and the least to give."""
    moments = [(p, t(f"hazards.{p}")) for p in PERIODS]
    moment = result.parameters["moment"]
    return [
        segments(MOMENT, moments, moment, label=t("hazards.when"), parameter=True),
        html.H2(t("exposure.matrix")),
        exposure_matrix(t, result),
        html.P(t("exposure.matrix_about"), className="help"),
        html.H2(t("exposure.sites")),
        *exposed_sites(t, result),
        displaced_needs(t, result),
    ]


def _level_slider(t: Translator, spec: ParameterSpec, level_m: float) -> list[Component]:
    """Return the slider; the browser makes it from what stands here and repaints as it moves."""
    span = MAX_LEVEL_M - MIN_LEVEL_M
    marks = [
        html.Span(
            t("hazards.plan_level", level=f"{level:g}"),
            style={"left": f"{100 * (level - MIN_LEVEL_M) / span:.2f}%"},
        )
        for level in tsunami_classes().plan_levels_m
    ]
    title = t.of(spec.text.title)
    slider = html.Div(
        id=ids.LEVEL_SLIDER,
        **{
            "aria-label": title,
            "data-parameter": LEVEL,
            "data-range": f"{MIN_LEVEL_M} {MAX_LEVEL_M} {LEVEL_STEP_M} {level_m}",
        },
    )
    mode = [(LINE, t("hazards.line")), (PROBABILITY, t("hazards.probability"))]
    now = html.Span([html.B(f"{level_m:g}", className="level-value"), " m"], className="level-now")
    return [
        html.Div(
            [
                html.Div([control_label(t, spec), now], className="control-head"),
                slider,
                html.Div(marks, className="slider-marks", **{"aria-hidden": "true"}),
                segments(ids.MODE, mode, LINE, label=t("hazards.drawn_as")),
            ],
            className="control level-control",
        )
    ]


def first_period() -> str:
    """Return the time of day that a page begins with: when most are at home and slow to leave."""
    return NIGHT

"""Inicio: the city at a glance, what is modelled and what is missing."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import LOAD_DATA
from dash_app.access import may
from dash_app.components.badges import notices
from dash_app.components.badges import status_badge
from dash_app.components.controls import asked
from dash_app.components.fetch_box import fetch_offer
from dash_app.components.figures import key_figures
from dash_app.components.headline import base_title
from dash_app.components.headline import headline
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult

FIGURES = ("population_inhab", "green_area_ha", "deficit_ha", "served_population_ratio")


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel."""
    t = view.t
    overview = planner.overview
    counts = [
        html.Li([html.Strong(str(overview.by_status.get(s, 0))), " ", status_badge(t, s)])
        for s in Status
    ]
    modelled = [html.Li(t.of(meta.title)) for meta in overview.modelled]
    wanted = [
        html.Li(
            [
                html.Strong(t.of(w.title)),
                " ",
                t.of(w.why),
                html.Span(t.of(w.holder), className="holder"),
            ]
        )
        for w in overview.wanted
    ]
    return [
        asked(view),
        html.P(t.of(planner.area.config.title), className="kicker"),
        html.H1(t("home.title")),
        html.Div(html.Div(className="skeleton"), id=ids.HOME_RESULT, role="status"),
        html.Div(fetch_offer(t, planner.fetching) if may(LOAD_DATA) else [], id=ids.FETCH_OFFER),
        dcc.Link(t("home.open_green"), href=t.link("/areas-verdes"), className="button primary"),
        dcc.Link(t("home.open_hazards"), href=t.link("/riesgos"), className="button wide"),
        html.H2(t("home.layers")),
        html.Ul(counts, className="counts"),
        html.Details(
            [
                html.Summary(t("home.modelled", n=len(modelled))),
                html.Ul(modelled, className="columns"),
            ],
            className="fold",
        ),
        html.H2(t("home.missing")),
        html.P(t("home.missing_help"), className="help"),
        html.Ul(wanted, className="wanted"),
    ]


def result_block(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return headline, key figures and what must be known before believing them."""
    base = base_title(t, planner, result)
    return [
        headline(t, result),
        key_figures(t, result, FIGURES, base),
        html.P(t("figure.base", base=base), className="help"),
        notices(t, result.warnings[:1]),
    ]

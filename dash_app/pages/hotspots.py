"""Seguridad → Puntos críticos: where incidents gather, or where a stated proxy says to watch."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.controls import asked
from dash_app.components.controls import parameter_controls
from dash_app.components.drawn import Drawn
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.hotspots_figures import hotspots_figures
from dash_app.components.hotspots_figures import hotspots_headline
from dash_app.components.hotspots_figures import hotspots_sheet
from dash_app.components.hotspots_figures import hours_block
from dash_app.components.hotspots_figures import proxy_banner
from dash_app.components.hotspots_figures import spots_block
from dash_app.components.hotspots_figures import zones_block
from dash_app.components.hotspots_map import DENSITY
from dash_app.components.hotspots_map import MODES
from dash_app.components.hotspots_map import hotspots_drawn
from dash_app.components.segments import segments
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.results import AnalysisResult
from ilo_geo.services.need import INCIDENTS

ANALYSIS = "hotspots"


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, result, what the map shows, parameters."""
    t = view.t
    shown, more = parameter_controls(t, planner.specs(ANALYSIS), view.asked)
    modes = [(mode, t(f"hotspots.mode.{mode}")) for mode in MODES]
    switch = segments(ids.MODE, modes, DENSITY, label=t("patrol.on_map"))
    return [
        asked(view),
        dcc.Store(id=ids.FIRST_MODE, data=DENSITY),
        html.H1(t("hotspots.question")),
        html.Div(html.Div(className="skeleton"), id=ids.FOUND_RESULT, role="status"),
        *([switch] if planner.area.has(INCIDENTS) else []),
        html.P(t("hotspots.uncoloured"), className="help"),
        html.Div(id=ids.FOUND_SHEET, role="status"),
        html.Section([html.H2(t("green.parameters")), *shown], className="parameters"),
        html.Details([html.Summary(t("green.more")), *more], className="fold"),
        html.Div(id=ids.FOUND_MORE),
    ]


def result_block(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return what the figures stand on, and on how little of the streets half of it gathers."""
    return [
        *proxy_banner(t, result),
        *hotspots_headline(t, result),
        grave_notices(t, result.warnings),
        *hotspots_figures(t, result),
    ]


def sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return what is known of the street, cell or zone chosen."""
    return hotspots_sheet(t, result, found)


def more_blocks(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return zones, hours by kind, declared trouble spots, limits and files."""
    return [
        *zones_block(t, result),
        *hours_block(t, result),
        *spots_block(t, result),
        *limits_and_files(t, result),
    ]


def drawn(_t: Translator, result: AnalysisResult, mode: str) -> Drawn:
    """Return the densities, or the clusters."""
    return hotspots_drawn(result, mode)

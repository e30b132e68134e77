"""Seguridad → Respuesta: how soon a patrol arrives, and what more bases would change."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.choice import choice_panel
from dash_app.components.controls import asked
from dash_app.components.controls import parameter_controls
from dash_app.components.drawn import Drawn
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.patrol_figures import before_after_table
from dash_app.components.patrol_figures import goal_table
from dash_app.components.patrol_figures import patrol_figures
from dash_app.components.patrol_figures import patrol_headline
from dash_app.components.patrol_map import MODES
from dash_app.components.patrol_map import TIME
from dash_app.components.patrol_map import patrol_drawn
from dash_app.components.patrol_sheet import patrol_sheet
from dash_app.components.patrol_tables import loop_blocks
from dash_app.components.patrol_tables import roster_blocks
from dash_app.components.patrol_tables import sector_blocks
from dash_app.components.patrol_tables import zone_table
from dash_app.components.segments import segments
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.results import AnalysisResult

ANALYSIS = "patrol"
PROXY, ASSUMED, NO_BASE = (
    "patrol.need_is_proxy",
    "patrol.bases_assumed",
    "patrol.no_known_base",
)


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, result, what the map shows, parameters."""
    t = view.t
    shown, more = parameter_controls(t, planner.specs(ANALYSIS), view.asked)
    modes = [(mode, t(f"patrol.mode_{mode}")) for mode in MODES]
    return [
        asked(view),
        # the map begins with the first of the choices, whatever was looked at elsewhere
        dcc.Store(id=ids.FIRST_MODE, data=TIME),
        html.H1(t("patrol.question")),
        html.Div(html.Div(className="skeleton"), id=ids.FOUND_RESULT, role="status"),
        html.H2(t("patrol.on_map")),
        segments(ids.MODE, modes, TIME, label=t("patrol.on_map")),
        html.P(t("patrol.map_about"), className="help"),
        html.Div(id=ids.FOUND_SHEET, role="status"),
        html.Section([html.H2(t("green.parameters")), *shown], className="parameters"),
        html.Details([html.Summary(t("green.more")), *more], className="fold"),
        html.Div(id=ids.FOUND_MORE),
    ]


def result_block(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return who is reached in time, how sure that is, and what it stands on."""
    proxy = [n.text(t.lang) for n in result.warnings if n.code == PROXY]
    baseless = [n.text(t.lang) for n in result.warnings if n.code == NO_BASE]
    return [
        *patrol_headline(t, result),
        *[html.P(words, className="notice notice-error") for words in baseless],
        grave_notices(t, result.warnings),
        goal_table(t, result),
        *[html.P(words, className="notice proxy") for words in proxy],
    ]


def sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return what is known of the place, base, sector or zone chosen."""
    return patrol_sheet(t, result, found)


def more_blocks(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return new bases with their proof, zones, agents, sectors, loop, limits and files."""
    assumed = [n.text(t.lang) for n in result.warnings if n.code == ASSUMED]
    return [
        patrol_figures(t, result),
        *[html.P(words, className="notice assumed") for words in assumed],
        html.H2(t("patrol.before_after")),
        *_choice(t, planner, result),
        *zone_table(t, result),
        *roster_blocks(t, result),
        *sector_blocks(t, result),
        *loop_blocks(t, result),
        *limits_and_files(t, result),
    ]


def drawn(_t: Translator, result: AnalysisResult, mode: str) -> Drawn:
    """Return minutes with bases, sectors with their numbers, or the loop with its hours."""
    return patrol_drawn(result, mode)


def _choice(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    if result.selection is None:
        return [html.P(t("patrol.none_sought"), className="help")]
    problem = result.parameters["base_problem"]
    return [
        html.P(t("patrol.choice_about", n=result.parameters["new_bases"]), className="help"),
        before_after_table(t, result),
        html.P(t("patrol.grain"), className="help"),
        *choice_panel(t, planner, result, t(f"patrol.unit_{problem}")),
    ]

"""The pages of findings: what was found, the thing chosen, and both on the map."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.drawn import found_look
from dash_app.i18n import translator
from dash_app.pages.findings import PAGES
from dash_app.pages.findings import SCORED
from dash_app.planner import Planner
from dash_app.routes.layers import painted_url
from dash_app.state import FINDINGS


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the findings."""
    _register_panel(app, planner)
    _register_map(app, planner)
    _register_in_browser(app)


def _register_panel(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.FOUND_RESULT, "children"),
        Output(ids.FOUND_MORE, "children"),
        Input(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
    )
    def show(run: dict[str, Any] | None, known: dict[str, Any]) -> tuple[Any, Any]:
        t, result = translator(known["lang"]), planner.ready(run, *FINDINGS)
        page = PAGES[result.analysis]
        return page.result_block(t, planner, result), page.more_blocks(t, planner, result)

    @app.callback(Output(ids.PARTS, "data"), Input(ids.RUN, "data"), State(ids.KNOWN, "data"))
    def score(run: dict[str, Any] | None, known: dict[str, Any]) -> Any:
        result = planner.ready(run)
        if result.analysis not in SCORED:
            return None
        return PAGES[result.analysis].scores(translator(known["lang"]), result)

    @app.callback(
        Output(ids.FOUND_SHEET, "children"),
        Input(ids.FOUND, "data"),
        Input(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_sheet(found: str | None, run: dict[str, Any] | None, known: dict[str, Any]) -> Any:
        result = planner.ready(run, *FINDINGS)
        if found is None:
            return []
        return PAGES[result.analysis].sheet(translator(known["lang"]), result, found)


def _register_map(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.FOUND_AREAS, "url"),
        Output(ids.FOUND_AREAS, "hideout"),
        Output(ids.FOUND_PINS, "url"),
        Output(ids.FOUND_PINS, "hideout"),
        Input(ids.RUN, "data"),
        Input(ids.MODE, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def draw(run: dict[str, Any] | None, mode: str, known: dict[str, Any]) -> tuple[Any, ...]:
        t, result = translator(known["lang"]), planner.ready(run)
        if result.analysis not in PAGES:
            return None, found_look(t, None, None), None, found_look(t, None, None)
        drawn = PAGES[result.analysis].drawn(t, result, mode)
        both = (drawn.areas, drawn.pins)
        urls = [painted_url(planner, result, painted) if painted else None for painted in both]
        looks = [found_look(t, painted, result) for painted in both]
        return urls[0], looks[0], urls[1], looks[1]

    @app.callback(
        Output(ids.FOUND, "data"),
        Input(ids.FOUND_AREAS, "clickData"),
        Input(ids.FOUND_PINS, "clickData"),
        prevent_initial_call=True,
    )
    def choose(areas: dict[str, Any] | None, pins: dict[str, Any] | None) -> str:
        click = pins if ctx.triggered_id == ids.FOUND_PINS else areas
        if not click:
            raise PreventUpdate
        return str(click["properties"]["i"])


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("choices", "begin"),
        Output(ids.MODE, "data", allow_duplicate=True),
        Input(ids.FIRST_MODE, "data"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "reveal"),
        Input(ids.FOUND_SHEET, "children"),
        State(ids.FOUND_SHEET, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("choices", "mark"),
        Output(ids.FOUND_AREAS, "hideout", allow_duplicate=True),
        Output(ids.FOUND_PINS, "hideout", allow_duplicate=True),
        Input(ids.FOUND, "data"),
        State(ids.FOUND_AREAS, "hideout"),
        State(ids.FOUND_PINS, "hideout"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("choices", "rescore"),
        Input(ids.PARTS, "data"),
        Input(ids.RANKED, "id", allow_optional=True),
        State(ids.weight(ALL), "value"),
    )
    app.clientside_callback(
        ClientsideFunction("choices", "applyWeights"),
        Output(ids.ASKED, "data"),
        Input(ids.APPLY, "n_clicks"),
        State(ids.weight(ALL), "value"),
        State(ids.weight(ALL), "id"),
        State(ids.ASKED, "data"),
        prevent_initial_call=True,
    )

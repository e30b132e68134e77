"""Fetching public data: begun, watched and stopped by a person."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.fetch_box import CANCEL
from dash_app.components.fetch_box import FRESH
from dash_app.components.fetch_box import RESUME
from dash_app.components.fetch_box import fetch_box
from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.services.fetch import ALL as EVERYTHING


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of fetching."""

    @app.callback(
        Output(ids.FETCH_BOX, "children"),
        Output(ids.FETCH_POLL, "disabled"),
        Input(ids.fetch_button(ALL), "n_clicks"),
        Input(ids.FETCH_POLL, "n_intervals"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int], _ticks: int, known: dict[str, Any]) -> tuple[Any, bool]:
        asked = ctx.triggered_id
        # a button that was drawn just now tells of no click
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        if isinstance(asked, dict):
            _do(planner, str(asked["act"]))
        t, desk = translator(known["lang"]), planner.fetching
        return fetch_box(t, desk), not desk.is_running

    @app.callback(
        Output(ids.FETCH_OFFER, "children"),
        Input(ids.FETCH_DISMISS, "n_clicks"),
        prevent_initial_call=True,
    )
    def dismiss(clicks: int) -> list[Any]:
        if not clicks:
            raise PreventUpdate
        planner.fetching.dismiss()
        return []


def _do(planner: Planner, act: str) -> None:
    if act == CANCEL:
        planner.fetching.cancel()
    elif act == RESUME:
        planner.fetching.resume()
    elif act == FRESH:
        planner.fetching.start(EVERYTHING, fresh=True)
    else:
        planner.fetching.start(act)

"""The address, the pages and the pieces of the shell that open and close."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.planner import Planner
from dash_app.shell import panel_body
from dash_app.shell import shell
from dash_app.shell import view_of
from dash_app.state import ENTRIES
from dash_app.state import link_class
from dash_app.state import tab_class
from ilo_geo.services.council import Council


def register(app: Dash, planner: Planner, council: Council) -> None:
    """Register the callbacks of the shell."""

    @app.callback(
        Output(ids.SHELL, "children"),
        Output(ids.SHELL, "className"),
        Input(ids.URL, "href"),
        State(ids.SHELL, "children"),
    )
    def open_shell(href: str | None, present: object) -> tuple[Any, str]:
        if present or not href:
            raise PreventUpdate
        return shell(planner, council, href), "shell"

    @app.callback(
        Output(ids.PANEL_BODY, "children"),
        *[Output(nav, "className") for nav in ids.NAV],
        Output(ids.tab(ALL), "className"),
        Input(ids.URL, "pathname"),
        State(ids.URL, "href"),
        State(ids.tab(ALL), "id"),
        prevent_initial_call=True,
    )
    def open_page(_path: str, href: str, tabs: list[dict[str, str]]) -> tuple[Any, ...]:
        view = view_of(planner, href)
        links = [link_class(entry, view.page) for entry in ENTRIES]
        return (
            panel_body(planner, council, view),
            *links,
            [tab_class(tab["page"], view.page) for tab in tabs],
        )

    _register_in_browser(app)


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("ilo", "writeAddress"),
        *[Output(nav, "href") for nav in ids.NAV],
        Output(ids.tab(ALL), "href"),
        Output(ids.LANGUAGE, "href"),
        Input(ids.parameter(ALL), "value"),
        Input(ids.LEVEL, "value"),
        Input(ids.ZONE, "data"),
        Input(ids.MAP, "center"),
        Input(ids.MAP, "zoom"),
        Input(ids.VISIBLE, "data"),
        Input(ids.HAZARD, "data"),
        Input(ids.URL, "pathname"),
        State(ids.parameter(ALL), "id"),
        State(ids.tab(ALL), "id"),
        State(ids.KNOWN, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "nextStop"),
        Output(ids.PANEL, "className"),
        Input(ids.SHEET_HANDLE, "n_clicks"),
        State(ids.PANEL, "className"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "toggleDrawer"),
        Output(ids.DRAWER_OPEN, "data"),
        Input(ids.DRAWER_TOGGLE, "n_clicks"),
        Input(ids.DRAWER_CLOSE, "n_clicks"),
        State(ids.DRAWER_OPEN, "data"),
        prevent_initial_call=True,
    )

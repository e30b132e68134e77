"""The participatory budget: what the panel and the map show, what is pressed, the bundles."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dash import ALL
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash import html
from dash import set_props
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.access import actor
from dash_app.bundle_desk import BundleDesk
from dash_app.components.badges import faults
from dash_app.components.bundle_table import bundle_table
from dash_app.i18n import translator
from dash_app.pages import budget
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.services.campaigns import campaign_view
from ilo_geo.services.council import Council


def register(app: Dash, planner: Planner, council: Council) -> None:
    """Register the callbacks of the page of campaigns."""
    _register_panel(app, council)
    _register_bundles(app, BundleDesk(planner, council), council)


def _register_panel(app: Dash, council: Council) -> None:
    @app.callback(
        Output(ids.BUDGET_BODY, "children"),
        Output(ids.PROPOSALS_MAP, "data", allow_duplicate=True),
        Input(ids.BUDGET_ASKED, "data"),
        Input(ids.BUDGET_DID, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def fill(rest: Any, _did: Any, known: dict[str, Any]) -> tuple[Any, Any]:
        found = budget.shown(translator(known["lang"]), council, actor(), rest)
        return found.body, found.map

    @app.callback(
        Output(ids.BUDGET_DID, "data"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.budget_act(ALL, ALL), "n_clicks"),
        State(ids.budget_field(ALL), "value"),
        State(ids.budget_field(ALL), "id"),
        State(ids.BUDGET_ASKED, "data"),
        prevent_initial_call=True,
    )
    def press(_clicks: Any, values: Any, names: Any, rest: Any) -> tuple[str, Any]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        pressed = ctx.triggered_id
        budget.act(
            council, actor(), pressed["verb"], pressed["of"], rest, ids.by_name(names, values)
        )
        return uuid4().hex, []

    @app.callback(
        Output(ids.BUDGET_SAVED, "children"),
        Input(ids.BUDGET_SAVE, "n_clicks"),
        State(ids.budget_field(ALL), "value"),
        State(ids.budget_field(ALL), "id"),
        State(ids.BUDGET_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: Any, values: Any, names: Any, rest: Any, known: dict[str, Any]) -> Any:
        if not clicks:
            raise PreventUpdate
        t = translator(known["lang"])
        try:
            path = budget.saved(council, actor(), rest, ids.by_name(names, values))
        except IloGeoError as error:
            return faults(t, [error])
        set_props(ids.URL, {"href": t.link(path)})
        return []


def _register_bundles(app: Dash, desk: BundleDesk, council: Council) -> None:
    @app.callback(
        Output(ids.BUNDLE_JOB, "data"),
        Output(ids.BUNDLE_POLL, "disabled"),
        Output(ids.BUNDLES, "children"),
        Input(ids.BUNDLE_FIND, "n_clicks"),
        State(ids.BUDGET_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def find(clicks: int | None, rest: Any, known: dict[str, Any]) -> tuple[Any, bool, Any]:
        if not clicks or not rest:
            raise PreventUpdate
        t, who = translator(known["lang"]), actor()
        key = budget.bundles_key(campaign_view(council, who, str(rest[0])))
        job = desk.start(who, str(rest[0]), key)
        found = desk.found(key)
        waits = html.P(t("bundles.computing"), className="skeleton bundle-waits")
        return {"key": key, "job": job}, job is None, bundle_table(t, found) if found else waits

    @app.callback(
        Output(ids.BUNDLE_POLL, "disabled", allow_duplicate=True),
        Output(ids.BUNDLES, "children", allow_duplicate=True),
        Input(ids.BUNDLE_POLL, "n_intervals"),
        State(ids.BUNDLE_JOB, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def watch(_ticks: int, run: dict[str, Any] | None, known: dict[str, Any]) -> tuple[bool, Any]:
        state = desk.state(run["job"]) if run else None
        if not run or (state is not None and not state.ended):
            raise PreventUpdate
        t, found = translator(known["lang"]), desk.found(run["key"])
        if found is not None:
            return True, bundle_table(t, found)
        return True, faults(t, [state.error] if state and state.error else [])

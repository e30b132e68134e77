"""From a file to a layer: look at it, say what is what, load it."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash import no_update
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.badges import faults
from dash_app.i18n import translator
from dash_app.pages import imports
from dash_app.planner import Planner


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the page of loads."""
    _register_jobs(app, planner)
    _register_results(app, planner)


def _register_jobs(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.IMPORT_JOB, "data"),
        Output(ids.IMPORT_POLL, "disabled"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.UPLOADED, "data"),
        Input(ids.IMPORT_CHECK, "n_clicks"),
        State(ids.import_field(ALL), "value"),
        State(ids.import_field(ALL), "id"),
        prevent_initial_call=True,
    )
    def check(uploaded: Any, _clicks: Any, values: list[Any], names: list[Any]) -> tuple[Any, ...]:
        if not uploaded:
            raise PreventUpdate
        fresh, token = ctx.triggered_id == ids.UPLOADED, uploaded["token"]
        said = imports.said_of(names, values, fresh=fresh)
        job = planner.jobs.submit(lambda p: planner.desk.preview(planner.area, token, said, p))
        return {"job": job, "token": token}, False, []

    @app.callback(
        Output(ids.IMPORT_JOB, "data", allow_duplicate=True),
        Output(ids.IMPORT_POLL, "disabled", allow_duplicate=True),
        Input(ids.import_load(ALL), "n_clicks"),
        State(ids.UPLOADED, "data"),
        prevent_initial_call=True,
    )
    def load(clicks: list[int | None], uploaded: Any) -> tuple[Any, bool]:
        if not any(clicks) or not uploaded:
            raise PreventUpdate
        token, valid = uploaded["token"], ctx.triggered_id["how"] == "valid"
        job = planner.jobs.submit(
            lambda p: planner.desk.load(planner.area, token, accept_valid=valid, progress=p)
        )
        return {"job": job, "token": token}, False

    @app.callback(
        Input(ids.IMPORT_CANCEL, "n_clicks"),
        State(ids.IMPORT_JOB, "data"),
        prevent_initial_call=True,
    )
    def cancel(_clicks: int, run: dict[str, str] | None) -> None:
        if run:
            planner.jobs.cancel(run["job"])


def _register_results(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.IMPORT_STEP, "children"),
        Output(ids.IMPORT_CANCEL, "hidden"),
        Output(ids.IMPORT_POLL, "disabled", allow_duplicate=True),
        Output(ids.IMPORT_DONE, "data"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.IMPORT_POLL, "n_intervals"),
        State(ids.IMPORT_JOB, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def watch(_ticks: int, run: dict[str, str] | None, known: dict[str, Any]) -> tuple[Any, ...]:
        t, state = translator(known["lang"]), planner.jobs.state(run["job"]) if run else None
        if state is None:
            return "", True, True, no_update, no_update
        if not state.ended:
            return imports.step(t, state), False, False, no_update, no_update
        said = faults(t, [state.error]) if state.error else no_update
        return "", True, True, run, said

    @app.callback(
        Output(ids.IMPORT_BODY, "children"),
        Output(ids.IMPORT_MAP, "url"),
        Input(ids.IMPORT_DONE, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def show(done: dict[str, str] | None, known: dict[str, Any]) -> tuple[Any, Any]:
        if not done:
            raise PreventUpdate
        t, token = translator(known["lang"]), done["token"]
        return imports.body(t, planner, token), imports.map_address(planner, done)

    app.clientside_callback(
        ClientsideFunction("ilo", "revealStart"),
        Input(ids.IMPORT_BODY, "children"),
        State(ids.IMPORT_BODY, "id"),
    )


def register_leaving(app: Dash, _planner: Planner) -> None:
    """Register what takes the drawn file off the map when another page is opened."""

    @app.callback(
        Output(ids.IMPORT_MAP, "url", allow_duplicate=True),
        Input(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    def leave(_path: str) -> None:
        return None

"""From parameters to results: start, watch, cancel, show."""

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
from dash_app.components.badges import stale_notice
from dash_app.components.certificate import told
from dash_app.i18n import translator
from dash_app.pages import green
from dash_app.pages import home
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.parameters import Parameters
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN

SET_BY_NORM = ("access_distance_m", "min_park_area_m2")


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the analysis."""
    _register_run(app, planner)
    _register_watch(app, planner)
    _register_stale(app, planner)
    _register_results(app, planner)


def _register_run(app: Dash, planner: Planner) -> None:

    @app.callback(
        Output(ids.RUN, "data"),
        Output(ids.POLL, "disabled"),
        Output(ids.NOTICE, "children"),
        Output(ids.parameter(ALL), "value"),
        Input(ids.parameter(ALL), "value"),
        Input(ids.ASKED, "data"),
        Input(ids.RECALCULATE, "data"),
        State(ids.parameter(ALL), "id"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
        State(ids.NOTICE, "children"),
    )
    def start(
        values: list[Any],
        page: dict[str, Any],
        _again: str | None,
        names: list[dict[str, str]],
        before: dict[str, Any] | None,
        known: dict[str, Any],
        said: Any,
    ) -> tuple[Any, ...]:
        if not page["analysis"]:
            raise PreventUpdate
        typed = ids.by_name(names, values)
        raw = {**page["asked"], **typed}
        if ctx.triggered_id == ids.parameter("access_standard"):
            # the chosen norm sets these two; what stood there belonged to the norm before
            raw = {k: v for k, v in raw.items() if k not in SET_BY_NORM}
        analysis = page["analysis"]
        try:
            params = planner.parse_own(raw, analysis)
            run = begun(planner, analysis, params)
            job = run["job"]
            superseded(planner, before, job)
        except IloGeoError as error:
            return no_update, no_update, faults(translator(known["lang"]), [error]), values
        filled = [
            _as_control(run["params"].get(name["name"], v), v)
            for name, v in zip(names, values, strict=True)
        ]
        return run, job is None, [] if ctx.triggered_id else said, filled


def _register_watch(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.PROGRESS, "hidden"),
        Output(ids.PROGRESS_BAR, "value"),
        Output(ids.PROGRESS_TEXT, "children"),
        Output(ids.FINISH, "hidden"),
        Output(ids.POLL, "disabled", allow_duplicate=True),
        Output(ids.DONE, "data"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.POLL, "n_intervals"),
        State(ids.RUN, "data"),
        State(ids.ALSO, "data"),
        State(ids.MEASURES, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def watch(
        _ticks: int, run: Any, also: Any, measures: Any, known: dict[str, Any]
    ) -> tuple[Any, ...]:
        jobs = [run["job"] for run in (run, also, measures) if run and run["job"]]
        states = {job: state for job in jobs if (state := planner.state(job)) is not None}
        t = translator(known["lang"])
        # the browser knows best whether it still waits for what ended
        done = [job for job, state in states.items() if state.ended and not state.error]
        said = [
            state.error
            for job, state in states.items()
            if state.error and not planner.is_abandoned(job)
        ]
        notice = faults(t, said) if said else no_update
        under_way = [state for state in states.values() if not state.ended]
        if not under_way:
            return True, 100, "", True, True, done or no_update, notice
        state = under_way[0]
        percent, step = 100 * state.done_ratio, told(t, state)
        return False, percent, step, not state.figures, False, done or no_update, notice

    app.clientside_callback(
        ClientsideFunction("ilo", "finishRuns"),
        Output(ids.RUN, "data", allow_duplicate=True),
        Output(ids.ALSO, "data", allow_duplicate=True),
        Output(ids.MEASURES, "data", allow_duplicate=True),
        Input(ids.DONE, "data"),
        State(ids.RUN, "data"),
        State(ids.ALSO, "data"),
        State(ids.MEASURES, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Input(ids.CANCEL, "n_clicks"),
        State(ids.RUN, "data"),
        State(ids.ALSO, "data"),
        State(ids.MEASURES, "data"),
        prevent_initial_call=True,
    )
    def cancel(_clicks: int, *runs: dict[str, Any] | None) -> None:
        for run in runs:
            if run and run["job"]:
                planner.jobs.cancel(run["job"])

    @app.callback(Input(ids.FINISH, "n_clicks"), State(ids.RUN, "data"), prevent_initial_call=True)
    def finish(_clicks: int, run: dict[str, Any] | None) -> None:
        if run and run["job"]:
            planner.jobs.finish(run["job"])


def _register_stale(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.STALE, "children"),
        Input(ids.STALE_POLL, "n_intervals"),
        Input(ids.RUN, "data"),
        Input(ids.TAB, "data"),
        Input(ids.PERIOD, "data"),
        Input(ids.MODE, "data"),
        State(ids.KNOWN, "data"),
    )
    def tell_stale(_n: int, run: dict[str, Any] | None, *rest: Any) -> Any:
        known = rest[-1]
        if not planner.is_stale(run):
            return []
        return stale_notice(translator(known["lang"]), planner.stamp(run["analysis"]))


def _register_results(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.HOME_RESULT, "children"), Input(ids.RUN, "data"), State(ids.KNOWN, "data")
    )
    def show_home(run: dict[str, Any] | None, known: dict[str, Any]) -> Any:
        return home.result_block(translator(known["lang"]), planner, planner.ready(run, GREEN))

    @app.callback(
        Output(ids.GREEN_RESULT, "children"),
        Input(ids.RUN, "data"),
        Input(ids.LEVEL, "value"),
        Input(ids.ZONE, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_green(
        run: dict[str, Any] | None, level: str, zone: str | None, known: dict[str, Any]
    ) -> Any:
        t, result = translator(known["lang"]), planner.ready(run, GREEN)
        return green.result_block(t, planner, result, planner.known_level(level), zone)

    @app.callback(
        Output(ids.GREEN_CALIBRATION, "children"),
        Output(ids.GREEN_INEQUALITY, "children"),
        Output(ids.GREEN_WARNINGS, "children"),
        Output(ids.GREEN_EXPORT, "children"),
        # after the map is painted: what one asks next must not delay what one came for
        Input(ids.LEGEND, "children"),
        Input(ids.GREEN_EXPORT, "id"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_more(
        _legend: Any, _id: str, run: dict[str, Any] | None, known: dict[str, Any]
    ) -> tuple[Any, ...]:
        return green.more_blocks(translator(known["lang"]), planner, planner.ready(run, GREEN))


def begun(planner: Planner, analysis: str, params: Parameters) -> dict[str, Any]:
    """Start an analysis and return what the page keeps of it: what was asked, of which data."""
    stamp = planner.stamp(analysis)
    job = planner.start(analysis, params).job
    asked = params.model_dump(mode="json")
    return {"analysis": analysis, "params": asked, "job": job, "stamp": stamp}


def superseded(planner: Planner, before: dict[str, Any] | None, job: str | None) -> None:
    """Stop what a page waited for before it asked for something else."""
    if before and before["job"] and before["job"] != job:
        planner.abandon(before["job"])


def _as_control(value: Any, typed: Any) -> Any:
    """Return a parameter as its control holds it: lists hold text, numbers stay numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(typed, str) and not isinstance(value, str) else value

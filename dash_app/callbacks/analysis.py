"""From parameters to results: start, watch, cancel, show."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash import no_update

from dash_app import ids
from dash_app.components.badges import faults
from dash_app.i18n import translator
from dash_app.pages import green
from dash_app.pages import home
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.text import messages


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the analysis."""
    _register_run(app, planner)
    _register_results(app, planner)


def _register_run(app: Dash, planner: Planner) -> None:

    @app.callback(
        Output(ids.RUN, "data"),
        Output(ids.POLL, "disabled"),
        Output(ids.NOTICE, "children"),
        Output(ids.parameter(ALL), "value"),
        Input(ids.parameter(ALL), "value"),
        State(ids.parameter(ALL), "id"),
        State(ids.KNOWN, "data"),
        State(ids.NOTICE, "children"),
    )
    def start(
        values: list[Any], names: list[dict[str, str]], known: dict[str, Any], said: Any
    ) -> tuple[Any, ...]:
        raw = {name["name"]: value for name, value in zip(names, values, strict=True)}
        if ctx.triggered_id == ids.parameter("access_standard"):
            # the chosen norm sets these two; what stood there belonged to the norm before
            raw = {
                k: v for k, v in raw.items() if k not in ("access_distance_m", "min_park_area_m2")
            }
        try:
            params = planner.parse(raw or known["asked"])
            job = planner.start(params).job
        except IloGeoError as error:
            return no_update, no_update, faults(translator(known["lang"]), [error]), values
        run = {"params": params.model_dump(mode="json"), "job": job}
        filled = [
            _as_control(run["params"][name["name"]], v)
            for name, v in zip(names, values, strict=True)
        ]
        return run, job is None, [] if ctx.triggered_id else said, filled

    @app.callback(
        Output(ids.PROGRESS, "hidden"),
        Output(ids.PROGRESS_BAR, "value"),
        Output(ids.PROGRESS_TEXT, "children"),
        Output(ids.POLL, "disabled", allow_duplicate=True),
        Output(ids.RUN, "data", allow_duplicate=True),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.POLL, "n_intervals"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def watch(_ticks: int, run: dict[str, Any], known: dict[str, Any]) -> tuple[Any, ...]:
        state = planner.state(run["job"]) if run and run["job"] else None
        if state is None:
            return True, 0, "", True, no_update, no_update
        t = translator(known["lang"])
        if not state.ended:
            step = t(
                "job.step",
                step=t.of(messages()[state.step]),
                percent=f"{100 * state.done_ratio:.0f}",
            )
            return False, 100 * state.done_ratio, step, False, no_update, no_update
        said = faults(t, [state.error]) if state.error else []
        return True, 100, "", True, no_update if state.error else {**run, "job": None}, said

    @app.callback(Input(ids.CANCEL, "n_clicks"), State(ids.RUN, "data"), prevent_initial_call=True)
    def cancel(_clicks: int, run: dict[str, Any] | None) -> None:
        if run and run["job"]:
            planner.jobs.cancel(run["job"])


def _register_results(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.HOME_RESULT, "children"), Input(ids.RUN, "data"), State(ids.KNOWN, "data")
    )
    def show_home(run: dict[str, Any] | None, known: dict[str, Any]) -> Any:
        return home.result_block(translator(known["lang"]), planner, planner.ready(run))

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
        t, result = translator(known["lang"]), planner.ready(run)
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
        return green.more_blocks(translator(known["lang"]), planner, planner.ready(run))


def _as_control(value: Any, typed: Any) -> Any:
    """Return a parameter as its control holds it: lists hold text, numbers stay numbers."""
    return str(value) if isinstance(typed, str) and not isinstance(value, str) else value

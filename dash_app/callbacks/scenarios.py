"""The page of scenarios: panel, divided map, form; figures are computed in the background."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import no_update
from dash import set_props
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.access import actor
from dash_app.components.badges import faults
from dash_app.components.scenario_tables import legend
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.pages import scenarios as page
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.services import scenarios
from ilo_geo.services.council import Council

SIDES = ("left", "right", "left_shapes", "right_shapes")
ZONES = SIDES[:2]
# what lies on the map of other pages and would hide the two sides
OTHERS = (ids.THEME, ids.ZONES, ids.OUTLINE, ids.FOUND_AREAS, ids.FOUND_PINS)


def register(app: Dash, planner: Planner, council: Council) -> None:
    """Register what whoever may read scenarios needs; who may write them, the commands ask."""
    _register_panel(app, planner, council)
    _register_map(app, council)
    _register_form(app, council)


def _register_panel(app: Dash, planner: Planner, council: Council) -> None:
    @app.callback(
        Output(ids.SCENARIOS_BODY, "children"),
        Output(ids.SCENARIO_MAP, "data"),
        Output(ids.SCENARIO_JOB, "data"),
        Output(ids.SCENARIO_POLL, "disabled"),
        Input(ids.SCENARIOS_ASKED, "data"),
        State(ids.KNOWN, "data"),
    )
    def fill(asked: dict[str, Any], known: Any) -> tuple[Any, Any, Any, bool]:
        t = translator(known["lang"])
        try:
            wanted = page.asked_of(asked.get("rest"))
            job = started(planner, council, wanted)
        except IloGeoError as error:
            return faults(t, [error]), None, None, True
        if job is not None:
            return page.waiting(t), None, {"job": job}, False
        found = page.shown(t, council, actor(), wanted)
        return found.body, found.map, None, True

    @app.callback(
        Output(ids.SCENARIOS_BODY, "children", allow_duplicate=True),
        Output(ids.SCENARIO_MAP, "data", allow_duplicate=True),
        Output(ids.SCENARIO_POLL, "disabled", allow_duplicate=True),
        Input(ids.SCENARIO_POLL, "n_intervals"),
        State(ids.SCENARIO_JOB, "data"),
        State(ids.SCENARIOS_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def wait(_ticks: int, run: Any, asked: Any, known: Any) -> tuple[Any, Any, bool]:
        state = planner.jobs.state(run["job"]) if run and run.get("job") else None
        if state is not None and not state.ended:
            raise PreventUpdate
        t = translator(known["lang"])
        if state is not None and state.error is not None:
            return faults(t, [state.error]), None, True
        found = page.shown(t, council, actor(), page.asked_of(asked.get("rest")))
        return found.body, found.map, True


def _register_map(app: Dash, council: Council) -> None:
    @app.callback(
        *[Output(ids.scenario_layer(side), "data") for side in SIDES],
        *[Output(ids.scenario_layer(side), "hideout") for side in ZONES],
        Output(ids.LEGEND, "children", allow_duplicate=True),
        Output(ids.LEVEL_CHOICE, "hidden", allow_duplicate=True),
        *[Output(layer, "url", allow_duplicate=True) for layer in OTHERS],
        Input(ids.SCENARIO_MAP, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def draw(shown: dict[str, Any] | None, known: Any) -> tuple[Any, ...]:
        if not shown:
            return *[None] * len(SIDES), *[no_update] * (len(ZONES) + 2 + len(OTHERS))
        words, look = shown["words"], shown["look"]
        t = translator(known["lang"])
        told = legend(t, words, modelled=look["modelled"])
        data = [shown[side] for side in SIDES]
        return *data, look, look, told, True, *[None] * len(OTHERS)

    # in the browser: the server would refuse whoever may not read scenarios, on every page
    app.clientside_callback(
        ClientsideFunction("scenarios", "leave"),
        Output(ids.SCENARIO_MAP, "data", allow_duplicate=True),
        Input(ids.URL, "pathname"),
        State(ids.SCENARIO_MAP, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.SCENARIO_STALE, "children"),
        Input(ids.STALE_POLL, "n_intervals"),
        State(ids.SCENARIO_MAP, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def tell(_ticks: int, shown: dict[str, Any] | None, known: Any) -> Any:
        computed = (shown or {}).get("inputs", [])
        t = translator(known["lang"])
        stale = any(scenarios.is_stale(council, actor(), *one) for one in computed)
        return page.stale_notice(t) if stale else []

    app.clientside_callback(
        ClientsideFunction("scenarios", "show"),
        Input(ids.SCENARIO_MAP, "data"),
        prevent_initial_call=True,
    )


def _register_form(app: Dash, council: Council) -> None:
    @app.callback(
        Output(ids.SCENARIO_SAID, "children"),
        Input(ids.SCENARIO_SAVE, "n_clicks"),
        State(ids.SCENARIO_TITLE, "value"),
        State(ids.SCENARIO_PROPOSALS, "value"),
        State(ids.SCENARIO_AGAIN, "data"),
        State(ids.SCENARIOS_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
        running=[(Output(ids.SCENARIO_SAVE, "disabled"), True, False)],
    )
    def save(clicks: int | None, title: Any, chosen: Any, kept: Any, asked: Any, known: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        t, said = translator(known["lang"]), {"title": title or "", "proposal_ids": chosen or []}
        try:
            record = saved(council, page.asked_of(asked.get("rest")), said, page.version_of(kept))
        except IloGeoError as error:
            return refused(t, error, said)
        set_props(ids.URL, {"href": t.link(f"{page.PATH}/{record['id']}")})
        return []

    @app.callback(
        Output(ids.SCENARIO_SAID, "children", allow_duplicate=True),
        Input(ids.SCENARIO_DISCARD, "n_clicks"),
        State(ids.SCENARIO_AGAIN, "data"),
        State(ids.SCENARIOS_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def discard(clicks: int | None, kept: Any, asked: Any, known: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        t = translator(known["lang"])
        try:
            scenario_id = page.asked_of(asked.get("rest")).ids[0]
            scenarios.discard(council, actor(), scenario_id, {"version": page.version_of(kept)})
        except IloGeoError as error:
            return faults(t, [error])
        set_props(ids.URL, {"href": t.link(page.PATH)})
        return []


def started(planner: Planner, council: Council, wanted: page.Asked) -> str | None:
    """Return the job that computes what is asked for, None where all is at hand."""
    if wanted.what not in ("one", "two"):
        return None
    who = actor()
    lacking = [one for one in wanted.ids if not scenarios.is_at_hand(council, who, one)]
    if not lacking:
        return None
    return planner.jobs.submit(
        lambda _progress: [
            scenarios.scenario_view(council, who, one).inputs_sha256 for one in lacking
        ]
    )


def saved(
    council: Council, wanted: page.Asked, said: dict[str, Any], version: int
) -> dict[str, Any]:
    """Return a scenario as it was written, a new one or one that is there."""
    if wanted.what == "edit":
        asked = {**said, "version": version}
        return scenarios.edit(council, actor(), wanted.ids[0], asked)
    return scenarios.create(council, actor(), said)


def refused(t: Translator, error: IloGeoError, said: dict[str, Any]) -> list[Any]:
    """Return why a scenario was not written, in the words of its form."""
    if isinstance(error, InputError) and not said["title"].strip():
        return faults(t, [InputError("scenario.no_title")])
    if isinstance(error, InputError) and not said["proposal_ids"]:
        return faults(t, [InputError("scenario.no_proposals")])
    return faults(t, [error])

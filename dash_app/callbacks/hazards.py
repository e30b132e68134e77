"""The page of hazards: which one, what it finds, the flood under the slider, what is at a point."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.callbacks.analysis import begun
from dash_app.callbacks.analysis import superseded
from dash_app.components import evacuation
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.flood_look import flood_look
from dash_app.components.hazard_legend import hazard_legend
from dash_app.components.map_view import plan_line_look
from dash_app.components.point_card import point_card
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.pages import hazards
from dash_app.planner import Planner
from dash_app.routes.layers import flood_url
from dash_app.routes.layers import measures_url
from dash_app.routes.layers import plan_line_url
from dash_app.routes.layers import result_url
from dash_app.shell import view_of
from dash_app.state import EVACUATION
from dash_app.state import HAZARDS
from dash_app.state import MEASURES
from dash_app.state import PATHS
from dash_app.state import TSUNAMI
from ilo_geo.services.result_layers import row_at


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the page of hazards."""
    _register_results(app, planner)
    _register_evacuation(app, planner)
    _register_flood(app, planner)
    _register_point(app, planner)
    _register_in_browser(app)


def _register_results(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.HAZARD_BODY, "children"),
        Output(ids.TAB, "data"),
        Output(ids.MODE, "data"),
        Output(ids.LEGEND, "children", allow_duplicate=True),
        Output(ids.ZONES, "url", allow_duplicate=True),
        Input(ids.HAZARD, "data"),
        State(ids.NAV_HAZARDS, "href"),
        prevent_initial_call=True,
    )
    def open_hazard(hazard: str, href: str) -> tuple[Any, ...]:
        # that link holds the whole view, in this page's language
        view = view_of(planner, f"{href}{'&' if '?' in href else '?'}hazard={hazard}")
        # what was drawn of another hazard goes at once, its legend with it
        return hazards.hazard_body(planner, view), hazards.EXPOSED, hazards.LINE, [], None

    @app.callback(
        Output(ids.HAZARD_RESULT, "children"),
        Output(ids.HAZARD_EXPOSED, "children"),
        Input(ids.RUN, "data"),
        Input(ids.ALSO, "data"),
        Input(ids.PERIOD, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_hazard(
        run: dict[str, Any] | None, also: dict[str, Any] | None, period: str, known: dict[str, Any]
    ) -> tuple[Any, Any]:
        t, result = translator(known["lang"]), planner.ready(run, *HAZARDS)
        late = evacuation.late_line(t, _at_hand(planner, also)) if also else None
        when = period if period in hazards.PERIODS else hazards.first_period()
        return (
            hazards.result_block(t, result, when, late),
            hazards.exposed_block(t, planner, result, when),
        )

    @app.callback(
        Output(ids.HAZARD_MORE, "children"),
        Input(ids.LEGEND, "children"),
        Input(ids.HAZARD_MORE, "id"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_more(_legend: Any, _id: str, run: dict[str, Any] | None, known: Any) -> Any:
        return limits_and_files(translator(known["lang"]), planner.ready(run, *HAZARDS))


def _register_evacuation(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.ALSO, "data"),
        Output(ids.MEASURES, "data"),
        Output(ids.POLL, "disabled", allow_duplicate=True),
        Input(ids.RUN, "data"),
        Input(ids.PERIOD, "data"),
        Input(ids.TAB, "data"),
        State(ids.ASKED, "data"),
        State(ids.parameter(ALL), "value"),
        State(ids.parameter(ALL), "id"),
        State(ids.ALSO, "data"),
        State(ids.MEASURES, "data"),
        prevent_initial_call=True,
    )
    def start_also(
        run: dict[str, Any] | None,
        period: str,
        tab: str,
        page: Any,
        values: Any,
        names: Any,
        *before: Any,
    ) -> tuple[Any, ...]:
        if not run or run["analysis"] != TSUNAMI:
            return None, None, no_update
        typed = ids.by_name(names, values)
        raw = {**page["asked"], **typed, **run["params"], "moment": period}
        # what helps most takes long: only for who looks at the evacuation
        wanted = [name for name in page["also"] if name == EVACUATION or tab == EVACUATION]
        runs = {name: _begun(planner, name, raw) for name in wanted}
        for name, old in zip((EVACUATION, MEASURES), before, strict=True):
            superseded(planner, old, runs.get(name, {}).get("job"))
        busy = any(one["job"] for one in (run, *runs.values()))
        return runs.get(EVACUATION), runs.get(MEASURES), False if busy else no_update

    @app.callback(
        Output(ids.EVACUATION_RESULT, "children"),
        Input(ids.ALSO, "data"),
        Input(ids.BLOCK, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_evacuation(also: dict[str, Any] | None, block: str | None, known: Any) -> Any:
        t, result = translator(known["lang"]), _at_hand(planner, also)
        waits = result is None
        return evacuation.waiting(t) if waits else evacuation.evacuation_tab(t, result, block)

    @app.callback(
        Output(ids.MEASURES_RESULT, "children"),
        Input(ids.MEASURES, "data"),
        State(ids.KNOWN, "data"),
    )
    def show_measures(run: dict[str, Any] | None, known: Any) -> Any:
        t, result = translator(known["lang"]), _at_hand(planner, run)
        return evacuation.waiting(t) if result is None else evacuation.measures_section(t, result)

    @app.callback(
        Output(ids.EVACUATION_LAYER, "url"),
        Output(ids.EVACUATION_LAYER, "hideout"),
        Output(ids.MEASURES_LAYER, "url"),
        Input(ids.ALSO, "data"),
        Input(ids.MEASURES, "data"),
        Input(ids.TAB, "data"),
        Input(ids.BLOCK, "data"),
        Input(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    def draw_evacuation(
        also: Any, measures: Any, tab: str, block: str | None, path: str
    ) -> tuple[Any, ...]:
        shown = tab == EVACUATION and PATHS.get(path) == "hazards"
        moves, helps = (_at_hand(planner, run) if shown else None for run in (also, measures))
        return (
            result_url(planner, moves, evacuation.BLOCKS, "arrival_class") if moves else None,
            {"chosen": block, **evacuation.looks()},
            measures_url(planner, helps) if helps else None,
        )


def _begun(planner: Planner, analysis: str, raw: dict[str, Any]) -> dict[str, Any]:
    return begun(planner, analysis, planner.parse_own(raw, analysis))


def _at_hand(planner: Planner, run: dict[str, Any] | None) -> Any:
    """Return the result of a run if it is at hand."""
    if not run or run["job"] or planner.is_stale(run):
        return None
    return planner.at_hand(run["analysis"], planner.parse(run["params"], run["analysis"]))


def _register_flood(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.FLOOD, "data"),
        Input(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def flood(run: dict[str, Any] | None, known: dict[str, Any]) -> dict[str, Any]:
        result = planner.ready(run, TSUNAMI)
        about, url = flood_url(planner, planner.parse(result.parameters, TSUNAMI))
        return {**about, "url": url, **flood_look(translator(known["lang"]), result)}

    @app.callback(
        Output(ids.plan_line(ALL), "url"),
        Output(ids.plan_line(ALL), "hideout"),
        Input(ids.RUN, "data"),
        Input(ids.VISIBLE, "data"),
        State(ids.plan_line(ALL), "id"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def draw_plan_lines(
        run: Any, visible: list[str], lines: Any, known: Any
    ) -> tuple[list[Any], list[Any]]:
        names = [line["layer"] for line in lines]
        flooded = bool(run) and run["analysis"] == TSUNAMI
        result = planner.ready(run) if flooded else None
        looks = [plan_line_look(name, result) for name in names]
        if result is None:
            return [None] * len(names), looks
        t, shown = translator(known["lang"]), [n for n in names if n in visible]
        urls = [plan_line_url(t, planner, result, n) if n in shown else None for n in names]
        return urls, looks

    @app.callback(
        Output(ids.LEGEND, "children", allow_duplicate=True),
        Input(ids.VISIBLE, "data"),
        State(ids.RUN, "data"),
        State(ids.MODE, "data"),
        State(ids.TAB, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def name_plan_lines(visible: list[str], run: Any, mode: str, tab: str, known: Any) -> Any:
        result = planner.ready(run, TSUNAMI)
        return hazard_legend(translator(known["lang"]), result, mode, tab, visible)


def _register_point(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.POINT_CARD, "children"),
        Input(ids.MAP, "clickData"),
        State(ids.RUN, "data"),
        State(ids.ALSO, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def show_point(
        click: dict[str, Any] | None, run: dict[str, Any] | None, also: Any, known: Any
    ) -> Any:
        if not click or not run:
            raise PreventUpdate
        t = translator(known["lang"])
        at = (click["latlng"]["lat"], click["latlng"]["lng"])
        found = planner.hazards_at(*at, run["params"])
        return point_card(t, found, _block_at(t, _at_hand(planner, also), at))


def _block_at(t: Translator, result: Any, at: tuple[float, float]) -> list[Component]:
    """Return what the evacuation says of the block at a place."""
    if result is None:
        return []
    blocks = result.tables[evacuation.BLOCKS]
    block = row_at(blocks, *at)
    if block is None:
        return []
    row = blocks[blocks.index.astype(str) == block].iloc[0]
    return [evacuation.block_sheet(t, result, block, row)]


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("flood", "showFlood"),
        Output(ids.FLOOD_SHOWN, "data"),
        Input(ids.FLOOD, "data"),
        Input(ids.MODE, "data"),
        Input(ids.TAB, "data"),
        Input(ids.HAZARD, "data"),
        Input(ids.URL, "pathname"),
    )
    app.clientside_callback(
        ClientsideFunction("flood", "mountSlider"),
        Output(ids.LEVEL_SLIDER, "className"),
        Input(ids.LEVEL_SLIDER, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "showTab"),
        Output(ids.HAZARD_EXPOSED, "hidden"),
        Output(ids.EVACUATION_PANE, "hidden"),
        Input(ids.TAB, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "reveal"),
        Input(ids.POINT_CARD, "children"),
        State(ids.POINT_CARD, "id"),
    )

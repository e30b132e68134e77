"""The page of proposals: what the panel and the map show, and every verb that is pressed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dash import ALL
from dash import MATCH
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import ctx
from dash import no_update
from dash import set_props
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.access import actor
from dash_app.components.badges import faults
from dash_app.components.proposal_list import PATH
from dash_app.components.proposal_list import query_of
from dash_app.components.proposal_marks import mark_words
from dash_app.components.proposal_marks import marks_legend
from dash_app.components.proposal_sheet import technical_sheet
from dash_app.components.proposal_words import iso_of
from dash_app.i18n import translator
from dash_app.pages import proposals
from dash_app.sheet_desk import SheetDesk
from dash_app.sheet_desk import computes
from dash_app.state import LISTED
from dash_app.state import page_of
from ilo_geo.core.errors import IloGeoError
from ilo_geo.services.council import Council
from ilo_geo.services.proposal_reading import proposal_id
from ilo_geo.services.proposal_sheet import sheet_of

PAGE = LISTED[-1]
# what lies on the map of other pages and would hide proposals
OTHERS = (ids.THEME, ids.ZONES, ids.OUTLINE, ids.FOUND_AREAS, ids.FOUND_PINS)
# pages whose map shows proposals by their marks
MARKED = ("proposals", "budget")
MOMENTS = ("closes_at",)
NUMBERS = ("quorum",)


def register(app: Dash, desk: SheetDesk, council: Council) -> None:
    """Register what whoever may read proposals needs; what they may do, the commands ask."""
    _register_panel(app, council)
    _register_map(app)
    _register_acts(app, council)
    _register_sheet(app, council, desk)
    _register_in_browser(app)


def _register_panel(app: Dash, council: Council) -> None:
    @app.callback(
        Output(ids.PROPOSALS_BODY, "children"),
        Output(ids.PROPOSALS_MAP, "data", allow_duplicate=True),
        Input(ids.PROPOSAL_CHANGED, "data"),
        State(ids.PROPOSALS_ASKED, "data"),
        State(ids.act_field(ALL, ALL, ALL), "value"),
        State(ids.act_field(ALL, ALL, ALL), "id"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def fill(
        changed: dict[str, Any] | None, asked: Any, values: list[Any], names: list[Any], known: Any
    ) -> tuple[Any, Any]:
        if not changed:
            # the page came with its body
            raise PreventUpdate
        typed = still_typed(changed, values, names)
        found = proposals.shown(translator(known["lang"]), council, actor(), asked, typed)
        return found.body, {**found.map, "again": True}

    @app.callback(
        Output(ids.PROPOSAL_LIST, "children"),
        Output(ids.parameter(PAGE), "value"),
        Output(ids.PROPOSALS_MAP, "data", allow_duplicate=True),
        *[Input(ids.parameter(name), "value") for name in LISTED],
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def cut_down(*values: Any) -> tuple[Any, ...]:
        *chosen, known = values
        asked = dict(zip(LISTED, chosen, strict=True))
        turned = ctx.triggered_id == ids.parameter(PAGE)
        asked[PAGE] = asked[PAGE] if turned else ""
        t = translator(known["lang"])
        found = proposals.rows(t, council, actor(), asked)
        points = f"{PATH}.geojson{query_of(asked, page=False)}"
        around = {"points": points, "query": query_of(asked, t.lang), "again": True}
        return found, asked[PAGE], no_update if turned else around


def _register_map(app: Dash) -> None:
    @app.callback(
        Output(ids.PROPOSAL_POINTS, "url"),
        Output(ids.PROPOSAL_POINTS, "hideout"),
        Output(ids.PROPOSAL_SHAPE, "data"),
        Output(ids.LEGEND, "children", allow_duplicate=True),
        Output(ids.LEVEL_CHOICE, "hidden", allow_duplicate=True),
        *[Output(layer, "url", allow_duplicate=True) for layer in OTHERS],
        Output(ids.plan_line(ALL), "url", allow_duplicate=True),
        Input(ids.PROPOSALS_MAP, "data"),
        State(ids.plan_line(ALL), "id"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def show(shown: dict[str, Any] | None, lines: list[Any], known: Any) -> tuple[Any, ...]:
        if not shown:
            return None, no_update, None, *[no_update] * (2 + len(OTHERS)), [no_update] * len(lines)
        t = translator(known["lang"])
        look = {**mark_words(t), "chosen": shown.get("number"), "query": shown.get("query", "")}
        cleared = [None] * len(OTHERS)
        shape = None if shown.get("draws") else shapes_of(shown)
        return shown["points"], look, shape, marks_legend(t), True, *cleared, [None] * len(lines)

    @app.callback(
        Output(ids.PROPOSALS_MAP, "data", allow_duplicate=True),
        Input(ids.URL, "pathname"),
        prevent_initial_call=True,
    )
    def leave(path: str) -> Any:
        return no_update if page_of(path or "")[0] in MARKED else None


def _register_acts(app: Dash, council: Council) -> None:
    @app.callback(
        Output(ids.act_said(MATCH, MATCH), "children"),
        Input(ids.act(MATCH, MATCH), "n_clicks"),
        State(ids.act_field(MATCH, MATCH, ALL), "value"),
        State(ids.act_field(MATCH, MATCH, ALL), "id"),
        State(ids.PROPOSALS_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def act(clicks: int | None, values: list[Any], names: list[Any], asked: Any, known: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        verb, of = ctx.triggered_id["verb"], ctx.triggered_id["of"]
        t = translator(known["lang"])
        try:
            number = proposals.asked_of(asked.get("rest")).number
            done = do(council, verb, number, said_of(names, values))
        except IloGeoError as error:
            return faults(t, [error])
        if verb == "discard":
            set_props(ids.URL, {"href": t.link(PATH)})
        else:
            set_props(ids.PROPOSAL_CHANGED, {"data": {"did": [verb, of], "at": done}})
        return []


def _register_sheet(app: Dash, council: Council, desk: SheetDesk) -> None:
    @app.callback(
        Output(ids.SHEET_JOB, "data"),
        Output(ids.SHEET_POLL, "disabled"),
        Input(ids.PROPOSALS_MAP, "data"),
        prevent_initial_call=True,
    )
    def begin(shown: dict[str, Any] | None) -> tuple[Any, bool]:
        number = (shown or {}).get("sheet")
        if not isinstance(number, int) or not computes(actor()):
            return None, True
        job = desk.wanted(proposal_id(council, actor(), number))
        # a sheet that was made since the page was written has to be shown as well
        return {"job": job, "number": number}, job is None and not (shown or {}).get("due")

    @app.callback(
        Output(ids.SHEET_JOB, "data", allow_duplicate=True),
        Output(ids.SHEET_POLL, "disabled", allow_duplicate=True),
        Input(ids.SHEET_AGAIN, "n_clicks"),
        State(ids.SHEET_JOB, "data"),
        prevent_initial_call=True,
    )
    def again(clicks: int | None, run: dict[str, Any] | None) -> tuple[Any, bool]:
        if not clicks or not run or not computes(actor()):
            raise PreventUpdate
        job = desk.start(proposal_id(council, actor(), run["number"]))
        return {**run, "job": job}, False

    @app.callback(
        Output(ids.SHEET_MADE, "data"),
        Output(ids.SHEET_POLL, "disabled", allow_duplicate=True),
        Input(ids.SHEET_POLL, "n_intervals"),
        State(ids.SHEET_JOB, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def watch(_ticks: int, run: dict[str, Any] | None, known: Any) -> tuple[Any, bool]:
        if not run:
            return None, True
        state = desk.state(run["job"])
        if state is not None and not state.ended:
            raise PreventUpdate
        t, who = translator(known["lang"]), actor()
        fault = state.error.public_text(t.lang) if state and state.error else ""
        sheet = sheet_of(council, proposal_id(council, who, run["number"]), actor=who)
        body = technical_sheet(t, sheet, computing=False, fault=fault)
        return {"number": run["number"], "body": body}, True

    # only the browser knows whether that page is still open
    app.clientside_callback(
        ClientsideFunction("proposals", "showSheet"),
        Input(ids.SHEET_MADE, "data"),
        prevent_initial_call=True,
    )


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("proposals", "mapFirst"),
        Output(ids.PROPOSALS_MAP, "data"),
        Input(ids.PROPOSALS_FIRST_MAP, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("proposals", "lookAt"),
        Input(ids.PROPOSALS_MAP, "data"),
        prevent_initial_call=True,
    )


def do(council: Council, verb: str, number: int, asked: dict[str, Any]) -> str:
    """Do a verb on the proposal of a number, and return what is new of it each time."""
    who = actor()
    council.do(who, verb, proposal_id(council, who, number), asked)
    return uuid4().hex


def said_of(names: list[dict[str, str]], values: list[Any]) -> dict[str, Any]:
    """Return what was filled in, as the forms of the library take it; what is empty is not said."""
    said: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        field = name["name"]
        if value in (None, "") and field not in ("reason", "text"):
            continue
        said[field] = iso_of(str(value)) if field in MOMENTS else value or ""
        if field in NUMBERS and str(value).strip().isdecimal():
            said[field] = int(value)
    return said


def still_typed(
    changed: dict[str, Any], values: list[Any], names: list[dict[str, str]]
) -> dict[tuple[str, str, str], Any]:
    """Return what was typed and not sent: all but what the verb that was done had asked for."""
    typed = {
        (name["verb"], name["of"], name["name"]): value
        for name, value in zip(names, values, strict=True)
        if value
    }
    return {key: value for key, value in typed.items() if list(key[:2]) != changed.get("did")}


def shapes_of(shown: dict[str, Any]) -> dict[str, Any] | None:
    """Return the shapes that stand out on the map as a GeoJSON collection, cased."""
    drawn = [shown[name] for name in ("shape", "other") if shown.get(name)]
    features = [
        {"type": "Feature", "properties": {"part": part, "n": n}, "geometry": shape}
        for n, shape in enumerate(drawn, start=1)
        for part in ("casing", "line")
    ]
    return {"type": "FeatureCollection", "features": features} if features else None

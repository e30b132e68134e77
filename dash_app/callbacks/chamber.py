"""The chamber: what its screen shows as it moves, what is pressed, the form of a sitting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from dash import ALL
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
from dash_app.i18n import translator
from dash_app.pages import sitting
from dash_app.pages import sittings
from dash_app.sheet_desk import SheetDesk
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.services.council import Council

SCREEN = (
    (ids.SITTING_SEEN, "data"),
    (ids.SITTING_STRIP, "children"),
    (ids.SITTING_AGENDA, "children"),
    (ids.SITTING_WORDS, "children"),
    (ids.SITTING_AGAINST, "children"),
    (ids.COUNCIL_SHAPES, "data"),
    (ids.SITTING_VOTE, "children"),
    (ids.SITTING_KEYS, "children"),
    (ids.SITTING_ROLL, "children"),
    (ids.SITTING_PRESIDING, "children"),
    (ids.SITTING_OPENING, "children"),
    (ids.SITTING_CLOSING, "children"),
    (ids.SITTING_ENDING, "children"),
    (ids.SITTING_TIE, "hidden"),
)


def register(app: Dash, desk: SheetDesk, council: Council) -> None:
    """Register the callbacks of the chamber."""
    _register_screen(app, council, desk)
    _register_sittings(app, council, desk)
    _register_in_browser(app)


def _register_screen(app: Dash, council: Council, desk: SheetDesk) -> None:
    @app.callback(
        *[Output(*part) for part in SCREEN],
        Input(ids.SITTING_POLL, "n_intervals"),
        Input(ids.SITTING_ASKED, "data"),
        State(ids.SITTING_SEEN, "data"),
        State(ids.KNOWN, "data"),
    )
    def watch(_ticks: int | None, number: Any, seen: Any, known: dict[str, Any]) -> Any:
        t = translator(known["lang"])
        try:
            found = sitting.screen(t, council, actor(), number, seen)
        except NotFoundError as error:
            found = sitting.missing(t, error)
        if found is None or found.seen == seen:
            raise PreventUpdate
        return found.values()

    @app.callback(
        *[Output(*part, allow_duplicate=True) for part in SCREEN],
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Output(ids.SITTING_DID, "data"),
        Output(ids.CASTING_REASON, "value"),
        Output(ids.CASTING, "value"),
        Input(ids.chamber_act(ALL, ALL), "n_clicks"),
        State(ids.SITTING_ASKED, "data"),
        State(ids.CASTING, "value"),
        State(ids.CASTING_REASON, "value"),
        State(ids.PRESIDING, "value"),
        State(ids.SITTING_TIE, "hidden"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def press(
        _clicks: Any, number: Any, casting: Any, reason: Any, who: Any, no_tie: Any, known: Any
    ) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        # what was chosen for a tie that is none any more cannot be seen, nor taken back
        chosen = "" if no_tie else casting
        typed = {"casting": chosen or "", "reason": reason or "", "presided_by": who or ""}
        t, pressed = translator(known["lang"]), ctx.triggered_id
        found, closes = sitting.press(t, council, actor(), number, pressed, typed)
        if found is None:
            raise PreventUpdate
        _compute(desk, sitting.put_on_screen(pressed))
        after = (uuid4().hex, "", None) if closes else (no_update,) * 3
        return *found.values(), [], *after


def _register_sittings(app: Dash, council: Council, desk: SheetDesk) -> None:
    @app.callback(
        Output(ids.SITTINGS_BODY, "children"),
        Input(ids.SITTINGS_ASKED, "data"),
        State(ids.KNOWN, "data"),
    )
    def show(rest: Any, known: dict[str, Any]) -> Any:
        return sittings.body(translator(known["lang"]), council, actor(), rest)

    @app.callback(
        Output(ids.SITTING_SAID, "children"),
        Input(ids.sitting_act(ALL), "n_clicks"),
        State(ids.sitting_field(ALL), "value"),
        State(ids.sitting_field(ALL), "id"),
        State(ids.SITTINGS_ASKED, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def press(_clicks: Any, values: Any, names: Any, rest: Any, known: dict[str, Any]) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        typed = ids.by_name(names, values)
        t, verb = translator(known["lang"]), ctx.triggered_id["verb"]
        try:
            done = sittings.act(council, actor(), verb, rest, typed)
        except IloGeoError as error:
            return faults(t, [error])
        _compute(desk, typed.get("agenda") or ())
        set_props(ids.URL, {"href": t.link(f"{sittings.PATH}/{done['number']}")})
        return []


def _compute(desk: SheetDesk, proposals: Iterable[str]) -> None:
    """Have the sheets that are missing or stale ready for who will vote on them."""
    for proposal_id in proposals:
        desk.wanted(proposal_id)


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("chamber", "lookAt"),
        Input(ids.COUNCIL_SHAPES, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("chamber", "showKeys"),
        Input(ids.SITTING_SEEN, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("chamber", "closeBox"),
        Input(ids.SITTING_DID, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("chamber", "clearMap"),
        Output(ids.THEME, "url", allow_duplicate=True),
        Output(ids.ZONES, "url", allow_duplicate=True),
        Output(ids.OUTLINE, "url", allow_duplicate=True),
        Output(ids.FOUND_AREAS, "url", allow_duplicate=True),
        Output(ids.FOUND_PINS, "url", allow_duplicate=True),
        Output(ids.LEGEND, "children", allow_duplicate=True),
        Output(ids.LEVEL_CHOICE, "hidden", allow_duplicate=True),
        Input(ids.COUNCIL_PAGE, "data"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        ClientsideFunction("chamber", "leave"),
        Output(ids.COUNCIL_SHAPES, "data", allow_duplicate=True),
        Input(ids.URL, "pathname"),
        prevent_initial_call=True,
    )

"""Writing proposals: the form, its shape, sites that were found, points of the municipality."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
from dash_app.components.proposal import proposals_made
from dash_app.components.proposal_editor import SOLES
from dash_app.components.proposal_editor import base_of
from dash_app.components.proposal_editor import conflict
from dash_app.components.proposal_editor import forms
from dash_app.components.proposal_list import PATH
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.planner import Planner
from dash_app.sheet_desk import SheetDesk
from dash_app.state import FINDINGS
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.proposals.changes import changes
from ilo_geo.services.candidate_sites import Taken
from ilo_geo.services.candidate_sites import propose_sites
from ilo_geo.services.candidate_sites import take_imported
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.drafts import create_from
from ilo_geo.services.proposal_shapes import typed_shape

CHANGED_MEANWHILE = "council.changed_meanwhile"


def register(app: Dash, planner: Planner, council: Council, desk: SheetDesk) -> None:
    """Register what whoever may create proposals needs."""
    _register_form(app, council, desk)
    _register_shape(app)
    _register_sites(app, planner, council, desk)


def _register_form(app: Dash, council: Council, desk: SheetDesk) -> None:
    @app.callback(
        Output(ids.EDIT_SAID, "children"),
        Output(ids.EDIT_BASE, "data"),
        Output(ids.SHAPE, "data", allow_duplicate=True),
        Input(ids.EDIT_SAVE, "n_clicks"),
        State(ids.edit_field(ALL), "value"),
        State(ids.edit_field(ALL), "id"),
        State(ids.SHAPE, "data"),
        State(ids.EDIT_BASE, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
        running=[(Output(ids.EDIT_SAVE, "disabled"), True, False)],
    )
    def save(
        clicks: int | None, values: list[Any], names: list[Any], shape: Any, base: Any, known: Any
    ) -> tuple[Any, Any, Any]:
        if not clicks:
            raise PreventUpdate
        t, typed = translator(known["lang"]), written(names, values)
        try:
            record = saved(council, typed, shape, base or {})
        except IloGeoError as error:
            return refused(t, council, error, typed, shape, base or {})
        desk.start(record["id"])
        set_props(ids.URL, {"href": t.link(f"{PATH}/{record['number']}")})
        return [], no_update, no_update

    @app.callback(
        Output(ids.SHAPE_FORMS, "children"),
        Input(ids.edit_field("kind"), "value"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def offer_forms(kind: str, known: Any) -> Any:
        return forms(translator(known["lang"]), kind)


def _register_shape(app: Dash) -> None:
    @app.callback(
        Output(ids.SHAPE, "data"),
        Output(ids.EDIT_SAID, "children", allow_duplicate=True),
        Input({"type": ids.SHAPE_TYPED, "form": ALL}, "n_clicks"),
        State(ids.SHAPE_TEXT, "value"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def place(clicks: list[int | None], text: str | None, known: Any) -> tuple[Any, Any]:
        if not any(clicks):
            raise PreventUpdate
        try:
            return typed_shape(text or "", ctx.triggered_id["form"]), []
        except IloGeoError as error:
            return no_update, faults(translator(known["lang"]), [error])

    app.clientside_callback(
        ClientsideFunction("proposals", "showShape"),
        Output(ids.SHAPE_TEXT, "value"),
        Input(ids.SHAPE, "data"),
    )


def _register_sites(app: Dash, planner: Planner, council: Council, desk: SheetDesk) -> None:
    @app.callback(
        Output(ids.PROPOSED, "children"),
        Input(ids.PROPOSE, "n_clicks"),
        Input(ids.PROPOSE_ONE, "n_clicks"),
        State(ids.PROPOSAL_TITLE, "value"),
        State(ids.RUN, "data"),
        State(ids.FOUND, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
        # making ten takes a moment: a second press would ask for them again
        running=[
            (Output(name, "disabled"), True, False) for name in (ids.PROPOSE, ids.PROPOSE_ONE)
        ],
    )
    def propose(
        every: int | None, one: int | None, title: str | None, run: Any, site: Any, known: Any
    ) -> Any:
        if not every and not one:
            raise PreventUpdate
        t = translator(known["lang"])
        only = [str(site)] if ctx.triggered_id == ids.PROPOSE_ONE else None
        draft = create_from(planner.area, planner.ready(run, *FINDINGS), title or "")
        taken = propose_sites(council, actor(), draft, lang=t.lang, only=only)
        _compute(desk, taken)
        return proposals_made(t, draft, taken)

    @app.callback(
        Output(ids.TAKEN, "children"),
        Input(ids.TAKE_IMPORTED, "n_clicks"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def take(clicks: int | None, known: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        t, taken = translator(known["lang"]), take_imported(council, actor())
        _compute(desk, taken)
        said = t("proposals.taken", n=len(taken.records))
        return [said, *faults(t, [error for _, error in taken.left_out])]


def _compute(desk: SheetDesk, taken: Taken) -> None:
    for record in taken.records:
        desk.start(record["id"])


def written(names: list[dict[str, str]], values: list[Any]) -> dict[str, Any]:
    """Return what stands in the form, as the form of the library takes it."""
    typed = ids.by_name(names, values)
    for name in SOLES:
        typed[name] = None if typed.get(name) in (None, "") else typed[name]
    return {name: value for name, value in typed.items() if value is not None or name in SOLES}


def saved(
    council: Council, typed: Mapping[str, Any], shape: Any, base: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a new proposal, or one over the version its author had before them."""
    if "id" not in base:
        return council.create(actor(), dict(typed), shape)
    asked = {**typed, "version": base.get("version")}
    moved = None if same_shape(shape, base.get("shape")) else shape
    return council.edit(actor(), str(base["id"]), asked, moved)


def refused(
    t: Translator,
    council: Council,
    error: IloGeoError,
    typed: Mapping[str, Any],
    shape: Any,
    base: dict[str, Any],
) -> tuple[Any, Any, Any]:
    """Return why it was not saved; where somebody else wrote first, what they changed.

    The form keeps what was typed, over the version there is by now: saving again is to decide.
    """
    if not isinstance(error, ConflictError) or error.code != CHANGED_MEANWHILE:
        return faults(t, [error]), no_update, no_update
    view = proposal_view(council, actor(), int(base["number"]))
    moved = not same_shape(view.shape, base.get("shape"))
    said = conflict(t, changes(base, view.record), moved, typed)
    own = same_shape(shape, base.get("shape"))
    return said, base_of(view.record, view.shape), view.shape if own and moved else no_update


def same_shape(one: Any, other: Any) -> bool:
    """Return whether two GeoJSON geometries are the same to the letter."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

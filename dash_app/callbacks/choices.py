"""What one does with a choice: keep two and compare them, make a proposal of one."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.compare import compared
from dash_app.components.proposal import proposal_stored
from dash_app.i18n import translator
from dash_app.planner import Planner
from dash_app.state import FINDINGS
from ilo_geo.services.drafts import create_from


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of choices."""

    @app.callback(
        Output(ids.COMPARED, "children"),
        Input(ids.KEPT, "data"),
        Input(ids.COMPARED, "id"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
    )
    def compare(
        kept: dict[str, Any] | None, _id: str, run: dict[str, Any] | None, known: dict[str, Any]
    ) -> Any:
        if not run:
            raise PreventUpdate
        return compared(translator(known["lang"]), planner, (kept or {}).get(run["analysis"], {}))

    @app.callback(
        Output(ids.PROPOSED, "children"),
        Input(ids.PROPOSE, "n_clicks"),
        State(ids.PROPOSAL_TITLE, "value"),
        State(ids.RUN, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def propose(
        clicks: int | None, title: str | None, run: dict[str, Any] | None, known: dict[str, Any]
    ) -> Any:
        if not clicks:
            raise PreventUpdate
        stored = create_from(planner.area, planner.ready(run, *FINDINGS), title or "")
        return proposal_stored(translator(known["lang"]), planner, stored)

    app.clientside_callback(
        ClientsideFunction("choices", "keep"),
        Output(ids.KEPT, "data"),
        Input(ids.KEEP_A, "n_clicks"),
        Input(ids.KEEP_B, "n_clicks"),
        State(ids.RUN, "data"),
        State(ids.KEPT, "data"),
        prevent_initial_call=True,
    )

"""What one does with a choice: keep two and compare them."""

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
from dash_app.i18n import translator
from dash_app.planner import Planner


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

    app.clientside_callback(
        ClientsideFunction("choices", "keep"),
        Output(ids.KEPT, "data"),
        Input(ids.KEEP_A, "n_clicks"),
        Input(ids.KEEP_B, "n_clicks"),
        State(ids.RUN, "data"),
        State(ids.KEPT, "data"),
        prevent_initial_call=True,
    )

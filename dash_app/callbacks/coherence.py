"""The plan against the data: cut the list of rules down to a theme and a verdict."""

from __future__ import annotations

from typing import Any

from dash import Dash
from dash import Input
from dash import Output
from dash import State

from dash_app import ids
from dash_app.i18n import translator
from dash_app.pages import coherence
from dash_app.planner import Planner
from dash_app.state import FILTERS


def register(app: Dash, planner: Planner) -> None:
    """Register the callback of the filters."""

    @app.callback(
        Output(ids.RULES, "children"),
        *[Input(ids.parameter(name), "value") for name in FILTERS],
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def cut_down(theme: str, verdict: str, known: dict[str, Any]) -> Any:
        chosen = dict(zip(FILTERS, (theme, verdict), strict=True))
        return coherence.rules(translator(known["lang"]), planner.coherence(), chosen)

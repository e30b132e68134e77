"""One thing chosen: a zone on the map or in the ranking, a layer of the catalogue, the table."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash import html
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.tables import catalogue_table
from dash_app.components.tables import hazard_table
from dash_app.components.tables import level_table
from dash_app.components.versions import versions_block
from dash_app.i18n import translator
from dash_app.pages import coherence
from dash_app.pages import data
from dash_app.pages import green
from dash_app.planner import Planner
from dash_app.state import PATHS
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.layer_reports import check_layers
from ilo_geo.services.layer_reports import report_layer


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of selections."""
    _register_zone(app, planner)
    _register_layer(app, planner)
    _register_table(app, planner)


def _register_zone(app: Dash, planner: Planner) -> None:

    @app.callback(
        Output(ids.ZONE, "data"),
        Input(ids.THEME, "clickData"),
        State(ids.ZONE, "data"),
        prevent_initial_call=True,
    )
    def choose(click: dict[str, Any] | None, chosen: str | None) -> str | None:
        if not click:
            raise PreventUpdate
        unit = click["properties"]["i"]
        return None if unit == chosen else unit

    @app.callback(
        Output(ids.ZONE, "data", allow_duplicate=True),
        Input(ids.LEVEL_TABLE, "selectedRows"),
        prevent_initial_call=True,
    )
    def choose_row(rows: list[dict[str, Any]] | None) -> str:
        if not rows:
            raise PreventUpdate
        return str(rows[0]["id"])

    @app.callback(
        Output(ids.ZONE_SHEET, "children"),
        Input(ids.ZONE, "data"),
        Input(ids.RUN, "data"),
        Input(ids.LEVEL, "value"),
        State(ids.KNOWN, "data"),
    )
    def show_zone(
        zone: str | None, run: dict[str, Any] | None, level: str, known: dict[str, Any]
    ) -> Any:
        result, level = planner.ready(run, GREEN), planner.known_level(level)
        if zone not in result.tables[level].index:
            return []
        return green.zone_sheet(translator(known["lang"]), result, level, zone)

    app.clientside_callback(
        ClientsideFunction("ilo", "reveal"),
        Input(ids.ZONE_SHEET, "children"),
        State(ids.ZONE_SHEET, "id"),
    )


def _register_layer(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.LAYER_SHEET, "children"),
        Output(ids.VISIBLE, "data"),
        Input(ids.CHOSEN_LAYER, "data"),
        State(ids.VISIBLE, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def show_layer(
        layer_id: str | None, visible: list[str], known: dict[str, Any]
    ) -> tuple[Any, list[str]]:
        if layer_id not in planner.entries:
            raise PreventUpdate
        report = report_layer(planner.area, layer_id)
        shown = (
            list(dict.fromkeys([*visible, layer_id])) if layer_id in planner.maps.ids else visible
        )
        return data.layer_sheet(translator(known["lang"]), report), shown


def register_versions(app: Dash, planner: Planner) -> None:
    """Register what brings other versions of layers into use."""

    @app.callback(
        Output(ids.VERSIONS, "children"),
        Input(ids.SWITCH, "data"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def switch(which: str | None, known: dict[str, Any]) -> Any:
        if not which:
            raise PreventUpdate
        t = translator(known["lang"])
        switched = planner.switch(None if which == ids.UNDO else which)
        titles = [t.of(planner.entries[n].meta.title) for n in switched if n in planner.entries]
        told = html.P(t("versions.switched", layers=", ".join(titles)), className="notice")
        return [told, *versions_block(t, planner)]


def _register_table(app: Dash, planner: Planner) -> None:
    @app.callback(
        Output(ids.DRAWER_BODY, "children"),
        Output(ids.DRAWER, "hidden"),
        Input(ids.DRAWER_OPEN, "data"),
        Input(ids.RUN, "data"),
        Input(ids.LEVEL, "value"),
        Input(ids.URL, "pathname"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def show_table(
        opened: bool, run: dict[str, Any] | None, level: str, path: str, known: dict[str, Any]
    ) -> tuple[Any, bool]:
        if not opened:
            return [], True
        t = translator(known["lang"])
        if PATHS.get(path) == "data":
            return catalogue_table(t, check_layers(planner.area)), False
        if PATHS.get(path) == "coherence":
            return coherence.table(t, planner), False
        result = planner.ready(run)
        if result.analysis != GREEN:
            return hazard_table(t, result), False
        return level_table(t, result, planner.known_level(level), supply_scale()), False

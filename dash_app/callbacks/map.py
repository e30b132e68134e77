"""What the map shows: reference layers, the theme, the selection, a clicked position."""

from __future__ import annotations

from typing import Any

from dash import ALL
from dash import ClientsideFunction
from dash import Dash
from dash import Input
from dash import Output
from dash import State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dash_app import ids
from dash_app.components.drawn import found_legend
from dash_app.components.hazard_legend import hazard_legend
from dash_app.components.layer_tree import layer_choices
from dash_app.components.legend import legend
from dash_app.components.map_themes import empty_theme
from dash_app.components.map_themes import theme
from dash_app.components.map_themes import zones_theme
from dash_app.components.map_view import tiles_layer
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.pages.findings import PAGES
from dash_app.planner import Planner
from dash_app.routes.layers import level_url
from dash_app.routes.layers import outline_url
from dash_app.routes.layers import zones_url
from ilo_geo.core.units import peru_number
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.search import Position
from ilo_geo.services.search import locate


def register(app: Dash, planner: Planner) -> None:
    """Register the callbacks of the map."""

    @app.callback(
        Output(ids.THEME, "url"),
        Output(ids.THEME, "hideout"),
        Output(ids.ZONES, "url"),
        Output(ids.ZONES, "hideout"),
        Output(ids.LEGEND, "children"),
        Output(ids.LEVEL_CHOICE, "hidden"),
        Input(ids.RUN, "data"),
        Input(ids.LEVEL, "value"),
        Input(ids.MODE, "data"),
        Input(ids.TAB, "data"),
        State(ids.KNOWN, "data"),
        State(ids.VISIBLE, "data"),
        prevent_initial_call=True,
    )
    def paint(
        run: dict[str, Any] | None, level: str, mode: str, tab: str, known: Any, visible: Any
    ) -> tuple[Any, ...]:
        result = planner.ready(run)
        t = translator(known["lang"])
        if result.analysis in PAGES:
            drawn = PAGES[result.analysis].drawn(t, result, mode)
            words = found_legend(t, result, drawn)
            return None, empty_theme(), None, zones_theme(t), words, True
        if result.analysis != GREEN:
            url, look = zones_url(planner, result, mode), zones_theme(t, result, mode)
            words = hazard_legend(t, result, mode, tab, visible or [])
            return None, empty_theme(), url, look, words, True
        level = planner.known_level(level)
        scale = supply_scale()
        painted, words = theme(t, result, level, scale), legend(t, result, level, scale)
        return level_url(planner, result, level), painted, None, zones_theme(t), words, False

    @app.callback(
        Output(ids.OUTLINE, "url"),
        Input(ids.ZONE, "data"),
        Input(ids.LEVEL, "value"),
        Input(ids.RUN, "data"),
        prevent_initial_call=True,
    )
    def outline(zone: str | None, level: str, run: dict[str, Any] | None) -> str | None:
        result = planner.ready(run, GREEN)
        return outline_url(planner, result, planner.known_level(level), zone)

    @app.callback(
        Output(ids.POSITION, "children"),
        Input(ids.MAP, "clickData"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def position(click: dict[str, Any] | None, known: dict[str, Any]) -> str:
        if not click:
            raise PreventUpdate
        at = locate(planner.area, click["latlng"]["lat"], click["latlng"]["lng"])
        return position_text(translator(known["lang"]), at)

    @app.callback(
        Output(ids.LAYER_TREE_BODY, "children"),
        Input(ids.LAYER_TREE, "n_clicks"),
        State(ids.VISIBLE, "data"),
        State(ids.layer(ALL), "id"),
        State(ids.layer(ALL), "hideout"),
        State(ids.KNOWN, "data"),
        prevent_initial_call=True,
    )
    def open_tree(_n: int, visible: list[str], layers: Any, looks: Any, known: Any) -> Component:
        opacity = {i["layer"]: look["opacity"] for i, look in zip(layers, looks, strict=True)}
        return layer_choices(translator(known["lang"]), planner, visible, opacity)

    if planner.tiles:

        @app.callback(Output(ids.TILES, "children"), Input(ids.VISIBLE, "data"))
        def tiles(visible: list[str]) -> list[Any]:
            return [tiles_layer()] if ids.TILES in visible else []

    _register_in_browser(app)


def position_text(t: Translator, at: Position) -> str:
    """Return a position in both reference systems, with its elevation where known."""
    degrees = f"WGS 84 {at.lat:.5f}, {at.lon:.5f}"
    metres = f"{at.crs} {peru_number(at.x_m)} E, {peru_number(at.y_m)} N"
    height = (
        [] if at.elevation_m is None else [t("map.elevation", height=peru_number(at.elevation_m))]
    )
    return " · ".join([degrees, metres, *height])


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("ilo", "layerUrls"),
        Output(ids.layer(ALL), "url"),
        Input(ids.VISIBLE, "data"),
        Input(ids.MAP, "center"),
        Input(ids.MAP, "zoom"),
        State(ids.LAYER_SPECS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "chooseLayers"),
        Output(ids.VISIBLE, "data", allow_duplicate=True),
        Input(ids.LAYER_CHOICES, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "layerLooks"),
        Output(ids.layer(ALL), "hideout"),
        Input(ids.opacity(ALL), "value"),
        Input(ids.RUN, "data"),
        State(ids.opacity(ALL), "id"),
        State(ids.layer(ALL), "id"),
        State(ids.layer(ALL), "hideout"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("ilo", "flyTo"),
        Output(ids.MAP, "viewport"),
        Input(ids.SEARCH, "value"),
        prevent_initial_call=True,
    )

"""The map. The only module that knows dash-leaflet; functions it names are in assets/ilo_map.js."""

from __future__ import annotations

from functools import cache
from typing import Any

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.drawn import found_look
from dash_app.components.evacuation import looks
from dash_app.components.map_themes import empty_theme
from dash_app.components.map_themes import zones_theme
from dash_app.components.plan_lines import COMPUTED
from dash_app.components.plan_lines import is_charted
from dash_app.components.plan_lines import plan_lines
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import MAX_ZOOM
from dash_app.state import MIN_ZOOM
from dash_app.state import View
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services.map_layers import map_spec

# drawing order, from the ground up; only `theme` (Leaflet's own pane) and `points` take the pointer
PANES = {
    "sea": 210,
    "ground": 240,
    "split-left": 402,
    "split-right": 403,
    "flood": 404,
    "hazards": 406,
    "found": 408,
    "lines": 410,
    "ways": 420,
    "outline": 450,
    "points": 460,
    # above the names of places, which Leaflet keeps at 600, and below its tooltips
    "pins": 605,
    "proposals": 610,
}
PASSIVE = ("sea", "ground", "flood", "hazards", "lines", "ways", "outline")
RELIEF_OPACITY = 0.25
SCENARIO_LOOK = ("style", "pointToLayer", "onEachFeature")
TILES_URL = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


@cache
def map_styles() -> dict[str, dict[str, Any]]:
    """Return how each reference layer looks, in drawing order."""
    styles: dict[str, dict[str, Any]] = load_package_yaml("dash_app.components", "map_styles.yaml")
    return styles


def reference_layers(planner: Planner) -> tuple[str, ...]:
    """Return the reference layers of this area in drawing order."""
    present = set(planner.maps.ids)
    return tuple(layer for layer in map_styles() if layer in present)


def usual_layers(planner: Planner) -> tuple[str, ...]:
    """Return the layers that are visible when nobody chose."""
    return tuple(i for i in reference_layers(planner) if map_styles()[i]["visible"])


def layer_specs(planner: Planner) -> list[dict[str, Any]]:
    """Return what the browser needs to read each reference layer."""
    return [
        {
            "id": layer,
            "url": f"/layers/{layer}.geojson",
            "window_from_zoom": map_spec(layer).window_from_zoom,
        }
        for layer in reference_layers(planner)
    ]


def map_view(planner: Planner, view: View, bounds: list[list[float]]) -> Component:
    """Return the map with its own ground, the reference layers and an empty theme."""
    t = view.t
    panes = [dl.Pane(name=name, style={"zIndex": z, **_pointer(name)}) for name, z in PANES.items()]
    tiles = [dl.LayerGroup(id=ids.TILES)] if planner.tiles else []
    layers = [
        *panes,
        *tiles,
        _passive(
            "/layers/sea.geojson",
            "sea",
            {"fillColor": "#DCE9F2", "fillOpacity": 1, "stroke": False},
        ),
        *_relief(planner),
        dl.GeoJSON(
            id=ids.THEME,
            style=_js("themeStyle"),
            onEachFeature=_js("themeTooltip"),
            hideout=empty_theme(),
            # a click on a zone is also a click on a place of the map
            bubblingMouseEvents=True,
        ),
        *[_reference(planner, view, layer) for layer in reference_layers(planner)],
        *_hazard_layers(t),
        *_found_layers(t),
        _import_layer(),
        *_scenario_layers(),
        dl.GeoJSON(
            id=ids.COUNCIL_SHAPES,
            style={"variable": "iloChamber.shapeStyle"},
            pointToLayer={"variable": "iloChamber.shapePoint"},
            onEachFeature={"variable": "iloChamber.shapeTooltip"},
            pane="pins",
        ),
        *_proposal_layers(),
        dl.GeoJSON(id=ids.OUTLINE, style=_js("outlineStyle"), pane="outline", interactive=False),
        dl.GeoJSON(
            url="/layers/labels.geojson",
            pointToLayer=_js("labelMarker"),
            hideout={key: t(f"map.{key}") for key in ("map", "zoom_in", "zoom_out")},
        ),
        dl.ScaleControl(imperial=False, position="bottomright"),
        dl.ZoomControl(position="bottomright"),
        dl.FullScreenControl(
            position="bottomright", title=t("map.fullscreen"), titleCancel=t("map.exit_fullscreen")
        ),
    ]
    leaflet = dl.Map(
        layers,
        id=ids.MAP,
        center=list(view.center),
        zoom=view.zoom,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
        maxBounds=bounds,
        preferCanvas=True,
        zoomControl=False,
        attributionControl=False,
        trackViewport=True,
        className="map",
    )
    return html.Div(leaflet, className="map-frame")


def _hazard_layers(t: Translator) -> list[Component]:
    """Return what results of hazards and of the evacuation are drawn in, empty."""
    return [
        dl.GeoJSON(
            id=ids.ZONES,
            style=_js("zoneStyle"),
            pointToLayer=_js("zonePoint"),
            onEachFeature=_js("zoneTooltip"),
            hideout=zones_theme(t),
            pane="hazards",
            # a click on a zone is also a click on a place of the map
            bubblingMouseEvents=True,
        ),
        dl.GeoJSON(
            id=ids.EVACUATION_LAYER,
            style=_js("arrivalStyle"),
            hideout=looks(),
            pane="hazards",
            interactive=False,
        ),
        dl.GeoJSON(
            id=ids.MEASURES_LAYER,
            style=_js("measureStyle"),
            pointToLayer=_js("measurePoint"),
            pane="ways",
            interactive=False,
        ),
        *[
            dl.GeoJSON(
                id=ids.plan_line(name),
                style=_js("planLineStyle"),
                pointToLayer=_js("planLineName"),
                hideout=plan_line_look(name, None),
                pane="ways",
                interactive=False,
            )
            for name in plan_lines()
        ],
    ]


def _found_layers(t: Translator) -> list[Component]:
    """Return what findings are drawn in, empty."""
    return [
        dl.GeoJSON(
            id=ids.FOUND_AREAS,
            style=_js("foundStyle"),
            pointToLayer=_js("foundPoint"),
            onEachFeature=_js("foundTooltip"),
            hideout=found_look(t, None, None),
            pane="found",
            bubblingMouseEvents=True,
        ),
        dl.GeoJSON(
            id=ids.FOUND_PINS,
            pointToLayer=_js("foundPin"),
            style=_js("foundStyle"),
            onEachFeature=_js("foundTooltip"),
            hideout=found_look(t, None, None),
            pane="pins",
        ),
    ]


def _import_layer() -> Component:
    """Return what the first rows of a file that is being looked at are drawn in, empty."""
    look = {"color": "#b3005e", "weight": 2, "fillColor": "#b3005e", "fillOpacity": 0.25}
    return dl.GeoJSON(
        id=ids.IMPORT_MAP,
        style=_js("layerStyle"),
        pointToLayer=_js("pointToCircle"),
        hideout={"style": {**look, "radius": 5}, "by": None, "styles": {}, "opacity": 1},
        pane="points",
        interactive=False,
    )


def _proposal_layers() -> list[Component]:
    """Return what proposals are drawn in, empty; assets/proposals.js draws marks and shapes."""
    return [
        dl.GeoJSON(
            id=ids.PROPOSAL_SHAPE,
            style=_proposal("shapeStyle"),
            pointToLayer=_proposal("shapePoint"),
            pane="outline",
            interactive=False,
        ),
        dl.GeoJSON(
            id=ids.PROPOSAL_POINTS,
            pointToLayer=_proposal("mark"),
            clusterToLayer=_proposal("cluster"),
            onEachFeature=_proposal("tooltip"),
            hideout={"groups": {}},
            cluster=True,
            zoomToBoundsOnClick=True,
            # several at one place stay one mark, which a click spreads, however near one is
            superClusterOptions={"radius": 42, "maxZoom": MAX_ZOOM},
            pane="proposals",
        ),
    ]


def _scenario_layers() -> list[Component]:
    """Return zones and shapes of the two sides of the divided map, empty."""
    return [
        dl.GeoJSON(
            id=ids.scenario_layer(f"{side}{part}"),
            hideout={"classes": {}},
            pane=f"split-{side}",
            bubblingMouseEvents=True,
            **{name: {"variable": f"ilo.scenarios.{name}"} for name in SCENARIO_LOOK},
        )
        for part in ("", "_shapes")
        for side in ("left", "right")
    ]


def plan_line_look(name: str, result: AnalysisResult | None) -> dict[str, Any]:
    """Return how one of the inundation lines is drawn: solid where a chart drew it."""
    line = plan_lines()[name]
    drawn = result is not None and name in result.maps and is_charted(name, result)
    modelled = bool(result and result.modelled_layers) and not drawn
    return {"color": line.colour, "weight": line.weight, "modelled": modelled or name == COMPUTED}


def tiles_layer() -> Component:
    """Return OpenStreetMap's picture of the city, asked for only when switched on."""
    return dl.TileLayer(url=TILES_URL, attribution="© OpenStreetMap", opacity=0.8)


def _reference(planner: Planner, view: View, layer_id: str) -> Component:
    t = view.t
    spec = map_styles()[layer_id]
    meta = planner.entries[layer_id].meta
    style = dict(spec["style"])
    if meta.status is Status.MODELLED and spec["pane"] == "theme":
        style["dashArray"] = "4 3"
    passive = spec["pane"] in PASSIVE
    pane = {} if spec["pane"] == "theme" else {"pane": spec["pane"]}
    return dl.GeoJSON(
        id=ids.layer(layer_id),
        style=_js("layerStyle"),
        pointToLayer=_js("pointToCircle"),
        interactive=not passive,
        # a click on a thing is also a click on a place of the map
        bubblingMouseEvents=True,
        hideout={
            "style": style,
            "by": spec.get("by"),
            "styles": spec.get("styles", {}),
            "opacity": 1,
            "dated": "y1" in map_spec(layer_id).columns,
            "year": view.year,
            "title": t.of(meta.title),
            "badge": t(f"status.{meta.status}"),
            "words": {key: t(f"kind.{key}") for key in KINDS}
            if "k" in map_spec(layer_id).columns
            else None,
        },
        **pane,
        **({} if passive else {"onEachFeature": _js("nameTooltip")}),
    )


KINDS = (
    "park",
    "plaza",
    "garden",
    "playground",
    "median",
    "pitch",
    "sports_field",
    "olive_grove",
    "cemetery",
)


def _relief(planner: Planner) -> list[Component]:
    relief = planner.relief
    if relief is None:
        return []
    south, west, north, east = relief.bounds_deg
    return [
        dl.ImageOverlay(
            url=f"/layers/relief.png?v={relief.image.etag}",
            bounds=[[south, west], [north, east]],
            opacity=RELIEF_OPACITY,
            pane="sea",
            alt="",
        )
    ]


def _passive(url: str, pane: str, style: dict[str, Any]) -> Component:
    return dl.GeoJSON(url=url, pane=pane, style=style, interactive=False)


def _pointer(pane: str) -> dict[str, str]:
    return {"pointerEvents": "none"} if pane in PASSIVE else {}


def _js(name: str) -> dict[str, str]:
    return {"variable": f"ilo.map.{name}"}


def _proposal(name: str) -> dict[str, str]:
    return {"variable": f"ilo.proposals.{name}"}

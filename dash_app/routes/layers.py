"""Layers by address: gzipped once, with an ETag, so that a browser asks again for nothing."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint
from flask import Response
from flask import request

from dash_app.components.drawn import Painted
from dash_app.components.evacuation import useful_measures
from dash_app.components.hazard_figures import drawn_zones
from dash_app.components.plan_lines import line_label
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import TSUNAMI
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.results import AnalysisResult
from ilo_geo.services.basemap import label_payload
from ilo_geo.services.basemap import sea_payload
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import collection
from ilo_geo.services.map_layers import outline_payload
from ilo_geo.services.result_layers import lines_payload
from ilo_geo.services.result_layers import marks_payload
from ilo_geo.services.result_layers import table_payload

# an address that holds the fingerprint of its content never changes
IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
# a name on a plan line so far apart: one or two are in sight from near and from afar
LABEL_EVERY_M = 2500.0


def level_url(planner: Planner, result: AnalysisResult, level: str) -> str:
    """Return the address of the polygons of a level; equal polygons have equal addresses."""
    payload = planner.level(result, level)
    return f"/levels/{level}/{payload.etag}.geojson"


def outline_url(
    planner: Planner, result: AnalysisResult, level: str, unit: str | None
) -> str | None:
    """Return the address of the outline of one unit, or None where it is not in the level."""
    table = result.tables[level]
    if unit not in table.index:
        return None
    payload = planner.maps.once(f"outline/{level}/{unit}", lambda: outline_payload(table, unit))
    return f"/outlines/{level}/{unit}.geojson?v={payload.etag}"


def zones_url(planner: Planner, result: AnalysisResult, mode: str) -> str | None:
    """Return the address of the zones of a hazard; the flood is painted in the browser."""
    drawn = drawn_zones(result, mode)
    if result.analysis == TSUNAMI or drawn is None:
        return None
    return result_url(planner, result, *drawn)


def result_url(planner: Planner, result: AnalysisResult, table: str, column: str = "level") -> str:
    """Return the address of a drawable table of a result."""
    key = f"drawn/{result.analysis}/{table}/{result.sha256}-{column}"
    payload = planner.maps.once(key, lambda: table_payload(result.maps[table], column))
    return _address(planner, result, table, payload)


def painted_url(planner: Planner, result: AnalysisResult, painted: Painted) -> str:
    """Return the address of a table drawn by classes."""
    frame = painted.table.assign(level=painted.classes)
    payload = table_payload(frame, "level")
    return _address(planner, result, painted.name, payload)


def plan_line_url(t: Translator, planner: Planner, result: AnalysisResult, name: str) -> str | None:
    """Return the address of one of the plan's inundation lines, None where it is not drawn."""
    table = result.maps.get(name)
    if table is None:
        return None
    payload = lines_payload(table, line_label(t, name, result), LABEL_EVERY_M)
    return _address(planner, result, name, payload)


def _address(planner: Planner, result: AnalysisResult, table: str, payload: Payload) -> str:
    """Return where a browser reads a payload; equal content has an equal address."""
    key = f"{result.analysis}/{table}/{payload.etag}"
    planner.maps.once(f"result/{key}", lambda: payload)
    return f"/results/{key}.geojson"


def measures_url(planner: Planner, result: AnalysisResult) -> str:
    """Return the address of the streets, links and refuges that the measures name."""
    key = f"{result.analysis}/marks/{result.sha256[:20]}"
    planner.maps.once(f"result/{key}", lambda: marks_payload(useful_measures(result)))
    return f"/results/{key}.geojson"


def flood_url(planner: Planner, params: Parameters) -> tuple[dict[str, Any], str]:
    """Return what the browser must know of the flood's planes, and their address."""
    about, planes = planner.flood(params)
    planner.maps.once(f"flood/{planes.etag}", lambda: planes)
    return about, f"/flood/{planes.etag}.bin"


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("layers", __name__)

    @routes.get("/layers/sea.geojson")
    def sea() -> Response:
        return respond(planner.maps.once("sea", lambda: sea_payload(planner.area)), REVALIDATE)

    @routes.get("/layers/labels.geojson")
    def labels() -> Response:
        labels = planner.maps.once("labels", lambda: label_payload(planner.area))
        return respond(labels, REVALIDATE)

    @routes.get("/layers/relief.png")
    def relief() -> Response:
        if planner.relief is None:
            return Response(status=404)
        return respond(planner.relief.image, IMMUTABLE)

    @routes.get("/layers/<layer_id>.geojson")
    def layer(layer_id: str) -> Response:
        maps = planner.maps
        if layer_id not in maps.ids:
            return Response(status=404)
        bbox = request.args.get("bbox")
        if bbox is None:
            return respond(maps.layer(layer_id), REVALIDATE)
        return respond(maps.window(layer_id, bounds(bbox)), REVALIDATE)

    @routes.get("/levels/<level>/<etag>.geojson")
    def level(level: str, etag: str) -> Response:
        return respond(planner.maps.kept(f"level/{level}/{etag}"), IMMUTABLE)

    @routes.get("/outlines/<level>/<unit>.geojson")
    def outline(level: str, unit: str) -> Response:
        maps = planner.maps
        empty = maps.once("empty", lambda: collection([]))
        return respond(maps.kept(f"outline/{level}/{unit}") or empty, REVALIDATE)

    _add_results(routes, planner)
    return routes


def _add_results(routes: Blueprint, planner: Planner) -> None:
    """Add what results are drawn from; each address holds the fingerprint of its content."""

    @routes.get("/results/<analysis>/<table>/<etag>.geojson")
    def result_table(analysis: str, table: str, etag: str) -> Response:
        return respond(planner.maps.kept(f"result/{analysis}/{table}/{etag}"), IMMUTABLE)

    @routes.get("/flood/<etag>.bin")
    def flood(etag: str) -> Response:
        return respond(planner.maps.kept(f"flood/{etag}"), IMMUTABLE)


def bounds(text: str) -> tuple[float, ...]:
    """Return west, south, east, north of a window, as they stand in an address."""
    try:
        edges = tuple(float(part) for part in text.split(","))
    except ValueError:
        edges = ()
    if len(edges) != 4 or not all(map(math.isfinite, edges)):
        raise ParameterError(
            "parameter.invalid", where="bbox", found=text[:60], expected="west,south,east,north"
        )
    return edges


def respond(payload: Payload | None, caching: str) -> Response:
    """Return a packed body with its ETag; nothing new where the browser has it, 404 for none."""
    if payload is None:
        return Response(status=404)
    response = Response(payload.body, mimetype=payload.media_type)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = caching
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(payload.etag)
    response.make_conditional(request)
    return response

"""Vector tiles of the large layers, and the file that holds them all."""

from __future__ import annotations

import gzip
import re
from threading import BoundedSemaphore

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request
from flask import send_file

from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.services.tiles import MAX_ZOOM
from ilo_geo.services.tiles import MIN_ZOOM

MVT, PMTILES = "application/vnd.mapbox-vector-tile", "application/vnd.pmtiles"
REVALIDATE = "private, no-cache"
RETRY_AFTER_S = 10
NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("tiles", __name__)

    @routes.before_request
    def take_up() -> None:
        planner.refresh()

    tiles = planner.area_tiles
    # one request waits while tiles are cut, so that the pages keep answering
    free = BoundedSemaphore(1)

    @routes.get("/tiles/<layer_id>/<zoom>/<column>/<row>.mvt")
    def tile(layer_id: str, zoom: str, column: str, row: str) -> Response:
        place = _place(zoom, column, row)
        _require_tiled(planner, layer_id)
        _make_ready(planner, layer_id, free)
        etag = tiles.stamp(layer_id)
        if request.if_none_match.contains(etag):
            return _tagged(Response(status=304), etag)
        return _tagged(_tile_response(tiles.tile(layer_id, *place)), etag)

    @routes.get("/tiles/<layer_id>.pmtiles")
    def archive(layer_id: str) -> Response:
        _require_tiled(planner, layer_id)
        _make_ready(planner, layer_id, free)
        path = tiles.file(layer_id)
        response = send_file(
            path, mimetype=PMTILES, conditional=True, etag=tiles.stamp(layer_id), max_age=0
        )
        response.headers["Cache-Control"] = REVALIDATE
        return response

    @routes.get("/tiles/<path:_elsewhere>")
    def nowhere(_elsewhere: str) -> Response:
        # or it would be a page of the planner
        t = translator(request.args.get("lang"))
        abort(404, t("tiles.no_layer"))

    return routes


def _place(zoom: str, column: str, row: str) -> tuple[int, int, int]:
    """Return zoom, column and row of a tile, or answer that there is no such tile."""
    known = all(NUMBER.fullmatch(part) for part in (zoom, column, row))
    z, x, y = (int(part) for part in (zoom, column, row)) if known else (-1, 0, 0)
    if not (MIN_ZOOM <= z <= MAX_ZOOM and max(x, y) < 1 << z):
        t = translator(request.args.get("lang"))
        abort(404, t("tiles.no_such", low=MIN_ZOOM, high=MAX_ZOOM))
    return z, x, y


def _require_tiled(planner: Planner, layer_id: str) -> None:
    try:
        published = planner.publication.collection(layer_id)
    except InputError as error:
        abort(404, error.text(translator(request.args.get("lang")).lang))
    if published is None or not published.is_tiled:
        t = translator(request.args.get("lang"))
        abort(404, t("tiles.no_layer"))


def _make_ready(planner: Planner, layer_id: str, free: BoundedSemaphore) -> None:
    """Cut the tiles of a layer at its first request; whoever comes meanwhile is asked to wait."""
    if planner.area_tiles.is_ready(layer_id):
        return
    t = translator(request.args.get("lang"))
    if not free.acquire(blocking=False):
        abort(_later(t("export.busy")))
    try:
        planner.area_tiles.file(layer_id)
    except WorkspaceError:
        # the reason names a file of this machine
        abort(_later(t("tiles.not_made")))
    finally:
        free.release()


def _later(text: str) -> Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return Response(text, status=503, mimetype="text/plain", headers=headers)


def _tile_response(content: bytes | None) -> Response:
    if content is None:
        return Response(status=204)
    if "gzip" not in request.accept_encodings:
        return Response(gzip.decompress(content), mimetype=MVT)
    response = Response(content, mimetype=MVT)
    response.headers["Content-Encoding"] = "gzip"
    return response


def _tagged(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Vary"] = "Accept-Encoding"
    return response

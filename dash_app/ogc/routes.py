"""The addresses under ``/ogc``: read-only, as JSON or as a page, built on the address asked."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request

from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.ogc.settings import settings
from dash_app.planner import Planner
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.publication import Published

if TYPE_CHECKING:
    from dash_app.ogc.service import Answer
    from dash_app.ogc.service import Service

ROOT = "/ogc"
EVERYWHERE = ("f", "lang")
HTML, JSON = "text/html", "application/json"
HOST = re.compile(r"[A-Za-z0-9.\-_\[\]:]{1,255}")
REVALIDATE = "private, no-cache"


class _Rooms:
    """What the addresses of one app share."""

    def __init__(self, planner: Planner) -> None:
        self.publication = planner.publication
        self._area = planner.area.config

    @cached_property
    def service(self) -> Service:
        """Return what answers; pygeoapi is imported when the first program asks."""
        from dash_app.ogc.service import Service

        return Service(self._area)

    def published(self, collection_id: str) -> Published:
        """Return a collection, or answer that there is none."""
        found = self.publication.collection(collection_id)
        if found is None:
            t = _t()
            abort(404, t("ogc.unknown", found=collection_id[:60]))
        return found


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("ogc", __name__, url_prefix=ROOT)

    @routes.before_request
    def take_up() -> None:
        planner.refresh()

    rooms = _Rooms(planner)
    routes.register_error_handler(InputError, _refused)

    @routes.get("", strict_slashes=False)
    def landing() -> Response:
        _require_known(())
        return _answered("landing", rooms.service.landing(request, _base_url(), _t().lang))

    @routes.get("/conformance")
    def conformance() -> Response:
        _require_known(())
        return _answered("conformance", rooms.service.conformance())

    @routes.get("/openapi")
    def openapi() -> Response:
        _require_known(())
        found = rooms.publication.collections()
        answer = rooms.service.openapi(request, _base_url(), found, _t().lang)
        return _answered("openapi", answer)

    @routes.get("/collections")
    def collections() -> Response:
        _require_known(())
        found = rooms.publication.collections()
        answer = rooms.service.collections(request, _base_url(), found, _t().lang)
        return _answered("collections", answer)

    _add_collection(routes, rooms)

    @routes.get("/<path:_elsewhere>")
    def nowhere(_elsewhere: str) -> Response:
        # or it would be a page of the planner
        t = _t()
        abort(404, t("ogc.no_page"))

    return routes


def _add_collection(routes: Blueprint, rooms: _Rooms) -> None:
    """Add the addresses of one collection."""

    @routes.get("/collections/<name>")
    def collection(name: str) -> Response:
        _require_known(())
        published = rooms.published(name)
        answer = rooms.service.collection(request, _base_url(), published, _t().lang)
        return _answered("collection", answer)

    @routes.get("/collections/<name>/<any(queryables, schema, items):kind>")
    def of_collection(name: str, kind: str) -> Response:
        published = rooms.published(name)
        own = tuple(published.table.fields) if kind == "items" else ()
        _require_known((*settings()["parameters"].get(kind, ()), *own))
        usual = {"limit": str(settings()["page_items_html"])} if _wants_page() else {}
        service, lang = rooms.service, _t().lang
        answer = service.of_collection(kind, request, _base_url(), published, lang, usual)
        return _answered("items" if kind == "items" else "fields", answer)

    @routes.get("/collections/<name>/items/<path:item_id>")
    def item(name: str, item_id: str) -> Response:
        published = rooms.published(name)
        _require_known(settings()["parameters"]["item"])
        answer = rooms.service.item(request, _base_url(), published, item_id, _t().lang)
        return _answered("item", answer)


def _t() -> Translator:
    return translator(request.args.get("lang"))


def _base_url() -> str:
    """Return the address that links start with: that of whoever asks, whatever we listen on."""
    if not HOST.fullmatch(request.host):
        t = _t()
        abort(400, t("ogc.host"))
    return f"{request.root_url.rstrip('/')}{ROOT}"


def _wants_page() -> bool:
    """Return whether a person asks, by ``f`` or else by what the browser accepts."""
    asked = request.args.get("f")
    if asked is not None:
        return asked == "html"
    return request.accept_mimetypes.best_match([JSON, HTML]) == HTML


def _require_known(own: tuple[str, ...] | list[str]) -> None:
    """Refuse a parameter that is not taken: ignored, it would answer another question."""
    known = (*EVERYWHERE, *own)
    unknown = next((name for name in request.args if name not in known), None)
    if unknown is not None:
        expected = ", ".join(known)
        raise ParameterError("parameter.unknown", where=unknown[:60], expected=expected)
    form = request.args.get("f", "json")
    if form not in ("json", "html"):
        raise ParameterError("parameter.invalid", where="f", found=form[:60], expected="json, html")


def _refused(error: InputError) -> Response:
    """Return one line on why an address has no answer: 400, or 409 for a faulty layer."""
    code = "InvalidParameterValue" if isinstance(error, ParameterError) else "Conflict"
    status = 400 if isinstance(error, ParameterError) else 409
    return _json({"code": code, "description": error.text(_t().lang)}, status, JSON)


def _answered(page: str, answer: Answer) -> Response:
    if _wants_page() and answer.status == 200:
        # pages are written for people; programs need not load them
        from dash_app.ogc.pages import page_of

        response = Response(page_of(page, _t(), answer.document, _base_url()), mimetype=HTML)
    else:
        response = _json(answer.document, answer.status, answer.media_type, answer.written)
        if answer.content_crs is not None:
            response.headers["Content-Crs"] = answer.content_crs
    response.headers["Content-Language"] = _t().lang
    response.headers["Vary"] = "Accept, Accept-Encoding, Host"
    return response


def _json(
    document: dict[str, Any], status: int, media_type: str, written: tuple[str, ...] = ()
) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if written:
        # what stands before them are numbers only
        body = body.replace('"features":[]', f'"features":[{",".join(written)}]', 1)
    response = Response(body, status=status, content_type=media_type)
    response.headers["Cache-Control"] = REVALIDATE
    return response

"""What goes wrong, as an answer over HTTP or as a line on the page: one table for the app."""

from __future__ import annotations

import logging
from typing import Any

from dash import set_props
from dash.exceptions import DashException
from flask import Response
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException

from dash_app import ids
from dash_app.access import CALLBACKS
from dash_app.access import is_page
from dash_app.components.badges import faults
from dash_app.i18n import Translator
from dash_app.i18n import translator
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.errors import SignInError
from ilo_geo.core.errors import TooOftenError
from ilo_geo.core.text import Lang

logger = logging.getLogger(__name__)

# the first class that fits says the status
STATUSES: tuple[tuple[type[IloGeoError], int], ...] = (
    (SignInError, 401),
    (TooOftenError, 429),
    (RefusedError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (InputError, 400),
    (DatabaseError, 503),
)
FAULT_OF_OURS = 500
HTTP_WORDS = {404: "http.not_found", 405: "http.method", 413: "http.too_large"}
# what dash raises before it reaches a callback, on a body that our pages never send
FORGED = (KeyError, TypeError, AttributeError, IndexError, DashException)
RETRY_AFTER_S = 5


def status_of(error: IloGeoError) -> int:
    """Return the HTTP status of an error."""
    return next((s for kind, s in STATUSES if isinstance(error, kind)), FAULT_OF_OURS)


def explain(error: Exception) -> None:
    """Say in words, on the page, why a callback could not answer; the rest stays as it is."""
    set_props(ids.NOTICE, {"children": faults(_language(), [_known(error)])})


def answer(error: Exception) -> Response:
    """Return one line about what went wrong with an address; a page of it to a browser."""
    if isinstance(error, HTTPException):
        if error.response is not None:
            return Response.force_type(error.response)
        # what was asked may be too large to look for a language in it
        lang = translator(request.args.get("lang")).lang
        return _told(http_text(error, lang), error.code or FAULT_OF_OURS)
    if request.path == CALLBACKS and isinstance(error, FORGED):
        logger.warning("a callback of no page of ours: %s", error)
        return Response("no such callback", status=400, mimetype="text/plain")
    known = _known(error)
    told = _told(known.public_text(_language().lang), status_of(known))
    told.headers.update(retry_after(known))
    return told


def http_text(error: HTTPException, lang: Lang) -> str:
    """Return what a route of ours said, and in our words what HTTP itself refuses."""
    said = error.description
    if said is not None and said != type(error).description:
        return " ".join(said.split())
    code = HTTP_WORDS.get(error.code or FAULT_OF_OURS, "http.other")
    return IloGeoError(code, status=error.code).public_text(lang)


def retry_after(error: IloGeoError) -> dict[str, str]:
    """Return the header that says when to ask again, nothing where that changes nothing."""
    if isinstance(error, TooOftenError):
        return {"Retry-After": str(error.fields["seconds"])}
    return {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, DatabaseError) else {}


def _told(line: str, status: int) -> Response:
    if not is_page():
        return Response(line, status=status, mimetype="text/plain")
    page = render_template("error.html", t=_language(), line=line, status=status)
    return Response(page, status=status)


def _language() -> Translator:
    body: Any = request.get_json(silent=True)
    known = (body.get("state") if isinstance(body, dict) else None) or []
    # what a pattern matched comes as a list
    plain = (s for s in known if isinstance(s, dict))
    data = next((s.get("value") for s in plain if s.get("id") == ids.KNOWN), None)
    return translator(data.get("lang") if isinstance(data, dict) else request.args.get("lang"))


def _known(error: Exception) -> IloGeoError:
    if isinstance(error, IloGeoError):
        return error
    logger.error("unexpected failure", exc_info=error)
    return IloGeoError("job.failed", found=type(error).__name__)

"""Answers for programs: JSON, errors too, with one code each that no translation changes."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from dash_app.errors import http_text
from dash_app.errors import retry_after
from dash_app.errors import status_of
from dash_app.i18n import translator
from ilo_geo.core.errors import IloGeoError

JSON = "application/json"


def answer_errors_in_json(routes: Blueprint) -> None:
    """Let every refusal of these routes, the guard's as well, be JSON."""
    routes.register_error_handler(IloGeoError, _refused)
    routes.register_error_handler(HTTPException, _refused_by_http)


def answered(document: Any, status: int = 200) -> Response:
    """Return a document as JSON."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body, status=status, mimetype=JSON)


def _refused(error: Exception) -> Response:
    known = error if isinstance(error, IloGeoError) else IloGeoError("job.failed", found="")
    lang = translator(request.args.get("lang")).lang
    told = answered({"error": known.code, "message": known.public_text(lang)}, status_of(known))
    told.headers.update(retry_after(known))
    return told


def _refused_by_http(error: Exception) -> Response:
    known = error if isinstance(error, HTTPException) else HTTPException()
    code = known.code or 500
    message = http_text(known, translator(request.args.get("lang")).lang)
    return answered({"error": f"http.{code}", "message": message}, code)

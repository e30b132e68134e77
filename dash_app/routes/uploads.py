"""Files in and out of the page of loads: uploads, rows that fail, files to fill."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request
from flask import send_file

from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.errors import InputError
from ilo_geo.services.import_desk import max_upload_bytes
from ilo_geo.services.imports import save_rejected
from ilo_geo.services.templates import save_template

FORMATS = ("csv", "xlsx", "gpkg")


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("uploads", __name__)

    @routes.post("/cargas")
    def receive() -> Response:
        t = translator(request.args.get("lang"))
        _require_own_page()
        # larger than what any callback may send
        request.max_content_length = max_upload_bytes()
        if (request.content_length or 0) > max_upload_bytes():
            abort(413, t("imports.too_large", mb=max_upload_bytes() // 1_000_000))
        token = planner.desk.receive(request.stream, request.args.get("name", ""))
        return Response(token, status=201, mimetype="text/plain")

    @routes.get("/cargas/<token>.geojson")
    def drawn(token: str) -> Response:
        payload = planner.desk.drawn(token)
        answer = Response(payload.body, mimetype=payload.media_type)
        answer.headers.update({"Content-Encoding": "gzip", "Cache-Control": "private, no-store"})
        return answer

    @routes.get("/cargas/<token>/rechazadas.<fmt>")
    def rejected(token: str, fmt: str) -> Response:
        found = planner.desk.previewed(token)
        if found.examined is None:
            raise InputError("import.gone")
        examined, lang = found.examined, translator(request.args.get("lang")).lang
        name = f"{Path(found.name).stem}-rechazadas.{fmt}"
        return _made(fmt, name, lambda path: save_rejected(examined, path, lang))

    @routes.get("/plantillas/<layer>.<fmt>")
    def template(layer: str, fmt: str) -> Response:
        name = f"{planner.area.config.id}-{layer}.{fmt}"
        return _made(fmt, name, lambda path: save_template(planner.area, layer, path))

    return routes


def _require_own_page() -> None:
    """Refuse a file that a page of another host makes a browser send."""
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if origin != request.host or site != "same-origin":
        t = translator(request.args.get("lang"))
        abort(403, t("imports.other_origin"))


def _made(fmt: str, name: str, write: Callable[[Path], None]) -> Response:
    if fmt not in FORMATS:
        raise InputError("export.unknown_format", found=fmt[:20], expected=", ".join(FORMATS))
    with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
        path = Path(folder) / f"file.{fmt}"
        write(path)
        content = path.read_bytes()
    return send_file(BytesIO(content), as_attachment=True, download_name=name)

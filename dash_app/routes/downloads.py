"""Results as files, computed from the parameters in the address."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request
from flask import send_file

from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.text import Lang
from ilo_geo.green.parameters import GreenParams
from ilo_geo.services.exports import export_result
from ilo_geo.services.green import green_parameter_specs

AT_ONCE = 2
WAIT_S = 10.0


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("downloads", __name__)
    # files are made in the request: a few at a time, so that the pages keep answering
    free = BoundedSemaphore(AT_ONCE)

    @routes.get("/descargas/green.<fmt>")
    def green(fmt: str) -> Response:
        asked = {name: value for name, value in request.args.items() if name != "lang"}
        params = planner.parse(asked)
        t = translator(request.args.get("lang"))
        if not free.acquire(timeout=WAIT_S):
            abort(503, t("green.busy"))
        try:
            return _file(planner, params, fmt, t.lang)
        finally:
            free.release()

    return routes


def _file(planner: Planner, params: GreenParams, fmt: str, lang: Lang) -> Response:
    result = planner.green(params)
    name = f"{planner.area.config.id}-{result.analysis}-{result.sha256[:8]}.{fmt}"
    with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
        path = Path(folder) / name
        export_result(result, fmt, path, lang=lang, specs=green_parameter_specs(planner.area))
        content = path.read_bytes()
    return send_file(BytesIO(content), as_attachment=True, download_name=name)

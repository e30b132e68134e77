"""Results as files, computed from the parameters in the address."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from flask import Blueprint
from flask import Response
from flask import request
from flask import send_file

from dash_app.i18n import translator
from dash_app.planner import Planner
from dash_app.state import parameters_of
from ilo_geo.services.exports import export_result
from ilo_geo.services.green import green_parameter_specs


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("downloads", __name__)

    @routes.get("/descargas/green.<fmt>")
    def green(fmt: str) -> Response:
        params = planner.parse(parameters_of(request.args))
        lang = translator(request.args.get("lang")).lang
        result = planner.green(params)
        name = f"{planner.area.config.id}-{result.analysis}-{result.sha256[:8]}.{fmt}"
        with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
            path = Path(folder) / name
            export_result(result, fmt, path, lang=lang, specs=green_parameter_specs(planner.area))
            content = path.read_bytes()
        return send_file(BytesIO(content), as_attachment=True, download_name=name)

    return routes

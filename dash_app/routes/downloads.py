"""Results as files, computed from the parameters in the address."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
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
from dash_app.state import ALL_RULES
from dash_app.state import EVACUATION
from dash_app.state import FILTERS
from ilo_geo.core.text import Lang
from ilo_geo.services.coherence import coherence
from ilo_geo.services.coherence import require_rules
from ilo_geo.services.coherence_files import write_coherence
from ilo_geo.services.exports import export_result

AT_ONCE = 2
WAIT_S = 10.0
# what an address says beside parameters
NO_PARAMETER = ("lang", "block")


def blueprint(planner: Planner) -> Blueprint:
    """Return the routes of one planner."""
    routes = Blueprint("downloads", __name__)
    # files are made in the request: a few at a time, so that the pages keep answering
    free = BoundedSemaphore(AT_ONCE)

    @routes.get("/descargas/<analysis>.<fmt>")
    def download(analysis: str, fmt: str) -> Response:
        params = planner.parse(_asked(), analysis)

        def write(path: Path, lang: Lang) -> str:
            result = planner.result(analysis, params)
            specs = planner.specs(analysis)
            export_result(result, fmt, path, lang=lang, specs=specs, area=planner.area)
            return f"{planner.area.config.id}-{analysis}-{result.sha256[:8]}.{fmt}"

        return _made(free, fmt, write)

    @routes.get("/descargas/coherencia.<fmt>")
    def rules(fmt: str) -> Response:
        def write(path: Path, lang: Lang) -> str:
            require_rules(planner.area)
            theme, verdict = (request.args.get(name, ALL_RULES) for name in FILTERS)
            found = coherence(planner.area).only(
                None if theme == ALL_RULES else theme, None if verdict == ALL_RULES else verdict
            )
            write_coherence(found, fmt, path, lang=lang, title=planner.area.config.title)
            return f"{planner.area.config.id}-coherencia.{fmt}"

        return _made(free, fmt, write)

    @routes.get("/descargas/ruta.pdf")
    def route_sheet() -> Response:
        params = planner.parse(_asked(), EVACUATION)
        block = request.args.get("block", "")

        def write(path: Path, lang: Lang) -> str:
            planner.route_sheet(params, block, path, lang)
            return f"{planner.area.config.id}-ruta-{re.sub('[^A-Za-z0-9]+', '-', block)}.pdf"

        return _made(free, "pdf", write)

    return routes


def _asked() -> dict[str, str]:
    """Return the parameters of the address."""
    return {name: value for name, value in request.args.items() if name not in NO_PARAMETER}


def _made(free: BoundedSemaphore, fmt: str, write: Callable[[Path, Lang], str]) -> Response:
    """Return a file that ``write`` makes; it returns the name to save it under."""
    t = translator(request.args.get("lang"))
    if not free.acquire(timeout=WAIT_S):
        abort(503, t("export.busy"))
    try:
        with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
            path = Path(folder) / f"file.{fmt}"
            name = write(path, t.lang)
            content = path.read_bytes()
    finally:
        free.release()
    return send_file(BytesIO(content), as_attachment=True, download_name=name)

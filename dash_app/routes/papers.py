"""The council's papers as files: dossiers, minutes, open data."""

from __future__ import annotations

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

from dash_app.access import actor
from dash_app.i18n import translator
from ilo_geo.core.text import Lang
from ilo_geo.services.council import Council
from ilo_geo.services.dossiers import Kind
from ilo_geo.services.dossiers import dossier
from ilo_geo.services.minutes import minutes
from ilo_geo.services.open_data import write_open_data

AT_ONCE = 2
WAIT_S = 10.0
HASH_LETTERS = 8
# writes a file in a language and returns the name to save it under
Write = Callable[[Path, Lang], str]


def blueprints(council: Council) -> dict[str, Blueprint]:
    """Return the routes of the papers by the verb each of them needs."""
    press = _Press(council)
    return {
        "read": _of_proposals(press),
        "read_campaign": _of_campaigns(press),
        "read_scenario": _of_scenarios(press),
        "read_sitting": _of_sittings(press),
    }


class _Press:
    """Makes files in the request, a few at a time, so that the pages keep answering."""

    def __init__(self, council: Council) -> None:
        self.council = council
        self._free = BoundedSemaphore(AT_ONCE)

    def dossier(self, kind: Kind, key: str, fmt: str) -> Response:
        """Return a dossier of what the reader may read."""

        def write(path: Path, lang: Lang) -> str:
            sha256 = dossier(
                self.council, actor(), kind, key, fmt, path, lang=lang, address=request.host_url
            )
            return f"{kind}-{key}-{sha256[:HASH_LETTERS]}.{fmt}"

        return self.made(fmt, write)

    def made(self, fmt: str, write: Write) -> Response:
        """Return a file that ``write`` makes."""
        t = translator(request.args.get("lang"))
        if not self._free.acquire(timeout=WAIT_S):
            abort(503, t("export.busy"))
        try:
            with tempfile.TemporaryDirectory(prefix="ilo-geo-") as folder:
                # drivers look at the suffix; what is no plain word is refused when it is written
                path = Path(folder) / (f"paper.{fmt}" if fmt.isalnum() else "paper")
                name = write(path, t.lang)
                content = path.read_bytes()
        finally:
            self._free.release()
        answer = send_file(BytesIO(content), as_attachment=True, download_name=name)
        # one reader's paper is not another's
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


def _of_proposals(press: _Press) -> Blueprint:
    routes = Blueprint("papers", __name__)

    @routes.get("/propuestas/<int:number>/expediente.<fmt>")
    def of_proposal(number: int, fmt: str) -> Response:
        return press.dossier("proposal", str(number), fmt)

    @routes.get("/datos-abiertos/propuestas.<fmt>")
    def open_data(fmt: str) -> Response:
        def write(path: Path, lang: Lang) -> str:
            write_open_data(press.council, actor(), fmt, path, lang=lang)
            return f"propuestas.{fmt}"

        return press.made(fmt, write)

    return routes


def _of_campaigns(press: _Press) -> Blueprint:
    routes = Blueprint("campaign_papers", __name__)

    @routes.get("/presupuesto/<key>/expediente.<fmt>")
    def of_campaign(key: str, fmt: str) -> Response:
        return press.dossier("campaign", key, fmt)

    return routes


def _of_scenarios(press: _Press) -> Blueprint:
    routes = Blueprint("scenario_papers", __name__)

    @routes.get("/escenarios/<key>/expediente.<fmt>")
    def of_scenario(key: str, fmt: str) -> Response:
        return press.dossier("scenario", key, fmt)

    return routes


def _of_sittings(press: _Press) -> Blueprint:
    routes = Blueprint("sitting_papers", __name__)

    @routes.get("/sesiones/<int:number>/acta.pdf")
    def of_sitting(number: int) -> Response:
        def write(path: Path, lang: Lang) -> str:
            sha256 = minutes(
                press.council, actor(), number, path, lang=lang, address=request.host_url
            )
            return f"acta-{number}-{sha256[:HASH_LETTERS]}.pdf"

        return press.made("pdf", write)

    return routes

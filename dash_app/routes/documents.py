"""Documents of proposals: handed in with a form, handed out as files to save, never as pages."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO

from flask import Blueprint
from flask import Response
from flask import abort
from flask import request
from flask import send_file

from dash_app.access import actor
from dash_app.i18n import translator
from dash_app.routes.json_answers import answer_errors_in_json
from dash_app.routes.json_answers import answered
from ilo_geo.core.errors import InputError
from ilo_geo.services.council import Council
from ilo_geo.services.document_store import STRIPPED
from ilo_geo.services.document_store import max_document_bytes
from ilo_geo.services.document_store import open_document
from ilo_geo.services.document_store import store

FIELD = "archivo"
# what a form says around the file
FORM_BYTES = 100_000
# no script, no form, no page of ours around it, whatever a browser takes it for
POLICY = "sandbox; default-src 'none'"
# what is said of a document that was taken in; names of parts are those of its format
TOLD = ("id", "name", "media_type", "size_bytes", "sha256", STRIPPED)


def max_body_bytes() -> int:
    """Return the largest body that the form may have; everything else takes less."""
    return max_document_bytes() + FORM_BYTES


def blueprint(council: Council) -> Blueprint:
    """Return the routes of one council."""
    routes = Blueprint("documents", __name__)
    answer_errors_in_json(routes)

    @routes.post("/propuestas/<int:number>/documentos")
    def receive(number: int) -> Response:
        # unpacking a form is work: first who sends too much is told so
        if (request.content_length or 0) > max_body_bytes():
            t = translator(request.args.get("lang"))
            abort(413, t("documents.too_large", mb=max_document_bytes() // 1_000_000))
        sent = request.files.get(FIELD)
        if sent is None:
            raise InputError("document.no_file", expected=FIELD)
        with closing(sent):
            made = store(council, actor(), number, sent.stream, sent.filename or "")
        told = {name: made[name] for name in TOLD}
        answer = answered(told, 201)
        answer.headers["Location"] = f"/documentos/{made['id']}"
        return answer

    @routes.get("/documentos/<document_id>")
    def hand_out(document_id: str) -> Response:
        found = open_document(council, actor(), document_id)
        answer = send_file(
            BytesIO(found.content),
            mimetype=found.media_type,
            as_attachment=True,
            download_name=found.name,
            etag=found.sha256,
            conditional=True,
        )
        answer.headers["Content-Security-Policy"] = POLICY
        # asked for again each time: a document may be taken away
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    @routes.get("/documentos/<path:_elsewhere>")
    def nowhere(_elsewhere: str) -> Response:
        # or it would be a page of the planner
        abort(404)

    return routes

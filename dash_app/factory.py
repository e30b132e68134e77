"""Makes the planner: one Dash app for one study area, with nothing global."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from dash import Dash
from dash import set_props
from dash.exceptions import DashException
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from dash_app import ids
from dash_app.callbacks import analysis
from dash_app.callbacks import choices
from dash_app.callbacks import coherence
from dash_app.callbacks import fetching
from dash_app.callbacks import findings
from dash_app.callbacks import hazards
from dash_app.callbacks import imports
from dash_app.callbacks import map as map_callbacks
from dash_app.callbacks import navigation
from dash_app.callbacks import proposal_editor
from dash_app.callbacks import proposals as proposals_callbacks
from dash_app.callbacks import selection
from dash_app.routes import proposals
from dash_app.components.badges import faults
from dash_app.i18n import translator
from dash_app.ogc import routes as ogc
from dash_app.planner import Planner
from dash_app.routes import downloads
from dash_app.routes import layers
from dash_app.routes import tiles
from dash_app.routes import uploads
from dash_app.security import protect
from dash_app.shell import root
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text

logger = logging.getLogger(__name__)

# what a page ever sends is far smaller
MAX_REQUEST_BYTES = 1_000_000
CALLBACKS = "/_dash-update-component"
# what dash raises before it reaches a callback, on a body that our pages never send
FORGED = (KeyError, TypeError, AttributeError, IndexError, DashException)

PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>{metas}<title>{title}</title>{favicon}{css}</head>
<body>{app_entry}<noscript>{noscript}</noscript><footer>{config}{scripts}{renderer}</footer></body>
</html>"""


class _PlannerDash(Dash):
    """Dash with a page in the language of its address, named after its city."""

    city: Text

    def interpolate_index(self, **parts: str) -> str:
        t = translator(request.args.get("lang"))
        parts["title"] = t("shell.title", city=t.of(self.city))
        noscript = t("shell.noscript")
        return PAGE.format(lang=t.lang, noscript=noscript, **parts)


def create_app(planner: Planner, council: Any, *, hosts: frozenset[str] | None = None) -> Dash:
    """Return the planner as a Dash app; ``app.server`` is the WSGI application.

    ``hosts`` are the names it answers to, None for any.
    """
    app = _PlannerDash(
        "dash_app",
        assets_folder=str(Path(__file__).parent / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=_explain,
        health_endpoint="health",
        update_title=None,
        title=planner.area.config.title.es,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.city = planner.area.config.title
    app.server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.layout = root()
    for module in (
        navigation,
        map_callbacks,
        analysis,
        selection,
        hazards,
        findings,
        choices,
        fetching,
        imports,
        coherence,
    ):
        module.register(app, planner)
    proposals_callbacks.register(app, planner, council)
    proposal_editor.register(app, planner, council)
    app.server.register_blueprint(proposals.reading(council))
    app.server.register_blueprint(proposals.writing())
    app.server.register_blueprint(layers.blueprint(planner))
    app.server.register_blueprint(downloads.blueprint(planner))
    app.server.register_blueprint(uploads.blueprint(planner))
    app.server.register_blueprint(ogc.blueprint(planner))
    app.server.register_blueprint(tiles.blueprint(planner))
    app.server.register_error_handler(Exception, _answer)
    protect(app, tiles=planner.tiles, hosts=hosts)
    return app


def _language() -> Any:
    known = (request.get_json(silent=True) or {}).get("state") or []
    # what a pattern matched comes as a list
    plain = (s for s in known if isinstance(s, dict))
    data = next((s.get("value") for s in plain if s.get("id") == ids.KNOWN), None)
    return translator(data.get("lang") if isinstance(data, dict) else request.args.get("lang"))


def _explain(error: Exception) -> None:
    """Say in words, on the page, why a callback could not answer; the rest stays as it is."""
    set_props(ids.NOTICE, {"children": faults(_language(), [_known(error)])})


def _answer(error: Exception) -> Response:
    """Return one line about what went wrong with an address."""
    if isinstance(error, HTTPException):
        return Response(error.description, status=error.code, mimetype="text/plain")
    if request.path == CALLBACKS and isinstance(error, FORGED):
        logger.warning("a callback of no page of ours: %s", error)
        return Response("no such callback", status=400, mimetype="text/plain")
    known = _known(error)
    status = 400 if isinstance(known, InputError) else 500
    return Response(known.public_text(_language().lang), status=status, mimetype="text/plain")


def _known(error: Exception) -> IloGeoError:
    if isinstance(error, IloGeoError):
        return error
    logger.error("unexpected failure", exc_info=error)
    return IloGeoError("job.failed", found=type(error).__name__)

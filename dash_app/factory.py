"""Makes the planner: one Dash app for one study area, with nothing global."""

from __future__ import annotations

import os
from pathlib import Path

from dash import Dash
from flask import request

from dash_app import cookies
from dash_app.access import LOAD_DATA
from dash_app.access import PUBLIC
from dash_app.access import SEE
from dash_app.access import SIGN_IN
from dash_app.access import SIGNED_IN
from dash_app.access import Guard
from dash_app.callbacks import analysis
from dash_app.callbacks import budget
from dash_app.callbacks import chamber
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
from dash_app.callbacks import scenarios as scenarios_callbacks
from dash_app.callbacks import selection
from dash_app.errors import answer
from dash_app.errors import explain
from dash_app.i18n import translator
from dash_app.ogc import routes as ogc
from dash_app.planner import Planner
from dash_app.routes import administration
from dash_app.routes import council_api
from dash_app.routes import documents
from dash_app.routes import downloads
from dash_app.routes import layers
from dash_app.routes import papers
from dash_app.routes import people
from dash_app.routes import proposals
from dash_app.routes import tiles
from dash_app.routes import uploads
from dash_app.routes.plain_pages import lay_the_base
from dash_app.security import protect
from dash_app.sheet_desk import SheetDesk
from dash_app.shell import root
from ilo_geo.core.text import Text
from ilo_geo.services.council import Council
from ilo_geo.services.import_desk import max_upload_bytes

# what a page ever sends is far smaller
MAX_REQUEST_BYTES = 1_000_000
MAX_FORM_BYTES = 20_000
# the proxy in front that speaks TLS to the browsers, by its address
ENV_TLS_PROXY = "ILO_GEO_TLS_PROXY"
LOAD, READ, CREATE, READ_SCENARIO = "load_data", "read", "create", "read_scenario"
CALLBACKS = {
    SEE: (
        map_callbacks.register,
        analysis.register,
        selection.register,
        hazards.register,
        findings.register,
        choices.register,
        coherence.register,
        imports.register_leaving,
    ),
    LOAD_DATA: (fetching.register, imports.register, selection.register_versions),
}

PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>{metas}<title>{title}</title>{favicon}{css}</head>
<body>{app_entry}{over}<noscript>{noscript}</noscript><footer>{config}{scripts}{renderer}</footer></body>
</html>"""


OVER = """<p id="session-over" class="session-over" role="alert" hidden>{words}
<a href="{href}" target="_blank">{link}</a></p>"""


class _PlannerDash(Dash):
    """Dash with a page in the language of its address, named after its city."""

    city: Text

    def interpolate_index(self, **parts: str) -> str:
        t = translator(request.args.get("lang"))
        cookies.csrf_token()
        parts["title"] = t("shell.title", city=t.of(self.city))
        noscript = t("shell.noscript")
        over = OVER.format(
            words=t("people.is_over"), link=t("people.enter_again"), href=t.link(SIGN_IN)
        )
        return PAGE.format(lang=t.lang, noscript=noscript, over=over, **parts)


def create_app(planner: Planner, council: Council, *, hosts: frozenset[str] | None = None) -> Dash:
    """Return the planner as a Dash app; ``app.server`` is the WSGI application.

    ``hosts`` are the names it answers to, None for any.
    """
    app = _PlannerDash(
        "dash_app",
        assets_folder=str(Path(__file__).parent / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=explain,
        health_endpoint="health",
        update_title=None,
        title=planner.area.config.title.es,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        csrf_token_name=cookies.CSRF,
        csrf_header_name=cookies.CSRF_HEADER,
    )
    app.city = planner.area.config.title
    app.server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.layout = root()
    guard = Guard(app, council, behind_tls=bool(os.environ.get(ENV_TLS_PROXY)))
    _register(app, guard, planner, council)
    app.server.register_error_handler(Exception, answer)
    protect(app, tiles=planner.tiles, hosts=hosts)
    guard.stand()
    app.server.extensions["guard"] = guard
    return app


def _register(app: Dash, guard: Guard, planner: Planner, council: Council) -> None:
    """Register every callback and address with the verb it needs; without one it is refused."""
    for verb, modules in CALLBACKS.items():
        with guard.granting(verb):
            for register in modules:
                register(app, planner)
    with guard.granting(SEE):
        navigation.register(app, planner, council)
    lay_the_base(app.server, planner)
    routes = app.server.register_blueprint
    with guard.granting(SEE):
        routes(layers.blueprint(planner))
        routes(downloads.blueprint(planner))
    with guard.granting(LOAD_DATA, body_bytes=max_upload_bytes()):
        routes(uploads.blueprint(planner))
    with guard.granting(SEE, gis=True):
        routes(ogc.blueprint(planner))
        routes(tiles.blueprint(planner))
    _register_council(app, guard, planner, council)
    with guard.granting(PUBLIC, body_bytes=MAX_FORM_BYTES):
        routes(people.public(council))
    with guard.granting(SIGNED_IN, body_bytes=MAX_FORM_BYTES):
        routes(people.own(council))
    for verb, blueprint in administration.blueprints(council).items():
        with guard.granting(verb, body_bytes=MAX_FORM_BYTES):
            routes(blueprint)
    for verb, blueprint in papers.blueprints(council).items():
        with guard.granting(verb):
            routes(blueprint)


def _register_council(app: Dash, guard: Guard, planner: Planner, council: Council) -> None:
    """Register the pages of the council's table; each command asks again who may do it."""
    # one for all of them: a sheet is computed once at a time, whoever asks
    desk = SheetDesk(planner, council)
    with guard.granting(READ):
        proposals_callbacks.register(app, desk, council)
        app.server.register_blueprint(proposals.reading(council))
        app.server.register_blueprint(council_api.blueprint(council, desk))
    with guard.granting(READ, body_bytes=documents.max_body_bytes()):
        app.server.register_blueprint(documents.blueprint(council))
    with guard.granting(READ_SCENARIO):
        scenarios_callbacks.register(app, planner, council)
    with guard.granting(CREATE):
        proposal_editor.register(app, planner, council, desk)
    with guard.granting(CREATE, body_bytes=proposals.MAX_FILE_BYTES):
        app.server.register_blueprint(proposals.writing())
    with guard.granting("read_sitting"):
        chamber.register(app, desk, council)
    with guard.granting("read_campaign"):
        budget.register(app, planner, council)

"""The guard: every address and every callback needs a verb of the permission table.

What is registered without one is refused to everybody. Whoever is not signed in is a visitor, with
what the table grants visitors while the administrator keeps the planner open to them, and nothing
else. Every request that may change something must carry the token of its own cookies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dash import Dash
from flask import Response
from flask import g
from flask import has_request_context
from flask import redirect
from flask import request

from dash_app import cookies
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.errors import SignInError
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import visitor
from ilo_geo.proposals.permissions import admits
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.permissions import refused
from ilo_geo.services.council import Council
from ilo_geo.services.gis_access import GisAccess
from ilo_geo.services.people import Visit
from ilo_geo.services.people import visit_of

# beside the verbs of the table: for everybody, without asking who it is; for everybody; for
# whoever is signed in, whatever the role
OPEN, PUBLIC, SIGNED_IN = "(open)", "(public)", "(signed in)"
SEE, LOAD_DATA = "see", "load_data"
CALLBACKS = "/_dash-update-component"
ASSETS = "_dash_assets.static"
# dash's own addresses; assets and callbacks are looked at one by one
OF_DASH = {
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": OPEN,
    "/_favicon.ico": OPEN,
    "/health": OPEN,
    "/": SEE,
    "/<path:path>": SEE,
    "/_dash-layout": SEE,
    "/_dash-dependencies": SEE,
    "/_reload-hash": SEE,
    CALLBACKS: SEE,
    ASSETS: SEE,
    "static": SEE,
}
# what the page that one signs in on is drawn with
OPEN_ASSETS = frozenset(("planner.css", "people.css"))
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# what fires by itself in a page: it must keep nobody signed in
BY_ITSELF = ".n_intervals"
SIGN_IN, OWN_ACCOUNT = "/entrar", "/cuenta"
HTML = "text/html"
UNAUTHORIZED = 401
GIS_REALM = 'Basic realm="ilo-geo", charset="UTF-8"'


@dataclass(frozen=True)
class Grant:
    """What an address needs, how large a body it takes, and whether a GIS may give a password."""

    verb: str
    body_bytes: int | None = None
    gis: bool = False


class Guard:
    """Stands before one app; ``behind_tls`` says that a proxy speaks TLS to the browsers."""

    def __init__(self, app: Dash, council: Council, *, behind_tls: bool = False) -> None:
        self._app, self._council, self._behind_tls = app, council, behind_tls
        self._gis = GisAccess(council)
        self.endpoints = {name: Grant(verb) for name, verb in OF_DASH.items()}
        self.callbacks: dict[str, str] = {}

    @contextmanager
    def granting(
        self, verb: str, *, body_bytes: int | None = None, gis: bool = False
    ) -> Iterator[None]:
        """Let what the block registers be used by whoever is granted ``verb``."""
        callbacks, endpoints = set(self._app.callback_map), set(self._app.server.view_functions)
        yield
        for output in set(self._app.callback_map) - callbacks:
            self.callbacks[output] = verb
        for endpoint in set(self._app.server.view_functions) - endpoints:
            self.endpoints[endpoint] = Grant(verb, body_bytes, gis)

    def ungranted(self) -> list[str]:
        """Return what was registered without a verb, which nobody can use."""
        endpoints = set(self._app.server.view_functions) - set(self.endpoints)
        return sorted([*endpoints, *(set(self._app.callback_map) - set(self.callbacks))])

    def stand(self) -> None:
        """Look at every request from now on."""
        self._app.server.before_request(self._look)
        self._app.server.after_request(self._finish)

    def _look(self) -> Response | None:
        grant = self._grant()
        if grant.verb == OPEN:
            return None
        if grant.body_bytes is not None:
            request.max_content_length = grant.body_bytes
        g.visit = self._visit(grant)
        if is_page():
            cookies.csrf_token()
        sent_on = self._refuse(grant)
        if sent_on is not None:
            return sent_on
        if request.method not in SAFE and not cookies.is_own_request():
            raise RefusedError("account.forged")
        if request.endpoint == CALLBACKS:
            self._look_at_callback()
        return None

    def _grant(self) -> Grant:
        endpoint = request.endpoint
        if endpoint is None:
            # no such address, or not by this method: Flask says so to whoever may see anything
            return Grant(SEE)
        if endpoint == ASSETS and (request.view_args or {}).get("filename") in OPEN_ASSETS:
            return Grant(OPEN)
        grant = self.endpoints.get(endpoint)
        if grant is None:
            raise RefusedError("account.ungranted")
        return grant

    def _visit(self, grant: Grant) -> Visit:
        visit = visit_of(
            self._council, request.cookies.get(cookies.SESSION), by_person=not _is_by_itself()
        )
        given = request.authorization
        if visit.is_signed_in or not grant.gis or given is None or given.type != "basic":
            return visit
        actor = self._gis.proven(given.username or "", given.password or "", address_of_asker())
        g.by_password = True
        return Visit(actor, visit.open_to_all)

    def _refuse(self, grant: Grant) -> Response | None:
        """Refuse who may not, or send on a person who has to sign in or change a password."""
        visit: Visit = g.visit
        if grant.verb == PUBLIC:
            return None
        if visit.must_change and grant.verb != SIGNED_IN:
            if is_page():
                return _sent(OWN_ACCOUNT)
            raise RefusedError("account.must_change")
        if visit.is_signed_in if grant.verb == SIGNED_IN else may(grant.verb):
            return None
        if not visit.is_signed_in and is_page():
            return _sent(f"{SIGN_IN}?next={quote(request.full_path.rstrip('?'))}")
        g.ask_for_password = grant.gis
        raise _refusal(visit, grant.verb)

    def _look_at_callback(self) -> None:
        body = request.get_json(silent=True)
        output = body.get("output") if isinstance(body, dict) else None
        if not isinstance(output, str) or output not in self._app.callback_map:
            raise InputError("account.no_callback")
        verb = self.callbacks.get(output)
        if verb is None:
            raise RefusedError("account.ungranted")
        if not may(verb):
            raise _refusal(g.visit, verb)

    def _finish(self, response: Response) -> Response:
        secure = self._behind_tls or request.is_secure
        if "visit" in g and "by_password" not in g:
            cookies.write_cookies(response, secure=secure)
            # what somebody was shown must not be shown to who comes after
            response.headers.setdefault("Cache-Control", "private, no-store")
        if g.get("ask_for_password") and response.status_code == UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = GIS_REALM
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def actor() -> Actor:
    """Return who asks."""
    visit = current_visit()
    return visit.actor if visit is not None else visitor


def current_visit() -> Visit | None:
    """Return who asks with their name, None where nobody was looked at."""
    found: Visit | None = g.get("visit") if has_request_context() else None
    return found


def may(verb: str, state: str | None = None, *, own: bool = False) -> bool:
    """Return whether who asks is granted a verb, to show or hide what leads to it.

    Parameters
    ----------
    state
        Of the proposal; None asks whether they may in some state.
    own
        Whether it is theirs.
    """
    visit = current_visit()
    if visit is None:
        return False
    if state is None:
        return admits(visit.actor, verb, open_to_all=visit.open_to_all)
    return allows(visit.actor, verb, state, own=own, open_to_all=visit.open_to_all)


def address_of_asker() -> str:
    """Return where a request comes from, for rates."""
    return request.remote_addr or ""


def local_path(asked: str | None) -> str:
    """Return an address of this planner that a person may be sent on to, ``/`` for any other."""
    path = asked or ""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def is_page() -> bool:
    """Return whether a browser asks for a page, not a program or a script for data."""
    return request.method in ("GET", "HEAD") and any(
        kind == HTML for kind, _ in request.accept_mimetypes
    )


def _is_by_itself() -> bool:
    if request.endpoint != CALLBACKS:
        return False
    body: Any = request.get_json(silent=True)
    changed = body.get("changedPropIds") if isinstance(body, dict) else None
    named = isinstance(changed, list) and bool(changed)
    return named and all(str(one).endswith(BY_ITSELF) for one in changed)


def _refusal(visit: Visit, verb: str) -> RefusedError:
    """Return why somebody may not: nobody is signed in, or their role is not granted it."""
    if visit.is_signed_in:
        return refused(visit.actor, verb)
    return SignInError("account.sign_in_needed")


def _sent(address: str) -> Response:
    lang = request.args.get("lang")
    mark = "&" if "?" in address else "?"
    sent: Any = redirect(f"{address}{mark}lang=en" if lang == "en" else address, 303)
    return sent

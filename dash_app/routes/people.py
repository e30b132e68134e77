"""Signing in and out, an own account, an invitation: pages that need no script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask import Response
from flask import make_response
from flask import request

from dash_app import cookies
from dash_app.access import OWN_ACCOUNT
from dash_app.access import SIGN_IN
from dash_app.access import actor
from dash_app.access import address_of_asker
from dash_app.access import current_visit
from dash_app.access import local_path
from dash_app.routes.plain_pages import asking
from dash_app.routes.plain_pages import onward
from dash_app.routes.plain_pages import page
from dash_app.routes.plain_pages import page_again
from dash_app.routes.plain_pages import role_title
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.services import invitations
from ilo_geo.services import people
from ilo_geo.services.council import Council
from ilo_geo.services.personal_data import held_of
from ilo_geo.services.personal_data import written

JSON = "application/json"
# what a form says again, with what was typed and why it will not do
FAULTS = (InputError, RefusedError, ConflictError)


def public(council: Council) -> Blueprint:
    """Return the pages for whoever has no session."""
    routes = Blueprint("people", __name__)

    @routes.get(SIGN_IN)
    def sign_in_page() -> Response:
        visit = current_visit()
        wanted = local_path(request.args.get("next"))
        if visit is not None and visit.is_signed_in:
            return onward(wanted)
        return page("sign_in.html", next=wanted, goes_on=wanted != "/", username="")

    @routes.post(SIGN_IN)
    def sign_in() -> Response:
        username, wanted = request.form.get("username", ""), local_path(request.form.get("next"))
        password = request.form.get("password", "")
        try:
            token = people.sign_in(council, username, password, address_of_asker())
        except FAULTS as fault:
            return page_again("sign_in.html", fault, next=wanted, goes_on=False, username=username)
        _begin(council, token)
        return onward(wanted)

    @routes.get("/invitacion/<token>")
    def invitation_page(token: str) -> Response:
        asked = {"display_name": "", "username": ""}
        return page("invitation.html", **asked, **_invited(council, token))

    @routes.post("/invitacion/<token>")
    def accept(token: str) -> Response:
        asked = {name: request.form.get(name, "") for name in ("display_name", "username")}
        try:
            password = _typed_twice("password")
            session = invitations.accept_invitation(council, token, asked, password)
        except NotFoundError:
            raise
        except FAULTS as fault:
            return page_again("invitation.html", fault, **asked, **_invited(council, token))
        _begin(council, session)
        return onward("/")

    return routes


def own(council: Council) -> Blueprint:
    """Return the pages of one's own account."""
    routes = Blueprint("own_account", __name__)

    @routes.post("/salir")
    def sign_out() -> Response:
        _end_session(council)
        cookies.end()
        return onward(SIGN_IN)

    @routes.get(OWN_ACCOUNT)
    def account_page() -> Response:
        t = asking()
        done = t("people.password_changed") if "cambiada" in request.args else ""
        return page("account.html", role=role_title(actor().role), done=done)

    @routes.post(OWN_ACCOUNT)
    def change_password() -> Response:
        visit = current_visit()
        try:
            new = _typed_twice("new")
            old = request.form.get("old", "")
            token = people.change_password(council, visit, old, new, address_of_asker())
        except FAULTS as fault:
            return page_again("account.html", fault, role=role_title(actor().role))
        cookies.begin(token)
        # who had to change it came for the planner
        return onward("/" if visit is not None and visit.must_change else f"{OWN_ACCOUNT}?cambiada")

    @routes.get(f"{OWN_ACCOUNT}/datos.json")
    def own_data() -> Response:
        response = make_response(written(held_of(council, str(actor().account_id))))
        response.mimetype = JSON
        response.headers["Content-Disposition"] = "attachment; filename=mis-datos.json"
        return response

    return routes


def _begin(council: Council, token: str) -> None:
    """Begin a session in a browser, whose own one ends."""
    _end_session(council)
    cookies.begin(token)


def _end_session(council: Council) -> None:
    visit = current_visit()
    if visit is not None and visit.is_signed_in:
        people.sign_out(council, visit)


def _typed_twice(name: str) -> str:
    typed = request.form.get(name, "")
    if typed != request.form.get("again", ""):
        raise InputError("account.passwords_differ")
    return typed


def _invited(council: Council, token: str) -> dict[str, Any]:
    found = invitations.invited(council, token)
    return {"role": role_title(found.role), "until": found.until}

"""Signing in and out, an own account, an invitation: pages that need no script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint
from flask import Response
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request

from dash_app import cookies
from dash_app.access import OWN_ACCOUNT
from dash_app.access import SIGN_IN
from dash_app.access import actor
from dash_app.access import address_of_asker
from dash_app.access import current_visit
from dash_app.access import local_path
from dash_app.errors import retry_after
from dash_app.errors import status_of
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.permissions import permissions
from ilo_geo.services import invitations
from ilo_geo.services import people
from ilo_geo.services.council import Council
from ilo_geo.services.personal_data import held_of
from ilo_geo.services.personal_data import written

JSON = "application/json"
# what a form says again, with what was typed and why it will not do
FAULTS = (InputError, RefusedError, ConflictError)


def public(planner: Planner, council: Council) -> Blueprint:
    """Return the pages for whoever has no session."""
    routes = Blueprint("people", __name__)
    _set_the_table(routes, planner)

    @routes.get(SIGN_IN)
    def sign_in_page() -> Response:
        visit = current_visit()
        onward = local_path(request.args.get("next"))
        if visit is not None and visit.is_signed_in:
            return _onward(onward)
        return _page("sign_in.html", next=onward, goes_on=onward != "/", username="")

    @routes.post(SIGN_IN)
    def sign_in() -> Response:
        username, onward = request.form.get("username", ""), local_path(request.form.get("next"))
        password = request.form.get("password", "")
        try:
            token = people.sign_in(council, username, password, address_of_asker())
        except FAULTS as fault:
            return _again("sign_in.html", fault, next=onward, goes_on=False, username=username)
        cookies.begin(token)
        return _onward(onward)

    @routes.get("/invitacion/<token>")
    def invitation_page(token: str) -> Response:
        asked = {"display_name": "", "username": ""}
        return _page("invitation.html", **asked, **_invited(council, token))

    @routes.post("/invitacion/<token>")
    def accept(token: str) -> Response:
        asked = {name: request.form.get(name, "") for name in ("display_name", "username")}
        try:
            password = _typed_twice("password")
            session = invitations.accept_invitation(council, token, asked, password)
        except NotFoundError:
            raise
        except FAULTS as fault:
            return _again("invitation.html", fault, **asked, **_invited(council, token))
        cookies.begin(session)
        return _onward("/")

    return routes


def own(planner: Planner, council: Council) -> Blueprint:
    """Return the pages of one's own account."""
    routes = Blueprint("own_account", __name__)
    _set_the_table(routes, planner)

    @routes.post("/salir")
    def sign_out() -> Response:
        visit = current_visit()
        if visit is not None:
            people.sign_out(council, visit)
        cookies.end()
        return _onward(SIGN_IN)

    @routes.get(OWN_ACCOUNT)
    def account_page() -> Response:
        t = _t()
        done = t("people.password_changed") if "cambiada" in request.args else ""
        return _page("account.html", role=_role(actor().role), done=done)

    @routes.post(OWN_ACCOUNT)
    def change_password() -> Response:
        visit = current_visit()
        try:
            new = _typed_twice("new")
            old = request.form.get("old", "")
            token = people.change_password(council, visit, old, new, address_of_asker())
        except FAULTS as fault:
            return _again("account.html", fault, role=_role(actor().role))
        cookies.begin(token)
        return _onward(f"{OWN_ACCOUNT}?cambiada")

    @routes.get(f"{OWN_ACCOUNT}/datos.json")
    def own_data() -> Response:
        response = make_response(written(held_of(council, str(actor().account_id))))
        response.mimetype = JSON
        response.headers["Content-Disposition"] = "attachment; filename=mis-datos.json"
        return response

    return routes


def _set_the_table(routes: Blueprint, planner: Planner) -> None:
    """Give every page of ours what the base of it says."""

    @routes.app_context_processor
    def base() -> dict[str, Any]:
        t = _t()
        arguments = {**request.args.to_dict(), "lang": t.other}
        return {
            "t": t,
            "city": t.of(planner.area.config.title),
            "visit": current_visit(),
            "csrf_token": cookies.csrf_token,
            "other_language": f"{request.path}?{urlencode(arguments)}",
            "rules": account_rules(),
        }


def _t() -> Translator:
    return translator(request.args.get("lang"))


def _page(template: str, **said: Any) -> Response:
    visit = current_visit()
    open_to_all = visit is not None and visit.open_to_all
    return make_response(render_template(template, open_to_all=open_to_all, **said))


def _again(template: str, fault: IloGeoError, **said: Any) -> Response:
    """Return a page with why its form will not do, and the status that says so to programs."""
    response = _page(template, fault=fault.public_text(_t().lang), **said)
    response.status_code = status_of(fault)
    response.headers.update(retry_after(fault))
    return response


def _onward(path: str) -> Response:
    """Send a browser on by another request, so that going back sends no form again."""
    t = _t()
    mark = "&" if "?" in path else "?"
    english = t.lang == "en" and "lang=" not in path
    return make_response(redirect(f"{path}{mark}lang=en" if english else path, 303))


def _typed_twice(name: str) -> str:
    typed = request.form.get(name, "")
    if typed != request.form.get("again", ""):
        raise InputError("account.passwords_differ")
    return typed


def _invited(council: Council, token: str) -> dict[str, Any]:
    found = invitations.invited(council, token)
    return {"role": _role(found.role), "until": found.until}


def _role(role: str) -> str:
    return _t().of(permissions().roles[role])

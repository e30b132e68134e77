"""Pages made on the server, without a script: what they share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask import Response
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request

from dash_app import cookies
from dash_app.access import current_visit
from dash_app.access import may
from dash_app.errors import retry_after
from dash_app.errors import status_of
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.permissions import permissions


def lay_the_base(server: Flask, planner: Planner) -> None:
    """Give every template what the base of all pages says."""

    @server.context_processor
    def base() -> dict[str, Any]:
        t = asking()
        arguments = {**request.args.to_dict(), "lang": t.other}
        return {
            "t": t,
            "city": t.of(planner.area.config.title),
            "visit": current_visit(),
            "may": may,
            "csrf_token": cookies.csrf_token,
            "other_language": f"{request.path}?{urlencode(arguments)}",
            "rules": account_rules(),
        }


def asking() -> Translator:
    """Return the words of the language a page was asked in."""
    return translator(request.args.get("lang"))


def page(template: str, **said: Any) -> Response:
    """Return a page."""
    return make_response(render_template(template, **said))


def page_again(template: str, fault: IloGeoError, **said: Any) -> Response:
    """Return a page with why its form will not do, and the status that says so to programs."""
    response = page(template, fault=fault.public_text(asking().lang), **said)
    response.status_code = status_of(fault)
    response.headers.update(retry_after(fault))
    return response


def onward(path: str) -> Response:
    """Send a browser on by another request, so that loading again sends no form again."""
    mark = "&" if "?" in path else "?"
    english = asking().lang == "en" and "lang=" not in path
    return make_response(redirect(f"{path}{mark}lang=en" if english else path, 303))


def role_title(role: str) -> str:
    """Return what a role is called."""
    return asking().of(permissions().roles[role])

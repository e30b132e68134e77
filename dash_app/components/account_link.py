"""Who is signed in, in the header of every page: the way in, or the name and the way out."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import cookies
from dash_app.access import OWN_ACCOUNT
from dash_app.access import SIGN_IN
from dash_app.access import current_visit
from dash_app.i18n import Translator


def account_link(t: Translator) -> Component:
    """Return the link of who asks; a plain form signs out, so that no callback has to."""
    visit = current_visit()
    if visit is None or not visit.is_signed_in:
        way_in = html.A(t("people.enter"), href=t.link(SIGN_IN), className="language")
        return html.Div([way_in], className="account")
    sign_out = html.Form(
        [
            # the value is this session's own
            dcc.Input(type="hidden", name=cookies.CSRF_FIELD, value=cookies.csrf_token()),
            html.Button(t("people.sign_out"), className="language", type="submit"),
        ],
        action=t.link("/salir"),
        method="POST",
    )
    name = html.A(visit.name, href=t.link(OWN_ACCOUNT), className="account-name", title=visit.name)
    return html.Div([name, sign_out], className="account")

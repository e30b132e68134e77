"""Who is signed in, in the header of every page: the way in, or a menu of what is theirs."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import cookies
from dash_app.access import OWN_ACCOUNT
from dash_app.access import SIGN_IN
from dash_app.access import current_visit
from dash_app.access import may
from dash_app.i18n import Translator

HIDDEN = {"aria-hidden": "true"}


def account_link(t: Translator) -> Component:
    """Return the menu of who asks; it opens and signs out without a callback."""
    visit = current_visit()
    if visit is None or not visit.is_signed_in:
        way_in = html.A(t("people.enter"), href=t.link(SIGN_IN), className="account-in")
        return html.Div([way_in], className="account")
    links = [html.A(t("people.account"), href=t.link(OWN_ACCOUNT))]
    if may("read_people"):
        links.append(html.A(t("admin.title"), href=t.link("/administracion")))
    elif may("read_audit"):
        links.append(html.A(t("admin.audit"), href=t.link("/administracion/auditoria")))
    sign_out = html.Form(
        [
            # the value is this session's own
            dcc.Input(type="hidden", name=cookies.CSRF_FIELD, value=cookies.csrf_token()),
            html.Button(t("people.sign_out"), type="submit"),
        ],
        action=t.link("/salir"),
        method="POST",
    )
    initial = html.Span(visit.name[:1].upper(), className="account-initial", **HIDDEN)
    summary = html.Summary([initial, html.Span(visit.name, className="account-name")])
    menu = html.Div([*links, sign_out], className="account-menu")
    return html.Details([summary, menu], className="account")

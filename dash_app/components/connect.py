"""One line that says where QGIS finds the layers and results."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component
from flask import has_request_context
from flask import request

from dash_app.i18n import Translator
from dash_app.ogc.routes import ROOT


def connect_line(t: Translator) -> Component:
    """Return the address of the OGC API as this browser reaches it, linked to its page."""
    host = request.root_url.rstrip("/") if has_request_context() else ""
    page = t.link(ROOT)
    page = f"{page}&f=html" if "?" in page else f"{page}?f=html"
    return html.P(
        [t("ogc.connect"), " ", html.A(html.Code(f"{host}{ROOT}"), href=page)], className="help"
    )

"""Status badges and notices: how far something can be trusted, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dash_app.i18n import Translator
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.layer import Status
from ilo_geo.core.results import Notice


def status_badge(t: Translator, status: Status) -> Component:
    """Return the badge of a status; never by colour alone."""
    return html.Span(t(f"status.{status}"), className=f"badge badge-{status}")


def faults(t: Translator, errors: Iterable[IloGeoError]) -> list[Component]:
    """Return one line for each refused value."""
    return [html.P(error.text(t.lang), className="notice notice-error") for error in errors]


def notices(t: Translator, said: Iterable[Notice]) -> Component:
    """Return what the reader must know before believing the figures."""
    return html.Ul([html.Li(notice.text(t.lang)) for notice in said], className="notices")

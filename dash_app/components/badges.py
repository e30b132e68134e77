"""Status badges and notices: how far something can be trusted, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.results import Notice


def status_badge(t: Translator, status: Status) -> Component:
    """Return the badge of a status; never by colour alone."""
    return html.Span(t(f"status.{status}"), className=f"badge badge-{status}")


def faults(t: Translator, errors: Iterable[IloGeoError]) -> list[Component]:
    """Return one line for each refused value."""
    return [html.P(_in_words(t, error), className="notice notice-error") for error in errors]


def _in_words(t: Translator, error: IloGeoError) -> str:
    """Return the line of an error, a parameter by the title it has on the page."""
    named = parameter_texts("ilo_geo.green", "parameters.yaml").get(str(error.fields.get("where")))
    if named is None:
        return error.public_text(t.lang)
    return type(error)(error.code, **{**error.fields, "where": t.of(named.title)}).public_text(
        t.lang
    )


def stale_notice(t: Translator, stamp: str) -> list[Component]:
    """Return what stands over figures whose data have changed, and what computes them again."""
    again = html.Button(
        t("stale.again"),
        className="button",
        **{"data-choose": ids.RECALCULATE, "data-value": stamp},
    )
    return [html.P([t("stale.text"), " · ", again], className="notice notice-stale")]


# what nobody may overlook when reading the headline
GRAVE = (
    "modelled_layers",
    "sparse_green",
    "no_public_green",
    "official_displaced",
    "tsunami_chart_in_use",
    "tsunami_chart_other_level",
    "tsunami_chart_set_aside",
    "tsunami_chart_not_official",
    "tsunami_chart_unofficial",
    "tsunami_chart_differs",
)


def grave_notices(t: Translator, said: Iterable[Notice]) -> Component:
    """Return the notices that belong under the headline."""
    return notices(t, [notice for notice in said if notice.code in GRAVE])


def notices(t: Translator, said: Iterable[Notice]) -> Component:
    """Return what the reader must know before believing the figures."""
    return html.Ul([html.Li(notice.text(t.lang)) for notice in said], className="notices")

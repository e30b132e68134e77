"""Datos: what the city has, how good it is, where it comes from and what is missing most."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import LOAD_DATA
from dash_app.access import may
from dash_app.components.badges import status_badge
from dash_app.components.connect import connect_line
from dash_app.components.controls import asked
from dash_app.components.fetch_box import fetch_section
from dash_app.components.versions import versions_block
from dash_app.components.watch import age_line
from dash_app.components.watch import completeness_block
from dash_app.components.watch import missing_block
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from dash_app.state import path_of
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.services.layer_reports import LayerReport
from ilo_geo.services.watch import LayerWatch
from ilo_geo.services.watch import Watch
from ilo_geo.services.watch import n_real

MAX_FINDINGS = 8


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: what is missing, what is known to exist, every layer, every version."""
    t, watch = view.t, planner.watch()
    return [
        asked(view),
        html.H1(t("data.title")),
        html.P(
            t("data.summary", total=len(watch.layers), **_counts(watch.layers)),
            className="headline-rest",
        ),
        *(_loading(planner, t) if may(LOAD_DATA) else []),
        *missing_block(t, watch),
        *completeness_block(t, watch),
        html.H2(t("data.layers")),
        html.Div(id=ids.LAYER_SHEET, role="status"),
        *_catalogue(planner, t, watch),
        html.H2(t("versions.title")),
        html.Div(
            versions_block(t, planner, may_switch=may(LOAD_DATA)), id=ids.VERSIONS, role="status"
        ),
        html.H2(t("data.out")),
        connect_line(t),
    ]


def _loading(planner: Planner, t: Translator) -> list[Component]:
    """Return what brings data in, for whoever may."""
    return [
        *fetch_section(t, planner.fetching),
        dcc.Link(t("data.import"), href=t.link(path_of("imports")), className="button wide"),
    ]


def _catalogue(planner: Planner, t: Translator, watch: Watch) -> list[Component]:
    groups: list[Component] = []
    for theme in planner.area.catalogue.themes:
        mine = [one for one in watch.layers if one.meta.theme == theme.id]
        if mine:
            share = t("data.theme", **_counts(mine))
            head = html.H3([t.of(theme.title), " ", html.Span(share, className="soft")])
            rows = [_row(t, one) for one in mine]
            groups += [head, html.Ul(rows, className="catalogue")]
    return groups


def _counts(layers: Sequence[LayerWatch]) -> dict[str, int]:
    real, absent = n_real(layers), sum(one.origin is None for one in layers)
    return {"real": real, "absent": absent, "modelled": len(layers) - real - absent}


def _row(t: Translator, one: LayerWatch) -> Component:
    meta = one.meta
    state = (
        status_badge(t, meta.status)
        if one.origin
        else html.Span(t("data.absent"), className="badge")
    )
    name = [html.Span(t.of(meta.title), className="row-title")]
    line = age_line(t, one)
    about = [html.Span(line, className="row-about")] if line else []
    return html.Li(
        html.Button(
            [html.Span([*name, *about], className="row-names"), state],
            className="catalogue-row",
            **{"data-choose": ids.CHOSEN_LAYER, "data-value": meta.id},
        )
    )


def layer_sheet(t: Translator, report: LayerReport) -> list[Component]:
    """Return provenance and quality of one layer."""
    meta = report.entry.meta
    origin = t(f"origin.{report.entry.origin}") if report.entry.origin else t("data.absent")
    accuracy = f"{peru_number(meta.accuracy_m)} m" if meta.accuracy_m is not None else "–"
    facts = [
        (t("catalogue.source"), meta.source),
        (t("catalogue.licence"), meta.licence),
        (t("catalogue.date"), peru_date(meta.date)),
        (t("catalogue.accuracy"), accuracy),
        (t("catalogue.origin"), origin),
        (t("catalogue.features"), peru_number(report.n_features)),
        ("SHA-256", (report.sha256 or "–")[:16]),
    ]
    rows = [part for name, value in facts for part in (html.Dt(name), html.Dd(value))]
    note = [html.P(t.of(meta.note), className="help")] if meta.note else []
    head = html.Div(
        [html.H2(t.of(meta.title)), status_badge(t, meta.status)], className="sheet-head"
    )
    return [
        html.Article(
            [head, *note, html.Dl(rows, className="facts"), *_quality(t, report)], className="sheet"
        )
    ]


def _quality(t: Translator, report: LayerReport) -> list[Component]:
    if report.error is not None:
        return [html.P(report.error.public_text(t.lang), className="notice notice-error")]
    if report.findings.empty:
        return [html.P(t("quality.none"), className="notice notice-good")]
    counts = report.findings.groupby(["problem", "action"]).size()
    lines = [
        html.Li(
            t("quality.line", n=n, problem=t(f"problem.{problem}"), action=t(f"action.{action}"))
        )
        for (problem, action), n in counts.items()
    ]
    rows = ", ".join(map(str, report.findings["row"].head(MAX_FINDINGS)))
    return [
        html.H3(t("quality.title", n=len(report.findings))),
        html.Ul(lines, className="notices"),
        html.P(t("quality.rows", rows=rows), className="help"),
    ]

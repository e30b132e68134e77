"""What the pages of findings share: downloads, limits, figures with an interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import notices
from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_date
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.services.exports import FORMATS

PRINTED = ("pdf", "png")


@dataclass(frozen=True)
class Figure:
    """A key figure as written, with what stands behind it."""

    title: str
    value: str
    unit: str
    about: tuple[str, ...]
    interval: str = ""


def figures(t: Translator, shown: Iterable[Figure]) -> Component:
    """Return key figures, each with its interval and an (i) that opens how it came about."""
    items = [
        html.Div(
            [
                html.Dt([figure.title, info(t, figure.title, *figure.about)]),
                html.Dd(
                    [
                        html.Span(figure.value, className="value"),
                        " ",
                        html.Span(figure.unit, className="unit"),
                        html.Span(figure.interval, className="figure-range"),
                    ]
                ),
            ],
            className="figure",
        )
        for figure in shown
    ]
    return html.Dl(items, className="figures")


def between(t: Translator, low: str, high: str) -> str:
    """Return an interval in words."""
    return t("finding.between", low=low, high=high)


def source_items(t: Translator, notes: Iterable[LayerNote]) -> list[Component]:
    """Return an item a layer: where it comes from, as of when, how sure."""
    return [
        html.Li(
            [
                f"{t.of(note.title)}: {note.source}, {peru_date(note.date)} ",
                status_badge(t, note.status),
            ]
        )
        for note in notes
    ]


def origin(t: Translator, formula: str, notes: Iterable[LayerNote]) -> list[Component]:
    """Return how a figure is computed and from what, for its (i)."""
    items = source_items(t, notes)
    sources = [html.P(html.Strong(t("figure.inputs"))), html.Ul(items, className="sources")]
    return [
        html.P([html.Strong(t("figure.formula")), " ", formula]),
        *(sources if items else []),
    ]


def scroll_table(
    label: str, head: Iterable[str | Component], rows: list[Component], kind: str = ""
) -> Component:
    """Return a table that scrolls sideways where it is wider than the panel."""
    columns = html.Thead(html.Tr([html.Th(words, scope="col") for words in head]))
    table = html.Table([columns, html.Tbody(rows)], className=f"plain-table {kind}".strip())
    return html.Div(
        table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label}
    )


def limits_and_files(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return what to know before believing the figures, and the files and sheets to take along."""
    given = {name: value for name, value in result.parameters.items() if value is not None}
    query = urlencode({**given, "lang": t.lang})
    links = [
        html.A(
            t("hazards.sheet", format=fmt.upper()) if fmt in PRINTED else fmt.upper(),
            href=f"/descargas/{result.analysis}.{fmt}?{query}",
            className="button primary-link" if fmt in PRINTED else "button",
            download=True,
            **{"aria-label": t("green.download", format=fmt.upper())},
        )
        for fmt in sorted(FORMATS, key=lambda fmt: fmt not in PRINTED)
    ]
    return [
        html.Details(
            [html.Summary(t("hazards.warnings")), notices(t, result.warnings)], className="fold"
        ),
        html.Div([html.H2(t("green.export")), html.Div(links, className="buttons")]),
    ]

"""The legend: classes with their breaks, unit, n, source, date and status."""

from __future__ import annotations

from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number

PARKS = "parks"


def legend(t: Translator, result: AnalysisResult, table_name: str, scale: Scale) -> list[Component]:
    """Return the legend of a level, darkest class first, with how many units fall in each."""
    table = result.tables[table_name]
    counts = scale.class_ids(table[scale.column]).value_counts()
    rows = [
        _row(cls.colour, t.of(cls.title), span, int(counts.get(cls.id, 0)))
        for cls, span in zip(scale.classes, spans(scale), strict=True)
    ]
    if scale.missing.id in counts:
        rows.append(
            _row(scale.missing.colour, t.of(scale.missing.title), "", int(counts[scale.missing.id]))
        )
    status = Status.MODELLED if result.modelled_layers else Status.DERIVED
    note = t("legend.note", n=peru_number(len(table)), year=_parks_date(result))
    return [
        html.H2([t.of(scale.title), html.Span(t.of(scale.unit), className="unit")]),
        html.Ul(rows, className="classes"),
        html.P([note, " ", status_badge(t, status)], className="legend-note"),
        html.P(t("legend.source", source=scale.source), className="legend-note legend-source"),
    ]


def _parks_date(result: AnalysisResult) -> str:
    """Return the year that was asked of modelled parks, the date of those that are not."""
    parks = next((ref for ref in result.provenance if ref.layer == PARKS), None)
    if parks is not None and parks.status is not Status.MODELLED:
        return peru_date(parks.date)
    return str(result.parameters.get("year") or MISSING)


def spans(scale: Scale) -> list[str]:
    """Return the limits of each class in digits."""
    limits = [f"{value:g}" for value in scale.breaks]
    between = [f"{low}–{high}" for low, high in pairwise(limits)]
    return [f"< {limits[0]}", *between, f"≥ {limits[-1]}"]


def _row(colour: str, title: str, span: str, n: int) -> Component:
    return html.Li(
        [
            html.Span(className="swatch", style={"backgroundColor": colour}),
            html.Span(span, className="span"),
            html.Span(title, className="class-title"),
            html.Span(f"{n}", className="n"),
        ]
    )

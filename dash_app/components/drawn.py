"""What the map shows of a finding: areas and pins, each a table coloured by a scale's classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.units import peru_number

MAX_SOURCES = 2
THINNEST = 2


@dataclass(frozen=True)
class Painted:
    """A drawable table and the scale that colours it.

    The table's ``title_es`` and ``title_en`` say what a feature is when pointed at, its ``rank``
    is written on a pin; features with ``struck`` true are drawn crossed out.
    """

    name: str
    table: pd.DataFrame
    scale: Scale | CategoryScale

    @property
    def classes(self) -> pd.Series:
        """Return the class of each feature."""
        return self.scale.class_ids(self.table[self.scale.column])


@dataclass(frozen=True)
class Drawn:
    """Areas under pins; either may be absent. ``note`` is what the legend warns of."""

    areas: Painted | None = None
    pins: Painted | None = None
    note: str = ""


def found_look(
    t: Translator, painted: Painted | None, result: AnalysisResult | None
) -> dict[str, Any]:
    """Return the colours and words that the browser paints and names features with."""
    modelled = bool(result and result.modelled_layers)
    classes = (*painted.scale.classes, painted.scale.missing) if painted else ()
    ordered = painted.scale.classes if painted and isinstance(painted.scale, Scale) else ()
    # a line says its class by its width too, in pixels
    widths = {c.id: THINNEST + n for n, c in enumerate(ordered)}
    return {
        "lang": t.lang,
        "classes": {
            c.id: {
                "colour": c.colour,
                "pattern": _pattern(c),
                "title": t.of(c.title),
                "width": widths.get(c.id),
            }
            for c in classes
        },
        "modelled": modelled,
        "badge": t(f"status.{Status.MODELLED}") if modelled else "",
    }


def found_legend(t: Translator, result: AnalysisResult, drawn: Drawn) -> list[Component]:
    """Return the legend of what is drawn: classes with counts, sources, status."""
    rows: list[Component] = []
    for painted in (drawn.pins, drawn.areas):
        rows += _rows(t, painted) if painted else []
    status = Status.MODELLED if result.modelled_layers else Status.DERIVED
    sources = ", ".join(t.of(ref.title) for ref in result.provenance[:MAX_SOURCES])
    return [
        html.H2([t(f"finding.{result.analysis}"), " ", status_badge(t, status)]),
        *rows,
        *([html.P(drawn.note, className="legend-note warns")] if drawn.note else []),
        html.P(t("finding.sources", sources=sources), className="legend-note"),
    ]


def _rows(t: Translator, painted: Painted) -> list[Component]:
    counts = painted.classes.value_counts()
    unit = t.of(painted.scale.unit) if isinstance(painted.scale, Scale) else ""
    unit_words = html.Span(unit, className="unit")
    title = html.P([t.of(painted.scale.title), " ", unit_words], className="sub")
    shown = [c for c in (*painted.scale.classes, painted.scale.missing) if c.id in counts]
    items = [
        html.Li(
            [
                html.Span(
                    className=f"swatch pattern-{_pattern(c)}", style={"backgroundColor": c.colour}
                ),
                html.Span(t.of(c.title), className="class-title"),
                html.Span(peru_number(int(counts[c.id])), className="n"),
            ]
        )
        for c in shown
    ]
    return [title, html.Ul(items, className="classes marks")]


def _pattern(one: ScaleClass) -> str:
    """Return the name of the browser's hatch for a class's own."""
    if not one.pattern:
        return "none"
    if one.pattern == "x":
        return "crossed"
    return "dots" if one.pattern in (".", "o") else "hatch"

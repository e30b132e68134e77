"""The legend of a hazard: what each mark says, how sure it is, sources, date and status."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.evacuation import MEASURES
from dash_app.components.hazard_figures import drawn_zones
from dash_app.components.plan_lines import chart_speaks
from dash_app.components.plan_lines import is_charted
from dash_app.components.plan_lines import line_title
from dash_app.components.plan_lines import plan_lines
from dash_app.i18n import Translator
from dash_app.state import EVACUATION
from dash_app.state import EXPOSURE
from dash_app.state import TSUNAMI
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import LINE

# certainty or probability mark, and the class that draws its swatch
LINE_MARKS = ("certain", "line", "possible")
PROBABILITY_MARKS = ("shade", "p95", "p50", "p05")
MAX_SOURCES = 2


def hazard_legend(
    t: Translator, result: AnalysisResult, mode: str, tab: str, visible: Sequence[str]
) -> list[Component]:
    """Return the legend of what the map draws of a hazard."""
    title = t(f"hazard.{result.analysis}")
    if result.analysis == TSUNAMI and tab == EVACUATION:
        rows = [*_arrivals(t), *(_row(f"mark-{name}", t(f"mark.{name}"), "") for name in MEASURES)]
        rows += _plan_lines(t, result, visible)
        return _legend(t, result, t("tab.evacuation"), rows, [])
    if result.analysis == TSUNAMI:
        return _flood_legend(t, result, mode, title, visible)
    if result.analysis == EXPOSURE:
        return _zone_legend(t, result, mode, t("legend.exposure"))
    return _zone_legend(t, result, mode, title)


def _flood_legend(
    t: Translator, result: AnalysisResult, mode: str, title: str, visible: Sequence[str]
) -> list[Component]:
    """Return the legend of the flood as a line with its band, or as a probability."""
    likely = mode == "probability"
    marks = PROBABILITY_MARKS if likely else LINE_MARKS
    rows = [_row(f"mark-{mark}", _mark_title(t, result, mark), "") for mark in marks]
    if not likely:
        rows = [*_flood_classes(t), *rows]
    rows += _plan_lines(t, result, visible)
    width = result.summary.get("band_width_m")
    band = [] if width is None else [t("legend.band", width=peru_number(width))]
    return _legend(t, result, title, rows, band)


def _mark_title(t: Translator, result: AnalysisResult, mark: str) -> str:
    charted = mark == LINE and chart_speaks(result)
    return t("mark.charted") if charted else t(f"mark.{mark}")


def _plan_lines(t: Translator, result: AnalysisResult, visible: Sequence[str]) -> list[Component]:
    """Return those of the inundation lines that are switched on, official ones marked so."""
    found = {name: line_title(t, name, result) for name in plan_lines() if name in visible}
    return [
        _row(f"mark-{name}{' drawn' if is_charted(name, result) else ''}", title, "")
        for name, title in found.items()
        if title is not None
    ]


def _arrivals(t: Translator) -> list[Component]:
    """Return the classes of blocks by whether most of their people arrive in time."""
    classes = arrival_figures().classes
    return [_row(f"arrival-{one.id}", t.of(one.title), "") for one in classes]


def _flood_classes(t: Translator) -> list[Component]:
    """Return the class of ground by the lowest sea level that reaches it."""
    titles = {level.id: t.of(level.title) for level in hazard_levels().levels}
    return [
        _row(f"level-{row.level} plain", titles[row.level], f"≤ {row.up_to_m:g} m")
        for row in tsunami_classes().classes
    ]


def _zone_legend(t: Translator, result: AnalysisResult, mode: str, title: str) -> list[Component]:
    """Return the legend of zones: the classes present, each with hatch, name and count."""
    drawn = drawn_zones(result, mode)
    if drawn is None:
        return []
    name, column = drawn
    table = result.maps[name]
    certainties = set(table["certainty"]) if "certainty" in table else set()
    # each zone is drawn up to three times by how sure it is; it counts once
    counted = table[table["certainty"] == LINE] if certainties else table
    present = counted[column].value_counts()
    levels = hazard_levels()
    rows = [
        _row(f"level-{level.id}", t.of(level.title), peru_number(int(present[level.id])))
        for level in reversed(levels.levels)
        if level.id in present
    ]
    missing = levels.missing
    if missing.id in present:
        n = peru_number(int(present[missing.id]))
        rows.append(_row(f"level-{missing.id}", t.of(missing.title), n))
    rows += [_row(f"edge-{c}", t(f"edge.{c}"), "") for c in LINE_MARKS if c in certainties]
    return _legend(t, result, title, rows, [])


def _legend(
    t: Translator, result: AnalysisResult, title: str, rows: list[Component], more: list[str]
) -> list[Component]:
    status = Status.MODELLED if result.modelled_layers else Status.DERIVED
    shaping = SHAPING.get(result.analysis, ())
    named = {ref.layer: ref for ref in result.provenance}
    refs = [named[layer] for layer in shaping if layer in named] or result.provenance
    sources = [f"{t.of(ref.title)} ({peru_date(ref.date)})" for ref in refs[:MAX_SOURCES]]
    return [
        html.H2([title, " ", status_badge(t, status)]),
        html.Ul(rows, className="classes marks"),
        *[html.P(line, className="legend-note legend-kept") for line in more],
        html.P(t("legend.outside"), className="legend-note legend-kept"),
        html.P(t("legend.shaped_by", sources=", ".join(sources)), className="legend-note"),
    ]


# the layers that decide where the line of each hazard runs, the rest being who stands in it
SHAPING = {
    TSUNAMI: ("tsunami_chart", "terrain", "coastline", "river"),
    EXPOSURE: ("tsunami_chart", "terrain", "faults"),
    "fault": ("faults",),
    "tanks": ("tanks",),
    "fuel_stations": ("fuel_stations",),
}


def _row(mark: str, title: str, n: str) -> Component:
    return html.Li(
        [
            html.Span(className=f"swatch {mark}"),
            html.Span(title, className="class-title"),
            html.Span(n, className="n"),
        ]
    )

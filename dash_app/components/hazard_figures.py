"""The headline, key figures and table of who stands in a hazard."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.figures import figure_info
from dash_app.components.figures import figure_specs
from dash_app.components.headline import base_title
from dash_app.components.plan_lines import TSUNAMI_CHART
from dash_app.components.plan_lines import chart_speaks
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import TSUNAMI
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.levels import hazard_levels

NIGHT, DAY = "night", "day"
PERIODS = (NIGHT, DAY)
EXPOSURE = "exposure"
# sites a headline names, in this order, if any is reached
HEADLINE_SITES = ("schools", "health")
SITES = ("schools", "health", "municipal", "police", "tanks", "fuel_stations")
FIGURES = ("dwellings", "n_schools", "n_health", "roads_km")
ENDS = ("", "_low", "_high")
ZONE_TABLES = ("inundation", "bands", "rings", "circles", "cells", "sites")
MULTIHAZARD = "multihazard"
# risk by the weighted sum of the hazards, and the strongest hazard alone
SUM, MAXIMUM = "sum", "max"
RISK_COLUMNS = {SUM: "risk_class", MAXIMUM: "max_class"}
RISK_PREFIX = {SUM: "", MAXIMUM: "max_"}


def drawn_zones(result: AnalysisResult, mode: str) -> tuple[str, str] | None:
    """Return the table of a hazard that the map draws, and the column that classes it."""
    name = next((name for name in ZONE_TABLES if name in result.maps), None)
    if name is None:
        return None
    return name, RISK_COLUMNS.get(mode, RISK_COLUMNS[SUM]) if name == "cells" else "level"


def hazard_headline(t: Translator, result: AnalysisResult, period: str) -> Component:
    """Return who stands in the hazard, in words and digits, with the interval first in words."""
    if result.analysis == MULTIHAZARD:
        return _risk_headline(t, result)
    row = headline_row(result)
    people = f"people_{period}_inhab"
    live = result.analysis == TSUNAMI
    if row is None or row.get(people) is None:
        return html.P(t("hazards.nobody_counted"), className="headline-rest")
    when = t(f"period.{period}")
    level = html.Span(f"{result.parameters.get('level_m', 0):g}", className="level-value")
    inside = (
        [t("headline.tsunami", when=when), level, " m", *_by_chart(t, result)]
        if live
        else t("headline.band", band=row[f"title_{t.lang}"], when=when)
    )
    sites = [
        html.Span([_live(live, f"n_{kind}", row), " ", t(f"count.{kind}")])
        for kind in HEADLINE_SITES
        if f"n_{kind}" in row
    ]
    between = t("headline.between")
    both = t("headline.and")
    low_high = [
        between,
        _live(live, f"{people}_low", row),
        both,
        _live(live, f"{people}_high", row),
    ]
    return html.Div(
        [
            html.P(
                [
                    html.Strong(_live(live, people, row), className="headline-number"),
                    html.Span(inside, className="headline-unit"),
                ],
                className="headline",
            ),
            html.P(low_high, className="headline-range"),
            html.P(_joined(sites), className="headline-rest"),
        ]
    )


def _by_chart(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return that the line is a chart's, until the slider leaves its level."""
    if not chart_speaks(result):
        return []
    status = next(ref.status for ref in result.provenance if ref.layer == TSUNAMI_CHART)
    return [html.Span([t("headline.by_chart"), status_badge(t, status)], className="by-chart")]


def _risk_headline(t: Translator, result: AnalysisResult) -> Component:
    """Return who lives at the highest risk by the sum, and beside it by the maximum."""
    summary = result.summary
    middle, low, high = (peru_number(summary[f"very_high_inhab{end}"]) for end in ENDS)
    most = [peru_number(summary[f"max_very_high_inhab{end}"]) for end in ENDS]
    ratio = f"{summary['consistency_ratio']:.3f}"
    limit = f"{summary['consistency_limit']:.2f}"
    return html.Div(
        [
            html.P(
                [
                    html.Strong(middle, className="headline-number"),
                    html.Span(t("headline.risk"), className="headline-unit"),
                ],
                className="headline",
            ),
            html.P(
                [t("headline.between"), low, t("headline.and"), high], className="headline-range"
            ),
            html.P(
                t("headline.maximum", n=most[0], low=most[1], high=most[2]),
                className="headline-rest",
            ),
            html.P(t("headline.consistency", ratio=ratio, limit=limit), className="help"),
        ]
    )


def risk_classes(t: Translator, result: AnalysisResult) -> Component:
    """Return the people of each class, by the sum and by the maximum."""
    head = [html.Th(t("table.class"), scope="col")]
    head += [html.Th(t(f"risk.{measure}"), scope="col") for measure in RISK_PREFIX]
    rows = [
        html.Tr(
            [
                html.Th(t.of(level.title), scope="row"),
                *[
                    html.Td(_with_interval(result.summary, f"{prefix}{level.id}_inhab"))
                    for prefix in RISK_PREFIX.values()
                ],
            ]
        )
        for level in reversed(hazard_levels().levels)
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain-table")


def headline_row(result: AnalysisResult) -> dict[str, Any] | None:
    """Return the row that the key figures of the result are about."""
    table = result.tables.get(EXPOSURE)
    if table is None or table.empty:
        return None
    # the band that the key figures of the result are about
    wanted = result.summary.get("exposed_inhab")
    same = np.isclose(table[f"people_{NIGHT}_inhab"].to_numpy(float), wanted or 0.0)
    chosen = table.iloc[int(same.argmax())]
    return {str(name): value for name, value in chosen.items()}


def hazard_figures(
    t: Translator, planner: Planner, result: AnalysisResult, period: str
) -> list[Component]:
    """Return the key figures with their intervals and (i)."""
    row = headline_row(result)
    if row is None:
        return []
    base = base_title(t, planner, result)
    live = result.analysis == TSUNAMI
    shown = [name for name in (f"people_{period}_inhab", *FIGURES) if name in row]
    if "band_width_m" in result.summary:
        shown.append("band_width_m")
        row = {**row, "band_width_m": result.summary["band_width_m"]}
    figures = [_figure(t, result, name, row, base, live=live) for name in shown]
    return [
        html.Dl(figures, className="figures"),
        html.P(t("figure.base", base=base), className="help"),
    ]


def _figure(
    t: Translator, result: AnalysisResult, name: str, row: Any, base: str, *, live: bool
) -> Component:
    spec = figure_specs()[name]
    interval = [
        t("headline.between"),
        _live(live, f"{name}_low", row),
        t("headline.and"),
        _live(live, f"{name}_high", row),
    ]
    return html.Div(
        [
            html.Dt([t.of(spec.title), figure_info(t, result, name, base)]),
            html.Dd(
                [
                    html.Span(_live(live, name, row), className="value"),
                    " ",
                    html.Span(t.of(spec.unit), className="unit"),
                ]
            ),
            html.Dd(interval if f"{name}_low" in row else "", className="interval"),
        ],
        className="figure",
    )


def exposure_bands(t: Translator, result: AnalysisResult, period: str) -> Component:
    """Return a row a band: its name, people and sites, each with its interval."""
    table = result.tables.get(EXPOSURE)
    if table is None or table.empty:
        return html.P(t("table.empty"), className="help")
    people = f"people_{period}_inhab"
    shown = [n for n in (people, *(f"n_{s}" for s in SITES), "roads_km") if n in table]
    head = [html.Th(t("hazards.band"), scope="col")]
    head += [html.Th(_column(t, name), scope="col") for name in shown]
    rows = [
        html.Tr(
            [
                html.Th(row[f"title_{t.lang}"], scope="row"),
                *[html.Td(_with_interval(row, name)) for name in shown],
            ]
        )
        for _, row in table.iterrows()
    ]
    return html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain-table"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": t("hazards.exposed_table")},
    )


def _column(t: Translator, name: str) -> str:
    return t.of(figure_specs()[name].title) if name in figure_specs() else name


def _with_interval(row: Any, name: str) -> list[Component]:
    decimals = figure_specs()[name].decimals if name in figure_specs() else 0
    middle, low, high = (peru_number(row.get(name + end), decimals) for end in ENDS)
    interval = [] if low == middle == high else [html.Small(f"{low}–{high}")]
    return [html.Span(middle), *interval]


def _live(live: bool, name: str, row: Any) -> Component:
    """Return a figure that, if ``live``, the browser rewrites while the slider moves."""
    whole = name.removesuffix("_low").removesuffix("_high")
    decimals = figure_specs()[whole].decimals if whole in figure_specs() else 0
    text = peru_number(row.get(name), decimals)
    return html.Span(text, **({"data-live": name} if live else {}))


def _joined(parts: list[Component]) -> list[Component | str]:
    return [part for one in parts for part in (" · ", one)][1:]

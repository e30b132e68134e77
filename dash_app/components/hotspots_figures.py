"""Where need gathers: the headline, the banner of the proxy, figures, hours by kind, zones."""

from __future__ import annotations

import pandas as pd
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import Figure
from dash_app.components.finding_parts import figures
from dash_app.components.patrol_parts import choosing
from dash_app.components.patrol_parts import fold
from dash_app.components.patrol_parts import percent
from dash_app.components.patrol_parts import plain_table
from dash_app.components.patrol_parts import table_row
from dash_app.components.patrol_tables import level_name
from dash_app.i18n import Translator
from dash_app.state import path_of
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.security.hotspots_counts import ALL
from ilo_geo.security.hotspots_counts import OTHERS
from ilo_geo.security.hotspots_counts import UNKNOWN

PROXY, SPOTS = "need.proxy", "need.declared_spots"
ABSENT = "need.evidence_absent"
# columns a file of incidents may have, in the order they are explained
COLUMNS = ("place", "kind", "date", "time", "weight")
SUMMARIES = {ALL, OTHERS, UNKNOWN}


def proxy_banner(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return what stands for crime and how to load incidents, where none are loaded."""
    if not result.summary["is_proxy"]:
        return []
    said = [n.text(t.lang) for n in result.warnings if n.code in (PROXY, ABSENT)]
    columns = [html.Li(t(f"hotspots.column.{name}")) for name in COLUMNS]
    return [
        html.Div(
            [
                html.P(html.Strong(t("hotspots.banner")), className="banner-title"),
                *[html.P(words) for words in said],
                html.Details(
                    [
                        html.Summary(t("hotspots.load")),
                        html.P(t("hotspots.load_about")),
                        html.Ul(columns, className="reasons"),
                        dcc.Link(t("hotspots.load_page"), href=t.link(path_of("imports"))),
                        html.P(t("hotspots.load_private")),
                    ],
                    className="fold",
                ),
            ],
            className="notice proxy proxy-banner",
            role="note",
        )
    ]


def hotspots_headline(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return on how little of the streets half of it gathers."""
    found = result.summary
    what = "proxy" if found["is_proxy"] else "incidents"
    return [
        html.P(
            [
                html.Strong(percent(found["half_of_need_on_ratio"]), className="headline-number"),
                html.Span(t(f"hotspots.half.{what}"), className="headline-unit"),
            ],
            className="headline",
        ),
        html.P(
            t(
                "hotspots.of_streets",
                km=peru_number(found["streets_km"]),
                bandwidth=peru_number(found["bandwidth_m"]),
            ),
            className="headline-rest",
        ),
    ]


def hotspots_figures(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return how many incidents there are and what became of them; nothing without any."""
    found = result.summary
    if found["is_proxy"]:
        return []
    n = found["n_incidents"]
    shown = t("hotspots.under", n=found["least_n"]) if n is None else peru_number(n)
    clusters = peru_number(found["n_clusters"])
    return [
        figures(
            t,
            [
                Figure(
                    t("hotspots.used"),
                    shown,
                    t("hotspots.incidents"),
                    (t("hotspots.used_about"),),
                    t(
                        "hotspots.left_out",
                        outside=peru_number(found["n_outside"]),
                        unplaced=peru_number(found["n_without_position"]),
                    ),
                ),
                Figure(
                    t("hotspots.clusters"),
                    clusters,
                    "",
                    (t("hotspots.clusters_about"),),
                    t("hotspots.in_clusters", n=peru_number(found["n_in_clusters"])),
                ),
                Figure(
                    t("hotspots.hidden"),
                    peru_number(found["n_hidden"]),
                    "",
                    (t("hotspots.hidden_about", n=found["least_n"]),),
                ),
            ],
        )
    ]


def spots_block(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the trouble spots that were declared: those in use, and those nobody has located."""
    said = [n.text(t.lang) for n in result.warnings if n.code == SPOTS]
    if not said:
        return []
    return [
        html.H2(t("hotspots.spots")),
        *[html.P(words, className="notice assumed") for words in said],
    ]


def hours_block(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the incidents by hour as bars, and by hour and kind as a table."""
    if "hours" not in result.tables:
        return []
    table, least = result.tables["hours"], result.summary["least_n"]
    crossed = table.pivot_table(
        index="hour",
        columns="kind",
        values="n_incidents",
        aggfunc="first",
        sort=False,
        dropna=False,
    )
    most = float(crossed[ALL].drop([ALL, UNKNOWN], errors="ignore").max())
    head = [t("hotspots.hour"), *(_kind(t, str(kind)) for kind in crossed.columns)]
    rows = [
        table_row(
            _kind(t, str(hour)),
            [_count(t, value, least) for value in row],
        )
        for hour, row in crossed.iterrows()
    ]
    bars = [_bar(t, str(h), n, most, least) for h, n in crossed[ALL].items() if h not in SUMMARIES]
    return [
        html.H2(t("hotspots.hours")),
        html.Div(bars, className="hour-bars", role="img", **{"aria-label": t("hotspots.hours")}),
        html.P(t("hotspots.suppressed", n=least), className="help"),
        fold(t("hotspots.hours_table"), [plain_table(t("hotspots.hours_table"), head, rows)]),
    ]


def zones_block(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the units by share of need, and by incidents where known."""
    table = result.maps[level_name(result)].sort_values("rank", na_position="last")
    known, least = not result.summary["is_proxy"], result.summary["least_n"]
    counts = [t("hotspots.incidents"), t("hotspots.rate")] if known else []
    need = [t("hotspots.need"), html.Small(t("patrol.proxy_mark"))] if not known else None
    head = [t("table.name"), need or t("hotspots.need_share"), *counts, t("patrol.people")]
    rows = []
    for unit, row in table.iterrows():
        incidents = (
            [
                _count(t, row["n_incidents"], least),
                peru_number(row["incidents_per_1000_inhab"], 1),
            ]
            if known
            else []
        )
        cells = [percent(row["need_ratio"], 1), *incidents, peru_number(row["population_inhab"])]
        rows.append(table_row(choosing(row["name"], str(unit)), cells))
    return [
        html.H2(t("hotspots.zones")),
        plain_table(t("hotspots.zones"), head, rows),
        *([html.P(t("hotspots.suppressed", n=least), className="help")] if known else []),
    ]


def hotspots_sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return what is known of a street, cell, cluster or zone."""
    for name in ("segments", "cells", level_name(result)):
        table = result.maps.get(name)
        if table is not None and found in table.index.astype(str):
            row = table.loc[table.index.astype(str) == found].iloc[0]
            facts = _facts(t, result, row)
            title = row["name"] if isinstance(row.get("name"), str) else t("hotspots.street")
            rows = [part for key, value in facts for part in (html.Dt(key), html.Dd(value))]
            return [html.H2(title), html.Dl(rows, className="facts")]
    return []


def _facts(t: Translator, result: AnalysisResult, row: pd.Series) -> list[tuple[str, str]]:
    proxy = f" ({t('patrol.proxy_mark')})" if result.summary["is_proxy"] else ""
    facts = []
    for name, decimals in (("need_ratio_per_km", 2), ("need_ratio", 1)):
        if name in row:
            facts.append((f"{t(f'hotspots.fact.{name}')}{proxy}", percent(row[name], decimals)))
    for name, decimals in (("incidents_per_km", 1), ("incidents_per_ha", 2), ("length_m", 0)):
        if name in row:
            facts.append((t(f"hotspots.fact.{name}"), peru_number(row[name], decimals)))
    if "population_inhab" in row:
        facts.append((t("patrol.people"), peru_number(row["population_inhab"])))
    if "n_incidents" in row and not result.summary["is_proxy"]:
        least = result.summary["least_n"]
        facts.append((t("hotspots.incidents"), _count(t, row["n_incidents"], least)))
    return facts


def _count(t: Translator, value: object, least: int) -> str:
    """Return a count, or that it is not published."""
    return t("hotspots.under", n=least) if pd.isna(value) else peru_number(float(str(value)))


def _kind(t: Translator, name: str) -> str:
    return t(f"hotspots.kind.{name}") if name in SUMMARIES else name


def _bar(t: Translator, hour: str, n: object, most: float, least: int) -> Component:
    hidden = pd.isna(n)
    share = 0.0 if hidden or not most > 0 else 100 * float(str(n)) / most
    return html.Div(
        [
            html.Span(className="hour-fill", style={"height": f"{share:.1f}%"}),
            html.Span(hour if int(hour) % 3 == 0 else "", className="hour-name"),
        ],
        className="hour untold" if hidden else "hour",
        title=f"{hour} h: {_count(t, n, least)}",
    )

"""Who gets out in time: the curve, the late blocks, what helps most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from urllib.parse import urlencode

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import notices
from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evacuation.parameters import arrival_figures

BLOCKS, CURVE = "blocks", "curve"
MAX_ROWS = 10
MAX_MEASURES = 5
# tables of the measures, and the columns a row shows
MEASURES = {
    "critical_links": ("extra_late_inhab", "people_using_inhab"),
    "new_links": ("saved_inhab", "length_m"),
    "refuges": ("saved_inhab", "capacity_inhab"),
}


def late_line(t: Translator, result: AnalysisResult | None) -> Component:
    """Return the end of the headline: when the wave comes and how many are too late."""
    if result is None:
        return html.P(t("evacuation.waiting"), className="headline-rest help")
    summary = result.summary
    interval = t(
        "evacuation.interval",
        low=peru_number(summary["late_inhab_low"]),
        high=peru_number(summary["late_inhab_high"]),
    )
    return html.P(
        [
            t("evacuation.arrives", minutes=f"{summary['arrival_min']:g}"),
            " · ",
            html.Strong(t("evacuation.late", n=peru_number(summary["late_inhab"]))),
            f" ({interval})",
        ],
        className="headline-rest",
    )


def waiting(t: Translator) -> list[Component]:
    """Return what stands where the evacuation will be."""
    return [html.P(t("evacuation.waiting"), className="help"), html.Div(className="skeleton")]


def evacuation_tab(t: Translator, result: AnalysisResult, chosen: str | None) -> list[Component]:
    """Return key figures, the curve and the late blocks."""
    modelled = [status_badge(t, Status.MODELLED)] if result.modelled_layers else []
    return [
        html.Dl(_figures(t, result), className="figures"),
        html.H2([t("evacuation.curve"), " ", *modelled]),
        _curve(t, result.tables[CURVE], result.summary["arrival_min"]),
        html.H2(t("evacuation.blocks")),
        _late_blocks(t, result.tables[BLOCKS], chosen),
        *_sheet(t, result, chosen),
        html.Details(
            [html.Summary(t("evacuation.limits")), notices(t, result.warnings)], className="fold"
        ),
    ]


def _figures(t: Translator, result: AnalysisResult) -> list[Component]:
    summary = result.summary
    share = summary["share_safe_ratio"]
    shown = (
        ("evacuees", peru_number(summary["evacuees_inhab"]), t("unit.people")),
        ("in_time", _percent(share), "%"),
        ("median", peru_number(summary["median_min"]), "min"),
        ("p95", peru_number(summary["p95_min"]), "min"),
    )
    return [
        html.Div(
            [
                html.Dt(
                    [
                        t(f"evacuation.{name}"),
                        info(t, t(f"evacuation.{name}"), t(f"evacuation.{name}_about")),
                    ]
                ),
                html.Dd(
                    [html.Span(value, className="value"), " ", html.Span(unit, className="unit")]
                ),
            ],
            className="figure",
        )
        for name, value, unit in shown
    ]


def _curve(t: Translator, curve: pd.DataFrame, arrival_min: float) -> Component:
    """Return who has arrived by each minute beside when the wave comes, drawn as a picture."""
    last = float(curve["minute"].iloc[-1])
    walkers = [c for c in curve.columns if c.startswith("share_ratio_")]

    def points(column: str) -> str:
        values = curve[column].fillna(0.0)
        pairs = zip(curve["minute"], values, strict=True)
        return " ".join(
            f"{160 * minute / last:.1f},{80 - 80 * share:.1f}" for minute, share in pairs
        )

    others = "".join(f'<polyline points="{points(column)}"/>' for column in walkers)
    ticks = "".join(
        f'<text x="{160 * minute / last:.1f}" y="89">{minute:g}</text>'
        for minute in range(0, int(last) + 1, 10)
    )
    svg = CURVE_SVG.format(
        line=points("share_ratio"),
        others=others,
        ticks=ticks,
        wave=f"{160 * arrival_min / last:.1f}",
        arrives=t("evacuation.arrives", minutes=f"{arrival_min:g}"),
        minutes=t("evacuation.minutes_axis"),
    )
    about = t("evacuation.curve_about")
    return html.Figure(
        [
            html.Img(src=f"data:image/svg+xml,{quote(svg)}", alt=about),
            html.Figcaption(about, className="help"),
        ],
        className="curve",
    )


def _late_blocks(t: Translator, blocks: pd.DataFrame, chosen: str | None) -> Component:
    late = blocks[blocks["late_inhab"] > 0].nlargest(MAX_ROWS, "late_inhab")
    if late.empty:
        return html.P(t("evacuation.nobody_late"), className="notice notice-good")
    titles = {c.id: c for c in (*arrival_figures().classes, arrival_figures().missing)}
    rows = [
        html.Li(
            html.Button(
                [
                    html.Span(
                        className=f"swatch arrival-{row['arrival_class']}",
                        title=t.of(titles[row["arrival_class"]].title),
                    ),
                    html.Span(_block_name(t, block, row), className="row-title"),
                    html.Span(t("evacuation.late_short", n=peru_number(row["late_inhab"]))),
                    html.Span(_minutes(t, row["minutes_median"]), className="row-note"),
                ],
                className="catalogue-row",
                **{
                    "data-choose": ids.BLOCK,
                    "data-value": str(block),
                    "aria-pressed": "true" if str(block) == chosen else "false",
                },
            )
        )
        for block, row in late.iterrows()
    ]
    n_late = int((blocks["late_inhab"] > 0).sum())
    part = t("evacuation.part", n=len(rows), total=n_late) if n_late > len(rows) else ""
    return html.Div([html.Ul(rows, className="catalogue"), html.P(part, className="help")])


def _sheet(t: Translator, result: AnalysisResult, chosen: str | None) -> list[Component]:
    blocks = result.tables[BLOCKS]
    row = next((r for i, r in blocks.iterrows() if str(i) == chosen), None)
    return [] if row is None else [block_sheet(t, result, str(chosen), row)]


def block_sheet(t: Translator, result: AnalysisResult, block: str, row: Any) -> Component:
    """Return one block: people, minutes, and the sheet with the way out to print."""
    titles = {c.id: t.of(c.title) for c in arrival_figures().classes}
    given = {name: value for name, value in result.parameters.items() if value is not None}
    query = urlencode({"block": block, "lang": t.lang, **given})
    facts = (
        (t("evacuation.must_leave"), peru_number(row["evacuees_inhab"])),
        (t("evacuation.too_late"), peru_number(row["late_inhab"])),
        (t("evacuation.median"), _minutes(t, row["minutes_median"])),
        (t("evacuation.class"), titles.get(row["arrival_class"], "–")),
    )
    return html.Div(
        [
            html.H3(_block_name(t, block, row)),
            html.Dl(
                [part for name, value in facts for part in (html.Dt(name), html.Dd(value))],
                className="facts",
            ),
            html.A(
                t("evacuation.route_sheet"),
                href=f"/descargas/ruta.pdf?{query}",
                className="button primary-link",
                download=True,
            ),
        ],
        className="sheet block-sheet",
    )


def measures_section(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the streets that matter most, and the links and refuges proposed."""
    parts: list[Component] = []
    useful = useful_measures(result)
    for name, columns in MEASURES.items():
        parts.append(html.H2(t(f"measures.{name}")))
        parts.append(html.P(t(f"measures.{name}_about"), className="help"))
        parts.append(_measure_rows(t, name, useful.get(name), columns))
    summary = result.summary
    cascade = t(
        "measures.cascade",
        n=peru_number(summary.get("cascade_late_inhab")),
        low=peru_number(summary.get("cascade_late_inhab_low")),
        high=peru_number(summary.get("cascade_late_inhab_high")),
    )
    crowd = t("measures.congestion", n=peru_number(summary.get("congestion_late_inhab")))
    return [
        *parts,
        html.H2(t("measures.worse")),
        html.P(cascade),
        html.P(crowd),
        html.Details(
            [html.Summary(t("evacuation.limits")), notices(t, result.warnings)], className="fold"
        ),
    ]


def useful_measures(result: AnalysisResult) -> dict[str, pd.DataFrame]:
    """Return the rows of each table of measures that help anybody, best first."""
    return {
        name: table[table[columns[0]] > 0].head(MAX_MEASURES)
        for name, columns in MEASURES.items()
        if (table := result.tables.get(name)) is not None
    }


def _measure_rows(
    t: Translator, name: str, table: pd.DataFrame | None, columns: Sequence[str]
) -> Component:
    if table is None or table.empty:
        return html.P(t("measures.none"), className="help")
    rows = []
    for rank, (_, row) in enumerate(table.iterrows(), 1):
        kind = str(row.get("kind") or "street")
        label = row.get("name")
        title = label if isinstance(label, str) and label else t(f"measures.kind_{kind}")
        notes = [t(f"measures.{column}", n=_shown(row[column])) for column in columns]
        rows.append(
            html.Li(
                [
                    html.B(f"{rank}", className=f"pin pin-{name}"),
                    html.Span(title, className="row-title"),
                    html.Span(" · ".join(notes), className="row-note"),
                ],
                className="measure",
            )
        )
    return html.Ul(rows, className="catalogue")


def looks() -> dict[str, Any]:
    """Return how blocks by arrival are drawn."""
    patterns = {"in_time": "none", "tight": "dots", "late": "hatch"}
    return {
        "arrivals": {
            c.id: {"colour": c.colour, "pattern": patterns.get(c.id, "none")}
            for c in arrival_figures().classes
        }
    }


def _block_name(t: Translator, block: object, row: Any) -> str:
    named = [row.get(column) for column in ("name", "sector")]
    words = [value for value in named if isinstance(value, str) and value]
    return words[0] if words else t("evacuation.block", id=block)


def _minutes(t: Translator, minutes: float) -> str:
    return t("evacuation.no_way") if pd.isna(minutes) else f"{minutes:.0f} min"


def _percent(share: float | None) -> str:
    """Return a share in percent, rounded down: 99.97 % is not everybody."""
    return peru_number(None if share is None else math.floor(1000 * share) / 10, 1)


def _shown(value: Any) -> str:
    return peru_number(float(value)) if pd.notna(value) and value != float("inf") else "–"


CURVE_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -8 190 110"
 font-family="sans-serif" font-size="6" fill="#4a5157">
<path d="M0 0H160V80H0Z M0 40H160" fill="none" stroke="#e3e5e7" stroke-width=".5"/>
<g text-anchor="end"><text x="-3" y="82">0 %</text><text x="-3" y="42">50 %</text>
<text x="-3" y="3">100 %</text></g>
<g text-anchor="middle">{ticks}<text x="80" y="98">{minutes}</text></g>
<g fill="none" stroke="#b4babf" stroke-width=".7">{others}</g>
<polyline points="{line}" fill="none" stroke="#0b6b6b" stroke-width="1.8"/>
<path d="M{wave} -2V80" stroke="#a3262a" stroke-width="1.2" stroke-dasharray="3 2"/>
<text x="{wave}" y="-3" text-anchor="middle" fill="#a3262a">{arrives}</text></svg>"""

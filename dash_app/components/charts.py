"""Two drawings: the ranking of units and the Lorenz curve."""

from __future__ import annotations

from urllib.parse import quote

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.figures import written
from dash_app.i18n import Translator
from ilo_geo.core.scales import Scale
from ilo_geo.core.units import peru_number

MAX_ROWS = 12
# points of the curve that are sent; more would not be seen
LORENZ_POINTS = 41


def ranking(
    t: Translator, table: pd.DataFrame, scale: Scale, *, standard: float, chosen: str | None
) -> Component:
    """Return the units from worst to best as bars; each is a button that selects its unit."""
    worst = table[table["population_inhab"] > 0].nlargest(MAX_ROWS, "deficit_ha")
    ordered = worst.sort_values(scale.column)
    colours = {c.id: c.colour for c in (*scale.classes, scale.missing)}
    longest = max(standard, float(ordered[scale.column].max())) if len(ordered) else standard
    rows = [
        _bar(t, str(unit), row, colours[row["supply_class"]], scale, longest, str(unit) == chosen)
        for unit, row in ordered.iterrows()
    ]
    mark = html.Div(
        html.Span(t("green.goal_mark", standard=f"{standard:g}")),
        className="goal-mark",
        style={"--at": f"{100 * standard / longest:.2f}%"},
    )
    head = html.Div(
        [html.Span(t("green.per_inhab")), html.Span(t("green.missing_ha"))],
        className="bar-head",
        **{"aria-hidden": "true"},
    )
    part = t("ranking.part", n=len(rows), total=len(table)) if len(rows) < len(table) else ""
    return html.Div(
        [head, html.Div([*rows, mark], className="bars"), html.P(part, className="help")],
        className="ranking",
    )


def _bar(
    t: Translator,
    unit: str,
    row: pd.Series,
    colour: str,
    scale: Scale,
    longest: float,
    chosen: bool,
) -> Component:
    value = float(row[scale.column])
    return html.Button(
        [
            html.Span(row["name"], className="bar-name"),
            html.Span(
                html.Span(
                    className="bar-fill",
                    style={"width": f"{100 * value / longest:.2f}%", "backgroundColor": colour},
                ),
                className="bar-track",
            ),
            html.Span(peru_number(value, 2), className="bar-value"),
            html.Span(written("deficit_ha", row), className="bar-note"),
        ],
        className="bar chosen" if chosen else "bar",
        **{
            "data-choose": ids.ZONE,
            "data-value": "" if chosen else unit,
            "aria-pressed": "true" if chosen else "false",
            "aria-label": t(
                "green.bar",
                name=row["name"],
                value=peru_number(value, 2),
                ha=written("deficit_ha", row),
            ),
        },
    )


def lorenz(t: Translator, curve: pd.DataFrame) -> Component:
    """Return the Lorenz curve beside the line of equality, drawn as a picture.

    A chart library would cost the first page more than everything else on it.
    """
    step = max(1, len(curve) // LORENZ_POINTS)
    points = pd.concat([curve.iloc[:-1:step], curve.iloc[[-1]]])
    # 0–100 % both ways; the y of a picture runs down
    line = " ".join(f"{100 * x:.1f},{100 - 100 * y:.1f}" for x, y in points.itertuples(index=False))
    svg = LORENZ_SVG.format(line=line, people=t("green.people_axis"), green=t("green.green_axis"))
    return html.Figure(
        [
            html.Img(src=f"data:image/svg+xml,{quote(svg)}", alt=t("green.lorenz_about")),
            html.Figcaption(
                [
                    html.Span(t("green.equality"), className="key equal"),
                    html.Span(t("green.green"), className="key real"),
                ]
            ),
        ],
        className="lorenz",
    )


LORENZ_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="-22 -6 130 126"
 font-family="sans-serif" font-size="6" fill="#4a5157">
<path d="M0 0H100V100H0Z M0 25H100 M0 50H100 M0 75H100 M25 0V100 M50 0V100 M75 0V100"
 fill="none" stroke="#e3e5e7" stroke-width=".5"/>
<g text-anchor="end"><text x="-3" y="102">0 %</text><text x="-3" y="52">50 %</text>
<text x="-3" y="3">100 %</text></g>
<g text-anchor="middle"><text x="0" y="109">0 %</text><text x="50" y="109">50 %</text>
<text x="100" y="109">100 %</text><text x="50" y="117">{people}</text>
<text transform="translate(-17 50) rotate(-90)">{green}</text></g>
<path d="M0 100L100 0" stroke="#9a9a9a" stroke-width="1" stroke-dasharray="3 2"/>
<polyline points="{line}" fill="none" stroke="#7a0177" stroke-width="1.6"/></svg>"""

"""Two drawings: the ranking of units and the Lorenz curve."""

from __future__ import annotations

import dash_mantine_components as dmc
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
    return html.Div([head, html.Div([*rows, mark], className="bars")], className="ranking")


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
    """Return the Lorenz curve beside the line of equality."""
    step = max(1, len(curve) // LORENZ_POINTS)
    points = pd.concat([curve.iloc[:-1:step], curve.iloc[[-1]]]) * 100
    equal, real = t("green.equality"), t("green.green")
    data = [
        {"people": round(p, 1), equal: round(p, 1), real: round(a, 1)}
        for p, a in points.itertuples(index=False)
    ]
    return dmc.LineChart(
        data=data,
        dataKey="people",
        series=[{"name": equal, "color": "#9A9A9A"}, {"name": real, "color": "#7A0177"}],
        h=190,
        withDots=False,
        withLegend=True,
        curveType="linear",
        unit=" %",
        xAxisProps={"type": "number", "domain": [0, 100]},
        yAxisProps={"domain": [0, 100]},
        attributes={"root": {"aria-label": t("green.lorenz_about"), "role": "img"}},
    )

"""Two drawings, each with its table: what more water, and what more parks, would bring."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import scroll_table
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number

WIDTH, HEIGHT = 160.0, 80.0
# radius of a point by the building cost, smallest and largest
RADII = (2.0, 6.0)
TICKS = 4


def frontier_figure(t: Translator, result: AnalysisResult) -> Component:
    """Return people served against water, each point as large as its building cost."""
    points = result.tables["frontier"]
    if points.empty:
        return html.Div()
    x_most, y_most = (
        _round_up(points["water_m3_day"].max()),
        _round_up(points["served_inhab"].max()),
    )
    largest = max(float(points["capex_soles"].max()), 1.0)
    marks = [_mark(row, x_most, y_most, largest) for _, row in points.iterrows()]
    line = points[points["efficient"]].sort_values("water_m3_day")
    path = _path(line["water_m3_day"], line["served_inhab"], x_most, y_most)
    head = [t(f"parks.frontier_{name}") for name in ("water", "people", "works", "parks", "proof")]
    rows = [
        [
            peru_number(row["water_m3_day"], 1),
            peru_number(row["served_inhab"]),
            peru_number(row["capex_soles"]),
            f"{row['n_parks']}",
            f"{100 * row['gap_ratio']:.2f} %",
        ]
        for _, row in points.iterrows()
    ]
    axes = _axes(t("parks.frontier_x"), t("parks.frontier_y"), x_most, y_most)
    line_svg = f'<polyline points="{path}" fill="none" stroke="#0b6b6b" stroke-width="1.2"/>'
    svg = f"{axes}{line_svg}{''.join(marks)}"
    return _figure(t, t("parks.frontier"), t("parks.frontier_about"), svg, head, rows)


def curve_figure(t: Translator, result: AnalysisResult) -> Component:
    """Return who is left without a park against the number of parks."""
    points = result.tables["curve"]
    counts = points.index.to_series()
    # an axis of whole parks
    x_most = float(TICKS * max(1, -(-int(counts.max()) // TICKS)))
    y_most = _round_up(points["unserved_inhab"].max())
    path = _path(counts, points["unserved_inhab"], x_most, y_most)
    dots = "".join(
        f'<circle cx="{pair.split(",")[0]}" cy="{pair.split(",")[1]}" r="1.8" fill="#7a0177"/>'
        for pair in path.split()
    )
    head = [t(f"parks.curve_{name}") for name in ("parks", "people", "deficit", "works")]
    rows = [
        [
            f"{count}",
            peru_number(row["unserved_inhab"]),
            peru_number(row["deficit_ha"], 1),
            peru_number(row["capex_soles"]),
        ]
        for count, row in points.iterrows()
    ]
    axes = _axes(t("parks.curve_x"), t("parks.curve_y"), x_most, y_most)
    line = f'<polyline points="{path}" fill="none" stroke="#7a0177" stroke-width="1.4"/>'
    return _figure(t, t("parks.curve"), t("parks.curve_about"), axes + line + dots, head, rows)


def _mark(row: pd.Series, x_most: float, y_most: float, largest: float) -> str:
    radius = RADII[0] + (RADII[1] - RADII[0]) * float(row["capex_soles"]) / largest
    fill = "#0b6b6b" if row["efficient"] else "none"
    dash = "" if row["within_available"] else ' stroke-dasharray="1.5 1"'
    x = WIDTH * row["water_m3_day"] / x_most
    y = HEIGHT - HEIGHT * row["served_inhab"] / y_most
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" fill-opacity=".55" '
        f'stroke="#0b6b6b" stroke-width=".8"{dash}/>'
    )


def _path(x: pd.Series, y: pd.Series, x_most: float, y_most: float) -> str:
    pairs = zip(x, y, strict=True)
    return " ".join(
        f"{WIDTH * a / x_most:.1f},{HEIGHT - HEIGHT * b / y_most:.1f}" for a, b in pairs
    )


def _round_up(value: float) -> float:
    """Return the next number with one figure that is no smaller, for an axis to end at."""
    if not value > 0:
        return 1.0
    step: float = 10.0 ** (len(str(int(value))) - 1)
    return step * -(-float(value) // step)


def _axes(x_title: str, y_title: str, x_most: float, y_most: float) -> str:
    across = "".join(
        f'<text x="{WIDTH * k / TICKS:.1f}" y="{HEIGHT + 9}">{_tick(x_most * k / TICKS)}</text>'
        for k in range(TICKS + 1)
    )
    up = "".join(
        f'<text x="-3" y="{HEIGHT - HEIGHT * k / TICKS + 2:.1f}">{_tick(y_most * k / TICKS)}</text>'
        for k in range(TICKS + 1)
    )
    return AXES_SVG.format(across=across, up=up, x_title=x_title, y_title=y_title)


def _tick(value: float) -> str:
    return peru_number(value, 0 if value == int(value) else 1)


def _figure(
    t: Translator,
    title: str,
    about: str,
    drawing: str,
    head: Iterable[str],
    rows: Iterable[Iterable[str]],
) -> Component:
    svg = FRAME_SVG.format(drawing=drawing)
    body = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    return html.Div(
        [
            html.H2(title),
            html.Figure(
                [
                    html.Img(src=f"data:image/svg+xml,{quote(svg)}", alt=about),
                    html.Figcaption(about, className="help"),
                ],
                className="curve",
            ),
            html.Details(
                [
                    html.Summary(t("table.about")),
                    scroll_table(title, head, body),
                ],
                className="fold",
            ),
        ]
    )


FRAME_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="-32 -14 202 120"
 font-family="sans-serif" font-size="6.5" fill="#4a5157">{drawing}</svg>"""
AXES_SVG = """<path d="M0 0H160V80H0Z M0 20H160 M0 40H160 M0 60H160" fill="none" stroke="#e3e5e7"
 stroke-width=".5"/><g text-anchor="end">{up}</g><g text-anchor="middle">{across}
<text x="80" y="100">{x_title}</text></g><text x="-30" y="-7">{y_title}</text>"""

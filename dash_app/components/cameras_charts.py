"""What each further camera brings, drawn and as a table; and the chosen cameras one by one."""

from __future__ import annotations

import math
from urllib.parse import quote

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.cameras_words import PERCENT
from dash_app.components.cameras_words import compass
from dash_app.components.cameras_words import model_title
from dash_app.components.cameras_words import share
from dash_app.components.finding_parts import scroll_table
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number

WIDTH, HEIGHT = 160.0, 80.0
TICKS = 4
CHOSEN, GREEDY = "chosen", "greedy"


def frontier_figure(t: Translator, result: AnalysisResult) -> Component:
    """Return coverage against the number of cameras, those chosen and what more would bring."""
    points = result.tables["frontier"]
    x_most = float(TICKS * math.ceil(points["n_cameras"].max() / TICKS))
    y_most = float(TICKS * math.ceil(PERCENT * points["seen_demand_ratio"].max() / TICKS))
    lines = "".join(
        LINE_SVG.format(points=_path(points, method, x_most, y_most), look=look)
        for method, look in ((GREEDY, 'stroke-dasharray="3 2"'), (CHOSEN, 'stroke-width="2.4"'))
    )
    n = result.summary["n_cameras"]
    now = NOW_SVG.format(x=WIDTH * n / x_most, top=HEIGHT, n=n)
    svg = FRAME_SVG.format(
        drawing=_axes(x_most, y_most) + lines + now,
        x_title=t("cameras.frontier_x"),
        y_title=t("cameras.frontier_y"),
    )
    about = t("cameras.frontier_about", n=n)
    return html.Div(
        [
            html.H2(t("cameras.frontier")),
            html.Figure(
                [
                    html.Img(src=f"data:image/svg+xml,{quote(svg)}", alt=about),
                    html.Figcaption(about, className="help"),
                ],
                className="curve",
            ),
            _folded(
                t("table.about"), [t(f"cameras.frontier_{key}") for key in HEAD], _rows(t, points)
            ),
        ]
    )


def camera_list(t: Translator, result: AnalysisResult) -> Component:
    """Return every chosen camera, the one that adds most first; each opens its sheet."""
    rows = [
        html.Tr(
            [
                html.Th(_open(t, str(camera), row), scope="row"),
                *[
                    html.Td(cell)
                    for cell in (
                        f"{share(row['seen_need_ratio'], 2)} %",
                        f"{share(row['marginal_ratio'], 2)} %",
                        f"{share(row['loss_if_fails_ratio'], 2)} %",
                        f"{peru_number(row['masked_m2'], 1)} m²",
                        f"S/ {peru_number(row['price_soles'])}",
                    )
                ],
            ]
        )
        for camera, row in result.tables["cameras"].iterrows()
    ]
    keys = ("camera", "sees", "adds", "if_fails", "masked", "price_one")
    folded = _folded(t("cameras.list", n=len(rows)), [t(f"cameras.{key}") for key in keys], rows)
    return html.Div(folded, className="camera-list")


HEAD = ("method", "n", "seen", "adds", "price")


def _rows(t: Translator, points: pd.DataFrame) -> list[Component]:
    return [
        html.Tr(
            [
                html.Th(t(f"cameras.method_{row['method']}"), scope="row"),
                html.Td(str(row["n_cameras"])),
                html.Td(f"{share(row['seen_demand_ratio'], 2)} %"),
                html.Td(f"{share(row['marginal_ratio'], 2)} %"),
                html.Td(f"S/ {peru_number(row['price_soles'])}"),
            ]
        )
        for _, row in points.iterrows()
    ]


def _open(t: Translator, camera: str, row: pd.Series) -> Component:
    words = f"{row['rank']} · {model_title(t, row['model'])}, {compass(t, row['heading_deg'])}"
    choose = {"data-choose": ids.FOUND, "data-value": camera}
    return html.Button(words, className="link-button", **choose)


def _path(points: pd.DataFrame, method: str, x_most: float, y_most: float) -> str:
    own = points[points["method"] == method]
    pairs = zip(own["n_cameras"], PERCENT * own["seen_demand_ratio"], strict=True)
    from_nothing = [(0, 0.0), *pairs]
    return " ".join(
        f"{WIDTH * n / x_most:.1f},{HEIGHT - HEIGHT * seen / y_most:.1f}"
        for n, seen in from_nothing
    )


def _axes(x_most: float, y_most: float) -> str:
    across = "".join(
        f'<text x="{WIDTH * k / TICKS:.1f}" y="{HEIGHT + 9}">{x_most * k / TICKS:g}</text>'
        for k in range(TICKS + 1)
    )
    up = "".join(
        f'<text x="-3" y="{HEIGHT - HEIGHT * k / TICKS + 2:.1f}">{y_most * k / TICKS:g} %</text>'
        for k in range(TICKS + 1)
    )
    return AXES_SVG.format(across=across, up=up)


def _folded(title: str, head: list[str], rows: list[Component]) -> Component:
    return html.Details([html.Summary(title), scroll_table(title, head, rows)], className="fold")


FRAME_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="-32 -14 202 120"
 font-family="sans-serif" font-size="6.5" fill="#4a5157">{drawing}
<text x="80" y="100" text-anchor="middle">{x_title}</text><text x="-30" y="-7">{y_title}</text>
</svg>"""
AXES_SVG = """<path d="M0 0H160V80H0Z M0 20H160 M0 40H160 M0 60H160" fill="none" stroke="#e3e5e7"
 stroke-width=".5"/><g text-anchor="end">{up}</g><g text-anchor="middle">{across}</g>"""
LINE_SVG = '<polyline points="{points}" fill="none" stroke="#3F2A86" {look}/>'
NOW_SVG = """<path d="M{x:.1f} 0V{top}" stroke="#B26A00" stroke-dasharray="1.5 1.5"/>
<text x="{x:.1f}" y="-1.5" text-anchor="middle" fill="#8a4b00">{n}</text>"""

"""The card of a place: every hazard there, its level, how sure that is, and the source."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.i18n import Translator
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.services.point_hazards import PointHazard


def point_card(
    t: Translator,
    found: Iterable[PointHazard],
    more: Iterable[Component] = (),
) -> list[Component]:
    """Return the card of a place; ``more`` stands before the hazards."""
    rows = [_row(t, hazard) for hazard in found]
    close = html.Button(
        "×",
        className="close card-close",
        **{"data-close": "point-card", "aria-label": t("point.close")},
    )
    return [
        html.Article(
            [
                html.Div([html.H2(t("point.title")), close], className="sheet-head"),
                *more,
                html.Ul(rows, className="point-hazards"),
                html.P(t("point.about"), className="help"),
            ],
            className="sheet",
        )
    ]


def _row(t: Translator, hazard: PointHazard) -> Component:
    titles = {level.id: t.of(level.title) for level in hazard_levels().levels}
    level = titles.get(hazard.level or "", t.of(hazard_levels().missing.title))
    mark = f"level-{hazard.level}" if hazard.level else "level-outside"
    sure = [] if hazard.probability_ratio is None else [_probability(t, hazard.probability_ratio)]
    if hazard.certainty:
        sure.append(t(f"certainty.{hazard.certainty}"))
    return html.Li(
        [
            html.Div(
                [
                    html.Span(className=f"swatch {mark}"),
                    html.Strong(t.of(hazard.title)),
                    html.Span(level, className="point-level"),
                ],
                className="point-head",
            ),
            html.P(" · ".join(part for part in (t.of(hazard.detail), *sure) if part)),
            html.P(
                [t("control.source", source=hazard.source), " ", status_badge(t, hazard.status)],
                className="help",
            ),
        ]
    )


def _probability(t: Translator, ratio: float) -> str:
    return t("point.probability", percent=f"{100 * ratio:.0f}")

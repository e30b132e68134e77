"""Weights as sliders: the browser scores and repaints while they move, the server proves later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.results import plain
from ilo_geo.core.scales import Scale


@dataclass(frozen=True)
class Weight:
    """One criterion: the parameter that holds its weight, its words and its present value."""

    parameter: str
    title: str
    about: str
    value: float


def weight_sliders(t: Translator, weights: Iterable[Weight]) -> Component:
    """Return one slider a criterion, the share each comes to beside it, and the apply button."""
    rows = [
        html.Div(
            [
                html.Div(
                    [
                        html.Span(
                            [
                                html.Span(weight.title, className="control-label"),
                                info(t, weight.title, weight.about),
                            ],
                            className="control-name",
                        ),
                        html.Output(id=ids.weight_share(weight.parameter), className="share"),
                    ],
                    className="control-head",
                ),
                html.Label(
                    [
                        html.Span(weight.title, className="unseen"),
                        dcc.Input(
                            id=ids.weight(weight.parameter),
                            type="range",
                            min=0,
                            max=1,
                            # a coarser step would move a weight that nobody touched
                            step="any",
                            value=weight.value,
                            className="weight",
                        ),
                    ]
                ),
            ],
            className="control weight-control",
        )
        for weight in weights
    ]
    return html.Div(rows, className="weights")


def score_parts(
    t: Translator, table: pd.DataFrame, columns: Iterable[str], scale: Scale, top: int
) -> dict[str, Any]:
    """Return what the browser scores with: the parts of every row, in the order of the sliders.

    ``score = Σ w u``, weights scaled to sum to 1; ties go by id.
    """
    names = table["name"] if "name" in table else table.index.to_series()
    return {
        "ids": table.index.astype(str).tolist(),
        "names": names.fillna("").astype(str).tolist(),
        "parts": plain(table[list(columns)].to_numpy().tolist()),
        "breaks": list(scale.breaks),
        "classes": [c.id for c in scale.classes],
        "missing": scale.missing.id,
        "top": top,
        "words": {"rank": t("weights.rank"), "none": t("weights.none")},
    }

"""Key figures: value, unit, base, and an (i) with formula, inputs, source, date and status."""

from __future__ import annotations

from functools import cache
from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import BaseModel
from pydantic import ConfigDict

from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import m2_to_ha
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number


class FigureSpec(BaseModel):
    """What a figure is and how it came about; ``arithmetic`` names other figures in braces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    unit: Text
    decimals: int
    formula: Text
    arithmetic: str | None = None
    layers: tuple[str, ...]


@cache
def figure_specs() -> dict[str, FigureSpec]:
    """Return every figure by id."""
    table = load_package_yaml("dash_app.components", "figures.yaml")
    return {key: FigureSpec.model_validate(spec) for key, spec in table.items()}


def figure_value(figure_id: str, row: Any) -> float | None:
    """Return a figure of a summary or table row in the unit it is shown in."""
    if figure_id == "green_area_ha":
        return m2_to_ha(row["green_area_m2"])
    value = row.get(figure_id)
    if value is not None and figure_specs()[figure_id].unit.es.startswith("%"):
        return 100.0 * float(value)
    return value


def written(figure_id: str, row: Any) -> str:
    """Return a figure as written in Peru, without its unit."""
    return peru_number(figure_value(figure_id, row), figure_specs()[figure_id].decimals)


def arithmetic(figure_id: str, result: AnalysisResult) -> str | None:
    """Return the sum behind a figure of the whole area, with its numbers."""
    template = figure_specs()[figure_id].arithmetic
    if template is None:
        return None
    amounts = {**result.parameters, **result.summary}
    plain = {n: peru_number(v) for n, v in amounts.items() if isinstance(v, int | float)}
    standard = f"{result.parameters['standard_m2_per_inhab']:g}"
    shown = {i: written(i, result.summary) for i in figure_specs()}
    return template.format(**{**plain, **shown, "standard_m2_per_inhab": standard})


def key_figure(t: Translator, result: AnalysisResult, figure_id: str, base: str) -> Component:
    """Return one figure of the whole area with its (i)."""
    spec = figure_specs()[figure_id]
    title = t.of(spec.title)
    about = figure_info(t, result, figure_id, base)
    return html.Div(
        [
            html.Dt([title, about]),
            html.Dd(
                [
                    html.Span(written(figure_id, result.summary), className="value"),
                    " ",
                    html.Span(t.of(spec.unit), className="unit"),
                ]
            ),
        ],
        className="figure",
    )


def figure_info(t: Translator, result: AnalysisResult, figure_id: str, base: str) -> Component:
    """Return the (i) of a figure."""
    spec = figure_specs()[figure_id]
    used = [ref for ref in result.provenance if ref.layer in spec.layers]
    sources = html.Ul([_source(t, ref) for ref in used], className="sources")
    return info(
        t,
        t.of(spec.title),
        html.P([html.Strong(t("figure.formula")), " ", t.of(spec.formula)]),
        arithmetic(figure_id, result) or "",
        t("figure.base", base=base),
        html.P(html.Strong(t("figure.inputs"))),
        sources,
    )


def _source(t: Translator, ref: LayerRef) -> Component:
    line = f"{t.of(ref.title)}: {ref.source}, {peru_date(ref.date)}, {ref.licence} "
    return html.Li([line, status_badge(t, ref.status)])


def key_figures(
    t: Translator, result: AnalysisResult, figure_ids: tuple[str, ...], base: str
) -> Component:
    """Return a block of key figures."""
    return html.Dl([key_figure(t, result, f, base) for f in figure_ids], className="figures")

"""Áreas verdes: how much public green there is a person, and who reaches it on foot."""

from __future__ import annotations

from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.badges import notices
from dash_app.components.charts import lorenz
from dash_app.components.charts import ranking
from dash_app.components.controls import asked
from dash_app.components.controls import parameter_controls
from dash_app.components.figures import figure_specs
from dash_app.components.figures import key_figures
from dash_app.components.figures import written
from dash_app.components.headline import base_title
from dash_app.components.headline import headline
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.exports import FORMATS

OWN_LEVELS = ("zones", "districts", "cells")
FIGURES = ("population_inhab", "green_area_ha", "deficit_ha", "served_population_ratio")


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, parameters, results."""
    t = view.t
    params = view.params[GREEN]
    specs = planner.specs(GREEN)
    shown, more = parameter_controls(t, specs, params.model_dump())
    result = planner.at_hand(GREEN, params)
    first: list[Component] = [html.Div(className="skeleton")]
    if result is not None:
        first = result_block(t, planner, result, view.level, view.zone)
    return [
        asked(view),
        html.H1(t("green.question")),
        html.Div(first, id=ids.GREEN_RESULT, role="status"),
        html.Div(id=ids.ZONE_SHEET, role="status"),
        html.Section(
            [
                html.H2(t("green.parameters")),
                *shown,
                html.Details(
                    [html.Summary(t("green.more")), html.Div(more, className="more")],
                    className="fold",
                ),
            ],
            className="parameters",
        ),
        # the folds stay, and stay open, while their contents follow the parameters
        _fold(t("green.calibration"), html.Div(id=ids.GREEN_CALIBRATION)),
        _fold(t("green.inequality"), html.Div(id=ids.GREEN_INEQUALITY)),
        _fold(t("green.warnings"), html.Div(id=ids.GREEN_WARNINGS)),
        html.Div(id=ids.GREEN_EXPORT),
    ]


def result_block(
    t: Translator, planner: Planner, result: AnalysisResult, level: str, chosen: str | None
) -> list[Component]:
    """Return headline, key figures and ranking."""
    base = base_title(t, planner, result)
    table = result.tables[level]
    standard = result.parameters["standard_m2_per_inhab"]
    return [
        headline(t, result),
        grave_notices(t, result.warnings),
        key_figures(t, result, FIGURES, base),
        html.P(t("figure.base", base=base), className="help"),
        html.H2(t(f"ranking.{level}") if level in OWN_LEVELS else t("ranking.other")),
        ranking(t, table, supply_scale(), standard=standard, chosen=chosen),
    ]


def more_blocks(
    t: Translator, planner: Planner, result: AnalysisResult
) -> tuple[Component, Component, Component, Component]:
    """Return what one asks next: the plan's figures, inequality, limits, files."""
    return (
        _calibration(t, planner, result),
        _inequality(t, result, base_title(t, planner, result)),
        notices(t, result.warnings),
        _downloads(t, result),
    )


def _fold(title: str, *body: Component) -> Component:
    return html.Details([html.Summary(title), *body], className="fold")


def _inequality(t: Translator, result: AnalysisResult, base: str) -> Component:
    return html.Div(
        [
            key_figures(t, result, ("gini_access_ratio", "e2sfca_m2_per_inhab"), base),
            lorenz(t, result.tables["lorenz"]),
            html.P(t("green.lorenz_about"), className="help"),
        ]
    )


def _calibration(t: Translator, planner: Planner, result: AnalysisResult) -> Component:
    """Return the plan's figures beside ours, with the arithmetic."""
    titles = {figure.id: figure for figure in planner.area.config.plan_figures}
    cards = []
    for figure_id, row in result.tables["calibration"].iterrows():
        figure = titles[str(figure_id)]
        unit = t("unit.per_inhab") if "hab" in figure.unit else figure.unit
        cards.append(
            html.Li(
                [
                    html.Strong(t.of(figure.title)),
                    html.Div(
                        [
                            html.Span(
                                [
                                    t("green.plan"),
                                    html.B(f"{peru_number(row['plan_value'], 2)} {unit}"),
                                ]
                            ),
                            html.Span(
                                [
                                    t("green.computed"),
                                    html.B(f"{peru_number(row['computed_value'], 2)} {unit}"),
                                ]
                            ),
                        ],
                        className="pair",
                    ),
                    html.Code(row["arithmetic"]),
                    *([html.P(t.of(figure.note), className="help")] if figure.note else []),
                    html.P(figure.source, className="help"),
                ]
            )
        )
    if not cards:
        return html.P(t("green.no_plan"))
    about = t(
        "green.calibration_about",
        base=base_title(t, planner, result),
        standard=f"{result.parameters['standard_m2_per_inhab']:g}",
    )
    return html.Div([html.P(about, className="help"), html.Ul(cards, className="calibration")])


def zone_sheet(t: Translator, result: AnalysisResult, level: str, unit: str) -> list[Component]:
    """Return the sheet of one unit, with the arithmetic opened."""
    row = result.tables[level].loc[unit]
    scale = supply_scale()
    title = next(
        t.of(c.title) for c in (*scale.classes, scale.missing) if c.id == row["supply_class"]
    )
    standard = f"{result.parameters['standard_m2_per_inhab']:g}"
    per_inhab = t.of(figure_specs()["green_m2_per_inhab"].unit)
    area, people = peru_number(row["green_area_m2"]), peru_number(row["population_inhab"])
    value, missing = written("green_m2_per_inhab", row), written("deficit_ha", row)
    steps = [
        (t("sheet.supply"), f"{area} m² ÷ {people} = ", f"{value} {per_inhab}"),
        (t("sheet.deficit"), f"({standard} × {people} − {area}) ÷ 10,000 = ", f"{missing} ha"),
        (
            t("sheet.served"),
            f"{peru_number(row['served_population_inhab'])} ÷ {people} = ",
            f"{written('served_population_ratio', row)} %",
        ),
        (
            t.of(figure_specs()["e2sfca_m2_per_inhab"].title),
            "",
            f"{written('e2sfca_m2_per_inhab', row)} {per_inhab}",
        ),
        (t("sheet.sports"), "", f"{peru_number(row['sports_area_m2'])} m²"),
    ]
    names = row.get("neighbourhoods")
    return [
        html.Div(
            [html.H2(row["name"]), html.Span(title, className="class-chip")], className="sheet-head"
        ),
        html.Dl(
            [
                part
                for name, sum_, outcome in steps
                for part in (
                    html.Dt(name),
                    html.Dd([html.Span(sum_, className="sum"), html.B(outcome)]),
                )
            ],
            className="steps",
        ),
        *(
            [_fold(t("sheet.neighbourhoods"), html.P(str(names).replace(";", " · ")))]
            if isinstance(names, str)
            else []
        ),
    ]


def _downloads(t: Translator, result: AnalysisResult) -> Component:
    """Return the links that export the result as it is shown."""
    given = {name: value for name, value in result.parameters.items() if value is not None}
    query = urlencode({**given, "lang": t.lang})
    links = [
        html.A(
            fmt.upper(),
            href=f"/descargas/green.{fmt}?{query}",
            className="button",
            download=True,
            **{"aria-label": t("green.download", format=fmt.upper())},
        )
        for fmt in FORMATS
    ]
    return html.Div([html.H2(t("green.export")), html.Div(links, className="buttons")])

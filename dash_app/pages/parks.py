"""Áreas verdes → Sitios: where the next parks go, why there, and what they would bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.choice import choice_panel
from dash_app.components.controls import asked
from dash_app.components.controls import parameter_controls
from dash_app.components.drawn import Drawn
from dash_app.components.drawn import Painted
from dash_app.components.finding_parts import between
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.parks_charts import curve_figure
from dash_app.components.parks_charts import frontier_figure
from dash_app.components.parks_figures import park_figures
from dash_app.components.parks_sheet import site_sheet
from dash_app.components.parks_tables import parts_table
from dash_app.components.parks_tables import rules_table
from dash_app.components.parks_words import pointed_at
from dash_app.components.weights import Weight
from dash_app.components.weights import score_parts
from dash_app.components.weights import weight_sliders
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.classes import chosen_scale
from ilo_geo.green.candidates.classes import site_scale
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.exclusions import ELIGIBLE
from ilo_geo.green.candidates.parameters import SERVED
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.candidates.scoring import weights_of
from ilo_geo.services.pins import chosen_pins

ANALYSIS = "parks"
CANDIDATES = "candidates"
# what one changes most; the rest lies under "more options"
FIRST = ("n_parks", "water_source", "objective")
# sites the live ranking shows
TOP = 15


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, result, parameters, weights."""
    t = view.t
    specs = {spec.name: spec for spec in planner.specs(ANALYSIS)}
    rest = [spec for name, spec in specs.items() if not name.startswith("w_") and name not in FIRST]
    return [
        asked(view),
        html.H1(t("parks.question")),
        html.Div(html.Div(className="skeleton"), id=ids.FOUND_RESULT, role="status"),
        html.Div(id=ids.FOUND_SHEET, role="status"),
        html.Section(
            [html.H2(t("green.parameters")), *_controls(view, (specs[name] for name in FIRST))],
            className="parameters",
        ),
        html.Details([html.Summary(t("green.more")), *_controls(view, rest)], className="fold"),
        html.H2(t("parks.weights")),
        html.P(t("parks.live"), className="help"),
        weight_sliders(t, _weights(t, view)),
        html.Button(t("weights.apply"), id=ids.APPLY, n_clicks=0, className="button primary"),
        html.H2(t("parks.ranking")),
        html.Div(id=ids.RANKED, className="ranked"),
        html.Div(id=ids.FOUND_MORE),
    ]


def result_block(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return whom the choice serves, what it takes, how good it is, and what to do with it."""
    found = result.summary
    unit = "parks.people" if result.parameters["objective"] == SERVED else "parks.points"
    return [
        html.P(
            [
                html.Strong(peru_number(found["new_served_inhab"]), className="headline-number"),
                html.Span(_served(t, result), className="headline-unit"),
            ],
            className="headline",
        ),
        *_interval(t, result),
        html.P(_takes(t, result), className="headline-rest"),
        grave_notices(t, result.warnings),
        park_figures(t, result),
        *choice_panel(t, planner, result, t(unit)),
    ]


def _interval(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the people by the lowest and the highest population base; nothing for one base."""
    low, high = (result.summary[f"new_served_inhab_{end}"] for end in ("low", "high"))
    if low is None or high is None:
        return []
    said = between(t, peru_number(low), peru_number(high))
    return [html.P([said, t("parks.by_base")], className="headline-range")]


def scores(t: Translator, result: AnalysisResult) -> dict[str, Any]:
    """Return what the browser scores sites with."""
    table = _candidates(result)
    eligible = table[table["status"] == ELIGIBLE]
    parts = [f"u_{criterion}" for criterion in criterion_table().ids]
    return score_parts(t, eligible, parts, site_scale(), top=TOP)


def sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return all that is known of a site: its score part by part, or what struck it."""
    table = _candidates(result)
    return site_sheet(t, result, table.loc[found]) if found in table.index else []


def more_blocks(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return every score, what more water or more parks would bring, rules, limits, files."""
    return [
        parts_table(t, result, _candidates(result)),
        frontier_figure(t, result),
        curve_figure(t, result),
        rules_table(t, result),
        *limits_and_files(t, result),
    ]


def drawn(_t: Translator, result: AnalysisResult, _mode: str) -> Drawn:
    """Return every site considered by its score, what was struck crossed out, and the chosen."""
    table = pointed_at(_candidates(result))
    pins = chosen_pins(result, CANDIDATES)
    said = table.loc[pins.index, ["title_es", "title_en"]]
    return Drawn(
        areas=Painted(CANDIDATES, table, site_scale()),
        pins=Painted("chosen", pins.join(said), chosen_scale()) if len(pins) else None,
    )


def _candidates(result: AnalysisResult) -> Any:
    return result.maps[CANDIDATES]


def _controls(view: View, specs: Iterable[ParameterSpec]) -> list[Component]:
    shown, more = parameter_controls(view.t, specs, view.asked)
    return [*shown, *more]


def _weights(t: Translator, view: View) -> list[Weight]:
    """Return each criterion with its weight: as given, or of the judgements."""
    params = view.params[ANALYSIS]
    values = weights_of(ParkParams(**params.model_dump())).value
    return [
        Weight(f"w_{one.id}", t.of(one.title), t.of(one.help), float(value))
        for one, value in zip(criterion_table().criteria, values, strict=True)
    ]


def _served(t: Translator, result: AnalysisResult) -> str:
    return t(
        "parks.served",
        n=result.summary["n_selected"],
        distance=peru_number(result.parameters["access_distance_m"]),
    )


def _takes(t: Translator, result: AnalysisResult) -> str:
    found = result.summary
    return t(
        "parks.takes",
        water=peru_number(found["water_m3_day"], 1),
        bill=peru_number(found["water_soles_year"]),
        works=peru_number(found["capex_soles"]),
    )

"""Prioridad: which zone comes first, by which weights, and how sure that is."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import grave_notices
from dash_app.components.controls import asked
from dash_app.components.controls import info
from dash_app.components.controls import parameter_controls
from dash_app.components.drawn import Drawn
from dash_app.components.drawn import Painted
from dash_app.components.finding_parts import between
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.weights import Weight
from dash_app.components.weights import score_parts
from dash_app.components.weights import weight_sliders
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.classes import priority_scale
from ilo_geo.proposals.rules import priority_rules

ANALYSIS = "priority"
INDEX = "priority_index"
DECIMALS = 2


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, result, weights, parameters."""
    t = view.t
    weights = [
        spec for spec in planner.specs(ANALYSIS) if spec.name.removesuffix("_weight") in _parts()
    ]
    others = [spec for spec in planner.specs(ANALYSIS) if spec not in weights]
    shown, more = parameter_controls(t, others, view.asked)
    sliders = [
        Weight(s.name, t.of(s.text.title), t.of(s.text.help), float(view.asked[s.name]))
        for s in weights
    ]
    return [
        asked(view),
        html.H1(t("priority.question")),
        html.Div(html.Div(className="skeleton"), id=ids.FOUND_RESULT, role="status"),
        html.Div(id=ids.FOUND_SHEET, role="status"),
        html.H2(t("priority.ranking")),
        html.P(t("priority.live"), className="help"),
        html.Div(id=ids.RANKED, className="ranked"),
        html.H2(t("priority.weights")),
        weight_sliders(t, sliders),
        html.Button(t("priority.apply"), id=ids.APPLY, n_clicks=0, className="button primary-link"),
        html.Details([html.Summary(t("green.more")), *shown, *more], className="fold"),
        html.Div(id=ids.FOUND_MORE),
    ]


def result_block(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return who comes first, how sure that is, and what the browser scores with."""
    table = _level(result)
    first = table.sort_values("rank").iloc[0]
    proxies = result.tables["weights"].query("is_proxy")[f"title_{t.lang}"].tolist()
    return [
        html.P(
            [
                html.Strong(_written(first[INDEX]), className="headline-number"),
                html.Span(t("priority.first", name=first["name"]), className="headline-unit"),
            ],
            className="headline",
        ),
        html.P(
            between(t, _written(first["low"]), _written(first["high"])), className="headline-range"
        ),
        html.P(_sureness(t, result, first), className="headline-rest"),
        *[html.P(t("priority.proxy", part=part), className="notice proxy") for part in proxies],
        grave_notices(t, result.warnings),
    ]


def scores(t: Translator, result: AnalysisResult) -> dict[str, Any]:
    """Return what the browser scores with, in the order of the sliders."""
    table = _level(result)
    scaled = [f"{part}_scaled" for part in _parts(result)]
    return score_parts(t, table, scaled, priority_scale(), top=len(table))


def sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return the sum behind the index of a zone."""
    table = _level(result)
    if found not in table.index:
        return []
    row = table.loc[found]
    weights = result.tables["weights"]
    head = [html.Th(t(f"priority.{key}"), scope="col") for key in ("part", "raw", "scaled", "sum")]
    rows = [_part_row(t, row, str(part), said) for part, said in weights.iterrows()]
    place = t(
        "priority.place",
        rank=peru_number(row["rank"]),
        low=peru_number(row["rank_low"]),
        high=peru_number(row["rank_high"]),
        n=len(table),
    )
    return [
        html.Div(
            [html.H2(row["name"]), html.Span(_written(row[INDEX]), className="class-chip")],
            className="sheet-head",
        ),
        html.P(place),
        html.Div(
            html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="columns"),
            className="scroll",
        ),
        html.P(t("priority.sum_about"), className="help"),
    ]


def more_blocks(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return limits and files."""
    return limits_and_files(t, result)


def drawn(_t: Translator, result: AnalysisResult, _mode: str) -> Drawn:
    """Return the zones by their index."""
    table = _level(result)
    said = {
        f"title_{lang}": [
            f"{_written(row[INDEX])} ({_written(row['low'])}–{_written(row['high'])})"
            for _, row in table.iterrows()
        ]
        for lang in ("es", "en")
    }
    return Drawn(areas=Painted(_name(result), table.assign(**said), priority_scale()))


def _part_row(t: Translator, row: pd.Series, part: str, said: pd.Series) -> Component:
    raw = peru_number(row[f"{part}_raw"], DECIMALS)
    low, high = (peru_number(row[f"{part}_raw_{end}"], DECIMALS) for end in ("low", "high"))
    unit, title = said[f"unit_{t.lang}"], said[f"title_{t.lang}"]
    spread = f" ({low}–{high})" if low != high else ""
    scaled, share = _written(row[f"{part}_scaled"]), _written(said["weight"])
    total = _written(row[f"{part}_contribution"])
    return html.Tr(
        [
            html.Th([title, info(t, title, unit, said["source"])], scope="row"),
            html.Td(f"{raw}{spread}"),
            html.Td(scaled),
            html.Td(f"{scaled} × {share} = {total}"),
        ]
    )


def _sureness(t: Translator, result: AnalysisResult, first: pd.Series) -> str:
    """Return how the first place holds when weights swing and within what the data leave open."""
    return t(
        "priority.sure",
        swing=peru_number(100 * result.parameters["weight_swing_ratio"]),
        k=result.parameters["top_k"],
        stays=peru_number(100 * first["top_k_ratio"]),
        data=peru_number(100 * first["top_k_data_ratio"]),
    )


def _name(result: AnalysisResult) -> str:
    return "zones" if "zones" in result.maps else next(iter(result.maps))


def _level(result: AnalysisResult) -> pd.DataFrame:
    return result.maps[_name(result)]


def _parts(result: AnalysisResult | None = None) -> tuple[str, ...]:
    return priority_rules().ids if result is None else tuple(result.tables["weights"].index)


def _written(value: float) -> str:
    return peru_number(value, DECIMALS)

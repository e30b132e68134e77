"""Two choices of one analysis side by side."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import scroll_table
from dash_app.i18n import Translator
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.services.compare import BOTH
from ilo_geo.services.compare import ONLY_A
from ilo_geo.services.compare import ONLY_B
from ilo_geo.services.compare import compare_choices
from ilo_geo.services.compare import compare_ids
from ilo_geo.services.exports import column_title

# a whole number is written without decimals, a small one with enough to tell two apart
SMALL = 100
DECIMALS = 3


def compared(t: Translator, planner: Planner, kept: Mapping[str, Any]) -> list[Component]:
    """Return both kept choices in one table, or what is still missing.

    Parameters
    ----------
    kept
        What was asked for each of ``a`` and ``b``, as a page keeps a run.
    """
    found = {letter: _at_hand(planner, run) for letter, run in kept.items()}
    lost = [letter.upper() for letter, result in found.items() if result is None]
    if lost:
        return [html.P(t("choice.lost", which=", ".join(lost)), className="notice notice-error")]
    if len(found) < len("ab"):
        return [
            html.P(t("choice.kept_one", which=letter.upper()), className="help") for letter in found
        ]
    try:
        return _side_by_side(t, planner, found["a"], found["b"])
    except IloGeoError as error:
        return [html.P(error.public_text(t.lang), className="notice notice-error")]


def _at_hand(planner: Planner, run: Mapping[str, Any]) -> Any:
    return planner.at_hand(run["analysis"], planner.parse(run["params"], run["analysis"]))


def _side_by_side(
    t: Translator, planner: Planner, a: AnalysisResult, b: AnalysisResult
) -> list[Component]:
    figures = compare_choices(a, b)
    same = (figures["difference"] == 0) | figures[["a", "b"]].isna().all(axis=1)
    return [
        _table(t, t("choice.differ_parameters"), _parameter_rows(t, planner, a, b)),
        _table(t, t("choice.differ_figures"), _figure_rows(t, figures[~same])),
        *_ids(t, a, b),
        html.Details(
            [
                html.Summary(t("choice.same_figures", n=int(same.sum()))),
                _table(t, t("choice.same_figures", n=""), _figure_rows(t, figures[same])),
            ],
            className="fold",
        ),
    ]


def _table(t: Translator, title: str, rows: list[Component]) -> Component:
    if not rows:
        return html.P(t("choice.none_differ", what=title.lower()), className="help")
    head = [title, "A", "B", t("choice.difference")]
    return scroll_table(title, head, rows, "compared")


def _figure_rows(t: Translator, figures: pd.DataFrame) -> list[Component]:
    rows = []
    for name, row in figures.iterrows():
        unit = row[f"unit_{t.lang}"]
        title = [column_title(str(name), t.lang), html.Small(unit or "")]
        decimals = _decimals(row["a"], row["b"])
        values = [peru_number(row[letter], decimals) for letter in ("a", "b")]
        change = row["difference"]
        sign = "+" if change > 0 else ""
        difference = "–" if pd.isna(change) else f"{sign}{peru_number(change, decimals)}"
        rows.append(_row(title, [*values, difference]))
    return rows


def _parameter_rows(
    t: Translator, planner: Planner, a: AnalysisResult, b: AnalysisResult
) -> list[Component]:
    rows = []
    for spec in planner.specs(a.analysis):
        one, two = a.parameters.get(spec.name), b.parameters.get(spec.name)
        if one != two:
            titles = {choice.value: t.of(choice.title) for choice in spec.choices}
            shown = [_shown(t, titles, value) for value in (one, two)]
            rows.append(_row([t.of(spec.text.title)], [*shown, ""]))
    return rows


def _shown(t: Translator, titles: Mapping[Any, str], value: Any) -> str:
    if value is None:
        return t("control.automatic")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return peru_number(value, _decimals(value, value))
    return titles.get(value, str(value))


def _row(title: Iterable[Any], values: Iterable[str]) -> Component:
    return html.Tr([html.Th(list(title), scope="row"), *[html.Td(value) for value in values]])


def _decimals(*values: float) -> int:
    known = [value for value in values if value is not None and not pd.isna(value)]
    whole = all(float(value).is_integer() or abs(value) >= SMALL for value in known)
    return 0 if whole else DECIMALS


def _ids(t: Translator, a: AnalysisResult, b: AnalysisResult) -> list[Component]:
    """Return which things are in one, the other or both, by name."""
    names = {
        str(row["id"]): str(row.get("name") or row["id"])
        for result in (a, b)
        for row in (result.selection.selected if result.selection else ())
    }
    table = compare_ids(a, b)
    items: list[Component] = []
    for where in (ONLY_A, ONLY_B, BOTH):
        found = table.index[table["chosen_in"] == where]
        items += [
            html.Dt(f"{t(f'choice.{where}')} ({len(found)})"),
            html.Dd("; ".join(names[site] for site in found) or "–"),
        ]
    return [html.Dl(items, className="facts compared-ids")]

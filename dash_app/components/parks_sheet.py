"""The sheet of one site: its score part by part, or what struck it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import info
from dash_app.components.finding_parts import scroll_table
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.exclusions import EXCLUDED

DECIMALS = 3
SMALL = 10


def site_sheet(t: Translator, result: AnalysisResult, row: pd.Series) -> list[Component]:
    """Return all that is known of a site."""
    struck = row["status"] == EXCLUDED
    chip = t("parks.struck") if struck else peru_number(row["score"], DECIMALS)
    close = html.Button(
        "×",
        className="close card-close",
        **{"data-close": ids.FOUND_SHEET, "aria-label": t("point.close")},
    )
    head = html.Div(
        [html.H2(row["name"]), html.Span(chip, className="class-chip"), close],
        className="sheet-head",
    )
    body = _struck(t, row) if struck else _eligible(t, result, row)
    return [html.Div([head, *body, html.Dl(list(_facts(t, row)), className="facts")])]


def _struck(t: Translator, row: pd.Series) -> list[Component]:
    reasons = row[f"reason_{t.lang}"].split("; ")
    return [
        html.P(t("parks.struck_by")),
        html.Ul([html.Li(reason) for reason in reasons], className="notices"),
    ]


def _eligible(t: Translator, result: AnalysisResult, row: pd.Series) -> list[Component]:
    place = t(
        "parks.place",
        rank=row["rank"],
        n=result.summary["n_eligible"],
        low=row["rank_low"],
        high=row["rank_high"],
        k=result.parameters["n_parks"],
        percent=peru_number(100 * row["top_k_ratio"]),
    )
    return [
        html.P(place),
        *_reasons(t, result, str(row.name)),
        _parts(t, result.tables["weights"], row),
        html.P(t("parks.sum_about"), className="help"),
        *_possible(t, row),
    ]


def _reasons(t: Translator, result: AnalysisResult, site: str) -> list[Component]:
    rows = result.selection.selected if result.selection else ()
    chosen = next((row for row in rows if row["id"] == site), None)
    if chosen is None:
        return [html.P(t("parks.not_chosen"))]
    return [
        html.P(html.B(t("parks.chosen_as", order=chosen["order"]))),
        html.Ul([html.Li(words) for words in chosen[f"reasons_{t.lang}"]], className="reasons"),
    ]


def _possible(t: Translator, row: pd.Series) -> list[Component]:
    words = row[f"possible_{t.lang}"]
    return [html.P(t("parks.possible", rules=words), className="notice proxy")] if words else []


def _parts(t: Translator, weights: pd.DataFrame, row: pd.Series) -> Component:
    head = [t(f"parks.{key}") for key in ("part", "raw", "sum")]
    rows = [_part(t, row, str(criterion), said) for criterion, said in weights.iterrows()]
    total = [html.Th(t("parks.total"), scope="row"), html.Td()]
    rows.append(html.Tr([*total, html.Td(html.B(peru_number(row["score"], DECIMALS)))]))
    return scroll_table(t("parks.part"), head, rows, "parts-of-score")


def _part(t: Translator, row: pd.Series, criterion: str, said: pd.Series) -> Component:
    title, unit = said[f"title_{t.lang}"], said[f"raw_unit_{t.lang}"]
    utility, weight = float(row[f"u_{criterion}"]), float(said["weight"])
    scaled, share, added = (
        peru_number(number, DECIMALS) for number in (utility, weight, weight * utility)
    )
    return html.Tr(
        [
            html.Th([title, info(t, title, said[f"help_{t.lang}"])], scope="row"),
            html.Td([_raw(t, row[said["raw"]]), html.Small(unit)]),
            html.Td(f"{scaled} × {share} = {added}"),
        ]
    )


def _raw(t: Translator, value: Any) -> str:
    if isinstance(value, str):
        return t(f"parks.tenure_{value}")
    return peru_number(value, DECIMALS if abs(value) < SMALL else 0)


def _facts(t: Translator, row: pd.Series) -> Iterator[Component]:
    """Yield the site's measures; what is not known of it is left out."""
    kind = park_types().get(row["park_type"])
    amounts = (
        ("site_area", row["area_m2"], 1, 0, "m²"),
        ("site_width", row["width_m"], 1, 1, "m"),
        ("site_slope", row["slope_ratio"], 100, 1, "%"),
        ("water", row["water_m3_day"], 1, 1, t("parks.water_unit")),
        ("site_bill", row["water_soles_year"], 1, 0, t("parks.soles_year")),
        ("works", row["capex_soles"], 1, 0, "S/"),
        ("site_care", row["care_soles_year"], 1, 0, t("parks.soles_year")),
    )
    facts = [("site_type", t.of(kind.title))] if kind else []
    facts += [("tenure", t(f"parks.tenure_{row['tenure']}"))]
    facts += [
        (name, f"{peru_number(times * value, decimals)} {unit}")
        for name, value, times, decimals, unit in amounts
        if not pd.isna(value)
    ]
    facts += [("site_lots", str(row["lots"]))]
    for name, words in facts:
        yield html.Dt(t(f"parks.{name}"))
        yield html.Dd(words)

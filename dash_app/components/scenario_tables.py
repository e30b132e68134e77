"""What a scenario changes, as tables: A today, B with it, B − A; zones; two side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.components.finding_parts import origin
from dash_app.components.finding_parts import scroll_table
from dash_app.components.finding_parts import source_items
from dash_app.components.legend import spans
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.scenarios import ScenarioView

MORE = "more"
# of a zone: the column, its title and with how many decimals it is written
ZONE_COLUMNS = (
    ("green_m2_per_inhab", "scenario.zone_green", 2),
    ("deficit_ha", "scenario.zone_deficit", 2),
    ("served_population_inhab", "scenario.zone_served", 0),
)


def measures(t: Translator, view: ScenarioView) -> Component:
    """Return the table of before, after and the difference."""
    rows = [
        html.Tr(
            [
                _title(t, row, view, _arithmetic(t, row)),
                html.Td(_number(row["before"], row)),
                html.Td([_number(row["after"], row), _interval(t, row)]),
                _difference(row["change"], row),
            ]
        )
        for _, row in view.measures.iterrows()
    ]
    head = [t("scenario.measure"), t("scenario.a"), t("scenario.b"), t("scenario.difference")]
    return scroll_table(t("scenario.table"), head, rows, "scenario-table")


def zones(t: Translator, view: ScenarioView) -> Component:
    """Return every zone before, after and the difference."""
    rows = []
    for _, zone in view.zones.iterrows():
        cells = []
        for column, _, decimals in ZONE_COLUMNS:
            before, after = zone[f"{column}_before"], zone[f"{column}_after"]
            change = zone[f"{column}_change"]
            cells.append(
                html.Td(
                    [
                        peru_number(before, decimals),
                        " → ",
                        peru_number(after, decimals),
                        html.Small(_signed(change, decimals)),
                    ]
                )
            )
        rows.append(html.Tr([_zone_name(t, view, zone), *cells]))
    head = [t("scenario.zone"), *[t(title) for _, title, _ in ZONE_COLUMNS]]
    return scroll_table(t("scenario.zones"), head, rows, "scenario-zones scenario-table")


def _zone_name(t: Translator, view: ScenarioView, zone: Any) -> Component:
    """Return the name of a zone with the (i) of its three figures."""
    people, standard = peru_number(zone["population_inhab"]), view.standard_m2_per_inhab
    lines = []
    for side, when in (("A", "before"), ("B", "after")):
        green = peru_number(zone[f"green_area_m2_{when}"])
        supply, lacking = (zone[f"{name}_{when}"] for name in ("green_m2_per_inhab", "deficit_ha"))
        lines += [
            html.Li(f"{side}: {green} m² / {people} = {peru_number(supply, 2)}"),
            html.Li(
                f"{side}: ({standard:g} · {people} − {green}) / 10,000, ≥ 0 = "
                f"{peru_number(lacking, 2)}"
            ),
        ]
    row = view.measures.loc["served_park_inhab"]
    notes = [note for note in view.layers if note.layer in row["layers"]]
    served = f"{t('scenario.zone_served')}: {row[f'said_{t.lang}']}"
    sums = [t("scenario.zone_sums"), html.Ul(lines, className="sums"), served]
    about = info(t, zone["name"], *sums, *origin(t, row[f"formula_{t.lang}"], notes))
    name = html.Div([zone["name"], about], className="scenario-name")
    return html.Th(name, scope="row")


def side_by_side(t: Translator, table: pd.DataFrame, view: ScenarioView) -> Component:
    """Return two scenarios beside today, and how far apart they are."""
    rows = [
        html.Tr(
            [
                _title(t, row, view, []),
                *[html.Td(_number(row[name], row)) for name in ("before", "one", "other")],
                *[
                    _difference(row[name], row)
                    for name in ("change_one", "change_other", "between")
                ],
            ]
        )
        for _, row in table.iterrows()
    ]
    head = [
        t(f"scenario.{name}")
        for name in ("measure", "a", "b1", "b2", "difference_1", "difference_2", "between")
    ]
    return scroll_table(t("scenario.two_table"), head, rows, "scenario-table scenario-two")


def legend(t: Translator, words: Mapping[str, str], *, modelled: bool) -> list[Component]:
    """Return the classes of the two sides of the map."""
    scale = supply_scale()
    rows = [
        html.Li(
            [
                html.Span(className="swatch", style={"backgroundColor": one.colour}),
                html.Span(span, className="span"),
                html.Span(t.of(one.title), className="class-title"),
            ]
        )
        for one, span in zip(scale.classes, spans(scale), strict=True)
    ]
    badge = [" ", status_badge(t, Status.MODELLED)] if modelled else []
    same = [html.P(words["same"], className="legend-note warns")] if words["same"] else []
    sides = t("scenario.sides", left=words["left"], right=words["right"])
    return [
        html.H2([t.of(scale.title), html.Span(t.of(scale.unit), className="unit")]),
        html.Ul(rows, className="classes"),
        *same,
        html.P([sides, *badge], className="legend-note"),
        html.P(t("legend.source", source=scale.source), className="legend-note legend-source"),
    ]


def provenance(t: Translator, view: ScenarioView) -> Component:
    """Return every layer the figures stand on, with source, date and status."""
    items = source_items(t, view.layers)
    return html.Details(
        [html.Summary(t("scenario.sources")), html.Ul(items, className="sources")],
        className="fold",
    )


def _title(t: Translator, row: Any, view: ScenarioView, sums: list[Component]) -> Component:
    title, lang = row[f"title_{t.lang}"], t.lang
    notes = [note for note in view.layers if note.layer in row["layers"]]
    name = html.Span([title, html.Small(row[f"unit_{lang}"])])
    about = info(t, title, row[f"said_{lang}"], *sums, *origin(t, row[f"formula_{lang}"], notes))
    return html.Th(html.Div([name, about], className="scenario-name"), scope="row")


def _arithmetic(t: Translator, row: Any) -> list[Component]:
    """Return how A, B and their difference come about, and what each proposal brings by itself."""
    before, after = (_number(row[when], row) for when in ("before", "after"))
    sums = [f"{how} = " for how in row["how"]] if row["how"] else ["", ""]
    lines = [
        html.Li(f"A: {sums[0]}{before}"),
        html.Li(f"B: {sums[1]}{after}"),
        html.Li(f"B − A: {after} − {before} = {_number(row['change'], row)}"),
    ]
    parts = [html.Li(f"{title}: {_number(amount, row)}") for title, amount in row["parts"]]
    alone = [html.P(html.Strong(t("scenario.by_itself"))), html.Ul(parts, className="sums")]
    return [html.Ul(lines, className="sums"), *(alone if parts else [])]


def _number(value: float, row: Any) -> str:
    return peru_number(value, int(row["decimals"]))


def _interval(t: Translator, row: Any) -> Component | str:
    low, high = row["low"], row["high"]
    if pd.isna(low) or pd.isna(high) or low == high:
        return ""
    return html.Small(t("sheet.between", low=_number(low, row), high=_number(high, row)))


def _difference(value: float, row: Any) -> Component:
    """Return a difference with its sign, marked for the better or for the worse."""
    decimals = int(row["decimals"])
    shown = _signed(value, decimals)
    # what is nothing as it is written is neither better nor worse
    if pd.isna(value) or round(value, decimals) == 0:
        return html.Td(shown)
    gains = value > 0 if row["better"] == MORE else value < 0
    return html.Td(shown, className="better" if gains else "worse")


def _signed(value: float, decimals: int) -> str:
    if pd.isna(value):
        return MISSING
    sign = "+" if round(value, decimals) > 0 else ""
    return f"{sign}{peru_number(value, decimals)}"

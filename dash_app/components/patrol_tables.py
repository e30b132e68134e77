"""Tables of the patrols: zones, police sectors, agents step by step, patrol sectors, the loop."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import Figure
from dash_app.components.finding_parts import figures
from dash_app.components.patrol_figures import goals
from dash_app.components.patrol_figures import proxy_mark
from dash_app.components.patrol_parts import choosing
from dash_app.components.patrol_parts import fold
from dash_app.components.patrol_parts import percent
from dash_app.components.patrol_parts import plain_table
from dash_app.components.patrol_parts import table_row
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.services.security_map import sector_lines

LEVELS = ("zones", "districts")
POLICE = "police_sectors"
# steps of the arithmetic that compare with the plan
PLAN = "plan_"
# what the plan contradicts itself in
CONTRADICTIONS = ("patrol.shifts_do_not_add_up", "patrol.ratios_do_not_derive")
UNIT_DECIMALS = {"agents": 1, "inhab": 0, "km2": 2}


def level_name(result: AnalysisResult) -> str:
    """Return the finest level that the result tells of."""
    return next((name for name in LEVELS if name in result.maps), next(iter(result.maps)))


def zone_table(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the units from least to most people in time; one opens its sheet."""
    table = result.maps[level_name(result)].sort_values("people_within_green_ratio")
    blocks = [html.H2(t("patrol.zones")), _reach_table(t, result, table, t("patrol.zones"))]
    if POLICE in result.maps:
        police = result.maps[POLICE]
        police = police.set_axis([f"police_{i}" for i in police.index])
        about = html.P(t("patrol.police_about"), className="help")
        rows = _reach_table(t, result, police, t("patrol.police"))
        blocks.append(fold(t("patrol.police"), [about, rows]))
    return blocks


def roster_blocks(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the agents on duty and their load step by step, and where the plan contradicts it."""
    table = result.tables["roster"]
    base = str(result.parameters["population_base"])
    others = [
        step for step in table.index if step.startswith("inhab_per") and not step.endswith(base)
    ]
    said = [n.text(t.lang) for n in result.warnings if n.code in CONTRADICTIONS]
    return [
        html.H2(t("patrol.roster")),
        *[html.P(words, className="notice notice-error") for words in said],
        _steps(t, table.drop(others)),
        fold(t("patrol.roster_others"), [_steps(t, table.loc[others])]),
    ]


def sector_blocks(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the patrol sectors with how even they are."""
    found = result.summary
    rows = [
        table_row(
            choosing(row["name"], str(sector)),
            [
                percent(row["need_ratio"], 1),
                f"{100 * row['deviation_ratio']:+.2f} %",
                peru_number(row["population_inhab"]),
                peru_number(row["street_km"], 1),
                percent(row["people_within_green_ratio"]),
            ],
        )
        for sector, row in sector_lines(result).iterrows()
    ]
    need = [t("patrol.of_need"), *([proxy_mark(t)] if found["need_is_proxy"] else [])]
    head = [
        t("patrol.sector"),
        need,
        t("patrol.deviation"),
        t("patrol.people"),
        t("patrol.street_km"),
        t("patrol.in_minutes", minutes=goals(result)[0]),
    ]
    about = t(
        "patrol.sectors_about",
        n=found["n_patrol_sectors"],
        worst=f"{100 * found['sector_max_deviation_ratio']:.2f}",
    )
    return [
        html.H2(t("patrol.sectors")),
        html.P(about, className="help"),
        plain_table(t("patrol.sectors"), head, rows),
    ]


def loop_blocks(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return what the loop passes, what no loop could, and that it is not proven best."""
    found = result.summary
    gap = percent(found["loop_gap_ratio"], 1)
    proxy = t("patrol.proxy_mark") if found["need_is_proxy"] else ""
    return [
        html.H2(t("patrol.loop")),
        html.P(
            [html.B(t("patrol.heuristic")), " ", t("patrol.loop_gap", gap=gap)],
            className="notice assumed",
        ),
        figures(
            t,
            [
                Figure(
                    t("patrol.loop_need"),
                    percent(found["loop_need_ratio"], 1),
                    proxy,
                    (t("patrol.loop_need_about"),),
                    t("patrol.loop_bound", bound=percent(found["loop_need_bound_ratio"], 1)),
                ),
                Figure(
                    t("patrol.loop_time"),
                    peru_number(found["loop_h"], 1),
                    "h",
                    (t("patrol.loop_time_about"),),
                    t(
                        "patrol.loop_way",
                        budget=peru_number(found["loop_budget_h"], 1),
                        km=peru_number(found["loop_km"]),
                    ),
                ),
            ],
        ),
    ]


def _reach_table(
    t: Translator, result: AnalysisResult, table: pd.DataFrame, title: str
) -> Component:
    minutes = goals(result)
    head = [
        t("table.name"),
        t("patrol.in_minutes", minutes=minutes[0]),
        t("patrol.in_minutes", minutes=minutes[2]),
        t("patrol.p50_min"),
        t("patrol.people"),
    ]
    rows = [
        table_row(
            choosing(row["name"], str(unit)),
            [
                percent(row["people_within_green_ratio"]),
                percent(row["people_within_orange_ratio"]),
                peru_number(row["p50_min"], 1),
                peru_number(row["population_inhab"]),
            ],
        )
        for unit, row in table.iterrows()
    ]
    return plain_table(title, head, rows)


def _steps(t: Translator, table: pd.DataFrame) -> Component:
    head = [t("patrol.step"), t("patrol.how"), t("patrol.value")]
    rows = [
        html.Tr(
            [
                html.Th(row[f"title_{t.lang}"], scope="row"),
                html.Td(row["formula"], className="formula"),
                html.Td([html.B(_value(row)), html.Small(t(f"patrol.unit_{_unit(row)}"))]),
            ],
            className="plan-step" if str(step).startswith(PLAN) else "",
        )
        for step, row in table.iterrows()
    ]
    return plain_table(t("patrol.roster"), head, rows)


def _value(row: pd.Series) -> str:
    whole = float(row["value"]).is_integer()
    return peru_number(row["value"], 0 if whole else UNIT_DECIMALS[_unit(row)])


def _unit(row: pd.Series) -> str:
    return str(row["unit"])

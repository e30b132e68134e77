"""What is known of a place, a base, a sector or a zone that was pointed out."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import between
from dash_app.components.patrol_figures import GOALS
from dash_app.components.patrol_figures import goals
from dash_app.components.patrol_map import base_name
from dash_app.components.patrol_parts import percent
from dash_app.components.patrol_parts import percent_between
from dash_app.components.patrol_tables import POLICE
from dash_app.components.patrol_tables import level_name
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.security.classes import BASES
from ilo_geo.security.classes import marks_scale
from ilo_geo.services.scales import patrol_time_scale
from ilo_geo.services.security_map import base_pins
from ilo_geo.services.security_map import sector_lines


def patrol_sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return the sheet of the thing ``found``, nothing where it is none that has one."""
    cells, bases = result.maps["cells"], base_pins(result, proposed=True)
    if found in cells.index:
        return _cell(t, result, cells.loc[found])
    if found in bases.index:
        return _base(t, result, bases.loc[found])
    named = _named(result)
    return _unit(t, result, named.loc[found]) if found in named.index else []


def _cell(t: Translator, result: AnalysisResult, row: pd.Series) -> list[Component]:
    classes = {c.id: t.of(c.title) for c in patrol_time_scale(result).classes}
    low, high = peru_number(row["minutes_low"], 1), peru_number(row["minutes_high"], 1)
    minutes = f"{peru_number(row['minutes'], 1)} min ({between(t, low, high)})"
    return _sheet(
        t("patrol.place"),
        classes[str(row["time_class"])],
        [
            (t("patrol.from_base"), minutes),
            (t("patrol.from_round"), f"{peru_number(row['on_patrol_minutes'], 1)} min"),
            (t("patrol.people"), peru_number(row["population_inhab"])),
            (_need(t, result), percent(row["need_ratio"], 2)),
        ],
    )


def _base(t: Translator, result: AnalysisResult, row: pd.Series) -> list[Component]:
    kinds = {c.id: t.of(c.title) for c in marks_scale(BASES).classes}
    facts = [
        (t("patrol.kind"), kinds.get(str(row["kind"]), str(row["kind"]))),
        (_need(t, result, "patrol.serves"), percent(row["served_need_ratio"], 1)),
        (t("patrol.loss"), t("patrol.loss_min", minutes=peru_number(row["loss_min"], 2))),
    ]
    if row["existing"]:
        facts.append((t("patrol.accuracy"), f"± {peru_number(row['accuracy_m'])} m"))
        return _sheet(base_name(t, row), t("patrol.present"), facts)
    facts.append((t("patrol.lot"), f"{peru_number(row['public_lot_m'])} m"))
    return _sheet(base_name(t, row), t("patrol.proposed"), facts)


def _unit(t: Translator, result: AnalysisResult, row: pd.Series) -> list[Component]:
    shares = [
        (
            t("patrol.in_minutes", minutes=minutes),
            f"{percent(row[name])} ({percent_between(t, row, name)})",
        )
        for goal, minutes in zip(GOALS, goals(result), strict=True)
        for name in [f"people_within_{goal}_ratio"]
    ]
    return _sheet(
        str(row["name"]),
        t("patrol.in_time", share=percent(row["people_within_green_ratio"])),
        [
            *shares,
            (t("patrol.p50_min"), f"{peru_number(row['p50_min'], 1)} min"),
            (t("patrol.p90_min"), f"{peru_number(row['p90_min'], 1)} min"),
            (t("patrol.from_round"), f"{peru_number(row['on_patrol_p50_min'], 1)} min"),
            (t("patrol.people"), peru_number(row["population_inhab"])),
            (_need(t, result), percent(row["need_ratio"], 1)),
            (t("patrol.unreached_people"), peru_number(row["unreached_inhab"])),
        ],
    )


def _named(result: AnalysisResult) -> pd.DataFrame:
    """Return zones, police and patrol sectors by the ids that the page gives them."""
    tables = [pd.DataFrame(result.maps[level_name(result)]), pd.DataFrame(sector_lines(result))]
    if POLICE in result.maps:
        police = pd.DataFrame(result.maps[POLICE])
        tables.append(police.set_axis([f"police_{i}" for i in police.index]))
    return pd.concat([table.drop(columns="geometry") for table in tables])


def _need(t: Translator, result: AnalysisResult, key: str = "patrol.need") -> str:
    proxy = f" ({t('patrol.proxy_mark')})" if result.summary["need_is_proxy"] else ""
    return f"{t(key)}{proxy}"


def _sheet(title: str, chip: str, facts: Iterable[tuple[str, str]]) -> list[Component]:
    rows = [row for name, value in facts for row in (html.Dt(name), html.Dd(value))]
    return [
        html.Div([html.H2(title), html.Span(chip, className="class-chip")], className="sheet-head"),
        html.Dl(rows, className="facts"),
    ]

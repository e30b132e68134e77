"""How soon a patrol arrives: the headline, the goals, and what new bases would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app.components.finding_parts import Figure
from dash_app.components.finding_parts import figures
from dash_app.components.patrol_parts import percent
from dash_app.components.patrol_parts import percent_between
from dash_app.components.patrol_parts import percent_span
from dash_app.components.patrol_parts import plain_table
from dash_app.components.patrol_parts import table_row
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number

GOALS = ("green", "yellow", "orange")
WHO = ("people", "need", "incidents")
COMPARED = ("p50_min", "p90_min", *(f"{who}_within_{g}_ratio" for who in WHO for g in GOALS))


def patrol_headline(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the share of people within the first goal, its interval, and that no law sets it."""
    found = result.summary
    minutes = goals(result)
    name = "people_within_green_ratio"
    return [
        html.P(
            [
                html.Strong(percent(found[name]), className="headline-number"),
                html.Span(
                    t(f"patrol.within_{result.parameters['moment']}", minutes=minutes[0]),
                    className="headline-unit",
                ),
            ],
            className="headline",
        ),
        html.P(
            [percent_between(t, found, name), t("patrol.interval_of")], className="headline-range"
        ),
        html.P(t("patrol.no_law", goals=" / ".join(minutes)), className="headline-rest"),
    ]


def patrol_figures(t: Translator, result: AnalysisResult) -> Component:
    """Return the minutes of half and of nine in ten, and the agents there are."""
    found = result.summary
    speeds = t(
        "patrol.time_about",
        dispatch=peru_number(result.parameters["dispatch_s"]),
        spread=percent(result.parameters["speed_error_ratio"]),
    )
    on_patrol = t("patrol.on_patrol", minutes=peru_number(found["on_patrol_p50_min"], 1))
    return figures(
        t,
        [
            Figure(
                t("patrol.half"),
                peru_number(found["p50_min"], 1),
                "min",
                (t("patrol.half_about"), speeds),
                on_patrol,
            ),
            Figure(
                t("patrol.ninety"),
                peru_number(found["p90_min"], 1),
                "min",
                (t("patrol.ninety_about"), speeds),
                t("patrol.on_patrol", minutes=peru_number(found["on_patrol_p90_min"], 1)),
            ),
            Figure(
                t("patrol.on_duty"),
                peru_number(found["on_duty_agents"], 1),
                t("patrol.agents"),
                (t("patrol.on_duty_about"),),
                t("patrol.of_roll", n=peru_number(result.parameters["agents"])),
            ),
            Figure(
                t("patrol.load"),
                peru_number(found["inhab_per_agent"]),
                t("patrol.load_unit"),
                (
                    t("patrol.load_about"),
                    t("figure.base", base=result.parameters["population_base"]),
                ),
                t("patrol.area_each", km2=peru_number(found["urban_km2_per_agent"], 2)),
            ),
        ],
    )


def goal_table(t: Translator, result: AnalysisResult) -> Component:
    """Return the share within each goal of people, of need, and of incidents where known."""
    found = result.summary
    shown = [who for who in WHO if f"{who}_within_green_ratio" in found]
    head = [t("patrol.goal"), *(_who(t, found, who) for who in shown)]
    rows = [
        table_row(
            t("patrol.in_minutes", minutes=minutes),
            [_share(found, f"{who}_within_{goal}_ratio") for who in shown],
        )
        for goal, minutes in zip(GOALS, goals(result), strict=True)
    ]
    return html.Div(
        [plain_table(t("patrol.goals"), head, rows), html.P(t("patrol.lost"), className="help")]
        if found["unreached_inhab"] == 0
        else [
            plain_table(t("patrol.goals"), head, rows),
            html.P(
                t(
                    "patrol.unreached",
                    n=peru_number(found["unreached_inhab"]),
                    need=percent(found["unreached_need_ratio"], 1),
                ),
                className="notice assumed",
            ),
        ]
    )


def before_after_table(t: Translator, result: AnalysisResult) -> Component:
    """Return the figures with the bases there are and with those chosen."""
    table = result.tables["before_after"]
    found, minutes = result.summary, dict(zip(GOALS, goals(result), strict=True))
    rows = []
    for name in COMPARED:
        if name not in table.index:
            continue
        before, after, change = (table.loc[name, key] for key in ("before", "after", "change"))
        write = _points if name.endswith("_ratio") else _minutes
        cells = [write(before), write(after), _signed(write, change)]
        rows.append(table_row(_figure_title(t, found, name, minutes), cells))
    head = [t("patrol.figure"), t("patrol.before"), t("patrol.after"), t("patrol.change")]
    return plain_table(t("patrol.before_after"), head, rows)


def goals(result: AnalysisResult) -> list[str]:
    """Return the goals in minutes as written."""
    return [f"{result.parameters[f'{goal}_min']:g}" for goal in GOALS]


def proxy_mark(t: Translator) -> Component:
    """Return the mark that need is a proxy, where it stands beside a figure."""
    return html.Small(t("patrol.proxy_mark"), className="proxy-mark")


def _who(t: Translator, found: Mapping[str, Any], who: str) -> list[Any]:
    proxy = who == "need" and found["need_is_proxy"]
    return [t(f"patrol.of_{who}"), *([proxy_mark(t)] if proxy else [])]


def _share(found: Mapping[str, Any], name: str) -> list[Any]:
    return [html.B(percent(found[name])), html.Small(percent_span(found, name))]


def _figure_title(
    t: Translator, found: Mapping[str, Any], name: str, minutes: Mapping[str, str]
) -> list[Any]:
    if not name.endswith("_ratio"):
        return [t(f"patrol.{name}")]
    who, _, goal = name.removesuffix("_ratio").partition("_within_")
    proxy = who == "need" and found["need_is_proxy"]
    words = t("patrol.share_within", who=t(f"patrol.of_{who}"), minutes=minutes[goal])
    return [words, *([proxy_mark(t)] if proxy else [])]


def _points(ratio: float) -> str:
    return percent(ratio, 1)


def _minutes(value: float) -> str:
    return peru_number(value, 1)


def _signed(write: Any, change: float) -> str:
    return f"+{write(change)}" if change > 0 else str(write(change))

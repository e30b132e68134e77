"""How many agents are on duty, and the load of each: arithmetic shown step by step.

::

    on duty = agents · (7 − rest days) / 7 / shifts

The plan's own figures stand beside it; where they do not follow from each other that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.security.patrol.rules import PlanFigures
from ilo_geo.security.patrol.rules import patrol_rules

DAYS_A_WEEK = 7
AGENTS, RATIO, INHAB, KM2 = "agents", "inhab_per_agent", "inhab", "km2_per_agent"


@dataclass(frozen=True)
class Roster:
    """Agents on the roll, shifts a day, and rest days a week of each agent."""

    agents: float
    shifts: int
    rest_days: int

    @property
    def at_work(self) -> float:
        """Return the agents at work on any day."""
        return self.agents * (DAYS_A_WEEK - self.rest_days) / DAYS_A_WEEK

    @property
    def on_duty(self) -> float:
        """Return the agents on duty each shift."""
        return self.at_work / self.shifts

    def needed_for(self, per_shift: float) -> float:
        """Return the agents that ``per_shift`` on duty would take, rest included."""
        return per_shift * self.shifts * DAYS_A_WEEK / (DAYS_A_WEEK - self.rest_days)


@dataclass(frozen=True)
class Burden:
    """What the agents on duty share.

    Attributes
    ----------
    inhab
        Inhabitants by population base, and the title of each base.
    urban_km2, district_km2
        Built-up area and area of the districts; None where no layer says it.
    """

    inhab: Mapping[str, tuple[Text, float]]
    urban_km2: float | None
    district_km2: float | None


def roster_table(roster: Roster, burden: Burden, plan: PlanFigures | None) -> pd.DataFrame:
    """Return every step: index ``step``, titles, ``value``, ``unit`` and how it is computed."""
    rows = [*_duty_rows(roster), *_load_rows(roster, burden, plan)]
    if plan is not None:
        rows += _plan_rows(roster, plan)
    columns = ("step", "title_es", "title_en", "value", "unit", "formula")
    return pd.DataFrame(rows, columns=list(columns)).set_index("step")


_Row = tuple[str, str, str, float, str, str]


def _row(step: str, value: float, unit: str, formula: str, *, key: str = "", **words: Text) -> _Row:
    said = patrol_rules().roster_steps[step]
    title = {
        lang: said.format(lang, **{name: word.in_(lang) for name, word in words.items()})
        for lang in ("es", "en")
    }
    return f"{step}_{key}" if key else step, title["es"], title["en"], value, unit, formula


def _duty_rows(roster: Roster) -> list[_Row]:
    agents, days = f"{roster.agents:g}", DAYS_A_WEEK - roster.rest_days
    return [
        _row("agents", roster.agents, AGENTS, agents),
        _row("after_rest", roster.at_work, AGENTS, f"{agents} × {days}/{DAYS_A_WEEK}"),
        _row(
            "on_duty", roster.on_duty, AGENTS, f"{agents} × {days}/{DAYS_A_WEEK} / {roster.shifts}"
        ),
        _row("without_rest", roster.agents / roster.shifts, AGENTS, f"{agents} / {roster.shifts}"),
    ]


def _load_rows(roster: Roster, burden: Burden, plan: PlanFigures | None) -> list[_Row]:
    on_duty = f"{roster.on_duty:.4g}"
    rows = []
    for base, (title, inhab) in burden.inhab.items():
        people = peru_number(inhab)
        load = inhab / roster.on_duty
        rows.append(_row(RATIO, load, INHAB, f"{people} / {on_duty}", key=base, base=title))
        rounded = round(roster.on_duty, 1)
        by_rounded, formula = inhab / rounded, f"{people} / {rounded:g}"
        rows.append(
            _row("inhab_per_rounded_agent", by_rounded, INHAB, formula, key=base, base=title)
        )
        if plan is not None:
            n = plan.per_shift_agents
            said = Text(es=f"{n:g}", en=f"{n:g}")
            by_plan, formula = inhab / n, f"{people} / {n:g}"
            words = {"base": title, "n": said}
            rows.append(_row("inhab_per_plan_shift", by_plan, INHAB, formula, key=base, **words))
    for step, km2 in (
        ("urban_km2_per_agent", burden.urban_km2),
        ("district_km2_per_agent", burden.district_km2),
    ):
        if km2 is not None:
            rows.append(_row(step, km2 / roster.on_duty, "km2", f"{km2:,.2f} / {on_duty}"))
    return rows


def _plan_rows(roster: Roster, plan: PlanFigures) -> list[_Row]:
    n, shifts = plan.per_shift_agents, roster.shifts
    days = DAYS_A_WEEK - roster.rest_days
    with_rest = f"{n:g} × {shifts} × {DAYS_A_WEEK}/{days}"
    people, area = plan.inhab_per_agent, plan.km2_per_agent
    return [
        _row("plan_per_shift", n, AGENTS, plan.source),
        _row("plan_needs", n * shifts, AGENTS, f"{n:g} × {shifts}"),
        _row("plan_needs_rest", roster.needed_for(n), AGENTS, with_rest),
        _row("plan_inhab_per_agent", people, INHAB, plan.source),
        _row("plan_implied_inhab", people * n, INHAB, f"{people:,.0f} × {n:g}"),
        _row("plan_km2_per_agent", area, "km2", plan.source),
        _row("plan_implied_km2", area * n, "km2", f"{area:,.2f} × {n:g}"),
    ]


def roster_notices(roster: Roster, burden: Burden, plan: PlanFigures | None) -> tuple[Notice, ...]:
    """Return what the plan's figures contradict."""
    if plan is None:
        return (Notice("patrol.agents_of_another_city", {"n": f"{roster.agents:g}"}),)
    said = []
    if plan.per_shift_agents * roster.shifts > roster.agents:
        fields = {
            "plan": f"{plan.per_shift_agents:g}",
            "needed": f"{plan.per_shift_agents * roster.shifts:g}",
            "agents": f"{roster.agents:g}",
            "shifts": roster.shifts,
            "on_duty": f"{roster.on_duty:.1f}",
        }
        said.append(Notice("patrol.shifts_do_not_add_up", fields))
    loads = tuple(
        Text(
            es=f"{peru_number(inhab / roster.on_duty)} ({title.es})",
            en=f"{peru_number(inhab / roster.on_duty)} ({title.en})",
        )
        for title, inhab in burden.inhab.values()
    )
    fields = {
        "ratio": peru_number(plan.inhab_per_agent),
        "implied": peru_number(plan.inhab_per_agent * plan.per_shift_agents),
        "loads": loads,
        "area": peru_number(plan.km2_per_agent, 2),
        "implied_area": peru_number(plan.km2_per_agent * plan.per_shift_agents, 1),
        "urban": "–"
        if burden.urban_km2 is None
        else peru_number(burden.urban_km2 / roster.on_duty, 2),
    }
    said.append(Notice("patrol.ratios_do_not_derive", fields))
    return tuple(said)

"""How the council's table is written: times in Lima, money, costs, states."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app.i18n import Translator
from ilo_geo.core.errors import InputError
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle

MOMENT = "%d/%m/%Y %H:%M"


def lima(moment: datetime | None) -> str:
    """Return a moment as the city's clock shows it, nothing for none."""
    return "" if moment is None else moment.astimezone(rulebook().zone).strftime(MOMENT)


def iso_of(typed: str) -> str:
    """Return a typed moment of the city's clock in ISO form, nothing for nothing.

    Raises
    ------
    InputError
        It is not written as dd/mm/aaaa HH:MM.
    """
    if not typed.strip():
        return ""
    try:
        return datetime.strptime(typed.strip(), MOMENT).replace(tzinfo=rulebook().zone).isoformat()
    except ValueError as error:
        raise InputError("council.moment", found=typed[:40]) from error


def soles(value: float | None) -> str:
    """Return an amount of money."""
    return f"S/ {peru_number(value)}"


def cost(t: Translator, record: dict[str, Any]) -> str:
    """Return the cost of a proposal in words."""
    low, high = record["cost_min_soles"], record["cost_max_soles"]
    if low is None or high is None:
        return t("proposals.no_cost")
    if low == high:
        return soles(low)
    return t("proposals.between", low=soles(low), high=soles(high))


def state_title(t: Translator, state: str) -> str:
    """Return the name of a state."""
    return t.of(lifecycle().states[state])


def state_chip(t: Translator, state: str, group: str) -> Component:
    """Return the state as a chip."""
    return html.Span(state_title(t, state), className=f"state-chip state-{group}")


def verdict_chip(t: Translator, verdict: str) -> Component:
    """Return the verdict on feasibility as a chip."""
    words = t.of(rulebook().verdicts[verdict])
    return html.Span(words, className=f"feasibility feasibility-{verdict}")


def paragraphs(text: str, name: str = "written") -> Component:
    """Return what somebody wrote, its lines kept, as text and nothing else."""
    return html.P(text, className=name)

"""How the council's sittings and campaigns are written: times of Lima, money, names of states."""

from __future__ import annotations

from datetime import date
from datetime import datetime
from typing import Any

from dash_app.i18n import Translator
from ilo_geo.core.errors import InputError
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle

MOMENT, DAY = "%d/%m/%Y %H:%M", "%d/%m/%Y"


def lima(moment: datetime | None) -> str:
    """Return a moment as the city's clock shows it, nothing for none."""
    return "" if moment is None else moment.astimezone(rulebook().zone).strftime(MOMENT)


def day(value: date | datetime) -> str:
    """Return a day; of a moment, the one it falls on in the city."""
    if isinstance(value, datetime):
        value = value.astimezone(rulebook().zone)
    return value.strftime(DAY)


def iso_moment(typed: str, where: str) -> str:
    """Return a typed moment in ISO form, nothing for nothing.

    Raises
    ------
    InputError
        It is not written as dd/mm/aaaa HH:MM.
    """
    return _iso(typed, MOMENT, where, "dd/mm/aaaa HH:MM")


def iso_day(typed: str, where: str) -> str:
    """Return a typed day in ISO form, nothing for nothing; `InputError` where it is none."""
    return _iso(typed, DAY, where, "dd/mm/aaaa")[:10]


def _iso(typed: str, pattern: str, where: str, expected: str) -> str:
    if not typed.strip():
        return ""
    try:
        return datetime.strptime(typed.strip(), pattern).replace(tzinfo=rulebook().zone).isoformat()
    except ValueError as error:
        raise InputError(
            "council.typed_moment", where=where, found=typed[:40], expected=expected
        ) from error


def soles(value: float) -> str:
    """Return an amount of money."""
    return f"S/ {peru_number(value)}"


def range_of(t: Translator, low: float, high: float) -> str:
    """Return an amount of money between two, once where they are the same."""
    if low == high:
        return soles(low)
    return t("council.between", low=soles(low), high=soles(high))


def cost(t: Translator, record: dict[str, Any]) -> str:
    """Return what a proposal costs in words."""
    low, high = record["cost_min_soles"], record["cost_max_soles"]
    return t("council.no_cost") if low is None or high is None else range_of(t, low, high)


def state_title(t: Translator, state: str) -> str:
    """Return the name of a proposal's state."""
    return t.of(lifecycle().states[state])


def kind_title(t: Translator, kind: str) -> str:
    """Return the name of a kind of proposal."""
    return t.of(rulebook().kinds[kind].title)

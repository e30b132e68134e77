"""How sittings and campaigns are written, beside `proposal_words`: days, money between, kinds."""

from __future__ import annotations

from datetime import date
from datetime import datetime
from typing import Any

from dash_app.components.proposal_words import soles
from dash_app.i18n import Translator
from ilo_geo.core.errors import InputError
from ilo_geo.proposals.rulebook import rulebook

DAY = "%d/%m/%Y"


def day(value: date) -> str:
    """Return a day; of a moment, the one it falls on in the city."""
    if isinstance(value, datetime):
        value = value.astimezone(rulebook().zone)
    return value.strftime(DAY)


def iso_day(typed: str) -> str:
    """Return a typed day in ISO form, nothing for nothing.

    Raises
    ------
    InputError
        It is not written as dd/mm/aaaa.
    """
    if not typed.strip():
        return ""
    try:
        return (
            datetime.strptime(typed.strip(), DAY).replace(tzinfo=rulebook().zone).date().isoformat()
        )
    except ValueError as error:
        raise InputError("council.day", found=typed[:40]) from error


def money(value: float) -> str:
    """Return an amount that stays on its line."""
    return soles(value).replace(" ", "\u00a0")


def range_of(t: Translator, low: float, high: float) -> str:
    """Return an amount of money between two, once where they are the same."""
    return money(low) if low == high else t("proposals.between", low=money(low), high=money(high))


def cost(t: Translator, record: dict[str, Any]) -> str:
    """Return what a proposal costs in words."""
    low, high = record["cost_min_soles"], record["cost_max_soles"]
    return t("proposals.no_cost") if low is None or high is None else range_of(t, low, high)


def kind_title(t: Translator, kind: str) -> str:
    """Return the name of a kind of proposal."""
    return t.of(rulebook().kinds[kind].title)

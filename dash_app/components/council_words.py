"""How sittings and campaigns are written, beside `proposal_words`: days, money between, kinds."""

from __future__ import annotations

from datetime import date
from datetime import datetime

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


def range_of(t: Translator, low: float, high: float) -> str:
    """Return an amount of money between two, once where they are the same."""
    return soles(low) if low == high else t("proposals.between", low=soles(low), high=soles(high))


def kind_title(t: Translator, kind: str) -> str:
    """Return the name of a kind of proposal."""
    return t.of(rulebook().kinds[kind].title)

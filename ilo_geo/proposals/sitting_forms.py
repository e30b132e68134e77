"""What somebody may ask of a sitting of the council, checked field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field

from ilo_geo.proposals.model import LIMITS
from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import Line
from ilo_geo.proposals.model import Moment
from ilo_geo.proposals.model import Name
from ilo_geo.proposals.model import OptionalId
from ilo_geo.proposals.model import RecordId
from ilo_geo.proposals.model import Title
from ilo_geo.proposals.model import VersionForm

# a year that is no slip of the keyboard
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _given(value: datetime | None) -> datetime | None:
    if value is None or not FIRST_YEAR <= value.year <= LAST_YEAR:
        msg = f"{FIRST_YEAR}-01-01T00:00 ≤ … ≤ {LAST_YEAR}-12-31T23:59"
        raise ValueError(msg)
    return value


def _each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) != len(value):
        msg = "1 ×"
        raise ValueError(msg)
    return value


class SittingForm(Form):
    """A sitting: what it is called, where and when, and its agenda in order."""

    title: Title
    place: Line = ""
    starts_at: Annotated[Moment, AfterValidator(_given)]
    agenda: Annotated[
        tuple[RecordId, ...], Field(max_length=LIMITS.agenda), AfterValidator(_each_once)
    ] = ()


class EditSittingForm(SittingForm, VersionForm):
    """A sitting as it shall be, over the version that was seen."""


class AttendanceForm(Form):
    """Whether a councillor is there."""

    account_id: RecordId
    present: bool


class PresidingForm(Form):
    """Who presides."""

    presided_by: Name


class ScreenForm(Form):
    """The proposal the chamber shall look at, nothing for the agenda."""

    proposal_id: OptionalId = ""

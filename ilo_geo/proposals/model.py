"""What somebody may ask of the council, checked field by field.

A form takes nothing that is not in it, so a state, an author or a count that somebody adds to a
request is refused, not believed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from typing import Any
from typing import Self

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic_core import PydanticKnownError

from ilo_geo.proposals.rulebook import rulebook

LIMITS = rulebook().limits
# a year outside is a slip of the hand, and some have no moment in UTC
FIRST_YEAR, LAST_YEAR = 2000, 2200
# what no text of ours needs: control characters, marks that turn the direction of writing, and
# halves of letters that no file can hold
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def _one_line(value: object) -> object:
    return " ".join(UNSEEN.sub("", value).split()) if isinstance(value, str) else value


def _paragraphs(value: object) -> object:
    return UNSEEN.sub("", value.replace("\r\n", "\n")).strip() if isinstance(value, str) else value


def _one_of(known: Mapping[str, object], *, optional: bool = False) -> Any:
    def check(value: str) -> str:
        if value not in known and not (optional and value == ""):
            raise ValueError(", ".join(known))
        return value

    return AfterValidator(check)


def _local(value: object) -> object:
    """Return a moment; one without a zone is of the city's clock."""
    if isinstance(value, str):
        value = None if not value.strip() else datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return value
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        msg = f"{FIRST_YEAR}–{LAST_YEAR}"
        raise ValueError(msg)
    return value if value.tzinfo is not None else value.replace(tzinfo=rulebook().zone)


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        # True would be S/ 1
        raise PydanticKnownError("int_type")
    return value


def _invierte(value: str) -> str:
    if value and not re.fullmatch(rulebook().invierte_pattern, value):
        raise ValueError(rulebook().invierte_pattern)
    return value


# where the shape of a proposal is from
DRAWN, IMPORTED, CANDIDATE = "drawn", "imported", "candidate"

Line = Annotated[str, BeforeValidator(_one_line), Field(max_length=LIMITS.short_letters)]
Title = Annotated[
    str, BeforeValidator(_one_line), Field(min_length=1, max_length=LIMITS.title_letters)
]
Name = Annotated[
    str, BeforeValidator(_one_line), Field(min_length=1, max_length=LIMITS.name_letters)
]
Paragraphs = Annotated[str, BeforeValidator(_paragraphs), Field(max_length=LIMITS.text_letters)]
# what must not be left empty: a reason, an argument
Written = Annotated[
    str, BeforeValidator(_paragraphs), Field(min_length=1, max_length=LIMITS.text_letters)
]
Soles = Annotated[int, BeforeValidator(_no_flag), Field(ge=0, le=LIMITS.cost_soles)]
Moment = Annotated[datetime | None, BeforeValidator(_local)]
RecordId = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
OptionalId = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]


class Form(BaseModel):
    """What a verb takes beside its subject."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoForm(Form):
    """Nothing."""


class VersionForm(Form):
    """The version that whoever asks has before them."""

    version: int


class ReasonForm(Form):
    """A written reason."""

    reason: Written


class ProposalForm(Form):
    """What a proposal says of itself; its shape comes beside it."""

    title: Title
    description: Paragraphs = ""
    kind: Annotated[str, _one_of(rulebook().kinds)]
    cost_min_soles: Soles | None = None
    cost_max_soles: Soles | None = None
    funds_source: Line = ""
    invierte_code: Annotated[Line, AfterValidator(_invierte)] = ""
    office: Line = ""
    commitment: Annotated[str, _one_of(rulebook().commitments, optional=True)] = ""

    @model_validator(mode="after")
    def _range(self) -> Self:
        low, high = self.cost_min_soles, self.cost_max_soles
        if (low is None) != (high is None) or (low is not None and high is not None and low > high):
            msg = "cost_min_soles ≤ cost_max_soles"
            raise ValueError(msg)
        return self


class NewProposalForm(ProposalForm):
    """A new proposal as somebody writes it, who also drew its shape."""


class FoundProposalForm(ProposalForm):
    """A new proposal whose shape the planner found: in a municipal layer, or by a search."""

    origin: Annotated[str, _one_of({IMPORTED: 0, CANDIDATE: 0})]
    origin_ref: OptionalId


class EditForm(ProposalForm, VersionForm):
    """A proposal as it shall be, over the version that was seen."""


class AssessForm(Form):
    """A verdict on feasibility with its reason."""

    verdict: Annotated[str, _one_of(rulebook().verdicts)]
    reason: Written
    # of the proposal as it was read; a page sends it, so that no verdict replaces one unseen
    version: int | None = None


class OpenVoteForm(Form):
    """Until when members may vote, how many have to, and in which sitting."""

    closes_at: Moment = None
    quorum: Annotated[int, Field(ge=1, le=1000)] | None = None
    sitting_id: OptionalId = ""


class VoteForm(Form):
    """A member's choice in the ballot they have before them."""

    ballot_id: RecordId
    choice: Annotated[str, _one_of(rulebook().choices)]


class CloseVoteForm(Form):
    """How the one who presides breaks a tie, and in what words; empty where there is none.

    ``ballot_id`` is the ballot that was seen: a second press does not close the next one.
    """

    ballot_id: OptionalId = ""

    casting: Annotated[str, _one_of({"for": 0, "against": 0}, optional=True)] = ""
    reason: Paragraphs = ""


class CommentForm(Form):
    """A remark, or a point for or against."""

    stance: Annotated[str, _one_of(rulebook().stances)]
    text: Written


class HideForm(ReasonForm):
    """Which comment is hidden, and why."""

    comment_id: RecordId


class ShowForm(Form):
    """Which comment is shown again."""

    comment_id: RecordId


class DetachForm(ReasonForm):
    """Which document is taken away, and why."""

    document_id: RecordId

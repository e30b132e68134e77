"""What somebody may ask of a campaign of the participatory budget, checked field by field."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator
from pydantic import Field

from ilo_geo.proposals.model import LIMITS
from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import Paragraphs
from ilo_geo.proposals.model import RecordId
from ilo_geo.proposals.model import Title
from ilo_geo.proposals.model import VersionForm
from ilo_geo.proposals.rulebook import rulebook


def _every_phase_in_order(value: dict[str, date]) -> dict[str, date]:
    phases = list(rulebook().phases)
    if set(value) != set(phases):
        raise ValueError(", ".join(phases))
    days = [value[phase] for phase in phases]
    if any(later < earlier for earlier, later in pairwise(days)):
        raise ValueError(" ≤ ".join(phases))
    return dict(zip(phases, days, strict=True))


def _known_phase(value: str) -> str:
    if value not in rulebook().phases:
        raise ValueError(", ".join(rulebook().phases))
    return value


class CampaignForm(Form):
    """A campaign: its envelope in S/ and the day each phase is to begin."""

    title: Title
    description: Paragraphs = ""
    envelope_soles: Annotated[int, Field(ge=1, le=LIMITS.cost_soles)]
    phase_days: Annotated[dict[str, date], AfterValidator(_every_phase_in_order)]


class EditCampaignForm(CampaignForm, VersionForm):
    """A campaign as it shall be, over the version that was seen."""


class MoveCampaignForm(VersionForm):
    """The phase to move to, and why; a step back needs its reason."""

    to: Annotated[str, AfterValidator(_known_phase)]
    reason: Paragraphs = ""


class JoinForm(Form):
    """Which campaign a proposal becomes a project of."""

    campaign_id: RecordId

"""Campaigns of the participatory budget: one function a verb.

A campaign goes through the phases of ``council.yaml`` one at a time. A step back is a correction
and needs a written reason; closed is final. Its projects come and go by
`ilo_geo.proposals.commands.projects`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.proposals.campaign_forms import CampaignForm
from ilo_geo.proposals.campaign_forms import EditCampaignForm
from ilo_geo.proposals.campaign_forms import MoveCampaignForm
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import phase_change


def create_campaign(repo: Repository, asked: Mapping[str, Any]) -> Record:
    """Write a new campaign in its first phase."""
    require_allowed(repo, "create_campaign")
    form = form_of(CampaignForm, asked)
    return repo.add(
        campaign,
        "create_campaign",
        **form.model_dump(mode="json"),
        phase=next(iter(rulebook().phases)),
        account_id=repo.actor.account_id,
        created_at=repo.now,
        updated_at=repo.now,
    )


def edit_campaign(repo: Repository, campaign_id: str, asked: Mapping[str, Any]) -> Record:
    """Write a campaign anew over the version that was seen.

    Raises
    ------
    ConflictError
        It is closed, somebody changed it meanwhile, or its phase no longer takes another
        envelope.
    """
    require_allowed(repo, "edit_campaign")
    found = repo.get(campaign, campaign_id)
    form = form_of(EditCampaignForm, asked)
    if found["phase"] == CLOSED:
        raise ConflictError("council.campaign_closed", found=found["title"])
    other_envelope = form.envelope_soles != found["envelope_soles"]
    if other_envelope and found["phase"] not in rulebook().project_phases:
        raise ConflictError("council.envelope_fixed", found=rulebook().phases[found["phase"]])
    return repo.change(
        campaign,
        "edit_campaign",
        found,
        seen=form.version,
        **form.model_dump(mode="json", exclude={"version"}),
        updated_at=repo.now,
    )


def move_campaign(repo: Repository, campaign_id: str, asked: Mapping[str, Any]) -> Record:
    """Move a campaign to the next phase, or with a reason to the one before.

    Raises
    ------
    ConflictError
        It is closed, the phase is not next to the one it is in, or somebody moved it meanwhile.
    InputError
        A step back has no reason.
    """
    require_allowed(repo, "move_campaign")
    found = repo.get(campaign, campaign_id)
    form = form_of(MoveCampaignForm, asked)
    names = rulebook().phases
    if form.to not in phases_beside(found["phase"]):
        raise ConflictError(
            "council.phase_step",
            found=names[found["phase"]],
            expected=tuple(names[phase] for phase in phases_beside(found["phase"])) or "—",
        )
    if is_back(found["phase"], form.to) and not form.reason:
        raise InputError("council.phase_reason", found=names[form.to])
    moved = repo.change(
        campaign,
        "move_campaign",
        found,
        seen=form.version,
        phase=form.to,
        updated_at=repo.now,
    )
    repo.add(
        phase_change,
        "move_campaign",
        campaign_id=found["id"],
        from_phase=found["phase"],
        to_phase=form.to,
        at=repo.now,
        actor=repo.actor.pseudonym,
        role=repo.actor.role,
        reason=form.reason,
    )
    return moved


def phases_beside(phase: str) -> tuple[str, ...]:
    """Return the phases a campaign may move to: the one before and the next; none from closed."""
    phases = list(rulebook().phases)
    at = phases.index(phase)
    beside = (*phases[max(at - 1, 0) : at], *phases[at + 1 : at + 2])
    return () if phase == CLOSED else beside


def is_back(phase: str, to: str) -> bool:
    """Return whether a phase lies before another."""
    phases = list(rulebook().phases)
    return phases.index(to) < phases.index(phase)

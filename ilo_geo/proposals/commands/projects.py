"""Proposals as projects of a campaign: each of one at most, while its phase takes projects."""

from __future__ import annotations

from ilo_geo.core.errors import ConflictError
from ilo_geo.proposals.campaign_forms import JoinForm
from ilo_geo.proposals.model import NoForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import proposal


def join_campaign(repo: Repository, found: Record, form: JoinForm) -> Record:
    """Make a proposal a project of a campaign; its cost may well exceed the envelope.

    Raises
    ------
    ConflictError
        It is in a campaign already, or the campaign takes no projects in its phase.
    """
    wanted = repo.get(campaign, form.campaign_id)
    if found["campaign_id"]:
        title = repo.get(campaign, found["campaign_id"])["title"]
        raise ConflictError("council.campaign_taken", found=title)
    _require_taking(wanted)
    return repo.change(
        proposal, "join_campaign", found, campaign_id=wanted["id"], updated_at=repo.now
    )


def leave_campaign(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Take a proposal out of its campaign.

    Raises
    ------
    ConflictError
        It is in none, or the campaign's phase holds its projects.
    """
    if not found["campaign_id"]:
        raise ConflictError("council.campaign_none")
    _require_taking(repo.get(campaign, found["campaign_id"]))
    return repo.change(proposal, "leave_campaign", found, campaign_id=None, updated_at=repo.now)


def _require_taking(wanted: Record) -> None:
    known = rulebook()
    if wanted["phase"] not in known.project_phases:
        raise ConflictError(
            "council.campaign_phase",
            found=known.phases[wanted["phase"]],
            expected=tuple(known.phases[phase] for phase in known.project_phases),
        )

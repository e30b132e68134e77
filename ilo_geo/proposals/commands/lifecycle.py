"""What moves a proposal along, a function a verb.

Each takes the repository (its transaction, its actor and its moment), the proposal as it stands and
a checked form, and returns the proposal as it is then. Whether the actor may, and whether the
lifecycle knows the step, was asked before (`ilo_geo.proposals.commands.perform`).
"""

from __future__ import annotations

from typing import Any

import shapely

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.text import folded
from ilo_geo.proposals import states
from ilo_geo.proposals.chamber import withdraw_vote
from ilo_geo.proposals.model import CANDIDATE
from ilo_geo.proposals.model import DRAWN
from ilo_geo.proposals.model import AssessForm
from ilo_geo.proposals.model import EditForm
from ilo_geo.proposals.model import NoForm
from ilo_geo.proposals.model import ProposalForm
from ilo_geo.proposals.model import ReasonForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import agenda_item
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import scenario_item
from ilo_geo.proposals.tables import sheet
from ilo_geo.proposals.tables import state_change

# a shape that nobody moved comes back from a browser by degrees with few decimals
ROUNDED_M = 0.5
NO_VERDICT = {"feasibility": "", "feasibility_reason": "", "feasibility_by": ""}


def create(
    repo: Repository, form: ProposalForm, shape: shapely.Geometry, srid: int, zone: str
) -> Record:
    """Write a draft of the actor's own; ``shape`` is checked and in the metric CRS ``srid``."""
    return repo.add(
        proposal,
        "create",
        **{"origin": DRAWN, "origin_ref": "", **form.model_dump()},
        **_placed(shape, zone),
        srid=srid,
        number=repo.next_number(proposal),
        account_id=repo.actor.account_id,
        state=states.DRAFT,
        state_since=repo.now,
        **NO_VERDICT,
        search_text=_search_text(form),
        created_at=repo.now,
        updated_at=repo.now,
    )


def edit(
    repo: Repository, found: Record, form: EditForm, shape: shapely.Geometry, zone: str
) -> Record:
    """Write a proposal anew over the version its author saw.

    A verdict was of what it was: it is void from here on, and stays in the story.

    Raises
    ------
    ConflictError
        Somebody changed it meanwhile, or its campaign no longer takes other costs.
    """
    _require_costs_free(repo, found, form)
    return repo.change(
        proposal,
        "edit",
        found,
        seen=form.version,
        **form.model_dump(exclude={"version"}),
        **_placed(shape, zone),
        **_of_no_search(found, shape),
        **NO_VERDICT,
        search_text=_search_text(form),
        updated_at=repo.now,
    )


def discard(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Take back a draft that nobody else has seen."""
    for table in (sheet, document, scenario_item, agenda_item, state_change):
        for record in repo.find(table, table.c.proposal_id == found["id"]):
            repo.remove(table, "discard", record)
    repo.remove(proposal, "discard", found)
    return found


def submit(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Put a draft before the municipality: from now on it can be read."""
    return step(repo, found, "submit", states.SUBMITTED)


def take_up(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Begin the technical review."""
    return step(repo, found, "take_up", states.IN_REVIEW)


def observe(repo: Repository, found: Record, form: ReasonForm) -> Record:
    """Return it to its author with what is to be mended; a verdict before that is void."""
    return step(repo, found, "observe", states.OBSERVED, form.reason, **NO_VERDICT)


def answer(repo: Repository, found: Record, form: ReasonForm) -> Record:
    """Answer the observations; the review goes on."""
    return step(repo, found, "answer", states.IN_REVIEW, form.reason)


def assess(repo: Repository, found: Record, form: AssessForm) -> Record:
    """Write the verdict on feasibility with its reason; one that was written before is kept too.

    Raises
    ------
    ConflictError
        Another verdict was written since the version that was seen.
    """
    note(repo, found, "assess", form.reason, form.verdict)
    return repo.change(
        proposal,
        "assess",
        found,
        seen=form.version,
        feasibility=form.verdict,
        feasibility_reason=form.reason,
        feasibility_by=repo.actor.pseudonym,
        updated_at=repo.now,
    )


def open_debate(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Bring a reviewed proposal before the council.

    Raises
    ------
    ConflictError
        Nobody has written a verdict yet.
    """
    if not found["feasibility"]:
        raise ConflictError("council.no_verdict")
    return step(repo, found, "open_debate", states.IN_DEBATE)


def archive(repo: Repository, found: Record, form: ReasonForm) -> Record:
    """Put it aside with a reason; a vote that is open on it is void."""
    withdraw_vote(repo, found)
    return step(repo, found, "archive", states.ARCHIVED, form.reason)


def start(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Begin the works of an approved proposal."""
    return step(repo, found, "start", states.IN_PROGRESS)


def complete(repo: Repository, found: Record, _form: NoForm) -> Record:
    """End the works."""
    return step(repo, found, "complete", states.DONE)


def step(
    repo: Repository, found: Record, verb: str, to: str, reason: str = "", **changes: Any
) -> Record:
    """Move a proposal to another state and keep when, by whom and why."""
    note(repo, found, verb, reason, to=to)
    moved: dict[str, Any] = {"state": to, "state_since": repo.now, "updated_at": repo.now}
    return repo.change(proposal, verb, found, **moved, **changes)


def note(
    repo: Repository,
    found: Record,
    verb: str,
    reason: str,
    detail: str = "",
    *,
    to: str | None = None,
) -> None:
    """Keep in a proposal's story what was done, when, by whom and why; ``to`` where it moved."""
    repo.add(
        state_change,
        verb,
        proposal_id=found["id"],
        verb=verb,
        from_state=found["state"],
        to_state=to or found["state"],
        at=repo.now,
        actor=repo.actor.pseudonym,
        role=repo.actor.role,
        detail=detail,
        reason=reason,
    )


def _require_costs_free(repo: Repository, found: Record, form: EditForm) -> None:
    """Refuse another cost of a project whose campaign is past the phases that take projects."""
    costs = ("cost_min_soles", "cost_max_soles")
    if found["campaign_id"] is None or all(getattr(form, one) == found[one] for one in costs):
        return
    held = repo.get(campaign, found["campaign_id"])
    book = rulebook()
    if held["phase"] not in book.project_phases:
        raise ConflictError("council.costs_fixed", found=book.phases[held["phase"]])


def _placed(shape: shapely.Geometry, zone: str) -> dict[str, Any]:
    box = dict(zip(("min_x", "min_y", "max_x", "max_y"), shape.bounds, strict=True))
    return {"geometry": shapely.to_wkb(shape), "zone": zone, **box}


def _of_no_search(found: Record, shape: shapely.Geometry) -> dict[str, str]:
    """Return that a shape which was moved is no longer the site that a search chose."""
    before = shapely.from_wkb(found["geometry"])
    moved = shapely.hausdorff_distance(before, shape) > ROUNDED_M
    return {"origin": DRAWN, "origin_ref": ""} if moved and found["origin"] == CANDIDATE else {}


def _search_text(form: ProposalForm) -> str:
    return folded(f"{form.title}\n{form.description}\n{form.office}")

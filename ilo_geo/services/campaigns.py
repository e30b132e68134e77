"""Campaigns of the participatory budget: the door to their commands, and what one may read."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ilo_geo.core.text import Text
from ilo_geo.proposals.commands import campaigns as commands
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.listing import listed
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import APPROVED
from ilo_geo.proposals.states import ARCHIVED
from ilo_geo.proposals.states import DONE
from ilo_geo.proposals.states import IN_PROGRESS
from ilo_geo.proposals.states import REJECTED
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import phase_change
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import People
from ilo_geo.services.council_views import shape_of

READ = "read_campaign"
# states in which a project's cost is committed, and those in which it is off the table
COMMITTED, DROPPED = (APPROVED, IN_PROGRESS, DONE), (REJECTED, ARCHIVED)
PAST, CURRENT, TO_COME = "past", "current", "to_come"


@dataclass(frozen=True)
class Project:
    """A proposal in a campaign.

    Attributes
    ----------
    record
        What a list says of it (`ilo_geo.proposals.listing`).
    shape
        GeoJSON in WGS 84.
    reason
        Why the technical review found what it did, empty before.
    counted
        Whether it counts against the envelope: it was neither rejected nor archived.
    committed
        Whether the council approved it.
    over
        Whether it alone may cost more than the envelope.
    """

    record: Record
    shape: dict[str, Any]
    reason: str
    counted: bool
    committed: bool
    over: bool


@dataclass(frozen=True)
class PhaseStep:
    """A phase: the day it was to begin, when it did (last), and where it lies from today's."""

    phase: str
    day: date
    began_at: datetime | None
    place: str


@dataclass(frozen=True)
class Move:
    """A step from a phase to another."""

    at: datetime
    who: Text
    from_phase: str
    to_phase: str
    reason: str


@dataclass(frozen=True)
class Money:
    """What projects cost in S/, least and most; ``n_unknown`` of them say no cost."""

    low: int
    high: int
    n_unknown: int


@dataclass(frozen=True)
class CampaignView:
    """A campaign as its reader may see it.

    Attributes
    ----------
    asked, committed
        What the projects that count, and those that were approved, cost together.
    due
        The phase it should be in today by the planned days; None before the first.
    joinable
        Proposals that could become projects (number, title, id); empty for who may not.
    verbs
        What the reader may do with it now.
    """

    record: Record
    projects: tuple[Project, ...]
    phases: tuple[PhaseStep, ...]
    moves: tuple[Move, ...]
    asked: Money
    committed: Money
    due: str | None
    joinable: tuple[Record, ...]
    verbs: frozenset[str]


def create(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Write a new campaign; see `ilo_geo.proposals.commands.campaigns`."""
    with council.writing(actor) as repo:
        return commands.create_campaign(repo, asked)


def edit(council: Council, actor: Actor, campaign_id: str, asked: Mapping[str, Any]) -> Record:
    """Write a campaign anew over the version that was seen."""
    with council.writing(actor) as repo:
        return commands.edit_campaign(repo, campaign_id, asked)


def move(council: Council, actor: Actor, campaign_id: str, asked: Mapping[str, Any]) -> Record:
    """Move a campaign a phase on, or with a reason a phase back."""
    with council.writing(actor) as repo:
        return commands.move_campaign(repo, campaign_id, asked)


def campaigns(council: Council, actor: Actor) -> list[Record]:
    """Return every campaign, the latest first, with how many projects it has (``n_projects``)."""
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        found = repo.find(campaign, order=(campaign.c.created_at.desc(), campaign.c.id))
        for one in found:
            one["n_projects"] = repo.count(proposal, proposal.c.campaign_id == one["id"])
        return found


def may_create(council: Council, actor: Actor) -> bool:
    """Return whether somebody may create a campaign."""
    with council.reading(actor) as repo:
        return allows(actor, "create_campaign", open_to_all=is_open(repo))


def campaign_view(council: Council, actor: Actor, campaign_id: str) -> CampaignView:
    """Return a campaign with its projects, costs and phases.

    Raises
    ------
    NotFoundError
        There is none of that id.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        return view_of_campaign(repo, repo.get(campaign, campaign_id))


def view_of_campaign(repo: Repository, found: Record) -> CampaignView:
    """Return a campaign that was read in this transaction, with all that belongs to it."""
    projects = tuple(_projects(repo, found))
    changes = repo.find(
        phase_change,
        phase_change.c.campaign_id == found["id"],
        order=(phase_change.c.at, phase_change.c.id),
    )
    people = People(repo)
    moves = [
        Move(
            one["at"],
            people.called(one["actor"]),
            one["from_phase"],
            one["to_phase"],
            one["reason"],
        )
        for one in changes
    ]
    verbs = frozenset(_verbs(repo, found))
    return CampaignView(
        record=found,
        projects=projects,
        phases=tuple(_steps(found, moves)),
        moves=tuple(moves),
        asked=money(one.record for one in projects if one.counted),
        committed=money(one.record for one in projects if one.committed),
        due=_due(found, repo.now.astimezone(rulebook().zone).date()),
        joinable=tuple(_joinable(repo)) if "join_campaign" in verbs else (),
        verbs=verbs,
    )


def money(records: Iterable[Record]) -> Money:
    """Return what proposals cost together, those without a cost counted apart."""
    low = high = n_unknown = 0
    for one in records:
        n_unknown += one["cost_min_soles"] is None
        low += one["cost_min_soles"] or 0
        high += one["cost_max_soles"] or 0
    return Money(low, high, n_unknown)


def _projects(repo: Repository, found: Record) -> Iterator[Project]:
    rows = repo.find(proposal, proposal.c.campaign_id == found["id"])
    known = {one["id"]: one for one in rows}
    for record in listed(repo, Filter(campaign_id=found["id"], zone="", text="")):
        yield Project(
            record=record,
            shape=shape_of(known[record["id"]]),
            reason=known[record["id"]]["feasibility_reason"],
            counted=record["state"] not in DROPPED,
            committed=record["state"] in COMMITTED,
            over=(record["cost_max_soles"] or 0) > found["envelope_soles"],
        )


def _steps(found: Record, moves: list[Move]) -> Iterator[PhaseStep]:
    names = list(rulebook().phases)
    at = names.index(found["phase"])
    began = {names[0]: found["created_at"], **{move.to_phase: move.at for move in moves}}
    for n, phase in enumerate(names):
        place = CURRENT if n == at else PAST if n < at else TO_COME
        # one that was begun and taken back has not begun
        when = None if place == TO_COME else began.get(phase)
        yield PhaseStep(phase, date.fromisoformat(found["phase_days"][phase]), when, place)


def _due(found: Record, today: date) -> str | None:
    begun = [name for name, day in _days(found) if day <= today]
    return begun[-1] if begun else None


def _days(found: Record) -> list[tuple[str, date]]:
    return [(name, date.fromisoformat(found["phase_days"][name])) for name in rulebook().phases]


def _verbs(repo: Repository, found: Record) -> Iterator[str]:
    open_to_all = is_open(repo)
    if found["phase"] == CLOSED:
        return
    for verb in ("edit_campaign", "move_campaign"):
        if allows(repo.actor, verb, open_to_all=open_to_all):
            yield verb
    if found["phase"] in rulebook().project_phases:
        for verb in ("join_campaign", "leave_campaign"):
            if _states_of(repo.actor, verb):
                yield verb


def _states_of(actor: Actor, verb: str) -> tuple[str, ...]:
    """Return the states in which somebody may use a verb on any proposal."""
    where = permissions().verbs[verb].cell(actor.role).any
    return tuple(where) if isinstance(where, tuple) else ()


def _joinable(repo: Repository) -> list[Record]:
    columns = (proposal.c.id, proposal.c.number, proposal.c.title)
    free = proposal.c.campaign_id.is_(None)
    states = proposal.c.state.in_(_states_of(repo.actor, "join_campaign"))
    query = select(*columns).where(free, states).order_by(proposal.c.number.desc())
    return [dict(row) for row in repo.connection.execute(query).mappings()]

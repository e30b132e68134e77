"""What the minutes of a sitting say, as data with one fingerprint.

Nothing that happens after the close changes them. The members are those of the council when the
sitting was opened, the roll of a ballot those of its own opening, and titles, states and deeds of
the agenda were kept at the close. People stand in the fingerprint by the ids of their accounts and
by pseudonyms, their names beside it: an account that is erased moves a name and no fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.text import Text
from ilo_geo.proposals.chamber import agenda_of
from ilo_geo.proposals.chamber import deeds_in
from ilo_geo.proposals.chamber import members_of
from ilo_geo.proposals.chamber import quorum_of
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import vote
from ilo_geo.services.council_views import People
from ilo_geo.services.dossier_data import CAST
from ilo_geo.services.dossier_data import Ballot
from ilo_geo.services.dossier_data import Deed
from ilo_geo.services.dossier_data import Vote
from ilo_geo.services.paper_data import Data
from ilo_geo.services.paper_data import sha256_of

READ = "read_sitting"
MOST_NUMBER = 2**31 - 1
# a proposal that was voted on in the sitting and is not on its agenda
BESIDE: Record = {"position": None, "at_close": None}


class Seat(Data):
    """A member of the council; ``at`` is when attendance was recorded, None for absent."""

    account_id: str
    who: Text = Field(exclude=True)
    at: datetime | None


class RollVote(Vote):
    """A member's choice in a roll call; the name is printed and not in the fingerprint."""

    account_id: str
    who: Text = Field(exclude=True)


class RollBallot(Ballot):
    """A ballot whose roll are the members of its opening."""

    roll: tuple[RollVote, ...]


class SittingDeed(Deed):
    """Something that happened in the sitting, by a pseudonym; the name is printed only."""

    actor: str
    who: Text = Field(exclude=True)


class Item(Data):
    """A proposal with what was decided of it in the sitting; no position is not on the agenda.

    ``title`` and ``state`` are those of the close, or of now while the sitting is not closed.
    """

    position: int | None
    number: int
    title: str
    state: str
    ballots: tuple[RollBallot, ...]
    deeds: tuple[SittingDeed, ...]


class Minutes(Data):
    """All that the minutes say but when, where and over which end of the log they were printed."""

    number: int
    title: str
    place: str
    state: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    presided_by: str | None
    city: Text
    seats: tuple[Seat, ...]
    quorum: int
    items: tuple[Item, ...]

    @property
    def is_draft(self) -> bool:
        """Return whether the sitting may still change what they say."""
        return self.state != CLOSED

    @property
    def n_present(self) -> int:
        """Return how many members attended."""
        return sum(seat.at is not None for seat in self.seats)

    @property
    def path(self) -> str:
        """Return where the sitting is found in the planner."""
        return f"/sesiones/{self.number}"

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the data."""
        return sha256_of(self)


def minutes_of(repo: Repository, number: int, city: Text) -> Minutes:
    """Return what is to be said of a sitting.

    Raises
    ------
    RefusedError
        The actor may not read sittings.
    NotFoundError
        There is none of that number.
    ConflictError
        It was cancelled: there is nothing to tell of it.
    """
    require_allowed(repo, READ)
    known = 0 < number <= MOST_NUMBER
    found = repo.first(sitting, sitting.c.number == number) if known else None
    if found is None:
        raise NotFoundError("council.not_found", found=number)
    if found["state"] == CANCELLED:
        reason = found["cancel_reason"]
        raise ConflictError("council.sitting_cancelled", number=number, reason=reason)
    people = People(repo)
    came = {
        one["account_id"]: one["at"]
        for one in repo.find(attendance, attendance.c.sitting_id == found["id"])
    }
    members = members_of(repo, found)
    seats = sorted({*members, *came})
    same = ("number", "title", "place", "state", "starts_at", "opened_at", "closed_at")
    return Minutes(
        **{name: found[name] for name in (*same, "presided_by")},
        city=city,
        seats=tuple(Seat(account_id=one, who=people.named(one), at=came.get(one)) for one in seats),
        quorum=quorum_of(found, members),
        items=tuple(_items(repo, people, found, _ballots(repo, people, found, set(came)))),
    )


def _ballots(
    repo: Repository, people: People, found: Record, came: set[str]
) -> dict[str, list[RollBallot]]:
    """Return the ballots of a sitting by proposal, in order."""
    held = repo.find(
        ballot, ballot.c.sitting_id == found["id"], order=(ballot.c.opened_at, ballot.c.id)
    )
    cast = repo.find(vote, vote.c.ballot_id.in_([one["id"] for one in held]))
    ballots: dict[str, list[RollBallot]] = {}
    for one in held:
        choices = {v["account_id"]: v["choice"] for v in cast if v["ballot_id"] == one["id"]}
        told = _ballot(people, one, choices, came)
        ballots.setdefault(one["proposal_id"], []).append(told)
    return ballots


def _ballot(people: People, one: Record, choices: dict[str, str], came: set[str]) -> RollBallot:
    is_open = one["closed_at"] is None
    told = ("number", "opened_at", "closes_at", "closed_at", "n_members", "quorum", "outcome")
    counted = list(choices.values())
    return RollBallot(
        **{name: one[name] for name in (*told, "casting", "casting_reason", "casting_by")},
        n_for=counted.count("for"),
        n_against=counted.count("against"),
        n_abstain=counted.count("abstain"),
        roll=tuple(
            RollVote(
                account_id=who,
                who=people.named(who),
                choice=CAST if is_open and who in choices else choices.get(who),
                absent=who not in came,
            )
            for who in sorted(one["members"])
        ),
    )


def _items(
    repo: Repository, people: People, found: Record, ballots: dict[str, list[RollBallot]]
) -> Iterable[Item]:
    agenda = {item["proposal_id"]: item for item in agenda_of(repo, found["id"])}
    for proposal_id in {**agenda, **ballots}:
        item = agenda.get(proposal_id, BESIDE)
        row, kept = readable(repo, proposal_id), item["at_close"]
        deeds = deeds_in(repo, found, proposal_id)
        if kept is not None:
            deeds = [one for one in deeds if one["id"] in kept["deeds"]]
        yield Item(
            position=item["position"],
            number=row["number"],
            title=(kept or row)["title"],
            state=(kept or row)["state"],
            ballots=tuple(ballots.get(proposal_id, ())),
            deeds=tuple(_deed(people, one) for one in deeds),
        )


def _deed(people: People, one: Record) -> SittingDeed:
    return SittingDeed(
        at=one["at"],
        verb=one["verb"],
        actor=one["actor"],
        who=people.called(one["actor"]),
        role=one["role"],
        text=one["reason"],
        to_state=one["to_state"] if one["to_state"] != one["from_state"] else "",
        detail=one["detail"],
    )

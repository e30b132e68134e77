"""What the minutes of a sitting say, as data with one fingerprint.

Who is on the roll is who was a member by then: of today's councillors those whose account is not
younger than the sitting, and whoever attended or voted, whatever became of the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.text import Text
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.people import COUNCILLOR
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import agenda_item
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import state_change
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


class Seat(Data):
    """A member of the council; ``at`` is when attendance was recorded, None for absent."""

    who: Text
    at: datetime | None


class Item(Data):
    """A proposal with what was decided of it in the sitting; no position is not on the agenda."""

    position: int | None
    number: int
    title: str
    ballots: tuple[Ballot, ...]
    deeds: tuple[Deed, ...]


class Minutes(Data):
    """All that the minutes say but when, where and over which end of the log they were printed."""

    number: int
    title: str
    place: str
    state: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
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
    """
    require_allowed(repo, READ)
    known = 0 < number <= MOST_NUMBER
    found = repo.first(sitting, sitting.c.number == number) if known else None
    if found is None:
        raise NotFoundError("council.not_found", found=number)
    people = People(repo)
    came = {
        one["account_id"]: one["at"]
        for one in repo.find(attendance, attendance.c.sitting_id == found["id"])
    }
    held = repo.find(
        ballot, ballot.c.sitting_id == found["id"], order=(ballot.c.opened_at, ballot.c.id)
    )
    cast = repo.find(vote, vote.c.ballot_id.in_([one["id"] for one in held]))
    roll = _roll(repo, found, {*came, *(one["account_id"] for one in cast)})
    names = {one: people.named(one) for one in roll}
    ballots: dict[str, list[Ballot]] = {}
    for one in held:
        choices = {v["account_id"]: v["choice"] for v in cast if v["ballot_id"] == one["id"]}
        ballots.setdefault(one["proposal_id"], []).append(_ballot(one, choices, names, came))
    same = ("number", "title", "place", "state", "starts_at", "opened_at", "closed_at")
    return Minutes(
        **{name: found[name] for name in same},
        city=city,
        seats=_in_order(Seat(who=name, at=came.get(one)) for one, name in names.items()),
        quorum=rulebook().quorum.of(len(names)),
        items=tuple(_items(repo, people, found, ballots)),
    )


def _roll(repo: Repository, found: Record, known: set[str]) -> set[str]:
    """Return the accounts of the members that the minutes speak of."""
    ended = found["closed_at"] or repo.now
    members = repo.find(
        account,
        account.c.role == COUNCILLOR,
        account.c.active.is_(True),
        account.c.created_at <= ended,
    )
    return known | {one["id"] for one in members}


def _in_order(rows: Iterable[Any]) -> tuple[Any, ...]:
    """Return rows of people by name; namesakes too come in one order."""
    return tuple(sorted(rows, key=lambda row: (row.who.es, row.model_dump_json())))


def _ballot(
    one: Record, choices: dict[str, str], names: dict[str, Text], came: dict[str, datetime]
) -> Ballot:
    is_open = one["closed_at"] is None
    # whoever became a member after the ballot was opened is not said to have been silent
    n_silent = one["n_members"] - len(choices)
    silent = sorted(set(names) - set(choices), key=lambda who: (who not in came, names[who].es))
    listed = [*choices, *silent[:n_silent]]
    told = ("number", "opened_at", "closes_at", "closed_at", "n_members", "quorum", "outcome")
    counted = list(choices.values())
    return Ballot(
        **{name: one[name] for name in (*told, "casting", "casting_reason")},
        n_for=counted.count("for"),
        n_against=counted.count("against"),
        n_abstain=counted.count("abstain"),
        roll=_in_order(
            Vote(
                who=names[who],
                choice=CAST if is_open and who in choices else choices.get(who),
                absent=who not in came,
            )
            for who in listed
        ),
    )


def _items(
    repo: Repository, people: People, found: Record, ballots: dict[str, list[Ballot]]
) -> Iterable[Item]:
    agenda = repo.find(
        agenda_item, agenda_item.c.sitting_id == found["id"], order=(agenda_item.c.position,)
    )
    places: dict[str, int | None] = {one["proposal_id"]: one["position"] for one in agenda}
    for proposal_id in ballots:
        places.setdefault(proposal_id, None)
    for proposal_id, position in places.items():
        row = readable(repo, proposal_id)
        yield Item(
            position=position,
            number=row["number"],
            title=row["title"],
            ballots=tuple(ballots.get(proposal_id, ())),
            deeds=tuple(_deeds(repo, people, found, proposal_id)),
        )


def _deeds(repo: Repository, people: People, found: Record, proposal_id: str) -> Iterable[Deed]:
    """Yield what happened to a proposal between the opening and the close of the sitting."""
    if found["opened_at"] is None:
        return
    during = [state_change.c.at >= found["opened_at"]]
    if found["closed_at"] is not None:
        during.append(state_change.c.at <= found["closed_at"])
    of_it = state_change.c.proposal_id == proposal_id
    for one in repo.find(state_change, of_it, *during, order=(state_change.c.at,)):
        yield Deed(
            at=one["at"],
            verb=one["verb"],
            who=people.called(one["actor"]),
            role=one["role"],
            text=one["reason"],
            to_state=one["to_state"],
        )

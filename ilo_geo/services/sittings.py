"""Sittings of the council: the door to their commands, and what one may read of them.

The council's vote is public and by name (Ley 27972, from memory, not verified). While a ballot is
open its count by choice and the names of those who have voted are there for all to see, so whoever
watches both can tell how each one voted: no secrecy is promised. Once it is closed the roll call
says it in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.text import Text
from ilo_geo.proposals.chamber import agenda_of
from ilo_geo.proposals.chamber import councillors
from ilo_geo.proposals.chamber import members_of
from ilo_geo.proposals.chamber import open_sitting
from ilo_geo.proposals.chamber import quorum_of
from ilo_geo.proposals.chamber import vote_under_way
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.commands.sittings import SITTING_COMMANDS
from ilo_geo.proposals.commands.sittings import fits
from ilo_geo.proposals.commands.sittings import perform_in_sitting
from ilo_geo.proposals.commands.sittings import plan_sitting
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import PLANNED
from ilo_geo.proposals.rulebook import is_tie
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import sheet
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import vote
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import People

READ = "read_sitting"


@dataclass(frozen=True)
class Seat:
    """A councillor and whether they attend."""

    account_id: str
    name: Text
    present: bool


@dataclass(frozen=True)
class RollRow:
    """A councillor in a roll call; ``choice`` is None where none was cast.

    It is written once the ballot is closed and is None before. That hides nothing from whoever
    watches the count.
    """

    name: Text
    voted: bool
    choice: str | None
    present: bool


@dataclass(frozen=True)
class HeldVote:
    """A ballot held in a sitting.

    Attributes
    ----------
    count
        Votes by choice: for, against, abstain.
    mine
        What the reader chose, None for nothing.
    """

    record: Record
    roll: tuple[RollRow, ...]
    count: Mapping[str, int]
    mine: str | None

    @property
    def is_open(self) -> bool:
        """Return whether one may still vote."""
        return self.record["closed_at"] is None

    @property
    def n_voted(self) -> int:
        """Return how many have voted."""
        return sum(self.count.values())

    @property
    def tied(self) -> bool:
        """Return whether it would need a casting vote if it closed as it stands."""
        return self.has_quorum and is_tie(self.count["for"], self.count["against"])

    @property
    def has_quorum(self) -> bool:
        """Return whether enough members are there, voting or not."""
        n_present = sum(row.present for row in self.roll)
        return bool(max(self.n_voted, n_present) >= self.record["quorum"])


@dataclass(frozen=True)
class AgendaEntry:
    """A proposal of the agenda (its row of the table, without the shape) and its ballots here.

    Title and state are those of the close once the sitting is closed.
    """

    position: int
    proposal: Record
    votes: tuple[HeldVote, ...]
    on_screen: bool


@dataclass(frozen=True)
class SittingView:
    """A sitting as its reader may see it.

    Attributes
    ----------
    quorum
        How many councillors have to be there, of those there were when it was opened; of those with
        an active account today until then.
    verbs
        What the reader may do with it now.
    """

    record: Record
    agenda: tuple[AgendaEntry, ...]
    seats: tuple[Seat, ...]
    quorum: int
    verbs: frozenset[str]

    @property
    def n_present(self) -> int:
        """Return how many councillors attend."""
        return sum(seat.present for seat in self.seats)

    @property
    def current(self) -> AgendaEntry | None:
        """Return what is on the screen."""
        return next((entry for entry in self.agenda if entry.on_screen), None)

    @property
    def under_way(self) -> HeldVote | None:
        """Return the ballot that is open."""
        held = (one for entry in self.agenda for one in entry.votes)
        return next((one for one in held if one.is_open), None)


def call_sitting(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Call a new sitting; see `ilo_geo.proposals.commands.sittings`."""
    with council.writing(actor) as repo:
        return plan_sitting(repo, asked)


def do_in_sitting(
    council: Council,
    actor: Actor,
    verb: str,
    sitting_id: str,
    asked: Mapping[str, Any] | None = None,
) -> Record:
    """Do a verb on a sitting; see `ilo_geo.proposals.commands.sittings.perform_in_sitting`."""
    with council.writing(actor) as repo:
        return perform_in_sitting(repo, verb, sitting_id, asked or {})


def sittings(council: Council, actor: Actor) -> list[Record]:
    """Return every sitting, the latest first."""
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        order = (sitting.c.starts_at.desc(), sitting.c.number.desc())
        return repo.find(sitting, order=order)


def sitting_at_hand(council: Council, actor: Actor) -> int | None:
    """Return the number of the sitting one means today: open, else the next, else the last."""
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        current = open_sitting(repo)
        if current is None:
            to_come = sitting.c.state == PLANNED, sitting.c.starts_at >= repo.now
            order = (sitting.c.starts_at, sitting.c.number)
            current = next(iter(repo.find(sitting, *to_come, order=order, limit=1)), None)
        if current is None:
            last = (sitting.c.starts_at.desc(), sitting.c.number.desc())
            held = sitting.c.state != CANCELLED
            current = next(iter(repo.find(sitting, held, order=last, limit=1)), None)
        return current["number"] if current else None


def sitting_view(council: Council, actor: Actor, number: int) -> SittingView:
    """Return a sitting with agenda, attendance and ballots.

    Raises
    ------
    NotFoundError
        There is none of that number.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        return view_of_sitting(repo, numbered_sitting(repo, number))


def numbered_sitting(repo: Repository, number: int) -> Record:
    """Return the sitting of a number; `NotFoundError` where there is none."""
    found = repo.first(sitting, sitting.c.number == number)
    if found is None:
        raise NotFoundError("council.not_found", found=number)
    return found


def view_of_sitting(repo: Repository, found: Record) -> SittingView:
    """Return a sitting that was read in this transaction, with all that belongs to it."""
    people = People(repo)
    present = {one["account_id"] for one in _of(repo, attendance, found)}
    members = members_of(repo, found)
    # a member sworn in meanwhile may still come, whoever attended stays on the roll
    coming = [] if found["state"] in (CLOSED, CANCELLED) else councillors(repo)
    roll = sorted({*members, *coming, *present}, key=lambda one: (people.named(one).es, one))
    seats = tuple(Seat(one, people.named(one), one in present) for one in roll)
    held = _held(repo, people, found, seats)
    on_screen = found["current_proposal_id"]
    entries = []
    for item in agenda_of(repo, found["id"]):
        row = readable(repo, item["proposal_id"])
        row.pop("geometry")
        # of a sitting that is closed, as its minutes have it
        row |= {name: kept for name, kept in (item["at_close"] or {}).items() if name in row}
        votes = tuple(held.get(row["id"], ()))
        entries.append(AgendaEntry(item["position"], row, votes, row["id"] == on_screen))
    verbs = frozenset(verb for verb in SITTING_COMMANDS if _may(repo, verb, found))
    return SittingView(found, tuple(entries), seats, quorum_of(found, members), verbs)


@dataclass(frozen=True)
class Pulse:
    """What changes when anything of a sitting does (``key``), and when its proposal does."""

    key: str
    screen: str


def pulse(council: Council, actor: Actor, number: int) -> Pulse:
    """Return what changes when anything of a sitting does that a screen would show.

    Asked every second or two by every screen in the chamber, so it reads counts and no proposal
    but the one on the screen.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, READ)
        found = numbered_sitting(repo, number)
        shown = found["current_proposal_id"]
        screen = _screen_of(repo, shown) if shown else _cover_of(repo, found)
        parts = [found["version"], *_moments(_of(repo, attendance, found)), screen]
        under_way = vote_under_way(repo, found["id"])
        if under_way is not None:
            cast = repo.find(vote, vote.c.ballot_id == under_way["id"])
            # a vote that is changed moves its time
            parts += [under_way["id"], *_moments(cast)]
        return Pulse("-".join([str(number), *map(str, parts)]), screen)


def may_plan(council: Council, actor: Actor) -> bool:
    """Return whether somebody may call a sitting."""
    with council.reading(actor) as repo:
        return allows(actor, "plan_sitting", open_to_all=is_open(repo))


def _may(repo: Repository, verb: str, found: Record) -> bool:
    return fits(verb, found["state"]) and allows(repo.actor, verb, open_to_all=is_open(repo))


def _screen_of(repo: Repository, proposal_id: str) -> str:
    """Return what changes when a proposal, what is said of it or its sheet does."""
    version = readable(repo, proposal_id)["version"]
    said = comment.c.proposal_id == proposal_id, comment.c.hidden_at.is_(None)
    sheets = repo.count(sheet, sheet.c.proposal_id == proposal_id)
    return f"{proposal_id}.{version}.{repo.count(comment, *said)}.{sheets}"


def _cover_of(repo: Repository, found: Record) -> str:
    """Return what changes when a proposal of the agenda does."""
    listed = [item["proposal_id"] for item in agenda_of(repo, found["id"])]
    rows = repo.find(proposal, proposal.c.id.in_(listed))
    return ".".join(sorted(f"{row['number']}v{row['version']}" for row in rows))


def _moments(records: list[Record]) -> list[Any]:
    return [len(records), max((one["at"].timestamp() for one in records), default=0)]


def _of(repo: Repository, table: Any, found: Record) -> list[Record]:
    return repo.find(table, table.c.sitting_id == found["id"])


def _held(
    repo: Repository, people: People, found: Record, seats: tuple[Seat, ...]
) -> dict[str, list[HeldVote]]:
    """Return the ballots of a sitting by proposal, in order."""
    ballots = repo.find(
        ballot, ballot.c.sitting_id == found["id"], order=(ballot.c.opened_at, ballot.c.number)
    )
    cast = repo.find(vote, vote.c.ballot_id.in_([one["id"] for one in ballots]))
    held: dict[str, list[HeldVote]] = {}
    for one in ballots:
        choices = {
            row["account_id"]: row["choice"] for row in cast if row["ballot_id"] == one["id"]
        }
        view = _held_vote(repo, people, one, choices, seats)
        held.setdefault(one["proposal_id"], []).append(view)
    return held


def _held_vote(
    repo: Repository,
    people: People,
    one: Record,
    choices: dict[str, str],
    seats: tuple[Seat, ...],
) -> HeldVote:
    told = one["closed_at"] is not None
    present = {seat.account_id for seat in seats if seat.present}
    roll = [
        RollRow(
            people.named(who), who in choices, choices.get(who) if told else None, who in present
        )
        for who in sorted(one["members"], key=lambda who: (people.named(who).es, who))
    ]
    count = Counter(choices.values())
    return HeldVote(
        record=one,
        roll=tuple(roll),
        count={choice: count[choice] for choice in rulebook().choices},
        mine=choices.get(repo.actor.account_id or ""),
    )

"""What one may read of the council's table: lists, one proposal with all that was said and done.

Everything here is read at one moment, in the rights of whoever asks. Names of people are those
they have now; of an account that was erased only "retired account" is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import transformer
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.text import Text
from ilo_geo.core.text import messages
from ilo_geo.proposals.commands import COMMANDS
from ilo_geo.proposals.commands import granted
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.listing import listed
from ilo_geo.proposals.listing import located
from ilo_geo.proposals.listing import n_listed
from ilo_geo.proposals.people import SECRETARY
from ilo_geo.proposals.people import SYSTEM
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.states import is_legal
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import state_change
from ilo_geo.proposals.tables import support
from ilo_geo.proposals.tables import vote
from ilo_geo.services.council import Council

# what one may do with a proposal beside its commands
BESIDE = ("edit", "attach")
# the largest number that a column holds on every database
MOST_NUMBER = 2**31 - 1
MOST_TOLD = 10**40
LON, LAT = "lon", "lat"


@dataclass(frozen=True)
class Page:
    """A page of the list: its rows, how many there are in all, and the first one's place."""

    rows: tuple[Record, ...]
    n_all: int
    offset: int


@dataclass(frozen=True)
class Event:
    """Something that happened to a proposal: when, what (a verb), by whom, and in what words."""

    at: datetime
    verb: str
    who: Text
    role: str
    text: str = ""
    to_state: str = ""
    detail: str = ""


@dataclass(frozen=True)
class BallotView:
    """A ballot with its count.

    Attributes
    ----------
    roll
        Each member and their choice, None where they did not vote; empty while one may vote.
    voted, waiting
        Who has voted and who has not.
    """

    record: Record
    roll: tuple[tuple[Text, str | None], ...]
    voted: tuple[Text, ...]
    waiting: tuple[Text, ...]
    count: dict[str, int]
    mine: str | None

    @property
    def is_open(self) -> bool:
        """Return whether one may still vote."""
        return self.record["closed_at"] is None


@dataclass(frozen=True)
class ProposalView:
    """One proposal, all that was said and done, and what its reader may do with it.

    Attributes
    ----------
    record
        The row of the table, without its shape.
    shape
        The shape as GeoJSON in WGS 84.
    author, comments, documents, timeline, ballots
        Newest last. A hidden comment has its text only for the secretary.
    n_support, supported
        How many citizens support it, and whether the reader is one of them.
    verbs
        What the reader may do now.
    """

    record: Record
    shape: dict[str, Any]
    author: Text
    comments: tuple[Record, ...]
    documents: tuple[Record, ...]
    timeline: tuple[Event, ...]
    ballots: tuple[BallotView, ...]
    n_support: int
    supported: bool
    verbs: frozenset[str]


def page_of(council: Council, actor: Actor, wanted: Filter, *, limit: int, offset: int = 0) -> Page:
    """Return a page of the proposals that fit, newest first, with the middle of each in degrees."""
    with council.reading(actor) as repo:
        rows = listed(repo, wanted, limit=limit, offset=offset)
        n_all = n_listed(repo, wanted)
    _add_middle(council, rows)
    return Page(tuple(rows), n_all, offset)


def points_of(council: Council, actor: Actor, wanted: Filter) -> list[Record]:
    """Return every proposal that fits as a point: number, title, kind, state, lon, lat."""
    with council.reading(actor) as repo:
        rows = located(repo, wanted)
    _add_middle(council, rows)
    return rows


def numbered(repo: Repository, number: int) -> Record:
    """Return the proposal of a number that the actor may read.

    Raises
    ------
    NotFoundError
        There is none, or it is none of the actor's business.
    """
    # no column holds more, and no database is asked what it cannot read
    known = 0 < number <= MOST_NUMBER
    found = repo.first(proposal, proposal.c.number == number) if known else None
    if found is None or not granted(repo, "read", found):
        # the same words for both: nobody learns that a draft has this number
        raise NotFoundError("council.not_found", found=_told(number))
    return found


def _told(number: int) -> str:
    # Python writes out no number of thousands of digits, and nobody reads one
    return str(number) if number < MOST_TOLD else "…"


def proposal_view(council: Council, actor: Actor, number: int) -> ProposalView:
    """Return one proposal as ``actor`` may see it; `NotFoundError` where they may not."""
    with council.reading(actor) as repo:
        return view_of(repo, numbered(repo, number))


def view_of(repo: Repository, found: Record) -> ProposalView:
    """Return a proposal that was read in this transaction, with all that belongs to it."""
    of_it = {table: table.c.proposal_id == found["id"] for table in (comment, document, support)}
    said = repo.find(comment, of_it[comment], order=(comment.c.at, comment.c.id))
    changes = repo.find(
        state_change,
        state_change.c.proposal_id == found["id"],
        order=(state_change.c.at, state_change.c.id),
    )
    people = People(repo)
    mine = support.c.account_id == (repo.actor.account_id or "")
    return ProposalView(
        record={name: value for name, value in found.items() if name != "geometry"},
        shape=shape_of(found),
        author=people.named(found["account_id"]),
        comments=tuple(_comment(repo.actor, people, one) for one in said),
        documents=tuple(repo.find(document, of_it[document], order=(document.c.at, document.c.id))),
        timeline=tuple(_timeline(people, found, changes)),
        ballots=tuple(_ballots(repo, people, found)),
        n_support=repo.count(support, of_it[support]),
        supported=repo.count(support, of_it[support], mine) > 0,
        verbs=frozenset(verbs_of(repo, found)),
    )


def verbs_of(repo: Repository, found: Record) -> Iterable[str]:
    """Return what the actor may do with a proposal as it stands."""
    return (
        verb
        for verb in (*COMMANDS, *BESIDE)
        if is_legal(verb, found["state"]) and granted(repo, verb, found)
    )


class People:
    """The names of everybody who has an account, read once."""

    def __init__(self, repo: Repository) -> None:
        columns = (account.c.id, account.c.pseudonym, account.c.display_name)
        rows = repo.connection.execute(select(*columns)).all()
        # few of them are asked for: only those become texts
        self._by_id = {row.id: row.display_name for row in rows}
        self._by_pseudonym = {row.pseudonym: row.display_name for row in rows}

    def named(self, account_id: str | None) -> Text:
        """Return the name of an account."""
        return _name(self._by_id.get(account_id or ""))

    def called(self, pseudonym: str) -> Text:
        """Return the name behind a pseudonym."""
        if pseudonym == SYSTEM:
            return messages()["council.system"]
        return _name(self._by_pseudonym.get(pseudonym))


def _name(name: str | None) -> Text:
    return Text(es=name, en=name) if name else messages()["council.retired"]


def _timeline(people: People, found: Record, changes: list[Record]) -> Iterable[Event]:
    yield Event(found["created_at"], "create", people.named(found["account_id"]), "")
    for one in changes:
        yield Event(
            one["at"],
            one["verb"],
            people.called(one["actor"]),
            one["role"],
            one["reason"],
            one["to_state"] if one["to_state"] != one["from_state"] else "",
            one["detail"],
        )


def _comment(actor: Actor, people: People, one: Record) -> Record:
    hidden = one["hidden_at"] is not None
    seen = not hidden or actor.role == SECRETARY
    return {
        "id": one["id"],
        "stance": one["stance"],
        "text": one["text"] if seen else "",
        "at": one["at"],
        "author": people.named(one["account_id"]),
        "hidden": hidden,
        "hidden_reason": one["hidden_reason"],
    }


def _ballots(repo: Repository, people: People, found: Record) -> Iterable[BallotView]:
    for one in repo.find(ballot, ballot.c.proposal_id == found["id"], order=(ballot.c.number,)):
        cast = repo.find(vote, vote.c.ballot_id == one["id"])
        choices: dict[str, str] = {row["account_id"]: row["choice"] for row in cast}
        called = sorted(
            ((people.named(member), choices.get(member)) for member in one["members"]),
            key=lambda pair: pair[0].es,
        )
        yield BallotView(
            record=one,
            roll=tuple(called) if one["closed_at"] else (),
            voted=tuple(name for name, choice in called if choice),
            waiting=tuple(name for name, choice in called if not choice),
            count=dict(Counter(choices.values())),
            mine=choices.get(repo.actor.account_id or ""),
        )


def shape_of(found: Record) -> dict[str, Any]:
    """Return a stored shape as GeoJSON in degrees."""
    to_degrees = transformer(found["srid"], DISPLAY_CRS).transform
    degrees = shapely.transform(
        shapely.from_wkb(found["geometry"]), to_degrees, interleaved=False
    )  # fmt: skip
    drawn: dict[str, Any] = shapely.geometry.mapping(degrees)
    return drawn


def _add_middle(council: Council, rows: list[Record]) -> None:
    """Add the middle of each row's box in degrees, and take the box away."""
    boxes = np.array(
        [[row.pop(name) for name in ("min_x", "min_y", "max_x", "max_y")] for row in rows]
    ).reshape(-1, 4)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    lon, lat = transformer(council.srid, DISPLAY_CRS).transform(x, y)
    for row, *place in zip(rows, lon, lat, strict=True):
        row[LON], row[LAT] = map(float, place)

"""Minutes (acta) of a sitting as PDF: attendance, agenda, roll calls, end of the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from ilo_geo.core.text import Lang
from ilo_geo.io.document import Block
from ilo_geo.io.document import Column
from ilo_geo.io.document import Document
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Signatures
from ilo_geo.io.document import Table
from ilo_geo.io.workspace import atomic_path
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import APPROVED
from ilo_geo.proposals.states import ARCHIVED
from ilo_geo.proposals.states import REJECTED
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.audit_head import SignedHead
from ilo_geo.services.audit_head import signed_head_in
from ilo_geo.services.council import Council
from ilo_geo.services.debate_paper import ballot_facts
from ilo_geo.services.debate_paper import choice_title
from ilo_geo.services.debate_paper import done
from ilo_geo.services.dossier_data import CAST
from ilo_geo.services.dossier_data import Deed
from ilo_geo.services.dossier_data import Vote
from ilo_geo.services.minutes_data import Item
from ilo_geo.services.minutes_data import Minutes
from ilo_geo.services.minutes_data import RollBallot
from ilo_geo.services.minutes_data import RollVote
from ilo_geo.services.minutes_data import Seat
from ilo_geo.services.minutes_data import minutes_of
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment
from ilo_geo.services.paper_words import public_address

Person = TypeVar("Person", Seat, RollVote)

# ends of a proposal before a council
DECIDED = (APPROVED, REJECTED, ARCHIVED)


def minutes(
    council: Council,
    actor: Actor,
    number: int,
    path: Path,
    *,
    lang: Lang = "es",
    address: str | None = None,
) -> str:
    """Write the minutes of a sitting as PDF and return the fingerprint of their data.

    Parameters
    ----------
    address
        The address of the planner that a reader used; see `public_address`.

    Raises
    ------
    NotFoundError
        There is no such sitting.
    RefusedError
        The actor may not read sittings.
    ConflictError
        It was cancelled.
    """
    # reportlab takes its time to import; only who prints waits for it
    from ilo_geo.io.document_pdf import write_pdf

    with council.reading(actor) as repo:
        told = minutes_of(repo, number, council.area().config.title)
        end = signed_head_in(council, repo)
    document = document_of(
        told, end, lang, address=public_address(address), printed_at=council.clock()
    )
    with atomic_path(path) as temporary:
        write_pdf(document, temporary)
    return told.sha256


def document_of(
    told: Minutes, end: SignedHead, lang: Lang, *, address: str | None, printed_at: datetime
) -> Document:
    """Return minutes as a paper; those of a sitting that is not closed are marked as a draft."""
    w, common = Words(lang, "minutes"), Words(lang, "common")
    return Document(
        lang=lang,
        kicker=w("kicker_draft" if told.is_draft else "kicker"),
        title=w("title", number=told.number, title=told.title),
        subtitle=w("subtitle", place=told.place, at=moment(told.opened_at or told.starts_at)),
        blocks=tuple(_blocks(told, end, lang)),
        link=address and f"{address}{told.path}",
        link_note=common("no_link", path=told.path),
        data_sha256=told.sha256,
        printed_at=printed_at,
        foot=common("foot", city=told.city.in_(lang), at=moment(printed_at)),
        page=common("page"),
        modelled_mark=common("mark"),
        draft_mark=common("draft") if told.is_draft else "",
    )


def _blocks(told: Minutes, end: SignedHead, lang: Lang) -> Iterator[Block]:
    w = Words(lang, "minutes")
    if told.is_draft:
        yield Prose(w("draft_note"), "warning")
    yield _sitting(told, lang)
    yield _attendance(told, lang)
    yield _agenda(told, lang)
    for item in told.items:
        yield from _item(item, lang)
    yield Heading(w("head"))
    yield Prose(w("head_text"), "small")
    yield Facts("head", w("head"), _end_rows(end, lang))
    yield Prose(w("check_text", hash=told.sha256), "small")
    yield Heading(w("signatures"))
    signing = [seat.who.in_(lang) for seat in _by_name(told.seats, lang) if seat.at is not None]
    who = told.presided_by
    presides = w("presides_named", who=who) if who else w("presides")
    yield Signatures((presides, w("secretary"), *signing))


def _by_name(people: Iterable[Person], lang: Lang) -> list[Person]:
    """Return people by name; namesakes too come in one order."""
    return sorted(people, key=lambda one: (one.who.in_(lang), one.account_id))


def _sitting(told: Minutes, lang: Lang) -> Facts:
    w = Words(lang, "minutes")
    met = told.n_present >= told.quorum
    rows = {
        "number": str(told.number),
        "state": rulebook().sitting_states[told.state].in_(lang),
        "place": told.place,
        "called": moment(told.starts_at),
        "opened": moment(told.opened_at) if told.opened_at else w("not_yet"),
        "closed": moment(told.closed_at) if told.closed_at else w("not_yet"),
        "presided": told.presided_by or w("not_recorded"),
        "present": w("present_line", present=told.n_present, members=len(told.seats)),
        "quorum": w("quorum_met" if met else "quorum_missed", quorum=told.quorum),
    }
    return Facts("sitting", w("sitting"), tuple((w(name), text) for name, text in rows.items()))


def _attendance(told: Minutes, lang: Lang) -> Table:
    w = Words(lang, "minutes")
    return Table(
        id="attendance",
        title=w("attendance"),
        columns=(Column(w("member"), 4, "strong"), Column(w("there"), 1), Column(w("since"), 2)),
        rows=tuple(
            (seat.who.in_(lang), w("yes" if seat.at else "no"), moment(seat.at))
            for seat in _by_name(told.seats, lang)
        ),
        empty=w("no_members"),
        level=1,
    )


def _agenda(told: Minutes, lang: Lang) -> Table:
    w = Words(lang, "minutes")
    return Table(
        id="agenda",
        title=w("agenda"),
        columns=(
            Column(w("position"), 1),
            Column("N.º", 1, "number"),
            Column(w("proposal"), 6, "strong"),
            Column(w("decided"), 3),
        ),
        rows=tuple(
            (
                w("beside") if item.position is None else str(item.position),
                item.number,
                item.title,
                _decided(item, lang),
            )
            for item in told.items
        ),
        empty=w("no_agenda"),
        level=1,
    )


def _decided(item: Item, lang: Lang) -> str:
    """Return what became of a proposal in the sitting: the last ballot, else how it ended.

    A step that leads on, such as opening its debate, decides nothing.
    """
    if item.ballots:
        return rulebook().outcomes[item.ballots[-1].outcome].in_(lang)
    ends = [deed.to_state for deed in item.deeds if deed.to_state in DECIDED]
    if ends:
        return lifecycle().states[ends[-1]].in_(lang)
    return Words(lang, "minutes")("not_voted")


def _item(item: Item, lang: Lang) -> Iterator[Block]:
    w = Words(lang, "minutes")
    key = "item" if item.position is not None else "item_beside"
    yield Heading(w(key, position=item.position, number=item.number, title=item.title))
    for deed in item.deeds:
        yield Prose(_deed(deed, lang))
    if not item.ballots:
        yield Prose(w("not_voted"))
    for one in item.ballots:
        title = Words(lang, "dossier")("ballot", number=one.number)
        yield Heading(title, 2)
        yield Facts(f"ballot-{one.number}", title, (*ballot_facts(one, lang), *_roll(one, lang)))


def _deed(deed: Deed, lang: Lang) -> str:
    roles, w = permissions().roles, Words(lang, "minutes")
    said = w(
        "deed",
        at=moment(deed.at),
        verb=done(deed, lang),
        who=deed.who.in_(lang),
        role=roles[deed.role].in_(lang) if deed.role in roles else deed.role,
    )
    left = (
        [w("deed_left", state=lifecycle().states[deed.to_state].in_(lang))] if deed.to_state else []
    )
    reason = [w("deed_reason", text=deed.text)] if deed.text else []
    return " ".join([said, *left, *reason])


def _roll(one: RollBallot, lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield who voted how by name; an open ballot has names and count, the choices come after."""
    w = Words(lang, "minutes")
    choices = [*rulebook().choices, None] if one.closed_at else [CAST, None]
    roll = _by_name(one.roll, lang)
    for choice in choices:
        names = [_name(vote, lang) for vote in roll if vote.choice == choice]
        told = w("names", choice=choice_title(choice, lang), n=len(names))
        yield told, ", ".join(names) or w("nobody")


def _name(vote: Vote, lang: Lang) -> str:
    name = vote.who.in_(lang)
    return Words(lang, "minutes")("absent", name=name) if vote.absent else name


def _end_rows(end: SignedHead, lang: Lang) -> tuple[tuple[str, str], ...]:
    w = Words(lang, "minutes")
    return (
        (w("head_row"), str(end.seq)),
        (w("head_at"), moment(end.at)),
        (w("head_key"), end.public_key_fingerprint),
        (w("head_line"), end.text),
    )

"""What was said of a proposal, how it was voted, and what happened to it, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from ilo_geo.core.text import Lang
from ilo_geo.io.document import Block
from ilo_geo.io.document import Column
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Table
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import REMARK
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.dossier_data import CAST
from ilo_geo.services.dossier_data import Ballot
from ilo_geo.services.dossier_data import Deed
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.dossier_data import Said
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment


def verdict_blocks(part: ProposalPart, lang: Lang, *, level: int = 1) -> Iterator[Block]:
    """Yield the verdict on feasibility with who gave it and why."""
    w = Words(lang, "dossier")
    yield Heading(w("verdict"), level)
    if part.feasibility_by is None:
        yield Prose(w("no_verdict"))
        return
    verdict = rulebook().verdicts[part.feasibility].in_(lang)
    yield Prose(w("verdict_line", verdict=verdict, who=part.feasibility_by.in_(lang)), "big")
    yield Prose(w("reason", text=part.feasibility_reason))


def debate_blocks(part: ProposalPart, lang: Lang) -> Iterator[Block]:
    """Yield points for and against and other comments; a hidden one stands with its reason."""
    w = Words(lang, "dossier")
    yield Heading(w("debate"))
    for stance in (FOR, AGAINST, REMARK):
        said = [one for one in part.said if one.stance == stance]
        yield Table(
            id=f"said-{stance}",
            title=f"{w(stance)} ({counted(said, lang)})",
            columns=(
                Column(w("who"), 2, "strong"),
                Column(w("when"), 1.4),
                Column(w("hidden"), 1),
                Column(w("text"), 6),
            ),
            rows=tuple(_comment(one, lang) for one in said),
            empty=w(f"nobody_{stance}"),
            layout="entries",
        )


def counted(said: Sequence[Said], lang: Lang) -> str:
    """Return how many comments anybody may read, and how many are hidden besides."""
    n_hidden = sum(one.hidden for one in said)
    shown = len(said) - n_hidden
    return (
        Words(lang, "dossier")("shown_hidden", shown=shown, n=n_hidden) if n_hidden else str(shown)
    )


def _comment(one: Said, lang: Lang) -> tuple[str, str, str, str]:
    w = Words(lang, "dossier")
    text = w("hidden_text", reason=one.hidden_reason) if one.hidden else one.text
    return one.who.in_(lang), moment(one.at), w("hidden") if one.hidden else "", text


def vote_blocks(part: ProposalPart, lang: Lang) -> Iterator[Block]:
    """Yield every ballot with its roll call, and public support apart from it."""
    w = Words(lang, "dossier")
    yield Heading(w("votes"))
    if not part.ballots:
        yield Prose(w("no_votes"))
    for one in part.ballots:
        yield from ballot_blocks(one, lang)
    yield Heading(w("support"))
    yield Prose(w("support_line", n=part.n_support))


def ballot_blocks(one: Ballot, lang: Lang) -> Iterator[Block]:
    """Yield one ballot: its rules, its count, a casting vote with its reason, its roll call."""
    w = Words(lang, "dossier")
    title = w("ballot", number=one.number)
    yield Heading(title, 2)
    yield Facts(f"ballot-{one.number}", title, ballot_facts(one, lang))
    yield Table(
        id=f"roll-{one.number}",
        title=w("roll", ballot=title),
        columns=(Column(w("member"), 3, "strong"), Column(w("choice"), 2)),
        rows=tuple((v.who.in_(lang), choice_title(v.choice, lang)) for v in one.roll),
        empty=w("no_roll"),
    )


def ballot_facts(one: Ballot, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Return when a ballot was held, by which rules, how it was counted and what came of it."""
    w = Words(lang, "dossier")
    closed = moment(one.closed_at) if one.closed_at else w("still_open")
    rows = [
        (w("opened"), moment(one.opened_at)),
        (w("closes"), moment(one.closes_at)),
        (w("closed"), closed),
        (w("members"), str(one.n_members)),
        (w("quorum"), str(one.quorum)),
        (w("count"), count_line(one, lang)),
        (w("outcome"), rulebook().outcomes[one.outcome].in_(lang)),
    ]
    if one.casting:
        choice = rulebook().choices[one.casting].in_(lang)
        if one.casting_by:
            choice = w("casting_by", choice=choice, who=one.casting_by)
        rows.append((w("casting"), f"{choice}. {w('reason', text=one.casting_reason)}"))
    return tuple(rows)


def count_line(one: Ballot, lang: Lang) -> str:
    """Return the count of a ballot in words."""
    w = Words(lang, "dossier")
    return w(
        "count_line",
        n_for=one.n_for,
        n_against=one.n_against,
        n_abstain=one.n_abstain,
        n_silent=one.n_silent,
    )


def choice_title(choice: str | None, lang: Lang) -> str:
    """Return a choice in words; none is that they did not vote."""
    if choice in (None, CAST):
        return Words(lang, "dossier")("silent" if choice is None else "cast")
    return rulebook().choices[choice].in_(lang)


def done(deed: Deed, lang: Lang) -> str:
    """Return what was done; of a verdict, which."""
    verdict = rulebook().verdicts.get(deed.detail)
    said = verb_title(deed.verb).in_(lang)
    return f"{said}: {verdict.in_(lang)}" if verdict else said


def timeline_blocks(part: ProposalPart, lang: Lang) -> Iterator[Block]:
    """Yield what happened, in order, and the documents with their fingerprints."""
    w = Words(lang, "dossier")
    states, roles = lifecycle().states, permissions().roles
    yield Table(
        id="timeline",
        title=w("timeline"),
        level=1,
        columns=(
            Column(w("when"), 1.5),
            Column(w("what"), 2, "strong"),
            Column(w("state"), 1.6),
            Column(w("who"), 2),
            Column(w("role"), 1.5),
            Column(w("text"), 4),
        ),
        rows=tuple(
            (
                moment(deed.at),
                done(deed, lang),
                states[deed.to_state].in_(lang) if deed.to_state else "",
                deed.who.in_(lang),
                roles[deed.role].in_(lang) if deed.role in roles else "",
                deed.text,
            )
            for deed in part.deeds
        ),
        empty="",
    )
    yield Table(
        id="documents",
        title=w("documents"),
        level=1,
        columns=(
            Column(w("name"), 3, "strong"),
            Column(w("size"), 1.3, "number"),
            Column(w("when"), 1.6),
            Column(w("state"), 2.2),
            Column("SHA-256", 4, "hash"),
        ),
        rows=tuple(
            (
                one.name,
                one.size_bytes,
                moment(one.at),
                w("attached")
                if one.removed_at is None
                else w("removed", at=moment(one.removed_at), reason=one.removed_reason),
                one.sha256,
            )
            for one in part.attached
        ),
        empty=w("no_documents"),
    )

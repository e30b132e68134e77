"""The council's vote: opened by the secretary, one vote a member, counted when it is closed.

``n_for > n_against`` approves; an equal number of votes is decided by who presides, in writing
(Ley 27972, art. 17). Abstentions count for the quorum and for nothing else. A vote without quorum
is void: the proposal stays in vote and another ballot may be opened. A vote in a sitting is one of
those who are there (`ilo_geo.proposals.chamber`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.proposals import states
from ilo_geo.proposals.chamber import councillors
from ilo_geo.proposals.chamber import require_present
from ilo_geo.proposals.chamber import sitting_of_vote
from ilo_geo.proposals.commands.lifecycle import step
from ilo_geo.proposals.model import CloseVoteForm
from ilo_geo.proposals.model import OpenVoteForm
from ilo_geo.proposals.model import VoteForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import ABSTAIN
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import OPEN
from ilo_geo.proposals.rulebook import WITHOUT_QUORUM
from ilo_geo.proposals.rulebook import is_tie
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import vote


def open_vote(repo: Repository, found: Record, form: OpenVoteForm) -> Record:
    """Open a ballot among the councillors there are now.

    Raises
    ------
    ConflictError
        One is open already, or the sitting cannot hold it (`sitting_of_vote`).
    InputError
        There is no councillor, the quorum cannot be reached, or the deadline has passed.
    """
    if open_ballot(repo, found) is not None:
        raise ConflictError("council.vote_open")
    members = councillors(repo)
    quorum = form.quorum or rulebook().quorum.of(len(members))
    least = rulebook().quorum.of(len(members))
    if not least <= quorum <= len(members):
        raise InputError("council.quorum", found=quorum, least=least, members=len(members))
    if form.closes_at is not None and form.closes_at <= repo.now:
        raise InputError("council.deadline_past", found=_told(form.closes_at))
    held_in = sitting_of_vote(repo, found, form.sitting_id)
    if held_in is not None and held_in["current_proposal_id"] != found["id"]:
        # the chamber looks at what it votes on
        repo.change(sitting, "open_vote", held_in, current_proposal_id=found["id"])
    repo.add(
        ballot,
        "open_vote",
        proposal_id=found["id"],
        sitting_id=held_in["id"] if held_in else None,
        number=repo.count(ballot, ballot.c.proposal_id == found["id"]) + 1,
        opened_at=repo.now,
        closes_at=form.closes_at,
        members=members,
        n_members=len(members),
        quorum=quorum,
        outcome=OPEN,
        n_for=0,
        n_against=0,
        n_abstain=0,
        casting="",
        casting_reason="",
    )
    return step(repo, found, "open_vote", states.IN_VOTE)


def cast_vote(repo: Repository, found: Record, form: VoteForm) -> Record:
    """Write a member's choice, or change it while the vote is open.

    Raises
    ------
    ConflictError
        The ballot is not the open one, its deadline has passed, the member was none when it was
        opened, or it is held in a sitting that they do not attend.
    """
    current = open_ballot(repo, found)
    if current is None or current["id"] != form.ballot_id:
        raise ConflictError("council.vote_closed")
    if current["closes_at"] is not None and repo.now >= current["closes_at"]:
        raise ConflictError("council.vote_ended", found=_told(current["closes_at"]))
    if repo.actor.account_id not in current["members"]:
        raise ConflictError("council.not_a_member")
    require_present(repo, current)
    mine = repo.first(
        vote, vote.c.ballot_id == current["id"], vote.c.account_id == repo.actor.account_id
    )
    if mine is None:
        repo.add(
            vote,
            "vote",
            ballot_id=current["id"],
            account_id=repo.actor.account_id,
            choice=form.choice,
            at=repo.now,
        )
    else:
        repo.change(vote, "vote", mine, choice=form.choice, at=repo.now)
    return found


def close_vote(repo: Repository, found: Record, form: CloseVoteForm) -> Record:
    """Close the open ballot, count it, and move the proposal where the count says.

    Raises
    ------
    ConflictError
        No ballot is open.
    InputError
        A tie needs a casting vote with its reason, or one was given where there is no tie.
    """
    current = open_ballot(repo, found)
    if current is None or form.ballot_id not in ("", current["id"]):
        raise ConflictError("council.vote_closed")
    cast = repo.find(vote, vote.c.ballot_id == current["id"])
    count = Counter(record["choice"] for record in cast)
    outcome = _outcome(
        max(len(cast), _n_present(repo, current)) >= current["quorum"],
        count[FOR],
        count[AGAINST],
        form,
    )
    repo.change(
        ballot,
        "close_vote",
        current,
        closed_at=repo.now,
        outcome=outcome,
        n_for=count[FOR],
        n_against=count[AGAINST],
        n_abstain=count[ABSTAIN],
        casting=form.casting,
        casting_reason=form.reason if form.casting else "",
        casting_by=_who_presides(repo, current) if form.casting else None,
    )
    to = states.IN_VOTE if outcome == WITHOUT_QUORUM else outcome
    # the reason of a casting vote is of who presides, not of who closes: it stands with the ballot
    return step(repo, found, "close_vote", to, "" if form.casting else form.reason)


def open_ballot(repo: Repository, found: Record) -> Record | None:
    """Return the ballot that is open on a proposal."""
    return repo.first(ballot, ballot.c.proposal_id == found["id"], ballot.c.closed_at.is_(None))


def _who_presides(repo: Repository, current: Record) -> str | None:
    """Return who presides the sitting that a ballot is held in, None where none is written."""
    held = current["sitting_id"]
    who: str | None = repo.get(sitting, held)["presided_by"] if held is not None else None
    return who


def _n_present(repo: Repository, current: Record) -> int:
    """Return how many members are on the roll of the sitting that a ballot is held in."""
    if current["sitting_id"] is None:
        return 0
    there = attendance.c.account_id.in_(current["members"])
    return repo.count(attendance, attendance.c.sitting_id == current["sitting_id"], there)


def _outcome(quorum: bool, n_for: int, n_against: int, form: CloseVoteForm) -> str:
    tied = quorum and is_tie(n_for, n_against)
    if tied != bool(form.casting) or (form.casting and not form.reason):
        raise InputError("council.casting_needed" if tied else "council.casting_idle")
    if not quorum:
        return WITHOUT_QUORUM
    won = form.casting == FOR if tied else n_for > n_against
    return states.APPROVED if won else states.REJECTED


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(rulebook().zone):%d/%m/%Y %H:%M}"

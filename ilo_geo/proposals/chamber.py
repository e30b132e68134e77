"""What a sitting of the council has: the one that is open, its agenda, who is there, its vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from ilo_geo.core.errors import ConflictError
from ilo_geo.proposals.people import COUNCILLOR
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import ABSTAIN
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import OPEN
from ilo_geo.proposals.rulebook import WITHDRAWN
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import agenda_item
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import state_change
from ilo_geo.proposals.tables import vote


def open_sitting(repo: Repository) -> Record | None:
    """Return the sitting that is open; the council has one chamber."""
    return repo.first(sitting, sitting.c.state == OPEN)


def councillors(repo: Repository) -> list[str]:
    """Return the account ids of the members of the council today."""
    sworn = repo.find(account, account.c.role == COUNCILLOR, account.c.active.is_(True))
    return [one["id"] for one in sworn]


def members_of(repo: Repository, found: Record) -> list[str]:
    """Return the account ids of a sitting's members: those of its opening, or of now before it."""
    kept: list[str] | None = found["members"]
    return councillors(repo) if kept is None else kept


def quorum_of(found: Record, members: list[str]) -> int:
    """Return how many members a sitting needs: as counted at its opening, or of now before it."""
    kept: int | None = found["quorum"]
    return rulebook().quorum.of(len(members)) if kept is None else kept


def agenda_of(repo: Repository, sitting_id: str) -> list[Record]:
    """Return the items of an agenda in order."""
    mine = agenda_item.c.sitting_id == sitting_id
    return repo.find(agenda_item, mine, order=(agenda_item.c.position, agenda_item.c.id))


def is_on_agenda(repo: Repository, sitting_id: str, proposal_id: str) -> bool:
    """Return whether a proposal is on a sitting's agenda."""
    mine = agenda_item.c.sitting_id == sitting_id, agenda_item.c.proposal_id == proposal_id
    return repo.count(agenda_item, *mine) > 0


def attended(repo: Repository, sitting_id: str, account_id: str | None) -> Record | None:
    """Return that somebody is there, None where they are not."""
    mine = attendance.c.sitting_id == sitting_id, attendance.c.account_id == (account_id or "")
    return repo.first(attendance, *mine)


def vote_under_way(repo: Repository, sitting_id: str) -> Record | None:
    """Return the ballot that is open in a sitting."""
    return repo.first(ballot, ballot.c.sitting_id == sitting_id, ballot.c.closed_at.is_(None))


def require_no_vote(repo: Repository, sitting_id: str) -> None:
    """Refuse what must wait for the open vote of a sitting to be closed."""
    under_way = vote_under_way(repo, sitting_id)
    if under_way is not None:
        number = repo.get(proposal, under_way["proposal_id"])["number"]
        raise ConflictError("council.sitting_vote_open", number=number)


def require_no_vote_outside(repo: Repository, proposal_ids: Iterable[str]) -> None:
    """Refuse proposals to an open sitting while a vote on one is open outside of it.

    Raises
    ------
    ConflictError
        Those who are not there could decide it under the sitting's eyes, and its minutes would
        miss the vote.
    """
    for proposal_id in proposal_ids:
        mine = ballot.c.proposal_id == proposal_id
        if repo.count(ballot, mine, ballot.c.closed_at.is_(None), ballot.c.sitting_id.is_(None)):
            number = repo.get(proposal, proposal_id)["number"]
            raise ConflictError("council.vote_outside", number=number)


def require_due(repo: Repository, found: Record) -> None:
    """Refuse to open a sitting long before the time it was called for; `ConflictError`."""
    early = timedelta(hours=rulebook().sitting_early_hours)
    if repo.now < found["starts_at"] - early:
        at = found["starts_at"].astimezone(rulebook().zone)
        raise ConflictError(
            "council.sitting_early",
            number=found["number"],
            at=f"{at:%d/%m/%Y %H:%M}",
            hours=rulebook().sitting_early_hours,
        )


def deeds_in(repo: Repository, found: Record, proposal_id: str) -> list[Record]:
    """Return what happened to a proposal since a sitting was opened, in order."""
    if found["opened_at"] is None:
        return []
    during = state_change.c.proposal_id == proposal_id, state_change.c.at >= found["opened_at"]
    return repo.find(state_change, *during, order=(state_change.c.at, state_change.c.id))


def freeze_agenda(repo: Repository, found: Record) -> None:
    """Write what the minutes say of each proposal, so that nothing later changes it."""
    for item in agenda_of(repo, found["id"]):
        row = repo.get(proposal, item["proposal_id"])
        deeds = [one["id"] for one in deeds_in(repo, found, row["id"])]
        told = {"title": row["title"], "state": row["state"], "deeds": deeds}
        repo.change(agenda_item, "close_sitting", item, at_close=told)


def withdraw_vote(repo: Repository, found: Record) -> None:
    """Close the ballot that is open on a proposal without a decision; the votes stay written."""
    under_way = repo.first(
        ballot, ballot.c.proposal_id == found["id"], ballot.c.closed_at.is_(None)
    )
    if under_way is None:
        return
    cast = repo.find(vote, vote.c.ballot_id == under_way["id"])
    count = Counter(one["choice"] for one in cast)
    repo.change(
        ballot,
        "archive",
        under_way,
        closed_at=repo.now,
        outcome=WITHDRAWN,
        n_for=count[FOR],
        n_against=count[AGAINST],
        n_abstain=count[ABSTAIN],
    )


def sitting_of_vote(repo: Repository, found: Record, asked: str) -> Record | None:
    """Return the sitting a vote on a proposal belongs to, None for one outside a sitting.

    A vote opened while the open sitting has the proposal on its agenda is of that sitting, whether
    or not whoever opened it said so: the minutes must not miss it.

    Raises
    ------
    ConflictError
        The sitting that was asked for is not open, has not got the proposal on its agenda, or is
        voting on another one.
    """
    current = open_sitting(repo)
    if asked and (current is None or current["id"] != asked):
        raise ConflictError("council.sitting_closed", number=repo.get(sitting, asked)["number"])
    if current is None:
        return None
    if not is_on_agenda(repo, current["id"], found["id"]):
        if asked:
            raise ConflictError("council.not_on_agenda", number=current["number"])
        return None
    require_no_vote(repo, current["id"])
    return current


def require_present(repo: Repository, current: Record) -> None:
    """Refuse a vote in a sitting by somebody who is not there.

    Raises
    ------
    ConflictError
        The roll has not been called for them; one outside a sitting asks nobody to be there.
    """
    sitting_id = current["sitting_id"]
    if sitting_id and attended(repo, sitting_id, repo.actor.account_id) is None:
        raise ConflictError("council.not_present", number=repo.get(sitting, sitting_id)["number"])

"""What the secretary does with a sitting of the council: one function a verb.

Planned → open → closed, or planned → cancelled; which verb fits which state is ``sitting_verbs`` of
``council.yaml``. One sitting is open at a time, and in it one vote: the chamber looks at one
proposal. Votes themselves are `ilo_geo.proposals.commands.voting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.chamber import agenda_of
from ilo_geo.proposals.chamber import attended
from ilo_geo.proposals.chamber import councillors
from ilo_geo.proposals.chamber import freeze_agenda
from ilo_geo.proposals.chamber import is_on_agenda
from ilo_geo.proposals.chamber import open_sitting as the_open_one
from ilo_geo.proposals.chamber import require_due
from ilo_geo.proposals.chamber import require_no_vote
from ilo_geo.proposals.chamber import require_no_vote_outside
from ilo_geo.proposals.chamber import vote_under_way
from ilo_geo.proposals.commands import Command
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import NoForm
from ilo_geo.proposals.model import ReasonForm
from ilo_geo.proposals.people import COUNCILLOR
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import OPEN
from ilo_geo.proposals.rulebook import PLANNED
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sitting_forms import AttendanceForm
from ilo_geo.proposals.sitting_forms import EditSittingForm
from ilo_geo.proposals.sitting_forms import PresidingForm
from ilo_geo.proposals.sitting_forms import ScreenForm
from ilo_geo.proposals.sitting_forms import SittingForm
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import agenda_item
from ilo_geo.proposals.tables import attendance
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import sitting
from ilo_geo.proposals.tables import vote

PLAN = "plan_sitting"


def perform_in_sitting(
    repo: Repository, verb: str, sitting_id: str, asked: Mapping[str, Any]
) -> Record:
    """Do a verb on a sitting that is there and return it as it is then.

    Raises
    ------
    NotFoundError
        There is no such verb or no such sitting.
    RefusedError
        The actor may not do it.
    ConflictError
        The sitting's state, or what happened in it, does not allow it.
    InputError
        What was asked is faulty.
    """
    command = SITTING_COMMANDS.get(verb)
    if command is None:
        raise NotFoundError("council.no_verb", found=verb[:40])
    require_allowed(repo, verb)
    found = repo.get(sitting, sitting_id)
    require_state(verb, found)
    return command.run(repo, found, form_of(command.form, asked))


def fits(verb: str, state: str) -> bool:
    """Return whether a verb may be used on a sitting in a state."""
    return state in rulebook().sitting_verbs.get(verb, ())


def require_state(verb: str, found: Record) -> None:
    """Refuse a verb that does not fit the state of a sitting."""
    if not fits(verb, found["state"]):
        names = rulebook().sitting_states
        raise ConflictError(
            "council.sitting_state",
            number=found["number"],
            verb=verb_title(verb),
            found=names[found["state"]],
            expected=tuple(names[state] for state in rulebook().sitting_verbs[verb]),
        )


def plan_sitting(repo: Repository, asked: Mapping[str, Any]) -> Record:
    """Call a new sitting."""
    require_allowed(repo, PLAN)
    form = form_of(SittingForm, asked)
    made = repo.add(
        sitting,
        PLAN,
        number=repo.next_number(sitting),
        title=form.title,
        place=form.place,
        starts_at=form.starts_at,
        state=PLANNED,
        current_proposal_id="",
        created_at=repo.now,
    )
    _write_agenda(repo, made, form.agenda)
    return made


def replan_sitting(repo: Repository, found: Record, form: EditSittingForm) -> Record:
    """Write a sitting and its agenda anew over the version that was seen.

    Raises
    ------
    ConflictError
        Somebody changed it meanwhile, a proposal that was voted in it is to go, one that is voted
        on outside of it is to come, or it is open and more than its agenda is to change.
    """
    current = found["current_proposal_id"]
    if found["state"] == OPEN:
        # a form shows its time to the minute
        at = found["starts_at"].replace(second=0, microsecond=0)
        asked_at = form.starts_at and form.starts_at.replace(second=0, microsecond=0)
        if (form.title, form.place, asked_at) != (found["title"], found["place"], at):
            raise ConflictError("council.sitting_fixed", number=found["number"])
        require_no_vote_outside(repo, form.agenda)
    changed = repo.change(
        sitting,
        PLAN,
        found,
        seen=form.version,
        title=form.title,
        place=form.place,
        starts_at=found["starts_at"] if found["state"] == OPEN else form.starts_at,
        current_proposal_id=current if current in form.agenda else "",
    )
    _write_agenda(repo, changed, form.agenda)
    return changed


def cancel_sitting(repo: Repository, found: Record, form: ReasonForm) -> Record:
    """Take back the call of a sitting that was not opened, for a reason that stays to be read."""
    return repo.change(
        sitting,
        "cancel_sitting",
        found,
        state=CANCELLED,
        closed_at=repo.now,
        cancel_reason=form.reason,
    )


def open_sitting(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Begin it, with the members that the council has now.

    Raises
    ------
    ConflictError
        Another one is still open, it was called for another time, or a proposal of its agenda is
        being voted on outside of it.
    """
    require_due(repo, found)
    other = the_open_one(repo)
    if other is not None:
        raise ConflictError("council.sitting_other_open", number=other["number"])
    require_no_vote_outside(repo, [item["proposal_id"] for item in agenda_of(repo, found["id"])])
    members = councillors(repo)
    return repo.change(
        sitting,
        "open_sitting",
        found,
        state=OPEN,
        opened_at=repo.now,
        members=members,
        quorum=rulebook().quorum.of(len(members)),
    )


def record_attendance(repo: Repository, found: Record, form: AttendanceForm) -> Record:
    """Write that a councillor is there, or take it back; once said is enough.

    Raises
    ------
    ConflictError
        It is no councillor of today, or one that voted in this sitting is to be taken off.
    """
    known = repo.get(account, form.account_id)
    present = attended(repo, found["id"], form.account_id)
    if form.present and present is None:
        if known["role"] != COUNCILLOR or not known["active"]:
            raise ConflictError("council.not_councillor")
        repo.add(
            attendance,
            "record_attendance",
            sitting_id=found["id"],
            account_id=known["id"],
            at=repo.now,
        )
    elif not form.present and present is not None:
        if _voted(repo, found, known):
            raise ConflictError("council.present_voted")
        repo.remove(attendance, "record_attendance", present)
    return found


def record_presiding(repo: Repository, found: Record, form: PresidingForm) -> Record:
    """Write who presides from now on; a casting vote that was given keeps the name it had."""
    if form.presided_by == found["presided_by"]:
        return found
    return repo.change(sitting, "record_presiding", found, presided_by=form.presided_by)


def show_proposal(repo: Repository, found: Record, form: ScreenForm) -> Record:
    """Put a proposal of the agenda on the screen, or the agenda itself.

    Raises
    ------
    ConflictError
        It is not on the agenda, or a vote on another one is open.
    """
    asked = form.proposal_id
    if asked and not is_on_agenda(repo, found["id"], asked):
        raise ConflictError("council.not_on_agenda", number=found["number"])
    under_way = vote_under_way(repo, found["id"])
    if under_way is not None and under_way["proposal_id"] != asked:
        require_no_vote(repo, found["id"])
    if asked == found["current_proposal_id"]:
        return found
    return repo.change(sitting, "show_proposal", found, current_proposal_id=asked)


def close_sitting(repo: Repository, found: Record, _form: NoForm) -> Record:
    """End it for good; what its minutes say of the agenda is kept as it is now.

    Raises
    ------
    ConflictError
        One of its votes is open.
    """
    require_no_vote(repo, found["id"])
    freeze_agenda(repo, found)
    return repo.change(
        sitting,
        "close_sitting",
        found,
        state=CLOSED,
        closed_at=repo.now,
        current_proposal_id="",
    )


SITTING_COMMANDS = {
    PLAN: Command(EditSittingForm, replan_sitting),
    "cancel_sitting": Command(ReasonForm, cancel_sitting),
    "open_sitting": Command(NoForm, open_sitting),
    "record_attendance": Command(AttendanceForm, record_attendance),
    "record_presiding": Command(PresidingForm, record_presiding),
    "show_proposal": Command(ScreenForm, show_proposal),
    "close_sitting": Command(NoForm, close_sitting),
}


def _write_agenda(repo: Repository, found: Record, wanted: tuple[str, ...]) -> None:
    present = {item["proposal_id"]: item for item in agenda_of(repo, found["id"])}
    for gone in [one for one in present if one not in wanted]:
        _require_unvoted(repo, found, gone)
        repo.remove(agenda_item, PLAN, present[gone])
    for position, one in enumerate(wanted, start=1):
        if one not in present:
            readable(repo, one)
            repo.add(agenda_item, PLAN, sitting_id=found["id"], proposal_id=one, position=position)
        elif present[one]["position"] != position:
            repo.change(agenda_item, PLAN, present[one], position=position)


def _require_unvoted(repo: Repository, found: Record, proposal_id: str) -> None:
    held = ballot.c.sitting_id == found["id"], ballot.c.proposal_id == proposal_id
    if repo.count(ballot, *held):
        number = repo.get(proposal, proposal_id)["number"]
        raise ConflictError("council.agenda_voted", number=number)


def _voted(repo: Repository, found: Record, known: Record) -> bool:
    held = [one["id"] for one in repo.find(ballot, ballot.c.sitting_id == found["id"])]
    mine = vote.c.account_id == known["id"], vote.c.ballot_id.in_(held)
    return repo.count(vote, *mine) > 0

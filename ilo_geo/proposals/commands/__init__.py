"""What can be done with a proposal: one function a verb, and the one way to it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.campaign_forms import JoinForm
from ilo_geo.proposals.commands import debate
from ilo_geo.proposals.commands import documents
from ilo_geo.proposals.commands import lifecycle
from ilo_geo.proposals.commands import projects
from ilo_geo.proposals.commands import voting
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import AssessForm
from ilo_geo.proposals.model import CloseVoteForm
from ilo_geo.proposals.model import CommentForm
from ilo_geo.proposals.model import DetachForm
from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import HideForm
from ilo_geo.proposals.model import NoForm
from ilo_geo.proposals.model import OpenVoteForm
from ilo_geo.proposals.model import ReasonForm
from ilo_geo.proposals.model import ShowForm
from ilo_geo.proposals.model import VoteForm
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.permissions import ever_allows
from ilo_geo.proposals.permissions import refused
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.states import lifecycle as lifecycle_states
from ilo_geo.proposals.states import require_legal
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import setting

OPEN_TO_ALL = "open_to_all"


@dataclass(frozen=True)
class Command:
    """A verb on a proposal: what it takes, and the function that does it."""

    form: type[Form]
    run: Callable[[Repository, Record, Any], Record]


COMMANDS = {
    "discard": Command(NoForm, lifecycle.discard),
    "submit": Command(NoForm, lifecycle.submit),
    "take_up": Command(NoForm, lifecycle.take_up),
    "observe": Command(ReasonForm, lifecycle.observe),
    "answer": Command(ReasonForm, lifecycle.answer),
    "assess": Command(AssessForm, lifecycle.assess),
    "open_debate": Command(NoForm, lifecycle.open_debate),
    "open_vote": Command(OpenVoteForm, voting.open_vote),
    "vote": Command(VoteForm, voting.cast_vote),
    "close_vote": Command(CloseVoteForm, voting.close_vote),
    "archive": Command(ReasonForm, lifecycle.archive),
    "start": Command(NoForm, lifecycle.start),
    "complete": Command(NoForm, lifecycle.complete),
    "comment": Command(CommentForm, debate.add_comment),
    "hide_comment": Command(HideForm, debate.hide_comment),
    "show_comment": Command(ShowForm, debate.show_comment),
    "support": Command(NoForm, debate.add_support),
    "withdraw_support": Command(NoForm, debate.withdraw_support),
    "detach": Command(DetachForm, documents.detach),
    "join_campaign": Command(JoinForm, projects.join_campaign),
    "leave_campaign": Command(NoForm, projects.leave_campaign),
}


def perform(repo: Repository, verb: str, proposal_id: str, asked: Mapping[str, Any]) -> Record:
    """Do a verb on a proposal and return it as it is then.

    Raises
    ------
    NotFoundError
        There is no such verb, or no such proposal that the actor may know of.
    RefusedError
        The actor may not do it.
    ConflictError
        The lifecycle or what is there by now does not allow it.
    InputError
        What was asked is faulty.
    """
    command = COMMANDS.get(verb)
    if command is None:
        raise NotFoundError("council.no_verb", found=verb[:40])
    found = readable(repo, proposal_id)
    require_may(repo, verb, found)
    return command.run(repo, found, form_of(command.form, asked))


def readable(repo: Repository, proposal_id: str) -> Record:
    """Return a proposal the actor may read; another's draft is as if it were not there."""
    found = repo.get(proposal, proposal_id)
    if not granted(repo, "read", found):
        raise NotFoundError("council.not_found", found=proposal_id[:40])
    return found


def require_may(repo: Repository, verb: str, found: Record) -> None:
    """Refuse a verb on a proposal that the actor, the lifecycle or the table does not allow.

    Who may never do it is refused; who may, but not as things stand, is told how they stand.
    """
    if not ever_allows(repo.actor, verb, own=is_own(repo.actor, found)):
        raise refused(repo.actor, verb)
    require_legal(verb, found["state"])
    if not granted(repo, verb, found):
        state = lifecycle_states().states[found["state"]]
        raise ConflictError("council.not_now", found=state, verb=verb_title(verb))


def require_allowed(repo: Repository, verb: str, *, own: bool = False) -> None:
    """Refuse a verb of something that has no state."""
    if not allows(repo.actor, verb, own=own, open_to_all=is_open(repo)):
        raise refused(repo.actor, verb)


def is_own(actor: Actor, record: Record) -> bool:
    """Return whether a record is the actor's own."""
    return actor.account_id is not None and record["account_id"] == actor.account_id


def is_open(repo: Repository) -> bool:
    """Return whether the administrator opened the planner to visitors."""

    def found() -> bool:
        kept = repo.first(setting, setting.c.id == OPEN_TO_ALL)
        return bool(kept and kept["value"])

    return bool(repo.once(OPEN_TO_ALL, found))


def granted(repo: Repository, verb: str, found: Record) -> bool:
    """Return whether the table grants the actor a verb on a proposal as it stands."""
    own = is_own(repo.actor, found)
    return allows(repo.actor, verb, found["state"], own=own, open_to_all=is_open(repo))

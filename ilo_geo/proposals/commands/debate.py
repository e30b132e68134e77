"""What people say of a proposal: remarks, points for and against, support; and their moderation."""

from __future__ import annotations

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.commands.lifecycle import note
from ilo_geo.proposals.model import CommentForm
from ilo_geo.proposals.model import HideForm
from ilo_geo.proposals.model import NoForm
from ilo_geo.proposals.model import ShowForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import support


def add_comment(repo: Repository, found: Record, form: CommentForm) -> Record:
    """Write a remark or a point for or against; there are no replies."""
    repo.add(
        comment,
        "comment",
        proposal_id=found["id"],
        stance=form.stance,
        text=form.text,
        at=repo.now,
        account_id=repo.actor.account_id,
        hidden_by="",
        hidden_reason="",
    )
    return found


def hide_comment(repo: Repository, found: Record, form: HideForm) -> Record:
    """Hide a comment; its place, its author and the reason stay to be seen."""
    record = _comment(repo, found, form.comment_id)
    note(repo, found, "hide_comment", form.reason, record["id"])
    repo.change(
        comment,
        "hide_comment",
        record,
        hidden_at=repo.now,
        hidden_by=repo.actor.pseudonym,
        hidden_reason=form.reason,
    )
    return found


def show_comment(repo: Repository, found: Record, form: ShowForm) -> Record:
    """Show a hidden comment again; that it was hidden, and why, stays in the story."""
    record = _comment(repo, found, form.comment_id)
    note(repo, found, "show_comment", "", record["id"])
    repo.change(comment, "show_comment", record, hidden_at=None, hidden_by="", hidden_reason="")
    return found


def add_support(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Count one more who supports it; each once. It is no vote of the council.

    Raises
    ------
    ConflictError
        They support it already.
    """
    if _support(repo, found) is not None:
        raise ConflictError("council.supported_already")
    repo.add(
        support,
        "support",
        proposal_id=found["id"],
        account_id=repo.actor.account_id,
        at=repo.now,
    )
    return found


def withdraw_support(repo: Repository, found: Record, _form: NoForm) -> Record:
    """Take one's support back.

    Raises
    ------
    ConflictError
        There is none.
    """
    record = _support(repo, found)
    if record is None:
        raise ConflictError("council.not_supported")
    repo.remove(support, "withdraw_support", record)
    return found


def _support(repo: Repository, found: Record) -> Record | None:
    mine = support.c.account_id == repo.actor.account_id
    return repo.first(support, support.c.proposal_id == found["id"], mine)


def _comment(repo: Repository, found: Record, comment_id: str) -> Record:
    record = repo.get(comment, comment_id)
    if record["proposal_id"] != found["id"]:
        raise NotFoundError("council.not_found", found=comment_id)
    return record

"""Documents of a proposal: what the database keeps; the files lie elsewhere, by their hash."""

from __future__ import annotations

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.commands.lifecycle import note
from ilo_geo.proposals.model import DetachForm
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import document


def attach(
    repo: Repository, found: Record, *, name: str, media_type: str, size_bytes: int, sha256: str
) -> Record:
    """Keep that a file belongs to a proposal; return the document.

    Raises
    ------
    InputError
        The proposal has as many as it may have.
    """
    present = document.c.proposal_id == found["id"], document.c.removed_at.is_(None)
    most = rulebook().limits.documents
    if repo.count(document, *present) >= most:
        raise InputError("council.documents_full", most=most)
    kept = repo.add(
        document,
        "attach",
        proposal_id=found["id"],
        name=name,
        media_type=media_type,
        size_bytes=size_bytes,
        sha256=sha256,
        at=repo.now,
        actor=repo.actor.pseudonym,
        removed_reason="",
    )
    note(repo, found, "attach", name, kept["id"])
    return kept


def detach(repo: Repository, found: Record, form: DetachForm) -> Record:
    """Take a document out of sight with a reason; what it was stays in the record."""
    record = repo.get(document, form.document_id)
    if record["proposal_id"] != found["id"] or record["removed_at"] is not None:
        raise NotFoundError("council.not_found", found=form.document_id)
    repo.change(document, "detach", record, removed_at=repo.now, removed_reason=form.reason)
    note(repo, found, "detach", f"{record['name']}: {form.reason}", record["id"])
    return found

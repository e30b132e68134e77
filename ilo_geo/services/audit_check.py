"""Walks the whole audit log, the records it speaks of and the documents that belong to them."""

from __future__ import annotations

from dataclasses import dataclass

from ilo_geo.core.text import Text
from ilo_geo.core.text import messages
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import audit as log
from ilo_geo.services.audit_head import SignedHead
from ilo_geo.services.audit_head import require_head
from ilo_geo.services.council import Council
from ilo_geo.services.document_store import first_damaged


@dataclass(frozen=True)
class AuditCheck:
    """What was checked, and the first thing that does not hold; None where all does.

    Attributes
    ----------
    n_rows, last_seq, last_hash
        Rows of the log, and its end.
    n_documents
        Files that were read and fit their fingerprint.
    broken
        In words, with the row of the log where one speaks of it.
    broken_seq
        That row.
    """

    n_rows: int
    last_seq: int
    last_hash: str
    n_documents: int
    broken: Text | None
    broken_seq: int | None


def check_audit(
    council: Council, printed: SignedHead | None = None, trusted: str | None = None
) -> AuditCheck:
    """Check everything at one moment; see `require_head` for a head that was printed.

    Raises
    ------
    AuditError
        The printed head does not fit the log.
    """
    with council.reading(system) as repo:
        broken = audit.first_broken(repo.connection)
        if printed is not None:
            require_head(council, repo, printed, trusted)
        n_documents, damaged = first_damaged(council, repo)
        return _check(repo, broken, n_documents, damaged)


def _check(
    repo: Repository, broken: audit.Broken | None, n_documents: int, damaged: str | None
) -> AuditCheck:
    last = audit.end_as_told(repo.connection)
    words, seq = None, None
    if broken is not None:
        told = {"seq": broken.seq, "subject": broken.subject, "subject_id": broken.subject_id}
        text, seq = messages()[broken.reason], broken.seq
        words = Text(es=text.format("es", **told), en=text.format("en", **told))
    elif damaged is not None:
        text = messages()["audit.document_damaged"]
        words = Text(
            es=text.format("es", document=damaged), en=text.format("en", document=damaged)
        )  # fmt: skip
    return AuditCheck(repo.count(log), last.seq, last.hash, n_documents, words, seq)

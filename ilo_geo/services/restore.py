"""Brings a backup back: all of it in one transaction, checked before its end, or nothing.

It may be of the other database. What a restore would throw away it says first, and does only where
it is told to. Afterwards the log is the one that was backed up, row by row; where rows that were
here went, one more row says that they did. What another key signed is not brought back over what
this one vouches for, unless somebody says that they trust it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.exc import IntegrityError

from ilo_geo.core.errors import AuditError
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.io.backup_file import BackupFile
from ilo_geo.io.backup_file import Manifest
from ilo_geo.io.backup_file import backup_opened
from ilo_geo.io.backup_file import file_sha256
from ilo_geo.io.schema_version import known_revisions
from ilo_geo.io.signing import fingerprint
from ilo_geo.io.signing import kept_public_key
from ilo_geo.proposals import audit
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rows import row_of
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import metadata
from ilo_geo.services.audit_head import KEYS
from ilo_geo.services.audit_head import SignedHead
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.backup import KEPT
from ilo_geo.services.backup import ROWS_AT_ONCE
from ilo_geo.services.backup import TABLES
from ilo_geo.services.backup import document_part
from ilo_geo.services.backup import table_part
from ilo_geo.services.council import Council
from ilo_geo.services.document_store import document_files


@dataclass(frozen=True)
class RestoreReport:
    """What came back; ``head`` is the end of the log, as the backup's maker signed it."""

    n_rows: int
    n_documents: int
    head: SignedHead
    missing_documents: tuple[str, ...]


@contextmanager
def backup_checked(path: Path, area: str, sha256: str | None = None) -> Iterator[BackupFile]:
    """Yield a backup that is whole, of this city, and that this program can read.

    Parameters
    ----------
    sha256
        Of the file, as it was printed when it was made; None where nobody noted it.

    Raises
    ------
    InputError
        It is none of that; nothing was touched.
    """
    if sha256 is not None and path.is_file() and file_sha256(path) != sha256.strip().lower():
        raise InputError("backup.other_file", where=str(path), expected=sha256[:64])
    with backup_opened(path) as backup:
        _require_ours(backup.manifest, area)
        yield backup


def restore_backup(
    council: Council, backup: BackupFile, *, replace: bool = False, trusted: str | None = None
) -> RestoreReport:
    """Put what a checked backup holds in the place of all that is there.

    Parameters
    ----------
    replace
        Whether rows of the log that the backup does not have may be lost.
    trusted
        The fingerprint of the key that must have signed the backup, by default this workspace's
        own where it has one.

    Raises
    ------
    ConflictError
        There are such rows and they may not.
    AuditError
        Another key signed it.
    InputError, AuditError
        Its rows are faulty, or its log does not hold; nothing was changed.
    """
    head = read_head(backup.manifest.head)
    _require_trusted(council, head, trusted)
    # at the clock's own time: it is a way out where the log is far ahead of it
    with council.unlogged() as repo, ExitStack() as undo:
        present = audit.head(repo.connection)
        n_rows = _replace_rows(repo, backup)
        _require_intact(repo, head)
        if _is_lost(repo, present):
            _require_told(present, head, replace=replace)
            last = audit.head(repo.connection)
            at = max(repo.now, last.at or repo.now)
            audit.append_of_itself(
                repo.connection, last, audit.RESTORE, present.hash, repo.actor, at
            )
        # the last thing that may fail; what it wrote goes again if it does
        n_documents = _restore_documents(council, repo, backup, undo.callback)
        undo.pop_all()
    return RestoreReport(n_rows, n_documents, head, backup.manifest.missing_documents)


def _require_ours(manifest: Manifest, area: str) -> None:
    if manifest.area != area:
        raise InputError("backup.of_another", found=manifest.area[:60], expected=area)
    if manifest.revision not in known_revisions():
        expected = known_revisions()[0]
        raise InputError("backup.other_schema", found=manifest.revision[:60], expected=expected)
    tables = {part for part in manifest.parts if part.startswith(TABLES)}
    if tables != set(map(table_part, KEPT)) or set(manifest.n_rows) != {t.name for t in KEPT}:
        raise InputError("backup.faulty", found=TABLES)


def _replace_rows(repo: Repository, backup: BackupFile) -> int:
    for table in reversed(metadata.sorted_tables):
        repo.connection.execute(table.delete())
    return sum(_insert(repo, table, backup) for table in KEPT)


def _insert(repo: Repository, table: Table, backup: BackupFile) -> int:
    name, n_rows = table_part(table), 0
    with closing(backup.lines(name)) as lines:
        while batch := list(itertools.islice(_rows(table, lines, name), ROWS_AT_ONCE)):
            try:
                repo.connection.execute(table.insert(), batch)
            except (IntegrityError, DataError) as error:
                raise InputError("backup.faulty", found=name) from error
            n_rows += len(batch)
    if n_rows != backup.manifest.n_rows[table.name]:
        raise InputError("backup.faulty", found=name)
    return n_rows


def _rows(table: Table, lines: Iterator[bytes], name: str) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield row_of(table, line)
        except ValueError as error:
            raise InputError("backup.faulty", found=f"{name}: {error}"[:100]) from error


def _require_intact(repo: Repository, head: SignedHead) -> None:
    broken = audit.first_broken(repo.connection)
    if broken is not None:
        raise AuditError("backup.log_broken", found=broken.subject or log.name, seq=broken.seq or 0)
    last = audit.head(repo.connection)
    if (last.seq, last.hash) != (head.seq, head.hash):
        raise AuditError("backup.log_broken", found=log.name, seq=last.seq)


def _is_lost(repo: Repository, present: audit.Head) -> bool:
    """Return whether the log that was here does not go on in the one that came back."""
    same = select(log.c.hash).where(log.c.seq == present.seq)
    return present.seq > 0 and repo.connection.execute(same).scalar() != present.hash


def _require_told(present: audit.Head, head: SignedHead, *, replace: bool) -> None:
    if not replace:
        raise ConflictError("backup.would_lose", found=present.seq, last=head.seq)


def _require_trusted(council: Council, head: SignedHead, trusted: str | None) -> None:
    own = kept_public_key(council.folder / KEYS)
    expected = trusted.strip().lower() if trusted else own and fingerprint(own)
    found = head.public_key_fingerprint
    if expected and expected != found:
        raise AuditError("backup.other_key", found=found, expected=expected[:64])


def _restore_documents(
    council: Council, repo: Repository, backup: BackupFile, undo: Callable[..., object]
) -> int:
    files, n_documents = document_files(council), 0
    for sha256 in repo.connection.execute(select(document.c.sha256).distinct()).scalars().all():
        name = document_part(sha256)
        if name not in backup.manifest.parts:
            if sha256 not in backup.manifest.missing_documents:
                raise InputError("backup.faulty", found=name)
            continue
        if backup.manifest.parts[name].sha256 != sha256:
            raise InputError("backup.faulty", found=name)
        if files.read(sha256) is None:
            undo(files.remove, sha256)
        files.put(backup.content(name))
        n_documents += 1
    return n_documents

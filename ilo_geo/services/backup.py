"""A backup of the council's records and documents while everybody goes on working, and back.

All rows are read at one moment. Who is signed in and who tried to is left out: after a restore
everybody signs in anew. The signing key is left out as well, see `ilo_geo.io.signing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy import select

from ilo_geo import __version__
from ilo_geo.core.errors import InputError
from ilo_geo.io.backup_file import FORMAT
from ilo_geo.io.backup_file import FORMAT_VERSION
from ilo_geo.io.backup_file import BackupWriter
from ilo_geo.io.backup_file import Manifest
from ilo_geo.io.backup_file import backup_written
from ilo_geo.io.backup_file import file_sha256
from ilo_geo.io.schema_version import known_revisions
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rows import row_line
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import document
from ilo_geo.proposals.tables import instant_text
from ilo_geo.proposals.tables import login_session
from ilo_geo.proposals.tables import metadata
from ilo_geo.services.audit_head import SignedHead
from ilo_geo.services.audit_head import signed_head_in
from ilo_geo.services.council import Council
from ilo_geo.services.document_store import document_files

LEFT_OUT = (login_session, attempt)
# parents before what refers to them
KEPT = tuple(table for table in metadata.sorted_tables if table not in LEFT_OUT)
ROWS_AT_ONCE = 2_000
TABLES, DOCUMENTS = "tables/", "documents/"


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds, and the fingerprint of its file."""

    path: Path
    sha256: str
    size_bytes: int
    n_rows: int
    n_documents: int
    head: SignedHead
    missing_documents: tuple[str, ...]


def write_backup(
    council: Council, target: Path, *, now: datetime, replace: bool = False
) -> BackupReport:
    """Write all that is kept into one file.

    Parameters
    ----------
    replace
        Whether a file that is there may give way.

    Raises
    ------
    InputError
        There is a file of that name.
    WorkspaceError
        The disk refused; no file was left, and one that was there is as it was.
    """
    if target.exists() and not replace:
        raise InputError("backup.exists", where=str(target))
    with council.reading(system) as repo, backup_written(target) as out:
        n_rows = {table.name: _add_table(out, repo, table) for table in KEPT}
        missing = _add_documents(out, council, repo)
        head = signed_head_in(council, repo)
        out.close(
            Manifest(
                format=FORMAT,
                format_version=FORMAT_VERSION,
                area=head.area,
                revision=known_revisions()[0],
                program=__version__,
                made_at=instant_text(now),
                head=head.text,
                n_rows=n_rows,
                left_out=tuple(table.name for table in LEFT_OUT),
                missing_documents=missing,
                parts=out.parts,
            )
        )
        n_documents = sum(part.startswith(DOCUMENTS) for part in out.parts)
    size_bytes = target.stat().st_size
    return BackupReport(
        target, file_sha256(target), size_bytes, sum(n_rows.values()), n_documents, head, missing
    )


def table_part(table: Table) -> str:
    """Return the part of a backup that holds a table."""
    return f"{TABLES}{table.name}.jsonl"


def document_part(sha256: str) -> str:
    """Return the part of a backup that holds a document."""
    return f"{DOCUMENTS}{sha256[:2]}/{sha256}"


def _add_table(out: BackupWriter, repo: Repository, table: Table) -> int:
    n_rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal n_rows
        query = select(table).order_by(*table.primary_key)
        options = {"yield_per": ROWS_AT_ONCE}
        with repo.connection.execute(query, execution_options=options) as result:
            for row in result.mappings():
                n_rows += 1
                yield row_line(dict(row))

    out.add(table_part(table), lines())
    return n_rows


def _add_documents(out: BackupWriter, council: Council, repo: Repository) -> tuple[str, ...]:
    """Write the files that rows speak of; return the fingerprints of those that are not as told."""
    files, missing = document_files(council), []
    query = select(document.c.sha256).distinct().order_by(document.c.sha256)
    for sha256 in repo.connection.execute(query).scalars().all():
        content = files.read(sha256)
        if content is None:
            missing.append(sha256)
        else:
            # they are packed by their own format
            out.add(document_part(sha256), iter((content,)), packed=False)
    return tuple(missing)

"""``ilo-geo backup`` and ``ilo-geo restore``: the council's records and documents in one file."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import existing_council
from ilo_geo.services.areas import open_area
from ilo_geo.services.backup import LEFT_OUT
from ilo_geo.services.backup import write_backup
from ilo_geo.services.council import open_council
from ilo_geo.services.restore import backup_checked
from ilo_geo.services.restore import restore_backup

FileArgument = Annotated[Path, typer.Argument(help="The backup, one file (.zip).")]


def backup(
    file: FileArgument,
    area: AreaOption = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a file of that name.")
    ] = False,
) -> None:
    """Write all of the council's records and documents to one file, while everybody works on."""
    council = existing_council(area)
    report = write_backup(council, file, now=datetime.now(UTC), replace=replace)
    size = f"{report.size_bytes / 1e6:,.1f} MB"
    typer.echo(f"{file}: {report.n_rows} rows, {report.n_documents} documents, {size}")
    typer.echo(f"sha256  {report.sha256}")
    typer.echo(f"head    {report.head.text}")
    _tell_left_out(report.missing_documents)


def restore(
    file: FileArgument,
    area: AreaOption = None,
    sha256: Annotated[
        str | None, typer.Option("--sha256", help="As it was printed when the backup was made.")
    ] = None,
    trusted: Annotated[
        str | None,
        typer.Option(
            "--trusted",
            metavar="FINGERPRINT",
            help="Of the key that must have signed it; by default the one of this workspace.",
        ),
    ] = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where what was written since would be lost.")
    ] = False,
) -> None:
    """Put a backup in the place of all the council's records; everybody signs in anew."""
    opened = open_area(area)
    with backup_checked(file, opened.config.id, sha256) as checked:
        # opened only now: a faulty file leaves no empty database behind
        report = restore_backup(
            open_council(lambda: opened), checked, replace=replace, trusted=trusted
        )
    typer.echo(f"{file}: {report.n_rows} rows and {report.n_documents} documents are back")
    typer.echo(f"head    {report.head.seq} {report.head.hash}")
    typer.echo(f"signed  by {report.head.public_key_fingerprint}")
    _tell_left_out(report.missing_documents)


def _tell_left_out(missing: tuple[str, ...]) -> None:
    names = ", ".join(table.name for table in LEFT_OUT)
    typer.echo(f"note: not in a backup: {names} and the signing key", err=True)
    for sha256 in missing:
        typer.echo(f"warning: no file for document {sha256}: gone or changed before it", err=True)

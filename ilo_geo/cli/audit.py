"""``ilo-geo audit``: the council's audit log, checked and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import existing_council
from ilo_geo.cli.options import print_json
from ilo_geo.core.errors import AuditError
from ilo_geo.services.audit_check import check_audit
from ilo_geo.services.audit_head import SignedHead
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.audit_head import signed_head

audit_app = typer.Typer(
    help="The council's audit log: check it, print a signed head of it.", no_args_is_help=True
)
# a page of a minute is far smaller
MAX_HEAD_BYTES = 1_000_000
HeadOption = Annotated[
    str | None,
    typer.Option(
        "--head", metavar="FILE_OR_TEXT", help="A printed head: also check that the log holds it."
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", metavar="FINGERPRINT", help="Of the key that must have signed the head."),
]


@audit_app.command()
def verify(
    head: HeadOption = None,
    key: KeyOption = None,
    area: AreaOption = None,
    json: JsonOption = False,
) -> None:
    """Walk the whole log, its records and documents; exit code 1 when something does not hold."""
    printed = None if head is None else read_head(_text_of(head))
    council = existing_council(area)
    found = check_audit(council, printed, key)
    broken = found.broken
    if json:
        print_json(
            {
                "ok": broken is None,
                "n_rows": found.n_rows,
                "last_seq": found.last_seq,
                "last_hash": found.last_hash,
                "n_documents": found.n_documents,
                "broken": None if broken is None else broken.en,
                "broken_seq": found.broken_seq,
            }
        )
    else:
        typer.echo(f"rows       {found.n_rows}")
        typer.echo(f"head       {found.last_seq} {found.last_hash}")
        typer.echo(f"documents  {found.n_documents} files fit their fingerprint")
    if broken is not None:
        raise AuditError("audit.broken", found=broken)
    if printed is not None and not json:
        typer.echo(f"printed    head {printed.seq} is in the log, signed by")
        typer.echo(f"           {printed.public_key_fingerprint}")


@audit_app.command("set-clock")
def set_clock(area: AreaOption = None) -> None:
    """Go on at the clock's time where the log is ahead of it; a row of the log says so."""
    last, now = existing_council(area).set_clock()
    typer.echo(
        f"the log was at {last:%Y-%m-%d %H:%M:%S} UTC and goes on at {now:%Y-%m-%d %H:%M:%S} UTC"
    )
    typer.echo("note: start a planner that is running anew", err=True)


@audit_app.command("head")
def head_command(area: AreaOption = None, json: JsonOption = False) -> None:
    """Print the end of the log, signed: put it where nobody can change it afterwards."""
    signed = signed_head(existing_council(area))
    if json:
        print_json(signed.document())
    else:
        _print(signed)


def _print(signed: SignedHead) -> None:
    for name, value in signed.document().items():
        if name != "text":
            typer.echo(f"{name:23}{'-' if value is None else value}")
    typer.echo(signed.text)


def _text_of(given: str) -> str:
    """Return what a file holds, or the text itself where there is no such file."""
    try:
        path = Path(given)
        if not path.is_file():
            return given
        with path.open("rb") as source:
            return source.read(MAX_HEAD_BYTES).decode(errors="replace")
    except (OSError, ValueError):
        # a name longer than names are is no name
        return given

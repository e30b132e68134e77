"""``ilo-geo dossier`` and ``ilo-geo minutes``: the council's papers as files.

Whoever has the command line of this machine has its database: they read as the planner itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import existing_council
from ilo_geo.core.text import Lang
from ilo_geo.proposals.people import system
from ilo_geo.services.dossiers import FORMATS
from ilo_geo.services.dossiers import Kind
from ilo_geo.services.dossiers import dossier as write_dossier
from ilo_geo.services.minutes import minutes as write_minutes

OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]
LangOption = Annotated[Lang, typer.Option(help="Language of the paper.")]


def dossier(
    key: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Number of a proposal, or id of the rest.")
    ],
    out: OutOption,
    fmt: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "pdf",
    kind: Annotated[Kind, typer.Option(help="What it is a dossier of.")] = "proposal",
    lang: LangOption = "es",
    area: AreaOption = None,
) -> None:
    """Write a council dossier; prints the fingerprint of its data."""
    council = existing_council(area)
    try:
        sha256 = write_dossier(council, system, kind, key, fmt, out, lang=lang)
    finally:
        council.database.close()
    typer.echo(f"{out}: {sha256}")


def minutes(
    number: Annotated[int, typer.Argument(help="Number of a sitting.")],
    out: OutOption,
    lang: LangOption = "es",
    area: AreaOption = None,
) -> None:
    """Write the minutes of a sitting as PDF; prints the fingerprint of its data."""
    council = existing_council(area)
    try:
        sha256 = write_minutes(council, system, number, out, lang=lang)
    finally:
        council.database.close()
    typer.echo(f"{out}: {sha256}")

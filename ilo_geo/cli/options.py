"""Options that several commands share, and how progress is shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress as Bar
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.text import messages
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council

AreaOption = Annotated[
    Path | None,
    typer.Option("--area", help="Study area folder; the shipped one by default."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a progress callback that draws a bar on stderr where a person watches it."""
    if not sys.stderr.isatty():
        # a log or a script wants the one line of an error and nothing else
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def progress(code: str, done_ratio: float, /, **_figures: float) -> None:
            bar.update(task, description=messages()[code].en, completed=done_ratio)

        yield progress


def existing_council(area: Path | None) -> Council:
    """Open the records of a council that must be there; the planner may be running on them."""
    opened = open_area(area)
    return open_council(lambda: opened, must_exist=True)


def print_json(document: Any) -> None:
    """Write one JSON object to stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")

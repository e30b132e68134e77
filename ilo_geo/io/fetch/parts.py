"""What a fetch has so far: one folder a part, there only when it is whole; so a break loses one.

``WORKSPACE/<area>/fetching/<what>/`` holds the parts and, in ``asked.json``, what they answer.
Parts of another question, or too old, are swept when a fetch begins.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

from ilo_geo.core.errors import FetchError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.workspace import Workspace
from ilo_geo.io.workspace import atomic_path

FETCHING = "fetching"
ASKED_FILE = "asked.json"
PARTS = "parts"
HOLDER_FILE = "holder.json"


@dataclass(frozen=True)
class Parts:
    """The parts of one fetch."""

    folder: Path
    begun: datetime

    def path(self, name: str) -> Path:
        """Return where a part lies, or will."""
        return self.folder / PARTS / name

    def has(self, name: str) -> bool:
        """Return whether a part is there, and therefore whole."""
        return self.path(name).exists()

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """Yield the path to make a part under; it takes its place when the block succeeds."""
        with atomic_path(self.path(name)) as temporary:
            yield temporary

    def sweep(self) -> None:
        """Forget everything: the fetch has landed."""
        shutil.rmtree(self.folder, ignore_errors=True)


def fetching_folder(workspace: Workspace, area: str) -> Path:
    """Return where the fetches of an area keep what they have so far."""
    return workspace.root / area / FETCHING


def open_parts(folder: Path, asked: dict[str, Any], now: datetime, keep_days: float) -> Parts:
    """Return the parts of a fetch that asked the same not long ago, else an empty set."""
    begun = begun_at(folder, asked, now, keep_days)
    if begun is not None:
        return Parts(folder, begun)
    shutil.rmtree(folder, ignore_errors=True)
    with atomic_path(folder / ASKED_FILE) as temporary:
        document = {"asked": asked, "begun": now.isoformat()}
        temporary.write_text(json.dumps(document, sort_keys=True), encoding="utf-8")
    return Parts(folder, now)


def begun_at(
    folder: Path, asked: dict[str, Any], now: datetime, keep_days: float
) -> datetime | None:
    """Return when a fetch that can be taken up again began, or None where it has no part."""
    document = _document(folder / ASKED_FILE)
    try:
        begun = datetime.fromisoformat(str(document.get("begun")))
    except ValueError:
        return None
    same = document.get("asked") == json.loads(json.dumps(asked)) and _n_parts(folder) > 0
    return begun if same and now - begun <= timedelta(days=keep_days) else None


@contextmanager
def alone(workspace: Workspace, area: str, now: datetime) -> Iterator[None]:
    """Hold the area's fetch for the block; a second one is told at once who holds it.

    The lock is the operating system's, which frees it when a process dies; the note beside it only
    says who holds it, so one that a dead process left behind stops nobody.

    Raises
    ------
    FetchError
        Another fetch of this area is under way.
    """
    note = fetching_folder(workspace, area) / HOLDER_FILE
    lock = workspace.lock(f"fetch-{area}", wait_s=0.0)
    try:
        lock.__enter__()
    except WorkspaceError as error:
        if error.code != "workspace.locked":
            raise
        holder = _document(note)
        raise FetchError(
            "fetch.under_way", found=holder.get("process", "?"), since=holder.get("since", "?")
        ) from error
    try:
        with atomic_path(note) as temporary:
            document = {"process": os.getpid(), "since": _minute(now)}
            temporary.write_text(json.dumps(document), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.__exit__(None, None, None)


def _n_parts(folder: Path) -> int:
    """Return how many parts are whole; one that a power cut left half made is hidden."""
    return sum(not path.name.startswith(".") for path in (folder / PARTS).glob("*"))


def _minute(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%d/%m/%Y %H:%M UTC")


def _document(path: Path) -> dict[str, Any]:
    """Return a small JSON file of ours; empty where it is missing or was cut off."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}

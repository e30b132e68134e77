"""Files that are on the disk, not only in the system's memory, before anybody is told so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ilo_geo.io.workspace import atomic_path


@contextmanager
def durable_path(target: Path, mode: int) -> Iterator[Path]:
    """Yield a temporary path that replaces ``target`` and is on the disk when the block succeeds.

    Raises
    ------
    WorkspaceError
        The disk refused; ``target`` is as it was.
    """
    with atomic_path(target) as temporary:
        yield temporary
        with temporary.open("rb+") as written:
            os.fchmod(written.fileno(), mode)
            os.fsync(written.fileno())
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

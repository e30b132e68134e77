"""The workspace holds what is not shipped; every write is whole or not at all.

A file is written under a temporary name beside its place and renamed when complete, so a full
disk or a killed process leaves what was there before. Two processes take turns by a lock file.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from filelock import Timeout
from platformdirs import user_data_path

from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin

ENV_WORKSPACE = "ILO_GEO_WORKSPACE"
# drivers write in blocks and give some back when they fail
DISK_FULL_BYTES = 1 << 20


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target`` that replaces it when the block succeeds.

    The temporary path ends like ``target``, so drivers that look at the suffix are content; it may
    be written as a file or as a folder.

    Raises
    ------
    WorkspaceError
        The disk refused; ``target`` is as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=".writing-", dir=target.parent))
    except OSError as error:
        raise _not_writable(target, error) from error
    try:
        temporary = holder / target.name
        yield temporary
        _replace(temporary, target)
    except OSError as error:
        raise _not_writable(target, error) from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _replace(temporary: Path, target: Path) -> None:
    if not target.is_dir():
        temporary.replace(target)
        return
    # outside the folder that is swept at the end: for a moment this is the only copy
    previous = temporary.parent.with_name(f"{temporary.parent.name}.previous")
    target.rename(previous)
    try:
        temporary.replace(target)
    finally:
        if not target.exists():
            previous.rename(target)
    shutil.rmtree(previous, ignore_errors=True)


def _not_writable(target: Path, error: OSError) -> WorkspaceError:
    if isinstance(error, WorkspaceError):
        if error.code != "workspace.not_writable":
            return error
        # a file inside this one failed: its reason is the reason, its temporary path is gone
        found = error.fields["found"]
    elif error.errno is None and _is_full(target.parent):
        found = os.strerror(errno.ENOSPC)
    else:
        found = error.strerror or str(error)
    return WorkspaceError("workspace.not_writable", where=str(target), found=found)


def _is_full(folder: Path) -> bool:
    """Return whether a driver that hides the reason has most likely run out of space."""
    return folder.exists() and shutil.disk_usage(folder).free < DISK_FULL_BYTES


@dataclass(frozen=True)
class Workspace:
    """A folder on disk for imported, fetched and modelled layers and stored results."""

    root: Path

    @classmethod
    def default(cls) -> Workspace:
        """Return the workspace of ``ILO_GEO_WORKSPACE``, else of the user's data directory."""
        named = os.environ.get(ENV_WORKSPACE)
        return cls(Path(named) if named else user_data_path("ilo-geo", appauthor=False))

    def layer_dir(self, area: str, origin: Origin, layer_id: str) -> Path:
        """Return the folder of one layer of one origin; see `Catalogue.workspace_id`."""
        return self.root / area / origin.value / layer_id

    def versions_dir(self, area: str) -> Path:
        """Return the folder of the versions brought in."""
        return self.root / area / "versions"

    def results_dir(self, area: str) -> Path:
        """Return the folder of stored results."""
        return self.root / area / "results"

    @contextmanager
    def lock(self, name: str, *, wait_s: float = 600.0) -> Iterator[None]:
        """Hold the named lock for the block; wait at most ``wait_s`` for another process."""
        path = self.root / f".{name}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            lock.acquire(timeout=wait_s)
        except Timeout as error:
            found = f"{wait_s:.0f} s"
            raise WorkspaceError("workspace.locked", where=str(self.root), found=found) from error
        except OSError as error:
            raise _not_writable(path, error) from error
        try:
            yield
        finally:
            lock.release()

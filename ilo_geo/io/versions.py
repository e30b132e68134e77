"""Versions of layers side by side: what was brought in, when, from where, and which is in use.

A version is a folder with one folder a layer, written whole. One small file says which version of
each layer is in use, step by step; it is replaced in one move, so that layers that came together
switch together, and a step can be taken back. A version never changes once it is there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Literal
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Origin
from ilo_geo.io.workspace import atomic_path

VERSION_FILE = "version.json"
IN_USE_FILE = "in_use.json"
UNFINISHED = ".writing-*"
ID_HEX_DIGITS = 8
# a name from a command line or an address: only these characters may reach the file system
VERSION_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[a-z0-9_]+-[0-9a-f]{8}")

M = TypeVar("M", bound=BaseModel)
VersionKind = Literal["fetch", "import"]
ORIGINS: Mapping[VersionKind, Origin] = {"fetch": Origin.FETCHED, "import": Origin.IMPORTED}


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LandedLayer(_Record):
    """One layer of a version: its fingerprint and number of features (None for a raster)."""

    sha256: str
    n_features: int | None


class Version(_Record):
    """What was brought in together: when, how it was asked for, and of whom."""

    id: str
    kind: VersionKind
    source: str
    made: datetime
    query: str | None = None
    endpoint: str | None = None
    layers: dict[str, LandedLayer]


class Step(_Record):
    """One switch: since when which layer comes from which version or origin."""

    at: datetime
    in_use: dict[str, str]


class _Steps(_Record):
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class VersionShelf:
    """The versions of one study area in its workspace."""

    folder: Path

    @property
    def in_use_path(self) -> Path:
        """Return the file that says what is in use."""
        return self.folder / IN_USE_FILE

    def free_id(self, made: datetime, word: str, asked: str) -> str:
        """Return the id of a new version: when, what, and a mark that no other has."""
        for attempt in count():
            digest = sha256(f"{asked} {attempt}".encode()).hexdigest()[:ID_HEX_DIGITS]
            version_id = f"{made:%Y%m%dT%H%M%S}-{word}-{digest}"
            if not (self.folder / version_id).exists():
                break
        return version_id

    @property
    def missing(self) -> Mapping[str, str]:
        """Return, by layer, the versions that were chosen and are not there any more."""
        versions = {layer: v for layer, v in self.in_use.items() if VERSION_ID.fullmatch(v)}
        return {n: v for n, v in versions.items() if not self.layer_dir(v, n).is_dir()}

    @property
    def in_use(self) -> Mapping[str, str]:
        """Return, by layer, the version or origin somebody chose; others go by strength."""
        steps = self.steps
        return steps[-1].in_use if steps else {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return every switch, the first one first."""
        path = self.in_use_path
        if not path.is_file():
            return ()
        stat = path.stat()
        return _read_steps(path, stat.st_mtime_ns, stat.st_size)

    def layer_dir(self, version_id: str, layer_id: str) -> Path:
        """Return the folder of one layer of a version."""
        return self.folder / version_id / layer_id

    def origin(self, version_id: str) -> Origin:
        """Return where the layers of a version come from."""
        return ORIGINS[self.version(version_id).kind]

    def versions(self) -> tuple[Version, ...]:
        """Return every version, newest first."""
        found = [path.parent.name for path in self.folder.glob(f"[0-9]*/{VERSION_FILE}")]
        return tuple(self.version(name) for name in sorted(found, reverse=True))

    def version(self, version_id: str) -> Version:
        """Return a version.

        Raises
        ------
        InputError
            There is none of that id.
        WorkspaceError
            Its description is damaged.
        """
        path = self.folder / version_id / VERSION_FILE
        if not VERSION_ID.fullmatch(version_id) or not path.is_file():
            raise InputError("version.unknown", found=version_id[:60])
        stat = path.stat()
        return _read_version(path, stat.st_mtime_ns, stat.st_size)

    def put(self, version_id: str, write: Callable[[Path], Version]) -> Version:
        """Add the version whose layers ``write`` puts into a folder; nothing is in use by it yet.

        What an interrupted earlier writing left is swept; hold the workspace's lock.
        """
        for rest in self.folder.glob(UNFINISHED):
            shutil.rmtree(rest, ignore_errors=True)
        with atomic_path(self.folder / version_id) as temporary:
            temporary.mkdir()
            version = write(temporary)
            _write(temporary / VERSION_FILE, version)
            _flush(temporary)
        _flush_names(self.folder)
        return version

    def remove(self, version_id: str) -> None:
        """Take a version away that nobody has used yet."""
        shutil.rmtree(self.folder / version_id, ignore_errors=True)

    def choose(self, in_use: Mapping[str, str], at: datetime) -> None:
        """Switch in one move: ``in_use`` is all that is chosen from now on."""
        self._replace((*self.steps, Step(at=at, in_use=dict(in_use))))

    def step_back(self) -> Mapping[str, str]:
        """Take back the last switch and return what is chosen now.

        Raises
        ------
        InputError
            There is nothing to take back.
        """
        steps = self.steps
        if not steps:
            raise InputError("version.nothing_to_undo")
        self._replace(steps[:-1])
        return self.in_use

    def _replace(self, steps: tuple[Step, ...]) -> None:
        with atomic_path(self.in_use_path) as temporary:
            _write(temporary, _Steps(steps=steps))
            _flush(temporary)
        _flush_names(self.folder)
        # the next reader must not take the old content for the new
        _read_steps.cache_clear()


def _write(path: Path, record: BaseModel) -> None:
    path.write_text(record.model_dump_json(indent=1), encoding="utf-8")


def _flush(written: Path) -> None:
    """Wait until the disk has it: a switch to data that a power cut takes away would lose both."""
    files = [p for p in written.rglob("*") if p.is_file()] if written.is_dir() else [written]
    for path in files:
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())


def _flush_names(folder: Path) -> None:
    """Wait until the disk has what a folder names; Windows does that by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@lru_cache(maxsize=64)
def _read_steps(path: Path, _changed_ns: int, _size_bytes: int) -> tuple[Step, ...]:
    return _parse(_Steps, path).steps


@lru_cache(maxsize=256)
def _read_version(path: Path, _changed_ns: int, _size_bytes: int) -> Version:
    return _parse(Version, path)


def _parse(model: type[M], path: Path) -> M:
    try:
        return model.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        # not the fault of whoever asked for a layer, and no reason to answer with another one
        raise WorkspaceError("version.damaged", where=str(path)) from error

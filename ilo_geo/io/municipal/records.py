"""Keeps how a file was loaded and which of its rows are still missing, beside its version."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo.core.layer import Status
from ilo_geo.io.workspace import Workspace
from ilo_geo.io.workspace import atomic_path

FOLDER = "imports"


class LoadRecord(BaseModel):
    """How a file became a version, enough to load its mended rows the same way.

    Attributes
    ----------
    missing
        Numbers of the rows that could not be loaded.
    pairs, constants
        The mapping as it was used.
    parent
        The version whose rows mended ones joined, None of a file of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    layer: str
    n_rows: int
    missing: tuple[int, ...]
    crs: str
    pairs: dict[str, str]
    constants: dict[str, str]
    source: str
    licence: str
    date: str
    status: Status
    accuracy_m: float | None
    parent: str | None = None


def write_record(workspace: Workspace, area: str, version: str, record: LoadRecord) -> None:
    """Keep the record of a version."""
    with atomic_path(_folder(workspace, area) / f"{version}.json") as temporary:
        temporary.write_text(record.model_dump_json(indent=1), encoding="utf-8")


def read_records(workspace: Workspace, area: str) -> dict[str, LoadRecord]:
    """Return the records of an area by version, newest first."""
    found = {}
    for path in sorted(_folder(workspace, area).glob("*.json"), reverse=True):
        try:
            found[path.stem] = LoadRecord.model_validate_json(path.read_text(encoding="utf-8"))
        except (ValidationError, UnicodeDecodeError):
            # without it rows can still be loaded, as a file of their own
            continue
    return found


def _folder(workspace: Workspace, area: str) -> Path:
    return workspace.root / area / FOLDER

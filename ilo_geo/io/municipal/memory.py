"""Remembers how a kind of file was mapped, so that the next of its kind needs no asking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo.core.text import from_yaml
from ilo_geo.io.municipal.words import fold
from ilo_geo.io.workspace import Workspace
from ilo_geo.io.workspace import atomic_path

HEX_DIGITS = 16
FOLDER = "mappings"


class KeptMapping(BaseModel):
    """How a set of columns was read the last time.

    Attributes
    ----------
    pairs
        Ours by theirs, coordinates included; empty where a column was left unmapped.
    constants
        Values that every row was given, by our column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pairs: dict[str, str]
    constants: dict[str, str] = {}


def recall(
    workspace: Workspace, area: str, layer: str, columns: Iterable[str]
) -> KeptMapping | None:
    """Return how a file with these columns was read into a layer before, None where none was."""
    path = _path(workspace, area, layer, columns)
    if not path.is_file():
        return None
    try:
        return KeptMapping.model_validate(from_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError):
        # only a convenience: what cannot be read is asked again
        return None


def remember(
    workspace: Workspace, area: str, layer: str, columns: Iterable[str], kept: KeptMapping
) -> None:
    """Keep how a file with these columns was read into a layer."""
    with atomic_path(_path(workspace, area, layer, columns)) as temporary:
        text = yaml.safe_dump(kept.model_dump(), allow_unicode=True, sort_keys=True)
        temporary.write_text(text, encoding="utf-8")


def _path(workspace: Workspace, area: str, layer: str, columns: Iterable[str]) -> Path:
    names = "\n".join(sorted(fold(name) for name in columns))
    digest = hashlib.sha256(names.encode()).hexdigest()[:HEX_DIGITS]
    return workspace.root / area / FOLDER / f"{layer}-{digest}.yaml"

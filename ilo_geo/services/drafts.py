"""Use cases: make a proposal of a result, keep it in the workspace, find it again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.io.draft_files import EXPECTED
from ilo_geo.io.draft_files import PROPOSAL_FILE
from ilo_geo.io.draft_files import read_draft
from ilo_geo.io.draft_files import write_draft
from ilo_geo.proposals.draft import Draft
from ilo_geo.proposals.draft import draft_of
from ilo_geo.proposals.draft import fingerprint_of
from ilo_geo.services.areas import Area
from ilo_geo.services.results import ResultStore
from ilo_geo.services.results import changed_inputs

FOLDER = "proposals"


@dataclass(frozen=True)
class Listing:
    """The proposals of an area, newest first, and what was wrong with those that are damaged."""

    proposals: tuple[Draft, ...]
    faults: tuple[InputError, ...]


def create_from(
    area: Area,
    result: AnalysisResult,
    title: str,
    *,
    author: str | None = None,
    created: datetime | None = None,
) -> Draft:
    """Return a draft of what a result chose, stored with the result; by default made now.

    Raises
    ------
    InputError
        See `draft_of`; or the result is of another area.
    WorkspaceError
        The workspace cannot be written.
    """
    if result.area != area.config.id:
        raise InputError("proposal.other_area", found=result.area, expected=area.config.id)
    proposal = draft_of(result, title, created or datetime.now(UTC), author)
    workspace, name = area.catalogue.workspace, area.catalogue.workspace_id
    with workspace.lock(f"{name}-{FOLDER}"):
        ResultStore(area).save(result)
        write_draft(_folder(area) / proposal.id, proposal.document, proposal.places)
    return proposal


def proposal(area: Area, proposal_id: str) -> Draft:
    """Return a stored proposal.

    Raises
    ------
    InputError
        There is none of that id, or its files are damaged.
    """
    folder = _folder(area)
    # an id comes from a URL: only the characters of a fingerprint may reach the file system
    known = re.fullmatch(r"[0-9a-f]+", proposal_id) and (folder / proposal_id).is_dir()
    if not known:
        raise InputError("proposal.unknown", found=proposal_id, where=str(folder))
    return _read(folder / proposal_id)


def list_drafts(area: Area) -> Listing:
    """Return every stored proposal; one that is damaged hides no other."""
    found, faults = [], []
    for path in sorted(_folder(area).glob(f"*/{PROPOSAL_FILE}")):
        try:
            found.append(_read(path.parent))
        except InputError as error:
            faults.append(error)
    newest_first = sorted(found, key=lambda one: (one.created, one.id), reverse=True)
    return Listing(tuple(newest_first), tuple(faults))


def is_stale(area: Area, proposal: Draft) -> bool:
    """Return whether a layer or the configuration it was found with is no longer as it was."""
    return bool(changed_layers(area, proposal))


def changed_layers(area: Area, proposal: Draft) -> tuple[str, ...]:
    """Return what differs now: layers gone, new or changed, and the configuration."""
    used = {ref.layer: ref.model_dump(mode="json") for ref in proposal.provenance}
    return changed_inputs(area, proposal.analysis, used, proposal.configuration_sha256)


def _folder(area: Area) -> Path:
    return area.catalogue.workspace.root / area.catalogue.workspace_id / FOLDER


def _read(folder: Path) -> Draft:
    """Return the proposal of a folder, refusing one that was edited by hand."""
    kept = read_draft(folder)
    path = str(folder / PROPOSAL_FILE)
    try:
        read = Draft(**kept.document, places=kept.places)
    except (ValidationError, TypeError) as error:
        found = " ".join(str(error).split())
        raise InputError("file.unreadable", where=path, found=found, expected=EXPECTED) from error
    same = read.id == folder.name == fingerprint_of(read)
    if not same:
        raise InputError(
            "file.unreadable", where=path, found="changed since it was written", expected=EXPECTED
        )
    return read

"""Documents of proposals: taken in by their content, kept by their hash, given to who may read.

The name a file came with is a label and nothing else: it is no path, and it never says what a file
is. A file is on the disk before the row that speaks of it is written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.document_files import DOCUMENTS
from ilo_geo.io.document_files import SUFFIXES
from ilo_geo.io.document_files import DocumentFiles
from ilo_geo.io.document_files import media_type
from ilo_geo.io.document_files import without_metadata
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_may
from ilo_geo.proposals.commands.documents import attach
from ilo_geo.proposals.model import UNSEEN
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import document
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import numbered

STRIPPED = "stripped"
MAX_LABEL_LETTERS = 120
NAMELESS = "document"
# what one system or another takes for more than a letter of a name
UNFIT = re.compile(r'[<>:"|?*%`$&;\x7f-\x9f\ud800-\udfff]')
# names Windows keeps for devices, with any ending
DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class OpenDocument:
    """A document that its reader may have: label, type, and the file as it was handed in."""

    name: str
    media_type: str
    sha256: str
    content: bytes


def document_files(council: Council) -> DocumentFiles:
    """Return the folder of a council's documents."""
    return DocumentFiles(council.folder / DOCUMENTS)


def max_document_bytes() -> int:
    """Return the largest file that is taken."""
    return rulebook().limits.document_bytes


def store(council: Council, actor: Actor, number: int, source: BinaryIO, name: str) -> Record:
    """Attach a file to the proposal of a number; return the document.

    An image is kept without what it tells of whoever took it; ``stripped`` of what is returned
    names what was taken out.

    Parameters
    ----------
    source
        Read once, and no further than what may be taken.
    name
        As its sender calls it; only a label is kept of it.

    Raises
    ------
    NotFoundError, RefusedError, ConflictError
        As for every verb; the proposal may have this very file already.
    InputError
        It is too large, empty, or no PDF, PNG or JPEG.
    WorkspaceError
        The disk refused; nothing was kept.
    """
    with council.reading(actor) as repo:
        require_may(repo, "attach", numbered(repo, number))
    content = source.read(max_document_bytes() + 1)
    if len(content) > max_document_bytes():
        raise InputError("document.too_large", most_mb=max_document_bytes() // 1_000_000)
    kind = media_type(content)
    content, stripped = without_metadata(content, kind)
    sha256 = document_files(council).put(content)
    with council.writing(actor) as repo:
        found = numbered(repo, number)
        require_may(repo, "attach", found)
        _require_new(repo, found, sha256)
        # a draft with this very file may have been discarded meanwhile
        document_files(council).put(content)
        made = attach(
            repo,
            found,
            name=label(name, kind),
            media_type=kind,
            size_bytes=len(content),
            sha256=sha256,
        )
    return {**made, STRIPPED: stripped}


def open_document(council: Council, actor: Actor, document_id: str) -> OpenDocument:
    """Return a document the actor may read, as it was handed in.

    Raises
    ------
    NotFoundError
        There is none, it was taken away, or it is none of the actor's business.
    WorkspaceError
        Its file is gone or was changed on the disk.
    """
    with council.reading(actor) as repo:
        found = repo.get(document, document_id)
        readable(repo, found["proposal_id"])
    if found["removed_at"] is not None:
        raise NotFoundError("council.not_found", found=document_id[:40])
    content = document_files(council).read(found["sha256"])
    if content is None:
        raise WorkspaceError("document.damaged", found=found["name"])
    return OpenDocument(found["name"], found["media_type"], found["sha256"], content)


def first_damaged(council: Council, repo: Repository) -> tuple[int, str | None]:
    """Return how many files of documents fit, and the id of the first document whose does not."""
    files, n_good = document_files(council), 0
    for record in repo.find(document, order=(document.c.at, document.c.id)):
        if files.read(record["sha256"]) is None:
            return n_good, record["id"]
        n_good += 1
    return n_good, None


def label(name: str, kind: str) -> str:
    """Return what to call a file of a type: a last name without tricks, ending as its type does.

    Examples
    --------
    >>> label("../../etc/passwd", "application/pdf"), label("<b>plano.PNG", "image/png")
    ('passwd.pdf', '_b_plano.PNG')
    """
    plain = unicodedata.normalize("NFC", UNSEEN.sub("", name).replace("\\", "/"))
    last = " ".join(UNFIT.sub("_", plain.rpartition("/")[2]).split()).strip(". ")
    suffix = PurePosixPath(last).suffix
    if suffix.lower() not in SUFFIXES[kind]:
        stem, suffix = last, SUFFIXES[kind][0]
    else:
        stem = last.removesuffix(suffix)
    stem = stem[: MAX_LABEL_LETTERS - len(suffix)].strip(". ") or NAMELESS
    return f"_{stem}{suffix}" if DEVICES.fullmatch(stem) else f"{stem}{suffix}"


def _require_new(repo: Repository, found: Record, sha256: str) -> None:
    present = document.c.proposal_id == found["id"], document.c.removed_at.is_(None)
    same = repo.first(document, *present, document.c.sha256 == sha256)
    if same is not None:
        raise ConflictError("document.present", found=same["name"])

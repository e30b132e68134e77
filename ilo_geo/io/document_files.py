"""Files that people hand in: what they are by their content, and a place for each by its hash.

Nothing of a file's own name or of what its sender says it is decides anything. A file lies under
its SHA-256, so the same file is kept once, and one that was changed on the disk is found out.
"""

from __future__ import annotations

import hashlib
import re
import struct
import threading
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io.durable import durable_path
from ilo_geo.io.durable import sync_folder
from ilo_geo.io.image_metadata import stripped_jpeg
from ilo_geo.io.image_metadata import stripped_png

# the folder of a council's documents, in its own
DOCUMENTS = "documents"
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
SUFFIXES = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg")}
SHA256 = re.compile(r"[0-9a-f]{64}")
OWNER_ONLY = 0o600
# a scanned A0 plan at 200 dots an inch; each takes up to four bytes while it is decoded
MAX_PIXELS = 60_000_000
# a PDF ends by saying where its table of objects is; nothing of weight may follow that
TAIL_BYTES = 1024
PDF_HEAD = re.compile(rb"%PDF-[12]\.[0-9]\s")
PDF_TAIL = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF[\s\0]*\Z")
PDF_TABLE = re.compile(rb"\s*(?:xref\b|[0-9]+\s+[0-9]+\s+obj\b)")
PDF_ROOT = re.compile(rb"/Root\s+([0-9]{1,10})\s+([0-9]{1,5})\s+R\b")
PDF_PACKED = b"/ObjStm"
# what Pillow raises on a file that is broken
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error,
    Image.DecompressionBombError,
)  # fmt: skip
_one_at_a_time = threading.Lock()


def media_type(content: bytes) -> str:
    """Return what a file is: a PDF, a PNG or a JPEG that can be read to its end.

    Raises
    ------
    InputError
        It is none of them, is broken, or is an image too large to decode.
    """
    if PDF_HEAD.match(content):
        _require_pdf(content)
        return PDF
    for kind, head, name in ((PNG, b"\x89PNG\r\n\x1a\n", "PNG"), (JPEG, b"\xff\xd8\xff", "JPEG")):
        if content.startswith(head):
            # decoding takes memory: one at a time
            with _one_at_a_time:
                _require_image(content, name)
            return kind
    raise InputError("document.unknown_type", found=_said(content), expected="PDF, PNG, JPG")


def without_metadata(content: bytes, kind: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a file as it is kept, and what of it is not; a PDF is kept as it came.

    Raises
    ------
    InputError
        It is broken.
    """
    if kind == JPEG:
        return stripped_jpeg(content)
    return stripped_png(content) if kind == PNG else (content, ())


@dataclass(frozen=True)
class DocumentFiles:
    """The folder that holds them, outside of anything that is served."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Return where the file of a hash lies."""
        if not SHA256.fullmatch(sha256):
            raise InputError("document.no_hash", found=sha256[:40])
        return self.root / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Bring a file to the disk; return its hash.

        Raises
        ------
        WorkspaceError
            The disk refused; nothing was kept.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if self.read(sha256) is None:
            with durable_path(self.path(sha256), OWNER_ONLY) as temporary:
                temporary.write_bytes(content)
            # the folder of its first letters may be new as well
            sync_folder(self.root)
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """Return a file as it was put, None where it is gone or was changed."""
        path = self.path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            found = error.strerror or str(error)
            raise WorkspaceError("document.not_read", where=str(path), found=found) from error
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def remove(self, sha256: str) -> None:
        """Take away a file that nothing speaks of."""
        self.path(sha256).unlink(missing_ok=True)


def _require_pdf(content: bytes) -> None:
    tail = PDF_TAIL.search(content[-TAIL_BYTES:])
    if tail is None:
        raise InputError("document.broken", found="PDF", expected="startxref … %%EOF")
    place = int(tail[1])
    at_table = PDF_TABLE.match(content, place) if 0 < place < len(content) else None
    if at_table is None or not _has_root(content):
        raise InputError("document.broken", found="PDF", expected="xref, /Root")
    if _opens_as_zip(content):
        raise InputError("document.broken", found="PDF + ZIP", expected="PDF")


def _has_root(content: bytes) -> bool:
    """Return whether the object that a PDF begins with is there, written out or packed."""
    roots = PDF_ROOT.findall(content)
    told = (re.search(rb"\b%b\s+%b\s+obj\b" % root, content) for root in roots)
    return bool(roots) and (PDF_PACKED in content or any(told))


def _opens_as_zip(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return bool(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _require_image(content: bytes, name: str) -> None:
    try:
        with warnings.catch_warnings():
            # what Pillow only warns of is counted here
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(content), formats=[name])
        with image:
            _require_few_pixels(image)
            # a JPEG can be decoded small; both are read to their end
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
    except InputError:
        raise
    except BROKEN as error:
        found = " ".join(str(error).split())[:80] or type(error).__name__
        raise InputError("document.broken", found=name, expected=found) from error


def _require_few_pixels(image: Image.Image) -> None:
    n_pixels = image.width * image.height
    if n_pixels > MAX_PIXELS:
        raise InputError("document.many_pixels", found=n_pixels, most=MAX_PIXELS)


def _said(content: bytes) -> str:
    """Return what a file begins with, as far as it can be shown."""
    return repr(content[:12])[1:]

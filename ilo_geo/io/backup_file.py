"""A backup as one file: a zip of parts with a manifest, closed by a checksum of all of it.

The zip's comment is the SHA-256 of every byte before it, so a bit that flipped and an end that was
cut off are found before anything is read. What the manifest says of each part (bytes, SHA-256) is
checked too, and no part is larger than a file of that size can honestly hold.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.errors import InputError
from ilo_geo.io.durable import durable_path

FORMAT, FORMAT_VERSION = "ilo-geo council backup", 1
MANIFEST = "manifest.json"
OWNER_ONLY = 0o600
CHECKSUM_LETTERS = 64
CHUNK_BYTES = 1 << 20
PART = re.compile(r"tables/[a-z_]{1,40}\.jsonl|documents/([0-9a-f]{2})/\1[0-9a-f]{62}")
# rows of text pack to a tenth; what grows more than this was made to
MAX_GROWTH, SLACK_BYTES = 100, 10_000_000
MAX_MANIFEST_BYTES = 100_000_000
MAX_LINE_BYTES = 50_000_000
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
Sha256 = Field(pattern="^[0-9a-f]{64}$")


class PartInfo(BaseModel):
    """What the manifest says of a part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bytes: int = Field(ge=0)
    sha256: str = Sha256


class Manifest(BaseModel):
    """What a backup says of itself.

    Attributes
    ----------
    area, revision
        Id of the city; revision of the tables.
    head
        The signed end of the audit log, as it is printed.
    n_rows
        Rows of each table.
    left_out
        Tables that are in no backup.
    missing_documents
        Fingerprints of documents whose file was gone or changed when the backup was made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    format_version: int
    area: str
    revision: str
    program: str
    made_at: str
    head: str
    n_rows: dict[str, int]
    left_out: tuple[str, ...]
    missing_documents: tuple[str, ...]
    parts: dict[str, PartInfo]


@dataclass
class BackupWriter:
    """Takes the parts of a backup one after another."""

    _zip: zipfile.ZipFile
    parts: dict[str, PartInfo] = field(default_factory=dict)

    def add(self, name: str, chunks: Iterator[bytes], *, packed: bool = True) -> None:
        """Write a part as it comes."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = OWNER_ONLY << 16
        digest, size_bytes = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as part:
            for chunk in chunks:
                part.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
        self.parts[name] = PartInfo(size_bytes=size_bytes, sha256=digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        """Write the manifest; nothing comes after it."""
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1))


@contextmanager
def backup_written(target: Path) -> Iterator[BackupWriter]:
    """Yield a writer; the file is there, whole and on the disk, when the block succeeds.

    Raises
    ------
    WorkspaceError
        The disk refused; ``target`` is as it was.
    """
    with durable_path(target, OWNER_ONLY) as temporary:
        with zipfile.ZipFile(temporary, "w") as packed:
            yield BackupWriter(packed)
            packed.comment = b"0" * CHECKSUM_LETTERS
        checksum = _checksum(temporary)
        with temporary.open("rb+") as out:
            out.seek(-CHECKSUM_LETTERS, 2)
            out.write(checksum.encode())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, as ``sha256sum`` prints it."""
    return _digest(path, path.stat().st_size)


@dataclass(frozen=True)
class BackupFile:
    """A backup whose every part is as its manifest says."""

    manifest: Manifest
    _zip: zipfile.ZipFile

    def lines(self, name: str) -> Generator[bytes, None, None]:
        """Yield the lines of a part; close it, where not all of them are taken."""
        with self._zip.open(name) as part:
            while line := part.readline(MAX_LINE_BYTES):
                if not line.endswith(b"\n"):
                    raise InputError("backup.faulty", found=name)
                yield line

    def content(self, name: str) -> bytes:
        """Return a part as a whole."""
        return self._zip.read(name)


@contextmanager
def backup_opened(path: Path) -> Iterator[BackupFile]:
    """Yield a backup after every byte of it was checked.

    Raises
    ------
    InputError
        It is no backup, was cut off or changed, or was made to do harm.
    """
    try:
        whole = path.stat().st_size > CHECKSUM_LETTERS and _is_closed(path)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError("backup.unreadable", where=str(path), found=found) from error
    if not whole:
        raise InputError("backup.damaged", where=str(path))
    with ExitStack() as opened:
        try:
            packed = opened.enter_context(zipfile.ZipFile(path))
            _require_honest(packed, path)
            manifest = _manifest(packed)
            _require_parts(packed, manifest)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
            raise InputError("backup.damaged", where=str(path)) from error
        yield BackupFile(manifest, packed)


def _is_closed(path: Path) -> bool:
    with path.open("rb") as source:
        source.seek(-CHECKSUM_LETTERS, 2)
        return source.read() == _checksum(path).encode()


def _checksum(path: Path) -> str:
    return _digest(path, path.stat().st_size - CHECKSUM_LETTERS)


def _digest(path: Path, n_bytes: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while n_bytes > 0 and (chunk := source.read(min(CHUNK_BYTES, n_bytes))):
            digest.update(chunk)
            n_bytes -= len(chunk)
    return digest.hexdigest()


def _require_honest(packed: zipfile.ZipFile, path: Path) -> None:
    """Refuse names, packings and sizes that no backup has, before anything is unpacked."""
    infos = packed.infolist()
    names = [info.filename for info in infos]
    odd = [name for name in names if name != MANIFEST and not PART.fullmatch(name)]
    odd += [i.filename for i in infos if i.compress_type not in PACKINGS or i.flag_bits & 1]
    if len(set(names)) < len(names) or MANIFEST not in names or odd:
        raise InputError("backup.faulty", found=repr((odd or [MANIFEST])[0][:60]))
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_GROWTH * path.stat().st_size + SLACK_BYTES:
        raise InputError("backup.bomb", found=f"{unpacked / 1e6:,.0f} MB")


def _manifest(packed: zipfile.ZipFile) -> Manifest:
    if packed.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise InputError("backup.faulty", found=MANIFEST)
    try:
        told = json.loads(packed.read(MANIFEST))
        stated = told["format"], told["format_version"]
        manifest = Manifest.model_validate(told) if stated == (FORMAT, FORMAT_VERSION) else None
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise InputError("backup.faulty", found=MANIFEST) from error
    if manifest is None:
        found, expected = f"{stated[0]} {stated[1]}"[:60], f"{FORMAT} {FORMAT_VERSION}"
        raise InputError("backup.other_format", found=found, expected=expected)
    return manifest


def _require_parts(packed: zipfile.ZipFile, manifest: Manifest) -> None:
    if set(packed.namelist()) - {MANIFEST} != set(manifest.parts):
        raise InputError("backup.faulty", found=MANIFEST)
    for name, told in manifest.parts.items():
        digest, size_bytes = hashlib.sha256(), 0
        with packed.open(name) as part:
            while chunk := part.read(CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
        if (size_bytes, digest.hexdigest()) != (told.size_bytes, told.sha256):
            raise InputError("backup.faulty", found=name)

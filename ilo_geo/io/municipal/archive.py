"""Unpacks a ZIP into a folder of its own; one that means harm is refused before it is unpacked.

Sizes are those that come out, not those the archive states; nothing is written outside the folder.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path
from pathlib import PurePosixPath

from ilo_geo.core.errors import InputError
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.limits import require_at_most

CHUNK_BYTES = 1 << 18
ENCRYPTED_FLAG = 0x1
UNIX_MODE_SHIFT = 16
DRIVE = re.compile(r"^[A-Za-z]:")
PACKED_SUFFIXES = (".zip", ".kmz", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz")
# what the programs of a desk leave in an archive
LITTER = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")


def unpack(path: Path, folder: Path, *, name: str) -> None:
    """Unpack the ZIP at ``path`` into ``folder``, which is new and empty.

    Parameters
    ----------
    name
        What the user calls the file, for messages.

    Raises
    ------
    InputError
        It is no ZIP, is damaged or encrypted, holds a path that leaves the folder, a link or
        another archive, or comes to more than the limits allow.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not LITTER.search(m.filename)]
            require_at_most(name, "max_members", len(members))
            for member in members:
                _require_harmless(member, name)
            room = limits().max_unpacked_bytes
            for member in members:
                room -= _write(archive, member, folder, name, room)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=name, found=found, expected="a ZIP archive"
        ) from error


def _require_harmless(member: zipfile.ZipInfo, name: str) -> None:
    # the name as it lies in the archive, before zipfile made it prettier
    written = member.orig_filename.replace("\\", "/")
    parts = PurePosixPath(written).parts
    mode = member.external_attr >> UNIX_MODE_SHIFT
    if (
        written.startswith("/")
        or DRIVE.match(written)
        or ".." in parts
        or "\0" in written
        or stat.S_ISLNK(mode)
    ):
        raise InputError("import.zip_path", where=name, found=_shown(written))
    if member.flag_bits & ENCRYPTED_FLAG:
        raise InputError("import.zip_encrypted", where=name)
    if PurePosixPath(written).suffix.lower() in PACKED_SUFFIXES:
        raise InputError("import.zip_nested", where=name, found=_shown(written))


def _write(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, name: str, room_bytes: int
) -> int:
    """Write one member and return its bytes; stop as soon as it is more than it may be."""
    target = folder.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    bounds = limits()
    most = max(bounds.ratio_from_bytes, bounds.max_ratio * member.compress_size)
    written = 0
    with archive.open(member) as packed, target.open("wb") as out:
        while chunk := packed.read(CHUNK_BYTES):
            written += len(chunk)
            if written > most or written > room_bytes:
                raise InputError("import.zip_bomb", where=name, found=_shown(member.filename))
            out.write(chunk)
    return written


def _shown(text: str) -> str:
    """Return a name out of an archive so that it fits a line and hides nothing."""
    return repr(text[:60])[1:-1]

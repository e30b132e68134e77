"""Knows which files of a study area folder were made here, so that no others are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ilo_geo.core.errors import InputError
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.io.vector import file_sha256

# as ``sha256sum`` writes and checks it
MANIFEST_FILE = "init.sha256"
N_LISTED = 5


def write_manifest(folder: Path) -> None:
    """Write the fingerprint of every file in ``folder`` beside them."""
    lines = [f"{file_sha256(folder / name)}  {name}\n" for name in _names(folder)]
    (folder / MANIFEST_FILE).write_text("".join(lines), encoding="utf-8")


def require_replaceable(folder: Path, *, replace: bool) -> None:
    """Refuse a folder whose replacement would lose anything.

    Raises
    ------
    InputError
        It is a file; it is not empty and ``replace`` is not asked for or it is no study area; or it
        holds files that were not written here or were changed since, which are listed.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("init.folder_in_use", where=str(folder), found="is a file")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / AREA_FILE).is_file():
        raise InputError("init.folder_in_use", where=str(folder), found="holds other files")
    if not replace:
        raise InputError("init.exists", where=str(folder))
    foreign = list(_foreign(folder))
    if foreign:
        listed = ", ".join(foreign[:N_LISTED]) + (", …" if len(foreign) > N_LISTED else "")
        raise InputError("init.foreign_files", where=str(folder), n=len(foreign), found=listed)


def _foreign(folder: Path) -> Iterator[str]:
    manifest = folder / MANIFEST_FILE
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.is_file() else []
    written = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    for name in _names(folder):
        if written.get(name) != file_sha256(folder / name):
            yield name


def _names(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in files)
    return sorted(name for name in names if name != MANIFEST_FILE)

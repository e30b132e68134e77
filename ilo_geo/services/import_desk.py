"""Files that browsers send: received whole or not at all, looked at, loaded, then forgotten."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from pathlib import PurePosixPath
from typing import Any
from typing import BinaryIO

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Text
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.limits import require_at_most
from ilo_geo.io.municipal.naming import shown
from ilo_geo.io.municipal.reading import SUFFIXES
from ilo_geo.io.municipal.reading import layer_names
from ilo_geo.io.municipal.systems import systems
from ilo_geo.io.municipal.values import CONTROL
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.municipal.words import value_texts
from ilo_geo.io.municipal.words import words
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.imports import Loaded
from ilo_geo.services.imports import examine_fix
from ilo_geo.services.imports import join
from ilo_geo.services.imports import load
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import collection
from ilo_geo.services.map_layers import feature_texts
from ilo_geo.services.municipal_draft import Draft
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_draft import read_draft
from ilo_geo.services.municipal_rows import Examined
from ilo_geo.services.municipal_rows import examine_draft

FOLDER = "uploads"
TOKEN = re.compile(r"[0-9a-f]{32}")
CHUNK_BYTES = 1 << 18
KEPT_S = 24 * 3600
# nobody else's upload takes the place of a file that somebody may be looking at
SAFE_S = 3600
MAX_NAME_CHARS = 80
# on the map of the preview
MAX_DRAWN = 500
TAKEN = (GeometryKind.POINT, GeometryKind.LINE, GeometryKind.POLYGON)
MAP, SET = "map:", "set:"


@dataclass(frozen=True)
class Preview:
    """What is known of a file before it is loaded.

    ``source_layers`` are those to choose from; ``fault`` says why it cannot be examined further;
    ``fix`` is the version that its rows join.
    """

    name: str
    layer: str
    source_layers: tuple[str, ...]
    draft: Draft | None
    examined: Examined | None
    fault: InputError | None
    fix: str | None = None


class ImportDesk:
    """Where uploads wait: one folder a file, named by a token that nobody can guess."""

    def __init__(self, workspace: Workspace) -> None:
        self._root = workspace.root / FOLDER
        self._names: dict[str, str] = {}
        self._previews: dict[str, Preview] = {}
        self._loaded: dict[str, Loaded] = {}
        self._lock = threading.Lock()

    def receive(self, stream: BinaryIO, name: str) -> str:
        """Keep what a browser sends and return its token.

        Raises
        ------
        InputError
            The name is of no kind of file that is taken, it is larger than allowed, or too much
            waits already.
        WorkspaceError
            The disk refused.
        """
        shown = CONTROL.sub("", PurePosixPath(name.replace("\\", "/")).name)[-MAX_NAME_CHARS:]
        suffix = Path(shown).suffix.lower()
        if suffix not in SUFFIXES:
            expected = ", ".join(SUFFIXES)
            raise InputError(
                "import.wrong_extension", where=shown or "–", found=suffix or "–", expected=expected
            )
        self._make_room(shown)
        token = secrets.token_hex(16)
        folder = self._root / token
        try:
            folder.mkdir(parents=True)
            self._write(stream, folder / f"file{suffix}", shown)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            found = os.strerror(error.errno) if error.errno else "OSError"
            raise WorkspaceError("import.disk", where=shown, found=found) from error
        except InputError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._lock:
            self._names[token] = shown
        return token

    def preview(self, area: Area, token: str, said: Mapping[str, str], progress: Progress) -> None:
        """Look at a file as the user says it should be read, and keep what was found.

        Raises
        ------
        InputError
            The file cannot be read at all, or is no longer here.
        """
        request, fix = self._request(token, said), said.get("fix") or None
        progress("progress.import_read", 0.05)
        names = layer_names(request.path, name=request.name)
        draft, examined, fault = None, None, None
        try:
            if fix:
                # mended rows are read as the load that they join was
                examined = examine_fix(area, fix, request, progress)
                draft = examined.draft
            else:
                draft = read_draft(area, request)
                examined = examine_draft(area, draft, progress)
        except InputError as error:
            fault = error
        found = Preview(request.name, request.layer, names, draft, examined, fault, fix)
        with self._lock:
            self._previews[token] = found
            self._loaded.pop(token, None)

    def load(self, area: Area, token: str, *, accept_valid: bool, progress: Progress) -> None:
        """Load a file as it was last looked at, and forget it if no row of it lacks.

        Raises
        ------
        InputError
            It was not looked at, or rows fail and the valid ones alone were not asked for.
        """
        found = self.previewed(token)
        if found.examined is None:
            raise InputError("import.gone")
        options: dict[str, Any] = {
            "made": datetime.now(UTC),
            "accept_valid": accept_valid,
            "progress": progress,
        }
        if found.fix is None:
            loaded = load(area, found.examined, **options)
        else:
            loaded = join(area, found.fix, found.examined, **options)
        if not loaded.missing:
            self._forget(self._root / token)
        with self._lock:
            self._loaded[token] = loaded

    def previewed(self, token: str) -> Preview:
        """Return what was found in a file.

        Raises
        ------
        InputError
            Nothing is kept of it.
        """
        found = self._previews.get(token)
        if found is None:
            raise InputError("import.gone")
        return found

    def previewed_or_none(self, token: str) -> Preview | None:
        """Return what was found in a file, None where nothing is kept of it."""
        return self._previews.get(token)

    def has_rows(self, token: str) -> bool:
        """Return whether a file has rows that can be loaded."""
        found = self._previews.get(token)
        return (
            found is not None
            and found.examined is not None
            and len(found.examined.checked.frame) > 0
        )

    def loaded(self, token: str) -> Loaded | None:
        """Return what became of a file, None where it was not loaded."""
        return self._loaded.get(token)

    def drawn(self, token: str) -> Payload:
        """Return the first features of a file that can be loaded, for the map."""
        examined = self.previewed(token).examined
        if examined is None:
            raise InputError("import.gone")
        first = examined.checked.frame.head(MAX_DRAWN)
        return collection(feature_texts(first[["geometry"]], {}))

    def _write(self, stream: BinaryIO, path: Path, name: str) -> None:
        written = 0
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK_BYTES):
                written += len(chunk)
                require_at_most(name, "max_upload_bytes", written)
                out.write(chunk)

    def _request(self, token: str, said: Mapping[str, str]) -> ImportRequest:
        name = self._names.get(token)
        if name is None or not TOKEN.fullmatch(token):
            raise InputError("import.gone")
        path = self._root / token / f"file{Path(name).suffix.lower()}"
        return ImportRequest(
            path=path,
            name=name,
            layer=said.get("layer", ""),
            crs=said.get("crs") or None,
            source_layer=said.get("source_layer") or None,
            pairs={k.removeprefix(MAP): v for k, v in said.items() if k.startswith(MAP)},
            constants={k.removeprefix(SET): v for k, v in said.items() if k.startswith(SET) and v},
            source=said.get("source") or None,
            licence=said.get("licence") or None,
            date=said.get("date") or None,
            status=_status(said.get("status") or Status.OBSERVED, name),
            accuracy_m=_metres(said.get("accuracy_m", ""), name),
        )

    def _make_room(self, name: str) -> None:
        """Forget files of yesterday, and the oldest where too much waits; never of the last hour.

        Raises
        ------
        InputError
            Too much of the last hour waits.
        """
        now, bounds, waiting = time.time(), limits(), self._waiting()
        sizes = {path: size_bytes for _at, path, size_bytes in waiting}
        for at, path, _size_bytes in waiting:
            is_full = (
                len(sizes) >= bounds.max_kept_files or sum(sizes.values()) >= bounds.max_kept_bytes
            )
            if now - at > KEPT_S or (is_full and now - at > SAFE_S):
                self._forget(path)
                del sizes[path]
            elif is_full:
                raise InputError("import.desk_full", where=name)

    def _waiting(self) -> list[tuple[float, Path, int]]:
        """Return since when each file is here, its folder and its size, oldest first."""
        found = []
        for folder in self._root.glob("*"):
            try:
                size_bytes = sum(path.stat().st_size for path in folder.glob("*"))
                found.append((folder.stat().st_mtime, folder, size_bytes))
            except FileNotFoundError:
                # loaded, and so deleted, this moment
                continue
        return sorted(found)

    def _forget(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            for kept in (self._names, self._previews, self._loaded):
                kept.pop(folder.name, None)


def _metres(text: str, name: str) -> float | None:
    """Return what the user wrote as metres, with a decimal point or comma; None for nothing."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise ParameterError("import.accuracy", where=name, found=text[:MAX_NAME_CHARS]) from error


def _status(text: str, name: str) -> Status:
    if text not in set(Status):
        found, expected = text[:MAX_NAME_CHARS], ", ".join(Status)
        raise ParameterError("import.status", where=name, found=found, expected=expected)
    return Status(text)


def crs_choices() -> tuple[tuple[str, Text], ...]:
    """Return the reference systems that are offered, with their titles."""
    return tuple((system.code, system.title) for system in systems().offered)


def our_columns(layer: str) -> tuple[tuple[str, Text | None], ...]:
    """Return what a column of a file can be: the layer's columns, then what places a row."""
    own = layer_columns(layer)
    columns = [(name, column.title) for name, column in own.items()]
    return (*columns, *((name, None) for name in words().coordinates if name not in own))


def needed_columns(layer: str) -> tuple[tuple[str, Text | None], ...]:
    """Return the columns that a layer cannot do without."""
    return tuple(
        (name, column.title) for name, column in layer_columns(layer).items() if not column.nullable
    )


def allowed_values(layer: str, name: str) -> tuple[tuple[str, Text], ...]:
    """Return the values that a column of a layer may have, as people say them."""
    allowed = layer_columns(layer)[name].allowed or ()
    return value_texts(allowed, layer_words(layer).meanings.get(name, {}))


def said_values(layer: str) -> dict[str, dict[str, Text]]:
    """Return, by column of a layer, its known values as people say them."""
    return {
        name: dict(value_texts([*(column.allowed or ()), *meanings], meanings))
        for name, column in layer_columns(layer).items()
        for meanings in [layer_words(layer).meanings.get(name, {})]
    }


def short_name(column: object) -> str:
    """Return the name of a file's column, cut where it is long."""
    return shown(column)


def layer_choices(area: Area) -> tuple[tuple[str, Text], ...]:
    """Return the layers that a file can become, as the area titles them."""
    titles = {name: layer.title for name, layer in init_table().layers.items()}
    known = {name: meta.title for name, meta in area.catalogue.declared.items()}
    kinds = {name: schema.geometry for name, schema in layer_schemas().items()}
    return tuple(
        (name, known.get(name, title)) for name, title in titles.items() if kinds.get(name) in TAKEN
    )


def file_kinds() -> tuple[str, ...]:
    """Return the suffixes of the files that are taken."""
    return SUFFIXES


def max_upload_bytes() -> int:
    """Return the largest file that is taken from a browser."""
    return limits().max_upload_bytes

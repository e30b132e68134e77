"""Results as documents: one JSON object each, stored, and stale once an input has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import plain
from ilo_geo.core.results import records
from ilo_geo.core.text import Lang
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.areas import Area

ID_LENGTH = 16


def result_document(result: AnalysisResult, *, lang: Lang = "en") -> dict[str, Any]:
    """Return a result as one JSON object, geometry left out.

    ``zones`` holds the rows of the finest level the area reports by; the tables without geometry
    and the other levels follow under their own names.
    """
    provenance = [
        {
            "layer": ref.layer,
            "title": ref.title.in_(lang),
            "source": ref.source,
            "licence": ref.licence,
            "date": ref.date,
            "status": ref.status.value,
            "accuracy_m": ref.accuracy_m,
            "sha256": ref.sha256,
        }
        for ref in result.provenance
    ]
    reported = {"zones": [], **{n: records(t) for n, t in result.tables.items() if _listed(n, t)}}
    document = {
        "analysis": result.analysis,
        "area": result.area,
        "parameters": dict(result.parameters),
        "summary": dict(result.summary),
        **reported,
        "warnings": [notice.text(lang) for notice in result.warnings],
        "provenance": provenance,
        "result_sha256": result.sha256,
    }
    plain_document: dict[str, Any] = plain(document)
    return plain_document


def _listed(name: str, table: Any) -> bool:
    """Return whether a table belongs in the document: levels and tables without geometry."""
    return name not in ("cells", "parks", "entrances") or not isinstance(table, gpd.GeoDataFrame)


@dataclass(frozen=True)
class StoredResult:
    """A result as it was stored, and which of its inputs have changed since."""

    id: str
    document: dict[str, Any]
    changed_layers: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Return whether the result was computed on inputs that are no longer there."""
        return bool(self.changed_layers)


class ResultStore:
    """The results of one study area in its workspace."""

    def __init__(self, area: Area, fingerprint: Callable[[str], str | None] | None = None) -> None:
        self._folder = area.catalogue.workspace.results_dir(area.config.id)
        self._fingerprint = fingerprint or area.current_sha256

    def save(self, result: AnalysisResult) -> str:
        """Store a result and return its id; storing it twice stores it once."""
        result_id = result.sha256[:ID_LENGTH]
        text = json.dumps(result_document(result), ensure_ascii=False, indent=1)
        with atomic_path(self._path(result_id)) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return result_id

    def load(self, result_id: str) -> StoredResult:
        """Return a stored result.

        Raises
        ------
        InputError
            There is none of that id, or its file is damaged.
        """
        path = self._path(result_id)
        if not path.is_file():
            raise InputError("file.not_found", where=str(path))
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                "file.unreadable", where=str(path), found=str(error), expected="a stored result"
            ) from error
        used = {entry["layer"]: entry["sha256"] for entry in document["provenance"]}
        changed = tuple(name for name, sha in used.items() if self._fingerprint(name) != sha)
        return StoredResult(result_id, document, changed)

    def list(self) -> list[StoredResult]:
        """Return every stored result, newest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
        return [self.load(path.stem) for path in files]

    def _path(self, result_id: str) -> Path:
        # an id comes from a URL: only the characters of a fingerprint may reach the file system
        safe = "".join(c for c in result_id if c in "0123456789abcdef")
        return self._folder / f"{safe or 'none'}.json"

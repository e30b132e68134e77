"""Results as documents: one JSON object each, stored, and stale once an input has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import plain
from ilo_geo.core.results import records
from ilo_geo.core.text import Lang
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area

ID_LENGTH = 16
# what of a layer must be as it was for a result to be fresh
COMPARED = ("sha256", "status", "source", "licence", "date")


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
        **(result.selection.document if result.selection else {}),
        **reported,
        "warnings": [notice.text(lang) for notice in result.warnings],
        "provenance": provenance,
        "configuration_sha256": result.configuration_sha256,
        "result_sha256": result.sha256,
    }
    plain_document: dict[str, Any] = plain(document)
    return plain_document


def changed_inputs(
    area: Area, analysis: str, used: Mapping[str, Mapping[str, Any]], configuration_sha256: str
) -> tuple[str, ...]:
    """Return what differs now from the inputs that were ``used``: layers and the configuration."""
    in_use = analysis_of(analysis).layers_in_use(area)
    changed = []
    for layer in dict.fromkeys((*used, *in_use)):
        # a layer that would not be read any more counts as gone
        ref = area.current_ref(layer) if layer in in_use else None
        now = ref.model_dump(mode="json") if ref else {}
        if any(used.get(layer, {}).get(key) != now.get(key) for key in COMPARED):
            changed.append(layer)
    if configuration_sha256 != area.configuration_sha256:
        changed.append(AREA_FILE)
    return tuple(changed)


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

    def __init__(self, area: Area) -> None:
        self._area = area
        self._folder = area.catalogue.workspace.results_dir(area.catalogue.workspace_id)

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
            raise self._unknown(result_id)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                "file.unreadable", where=str(path), found=str(error), expected="a stored result"
            ) from error
        return StoredResult(result_id, document, self._changes(document))

    def list(self) -> list[StoredResult]:
        """Return every stored result, newest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
        return [self.load(path.stem) for path in files]

    def _changes(self, document: dict[str, Any]) -> tuple[str, ...]:
        """Return what differs now: layers gone, new or changed, and the configuration."""
        used = {entry["layer"]: entry for entry in document["provenance"]}
        return changed_inputs(
            self._area, document["analysis"], used, document["configuration_sha256"]
        )

    def _path(self, result_id: str) -> Path:
        # an id comes from a URL: only the characters of a fingerprint may reach the file system
        if not re.fullmatch(r"[0-9a-f]+", result_id):
            raise self._unknown(result_id)
        return self._folder / f"{result_id}.json"

    def _unknown(self, result_id: str) -> InputError:
        return InputError("result.unknown", found=result_id, where=str(self._folder))

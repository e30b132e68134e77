"""What was found in a file and what became of it, as plain data for pages and programs."""

from __future__ import annotations

from typing import Any

from ilo_geo.core.crs import crs_name
from ilo_geo.core.results import plain
from ilo_geo.services.imports import Loaded
from ilo_geo.services.municipal_rows import Examined


def examined_document(examined: Examined, loaded: Loaded | None) -> dict[str, Any]:
    """Return the keys of a JSON object about a file."""
    shift = examined.shift
    document: dict[str, Any] = plain(
        {
            "file": examined.request.name,
            "layer": examined.request.layer,
            "format": examined.draft.raw.format,
            "rows": len(examined.table),
            "valid_rows": len(examined.checked.frame),
            "crs": crs_name(examined.crs),
            "datum_shift": {"name": shift.name, "accuracy_m": shift.accuracy_m}
            if shift.is_datum_shift
            else None,
            "accuracy_m": examined.accuracy_m,
            "columns": dict(examined.mapping.columns),
            "coordinates": dict(examined.mapping.coordinates),
            "mapping_recalled": examined.draft.recalled,
            "notices": [notice.text("en") for notice in examined.notices],
            "faults": [
                {
                    "row": fault.row,
                    "column": fault.column,
                    "value": fault.value,
                    "reason": {"es": fault.reason.text("es"), "en": fault.reason.text("en")},
                }
                for fault in examined.checked.faults
            ],
            "version": loaded.report.version.id if loaded else None,
            "missing_rows": list(loaded.missing) if loaded else [],
        }
    )
    return document

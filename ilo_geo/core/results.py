"""The one result type of every analysis, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Lang
from ilo_geo.core.text import messages

# digits that survive a change of processor or library build
SIGNIFICANT_DIGITS = 9
# what is left of a difference of equal numbers is noise
NOISE_DECIMALS = 9


@dataclass(frozen=True)
class Notice:
    """Something the reader of a result must know; the text lives in ``messages.yaml``.

    Fields that are `Text`, or tuples of it, are shown in the reader's language.
    """

    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Lang) -> str:
        """Return the sentence in ``lang``."""
        return messages()[self.code].format(lang, **self.fields)


@dataclass(frozen=True)
class Selection:
    """What a search chose among many, with the certificate of how good the choice is.

    Attributes
    ----------
    selected
        A row of facts each, the first chosen first: ``id``, the parts of its score, reasons.
    objective, bound
        Value of the choice, and the value that no choice can pass; None where nothing was sought.
    gap_ratio
        Difference of the two as a share of the bound (of the objective where it is minimised).
    status
        ``optimal`` (gap closed), ``feasible`` (stopped at a limit), ``stopped`` (by the user).
    solver_seconds
        Time the search took; no part of the fingerprint.
    """

    selected: tuple[Mapping[str, Any], ...]
    objective: float | None
    bound: float | None
    gap_ratio: float | None
    status: str
    solver_seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """Return the choice as the keys of a JSON object."""
        return {
            "selected": [dict(row) for row in self.selected],
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap_ratio,
            "status": self.status,
            "solver_seconds": self.solver_seconds,
        }


@dataclass(frozen=True)
class AnalysisResult:
    """What an analysis found.

    Attributes
    ----------
    analysis, area
        Ids of the analysis and of the study area.
    parameters
        Every parameter used, defaults included.
    summary
        Key figures of the whole area, units in the names; None where there is no value.
    tables
        One frame a level (``districts``, ``zones``, ``cells`` …) on the index of its input, and
        tables without geometry; geometry columns are named ``geometry``.
    warnings
        What the reader must know before believing the figures.
    provenance
        Every layer used.
    configuration_sha256
        Fingerprint of the study area's own configuration.
    selection
        What was chosen, for an analysis that chooses.
    """

    analysis: str
    area: str
    parameters: Mapping[str, Any]
    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    warnings: tuple[Notice, ...]
    provenance: tuple[LayerRef, ...]
    configuration_sha256: str = ""
    selection: Selection | None = None

    def __post_init__(self) -> None:
        """Close the mappings to writing."""
        for name in ("parameters", "summary", "tables"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def maps(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the tables that can be drawn."""
        return {n: t for n, t in self.tables.items() if isinstance(t, gpd.GeoDataFrame)}

    @property
    def modelled_layers(self) -> tuple[str, ...]:
        """Return the ids of the modelled layers this result stands on."""
        return tuple(ref.layer for ref in self.provenance if ref.status is Status.MODELLED)

    @property
    def sha256(self) -> str:
        """Return a fingerprint that is equal for equal inputs, parameters and values."""
        content = {
            "analysis": self.analysis,
            "area": self.area,
            "parameters": dict(self.parameters),
            "summary": dict(self.summary),
            "tables": {name: records(table) for name, table in self.tables.items()},
            "warnings": [n.text("en") for n in self.warnings],
            "inputs": [ref.model_dump(mode="json") for ref in sorted(self.provenance, key=_layer)],
            "configuration": self.configuration_sha256,
            "selection": self._proof,
        }
        text = json.dumps(plain(content), sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def _proof(self) -> dict[str, Any] | None:
        """Return the choice without the time it took, which differs from run to run."""
        if self.selection is None:
            return None
        return {k: v for k, v in self.selection.document.items() if k != "solver_seconds"}


def _layer(ref: LayerRef) -> str:
    return ref.layer


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of ``table`` without geometry, index first, ready for JSON."""
    flat = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).reset_index()
    rows: list[dict[str, Any]] = plain(flat.to_dict(orient="records"))
    return rows


def plain(value: Any) -> Any:
    """Return ``value`` made of JSON's own types: NaN as None, floats to nine digits."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        rounded = round(value, NOISE_DECIMALS) if np.isfinite(value) else None
        return None if rounded is None else float(f"{rounded:.{SIGNIFICANT_DIGITS}g}")
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str | int | bool):
        return value
    return str(value)

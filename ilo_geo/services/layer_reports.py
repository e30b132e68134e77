"""Use case: what a study area has, where each layer comes from, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import VectorLayer
from ilo_geo.services.areas import Area


@dataclass(frozen=True)
class LayerEntry:
    """One row of the catalogue; ``origin`` is None where a declared layer has no data yet."""

    meta: LayerMeta
    origin: Origin | None


@dataclass(frozen=True)
class LayerReport:
    """What the door found in one layer; ``error`` is set where it was refused."""

    entry: LayerEntry
    n_features: int | None
    sha256: str | None
    findings: pd.DataFrame
    error: InputError | None


def list_layers(area: Area) -> tuple[LayerEntry, ...]:
    """Return every layer of the catalogue, in its order."""
    entries = []
    for layer_id, declared in area.catalogue.declared.items():
        source = area.catalogue.source(layer_id)
        entries.append(
            LayerEntry(source.meta, source.origin) if source else LayerEntry(declared, None)
        )
    return tuple(entries)


def report_layer(area: Area, layer_id: str) -> LayerReport:
    """Return what is known of one layer: features, fingerprint and geometry findings."""
    source = area.catalogue.source(layer_id)
    meta = area.meta(layer_id)
    entry = LayerEntry(meta, source.origin if source else None)
    nothing = pd.DataFrame(columns=["row", "problem", "action"])
    if source is None:
        return LayerReport(entry, None, None, nothing, None)
    try:
        layer = area.layer(layer_id)
    except InputError as error:
        return LayerReport(entry, None, None, nothing, error)
    if isinstance(layer, VectorLayer):
        quality = layer.quality
        return LayerReport(entry, quality.n_features, layer.sha256, quality.findings, None)
    return LayerReport(entry, None, layer.sha256, nothing, None)


def check_layers(area: Area) -> tuple[LayerReport, ...]:
    """Return the report of every layer, refused ones included."""
    return tuple(report_layer(area, layer_id) for layer_id in area.catalogue.declared)

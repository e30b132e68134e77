"""Puts results of analyses beside the layers of an exported study area, drawn by their classes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from ilo_geo.core.progress import Progress
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.schema import SHAPELY_TYPES
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.io.area_gpkg import write_layer
from ilo_geo.io.geopackage import qml_style
from ilo_geo.io.geopackage import style_row
from ilo_geo.io.layer_styles import project_word
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import parameter_table
from ilo_geo.io.legend import status
from ilo_geo.io.legend import word
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.area_project import GEOMETRY_NAMES
from ilo_geo.services.area_project import ResultLayer
from ilo_geo.services.areas import Area
from ilo_geo.services.exports import SHOWN_FIRST
from ilo_geo.services.scales import scales_of

STYLE_PARTS = ("renderer-v2", "layerOpacity")
RESULT_OPACITY_RATIO = "0.7"


@dataclass(frozen=True)
class AddedResult:
    """One table of a result in the file: its layer in the project and its stored style."""

    layer: ResultLayer
    style: dict[str, object]


def add_results(
    area: Area, path: Path, analyses: Sequence[str], lang: Lang, progress: Progress
) -> list[AddedResult]:
    """Run analyses by their default parameters and add what they draw to the GeoPackage.

    Raises
    ------
    InputError
        No such analysis, or a layer it needs is missing.
    """
    added: list[AddedResult] = []
    for name in dict.fromkeys(analyses):
        analysis = analysis_of(name)
        result = analysis.run(area, analysis.parameters(area, {}), progress)
        facts = caption(parameter_table(result, analysis.specs(area), lang))
        added += _tables(result, path, lang, facts)
    return added


def _tables(result: AnalysisResult, path: Path, lang: Lang, facts: str) -> Iterator[AddedResult]:
    scales = scales_of(result)
    abstract = _abstract(result, lang, facts)
    for name in sorted(result.maps, key=lambda name: _rank(name, scales)):
        table = exported_table(result, name, scales)
        stored = f"result_{result.analysis}_{name}"
        kind = _kind(table)
        geometry = write_layer(table, path, stored, kind, metadata={"DESCRIPTION": abstract})
        qml = qml_style(table, scales.get(name), status(result), lang)
        parts = tuple(x for x in ET.fromstring(qml) if x.tag in STYLE_PARTS)  # noqa: S314 - our own
        if kind is GeometryKind.POLYGON:
            parts = _translucent(parts)
        title = word("tables", name, lang)
        if result.modelled_layers:
            title = project_word("modelled", lang, title=title)
        layer = ResultLayer(result.analysis, name, title, GEOMETRY_NAMES[kind], parts, abstract)
        yield AddedResult(layer, style_row(stored, geometry, qml, abstract))


def _rank(name: str, scales: Scales) -> tuple[bool, int]:
    """Return the place of a table: those with classes first, and as a page shows them."""
    shown = SHOWN_FIRST.index(name) if name in SHOWN_FIRST else len(SHOWN_FIRST)
    return name not in scales, shown


def _translucent(parts: tuple[ET.Element, ...]) -> tuple[ET.Element, ...]:
    """Return how areas are drawn over a map that must show through."""
    opacity = ET.Element("layerOpacity")
    opacity.text = RESULT_OPACITY_RATIO
    return (*(part for part in parts if part.tag != "layerOpacity"), opacity)


def _kind(table: gpd.GeoDataFrame) -> GeometryKind:
    found = str(table.geom_type.iloc[0]) if len(table) else "Polygon"
    return next(kind for kind, types in SHAPELY_TYPES.items() if found in types)


def _abstract(result: AnalysisResult, lang: Lang, facts: str) -> str:
    """Return what the figures stand on: the modelled layers, the parameters, the sources."""
    sources = [
        f"{ref.title.in_(lang)}: {ref.source} ({ref.licence}, {peru_date(ref.date)}, "
        f"{word('statuses', ref.status.value, lang)})"
        for ref in result.provenance
    ]
    return "\n".join(filter(None, [modelled_note(result, lang), facts, *sources]))

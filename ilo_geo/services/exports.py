"""Hands a result over to another program or to paper, drawn by its classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import shapely

from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Lang
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.io.export import WRITERS
from ilo_geo.io.export import write_export
from ilo_geo.io.legend import column_title
from ilo_geo.services.areas import Area
from ilo_geo.services.scales import scales_of

__all__ = ["FORMATS", "column_title", "export_result"]

FORMATS = tuple(WRITERS)
PRINTED = ("png", "pdf")
# the table that a printed map and a page show first, where it exists: zones of a hazard before
# the units of a report
SHOWN_FIRST = ("inundation", "bands", "rings", "circles", "blocks", "zones")
# drawn above the first table, where a result has them
OVERLAYS = (
    "inundation_line_15",
    "inundation_line_20",
    "inundation_line_asked",
    "inundation_line_computed",
    "traces",
    "tanks",
    "stations",
    "refuges",
    "new_links",
    "cameras",
    "sites",
    "bases",
    "clusters",
)
# drawn below it on paper, to find one's way by
CONTEXT = ("districts", "streets", "river", "coastline")


def export_result(
    result: AnalysisResult,
    fmt: str,
    path: Path,
    *,
    lang: Lang = "es",
    shown: str | None = None,
    specs: Sequence[ParameterSpec] = (),
    area: Area | None = None,
) -> Path:
    """Write ``result`` to ``path`` as one of `FORMATS`, as `write_export` does.

    ``shown`` is the table that a printed map draws and a page shows first, if it has classes;
    ``specs`` gives the parameters their words, the title of the population base among them;
    ``area`` gives a printed map its streets and limits.
    """
    first = (shown, *SHOWN_FIRST) if shown else SHOWN_FIRST
    scales = scales_of(result)
    order = sorted(scales, key=lambda name: first.index(name) if name in first else len(first))
    return write_export(
        result,
        fmt,
        path,
        lang=lang,
        scales={name: scales[name] for name in order},
        specs=specs,
        context=_context(area) if area is not None and fmt in PRINTED else {},
        overlays=[name for name in OVERLAYS if name in result.maps],
        listed=None if result.analysis == GREEN else list(result.tables),
        extent=_extent(area, result, order) if area is not None else None,
    )


def _extent(
    area: Area, result: AnalysisResult, order: list[str]
) -> tuple[float, float, float, float] | None:
    """Return where people live that the first table concerns: a coast is longer than its city."""
    levels = area.config.levels
    if not levels or not order:
        return None
    units = area.frame(levels[-1])
    drawn = shapely.union_all(result.maps[order[0]].geometry.to_numpy())
    concerned = units[units.intersects(drawn)]
    west, south, east, north = (concerned if len(concerned) else units).total_bounds
    return float(west), float(south), float(east), float(north)


def _context(area: Area) -> dict[str, gpd.GeoDataFrame]:
    return {layer: area.frame(layer) for layer in CONTEXT if area.has(layer)}

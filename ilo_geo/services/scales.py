"""The classes each table of a result is drawn by."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from functools import cache

from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.candidates.analysis import ANALYSIS_ID as PARKS
from ilo_geo.green.candidates.classes import site_scale
from ilo_geo.green.classes import supply_scale
from ilo_geo.hazards.evacuation.parameters import arrival_scale
from ilo_geo.hazards.evar import risk_scale
from ilo_geo.hazards.levels import zone_scale
from ilo_geo.proposals.classes import priority_scale
from ilo_geo.proposals.priority import ANALYSIS_ID as PRIORITY
from ilo_geo.security import classes
from ilo_geo.security.cameras.analysis import ANALYSIS_ID as CAMERAS
from ilo_geo.security.cameras.classes import band_scale
from ilo_geo.security.cameras.classes import coverage_scale
from ilo_geo.security.cameras.classes import deficit_scale
from ilo_geo.security.cameras.classes import masked_scale
from ilo_geo.security.hotspots import ANALYSIS_ID as HOTSPOTS
from ilo_geo.security.patrol.analysis import ANALYSIS_ID as PATROL

AnyScale = Scale | CategoryScale
# the first scale whose columns a table has is the one it is drawn by
_HAZARD_SCALES: tuple[Callable[[], AnyScale], ...] = (zone_scale, arrival_scale, risk_scale)
_SCALES: dict[str, tuple[Callable[[], AnyScale], ...]] = {
    GREEN: (supply_scale,),
    PRIORITY: (priority_scale,),
    PARKS: (site_scale,),
    CAMERAS: (coverage_scale, band_scale, deficit_scale, masked_scale),
}


@cache
def _scales(analysis: str) -> tuple[AnyScale, ...]:
    return tuple(make() for make in _SCALES.get(analysis, _HAZARD_SCALES))


def scales_of(result: AnalysisResult) -> Mapping[str, AnyScale]:
    """Return the scale of each table of ``result`` that is drawn by classes."""
    if result.analysis in _OF_RESULT:
        return _OF_RESULT[result.analysis](result)
    found = {}
    for name, table in result.maps.items():
        for scale in _scales(result.analysis):
            if scale.column in table and _outlined(scale) in (None, *table.columns):
                found[name] = scale
                break
    return found


def patrol_time_scale(result: AnalysisResult) -> CategoryScale:
    """Return the classes of the minutes by the goals that ``result`` was computed with."""
    goals = (result.parameters[f"{name}_min"] for name in ("green", "yellow", "orange"))
    return classes.time_scale(tuple(float(goal) for goal in goals))


def _patrol(result: AnalysisResult) -> Mapping[str, AnyScale]:
    return {"cells": patrol_time_scale(result), "bases": classes.marks_scale(classes.BASES)}


def _hotspots(result: AnalysisResult) -> Mapping[str, AnyScale]:
    """Return the scale of the one table of densities, unless nothing of it may be told."""
    name = next(name for name in ("segments", "cells") if name in result.maps)
    column = next(c for c in classes.density_columns() if c in result.maps[name])
    limits = [limit for limit in result.summary["class_limits"] if limit > 0]
    return {name: classes.density_scale(column, limits)} if limits else {}


# where the classes depend on what was asked or found
_OF_RESULT: dict[str, Callable[[AnalysisResult], Mapping[str, AnyScale]]] = {
    PATROL: _patrol,
    HOTSPOTS: _hotspots,
}


def _outlined(scale: AnyScale) -> str | None:
    return scale.outline_column if isinstance(scale, CategoryScale) else None

"""The classes each table of a result is drawn by."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from functools import cache

from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.classes import supply_scale
from ilo_geo.hazards.evacuation.parameters import arrival_scale
from ilo_geo.hazards.evar import risk_scale
from ilo_geo.hazards.levels import zone_scale

AnyScale = Scale | CategoryScale
# the first scale whose columns a table has is the one it is drawn by
_HAZARD_SCALES: tuple[Callable[[], AnyScale], ...] = (zone_scale, arrival_scale, risk_scale)


@cache
def _scales(analysis: str) -> tuple[AnyScale, ...]:
    return (supply_scale(),) if analysis == GREEN else tuple(make() for make in _HAZARD_SCALES)


def scales_of(result: AnalysisResult) -> Mapping[str, AnyScale]:
    """Return the scale of each table of ``result`` that is drawn by classes."""
    found = {}
    for name, table in result.maps.items():
        for scale in _scales(result.analysis):
            if scale.column in table and _outlined(scale) in (None, *table.columns):
                found[name] = scale
                break
    return found


def _outlined(scale: AnyScale) -> str | None:
    return scale.outline_column if isinstance(scale, CategoryScale) else None

"""Use case: an official inundation chart in the place of the computed flood."""

from __future__ import annotations

from collections.abc import Iterator

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.hazards.charted_flood import charted_field
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import dry_land
from ilo_geo.hazards.tsunami_chart import TsunamiChart
from ilo_geo.hazards.tsunami_chart import read_chart
from ilo_geo.hazards.tsunami_chart_report import chart_notices
from ilo_geo.hazards.tsunami_parameters import AUTO
from ilo_geo.hazards.tsunami_parameters import CHART
from ilo_geo.hazards.tsunami_parameters import COMPUTED
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.hazard_inputs import TSUNAMI_CHART
from ilo_geo.services.hazard_inputs import flood_key
from ilo_geo.services.hazard_inputs import flood_of
from ilo_geo.services.hazard_inputs import land_of
from ilo_geo.services.hazard_inputs import optional_frame


def chart_of(area: Area) -> TsunamiChart | None:
    """Return the inundation chart of an area, or None where none is loaded."""
    if not area.has(TSUNAMI_CHART):
        return None
    stamp = fingerprint(area, (TSUNAMI_CHART, "districts", "population", "water", "coastline"))

    def make() -> TsunamiChart:
        layer = area.layer(TSUNAMI_CHART)
        land = dry_land(land_of(area), optional_frame(area, "water"))
        coast = optional_frame(area, "coastline")
        shore = None if coast is None else coast.union_all()
        return read_chart(area.frame(TSUNAMI_CHART), land, shore, layer.ref)

    return kept_of(area).get((TSUNAMI_CHART, stamp), make)


def chart_in_use(area: Area, flood_source: str) -> TsunamiChart | None:
    """Return the chart that the flood is held by, None where it is computed alone.

    Raises
    ------
    InputError
        The chart is asked for and none is loaded.
    """
    if flood_source == COMPUTED:
        return None
    chart = chart_of(area)
    if chart is None and flood_source == CHART:
        raise InputError("tsunami.no_chart", layer=TSUNAMI_CHART, where=area.config.id)
    if chart is None or (flood_source == AUTO and not chart.is_official):
        return None
    return chart


def flood_in_use(area: Area, params: TsunamiParams, progress: Progress = silent) -> FloodField:
    """Return the flood that counts: the computed one, held by the chart where that is in use."""
    field = flood_of(area, params, progress)
    chart = chart_in_use(area, params.flood_source)
    if chart is None:
        return field
    key = ("charted", *flood_key(area, params), chart.ref.model_dump_json())
    return kept_of(area).get(key, lambda: charted_field(field, chart))


def flood_notices(area: Area, level_m: float, flood_source: str) -> Iterator[Notice]:
    """Yield which flood an analysis at a level stands on, where there is a chart to choose."""
    chart = chart_of(area)
    if chart is not None:
        used = chart_in_use(area, flood_source) is not None
        yield from chart_notices(chart, level_m, used=used)

"""Every hazard at one point: its level, how sure, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import shapely

from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.ground import ground_rules
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami_parameters import FloodSource
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.flood_chart import chart_in_use
from ilo_geo.services.flood_chart import flood_in_use
from ilo_geo.services.hazard_inputs import TSUNAMI_CHART
from ilo_geo.services.hazards import LAYER_OF
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.search import locate


@dataclass(frozen=True)
class PointHazard:
    """One hazard at a point.

    Attributes
    ----------
    hazard, title
        Id and name.
    level
        Id of the class of the most severe band that holds the point, None outside all of them.
    certainty
        The narrowest outline of that band that holds it: certain, line or possible; None outside.
    probability_ratio
        Where it is computed at the point itself (tsunami), else None.
    detail
        The band, or that the point is outside what was computed, never that it is safe.
    source, status
        What the zone rests on, and how far that can be trusted.
    """

    hazard: str
    title: Text
    level: str | None
    certainty: str | None
    probability_ratio: float | None
    detail: Text
    source: str
    status: Status


def hazards_at(
    area: Area,
    lat: float,
    lon: float,
    level_m: float,
    river_reach_m: float = 400.0,
    flood_source: FloodSource = "auto",
) -> tuple[PointHazard, ...]:
    """Return every hazard that has a layer, at a point, the most severe first.

    Raises
    ------
    ParameterError
        The point is not on Earth.
    """
    at = locate(area, lat, lon)
    point = shapely.Point(at.x_m, at.y_m)
    sea = TsunamiParams(
        level_m=level_m,
        flood_source=flood_source,
        river_reach_m=river_reach_m,
        population_base=default_base(area),
    )
    zones = hazard_zones(area, level_m, river_reach_m, flood_source, graded=True)
    inside = zones[zones.intersects(point)]
    drawn = [TSUNAMI, *LAYER_OF, *ground_rules().layers]
    here = [
        _at(area, hazard, inside[inside["hazard"] == hazard], point, sea)
        for hazard in drawn
        if hazard == TSUNAMI or (zones["hazard"] == hazard).any()
    ]
    return tuple(sorted(here, key=_severity))


def _severity(found: PointHazard) -> int:
    return -hazard_levels().ids.index(found.level) if found.level else 1


def _at(
    area: Area,
    hazard: str,
    inside: gpd.GeoDataFrame,
    point: shapely.Point,
    sea: TsunamiParams,
) -> PointHazard:
    words = _words()
    shaping = _flood_layer(area, point, sea) if hazard == TSUNAMI else LAYER_OF.get(hazard, hazard)
    layer = area.meta(shaping)
    title = ground_rules().layers.get(hazard) or words[hazard]
    ratio, detail = None, words["outside"]
    if hazard == TSUNAMI:
        ratio, detail = _flood(area, point, sea)
    if inside.empty:
        return PointHazard(hazard, title, None, None, ratio, detail, layer.source, layer.status)
    rank = inside["level"].map(hazard_levels().ids.index)
    sure = inside["certainty"].map(CERTAINTIES.index)
    # what is likely comes before what is merely possible, then the more severe
    likely = sure < len(CERTAINTIES) - 1
    row = (
        inside.assign(likely=likely, rank=rank, sure=-sure)
        .sort_values(["likely", "rank", "sure"])
        .iloc[-1]
    )
    if hazard != TSUNAMI:
        detail = Text(es=row["title_es"], en=row["title_en"])
    cited = "; ".join(dict.fromkeys((row["source"], layer.source)))
    return PointHazard(
        hazard, title, row["level"], row["certainty"], ratio, detail, cited, layer.status
    )


def _flood_layer(area: Area, point: shapely.Point, sea: TsunamiParams) -> str:
    """Return what decides whether a place floods: the chart where it speaks of it."""
    chart = chart_in_use(area, sea.flood_source)
    if chart is None or chart.at(sea.level_m) is None:
        return "terrain"
    return TSUNAMI_CHART if chart.sheet.intersects(point) else "terrain"


def _flood(area: Area, point: shapely.Point, sea: TsunamiParams) -> tuple[float | None, Text]:
    """Return the probability that the point floods, and from which level it does."""
    field, words = flood_in_use(area, sea), _words()
    cell = _cell(field, point)
    if cell is None or not field.land[cell]:
        return None, words["not_land"]
    ratio = float(field.probability(sea.level_m)[cell])
    floods_m = float(field.level_m[cell])
    top_m = tsunami_classes().highest_level_m
    known = words["floods_at"] if floods_m <= top_m else words["floods_higher"]
    fields = {"level": f"{floods_m:.1f}", "top": f"{top_m:g}"}
    return ratio, Text(es=known.format("es", **fields), en=known.format("en", **fields))


def _cell(field: FloodField, point: shapely.Point) -> tuple[int, int] | None:
    column, row = ~field.transform @ (point.x, point.y)
    rows, columns = field.level_m.shape
    inside = 0 <= row < rows and 0 <= column < columns
    return (int(row), int(column)) if inside else None


@cache
def _words() -> dict[str, Text]:
    table = load_package_yaml("ilo_geo.services", "point_hazards.yaml")
    return {key: Text.model_validate(value) for key, value in table.items()}

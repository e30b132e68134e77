"""The tsunami analysis: what floods below a sea level, how sure that is, and who stands there.

Pure: the same inputs and parameters give the same result; nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_count import ENDS
from ilo_geo.hazards.exposure_count import Count
from ilo_geo.hazards.exposure_count import count
from ilo_geo.hazards.exposure_count import level_table
from ilo_geo.hazards.exposure_count import whole_table
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.flood_outlines import BandWidth
from ilo_geo.hazards.flood_outlines import band_width
from ilo_geo.hazards.flood_outlines import limit_line
from ilo_geo.hazards.flood_outlines import outline_polygon
from ilo_geo.hazards.flood_sites import sites_below
from ilo_geo.hazards.tsunami_chart import TsunamiChart
from ilo_geo.hazards.tsunami_chart_report import chart_notices
from ilo_geo.hazards.tsunami_chart_report import compared
from ilo_geo.hazards.tsunami_chart_report import difference_notice
from ilo_geo.hazards.tsunami_chart_report import difference_summary
from ilo_geo.hazards.tsunami_parameters import TsunamiParams
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.tsunami_scene import TsunamiLayers
from ilo_geo.hazards.tsunami_scene import tsunami_scene
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

__all__ = [
    "ANALYSIS_ID",
    "TsunamiInputs",
    "TsunamiLayers",
    "TsunamiParams",
    "analyse",
    "dry_land",
    "inundation_lines",
    "inundation_zones",
    "tsunami_scene",
]

ANALYSIS_ID = "tsunami"
# measures of the exposure tables that the summary shows, under its own names
SUMMARY = {
    "exposed_inhab": "people_night_inhab",
    "exposed_day_inhab": "people_day_inhab",
    "exposed_schools": "n_schools",
    "exposed_health": "n_health",
    "flooded_land_m2": "area_m2",
}


@dataclass(frozen=True)
class TsunamiInputs:
    """What the tsunami analysis reads.

    Attributes
    ----------
    area
        Id of the study area.
    field
        The flood of the area with the parameters of the analysis; see `tsunami_scene`.
    land, water
        Polygons of the area, and of the water that is cut out of them.
    zones
        Rows of `inundation_zones` by level, where they were drawn before; the rest are drawn now.
    computed, chart
        Where an official chart holds ``field``, the flood without it; and the chart that is loaded,
        whether or not it holds the flood.
    exposed
        People and things, the chosen population base first; its ``levels`` are reported by.
    refs, configuration_sha256, notices
        Provenance of the layers read, fingerprint of the area's configuration, and what was
        noticed on reading.
    """

    area: str
    field: FloodField
    land: gpd.GeoDataFrame
    exposed: Exposed
    water: gpd.GeoDataFrame | None = None
    zones: Mapping[float, gpd.GeoDataFrame] = with_default(default_factory=dict)
    computed: FloodField | None = None
    chart: TsunamiChart | None = None
    refs: tuple[LayerRef, ...] = ()
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def chart_in_use(self) -> TsunamiChart | None:
        """Return the chart where it holds the flood."""
        return self.chart if self.computed is not None else None


def dry_land(land: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None) -> shapely.Geometry:
    """Return the land as one geometry, water cut out."""
    whole = shapely.union_all(land.geometry.to_numpy())
    if water is None:
        return whole
    return shapely.difference(whole, shapely.union_all(water.geometry.to_numpy()))


def analyse(
    inputs: TsunamiInputs, params: TsunamiParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return what floods at ``params.level_m`` and at the plan's levels, and who stands there.

    Returns
    -------
    result
        Tables: ``inundation`` (rows of `zone_table`, bands ``level_15``, ``level_20`` and the level
        asked for), ``inundation_line_15``, ``_20`` and where it differs ``_asked`` (each the inland
        limit of a level), ``exposure`` (by band, whole area),
        one map a level of the asked band (``districts``, ``zones``), and ``sites`` that may flood.
        Where a chart holds the flood also ``computed`` and ``inundation_line_computed``, the level
        asked for without it; where it draws that level, ``chart_parts``: how the two differ.
    """
    field, chart = inputs.field, inputs.chart_in_use
    require_same_metric_crs(
        land=inputs.land, water=inputs.water, grid=gpd.GeoDataFrame(geometry=[], crs=field.crs)
    )
    progress("progress.flood_zones", 0.6)
    land = dry_land(inputs.land, inputs.water)
    levels_m = sorted({*tsunami_classes().plan_levels_m, params.level_m})
    known = [inputs.zones[level_m] for level_m in levels_m if level_m in inputs.zones]
    others = [level_m for level_m in levels_m if level_m not in inputs.zones]
    computed = inputs.computed or field
    zones = _joined([*known, inundation_zones(computed, land, others, chart)], levels_m)
    width = band_width(field, params.level_m)
    progress("progress.exposure", 0.8)
    counted = count(zones, inputs.exposed)
    exposure = whole_table(counted)
    sites = sites_below(field, zones, inputs.exposed, band_id(params.level_m), params.level_m)
    tables: dict[str, pd.DataFrame] = {
        "inundation": zones,
        **{line_id(m): inundation_lines(computed, land, [m], chart) for m in levels_m},
        "exposure": exposure,
        **{level: _units(counted, level, params) for level in inputs.exposed.levels},
        "sites": sites,
    }
    beside = _beside_chart(inputs, land, params.level_m)
    parts = beside.get("chart_parts")
    summary = {**_summary(field, params, exposure, width), **difference_summary(parts)}
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=summary,
        tables={**tables, **beside},
        warnings=(
            *inputs.notices,
            *_chart_notices(inputs, params.level_m, parts),
            *field.notices,
            *_notices(field, params, summary, charted=_is_charted(chart, params.level_m)),
        ),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _beside_chart(
    inputs: TsunamiInputs, land: shapely.Geometry, level_m: float
) -> dict[str, gpd.GeoDataFrame]:
    """Return the computed flood that stands beside a chart, and how far the two differ."""
    if inputs.chart is None:
        return {}
    field = inputs.computed or inputs.field
    computed = inundation_zones(field, land, [level_m])
    parts = compared(inputs.chart, level_m, computed, inputs.exposed)
    found = {} if parts is None else {"chart_parts": parts}
    if inputs.chart_in_use is None:
        return found
    line = inundation_lines(field, land, [level_m])
    return {**found, "computed": computed, "inundation_line_computed": line}


def _chart_notices(
    inputs: TsunamiInputs, level_m: float, parts: pd.DataFrame | None
) -> Iterator[Notice]:
    if inputs.chart is None:
        return
    yield from chart_notices(inputs.chart, level_m, used=inputs.chart_in_use is not None)
    yield from difference_notice(parts, level_m)


def band_id(level_m: float) -> str:
    """Return the name of the band of ground that floods at a level."""
    return f"level_{level_m:g}"


def _joined(tables: list[gpd.GeoDataFrame], levels_m: list[float]) -> gpd.GeoDataFrame:
    """Return zones of several levels as one table, lowest level first."""
    order = [band_id(level_m) for level_m in levels_m]
    rows = pd.concat([table for table in tables if len(table)] or tables[:1])
    return rows.iloc[np.argsort([order.index(band) for band in rows["band"]], kind="stable")]


def line_id(level_m: float) -> str:
    """Return the name of the table of the inland limit of a level."""
    own = level_m in tsunami_classes().plan_levels_m
    return f"inundation_line_{f'{level_m:g}' if own else 'asked'}"


def inundation_zones(
    field: FloodField,
    land: shapely.Geometry,
    levels_m: list[float],
    chart: TsunamiChart | None = None,
) -> gpd.GeoDataFrame:
    """Return the outlines of the ground that floods at each level, three by how sure it is.

    ``field`` is the computed flood; where a chart is given, it holds the outlines.
    """
    zones = [
        _zone(field, land, level_m, certainty, chart)
        for level_m in levels_m
        for certainty in CERTAINTIES
    ]
    return zone_table(zones, field.crs)


def _zone(
    field: FloodField,
    land: shapely.Geometry,
    level_m: float,
    certainty: str,
    chart: TsunamiChart | None,
) -> Zone:
    classes = tsunami_classes()
    title = classes.title_of(level_m)
    source = classes.plan_source if level_m in classes.plan_levels_m else ANALYSIS_ID
    outline = outline_polygon(field, certainty, level_m, land)
    if chart is not None:
        outline = chart.held(level_m, certainty, outline)
        if _is_charted(chart, level_m):
            title, source = classes.chart_title_of(level_m), chart.ref.source
    level = classes.level_of(level_m)
    return Zone(ANALYSIS_ID, band_id(level_m), title, level, certainty, outline, source)


def inundation_lines(
    field: FloodField,
    land: shapely.Geometry,
    levels_m: list[float],
    chart: TsunamiChart | None = None,
) -> gpd.GeoDataFrame:
    """Return the inland limit of each level as a layer of its own, without the coast.

    Of a level that ``chart`` draws, the limit is the chart's alone, which ends with its sheet.

    Returns
    -------
    lines
        Index ``level_<m>``; ``level_m``, ``title_es``, ``title_en``, ``length_m``, ``rmse_m`` and
        ``status``, official where the chart drew the line.
    """
    charted = [_is_charted(chart, level_m) for level_m in levels_m]
    classes = tsunami_classes()
    titles = [
        classes.chart_title_of(level_m) if drawn else classes.title_of(level_m)
        for level_m, drawn in zip(levels_m, charted, strict=True)
    ]
    lines = [_limit(field, level_m, land, chart) for level_m in levels_m]
    status = [chart.ref.status if chart and drawn else Status.DERIVED for drawn in charted]
    table = {
        "status": [str(one) for one in status],
        "level_m": levels_m,
        "title_es": [title.es for title in titles],
        "title_en": [title.en for title in titles],
        "length_m": shapely.length(lines),
        "rmse_m": field.rmse_m,
    }
    index = pd.Index([band_id(level_m) for level_m in levels_m], name="id")
    return gpd.GeoDataFrame(table, index=index, geometry=lines, crs=field.crs)


def _limit(
    field: FloodField, level_m: float, land: shapely.Geometry, chart: TsunamiChart | None
) -> shapely.Geometry:
    if chart is None or chart.at(level_m) is None:
        return limit_line(field, level_m, land)
    # what is computed beyond the sheet must not look like a line of the chart
    return chart.limit(level_m, land, field.cell_m)


def _units(counted: Count, level: str, params: TsunamiParams) -> gpd.GeoDataFrame:
    """Return what stands in the asked band in each unit of a level."""
    rows = level_table(counted, level)
    rows = rows[rows["band"] == band_id(params.level_m)].set_index("unit")
    units = counted.exposed.levels[level]
    table = rows.drop(columns=["hazard", "title_es", "title_en"]).rename_axis("id")
    return gpd.GeoDataFrame(table, geometry=units.geometry.to_numpy()[: len(table)], crs=units.crs)


def _summary(
    field: FloodField, params: TsunamiParams, exposure: pd.DataFrame, width: BandWidth
) -> dict[str, Any]:
    row = f"{ANALYSIS_ID}/{band_id(params.level_m)}"
    # a level that floods nothing has no band
    asked = exposure.select_dtypes("number").reindex([row], fill_value=0.0).iloc[0]
    summary: dict[str, Any] = {
        f"{name}{end}": None if f"{measure}{end}" not in asked else float(asked[f"{measure}{end}"])
        for name, measure in SUMMARY.items()
        for end in ENDS.values()
    }
    reached = dict.fromkeys(CERTAINTIES)
    if field.corridor is not None:
        reached = {
            certainty: field.corridor.reached_m(field.outline(certainty, params.level_m))
            for certainty in CERTAINTIES
        }
    return {
        **summary,
        "band_width_m": width.median_m,
        "band_width_max_m": width.most_m,
        "river_added_m2": _added_m2(field, params.level_m),
        "river_reached_m": reached[LINE],
        "river_reached_m_low": reached[CERTAIN],
        "river_reached_m_high": reached[POSSIBLE],
        "rmse_m": field.rmse_m,
        "correlation_m": field.correlation_m,
    }


def _added_m2(field: FloodField, level_m: float) -> float:
    """Return the ground that floods only because of the stated reach, by whole cells."""
    return 0.0 if field.reach is None else field.reach.n_added(level_m) * field.cell_m**2


def _is_charted(chart: TsunamiChart | None, level_m: float) -> bool:
    return chart is not None and chart.at(level_m) is not None


def _notices(
    field: FloodField, params: TsunamiParams, summary: dict[str, Any], *, charted: bool
) -> Iterator[Notice]:
    classes = tsunami_classes()
    yield Notice("tsunami_still_water")
    if field.terrain_modelled and not charted:
        yield Notice("tsunami_terrain_modelled", {"rmse": f"{field.rmse_m:g}"})
    median_m, most_m = summary["band_width_m"], summary["band_width_max_m"]
    if median_m is not None and median_m > classes.wide_band_m:
        words = {"median": peru_number(median_m), "most": peru_number(most_m)}
        yield Notice("tsunami_wide_band", words)
    line_m2, certain_m2 = summary["flooded_land_m2"], summary["flooded_land_m2_low"]
    if line_m2 and certain_m2 < classes.certain_min_ratio * line_m2:
        yield Notice("tsunami_nothing_certain", {"level": f"{params.level_m:g}"})
    if charted:
        # how far the water goes up the valley is drawn, not computed
        return
    reached_m = summary["river_reached_m"]
    if reached_m is not None and params.river_reach_m > 0 and not summary["river_added_m2"]:
        words = {"reach": peru_number(params.river_reach_m), "reached": peru_number(reached_m)}
        yield Notice("tsunami_river_adds_nothing", words)
    if reached_m is not None and reached_m < params.river_reach_m - field.cell_m:
        yield Notice(
            "tsunami_river_short",
            {
                "reached": peru_number(reached_m),
                "high": peru_number(summary["river_reached_m_high"]),
                "reach": peru_number(params.river_reach_m),
            },
        )

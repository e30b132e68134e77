"""What is said of an inundation chart: which flood counts, and how far the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.results import Notice
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_count import ENDS
from ilo_geo.hazards.exposure_count import count
from ilo_geo.hazards.exposure_count import whole_table
from ilo_geo.hazards.tsunami_chart import TsunamiChart
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

BOTH, CHART_ONLY, COMPUTED_ONLY = "both", "chart_only", "computed_only"
PARTS = (BOTH, CHART_ONLY, COMPUTED_ONLY)
PEOPLE = "people_night_inhab"


def compared(
    chart: TsunamiChart, level_m: float, computed: gpd.GeoDataFrame, exposed: Exposed
) -> gpd.GeoDataFrame | None:
    """Return what chart and computed flood have in common on the sheet, and each alone.

    Parameters
    ----------
    computed
        Zones of the computed flood at ``level_m``.

    Returns
    -------
    parts
        Index `PARTS`; the measures of the exposure tables without intervals. None where the chart
        draws no such level.
    """
    charted = chart.at(level_m)
    if charted is None:
        return None
    line = computed.geometry[computed["certainty"] == LINE]
    wet = shapely.intersection(shapely.union_all(line.to_numpy()), chart.sheet)
    drawn = charted.outlines[LINE]
    shapes = {
        BOTH: shapely.intersection(wet, drawn),
        CHART_ONLY: shapely.difference(drawn, wet),
        COMPUTED_ONLY: shapely.difference(wet, drawn),
    }
    title, level = tsunami_classes().part_titles, tsunami_classes().level_of(level_m)
    zones = [
        Zone("tsunami", part, title[part], level, LINE, shape, chart.ref.source)
        for part, shape in shapes.items()
    ]
    table = whole_table(count(zone_table(zones, computed.crs), exposed)).set_index("band")
    ends = tuple(end for end in ENDS.values() if end)
    measures = [name for name in table.select_dtypes("number") if not name.endswith(ends)]
    filled = table[["title_es", "title_en", *measures]].reindex(PARTS)
    filled[measures] = filled[measures].fillna(0)
    for lang in ("es", "en"):
        filled[f"title_{lang}"] = [title[part].in_(lang) for part in PARTS]
    geometry = [shapes[part] for part in PARTS]
    return gpd.GeoDataFrame(filled, geometry=geometry, crs=computed.crs).rename_axis("id")


def difference_summary(parts: pd.DataFrame | None) -> dict[str, Any]:
    """Return the area and people of each part, under the names of the summary."""
    if parts is None:
        return {}
    return {
        f"{part}_{name}": float(parts.loc[part, column])
        for part in PARTS
        for name, column in (("m2", "area_m2"), ("inhab", PEOPLE))
    }


def difference_notice(parts: pd.DataFrame | None, level_m: float) -> Iterator[Notice]:
    """Yield how far chart and computed flood differ."""
    if parts is None:
        return
    fields = {"level": f"{level_m:g}"}
    for part, name in ((CHART_ONLY, "chart"), (COMPUTED_ONLY, "computed")):
        fields[f"{name}_ha"] = peru_number(parts.loc[part, "area_m2"] / M2_PER_HA, 1)
        fields[f"{name}_inhab"] = peru_number(parts.loc[part, PEOPLE])
    yield Notice("tsunami_chart_differs", fields)


def chart_notices(chart: TsunamiChart, level_m: float, *, used: bool) -> Iterator[Notice]:
    """Yield which flood counts at a level, from where and when, and what the chart leaves open."""
    ref, charted = chart.ref, chart.at(level_m)
    asked = f"{level_m:g}"
    about: dict[str, Any] = {"source": ref.source, "date": peru_date(ref.date)}
    if not used:
        code = "tsunami_chart_set_aside" if chart.is_official else "tsunami_chart_not_official"
        yield Notice(code, about)
        return
    if charted is None:
        drawn = ", ".join(f"{one.level_m:g}" for one in chart.levels)
        yield Notice("tsunami_chart_other_level", {**about, "level": asked, "drawn": drawn})
    else:
        names = ", ".join(charted.scenarios) or ref.title
        yield Notice("tsunami_chart_in_use", {**about, "level": asked, "scenario": names})
    if not chart.is_official:
        yield Notice("tsunami_chart_unofficial")
    unstated = [one for one in chart.levels if not one.stated]
    if unstated:
        yield Notice("tsunami_chart_no_level", {"level": f"{unstated[0].level_m:g}"})
    if not chart.sheet_stated:
        margin = peru_number(tsunami_classes().chart_sheet_margin_m)
        yield Notice("tsunami_chart_no_sheet", {"margin": margin})
    if not ref.accuracy_m:
        yield Notice("tsunami_chart_no_accuracy")

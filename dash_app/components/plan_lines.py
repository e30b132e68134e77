"""The inundation lines: layers of their own, made of what the tsunami analysis draws.

Lines of the plan's levels, each the chart's where an official one is loaded and draws that level;
and beside a chart the line that is computed without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards.tsunami_parameters import tsunami_classes

COMPUTED = "inundation_line_computed"
TSUNAMI_CHART = "tsunami_chart"
# unlike the warm colours of the hazard under them; the higher sea is the heavier line
COLOURS = ("#00897B", "#004D40")
WEIGHTS = (2.2, 3.2)
COMPUTED_COLOUR, COMPUTED_WEIGHT = "#6A1B9A", 2.0


@dataclass(frozen=True)
class PlanLine:
    """One line: its name on the map and how it is drawn."""

    level: str
    colour: str
    weight: float


@cache
def plan_lines() -> dict[str, PlanLine]:
    """Return the lines by the table of the result that holds them, lowest first, then computed."""
    levels_m = sorted(tsunami_classes().plan_levels_m)
    looks = zip(levels_m, COLOURS, WEIGHTS, strict=True)
    drawn = {f"inundation_line_{m:g}": PlanLine(f"{m:g} m", c, w) for m, c, w in looks}
    return {**drawn, COMPUTED: PlanLine("", COMPUTED_COLOUR, COMPUTED_WEIGHT)}


def line_title(t: Translator, name: str, result: AnalysisResult | None) -> str | None:
    """Return what a line is called, None where the result holds no such line."""
    if result is None or name not in result.maps:
        return None
    if name == COMPUTED:
        return t("legend.computed_line", level=f"{result.parameters['level_m']:g} m")
    level = plan_lines()[name].level
    return t("legend.chart_line" if is_charted(name, result) else "legend.plan_line", level=level)


def line_label(t: Translator, name: str, result: AnalysisResult) -> str:
    """Return what is written along a line."""
    if name == COMPUTED:
        return t("map.computed_line")
    level = plan_lines()[name].level
    return t("map.chart_line", level=level) if is_charted(name, result) else level


def is_charted(name: str, result: AnalysisResult) -> bool:
    """Return whether an official chart drew a line."""
    return str(result.maps[name]["status"].iloc[0]) == Status.OFFICIAL


def chart_speaks(result: AnalysisResult) -> bool:
    """Return whether the level asked for is the chart's, not the computed flood's."""
    return {"chart_parts", "computed"} <= set(result.maps)

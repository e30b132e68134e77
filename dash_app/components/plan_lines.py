"""The plan's inundation lines: layers of their own, made of what the tsunami analysis draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ilo_geo.hazards.tsunami_parameters import tsunami_classes

# unlike the warm colours of the hazard under them; the higher sea is the heavier line
COLOURS = ("#00897B", "#004D40")
WEIGHTS = (2.2, 3.2)


@dataclass(frozen=True)
class PlanLine:
    """One line: its name on the map and how it is drawn."""

    label: str
    colour: str
    weight: float


@cache
def plan_lines() -> dict[str, PlanLine]:
    """Return the lines by the table of the result that holds them, lowest first."""
    levels_m = sorted(tsunami_classes().plan_levels_m)
    looks = zip(levels_m, COLOURS, WEIGHTS, strict=True)
    return {f"inundation_line_{m:g}": PlanLine(f"{m:g} m", c, w) for m, c, w in looks}

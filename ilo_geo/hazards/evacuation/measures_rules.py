"""The figures behind the evacuation measures, as data with a source each."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleFigure(_Rules):
    """One number and where it comes from; the unit is in its name."""

    value: float
    source: str
    verified: Verified


class QueueRules(_Rules):
    """How many people a street lets out and holds."""

    specific_flow_per_s_m: RuleFigure
    steps_specific_flow_per_s_m: RuleFigure
    jam_density_per_m2: RuleFigure
    missing_width_m: RuleFigure


class NewLinkRules(_Rules):
    """What a new stair may be, and where one is worth looking at."""

    max_slope_ratio: RuleFigure
    steep_slope_ratio: RuleFigure
    min_detour_ratio: RuleFigure


class RefugeRules(_Rules):
    """Which buildings could be vertical refuges, and how many people each holds."""

    uses: tuple[str, ...]
    public_min_levels: int
    other_min_levels: int
    rule_source: str
    rule_verified: Verified
    freeboard_m: RuleFigure
    freeboard_depth_ratio: RuleFigure
    area_m2_per_inhab: RuleFigure
    climb_m_s: RuleFigure


class CascadeRules(_Rules):
    """Which streets an earthquake may block."""

    height_width_ratio: RuleFigure
    weak_height_width_ratio: RuleFigure
    setback_m: RuleFigure


class MeasureRules(_Rules):
    """All of them, by measure."""

    walking_queue: QueueRules
    new_links: NewLinkRules
    refuges: RefugeRules
    cascade: CascadeRules


@cache
def measure_rules() -> MeasureRules:
    """Return the rules of ``measures_rules.yaml``."""
    table = load_package_yaml("ilo_geo.hazards.evacuation", "measures_rules.yaml")
    return MeasureRules.model_validate(table)


def street_width_m(streets: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return the width of each street: as recorded, else the assumed one."""
    assumed = measure_rules().walking_queue.missing_width_m.value
    if "width_m" not in streets.columns:
        return np.full(len(streets), assumed)
    width_m = streets["width_m"].to_numpy(dtype=float)
    return np.where(width_m > 0, width_m, assumed)

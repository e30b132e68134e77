"""Advice on land use near large petrol tanks: which zone, which sensitivity, what is advised.

HSE's circular SPC/TECH/GEN/43 applies to petrol in tanks over 5 m high that are filled at more than
100 m³/h, and to new developments; here the same matrix tells what stands where it should not.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import pandas as pd
from pydantic import model_validator

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data

Sensitivity = Literal["sl1", "sl2", "sl3", "sl4"]
AGAINST, NOT_AGAINST, OUTSIDE = "against", "not_against", "outside"


class LandUseZone(Data):
    """A distance from the tank and what it is called."""

    id: str
    distance_m: float
    level: str
    title: Text


class SensitivityLevel(Data):
    """Who would be hurt, and how easily."""

    title: Text


class Larger(Data):
    """Rows of a kind of site that are more sensitive: a column begins with one of these."""

    column: str
    begins: tuple[str, ...]
    level: Sensitivity


class SiteSensitivity(Data):
    """The sensitivity of a kind of site."""

    level: Sensitivity
    larger: Larger | None = None


class LandUseRules(Data):
    """Zones, matrix and the sensitivity of sites."""

    zones: tuple[LandUseZone, ...]
    zones_source: Cited
    matrix: dict[str, dict[Sensitivity, bool]]
    matrix_source: Cited
    sensitivity: dict[Sensitivity, SensitivityLevel]
    sites: dict[str, SiteSensitivity]
    sites_source: Cited
    advice: dict[str, Text]

    @model_validator(mode="after")
    def _matrix_is_whole(self) -> LandUseRules:
        zones = [zone.id for zone in self.zones]
        whole = all(set(row) == set(self.sensitivity) for row in self.matrix.values())
        if list(self.matrix) != zones or not whole:
            msg = f"the matrix needs the rows {zones} and a value for every sensitivity level"
            raise ValueError(msg)
        return self


@cache
def land_use_rules() -> LandUseRules:
    """Return the rules of the advice."""
    return LandUseRules.model_validate(load_package_yaml("ilo_geo.hazards", "land_use_advice.yaml"))


def zone_at(distance_m: float) -> str:
    """Return the innermost zone that holds a place ``distance_m`` from the tank, or ``outside``."""
    held = [zone.id for zone in land_use_rules().zones if distance_m <= zone.distance_m]
    return held[0] if held else OUTSIDE


def advice_at(distance_m: float, level: Sensitivity) -> str:
    """Return ``against``, ``not_against`` or ``outside`` for a development of that sensitivity."""
    zone = zone_at(distance_m)
    if zone == OUTSIDE:
        return OUTSIDE
    return AGAINST if land_use_rules().matrix[zone][level] else NOT_AGAINST


def advised_against_within_m(level: Sensitivity) -> float:
    """Return how near a tank (m) a development of ``level`` is still advised against."""
    rules = land_use_rules()
    return max(zone.distance_m for zone in rules.zones if rules.matrix[zone.id][level])


def sensitivity_of(kind: str, site: pd.Series) -> Sensitivity:
    """Return the sensitivity of a site of a kind that the rules class."""
    rule = land_use_rules().sites[kind]
    larger = rule.larger
    if larger and str(site.get(larger.column, "")).startswith(larger.begins):
        return larger.level
    return rule.level

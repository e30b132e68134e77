"""The numbers and words of the analysis that come with a source; they lie in ``rules.yaml``."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

PACKAGE = "ilo_geo.security.cameras"


class Data(BaseModel):
    """Frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Data):
    """One number with its source."""

    value: float
    source: str
    verified: Verified


class Titled(Data):
    """An id with its words."""

    id: str
    title: Text


class CoverageClass(Titled):
    """Areas of which a share below ``below_ratio`` of the need is seen, and of no class before."""

    below_ratio: float


class CameraRules(Data):
    """Distances, classes, criteria and words; see ``rules.yaml``."""

    merge_distance_m: Figure
    wall_clearance_m: Figure
    move_limit_m: Figure
    sensitive_reach_m: Figure
    supply_reach_m: Figure
    gap_cap_ratio: Figure
    cell_3d_m: Figure
    storage_days: Figure
    weight_swing_ratio: Figure
    overlap_limit_ratio: Figure
    interval_low_percent: Figure
    interval_high_percent: Figure
    kinds: dict[str, Text]
    building_kinds: dict[str, str]
    sensitive_layers: tuple[str, ...]
    crossing_degree: int
    classes: tuple[CoverageClass, ...]
    classes_source: str
    criteria: tuple[Titled, ...]
    judgements: str
    judgements_source: str
    judgements_verified: Verified
    reasons: dict[str, Text]

    @property
    def criterion_ids(self) -> tuple[str, ...]:
        """Return the criteria in the order of the judgements."""
        return tuple(criterion.id for criterion in self.criteria)

    def coverage_class(self, seen_ratio: float) -> str:
        """Return the class of an area of which ``seen_ratio`` of the need is seen."""
        return next(c.id for c in self.classes if seen_ratio < c.below_ratio)


@cache
def camera_rules() -> CameraRules:
    """Return the rules of the analysis of cameras."""
    return CameraRules.model_validate(load_package_yaml(PACKAGE, "rules.yaml"))

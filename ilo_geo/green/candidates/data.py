"""The rules, park types, covers, water sources and criteria: data with a source."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

PACKAGE = "ilo_geo.green.candidates"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Cited(_Data):
    source: str
    verified: Verified


class Considered(_Cited):
    """Which lots are looked at: those without use, and all of one tenure."""

    vacant_uses: tuple[str, ...]
    public_tenure: str


class Merging(_Cited):
    """How near two lots must be to be one site, and along how much of an edge, m."""

    tolerance_m: float
    shared_edge_m: float


class StreetBlocks(_Cited):
    """How the land between streets stands in for lots."""

    setback_m: float
    max_area_m2: float
    use: str
    tenure: str


class Rule(_Cited):
    """What rules a lot out; see ``rules.yaml``."""

    id: str
    by: Literal["measure", "zone", "overlap", "entrance", "type"]
    title: Text
    measure: str | None = None
    parameter: str | None = None
    upper: bool = False
    percent: bool = False
    layers: tuple[str, ...] = ()
    spared: str | None = None
    kinds: tuple[str, ...] = ()
    overlap_ratio: float | None = None
    overlap_m: float | None = None


class RuleTable(_Data):
    """The whole of ``rules.yaml``."""

    considered: Considered
    merging: Merging
    street_blocks: StreetBlocks
    rules: tuple[Rule, ...]


class Cover(_Cited):
    """What a square metre of planting drinks a day, litres."""

    title: Text
    l_m2_day: float
    low_l_m2_day: float | None = None
    high_l_m2_day: float | None = None


class ParkType(_Cited):
    """A kind of park: what it fits on, what covers it, what it costs."""

    id: str
    title: Text
    automatic: bool
    near: Literal["river", "flood"] | None = None
    near_m: float = 0.0
    min_area_m2: float
    max_area_m2: float | None = None
    max_slope_ratio: float
    cover: dict[str, float]
    capex_soles_m2: float
    care_soles_m2_year: float


class WaterSource(_Cited):
    """Where water comes from: m³ a day (None: no limit) and soles a m³ in one study area."""

    title: Text
    area: str
    m3_day: float | None
    soles_m3: float


class TypeTable(_Data):
    """The whole of ``types.yaml``."""

    covers: dict[str, Cover]
    types: tuple[ParkType, ...]
    water: dict[str, WaterSource]


class Criterion(_Data):
    """One part of the score and the column that its utility comes from."""

    id: str
    raw: str
    title: Text
    unit: Text
    help: Text


class TenureValues(_Cited):
    """Utility of each tenure."""

    values: dict[str, float]


class HazardValues(_Data):
    """How much of a hazard remains by its level and by how sure its outline is."""

    counted: tuple[str, ...]
    levels: dict[str, float]
    levels_source: str
    levels_verified: Verified
    probability: dict[str, float]
    probability_source: str
    probability_verified: Verified


class OutlineDraws(_Cited):
    """How often each outline is the true one in a draw."""

    certain: float
    line: float
    possible: float


class RankInterval(_Data):
    """Quantiles of the rank that are told."""

    low: float
    high: float


class CriterionTable(_Data):
    """The whole of ``criteria.yaml``."""

    judgements: str
    judgements_source: str
    judgements_verified: Verified
    criteria: tuple[Criterion, ...]
    tenure: TenureValues
    unknown_need_ratio: float
    hazards: HazardValues
    outline_draws: OutlineDraws
    rank_interval: RankInterval
    frontier_ratios: tuple[float, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the criteria in their order."""
        return tuple(criterion.id for criterion in self.criteria)


@cache
def rule_table() -> RuleTable:
    """Return which lots are considered and what rules one out."""
    return RuleTable.model_validate(load_package_yaml(PACKAGE, "rules.yaml"))


@cache
def type_table() -> TypeTable:
    """Return the park types, covers and water sources."""
    return TypeTable.model_validate(load_package_yaml(PACKAGE, "types.yaml"))


@cache
def criterion_table() -> CriterionTable:
    """Return the parts of the score."""
    return CriterionTable.model_validate(load_package_yaml(PACKAGE, "criteria.yaml"))


def park_types() -> dict[str, ParkType]:
    """Return the park types by id, in the order they are tried."""
    return {kind.id: kind for kind in type_table().types}

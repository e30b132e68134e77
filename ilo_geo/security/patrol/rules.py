"""The figures of the analysis of patrols that are no parameters, from ``patrol_rules.yaml``."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml


class Rule(BaseModel):
    """Frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Rule):
    """Figures with one source."""

    source: str
    verified: Verified


class Speeds(Sourced):
    """Speed by street class, of any other class, and on foot."""

    km_h: dict[str, float]
    other_km_h: float
    foot_m_s: float


class BaseLayers(Sourced):
    """Layers where patrols may start."""

    own: str
    seat: str
    police: str


class Limits(Sourced):
    """Distances and sizes of the searches."""

    base_gap_m: float
    foot_gap_m: float
    candidate_grid_m: float
    max_candidates: int
    max_loop_segments: int
    n_patrol_draws: int
    n_trees: int
    sector_tolerance_ratio: float


class TimeClass(Rule):
    """One colour of the map of minutes."""

    id: str
    color: str
    title: Text


class PlanFigures(Sourced):
    """What the plan says of its agents, and the areas it speaks of."""

    per_shift_agents: float
    inhab_per_agent: float
    km2_per_agent: float
    areas: tuple[str, ...]


class PatrolRules(Rule):
    """Everything in ``patrol_rules.yaml``."""

    speeds: Speeds
    base_layers: BaseLayers
    limits: Limits
    classes: tuple[TimeClass, ...]
    plan: PlanFigures
    roster_steps: dict[str, Text]


@cache
def patrol_rules() -> PatrolRules:
    """Return the figures of the analysis of patrols."""
    return PatrolRules.model_validate(load_package_yaml("ilo_geo.security", "patrol_rules.yaml"))

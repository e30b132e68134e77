"""The parts of the priority index and the numbers of its scale, as data."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

GREEN, RISK, INSECURITY, VULNERABILITY = "green", "risk", "insecurity", "vulnerability"


class Part(BaseModel):
    """One part of the index: what its raw value is and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    unit: Text
    source: str


class PriorityRules(BaseModel):
    """What ``parts.yaml`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parts: tuple[Part, ...]
    response_title: Text
    risk_classes: tuple[str, ...]
    scale_percentiles: tuple[float, float]
    scale_source: str
    unknown_middle_ratio: float = Field(ge=0, le=1)
    unknown_middle_source: str

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the parts, in the order they are shown."""
        return tuple(part.id for part in self.parts)


@cache
def priority_rules() -> PriorityRules:
    """Return the parts and the numbers of the scale."""
    return PriorityRules.model_validate(load_package_yaml("ilo_geo.proposals", "parts.yaml"))

"""The four classes every hazard and risk is shown in, as data."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import OutlineClass
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml


class HazardLevel(ScaleClass):
    """One class: colour, hatch and the lower limits of its hazard and risk values (0–1)."""

    hazard_min: float
    risk_min: float


class HazardLevels(BaseModel):
    """The classes, weakest first, and what is in none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    source: str
    verified: Verified
    levels: tuple[HazardLevel, ...]
    missing: ScaleClass
    outlines: tuple[OutlineClass, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids, weakest first."""
        return tuple(level.id for level in self.levels)


@cache
def hazard_levels() -> HazardLevels:
    """Return the classes of hazard and risk."""
    return HazardLevels.model_validate(load_package_yaml("ilo_geo.hazards", "levels.yaml"))


@cache
def zone_scale() -> CategoryScale:
    """Return how zones are drawn: colour and hatch by level, outline and fill by certainty."""
    known = hazard_levels()
    return CategoryScale(
        id="hazard_level",
        title=known.title,
        column="level",
        classes=tuple(
            ScaleClass(**row.model_dump(include=set(ScaleClass.model_fields)))
            for row in known.levels
        ),
        missing=known.missing,
        outline_column="certainty",
        outlines=known.outlines,
        source=known.source,
    )

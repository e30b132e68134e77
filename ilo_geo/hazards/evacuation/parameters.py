"""Parameters of the evacuation analysis, and the classes of arrival; the words are in YAML."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic_core import PydanticCustomError

from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import Verified
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.evacuation.speeds import Formulation
from ilo_geo.hazards.evacuation.speeds import walking_figures
from ilo_geo.hazards.tsunami_parameters import FloodSource

DEFAULT_WALKER = "slow"
# the column of every table that says who is in time
ARRIVAL_CLASS = "arrival_class"


class EvacuationParams(Parameters):
    """What a planner may set; ``walking_speed`` is the id of a walker of ``speeds.yaml``."""

    level_m: Annotated[float, Field(ge=5, le=25)] = 20.0
    arrival_min: Annotated[float, Field(ge=10, le=30)] = 15.0
    walking_speed: str = DEFAULT_WALKER
    reaction_min: Annotated[float, Field(ge=0, le=15)] = 4.0
    moment: Literal["night", "day"] = "night"
    population_base: str
    margin_m: Annotated[float, Field(ge=0, le=10)] = 5.0
    flood_source: FloodSource = "auto"
    river_reach_m: Annotated[float, Field(ge=0, le=5000)] = 400.0
    formulation: Formulation = "tobler"
    max_ground_slope: Annotated[float, Field(ge=0.1, le=2)] = 0.5

    @field_validator("walking_speed")
    @classmethod
    def _known_walker(cls, value: str) -> str:
        known = list(walking_figures().walkers)
        if value not in known:
            raise PydanticCustomError("choice", "one of {known}", {"known": ", ".join(known)})
        return value

    @property
    def speed_m_s(self) -> float:
        """Return the chosen speed on the flat."""
        return walking_figures().walkers[self.walking_speed].speed_m_s

    @property
    def safe_above_m(self) -> float:
        """Return the elevation that safe ground exceeds."""
        return self.level_m + self.margin_m


class ArrivalFigures(BaseModel):
    """Everything of ``arrival.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    classes: tuple[ScaleClass, ScaleClass, ScaleClass]
    missing: ScaleClass
    spare_min: float
    slowest_walker: str
    quickest_walker: str
    curve_end_min: int
    max_cells: int
    populated_reach_cells: int
    grid_cell_m: float
    source: str
    verified: Verified


@cache
def arrival_figures() -> ArrivalFigures:
    """Return the classes of arrival and the figures of what is drawn."""
    return ArrivalFigures.model_validate(
        load_package_yaml("ilo_geo.hazards.evacuation", "arrival.yaml")
    )


@cache
def arrival_scale() -> CategoryScale:
    """Return how arrival is drawn."""
    figures = arrival_figures()
    return CategoryScale(
        id="arrival",
        title=figures.title,
        column=ARRIVAL_CLASS,
        classes=figures.classes,
        missing=figures.missing,
        source=figures.source,
    )

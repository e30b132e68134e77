"""Parameters of the green analysis; their words are in ``parameters.yaml``."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Self

from pydantic import Field
from pydantic import field_validator
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ilo_geo.core.parameters import Parameters
from ilo_geo.green.standards import CUSTOM
from ilo_geo.green.standards import access_standards

DEFAULT_ACCESS_STANDARD = "who_europe"


class AccessParams(Parameters):
    """Whom parks serve and how much green they owe.

    ``access_standard`` fills ``access_distance_m`` and ``min_park_area_m2``; where those are given
    and differ from it, the standard is recorded as ``custom``. ``year`` is None in areas whose
    parks carry no years.
    """

    population_base: str
    year: int | None = None
    standard_m2_per_inhab: Annotated[float, Field(ge=0.5, le=50)] = 9.0
    access_standard: str = DEFAULT_ACCESS_STANDARD
    access_distance_m: Annotated[float, Field(ge=50, le=5000)]
    min_park_area_m2: Annotated[float, Field(ge=0, le=200_000)]
    entrance_reach_m: Annotated[float, Field(ge=5, le=60)] = 20.0

    @model_validator(mode="before")
    @classmethod
    def _fill_from_access_standard(cls, raw: Any) -> Any:
        given = {name: value for name, value in dict(raw).items() if value is not None}
        usual = cls.model_fields["access_standard"].default
        chosen = given.get("access_standard", usual)
        if chosen == CUSTOM:
            return given
        # the field validator names an unknown id
        standard = access_standards().get(chosen, access_standards()[usual])
        given.setdefault("access_distance_m", standard.distance_m)
        given.setdefault("min_park_area_m2", standard.min_park_area_m2)
        return given

    @field_validator("access_standard")
    @classmethod
    def _known_access_standard(cls, value: str) -> str:
        known = [*access_standards(), CUSTOM]
        if value not in known:
            raise PydanticCustomError("choice", "one of {known}", {"known": ", ".join(known)})
        return value

    @model_validator(mode="after")
    def _name_the_access_standard(self) -> Self:
        standard = access_standards().get(self.access_standard)
        mine = (self.access_distance_m, self.min_park_area_m2)
        if standard and mine != (standard.distance_m, standard.min_park_area_m2):
            object.__setattr__(self, "access_standard", CUSTOM)
        return self


class GreenParams(AccessParams):
    """What a planner may set of the green analysis."""

    catchment_m: Annotated[float, Field(ge=100, le=3000)] = 500.0
    cell_resolution: Annotated[int, Field(ge=7, le=10)] = 9

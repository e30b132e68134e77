"""Parameters of the exposure analysis; their words are in ``exposure.yaml``."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from ilo_geo.hazards.day_population import DayParams
from ilo_geo.hazards.needs import DEFAULT_DAYS
from ilo_geo.hazards.needs import needs
from ilo_geo.hazards.tsunami_parameters import FloodSource

# the parameter that holds the rate of each need
RATE_OF_NEED = {
    "survival_water": "survival_water_l_per_inhab_day",
    "water": "water_l_per_inhab_day",
    "food": "food_kcal_per_inhab_day",
    "shelter": "shelter_m2_per_inhab",
    "camp": "camp_m2_per_inhab",
    "toilets": "inhab_per_toilet",
}


class ExposureParams(DayParams):
    """What a planner may set.

    ``level_m``, ``flood_source`` and ``river_reach_m`` say which tsunami the zones are of. Rates
    default to those of ``needs.yaml``.
    """

    population_base: str
    moment: Literal["night", "day"] = "night"
    level_m: Annotated[float, Field(ge=5, le=25)] = 20.0
    flood_source: FloodSource = "auto"
    river_reach_m: Annotated[float, Field(ge=0, le=5000)] = 400.0
    days: Annotated[int, Field(ge=1, le=90)] = DEFAULT_DAYS
    survival_water_l_per_inhab_day: Annotated[float, Field(ge=1, le=50)] = needs()[
        "survival_water"
    ].rate
    water_l_per_inhab_day: Annotated[float, Field(ge=1, le=200)] = needs()["water"].rate
    food_kcal_per_inhab_day: Annotated[float, Field(ge=500, le=5000)] = needs()["food"].rate
    shelter_m2_per_inhab: Annotated[float, Field(ge=1, le=20)] = needs()["shelter"].rate
    camp_m2_per_inhab: Annotated[float, Field(ge=5, le=200)] = needs()["camp"].rate
    inhab_per_toilet: Annotated[float, Field(ge=1, le=200)] = needs()["toilets"].rate

    @property
    def rates(self) -> dict[str, float]:
        """Return the rate of each need."""
        return {need: getattr(self, name) for need, name in RATE_OF_NEED.items()}

"""Parameters of the search for park sites; their words are in ``parks.yaml``."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import Field
from pydantic import model_validator

from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.parameters import AccessParams

AUTO = "auto"
YES = "yes"
SERVED, SCORE = "served", "score"
Weight = Annotated[float | None, Field(ge=0, le=1)]


class ParkParams(AccessParams):
    """What a planner may set.

    ``water_source`` fills ``water_m3_day`` and ``water_soles_m3`` where they are not given. A
    weight ``w_…`` that is given replaces that of ``park_judgements``; all are scaled to sum to 1.
    """

    n_parks: Annotated[int, Field(ge=1, le=200)] = 10
    water_source: str = "mains"
    objective: str = SERVED
    park_type: str = AUTO
    floodable_parks: str = "no"
    certainty: str = "line"
    merge_lots: str = YES
    access_standard: str = "rne_gh020"
    min_area_m2: Annotated[float, Field(ge=100, le=100_000)] = 800.0
    min_width_m: Annotated[float, Field(ge=5, le=200)] = 25.0
    max_slope_ratio: Annotated[float, Field(ge=0.01, le=1)] = 0.15
    level_m: Annotated[float, Field(ge=5, le=25)] = 15.0
    flood_source: Literal["auto", "chart", "computed"] = "auto"
    fault_m: Annotated[float, Field(ge=0, le=2000)] = 200.0
    fault_surveyed_m: Annotated[float, Field(ge=0, le=500)] = 50.0
    tank_m: Annotated[float, Field(ge=0, le=2000)] = 150.0
    station_m: Annotated[float, Field(ge=0, le=500)] = 50.0
    reserve_m: Annotated[float, Field(ge=0, le=5000)] = 300.0
    river_margin_m: Annotated[float, Field(ge=0, le=1000)] = 50.0
    heritage_m: Annotated[float, Field(ge=0, le=1000)] = 25.0
    apart_m: Annotated[float, Field(ge=0, le=5000)] = 0.0
    water_m3_day: Annotated[float | None, Field(ge=0, le=1_000_000)] = None
    water_soles_m3: Annotated[float | None, Field(ge=0, le=100)] = None
    budget_soles: Annotated[float | None, Field(ge=0, le=1e10)] = None
    park_judgements: str = criterion_table().judgements
    w_deficit: Weight = None
    w_access: Weight = None
    w_equity: Weight = None
    w_water: Weight = None
    w_tenure: Weight = None
    w_hazard: Weight = None
    w_shape: Weight = None
    weight_swing_ratio: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    n_draws: Annotated[int, Field(ge=1, le=5000)] = 200
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 4
    time_limit_s: Annotated[float, Field(ge=1, le=3600)] = 60.0

    @model_validator(mode="before")
    @classmethod
    def _fill_from_water_source(cls, raw: Any) -> Any:
        given = {name: value for name, value in dict(raw).items() if value is not None}
        source = type_table().water.get(given.get("water_source", cls.usual_water()))
        if source is not None:
            given.setdefault("water_m3_day", source.m3_day)
            given.setdefault("water_soles_m3", source.soles_m3)
        return given

    @classmethod
    def usual_water(cls) -> str:
        """Return the id of the water source where none is given."""
        usual: str = cls.model_fields["water_source"].default
        return usual

    @property
    def given_weights(self) -> dict[str, float]:
        """Return the weights that were given directly, by criterion."""
        given = {name: getattr(self, f"w_{name}") for name in criterion_table().ids}
        return {name: value for name, value in given.items() if value is not None}

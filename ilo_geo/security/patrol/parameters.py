"""What a planner may set of the analysis of patrols."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import Field

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Parameters
from ilo_geo.security.patrol.roster import Roster
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.security.response import Conditions

NIGHT = "night"


class PatrolParams(Parameters):
    """What a planner may set."""

    population_base: str
    moment: Literal["night", "day"] = "night"
    new_bases: Annotated[int, Field(ge=0, le=20)] = 2
    base_problem: Literal["pmedian", "mclp"] = "pmedian"
    existing_bases: Literal["keep", "free"] = "keep"
    start_from: Literal["municipal_police", "municipal"] = "municipal_police"
    green_min: Annotated[float, Field(ge=0.5, le=60)] = 5.0
    yellow_min: Annotated[float, Field(ge=0.5, le=60)] = 8.0
    orange_min: Annotated[float, Field(ge=0.5, le=120)] = 10.0
    dispatch_s: Annotated[float, Field(ge=0, le=1800)] = 105.0
    dispatch_spread_s: Annotated[float, Field(ge=0, le=600)] = 15.0
    night_ratio: Annotated[float, Field(ge=0, le=2)] = 0.20
    speed_error_ratio: Annotated[float, Field(ge=0, le=0.5)] = 0.20
    agents: Annotated[int, Field(ge=1, le=5000)] = 40
    shifts: Annotated[int, Field(ge=1, le=6)] = 3
    rest_days: Annotated[int, Field(ge=0, le=6)] = 1
    agents_per_patrol: Annotated[int, Field(ge=1, le=10)] = 2
    n_sectors: Annotated[int, Field(ge=0, le=100)] = 0
    shift_h: Annotated[float, Field(ge=0.5, le=24)] = 8.0
    break_h: Annotated[float, Field(ge=0, le=6)] = 1.0
    patrol_km_h: Annotated[float, Field(ge=2, le=60)] = 15.0
    cell_resolution: Annotated[int, Field(ge=8, le=11)] = 10
    time_limit_s: Annotated[float, Field(ge=1, le=600)] = 20.0
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 180301

    @property
    def limits_min(self) -> tuple[float, float, float]:
        """Return the three times of the map."""
        return self.green_min, self.yellow_min, self.orange_min

    @property
    def roster(self) -> Roster:
        """Return the agents and their shifts."""
        return Roster(self.agents, self.shifts, self.rest_days)

    @property
    def sectors_wanted(self) -> int:
        """Return how many patrol sectors: as asked, else one a patrol on duty."""
        return self.n_sectors or max(int(self.roster.on_duty // self.agents_per_patrol), 1)

    @property
    def loop_budget_s(self) -> float:
        """Return the time a loop may take."""
        return (self.shift_h - self.break_h) * S_PER_MIN * S_PER_MIN

    @property
    def conditions(self) -> dict[str, Conditions]:
        """Return the middle case and the fastest and slowest ones."""
        night = self.night_ratio if self.moment == NIGHT else 0.0
        spread, error = self.dispatch_spread_s, self.speed_error_ratio
        return {
            "middle": Conditions(self.dispatch_s, night),
            "fast": Conditions(max(self.dispatch_s - spread, 0.0), night, error, -1.0),
            "slow": Conditions(self.dispatch_s + spread, night, -error, 1.0),
        }

    def require_order(self) -> None:
        """Refuse limits that do not ascend, and breaks that leave no time to patrol."""
        if not self.green_min < self.yellow_min < self.orange_min:
            found = " / ".join(f"{limit:g}" for limit in self.limits_min)
            raise ParameterError("patrol.limit_order", found=found)
        if self.break_h >= self.shift_h:
            found = f"{self.break_h:g} / {self.shift_h:g}"
            raise ParameterError("patrol.no_patrol_time", found=found)

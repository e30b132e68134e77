"""Parameters of the tsunami analysis, and the plan's lines and classes; words are in YAML."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

# which flood counts: the chart where an official one is loaded, the chart, or the computed one
AUTO, CHART, COMPUTED = "auto", "chart", "computed"
FloodSource = Literal["auto", "chart", "computed"]


class TsunamiParams(Parameters):
    """What a planner may set; an error of None is the one of the kind of terrain."""

    level_m: Annotated[float, Field(ge=5, le=25)] = 20.0
    flood_source: FloodSource = "auto"
    river_reach_m: Annotated[float, Field(ge=0, le=5000)] = 400.0
    population_base: str
    rmse_m: Annotated[float, Field(ge=0, le=50)] | None = None
    correlation_m: Annotated[float, Field(ge=30, le=5000)] | None = None
    n_draws: Annotated[int, Field(ge=20, le=1000)] = 200
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    river_half_width_m: Annotated[float, Field(ge=30, le=2000)] = 300.0


class LevelClass(BaseModel):
    """How severe it is to be flooded by a sea of up to ``up_to_m``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to_m: float
    level: str


class TsunamiClasses(BaseModel):
    """The plan's lines, the classes of levels, and the limits of what is computed and said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_levels_m: tuple[float, ...]
    plan_source: str
    classes: tuple[LevelClass, ...]
    classes_source: str
    classes_verified: Verified
    title: Text
    highest_level_m: float
    errors_above: float
    wide_band_m: float
    certain_min_ratio: float
    chart_title: Text
    part_titles: dict[str, Text]
    chart_sheet_margin_m: float

    def level_of(self, level_m: float) -> str:
        """Return the class of ground that floods at a level."""
        return next(row.level for row in self.classes if level_m <= row.up_to_m)

    def title_of(self, level_m: float) -> Text:
        """Return the name of the band below a level."""
        return _filled(self.title, level_m)

    def chart_title_of(self, level_m: float) -> Text:
        """Return the name of the band that a chart draws for a level."""
        return _filled(self.chart_title, level_m)


def _filled(title: Text, level_m: float) -> Text:
    words = {"level": f"{level_m:g}"}
    return Text(es=title.format("es", **words), en=title.format("en", **words))


@cache
def tsunami_classes() -> TsunamiClasses:
    """Return the plan's lines and the classes."""
    return TsunamiClasses.model_validate(
        load_package_yaml("ilo_geo.hazards", "tsunami_classes.yaml")
    )

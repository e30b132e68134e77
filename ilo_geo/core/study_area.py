"""A study area is configuration: the same code runs on any city described by a folder."""

from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.layer import ID_PATTERN
from ilo_geo.core.text import Text


class PlanFigure(BaseModel):
    """A figure that a plan or study states, with what we make of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: Text
    value: float
    unit: str
    year: int
    source: str
    note: Text | None = None


class PopulationBase(BaseModel):
    """One count of inhabitants to choose from; ``partial`` ones are listed but not offered.

    ``column`` names the column of the population layer that holds the count; ``total_inhab``
    spreads a province total over the units in proportion to ``column``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: Text
    column: str
    year: int | None = None
    source: str
    total_inhab: float | None = Field(default=None, gt=0)
    partial: bool = False
    note: Text | None = None


class AgeGroup(BaseModel):
    """An age group that the population layer counts, unit by unit, in ``column``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: Text
    column: str
    source: str


class KnownCount(BaseModel):
    """How many things of a layer are known to exist; ``where`` names the rows that are counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: str = Field(pattern=ID_PATTERN)
    title: Text
    value: int = Field(gt=0)
    year: int
    source: str
    where: dict[str, str | bool | int] = Field(default_factory=dict)


class AreaConfig(BaseModel):
    """The ``area.yaml`` of a study area folder.

    ``levels`` names the polygon layers to report by (coarse to fine), ``green_years`` the years the
    parks layer describes (latest first), ``defaults`` per analysis the parameters that differ here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: Text
    crs: str
    population_bases: tuple[PopulationBase, ...] = Field(min_length=1)
    default_base: str
    levels: tuple[str, ...] = ()
    green_years: tuple[int, ...] = ()
    age_groups: tuple[AgeGroup, ...] = ()
    plan_figures: tuple[PlanFigure, ...] = ()
    known_counts: tuple[KnownCount, ...] = ()
    defaults: dict[str, dict[str, Any]] = Field(default_factory=dict)

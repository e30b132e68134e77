"""A rule of the plan as data: figures with their quotation, steps, measures, checks, meanings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from ilo_geo.city.plan.measures import MEASURES
from ilo_geo.city.plan.measures import Scalar
from ilo_geo.core.layer import ID_PATTERN
from ilo_geo.core.text import Text

MAX_ITEMS = 40


class Weight(StrEnum):
    """How much hangs on a rule."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(StrEnum):
    """What a rule comes to, gravest first."""

    CONTRADICTION = "contradiction"
    NOTICE = "notice"
    COHERENT = "coherent"
    NO_DATA = "no_data"


class Verified(StrEnum):
    """How well a source was checked; CALC is computed by this project."""

    SEEN = "V"
    SECOND_HAND = "V2"
    COMPUTED = "CALC"
    FROM_MEMORY = "NV"


def _same_in_both(value: object) -> object:
    return {"es": value, "en": value} if isinstance(value, str) else value


# a unit such as "km²" needs no translation
Unit = Annotated[Text, BeforeValidator(_same_in_both)]
Name = Annotated[str, Field(pattern=ID_PATTERN, max_length=40)]


class Part(BaseModel):
    """What every number of a rule has: a name for formulas, a title, a unit, how it is written.

    ``decimals`` None writes those the number has; ``grouped`` False writes years as 2015.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Name
    title: Text
    unit: Unit | None = None
    decimals: int | None = Field(default=None, ge=0, le=8)
    grouped: bool = True


class Figure(Part):
    """A figure of the plan: value, year, line of the plan's text and the words it stands in."""

    value: float = Field(allow_inf_nan=False)
    year: int | None = None
    line: int = Field(ge=1)
    quotation: str = Field(min_length=1)


class OtherFigure(Part):
    """A figure of somebody else, with its source and how well that was checked."""

    value: float = Field(allow_inf_nan=False)
    year: int | None = None
    source: str = Field(min_length=1)
    verified: Verified


class Selection(BaseModel):
    """Features of a layer: all of them, or those whose columns hold what ``where`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: Name
    where: dict[str, Scalar] = {}


class LayerFigure(Part):
    """A figure measured from a layer at the time of asking; see `MEASURES`."""

    measure: str
    layer: Name
    where: dict[str, Scalar] = {}
    column: str | None = None
    to: Selection | None = None

    @model_validator(mode="after")
    def _can_be_taken(self) -> LayerFigure:
        if self.measure not in MEASURES:
            msg = f"'{self.measure}' is no measure; expected one of {', '.join(MEASURES)}"
            raise ValueError(msg)
        measure = MEASURES[self.measure]
        for name, needed, given in (
            ("column", measure.needs_column, self.column),
            ("to", measure.needs_other, self.to),
        ):
            if needed != (given is not None):
                msg = f"'{self.measure}' {'needs' if needed else 'takes no'} '{name}'"
                raise ValueError(msg)
        return self


class Step(Part):
    """A figure that follows from others by a formula."""

    formula: str


class Check(BaseModel):
    """Two formulas that must agree: equal within the tolerance, or one no larger than the other.

    ``tolerance`` is in the unit of the figures, ``tolerance_ratio`` a share of the right side;
    ``otherwise`` says how grave it is if they do not agree.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    left: str
    relation: Literal["==", "<=", ">="]
    right: str
    tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tolerance_ratio: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    unit: Unit | None = None
    decimals: int | None = Field(default=None, ge=0, le=8)
    grouped: bool = True
    otherwise: Literal[Verdict.CONTRADICTION, Verdict.NOTICE]

    @model_validator(mode="after")
    def _one_tolerance(self) -> Check:
        if (self.tolerance is None) == (self.tolerance_ratio is None):
            msg = "state 'tolerance' or 'tolerance_ratio', one of them"
            raise ValueError(msg)
        return self


class Rule(BaseModel):
    """One rule: what the plan says, what follows, what layers and others say, what must agree.

    ``meaning`` says in words what each verdict that the checks can reach would mean.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z][A-Z0-9-]{0,11}$")
    title: Text
    weight: Weight
    says: tuple[Figure, ...] = Field(min_length=1, max_length=MAX_ITEMS)
    layers: tuple[LayerFigure, ...] = Field(default=(), max_length=MAX_ITEMS)
    others: tuple[OtherFigure, ...] = Field(default=(), max_length=MAX_ITEMS)
    steps: tuple[Step, ...] = Field(default=(), max_length=MAX_ITEMS)
    checks: tuple[Check, ...] = Field(min_length=1, max_length=MAX_ITEMS)
    meaning: dict[Verdict, Text]
    note: Text | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return every named number, in the order in which formulas may use them."""
        return (*self.says, *self.layers, *self.others, *self.steps)


class RuleFile(BaseModel):
    """One theme of the plan: the title it is shown under, and its rules as parsed.

    Each is checked as a `Rule` by itself, so that the faults of one hide none of another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    order: int = 0
    rules: list[Any] = Field(min_length=1, max_length=200)

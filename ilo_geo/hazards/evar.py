"""Hazard values and risk as the evaluation of CENEPRED (EVAR) weighs them, as intervals.

Every level has a value (.035 outside … .503 very high). Formulas::

    P = Σ w_h v_h           weighted hazard, w from pairwise judgements
    R = P × V               risk, V the vulnerability
    M = max v_h             the maximum, shown beside P so that a very high is never averaged away

Each figure is an `Interval`: what is certain, the best estimate, what is possible. A hazard that
nobody mapped lies anywhere on the scale; it is never taken for zero.

Classes: a value on a limit is in the upper class; risk is classed at the three decimals in which
the limits are printed, since they are products (.260² = .0676, printed .068).

Sources: CENEPRED, Manual EVAR v2 (2014); numbers lie in ``evar.yaml`` and ``levels.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.scales import Scale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.levels import HazardLevel
from ilo_geo.hazards.levels import hazard_levels

OUTSIDE = "outside"
# sums of weights miss a limit by the processor's rounding, not by more
NOISE_DECIMALS = 9


class EvarHazard(BaseModel):
    """One criterion: the most severe of ``zones`` (hazards of the zone table) counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    zones: tuple[str, ...]


class ScaleText(BaseModel):
    """Title and unit of a scale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    unit: Text


class EvarRules(BaseModel):
    """The values of the levels, the hazards that are weighed and their default judgements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_values: dict[str, float]
    level_values_source: str
    level_values_verified: Verified
    unknown_middle: str
    risk_decimals: int
    risk: ScaleText
    hazard: ScaleText
    hazards: tuple[EvarHazard, ...]
    judgements: str
    judgements_source: str
    judgements_verified: Verified
    vulnerability_zones: tuple[str, ...]

    @property
    def criteria(self) -> tuple[str, ...]:
        """Return the ids of the hazards in the order of the judgements."""
        return tuple(hazard.id for hazard in self.hazards)

    @property
    def lowest(self) -> float:
        """Return the value of a place outside every zone."""
        return self.level_values[OUTSIDE]

    @property
    def highest(self) -> float:
        """Return the strongest value there is."""
        return max(self.level_values.values())

    @property
    def middle(self) -> float:
        """Return what the middle figure takes for something unknown."""
        return self.level_values[self.unknown_middle]

    @property
    def steps(self) -> tuple[float, ...]:
        """Return every value, weakest first."""
        return tuple(sorted(self.level_values.values()))


@cache
def evar_rules() -> EvarRules:
    """Return the rules of the evaluation."""
    return EvarRules.model_validate(load_package_yaml("ilo_geo.hazards", "evar.yaml"))


@dataclass(frozen=True)
class Interval:
    """A figure for each place: the least it can be, the best estimate, the most it can be."""

    low: np.ndarray
    mid: np.ndarray
    high: np.ndarray

    @classmethod
    def unknown(cls, n: int) -> Interval:
        """Return ``n`` values nobody knows: the whole scale."""
        rules = evar_rules()
        return cls(*(np.full(n, v) for v in (rules.lowest, rules.middle, rules.highest)))

    @classmethod
    def of_levels(cls, low: pd.Series, mid: pd.Series, high: pd.Series) -> Interval:
        """Return the values of level ids."""
        return cls(
            *(part.map(evar_rules().level_values).to_numpy(float) for part in (low, mid, high))
        )

    def __mul__(self, other: Interval) -> Interval:
        """Return the product; all values are positive, so ends meet ends."""
        return Interval(self.low * other.low, self.mid * other.mid, self.high * other.high)


def weighted(parts: Mapping[str, Interval], weights: Mapping[str, float]) -> Interval:
    """Return ``Σ w v`` over the criteria of ``weights``."""
    ratio = np.array(list(weights.values()))
    return Interval(
        low=ratio @ np.array([parts[criterion].low for criterion in weights]),
        mid=ratio @ np.array([parts[criterion].mid for criterion in weights]),
        high=ratio @ np.array([parts[criterion].high for criterion in weights]),
    )


def strongest(parts: Iterable[Interval]) -> Interval:
    """Return the maximum of several figures, place by place."""
    listed = list(parts)
    return Interval(
        low=np.max([part.low for part in listed], axis=0),
        mid=np.max([part.mid for part in listed], axis=0),
        high=np.max([part.high for part in listed], axis=0),
    )


def level_of_value(values: np.ndarray) -> np.ndarray:
    """Return the level id of each step of the scale (.503 is very high, .035 outside)."""
    rules = evar_rules()
    of_value = {value: level for level, value in rules.level_values.items()}
    return np.array([of_value[value] for value in values.tolist()], dtype=object)


def hazard_class(values: np.ndarray) -> np.ndarray:
    """Return the class id of each weighted hazard; what is below the lowest limit is low."""
    return _classes(hazard_scale(), np.round(values, NOISE_DECIMALS))


def risk_class(values: np.ndarray) -> np.ndarray:
    """Return the class id of each risk; what is below the lowest limit is low."""
    return _classes(risk_scale(), printed_risk(values))


def printed_risk(values: np.ndarray) -> np.ndarray:
    """Return risks at the decimals in which the limits of its classes are printed."""
    return np.round(np.round(values, NOISE_DECIMALS), evar_rules().risk_decimals)


def _classes(scale: Scale, values: np.ndarray) -> np.ndarray:
    ids: np.ndarray = scale.class_ids(pd.Series(values)).to_numpy(dtype=object)
    return ids


@cache
def risk_scale() -> Scale:
    """Return the four classes of risk on column ``risk``, the limits of ``levels.yaml``."""
    breaks = tuple(level.risk_min for level in hazard_levels().levels[1:])
    return _scale("risk", evar_rules().risk, breaks)


@cache
def hazard_scale() -> Scale:
    """Return the four classes of the weighted hazard on column ``hazard_sum``."""
    breaks = tuple(level.hazard_min for level in hazard_levels().levels[1:])
    return _scale("hazard_sum", evar_rules().hazard, breaks)


def _scale(column: str, words: ScaleText, breaks: tuple[float, ...]) -> Scale:
    levels = hazard_levels()
    return Scale(
        id=column,
        title=words.title,
        column=column,
        unit=words.unit,
        breaks=breaks,
        classes=tuple(_plain_class(level) for level in levels.levels),
        missing=levels.missing,
        source=levels.source,
    )


def _plain_class(level: HazardLevel) -> ScaleClass:
    return ScaleClass(id=level.id, title=level.title, colour=level.colour)

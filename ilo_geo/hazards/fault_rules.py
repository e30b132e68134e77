"""Bands, the rule of what a surveyed trace is, and the magnitude formula, read as data."""

from __future__ import annotations

from functools import cache

from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data


class Band(Data):
    """A distance from a trace, its level and its words."""

    id: str
    level: str
    title: Text


class SetBand(Band):
    """A distance the planner may set, named by its parameter."""

    parameter: str


class NearBand(Band):
    """A distance that has a meaning around a surveyed trace only."""

    distance_m: float


class SurveyedRule(Data):
    """What makes a trace a surveyed one."""

    max_accuracy_m: float
    statuses: tuple[Status, ...]
    sources: tuple[str, ...]


class MagnitudeFormula(Data):
    """M = intercept + slope · log10(length in km), and its standard deviation."""

    intercept: float
    slope: float
    standard_deviation: float
    source: Cited


class FaultRules(Data):
    """Everything the fault analysis takes from norms and papers."""

    bands: tuple[SetBand, ...]
    bands_source: Cited
    near_bands: tuple[NearBand, ...]
    near_bands_source: Cited
    surveyed: SurveyedRule
    assumed_accuracy_m: float
    magnitude: MagnitudeFormula


@cache
def fault_rules() -> FaultRules:
    """Return the rules of the fault analysis."""
    return FaultRules.model_validate(load_package_yaml("ilo_geo.hazards", "fault_rules.yaml"))

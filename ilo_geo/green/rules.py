"""Decides, polygon by polygon, what counts as public green and why the rest does not."""

from __future__ import annotations

from functools import cache
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

NOT_IN_YEAR = "not_in_year"


class GreenRule(BaseModel):
    """One rule; every condition it states must hold. A rule without conditions takes the rest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    counts: Literal["green", "sport", "no"]
    title: Text
    source: str
    kinds: tuple[str, ...] | None = None
    access: str | None = None
    narrower_than_m: float | None = None


@cache
def green_rules() -> dict[str, GreenRule]:
    """Return the rules by id, in the order they are tried."""
    rules = [GreenRule.model_validate(r) for r in load_package_yaml("ilo_geo.green", "rules.yaml")]
    return {rule.id: rule for rule in rules}


def width_of_each_m(polygons: gpd.GeoSeries) -> pd.Series:
    """Return the width of the rectangle of the same area and perimeter.

    Exact for a rectangle, and for a strip of even width however it bends; a shape rounder than any
    rectangle (a disc) has the side of the square of its perimeter.
    """
    half_m = polygons.length / 2
    return (half_m - np.sqrt((half_m**2 - 4 * polygons.area).clip(lower=0))) / 2


def rule_of_each(green: gpd.GeoDataFrame, *, year: int | None) -> pd.Series:
    """Return the id of the rule that decides on each polygon.

    Parameters
    ----------
    green
        Polygons in a metric CRS with ``kind``, ``access`` and, nullable, ``since_year`` and
        ``until_year`` (both inclusive).
    year
        Year to describe; None takes every polygon whatever its years.

    Returns
    -------
    rule
        Rule ids on the index of ``green``.
    """
    decided = np.full(len(green), None, dtype=object)
    width_m = width_of_each_m(green.geometry).to_numpy()
    for rule in green_rules().values():
        fits = np.array([value is None for value in decided], dtype=bool)
        if rule.id == NOT_IN_YEAR:
            fits &= ~_there_in(green, year)
        if rule.kinds is not None:
            fits &= green["kind"].isin(rule.kinds).to_numpy()
        if rule.access is not None:
            fits &= (green["access"] == rule.access).to_numpy()
        if rule.narrower_than_m is not None:
            fits &= width_m < rule.narrower_than_m
        decided[fits] = rule.id
    return pd.Series(decided, index=green.index, name="rule", dtype=object)


def counted_as(rules: pd.Series, counts: Literal["green", "sport", "no"]) -> pd.Series:
    """Return a mask of the polygons whose rule counts them as ``counts``."""
    chosen = [rule.id for rule in green_rules().values() if rule.counts == counts]
    return rules.isin(chosen)


def _there_in(green: gpd.GeoDataFrame, year: int | None) -> np.ndarray:
    if year is None:
        return np.ones(len(green), dtype=bool)
    since = pd.to_numeric(green["since_year"]).fillna(-np.inf).to_numpy(dtype=float)
    until = pd.to_numeric(green["until_year"]).fillna(np.inf).to_numpy(dtype=float)
    there: np.ndarray = (since <= year) & (year <= until)
    return there

"""The tanks with what is known of each, and what the planner states where the layer is silent."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.schema import row_names
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data
from ilo_geo.hazards.fuels import fire_data

LPG = "lpg"


class HeatThreshold(Data):
    """A heat flux and what it does."""

    id: str
    kw_m2: float
    level: str
    title: Text


class TankRules(Data):
    """Thresholds, names of the models, and the error of a position that states none."""

    thermal: tuple[HeatThreshold, ...]
    thermal_source: Cited
    models: dict[str, Text]
    assumed_accuracy_m: float


@cache
def tank_rules() -> TankRules:
    """Return the rules of the tank analysis."""
    return TankRules.model_validate(load_package_yaml("ilo_geo.hazards", "tanks_rules.yaml"))


def tank_list(
    tanks: gpd.GeoDataFrame, *, accuracy_m: float | None, fuel: str, bund_area_m2: float
) -> gpd.GeoDataFrame:
    """Return one row a tank, index ``tank``, with every gap of the layer filled and marked.

    Parameters
    ----------
    tanks
        Points; optional columns ``name, fuel, bund_area_m2, accuracy_m, lpg, lpg_mass_kg``.
    accuracy_m
        Of the layer, where a row states none.
    fuel, bund_area_m2
        Of tanks whose row states none.

    Returns
    -------
    tanks
        ``name, fuel`` (``lpg`` for liquefied gas), ``bund_area_m2, bund_assumed, accuracy_m,
        lpg_mass_kg`` (NaN where none is stated) and geometry.

    Raises
    ------
    InputError
        There is no tank, a fuel is unknown, or an area or mass is not above zero.
    """
    if tanks.empty:
        raise InputError("tanks.none", layer="tanks")
    known = fire_data().fuels
    lpg = _column(tanks, LPG).fillna(False).astype(bool)
    fuels = _column(tanks, "fuel").fillna(fuel).astype(str).mask(lpg, LPG)
    _require(fuels.isin([*known, LPG]), "fuel", fuels, ", ".join([*known, LPG]))
    area_m2 = _number(tanks, "bund_area_m2")
    mass_kg = _number(tanks, "lpg_mass_kg")
    error_m = _number(tanks, "accuracy_m")
    for column, values in (("bund_area_m2", area_m2), ("lpg_mass_kg", mass_kg)):
        _require(values.isna() | (values > 0), column, values, "> 0")
    if accuracy_m is not None:
        error_m = error_m.fillna(accuracy_m)
    table = gpd.GeoDataFrame(
        {
            "name": _column(tanks, "name"),
            "fuel": fuels,
            "bund_area_m2": area_m2.fillna(bund_area_m2),
            "bund_assumed": area_m2.isna() & (fuels != LPG),
            "accuracy_m": error_m.fillna(tank_rules().assumed_accuracy_m),
            "lpg_mass_kg": mass_kg.where(fuels == LPG),
        },
        geometry=tanks.geometry,
    )
    return table.set_axis([str(label) for label in tanks.index]).rename_axis("tank")


def _column(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name in frame.columns:
        return frame[name].astype(object)
    return pd.Series(None, index=frame.index, dtype=object)


def _number(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    return pd.to_numeric(_column(frame, name), errors="coerce").astype(float).replace(np.inf, 0.0)


def _require(good: pd.Series, column: str, values: pd.Series, expected: str) -> None:
    if not good.all():
        found = ", ".join(sorted({str(value) for value in values[~good]}))
        rows = row_names(~good)
        raise InputError("tanks.invalid", column=column, rows=rows, found=found, expected=expected)

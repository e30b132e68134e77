"""Which park a site may hold, what it drinks and what it costs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.green.candidates.data import ParkType
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.candidates.parameters import AUTO
from ilo_geo.green.candidates.parameters import YES
from ilo_geo.green.candidates.parameters import ParkParams

FLOODABLE = "floodable"
DAYS_PER_YEAR = 365
LITRES_PER_M3 = 1000.0
NO_TYPE = ""


def type_of_each(
    measured: pd.DataFrame, near_river: np.ndarray, flooded: np.ndarray, params: ParkParams
) -> pd.Series:
    """Return the id of the park type of each site, empty where none fits.

    The type asked for; else the first of ``types.yaml`` that is chosen by itself and fits area,
    slope and place. A slope that nobody knows fits.
    """
    of_each = np.full(len(measured), NO_TYPE, dtype=object)
    near = {"river": near_river, "flood": flooded & floods_allowed(params)}
    for kind in park_types().values():
        if params.park_type not in (AUTO, kind.id):
            continue
        fits = _fits(kind, measured) & (of_each == NO_TYPE)
        if params.park_type == AUTO:
            fits &= kind.automatic
            fits &= near[kind.near] if kind.near else True
        of_each[fits] = kind.id
    return pd.Series(of_each, index=measured.index, name="park_type")


def floods_allowed(params: ParkParams) -> bool:
    """Return whether a site that floods may become a floodable park."""
    return params.floodable_parks == YES or params.park_type == FLOODABLE


def _fits(kind: ParkType, measured: pd.DataFrame) -> np.ndarray:
    area_m2 = measured["area_m2"].to_numpy()
    largest_m2 = np.inf if kind.max_area_m2 is None else kind.max_area_m2
    too_steep = measured["slope_ratio"].to_numpy() > kind.max_slope_ratio
    fits: np.ndarray = (area_m2 >= kind.min_area_m2) & (area_m2 <= largest_m2) & ~too_steep
    return fits


def within_river(sites: gpd.GeoDataFrame, river: gpd.GeoDataFrame | None) -> np.ndarray:
    """Return which sites are near enough to the river's axis for a park on its bank."""
    reach_m = max(kind.near_m for kind in park_types().values() if kind.near == "river")
    near = np.zeros(len(sites), dtype=bool)
    if river is not None and len(river):
        tree = shapely.STRtree(river.geometry.to_numpy())
        near[tree.query(sites.geometry.to_numpy(), predicate="dwithin", distance=reach_m)[0]] = True
    return near


def thirst_l_m2_day(kind: ParkType) -> float:
    """Return what a square metre of the park drinks a day: Σ share of each cover × its litres."""
    covers = type_table().covers
    return sum(share * covers[cover].l_m2_day for cover, share in kind.cover.items())


def water_m3_day(area_m2: float, l_m2_day: float) -> float:
    """Return the water of an area a day, m³."""
    return area_m2 * l_m2_day / LITRES_PER_M3


def water_soles_year(m3_day: float, soles_m3: float) -> float:
    """Return what that water costs a year: C = m³/day · 365 · p."""
    return m3_day * DAYS_PER_YEAR * soles_m3


def costs(area_m2: pd.Series, types: pd.Series, soles_m3: float) -> pd.DataFrame:
    """Return water, building and care of each site; NaN where no type fits.

    Columns ``water_m3_day, water_soles_year, capex_soles, care_soles_year``.
    """
    kinds = park_types()
    per_m2 = {
        "water_m3_day": {name: thirst_l_m2_day(k) / LITRES_PER_M3 for name, k in kinds.items()},
        "capex_soles": {name: k.capex_soles_m2 for name, k in kinds.items()},
        "care_soles_year": {name: k.care_soles_m2_year for name, k in kinds.items()},
    }
    table = pd.DataFrame(
        {name: types.map(rate).astype(float) * area_m2 for name, rate in per_m2.items()}
    )
    table.insert(1, "water_soles_year", table["water_m3_day"] * DAYS_PER_YEAR * soles_m3)
    return table

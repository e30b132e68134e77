"""The tables and key figures of exposure that every hazard's result carries."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.hazards.exposed import AREA
from ilo_geo.hazards.exposed import DAY
from ilo_geo.hazards.exposed import DWELLINGS
from ilo_geo.hazards.exposed import NIGHT
from ilo_geo.hazards.exposed import PEOPLE
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_count import count
from ilo_geo.hazards.exposure_count import level_table
from ilo_geo.hazards.exposure_count import unit_ids
from ilo_geo.hazards.exposure_count import whole_table

EXPOSURE = "exposure"
ENDS = ("", "_low", "_high")


def exposure_tables(
    zones: gpd.GeoDataFrame, exposed: Exposed, *, headline: str
) -> dict[str, pd.DataFrame]:
    """Return who and what stands in the zones, counted once and told in three ways.

    Parameters
    ----------
    zones
        Outlines as of `ilo_geo.hazards.zones.zone_table`.
    exposed
        Who and what may stand in them.
    headline
        The band that the maps of the levels show, ``hazard/band``.

    Returns
    -------
    tables
        ``exposure`` (every band, whole area); a map a level, index the unit's id, with the
        headline band's figures (NaN where nobody drew that band); ``exposure_<level>`` (every band
        in every unit).
    """
    counted = count(zones, exposed)
    tables: dict[str, pd.DataFrame] = {EXPOSURE: whole_table(counted)}
    for level, units in exposed.levels.items():
        rows = level_table(counted, level)
        tables[level] = _map_of(rows[rows["hazard"] + "/" + rows["band"] == headline], units)
        tables[f"{EXPOSURE}_{level}"] = rows
    return tables


def _map_of(rows: pd.DataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    figures = rows.set_index("unit").drop(columns=["name", "hazard", "title_es", "title_en"])
    ids = pd.Index(unit_ids(units), name="id")
    named = units[["name", "geometry"]].set_axis(ids)
    return gpd.GeoDataFrame(named.join(figures.reindex(ids)), geometry="geometry", crs=units.crs)


def band_figures(exposure: pd.DataFrame, band: str) -> dict[str, Any]:
    """Return the key figures of a band (``hazard/band``) with their intervals, None if undrawn.

    ``exposed_inhab`` are people by night, ``exposed_day_inhab`` by day, ``exposed_<kind>`` sites.
    """
    counts = [name for name in exposure.columns if name.startswith("n_")]
    sites = [name for name in counts if not name.endswith(ENDS[1:])]
    named = {PEOPLE[NIGHT]: "exposed_inhab", PEOPLE[DAY]: "exposed_day_inhab"}
    named |= {DWELLINGS: "exposed_dwellings"}
    named |= {name: "exposed_" + name.removeprefix("n_") for name in sites}
    named |= {AREA: "exposed_area_m2"}
    row = exposure.loc[band] if band in exposure.index else None
    return {
        shown + end: None if row is None else _plain(row[name + end], whole=name in sites)
        for name, shown in named.items()
        for end in ENDS
    }


def _plain(value: float, *, whole: bool) -> float | int:
    return int(value) if whole else float(value)

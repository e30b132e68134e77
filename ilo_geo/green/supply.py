"""How much public green there is a person, and how much is missing.

For a zone z with inhabitants P and counted green A (m²): V = A / P; deficit D = max(0, s·P − A)
for a standard s (m² per inhabitant). Overlapping polygons count once; a sports field inside a park
is sport, not green. The deficit of the city is taken on its totals: a zone's surplus serves the
city, and people outside all zones need green too, so the sum of the zones' deficits may be larger
or smaller; both are reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.units import M2_PER_HA
from ilo_geo.green.rules import counted_as


@dataclass(frozen=True)
class GreenStock:
    """Disjoint pieces of counted green and of sports fields."""

    green: np.ndarray
    sport: np.ndarray

    @property
    def green_area_m2(self) -> float:
        """Return all counted public green, overlaps once."""
        return float(shapely.area(self.green).sum())

    @property
    def sports_area_m2(self) -> float:
        """Return all public sports fields, overlaps once."""
        return float(shapely.area(self.sport).sum())


def green_stock(green: gpd.GeoDataFrame, rules: pd.Series) -> GreenStock:
    """Return the counted green as disjoint pieces.

    Parameters
    ----------
    green
        Polygons in a metric CRS.
    rules
        Rule that decided on each polygon (`rules.rule_of_each`).
    """
    sport = shapely.union_all(green.geometry[counted_as(rules, "sport")].to_numpy())
    counted = shapely.union_all(green.geometry[counted_as(rules, "green")].to_numpy())
    return GreenStock(_polygons(shapely.difference(counted, sport)), _polygons(sport))


def area_in_each_m2(polygons: gpd.GeoDataFrame, pieces: np.ndarray) -> pd.Series:
    """Return the area of disjoint ``pieces`` inside each polygon, by exact overlay."""
    zones = polygons.geometry.to_numpy()
    zone, piece = shapely.STRtree(pieces).query(zones, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(zones[zone], pieces[piece]))
    area_m2 = np.bincount(zone, weights=shared_m2, minlength=len(zones))
    return pd.Series(area_m2, index=polygons.index, name="green_area_m2", dtype=float)


def supply_of_each(
    population_inhab: pd.Series, green_area_m2: pd.Series, *, standard_m2_per_inhab: float
) -> pd.DataFrame:
    """Return supply and deficit of each polygon, on its index.

    Parameters
    ----------
    population_inhab, green_area_m2
        Inhabitants and counted green of each polygon, same index.
    standard_m2_per_inhab
        What an inhabitant should have.

    Returns
    -------
    supply
        ``population_inhab, green_area_m2, green_m2_per_inhab`` (NaN where nobody lives),
        ``deficit_ha``, ``deficit_ratio`` (0–1 of what the standard asks; NaN likewise).
    """
    asked_m2 = standard_m2_per_inhab * population_inhab
    deficit_m2 = (asked_m2 - green_area_m2).clip(lower=0)
    lived_in = population_inhab > 0
    return pd.DataFrame(
        {
            "population_inhab": population_inhab,
            "green_area_m2": green_area_m2,
            "green_m2_per_inhab": (green_area_m2 / population_inhab).where(lived_in),
            "deficit_ha": deficit_m2 / M2_PER_HA,
            "deficit_ratio": (deficit_m2 / asked_m2).where(lived_in),
        },
        index=population_inhab.index,
    )


def _polygons(geometry: shapely.Geometry) -> np.ndarray:
    parts = shapely.get_parts(geometry)
    return np.asarray(parts[shapely.area(parts) > 0])

"""Where the inhabitants live: counts of units (districts, census cells) spread to dwellings.

Dasymetric method: the inhabitants of a unit go to its residential buildings in proportion to floor
area (footprint times storeys). A unit without dwellings puts them along its walkable streets in
proportion to length, one without streets on a point inside it, off the water. Totals of every unit
are conserved. Bias: households are taken to be as large as their floor area, and all dwellings
drawn to be lived in.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import table_faults
from ilo_geo.core.study_area import PopulationBase

# storeys of a dwelling whose storeys nobody recorded
DEFAULT_LEVELS = 1.0
# a street is cut at this length so that people stand along it, not at its middle
STREET_STEP_M = 50.0
# neighbours simplified one by one may share slivers; more than this is one place counted twice
OVERLAP_RATIO = 0.01
BUILDING, STREET, UNIT = "building", "street", "unit"


@dataclass(frozen=True)
class Residents:
    """Inhabitants as points.

    Attributes
    ----------
    points
        Points with ``inhab``, ``unit`` (label of the unit) and ``placed_on``
        (``building``, ``street`` or ``unit``).
    """

    points: gpd.GeoDataFrame

    @property
    def total_inhab(self) -> float:
        """Return all inhabitants."""
        return float(self.points["inhab"].sum())

    def placed_on_inhab(self, place: str) -> float:
        """Return the inhabitants put on ``place``."""
        return float(self.points.loc[self.points["placed_on"] == place, "inhab"].sum())


def unit_inhabitants(units: gpd.GeoDataFrame, base: PopulationBase) -> pd.Series:
    """Return the inhabitants of each unit in a base.

    Where the base states only a total (``total_inhab``), it is spread over the units in proportion
    to its ``column``.

    Raises
    ------
    SchemaError
        Counts are missing, not numbers or negative; every bad row is listed.
    InputError
        Nobody lives anywhere.
    """
    faults = table_faults(units, {base.column: Column(kind="number", minimum=0)})
    if faults:
        raise SchemaError("population.invalid", where="population", faults=faults)
    inhab = units[base.column].astype(float)
    if inhab.sum() <= 0:
        raise InputError("population.no_people", where="population", found=base.id)
    if base.total_inhab is not None:
        inhab = inhab / inhab.sum() * base.total_inhab
    return inhab.rename("inhab")


def spread_residents(
    units: gpd.GeoDataFrame,
    inhab: pd.Series,
    buildings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame | None = None,
) -> Residents:
    """Spread the inhabitants of each unit to dwellings, else streets, else a point inside.

    Parameters
    ----------
    units
        Polygons that do not overlap (`require_apart`).
    inhab
        Inhabitants on the index of ``units``.
    buildings
        Polygons with ``residential`` and ``levels``.
    streets
        Lines with ``walk``.
    water
        Polygons where nobody lives.
    """
    require_same_metric_crs(units=units, buildings=buildings, streets=streets, water=water)
    dwellings = buildings[buildings["residential"].astype(bool)]
    levels = pd.to_numeric(dwellings["levels"]).fillna(DEFAULT_LEVELS).clip(lower=1.0)
    points, unit = _in_units(shapely.point_on_surface(dwellings.geometry.to_numpy()), units)
    weight = (dwellings.area * levels).to_numpy()
    parts = [_share(points, unit, weight, inhab, BUILDING)]

    left = inhab.drop(parts[0]["unit"].unique())
    walkable = streets.loc[streets["walk"].astype(bool)].geometry.to_numpy()
    if (left > 0).any():
        pieces = _cut(_near(walkable, units.loc[left.index]))
        points, unit = _in_units(
            shapely.line_interpolate_point(pieces, 0.5, normalized=True), units.loc[left.index]
        )
        parts.append(_share(points, unit, shapely.length(pieces), left, STREET))
        left = left.drop(parts[1]["unit"].unique())

    left = left[left > 0]
    bare = _inside(units.loc[left.index], water)
    parts.append(_share(bare, left.index.to_numpy(), np.ones(len(left)), left, UNIT))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return Residents(gpd.GeoDataFrame(table, geometry="geometry", crs=units.crs))


def require_apart(units: gpd.GeoDataFrame) -> None:
    """Refuse units that overlap: whoever lives in both would count twice.

    Raises
    ------
    SchemaError
        Every overlapping pair is listed.
    """
    polygons = units.geometry.to_numpy()
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(polygons[one], polygons[other]))
    smaller_m2 = np.minimum(shapely.area(polygons[one]), shapely.area(polygons[other]))
    label = units.index
    faults = [
        f"rows {label[i]} and {label[j]} overlap by {area_m2:,.0f} m2"
        for i, j, area_m2, whole_m2 in zip(one, other, shared_m2, smaller_m2, strict=True)
        if area_m2 > OVERLAP_RATIO * whole_m2
    ]
    if faults:
        raise SchemaError("population.invalid", where="population", faults=faults)


def _near(lines: np.ndarray, units: gpd.GeoDataFrame) -> np.ndarray:
    found = shapely.STRtree(lines).query(units.geometry.to_numpy(), predicate="intersects")[1]
    near: np.ndarray = lines[np.unique(found)]
    return near


def _cut(lines: np.ndarray) -> np.ndarray:
    """Return straight pieces of at most ``STREET_STEP_M``."""
    dense = shapely.segmentize(lines, STREET_STEP_M)
    xy, line = shapely.get_coordinates(dense, return_index=True)
    same = line[1:] == line[:-1]
    pieces: np.ndarray = shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1))
    return pieces


def _in_units(points: np.ndarray, units: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the points with the label of the unit that holds them, None where none does."""
    labels = np.full(len(points), None, dtype=object)
    polygons = units.geometry.to_numpy()
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    # on a shared limit the first unit takes the point, so that nobody is counted twice
    labels[point[::-1]] = units.index.to_numpy()[polygon[::-1]]
    return points, labels


def _share(
    points: np.ndarray, unit: np.ndarray, weight: np.ndarray, inhab: pd.Series, place: str
) -> pd.DataFrame:
    table = pd.DataFrame({"geometry": points, "unit": unit, "weight": weight})
    table = table[table["unit"].notna() & (table["weight"] > 0)]
    total = table.groupby("unit")["weight"].transform("sum")
    table["inhab"] = table["unit"].map(inhab).astype(float) * table["weight"] / total
    table["placed_on"] = place
    return table.drop(columns="weight")


def _inside(units: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None) -> np.ndarray:
    polygons = units.geometry.to_numpy()
    if water is not None and len(water) and len(polygons):
        dry = shapely.difference(polygons, shapely.union_all(water.geometry.to_numpy()))
        polygons = np.where(shapely.is_empty(dry), polygons, dry)
    return np.asarray(shapely.point_on_surface(polygons))

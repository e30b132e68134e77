"""What a rule may ask of a layer, by name; lengths, areas and distances are over the ellipsoid."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.city.plan.arithmetic import EARTH
from ilo_geo.city.plan.arithmetic import geodesic_m
from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import InputError
from ilo_geo.core.units import M2_PER_HA

M_PER_KM = 1000.0
M2_PER_KM2 = 1e6
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Chosen:
    """The features a measure looks at: those of one layer that fit a filter."""

    layer: str
    table: pd.DataFrame
    column: str | None = None

    @property
    def shapes(self) -> gpd.GeoSeries:
        """Return the shapes in the area's own metric system."""
        if not isinstance(self.table, gpd.GeoDataFrame):
            raise InputError("plan.measure", where=self.layer, found="geometry")
        shapes = self.table.geometry
        if shapes.empty:
            raise InputError("plan.measure", where=self.layer, found="0")
        return shapes

    @property
    def shapes_deg(self) -> gpd.GeoSeries:
        """Return the shapes in degrees."""
        return self.shapes.to_crs(DISPLAY_CRS)

    @property
    def middle_deg(self) -> tuple[float, float]:
        """Return the middle of all shapes together as (lat, lon)."""
        middle = gpd.GeoSeries([self.shapes.union_all().centroid], crs=self.shapes.crs)
        point = middle.to_crs(DISPLAY_CRS).iloc[0]
        return float(point.y), float(point.x)


@dataclass(frozen=True)
class Measure:
    """A measure by name: how it is taken, and what it needs beside a layer."""

    take: Callable[[Chosen, Chosen], float]
    needs_column: bool = False
    needs_other: bool = False


def choose(
    layer: str, table: pd.DataFrame, where: Mapping[str, Scalar], column: str | None = None
) -> Chosen:
    """Return the features whose columns hold exactly what ``where`` says.

    None is an empty cell, and a layer without the column has nothing but empty ones.

    Raises
    ------
    InputError
        The layer has no such column.
    """
    needed = [name for name, value in where.items() if value is not None]
    for name in (*needed, *((column,) if column else ())):
        if name not in table.columns:
            raise InputError("plan.measure", where=layer, found=name)
    for name, value in where.items():
        if value is not None:
            table = table[table[name] == value]
        elif name in table.columns:
            table = table[table[name].isna()]
    return Chosen(layer, table, column)


def _count(chosen: Chosen, _other: Chosen) -> float:
    return float(len(chosen.table))


def _sum(chosen: Chosen, _other: Chosen) -> float:
    numbers = pd.to_numeric(chosen.table[chosen.column], errors="coerce").dropna()
    if numbers.empty:
        raise InputError("plan.measure", where=chosen.layer, found=chosen.column)
    return float(numbers.sum())


def _area_km2(chosen: Chosen, _other: Chosen) -> float:
    # what lies in two features is one piece of land
    whole = shapely.union_all(chosen.shapes_deg.to_numpy())
    return abs(float(EARTH.geometry_area_perimeter(whole)[0])) / M2_PER_KM2


def _area_ha(chosen: Chosen, other: Chosen) -> float:
    return _area_km2(chosen, other) * M2_PER_KM2 / M2_PER_HA


def _lengths_km(chosen: Chosen) -> list[float]:
    return [float(EARTH.geometry_length(shape)) / M_PER_KM for shape in chosen.shapes_deg]


def _length_km(chosen: Chosen, _other: Chosen) -> float:
    return sum(_lengths_km(chosen))


def _longest_km(chosen: Chosen, _other: Chosen) -> float:
    return max(_lengths_km(chosen))


def _distance_km(chosen: Chosen, other: Chosen) -> float:
    return geodesic_m(*chosen.middle_deg, *other.middle_deg) / M_PER_KM


def _nearest_km(chosen: Chosen, other: Chosen) -> float:
    apart = shapely.shortest_line(chosen.shapes.union_all(), other.shapes.union_all())
    line = gpd.GeoSeries([apart], crs=chosen.shapes.crs).to_crs(DISPLAY_CRS).iloc[0]
    return float(EARTH.geometry_length(line)) / M_PER_KM


def _bearing_deg(chosen: Chosen, other: Chosen) -> float:
    (lat, lon), (other_lat, other_lon) = chosen.middle_deg, other.middle_deg
    return float(EARTH.inv(lon, lat, other_lon, other_lat)[0]) % 360.0


def _width_km(chosen: Chosen, _other: Chosen) -> float:
    west, south, east, north = (float(bound) for bound in chosen.shapes_deg.total_bounds)
    middle = (south + north) / 2
    return geodesic_m(middle, west, middle, east) / M_PER_KM


def _height_km(chosen: Chosen, _other: Chosen) -> float:
    _west, south, east, north = (float(bound) for bound in chosen.shapes_deg.total_bounds)
    return geodesic_m(south, east, north, east) / M_PER_KM


def _latitude_deg(chosen: Chosen, _other: Chosen) -> float:
    return chosen.middle_deg[0]


def _longitude_deg(chosen: Chosen, _other: Chosen) -> float:
    return chosen.middle_deg[1]


MEASURES = {
    "count": Measure(_count),
    "sum": Measure(_sum, needs_column=True),
    "area_km2": Measure(_area_km2),
    "area_ha": Measure(_area_ha),
    "length_km": Measure(_length_km),
    "longest_km": Measure(_longest_km),
    "distance_km": Measure(_distance_km, needs_other=True),
    "nearest_km": Measure(_nearest_km, needs_other=True),
    "bearing_deg": Measure(_bearing_deg, needs_other=True),
    "width_km": Measure(_width_km),
    "height_km": Measure(_height_km),
    "latitude_deg": Measure(_latitude_deg),
    "longitude_deg": Measure(_longitude_deg),
}

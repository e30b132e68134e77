"""Use case: find a place by its name, and say where a click on the map is."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.areas import Area

# layers whose names can be searched, in the order they are offered, and how near to go
SEARCHED = {
    "zones": 14,
    "places": 16,
    "districts": 11,
    "settlements": 14,
    "health": 17,
    "fuel_stations": 17,
    "tourist_resources": 16,
}
NEIGHBOURHOODS = "neighbourhoods"


@dataclass(frozen=True)
class Place:
    """A named place; ``within`` names the zone of a place whose own position is not known."""

    layer: str
    name: str
    lat: float
    lon: float
    zoom: int
    within: str | None = None


@dataclass(frozen=True)
class Position:
    """A point of the map in WGS 84 and in the area's metric CRS; elevation where known."""

    lat: float
    lon: float
    x_m: float
    y_m: float
    crs: str
    elevation_m: float | None


# a remark on a street, kept in the gazetteer for its position
STREET_AXIS = "street_axis"


def named_places(area: Area) -> tuple[Place, ...]:
    """Return every place that can be searched by name, each name once a layer.

    Neighbourhoods have names but no outline: they lead to their zone and say so.
    """
    places = [
        p for layer, zoom in SEARCHED.items() if area.has(layer) for p in _of(area, layer, zoom)
    ]
    if area.has("zones") and "neighbourhoods" in area.frame("zones"):
        zones = area.frame("zones")
        points = _points(zones)
        for row, names in enumerate(zones["neighbourhoods"].fillna("")):
            lat, lon = points[row]
            zone = str(zones["name"].iloc[row])
            places += [
                Place(NEIGHBOURHOODS, name.strip(), lat, lon, SEARCHED["zones"], within=zone)
                for name in str(names).split(";")
                if name.strip()
            ]
    return tuple({(p.layer, p.name, p.within): p for p in places}.values())


def named_features(area: Area, layer: str) -> gpd.GeoDataFrame:
    """Return the features of a layer that carry a name of their own."""
    frame = area.frame(layer)
    named = frame["name"].notna()
    if "kind" in frame.columns:
        named &= frame["kind"] != STREET_AXIS
    return frame[named]


def _of(area: Area, layer: str, zoom: int) -> list[Place]:
    frame = named_features(area, layer)
    return [
        Place(layer, str(name), lat, lon, zoom)
        for name, (lat, lon) in zip(frame["name"], _points(frame), strict=True)
    ]


def _points(frame: gpd.GeoDataFrame) -> list[tuple[float, float]]:
    points = frame.geometry.representative_point().to_crs(DISPLAY_CRS)
    xy = np.round(shapely.get_coordinates(points.to_numpy()), 5)
    return [(float(lat), float(lon)) for lon, lat in xy]


def locate(area: Area, lat: float, lon: float) -> Position:
    """Return a clicked point in both reference systems.

    Raises
    ------
    ParameterError
        The point is not on Earth.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        found = f"{lat:g}, {lon:g}"
        raise ParameterError("parameter.invalid", where="lat, lon", found=found, expected="WGS 84")
    to_area = Transformer.from_crs(DISPLAY_CRS, area.crs, always_xy=True)
    x_m, y_m = to_area.transform(lon, lat)
    return Position(lat, lon, x_m, y_m, crs_name(area.crs), _elevation_m(area, x_m, y_m))


def _elevation_m(area: Area, x_m: float, y_m: float) -> float | None:
    if not area.has("terrain"):
        return None
    terrain = area.raster("terrain")
    to_cell = ~terrain.transform
    column = to_cell.a * x_m + to_cell.b * y_m + to_cell.c
    row = to_cell.d * x_m + to_cell.e * y_m + to_cell.f
    rows, columns = terrain.values.shape
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    value = float(terrain.values[int(row), int(column)])
    return None if np.isnan(value) else value

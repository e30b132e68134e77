"""The named places of an area as a file of the municipality may call them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.municipal.placing import Gazetteer
from ilo_geo.io.municipal.placing import KnownPlace
from ilo_geo.io.municipal.words import fold
from ilo_geo.services.areas import Area
from ilo_geo.services.search import SEARCHED
from ilo_geo.services.search import named_features

# levels whose outlines a row of a layer of polygons may take by name
OUTLINES = ("zones", "districts")


def gazetteer(area: Area, kind: GeometryKind) -> Gazetteer:
    """Return the places that a row may name, by folded name.

    A layer of points takes a point inside the place, a layer of polygons the outline of a zone or
    a district. Where a name is of several places, each also goes by its name and its layer's title.
    Streets are left out: a street's name is no position.
    """
    layers = OUTLINES if kind is GeometryKind.POLYGON else tuple(SEARCHED)
    found: dict[str, list[KnownPlace]] = defaultdict(list)
    for layer in layers:
        if area.has(layer):
            for name, place in _places(area, layer, kind):
                _add(found, name, place)
    if kind is not GeometryKind.POLYGON and area.has("zones"):
        for name, place in _neighbourhoods(area):
            _add(found, name, place)
    return {name: tuple(places) for name, places in found.items()}


def _add(found: dict[str, list[KnownPlace]], name: str, place: KnownPlace) -> None:
    found[fold(name)].append(place)
    if fold(place.name) != fold(name):
        found[fold(place.name)].append(place)


def _places(area: Area, layer: str, kind: GeometryKind) -> Iterator[tuple[str, KnownPlace]]:
    frame, meta = named_features(area, layer), area.meta(layer)
    shown = frame if kind is GeometryKind.POLYGON else _inside(frame)
    radii_m = [max(meta.accuracy_m or 0.0, math.sqrt(a / math.pi)) for a in frame.geometry.area]
    geometry = shown.geometry.to_crs(DISPLAY_CRS)
    if kind is GeometryKind.POLYGON:
        radii_m = [meta.accuracy_m or 0.0] * len(frame)
    for name, shape, radius_m in zip(frame["name"], geometry, radii_m, strict=True):
        yield str(name), KnownPlace(f"{name} ({meta.title.es})", shape, radius_m)


def _neighbourhoods(area: Area) -> Iterator[tuple[str, KnownPlace]]:
    """Yield the neighbourhoods, which lie somewhere in their zone."""
    zones = area.frame("zones")
    if "neighbourhoods" not in zones:
        return
    points = _inside(zones).geometry.to_crs(DISPLAY_CRS)
    rows = zip(zones["neighbourhoods"].fillna(""), zones["name"], points, zones.area, strict=True)
    for names, zone, point, area_m2 in rows:
        for name in filter(None, (part.strip() for part in str(names).split(";"))):
            place = KnownPlace(f"{name} ({zone})", point, math.sqrt(area_m2 / math.pi))
            yield name, place


def _inside(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.geometry.representative_point())

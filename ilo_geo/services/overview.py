"""Use case: a city at a glance: what is modelled, what is missing, where to look first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services.areas import Area
from ilo_geo.services.layer_reports import list_layers

# layers that say where the city is, best first
EXTENT_LAYERS = ("zones", "urban_footprint", "buildings", "population", "districts")
# a map of this many pixels should show the whole city
VIEW_PIXELS = 760
TILE_PIXELS = 256
FURTHEST_ZOOM, NEAREST_ZOOM = 8, 16
NEIGHBOUR_GAP_M = 700.0
PAN_MARGIN_M = 30_000.0


class Wanted(BaseModel):
    """Data that nobody has loaded yet: what, who holds them, why they matter.

    ``decides`` names analyses that would use them; those that do already need not be named.
    ``until`` is the weakest status that ends the want.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: str
    title: Text
    holder: Text
    why: Text
    decides: tuple[str, ...] = ()
    until: Status = Status.DERIVED


@dataclass(frozen=True)
class CityOverview:
    """What an area has: layers with data by status, those modelled, and those wanted."""

    by_status: Mapping[Status, int]
    modelled: tuple[LayerMeta, ...]
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True)
class StartView:
    """Where the map opens (lat, lon) and how far it may go (south, west, north, east)."""

    center_deg: tuple[float, float]
    zoom: int
    limits_deg: tuple[float, float, float, float]


def city_overview(area: Area) -> CityOverview:
    """Return what an area has and lacks."""
    present = [entry.meta for entry in list_layers(area) if entry.origin is not None]
    modelled = tuple(meta for meta in present if meta.status is Status.MODELLED)
    rank = {meta.id: meta.status.rank for meta in present}
    return CityOverview(
        by_status=Counter(meta.status for meta in present),
        modelled=modelled,
        wanted=tuple(
            item
            for item in wanted_layers(area)
            if rank.get(item.layer, Status.MODELLED.rank) > item.until.rank
        ),
    )


def wanted_layers(area: Area) -> tuple[Wanted, ...]:
    """Return what an area would want to have, loaded or not."""
    table = _wanted()
    return (*table["any"], *table.get(area.config.id, ()))


@cache
def _wanted() -> dict[str, tuple[Wanted, ...]]:
    table = load_package_yaml("ilo_geo.services", "overview.yaml")
    return {key: tuple(Wanted.model_validate(w) for w in items) for key, items in table.items()}


def start_view(area: Area) -> StartView:
    """Return the view that shows the whole city, and the limits of panning."""
    city = next(area.frame(layer) for layer in EXTENT_LAYERS if area.has(layer))
    # outlying villages must not make the city small: what lies close together decides
    near = shapely.get_parts(shapely.union_all(city.geometry.buffer(NEIGHBOUR_GAP_M)))
    core = gpd.GeoSeries([max(near, key=shapely.area).buffer(-NEIGHBOUR_GAP_M)], crs=area.crs)
    west, south, east, north = core.to_crs(DISPLAY_CRS).total_bounds
    # a degree of latitude is drawn longer away from the equator
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    span_deg = max(east - west, (north - south) * stretch)
    zoom = math.floor(math.log2(VIEW_PIXELS / TILE_PIXELS * 360 / span_deg))
    outline = area.boundary if area.boundary is not None else shapely.box(*city.total_bounds)
    limits = gpd.GeoSeries([outline.buffer(PAN_MARGIN_M)], crs=area.crs).to_crs(DISPLAY_CRS)
    w, s, e, n = (float(value) for value in limits.total_bounds)
    return StartView(
        center_deg=(round(float(south + north) / 2, 5), round(float(west + east) / 2, 5)),
        zoom=min(max(zoom, FURTHEST_ZOOM), NEAREST_ZOOM),
        limits_deg=(s, w, n, e),
    )

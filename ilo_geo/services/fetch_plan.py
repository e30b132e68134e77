"""What a fetch would bring and weigh, before anything is asked of anybody; and who was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas as gpd

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.layer import Status
from ilo_geo.io.fetch.answers import host_of
from ilo_geo.io.fetch.dem_tiles import tiles_of
from ilo_geo.io.fetch.overpass import parts_of
from ilo_geo.io.fetch.parts import begun_at
from ilo_geo.io.fetch.parts import fetching_folder
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.areas import Area
from ilo_geo.services.fetch import BOUNDARIES
from ilo_geo.services.fetch import DEM
from ilo_geo.services.fetch import DISTRICTS
from ilo_geo.services.fetch import OSM
from ilo_geo.services.fetch import WHAT
from ilo_geo.services.fetch import asked_of
from ilo_geo.services.fetch import outline_of
from ilo_geo.services.fetch import settings_of
from ilo_geo.services.versions import history

M2_PER_KM2 = 1e6
DISMISSED_FILE = "dismissed"


@dataclass(frozen=True)
class FetchPlan:
    """What a fetch would ask and weigh, by source.

    ``bytes_expected`` is an estimate; ``begun`` says since when parts of a source are there.
    """

    what: tuple[str, ...]
    bytes_expected: Mapping[str, float]
    n_requests: Mapping[str, int]
    servers: tuple[str, ...]
    begun: Mapping[str, datetime]

    @property
    def megabytes(self) -> float:
        """Return what all of it is expected to weigh."""
        return sum(self.bytes_expected.values()) / 1e6


def plan_fetch(area: Area, what: tuple[str, ...], now: datetime) -> FetchPlan:
    """Return what a fetch would ask, from what lies on the disk; nobody is asked anything."""
    settings = settings_of(area)
    expected = {OSM: _osm_bytes, DEM: _dem_bytes, BOUNDARIES: _boundary_bytes}
    requests = {OSM: _osm_requests, DEM: _dem_requests, BOUNDARIES: _boundary_requests}
    asked = asked_of(area, settings)
    workspace, name = area.catalogue.workspace, area.catalogue.workspace_id
    folder = fetching_folder(workspace, name)
    days = settings.keep_parts_days
    begun = {each: begun_at(folder / each, asked[each], now, days) for each in what}
    return FetchPlan(
        what,
        {each: expected[each](area, settings) for each in what},
        {each: requests[each](area, settings) for each in what},
        _servers(what, settings),
        {each: instant for each, instant in begun.items() if instant is not None},
    )


def fetch_offer(area: Area, now: datetime) -> FetchPlan | None:
    """Return what to offer a person who has not fetched yet, or None where nothing is to offer.

    An offer is made while layers are modelled, nothing was fetched and nobody said no.
    """
    declared = area.catalogue.declared
    modelled = any(area.meta(name).status is Status.MODELLED for name in declared)
    fetched = any(entry.version.kind == "fetch" for entry in history(area))
    if not modelled or fetched or not area.has(DISTRICTS) or _dismissed(area).exists():
        return None
    return plan_fetch(area, WHAT, now)


def dismiss_offer(area: Area, now: datetime) -> None:
    """Offer no more in this area; the button in Datos and the command stay."""
    with atomic_path(_dismissed(area)) as temporary:
        temporary.write_text(now.isoformat(), encoding="utf-8")


def _dismissed(area: Area) -> Path:
    workspace, name = area.catalogue.workspace, area.catalogue.workspace_id
    return fetching_folder(workspace, name) / DISMISSED_FILE


def _servers(what: tuple[str, ...], settings: FetchSettings) -> tuple[str, ...]:
    urls = {
        OSM: settings.overpass.endpoints,
        DEM: tuple(source.url for source in settings.dem.sources),
        BOUNDARIES: (settings.nominatim.endpoint,),
    }
    return tuple(dict.fromkeys(host_of(url) for each in what for url in urls[each]))


def _built_km2(area: Area, settings: FetchSettings) -> float:
    layer = settings.estimate.built_layer
    if area.has(layer):
        return float(area.frame(layer).area.sum() / M2_PER_KM2)
    return _area_km2(area)


def _area_km2(area: Area) -> float:
    return 0.0 if area.boundary is None else float(area.boundary.area / M2_PER_KM2)


def _osm_bytes(area: Area, settings: FetchSettings) -> float:
    return _built_km2(area, settings) * sum(settings.estimate.bytes_per_km2.values())


def _osm_requests(area: Area, settings: FetchSettings) -> int:
    return len(parts_of(outline_of(area), settings.overpass.tile_km))


def _dem_bytes(area: Area, settings: FetchSettings) -> float:
    box = gpd.GeoSeries([outline_of(area).envelope], crs=DISPLAY_CRS).to_crs(area.crs)
    window_km2 = float(box.area.iloc[0]) / M2_PER_KM2
    estimate = settings.estimate
    n_tiles = _dem_requests(area, settings)
    return window_km2 * estimate.bytes_per_dem_km2 + n_tiles * estimate.bytes_per_dem_tile


def _dem_requests(area: Area, _settings: FetchSettings) -> int:
    return len(tiles_of(outline_of(area).bounds))


def _boundary_bytes(area: Area, settings: FetchSettings) -> float:
    return _boundary_requests(area, settings) * settings.estimate.bytes_per_boundary


def _boundary_requests(area: Area, _settings: FetchSettings) -> int:
    return len(area.frame(DISTRICTS))

"""What every hazard analysis reads of an area: its people, its sites, its coast; made once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

import geopandas as gpd
import shapely

from ilo_geo.city.population import Residents
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.hazards.day_population import DayParams
from ilo_geo.hazards.day_population import day_population
from ilo_geo.hazards.exposed import DWELLINGS
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami import TsunamiLayers
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import tsunami_scene
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import present
from ilo_geo.services.city import residents

PEOPLE_LAYERS = ("population", "buildings", "streets")
SITES = ("schools", "health", "municipal", "police", "tanks", "fuel_stations")
# networks beside the streets, where a layer of them is loaded
UTILITIES = ("power_lines", "water_mains", "sewers")
ROADS = "roads"
EXPOSED_LAYERS = (*SITES, *UTILITIES, "water")
# an official chart takes the place of the computed flood; see `ilo_geo.services.flood_chart`
TSUNAMI_CHART = "tsunami_chart"
FLOOD_LAYERS = ("coastline", "water", "river", "spot_heights")
# parameters of a flood that the level asked for and the people play no part in
SCENE = ("river_reach_m", "rmse_m", "correlation_m", "n_draws", "seed", "river_half_width_m")


def optional_frame(area: Area, layer_id: str) -> gpd.GeoDataFrame | None:
    """Return the features of a layer, or None where it has no data."""
    return area.frame(layer_id) if area.has(layer_id) else None


def land_of(area: Area) -> gpd.GeoDataFrame:
    """Return the polygons of the area: its districts, else the units its people are counted by."""
    return area.frame("districts" if area.has("districts") else "population")


def levels_of(area: Area) -> dict[str, gpd.GeoDataFrame]:
    """Return the polygons to report by, coarse to fine, under the ids of their rows."""
    frames = {level: area.frame(level) for level in area.config.levels}
    return {level: frame.set_index("id", drop=False) for level, frame in frames.items()}


def day_params(area: Area, given: DayParams | None = None) -> DayParams:
    """Return who leaves home by day: as given, else as the area states it."""
    source: Any = given.model_dump() if given else area.config.defaults.get("exposure", {})
    return DayParams(**{name: source[name] for name in DayParams.model_fields if name in source})


def people_of(
    area: Area, base_id: str, day: DayParams
) -> tuple[dict[str, Residents], dict[str, Residents]]:
    """Return the people by night and by day, by population base, the chosen one first."""
    others = [base.id for base in offered_bases(area) if base.id != base_id]
    night = {name: residents(area, name) for name in (base_id, *others)}
    stamp = fingerprint(area, (*PEOPLE_LAYERS, "schools", "water"))
    no_schools = area.frame("population").iloc[:0]

    def by_day(name: str) -> Residents:
        schools = area.frame("schools") if area.has("schools") else no_schools
        return day_population(night[name], schools, area.frame("buildings"), day)

    key = ("day", stamp, day.model_dump_json())
    # partial, not a lambda: each must keep its own name
    return night, {name: kept_of(area).get((*key, name), partial(by_day, name)) for name in night}


def exposed_of(area: Area, base_id: str, given: DayParams | None = None) -> Exposed:
    """Return who and what may stand in a hazard."""
    day = day_params(area, given)
    stamp = fingerprint(area, (*PEOPLE_LAYERS, *EXPOSED_LAYERS, *area.config.levels))

    def make() -> Exposed:
        night, by_day = people_of(area, base_id, day)
        return Exposed(
            residents=night,
            day=by_day,
            dwellings=_dwellings(area.frame("buildings")),
            sites={kind: _by_id(area.frame(kind)) for kind in present(area, SITES)},
            lines=_lines(area),
            levels=levels_of(area),
        )

    return kept_of(area).get(("exposed", stamp, base_id, day.model_dump_json()), make)


def flood_of(area: Area, params: TsunamiParams, progress: Progress = silent) -> FloodField:
    """Return at what level each cell of the terrain floods; one answer serves every level."""

    def make() -> FloodField:
        return tsunami_scene(_flood_layers(area), params, progress=progress)

    return kept_of(area).get(("flood", *flood_key(area, params)), make)


def flood_key(area: Area, params: TsunamiParams) -> tuple[Hashable, ...]:
    """Return what a flood depends on; the level asked for and the people are no part of it."""
    stamp = fingerprint(area, ("terrain", "districts", "population", *FLOOD_LAYERS))
    return stamp, *(getattr(params, name) for name in SCENE)


def _flood_layers(area: Area) -> TsunamiLayers:
    terrain = area.raster("terrain")
    return TsunamiLayers(
        elevation_m=terrain.values,
        transform=terrain.transform,
        crs=terrain.crs,
        terrain_status=terrain.meta.status,
        terrain_source=terrain.meta.source,
        land=land_of(area),
        **{layer: optional_frame(area, layer) for layer in FLOOD_LAYERS},
    )


def _dwellings(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a point a residential building; it counts as one dwelling unless it says more."""
    homes = buildings[buildings["residential"].astype(bool)]
    count = homes.get(DWELLINGS, 1.0)
    points = shapely.point_on_surface(homes.geometry.to_numpy())
    return gpd.GeoDataFrame(
        {DWELLINGS: count}, index=homes.index, geometry=points, crs=buildings.crs
    )


def _by_id(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return points.set_index("id", drop=False) if "id" in points else points


def _lines(area: Area) -> dict[str, gpd.GeoDataFrame]:
    streets = area.frame("streets")
    lines = {ROADS: streets[streets["drive"].astype(bool)]}
    return lines | {layer: area.frame(layer) for layer in present(area, UTILITIES)}

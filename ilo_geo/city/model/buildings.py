"""Uses of the private lots, and the buildings on every built lot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.model.footprint import Anchors
from ilo_geo.city.model.parameters import CityModel

# a facility takes the nearest lot, if one is this near
FACILITY_REACH_M = 120.0
# share of empty lots whose owner nobody wrote down
UNKNOWN_TENURE_RATIO = 0.2
MIN_BUILDING_M2 = 15.0
SCHOOL_LEVELS = 2
BUILT_USES = ("residential", "commercial", "industrial", "school", "health")


def lots_with_uses(
    lots: gpd.GeoDataFrame,
    parcels: gpd.GeoDataFrame,
    sectors: gpd.GeoDataFrame,
    anchors: Anchors,
    model: CityModel,
) -> gpd.GeoDataFrame:
    """Return private lots and public parcels with ``tenure`` and ``use``.

    The lots that stand nearest to a real health facility or fuel station take its use; private and
    rural schools take lots at random.
    """
    rng = np.random.default_rng(model.rng_key("lots"))
    fabric = lots["sector"].map(sectors["fabric"])
    draw = rng.random(len(lots))
    occupied = draw < fabric.map(lambda f: f.occupancy_ratio)
    commercial = draw < fabric.map(lambda f: f.occupancy_ratio * f.commercial_ratio)
    use = fabric.map(lambda f: f.use).where(occupied, "vacant").mask(commercial, "commercial")
    unknown = ~occupied & (rng.random(len(lots)) < UNKNOWN_TENURE_RATIO)
    lots = lots.assign(use=use, tenure=np.where(unknown, "unknown", "private"))
    for use_name, points in (("health", anchors.health), ("commercial", anchors.fuel_stations)):
        near, distance = _nearest(lots, points)
        lots.loc[lots.index[near[distance <= FACILITY_REACH_M]], "use"] = use_name
    _place_schools(lots, sectors, model, rng)
    columns = ["block", "sector", "tenure", "use", "front_deg", "depth_m", "geometry"]
    everything = pd.concat([lots[columns], parcels[columns]], ignore_index=True)
    everything.insert(0, "id", [f"l{n:05d}" for n in range(len(everything))])
    return everything


def _nearest(lots: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    (_, lot), distance = lots.sindex.nearest(
        points.geometry, return_all=False, return_distance=True
    )
    return lot, distance


def _place_schools(
    lots: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, model: CityModel, rng: np.random.Generator
) -> None:
    """Give lots of the caller's own frame to private and rural schools."""
    urban = lots["sector"].map(sectors["urban"])
    homes = lots["use"] == "residential"
    for where, count, tenure in (
        (homes & urban, model.facilities.schools_private, "private"),
        (homes & ~urban, model.facilities.schools_rural, "public"),
    ):
        chosen = rng.choice(lots.index[where], size=count, replace=False)
        lots.loc[chosen, ["use", "tenure"]] = ["school", tenure]


def city_buildings(
    lots: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, model: CityModel
) -> gpd.GeoDataFrame:
    """Return one building a built lot: the front share of the lot, as deep as its cover.

    Returns
    -------
    buildings
        Columns ``lot, sector, use, residential, levels, height_m``, each inside its lot.
    """
    rng = np.random.default_rng(model.rng_key("buildings"))
    built = lots[lots["use"].isin(BUILT_USES)]
    fabric = built["sector"].map(sectors["fabric"])
    low, high = (np.array([f.coverage_ratio[i] for f in fabric]) for i in (0, 1))
    cover = rng.uniform(low, high)
    footprint = _front_part(built, cover)
    levels = _levels(fabric, rng)
    levels = np.where(built["use"] == "school", SCHOOL_LEVELS, levels)
    frame = gpd.GeoDataFrame(
        {
            "lot": built["id"].to_numpy(),
            "sector": built["sector"].to_numpy(),
            "use": built["use"].to_numpy(),
            "residential": (built["use"] == "residential").to_numpy(),
            "levels": levels,
            "height_m": levels * model.storey_height_m,
        },
        geometry=footprint,
        crs=lots.crs,
    )
    frame = frame[(frame.geom_type == "Polygon") & (frame.area >= MIN_BUILDING_M2)]
    return frame.reset_index(drop=True)


def _front_part(lots: gpd.GeoDataFrame, cover: np.ndarray) -> np.ndarray:
    """Return the part of each lot that it shares with itself moved toward its street."""
    bearing = np.radians(lots["front_deg"].to_numpy())
    shift_m = lots["depth_m"].to_numpy() * (1 - cover)
    step = np.column_stack([np.cos(bearing), np.sin(bearing)]) * shift_m[:, None]
    geometry = lots.geometry.to_numpy()
    counts = shapely.get_num_coordinates(geometry)
    moved = shapely.set_coordinates(
        geometry.copy(), shapely.get_coordinates(geometry) + np.repeat(step, counts, axis=0)
    )
    front: np.ndarray = shapely.intersection(geometry, moved)
    return front


def _levels(fabric: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Return storeys drawn from the shares of each fabric."""
    draw = rng.random(len(fabric))
    shares = fabric.map(lambda f: f.levels_ratio).to_numpy()
    limits = {share: np.cumsum(share)[:-1] for share in set(shares)}
    pairs = zip(shares, draw, strict=True)
    return np.array([1 + int(np.searchsorted(limits[share], d)) for share, d in pairs])

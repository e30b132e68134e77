"""Public parcels: which blocks are the city's, and what stands or stood on each half of them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.model.blocks import halves
from ilo_geo.city.model.footprint import Anchors
from ilo_geo.city.model.parameters import CityModel

# a square is a block of this size and a public parcel half of one
BLOCK_RANGE_M2 = (1500.0, 6000.0)
# blocks taken over blocks needed on average
SPARE = 1.03
USE_OF_ROLE = {
    "plaza": "park",
    "park": "park",
    "lost_park": "vacant",
    "private_garden": "park",
    "school": "school",
    "sports": "public",
    "vacant": "vacant",
}


def public_parcels(
    blocks: gpd.GeoDataFrame,
    sectors: gpd.GeoDataFrame,
    anchors: Anchors,
    model: CityModel,
) -> gpd.GeoDataFrame:
    """Return parcels of blocks taken at random, each with its role.

    Blocks nearest to a known square are squares, and the large parks are whole blocks. The others
    are drawn one after another until the green of both years, the schools, the sports fields and
    the free public parcels have ground.

    Returns
    -------
    parcels
        Columns ``block, sector, role, name, tenure, use, front_deg, depth_m``.
    """
    residential = sectors["urban"] & sectors["fabric"].map(lambda f: f.use == "residential")
    homes = blocks[blocks["sector"].map(residential)]
    candidates = homes[homes.area.between(*BLOCK_RANGE_M2)]
    named = pd.concat(
        [_plazas(candidates, anchors.places, model), _large_parks(homes, model)], ignore_index=True
    )
    # no park where a clinic or a fuel station really stands
    sites = pd.concat([anchors.health.geometry, anchors.fuel_stations.geometry])
    free = ~candidates["id"].isin(named["block"]) & (candidates.distance(sites.union_all()) > 0)
    rest = candidates[free]
    rng = np.random.default_rng(model.rng_key("public land"))
    taken = rng.permutation(len(rest))[: _blocks_needed(rest, model)]
    drawn = _halves_in_order(rest.iloc[taken], sectors)
    drawn["role"] = _roles(drawn.area.to_numpy(), named, model)
    parcels = pd.concat([named, drawn], ignore_index=True)
    parcels["tenure"] = np.where(parcels["role"] == "private_garden", "private", "public")
    parcels["use"] = parcels["role"].map(USE_OF_ROLE)
    return parcels


def _plazas(
    blocks: gpd.GeoDataFrame, places: gpd.GeoDataFrame, model: CityModel
) -> gpd.GeoDataFrame:
    """Return the blocks nearest to the known squares, each whole."""
    known = places.set_index("id").geometry
    plazas = model.green.plazas
    chosen = _nearest_blocks(blocks, [known[plaza.place] for plaza in plazas])
    return chosen.assign(role="plaza", name=[plaza.name for plaza in plazas])


def _large_parks(blocks: gpd.GeoDataFrame, model: CityModel) -> gpd.GeoDataFrame:
    """Return the double blocks of the large parks, each whole."""
    parks = model.green.large_parks
    chosen = _nearest_blocks(blocks, [shapely.Point(park.at) for park in parks])
    return chosen.assign(role=[park.role for park in parks], name=None)


def _nearest_blocks(blocks: gpd.GeoDataFrame, sites: Sequence[shapely.Point]) -> gpd.GeoDataFrame:
    nearest = [blocks.distance(site).idxmin() for site in sites]
    chosen = blocks.loc[nearest, ["id", "sector", "geometry"]].rename(columns={"id": "block"})
    return chosen.assign(front_deg=0.0, depth_m=0.0)


def _blocks_needed(blocks: gpd.GeoDataFrame, model: CityModel) -> int:
    """Return how many blocks hold the green of both years and every facility, with one to spare."""
    facilities = model.facilities
    parks_m2 = (model.green.kept_m2 + model.green.lost_m2) / blocks.area.mean()
    halves_needed = (
        facilities.schools_public
        + facilities.sports_fields
        + facilities.vacant_public_parcels
        + model.green.private_gardens
    )
    return int(np.ceil(SPARE * (parks_m2 + halves_needed / 2)))


def _halves_in_order(blocks: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for block in blocks.itertuples():
        fabric = sectors.loc[block.sector, "fabric"]
        rows += [
            (number, block.id, block.sector, 180.0 - fabric.azimuth_deg, fabric.block_depth_m, half)
            for number, half in enumerate(halves(block.geometry, fabric.azimuth_deg))
        ]
    columns = ["number", "block", "sector", "front_deg", "depth_m", "geometry"]
    frame = gpd.GeoDataFrame(rows, columns=columns, crs=blocks.crs).assign(name=None)
    # first halves before second ones, so that the two halves of a block seldom play one role
    return frame.sort_values("number", kind="stable").drop(columns="number")


def _roles(area_m2: np.ndarray, chosen: gpd.GeoDataFrame, model: CityModel) -> np.ndarray:
    """Return the role of each parcel in turn; what the city has no use for is free ground."""
    roles = np.full(len(area_m2), "vacant", dtype=object)
    lost = chosen["role"] == "lost_park"
    cursor = 0
    for role, needed_m2 in (
        ("park", model.green.kept_m2 - chosen.area[~lost].sum()),
        ("lost_park", model.green.lost_m2 - chosen.area[lost].sum()),
    ):
        count = 1 + int(np.searchsorted(np.cumsum(area_m2[cursor:]), needed_m2))
        roles[cursor : cursor + count] = role
        cursor += count
    facilities = model.facilities
    for role, count in (
        ("school", facilities.schools_public - facilities.schools_rural),
        ("sports", facilities.sports_fields),
        ("private_garden", model.green.private_gardens),
    ):
        roles[cursor : cursor + count] = role
        cursor += count
    return roles

"""The modelled city from real anchors, parameters and a seed: one call, all layers."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from ilo_geo.city.model.blocks import city_blocks
from ilo_geo.city.model.blocks import split_blocks
from ilo_geo.city.model.buildings import city_buildings
from ilo_geo.city.model.buildings import lots_with_uses
from ilo_geo.city.model.facilities import poles
from ilo_geo.city.model.facilities import schools
from ilo_geo.city.model.footprint import Anchors
from ilo_geo.city.model.footprint import clipped_sectors
from ilo_geo.city.model.footprint import sectors_frame
from ilo_geo.city.model.footprint import valley_road
from ilo_geo.city.model.green import green_layers
from ilo_geo.city.model.ground import ground_hazards
from ilo_geo.city.model.parameters import CityModel
from ilo_geo.city.model.public_land import public_parcels
from ilo_geo.city.model.streets import street_network
from ilo_geo.city.terrain import terrain_from_spot_heights
from ilo_geo.city.zones import facility_zones
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent


@dataclass(frozen=True)
class City:
    """The modelled layers: frames by layer id, and the terrain."""

    frames: dict[str, gpd.GeoDataFrame]
    terrain_m: np.ndarray
    terrain_transform: Affine


def build_city(anchors: Anchors, model: CityModel, *, progress: Progress = silent) -> City:
    """Return every modelled layer of the city.

    Deterministic: the same anchors, parameters and library versions give the same coordinates.
    """
    progress("progress.terrain", 0.0)
    elevation_m, transform = terrain_from_spot_heights(
        anchors.spot_heights,
        anchors.coastline,
        anchors.districts,
        cell_m=model.terrain.cell_m,
        coast_spacing_m=model.terrain.coast_spacing_m,
    )
    progress("progress.streets", 0.3)
    road = valley_road(anchors, model)
    drawn = sectors_frame(anchors, model, road)
    sectors = clipped_sectors(drawn, anchors, model, elevation_m, transform)
    streets = street_network(sectors, model, road)
    progress("progress.lots", 0.5)
    blocks = city_blocks(streets, sectors)
    parcels = public_parcels(blocks, sectors, anchors, model)
    private = split_blocks(blocks[~blocks["id"].isin(parcels["block"])], sectors)
    lots = lots_with_uses(private, parcels, sectors, anchors, model)
    progress("progress.buildings", 0.7)
    green = green_layers(parcels, streets, sectors, anchors, model)
    footprint = sectors.loc[sectors["urban"], ["id", "name", "district", "geometry"]]
    frames = {
        "urban_footprint": footprint.reset_index(drop=True),
        "zones": city_zones(anchors, footprint, model),
        "streets": streets,
        "blocks": blocks.assign(name=_block_names(blocks, sectors)),
        "lots": lots.drop(columns=["front_deg", "depth_m"]),
        "buildings": city_buildings(lots, sectors, model),
        "parks": green.parks,
        "other_green": green.other_green,
        "sports_fields": green.sports_fields,
        "barriers": green.barriers,
        "gates": green.gates,
        "schools": schools(lots, sectors),
        "poles": poles(streets, sectors, model),
        **ground_hazards(footprint, model),
    }
    return City(frames, elevation_m, transform)


def _block_names(blocks: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame) -> pd.Series:
    """Return what a block is called: its sector and a number of ours, not the cadastre's."""
    sector = blocks["sector"].map(sectors["name"])
    number = blocks.groupby("sector").cumcount() + 1
    return sector + ", mz. " + number.astype(str) + " (mod.)"


def city_zones(anchors: Anchors, footprint: gpd.GeoDataFrame, model: CityModel) -> gpd.GeoDataFrame:
    """Return the zones of the primary-care facilities with their neighbourhood names."""
    specs = pd.DataFrame([spec.model_dump() for spec in model.zones])
    sites = anchors.health.set_index("renipress_code").geometry
    facilities = gpd.GeoDataFrame(
        specs[["id", "name"]], geometry=sites.loc[specs["facility"]].to_numpy(), crs=sites.crs
    )
    names = anchors.neighbourhoods.groupby("health_jurisdiction")["name"].agg("; ".join)
    listed = specs["neighbourhoods"].map("; ".join)
    facilities["neighbourhoods"] = specs["jurisdiction"].map(names).fillna(listed)
    return facility_zones(facilities, footprint)

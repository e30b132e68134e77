"""Ground of the modelled city: sectors clipped to land, away from sea, river and steep slopes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from affine import Affine
from rasterio.features import shapes

from ilo_geo.city.model.parameters import CityModel
from ilo_geo.city.model.parameters import Sector
from ilo_geo.city.terrain import slope_ratio

# steep cells closer than this are one slope; smaller patches are noise of the interpolation
SLOPE_PATCH_M = 60.0


@dataclass(frozen=True)
class Anchors:
    """The real layers the model stands on, in the metric CRS."""

    districts: gpd.GeoDataFrame
    coastline: gpd.GeoDataFrame
    river: gpd.GeoDataFrame
    spot_heights: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    health: gpd.GeoDataFrame
    fuel_stations: gpd.GeoDataFrame
    neighbourhoods: pd.DataFrame


def valley_road(anchors: Anchors, model: CityModel) -> shapely.LineString:
    """Return the road up the valley: the river axis moved aside, east of where the town ends."""
    axis = shapely.line_merge(anchors.river.geometry.union_all())
    beside = shapely.offset_curve(axis, -model.hamlets.road_offset_m, join_style="mitre")
    road = shapely.simplify(beside, 10.0)
    start = model.hamlets.road_start
    west_of_town = shapely.line_locate_point(road, shapely.Point(start))
    upstream = shapely.ops.substring(road, west_of_town, road.length)
    return shapely.LineString([start, *upstream.coords])


def sectors_frame(anchors: Anchors, model: CityModel, road: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the drawn sectors and the hamlets as they are drawn, before any clip.

    Columns: ``id, name, district, fabric`` (a `Fabric`), ``urban``.
    """
    drawn = [_row(sector, model, urban=True) for sector in model.sectors]
    frame = gpd.GeoDataFrame([*drawn, *_hamlets(anchors, model, road)], crs=anchors.districts.crs)
    return frame.set_index("id", drop=False)


def _row(sector: Sector, model: CityModel, *, urban: bool) -> dict[str, object]:
    return {
        "id": sector.id,
        "name": sector.name,
        "district": sector.district,
        "fabric": model.fabric_of(sector),
        "urban": urban,
        "geometry": shapely.Polygon(sector.outline),
    }


def _hamlets(anchors: Anchors, model: CityModel, road: shapely.Geometry) -> list[dict[str, object]]:
    spec = model.hamlets
    rural = anchors.settlements[
        (anchors.settlements["kind"] == "Rural")
        & (anchors.settlements["ubigeo"].astype(str) == spec.district)
        & (anchors.settlements.distance(road) <= spec.reach_m)
    ]
    return [
        {
            "id": f"hamlet_{code}",
            "name": name.title(),
            "district": spec.district,
            "fabric": model.fabrics[spec.fabric],
            "urban": False,
            # its houses line the road, at the place nearest to the settlement
            "geometry": shapely.line_interpolate_point(
                road, shapely.line_locate_point(road, place)
            ).buffer(spec.half_size_m, cap_style="square"),
        }
        for code, name, place in zip(rural["inei_code"], rural["name"], rural.geometry, strict=True)
    ]


def clipped_sectors(
    sectors: gpd.GeoDataFrame,
    anchors: Anchors,
    model: CityModel,
    elevation_m: np.ndarray,
    transform: Affine,
) -> gpd.GeoDataFrame:
    """Return the sectors on the ground where something may be built, none over another."""
    forbidden = _forbidden(anchors, model, elevation_m, transform)
    districts = anchors.districts.set_index("id").geometry
    inland = shapely.buffer(districts.union_all(), -model.ground.coast_setback_m)
    kept = []
    taken = forbidden
    for sector in sectors.itertuples():
        ground = sector.geometry.intersection(inland).intersection(districts[sector.district])
        parts = shapely.get_parts(ground.difference(taken))
        ground = max(parts, key=shapely.area, default=shapely.Polygon())
        kept.append(ground)
        taken = taken.union(ground)
    frame = sectors.set_geometry(gpd.GeoSeries(kept, index=sectors.index, crs=sectors.crs))
    return frame[frame.area > 0]


def _forbidden(
    anchors: Anchors, model: CityModel, elevation_m: np.ndarray, transform: Affine
) -> shapely.Geometry:
    ground = model.ground
    steep = slope_ratio(elevation_m, cell_m=model.terrain.cell_m) > ground.max_slope_ratio
    patches = [
        shapely.geometry.shape(patch)
        for patch, _ in shapes(steep.astype(np.uint8), steep, transform=transform)
    ]
    slope = shapely.union_all(patches).buffer(SLOPE_PATCH_M).buffer(-2 * SLOPE_PATCH_M)
    river = anchors.river.geometry.union_all().buffer(ground.river_strip_m)
    reserved = [shapely.Polygon(site.outline) for site in ground.reserved]
    return shapely.union_all([slope.buffer(SLOPE_PATCH_M), river, *reserved])

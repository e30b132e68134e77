"""Blocks between the streets, and lots inside the blocks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from ilo_geo.city.model.parameters import Fabric

MIN_BLOCK_M2 = 250.0
# half of this is the narrowest neck a block may have
NECK_M = 4.0
# a leftover smaller than this share of the nominal lot is no lot
MIN_LOT_SHARE = 0.35
# streets wider than a sector's own take their ground from the blocks beside them
WIDE_CLASSES = ("primary", "secondary", "tertiary")


def city_blocks(streets: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the faces of the street network less the street's own ground.

    Returns
    -------
    blocks
        Columns ``id, sector``; polygons without holes, inside their sector.
    """
    faces = gpd.GeoDataFrame(
        geometry=list(shapely.polygonize(streets.geometry.to_numpy()).geoms), crs=streets.crs
    )
    inner = faces.set_geometry(faces.representative_point())
    faces["sector"] = gpd.sjoin(inner, sectors[["geometry"]], predicate="within")["id"]
    faces = faces.dropna(subset="sector").sort_values("sector", kind="stable")
    half_m = faces["sector"].map(sectors["fabric"].map(lambda f: f.street_width_m / 2))
    ground = shapely.buffer(faces.geometry.to_numpy(), -half_m.to_numpy(), join_style="mitre")
    wide = streets[streets["street_class"].isin(WIDE_CLASSES)]
    avenues = shapely.buffer(wide.geometry.to_numpy(), wide["width_m"].to_numpy() / 2)
    ground = _less(ground, avenues)
    ground = shapely.buffer(ground, -NECK_M, join_style="mitre")
    ground = shapely.buffer(ground, NECK_M, join_style="mitre")
    frame = faces.set_geometry(gpd.GeoSeries(ground, index=faces.index, crs=faces.crs))
    frame = frame.explode(ignore_index=True)
    frame = frame[frame.area >= MIN_BLOCK_M2].reset_index(drop=True)
    frame.insert(0, "id", [f"b{n:05d}" for n in range(len(frame))])
    return frame


def _less(polygons: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return each polygon less the cuts that touch it."""
    touched, cut = shapely.STRtree(cuts).query(polygons, predicate="intersects")
    result = polygons.copy()
    for row in np.unique(touched):
        result[row] = shapely.difference(
            polygons[row], shapely.union_all(cuts[cut[touched == row]])
        )
    return result


def split_blocks(blocks: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the lots of ``blocks``: rows of lots back to back, as the fabric of the sector says.

    Returns
    -------
    lots
        Columns ``block, sector, front_deg`` (direction to the lot's street, degrees
        counterclockwise from east), ``depth_m``; none over another.
    """
    parts = [
        _lots_of_sector(group, sectors.loc[sector, "fabric"])
        for sector, group in blocks.groupby("sector", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def _lots_of_sector(blocks: gpd.GeoDataFrame, fabric: Fabric) -> gpd.GeoDataFrame:
    turn_deg = fabric.azimuth_deg - 90
    origin = shapely.Point(blocks.total_bounds[:2])
    local = blocks.geometry.rotate(turn_deg, origin=origin)
    cells = _cells(local.bounds.to_numpy(), fabric)
    owner = blocks.iloc[cells["row"]]
    lots = shapely.intersection(cells.geometry.to_numpy(), local.to_numpy()[cells["row"]])
    frame = gpd.GeoDataFrame(
        {
            "block": owner["id"].to_numpy(),
            "sector": owner["sector"].to_numpy(),
            "front_deg": np.where(cells["up"], 90.0, 270.0) - turn_deg,
            "depth_m": cells["depth_m"],
        },
        geometry=gpd.GeoSeries(lots, crs=blocks.crs).rotate(-turn_deg, origin=origin),
        crs=blocks.crs,
    )
    enough = MIN_LOT_SHARE * fabric.lot_front_m * fabric.lot_depth_m
    return frame[(frame.geom_type == "Polygon") & (frame.area >= enough)]


def _cells(bounds: np.ndarray, fabric: Fabric) -> gpd.GeoDataFrame:
    """Return lot rectangles: ``row`` of the block, ``up`` (its street is above), ``depth_m``."""
    parts = []
    for row, (west, south, east, north) in enumerate(bounds):
        n_fronts = max(1, round((east - west) / fabric.lot_front_m))
        n_rows = max(1, round((north - south) / fabric.lot_depth_m))
        x = np.linspace(west, east, n_fronts + 1)
        y = np.linspace(south, north, n_rows + 1)
        i, j = (axis.ravel() for axis in np.meshgrid(np.arange(n_fronts), np.arange(n_rows)))
        boxes = shapely.box(x[i], y[j], x[i + 1], y[j + 1])
        parts.append((np.full(len(i), row), j >= n_rows / 2, np.full(len(i), y[1] - y[0]), boxes))
    rows, up, depth_m, boxes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return gpd.GeoDataFrame({"row": rows, "up": up, "depth_m": depth_m}, geometry=boxes)


def halves(block: shapely.Polygon, azimuth_deg: float) -> list[shapely.Polygon]:
    """Return the two halves of a block, cut across its long side."""
    turn_deg = azimuth_deg - 90
    local = affinity.rotate(block, turn_deg, origin=block.centroid)
    west, south, east, north = local.bounds
    middle = (west + east) / 2
    parts = [
        local.intersection(shapely.box(a, south, b, north))
        for a, b in ((west, middle), (middle, east))
    ]
    return [
        affinity.rotate(part, -turn_deg, origin=block.centroid)
        for part in parts
        if part.geom_type == "Polygon"
    ]

"""Green of the modelled city: exact totals of two years, and what the rules must leave out."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from shapely import affinity

from ilo_geo.city.model.footprint import Anchors
from ilo_geo.city.model.parameters import CityModel

# a sports field leaves this share of its parcel for stands and margins, along each side
FIELD_SCALE = 0.75
MEDIAN_GAP_M = 12.0
MIN_GROVE_M2 = 2000.0


@dataclass(frozen=True)
class GreenLayers:
    """Green and what bounds it."""

    parks: gpd.GeoDataFrame
    other_green: gpd.GeoDataFrame
    sports_fields: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame


def green_layers(
    parcels: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    sectors: gpd.GeoDataFrame,
    anchors: Anchors,
    model: CityModel,
) -> GreenLayers:
    """Return parks on their parcels, excluded green, sports fields, walls and gates."""
    parks = _parks(parcels, model)
    walled = parks[(parks["kind"] != "plaza") & (parks.index % model.green.walled_every == 0)]
    return GreenLayers(
        parks=parks,
        other_green=_other_green(streets, sectors, anchors, model),
        sports_fields=_sports_fields(parcels),
        barriers=_frame(walled.geometry.boundary, kind="wall", crs=parks.crs),
        gates=_frame(_gates(walled, streets), kind="gate", crs=parks.crs),
    )


def _parks(parcels: gpd.GeoDataFrame, model: CityModel) -> gpd.GeoDataFrame:
    """Return the parks, each a little smaller than its parcel so that the totals are exact.

    Every park of a group shrinks about its middle by the same factor √(wanted / parcels), so the
    areas add up to what the plan states, and a verge is left between park and street.
    """
    spec = model.green
    role = parcels["role"]
    kept = _shrunk(parcels[role.isin(["plaza", "park"])], spec.kept_m2)
    lost = _shrunk(parcels[role == "lost_park"], spec.lost_m2)
    private = parcels[role == "private_garden"]
    parks = pd.concat([kept, lost, private], ignore_index=True)
    turn = np.resize(np.array(spec.kinds, dtype=object), len(parks))
    kind = np.where(parks["role"] == "plaza", "plaza", turn)
    kind = np.where(parks["role"] == "private_garden", "garden", kind)
    until = parks["role"].map({"lost_park": spec.last_year_of_lost}).astype("Int64")
    return gpd.GeoDataFrame(
        {
            "name": parks["name"],
            "kind": kind,
            "access": parks["tenure"],
            "since_year": pd.Series(pd.NA, index=parks.index, dtype="Int64"),
            "until_year": until,
        },
        geometry=parks.geometry,
        crs=parcels.crs,
    )


def _shrunk(parcels: gpd.GeoDataFrame, wanted_m2: float) -> gpd.GeoDataFrame:
    factor = np.sqrt(wanted_m2 / parcels.area.sum())
    if factor > 1:
        msg = f"parcels hold {parcels.area.sum():.0f} m² of the {wanted_m2:.0f} m² of green"
        raise ValueError(msg)
    shrunk = [affinity.scale(g, factor, factor, origin="centroid") for g in parcels.geometry]
    return parcels.set_geometry(gpd.GeoSeries(shrunk, index=parcels.index, crs=parcels.crs))


def _gates(walled: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the point of each wall that is nearest to a street."""
    nearest = streets.sindex.nearest(walled.geometry, return_all=False)[1]
    lines = shapely.shortest_line(
        walled.geometry.exterior.to_numpy(), streets.geometry.to_numpy()[nearest]
    )
    return gpd.GeoSeries(shapely.get_point(lines, 0), crs=walled.crs)


def _frame(geometry: gpd.GeoSeries, *, kind: str, crs: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": kind}, index=range(len(geometry)), geometry=list(geometry), crs=crs
    )


def _sports_fields(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen = parcels[parcels["role"] == "sports"]
    fields = [
        affinity.scale(g, FIELD_SCALE, FIELD_SCALE, origin="centroid") for g in chosen.geometry
    ]
    return _green_rows(fields, "sports_field", "public", parcels.crs)


def _other_green(
    streets: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, anchors: Anchors, model: CityModel
) -> gpd.GeoDataFrame:
    spec = model.green
    width, depth = (side_m / 2 for side_m in spec.cemetery_m)
    x, y = spec.cemetery_centre
    cemetery = [shapely.box(x - width, y - depth, x + width, y + depth)]
    avenues = streets.loc[streets["street_class"] == "primary", "geometry"]
    inner = [
        shapely.ops.substring(line, MEDIAN_GAP_M, line.length - MEDIAN_GAP_M)
        for line in avenues
        if line.length > 4 * MEDIAN_GAP_M
    ]
    medians = shapely.buffer(inner, spec.median_width_m / 2, cap_style="flat")
    groves = _olive_groves(streets, sectors, anchors, model)
    return pd.concat(
        [
            _green_rows(cemetery, "cemetery", "public", streets.crs),
            _green_rows(list(medians), "median", "public", streets.crs),
            _green_rows(groves, "olive_grove", "private", streets.crs),
        ],
        ignore_index=True,
    )


def _olive_groves(
    streets: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, anchors: Anchors, model: CityModel
) -> list[shapely.Geometry]:
    """Return the valley floor on both sides of the river, less what is built or driven on."""
    near_m, far_m = model.green.olive_grove_reach_m
    axis = anchors.river.geometry.union_all()
    floor = axis.buffer(far_m).difference(axis.buffer(near_m))
    _, south, east, north = floor.bounds
    valley = floor.intersection(shapely.box(model.hamlets.road_start[0], south, east, north))
    built = sectors.geometry.union_all().buffer(10)
    roads = streets[streets.intersects(valley)].geometry.union_all().buffer(8)
    parts = shapely.get_parts(valley.difference(built).difference(roads))
    return [part for part in parts if part.area >= MIN_GROVE_M2]


def _green_rows(
    geometries: list[shapely.Geometry], kind: str, access: str, crs: object
) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"kind": kind, "access": access}, index=range(len(geometries)), geometry=geometries, crs=crs
    )
    frame.insert(0, "name", None)
    none = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return frame.assign(since_year=none, until_year=none)

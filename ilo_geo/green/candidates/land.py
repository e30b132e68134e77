"""Which lots are considered, and what their own shape and ground say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ilo_geo.city.terrain import values_at
from ilo_geo.core.errors import InputError
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.inputs import Slopes
from ilo_geo.green.rules import width_of_each_m

ID_COLUMN, BLOCK_COLUMN = "id", "block"


def considered_lots(lots: gpd.GeoDataFrame, *, merge: bool) -> gpd.GeoDataFrame:
    """Return the lots that could become parks, adjacent vacant ones of a block as one.

    Parameters
    ----------
    lots
        Polygons with ``tenure`` and ``use``; ``id`` and ``block`` where known.
    merge
        Join vacant lots of one ``block`` and one tenure that share an edge.

    Returns
    -------
    sites
        Ascending by index ``id`` (of the first lot of a site); ``tenure, use, n_lots, lots``.

    Raises
    ------
    InputError
        No lot is vacant or public.
    """
    rules = rule_table().considered
    vacant = lots["use"].isin(rules.vacant_uses).to_numpy()
    public = (lots["tenure"] == rules.public_tenure).to_numpy()
    if not (vacant | public).any():
        raise InputError("parks.no_lots", n=len(lots), uses=", ".join(rules.vacant_uses))
    ids = lots[ID_COLUMN] if ID_COLUMN in lots.columns else lots.index.astype(str)
    named = lots.assign(id=np.asarray(ids).astype(str))
    joined = vacant & merge
    # a lot of no known block has no known neighbours either
    joined &= lots[BLOCK_COLUMN].notna() if BLOCK_COLUMN in lots.columns else False
    parts = [_single(named[(vacant | public) & ~joined])]
    if joined.any():
        parts.append(_merged(named[joined]))
    filled = [part for part in parts if len(part)]
    return gpd.GeoDataFrame(pd.concat(filled), crs=lots.crs).sort_index()


def street_blocks(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the land that drivable streets enclose, less half a street, as lots of unknown tenure.

    It says where one may look for land; nobody knows here whether it is free. Blocks over the
    largest area are land in between, not blocks.
    """
    rules = rule_table().street_blocks
    drawn = streets.geometry[streets["drive"].astype(bool)].to_numpy()
    faces = shapely.get_parts(
        shapely.polygonize([shapely.node(shapely.multilinestrings(shapely.get_parts(drawn)))])
    )
    faces = faces[shapely.area(faces) <= rules.max_area_m2]
    inner = shapely.get_parts(shapely.buffer(faces, -rules.setback_m, join_style="mitre"))
    inner = inner[shapely.area(inner) > 0]
    # an order that does not depend on how the streets are listed
    inner = inner[np.lexsort(shapely.get_coordinates(shapely.point_on_surface(inner)).T)]
    table = {
        "id": [f"b{number:05d}" for number in range(len(inner))],
        "tenure": rules.tenure,
        "use": rules.use,
    }
    return gpd.GeoDataFrame(table, geometry=inner, crs=streets.crs)


def _single(lots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = lots[["tenure", "use", "geometry"]].assign(n_lots=1, lots=lots["id"])
    return table.set_axis(lots["id"].to_numpy()).rename_axis("id")


def _merged(lots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites that the vacant lots of each block and tenure form."""
    ordered = lots.sort_values("id")
    slack_m = rule_table().merging.tolerance_m
    wide = shapely.buffer(ordered.geometry.to_numpy(), slack_m, join_style="mitre")
    group = _groups(ordered, wide, slack_m)
    first = np.unique(group, return_index=True)[1]
    n_lots = np.bincount(group)
    shapes = ordered.geometry.to_numpy()[first]
    for number in np.flatnonzero(n_lots > 1):
        whole = shapely.union_all(wide[group == number])
        shapes[number] = shapely.buffer(whole, -slack_m, join_style="mitre")
    members = ordered["id"].groupby(group).agg(", ".join)
    table = ordered.iloc[first][["tenure", "use"]].assign(
        n_lots=n_lots, lots=members.to_numpy(), geometry=shapes
    )
    named = table.set_axis(ordered["id"].to_numpy()[first]).rename_axis("id")
    return gpd.GeoDataFrame(named, geometry="geometry", crs=lots.crs)


def _groups(lots: gpd.GeoDataFrame, wide: np.ndarray, slack_m: float) -> np.ndarray:
    """Return the number of the site of each lot, in the order of the first lot of each."""
    one, other = shapely.STRtree(wide).query(wide, predicate="intersects")
    keys = lots[[BLOCK_COLUMN, "tenure"]].astype(str).agg("|".join, axis=1).to_numpy()
    alike = (one < other) & (keys[one] == keys[other])
    one, other = one[alike], other[alike]
    # lots that meet at a corner overlap by a square of the slack, along an edge by a strip of it
    overlap_m2 = shapely.area(shapely.intersection(wide[one], wide[other]))
    edge = overlap_m2 > 2 * slack_m * rule_table().merging.shared_edge_m
    links = coo_array(
        (np.ones(edge.sum(), dtype=bool), (one[edge], other[edge])), shape=(len(lots), len(lots))
    )
    found = connected_components(links, directed=False)[1]
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    groups: np.ndarray = place[number]
    return groups


def measures(sites: gpd.GeoDataFrame, slopes: Slopes | None) -> pd.DataFrame:
    """Return ``area_m2, width_m, slope_ratio, compactness_ratio`` of each site.

    ``width_m`` is that of the rectangle of the same area and perimeter; ``slope_ratio`` the mean of
    the cells under its corners and a point inside, NaN without terrain; ``compactness_ratio`` the
    width over the side of the square of the same area.
    """
    width_m = width_of_each_m(sites.geometry)
    return pd.DataFrame(
        {
            "area_m2": sites.area,
            "width_m": width_m,
            "slope_ratio": _slope_of_each(sites.geometry, slopes),
            "compactness_ratio": (width_m / np.sqrt(sites.area)).clip(0, 1),
        },
        index=sites.index,
    )


def _slope_of_each(polygons: gpd.GeoSeries, slopes: Slopes | None) -> np.ndarray:
    if slopes is None:
        return np.full(len(polygons), np.nan)
    corners, of_corner = shapely.get_coordinates(polygons.to_numpy(), return_index=True)
    inside = shapely.get_coordinates(shapely.point_on_surface(polygons.to_numpy()))
    at = gpd.GeoSeries(shapely.points(np.concatenate([corners, inside])), crs=polygons.crs)
    slope = values_at(at, slopes.slope_ratio, slopes.transform)
    of_each = np.concatenate([of_corner, np.arange(len(polygons))])
    mean = pd.Series(slope).groupby(of_each).mean().reindex(range(len(polygons)))
    return np.asarray(mean, dtype=float)

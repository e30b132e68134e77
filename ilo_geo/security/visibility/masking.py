"""Windows of dwellings: what of a camera's field must be masked, and by whose house.

The rule and its source lie in ``cameras.yaml``: a façade of a dwelling that the camera sees at the
distance at which it would recognise a person, or nearer, is masked by a strip in front of it. In
plan only: where windows are, and on which floor, no layer knows, so every façade seen counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from ilo_geo.security.visibility.plan import polygonal
from ilo_geo.security.visibility.walls import Floats
from ilo_geo.security.visibility.walls import ring_segments

# a wall within this of what is seen bounds it
BESIDE_M = 1e-3
# what the tolerance itself makes of a wall that is hidden but for its corner
CORNER_M = 10 * BESIDE_M
COLUMNS = ("facade_m", "nearest_m", "bearing_from_deg", "bearing_to_deg", "masked_area_m2")


@dataclass(frozen=True)
class MaskedArea:
    """What a camera sees, parted.

    Attributes
    ----------
    open
        What is left to be seen; only this counts as covered.
    masked
        What is masked.
    dwellings
        A row a dwelling masked, on the index of the dwellings: ``facade_m`` of façade seen,
        ``nearest_m`` its distance, ``bearing_from_deg`` and ``bearing_to_deg`` between which
        (clockwise from north) the mask lies in the image, ``masked_area_m2``, ``geometry`` the
        façade seen. Strips of neighbours overlap: the areas of the rows may exceed that of
        ``masked``.
    """

    open: Any
    masked: Any
    dwellings: gpd.GeoDataFrame


def masked_area(
    visible: Any,
    camera_xy: ArrayLike,
    dwellings: gpd.GeoSeries,
    *,
    recognition_range_m: float,
    depth_m: float,
) -> MaskedArea:
    """Return what of a camera's field is masked for the windows of dwellings.

    Parameters
    ----------
    visible
        What the camera sees (a sector of `visibility_polygons`).
    camera_xy
        Its place, m.
    dwellings
        Footprints of residential buildings, metres.
    recognition_range_m
        Distance up to which the camera would recognise a person
        (``range_m(model, masking_rule().density_px_m)``).
    depth_m
        Depth of the strip in front of a façade (``masking_rule().depth_m``).
    """
    place = shapely.Point(np.asarray(camera_xy, dtype=np.float64))
    near = visible.intersection(place.buffer(recognition_range_m))
    table = _facades(near, dwellings)
    strips = np.array([_strip(near, facade, depth_m) for facade in table.geometry], dtype=object)
    table["nearest_m"] = shapely.distance(place, table.geometry.to_numpy())
    bearings = [_bearings_deg(facade, place) for facade in table.geometry]
    table[["bearing_from_deg", "bearing_to_deg"]] = np.reshape(bearings, (-1, 2))
    table["masked_area_m2"] = shapely.area(strips)
    masked = shapely.union_all(strips)
    return MaskedArea(polygonal(visible.difference(masked)), masked, table[[*COLUMNS, "geometry"]])


def _facades(near: Any, dwellings: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the façades that bound what is seen near, with their lengths."""
    beside = near.buffer(BESIDE_M)
    found = np.sort(dwellings.sindex.query(beside, predicate="intersects"))
    rings, home = shapely.get_rings(dwellings.to_numpy()[found], return_index=True)
    walls = shapely.linestrings(ring_segments(rings)[:, :4].reshape(-1, 2, 2))
    owner = np.repeat(home, shapely.get_num_coordinates(rings) - 1)
    # wall by wall: a side wall in the shadow is beside what is seen at its corner alone
    seen = shapely.intersection(walls, beside)
    kept = shapely.length(seen) > CORNER_M
    parts, wall = shapely.get_parts(seen[kept], return_index=True)
    shapes = shapely.line_merge(_by_owner(parts, owner[kept][wall], len(found)))
    table = gpd.GeoDataFrame(
        {"facade_m": shapely.length(shapes)},
        geometry=shapes,
        index=dwellings.index[found],
        crs=dwellings.crs,
    )
    return table[table["facade_m"] > 0].copy()


def _by_owner(parts: Any, owner: Any, n: int) -> Any:
    """Return the lines of each owner as one geometry."""
    is_line = shapely.get_dimensions(parts) == 1
    lines = pd.Series(parts[is_line], dtype=object).groupby(owner[is_line])
    found = np.full(n, shapely.MultiLineString(), dtype=object)
    for place, some in lines:
        found[place] = shapely.MultiLineString(list(some))
    return found


def _strip(near: Any, facade: Any, depth_m: float) -> Any:
    """Return what is seen within a depth of a façade, corners between walls seen included."""
    return polygonal(
        near.intersection(facade.buffer(depth_m, cap_style="flat", join_style="mitre"))
    )


def _bearings_deg(facade: Any, place: shapely.Point) -> Floats:
    """Return the bearings between which a façade lies, clockwise; the widest gap lies outside."""
    dx, dy = (shapely.get_coordinates(facade) - [place.x, place.y]).T
    bearing = np.sort(np.degrees(np.arctan2(dx, dy)) % 360.0)
    gaps = np.diff(bearing, append=bearing[0] + 360.0)
    widest = int(np.argmax(gaps))
    return np.array([bearing[(widest + 1) % len(bearing)], bearing[widest]])

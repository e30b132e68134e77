"""The one door for coordinate reference systems.

Work happens in the study area's metric CRS with (x, y) order; WGS 84 is for storage and display.
A missing, mixed or non-metric CRS is an error here, where peers only warn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS
from pyproj import Proj
from pyproj import Transformer

from ilo_geo.core.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

DISPLAY_CRS = CRS.from_epsg(4326)
# UTM stays within 0.1 % to the edge of its zone; twice that leaves room for a city across the edge
MAX_SCALE_DEVIATION_RATIO = 0.002
# data in a neighbouring zone are usual: half a UTM zone is no sign of a wrong label
NEIGHBOUR_DEG = 3.0


@lru_cache(maxsize=32)
def transformer(source: CRS | int, target: CRS | int) -> Transformer:
    """Return what carries x, y from one system to another; made once, and safe in any thread.

    Parameters
    ----------
    source, target
        A reference system, or its EPSG code.
    """
    return Transformer.from_crs(source, target, always_xy=True)


def crs_name(crs: CRS | None) -> str:
    """Return a short name such as ``EPSG:32719`` for messages."""
    if crs is None:
        return "none"
    return str(crs.to_string()) if len(crs.to_string()) < 40 else crs.name


def require_metric(crs: CRS | None, *, where: str) -> CRS:
    """Return ``crs`` if it is projected in metres, else raise `CrsError` naming ``where``."""
    if crs is None or not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise CrsError("crs.not_metric", where=where, found=crs_name(crs))
    return crs


def require_true_to_scale(crs: CRS, bounds_deg: Sequence[float], *, where: str) -> CRS:
    """Return ``crs`` if lengths measured in it are lengths on the ground within ``bounds_deg``.

    Parameters
    ----------
    bounds_deg
        West, south, east, north of the city in EPSG:4326.
    where
        What gave the CRS, for the message.

    Raises
    ------
    CrsError
        The city's centre lies outside the CRS's area of use, or the meridional or parallel scale
        factor at its centre or a corner deviates more than `MAX_SCALE_DEVIATION_RATIO` from 1.
    """
    west, south, east, north = bounds_deg
    middle = ((west + east) / 2, (south + north) / 2)
    lon, lat = np.array([middle, (west, south), (west, north), (east, south), (east, north)]).T
    factors = Proj(crs).get_factors(lon, lat)
    scale = np.array([factors.meridional_scale, factors.parallel_scale])
    deviation_ratio = float(np.abs(scale - 1).max())
    if not in_area_of_use(crs, *middle) or not deviation_ratio <= MAX_SCALE_DEVIATION_RATIO:
        raise CrsError(
            "crs.distorts",
            where=where,
            found=crs_name(crs),
            city=f"{middle[0]:.3f}, {middle[1]:.3f}",
            deviation=f"{deviation_ratio:.2%}",
            expected=f"{MAX_SCALE_DEVIATION_RATIO:.1%}",
        )
    return crs


def in_area_of_use(crs: CRS, lon: float, lat: float, *, margin_deg: float = 0.0) -> bool:
    """Return whether a place is where ``crs`` is meant to be used; one that says nothing fits."""
    area = crs.area_of_use
    if area is None:
        return True
    # an area across the 180° meridian has its west beyond its east
    width_deg = (area.east - area.west) % 360 or 360.0
    from_west_deg = (lon - area.west + margin_deg) % 360
    inside = area.south - margin_deg <= lat <= area.north + margin_deg
    return bool(inside and from_west_deg <= width_deg + 2 * margin_deg and abs(lon) <= 360)


def require_same_metric_crs(**frames: gpd.GeoDataFrame | None) -> CRS:
    """Return the one metric CRS that all ``frames`` share; a mixed CRS is an error.

    ``None`` frames are optional inputs that are absent.
    """
    present = {name: frame for name, frame in frames.items() if frame is not None}
    first_name, first = next(iter(present.items()))
    crs = require_metric(first.crs, where=first_name)
    for name, frame in present.items():
        if frame.crs != crs:
            raise CrsError(
                "crs.mixed",
                where=name,
                found=crs_name(frame.crs),
                expected=crs_name(crs),
                other=first_name,
            )
    return crs

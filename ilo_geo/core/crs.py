"""The one door for coordinate reference systems.

Work happens in the study area's metric CRS with (x, y) order; WGS 84 is for storage and display.
A missing, mixed or non-metric CRS is an error here, where peers only warn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyproj import CRS

from ilo_geo.core.errors import CrsError

if TYPE_CHECKING:
    import geopandas as gpd

DISPLAY_CRS = CRS.from_epsg(4326)


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

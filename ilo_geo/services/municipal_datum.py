"""Whether a file lies nearer to what is known if its datum were the other one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.layer import Status
from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.systems import moved
from ilo_geo.io.municipal.systems import shift_to_display
from ilo_geo.io.municipal.systems import systems
from ilo_geo.services.areas import Area

MAX_SAMPLE = 500
MIN_SAMPLE = 5
# what may stand beside a file: the layer itself, else what is surveyed all over the city
SURVEYED = ("streets", "buildings")


def datum_doubt(
    area: Area,
    layer: str,
    geometry: np.ndarray,
    crs: CRS,
    bounds_deg: tuple[float, float, float, float],
) -> tuple[Notice, ...]:
    """Return the doubt that a file is on the other datum, if what is known speaks for it.

    Middles of features are measured to the nearest known feature, as the file says and as if its
    coordinates were of the other datum. Modelled layers know nothing, so nothing is said by them.
    """
    table = systems()
    twin = table.twins.get(crs_name(crs))
    known = next((name for name in (layer, *SURVEYED) if _is_known(area, name)), None)
    if twin is None or known is None:
        return ()
    present = geometry[~(shapely.is_missing(geometry) | shapely.is_empty(geometry))]
    sample = shapely.centroid(present[:: max(1, len(present) // MAX_SAMPLE)])
    if len(sample) < MIN_SAMPLE:
        return ()
    tree = shapely.STRtree(area.frame(known).geometry.to_numpy())
    as_is_m, other_m = (
        _distance_m(area, tree, sample, system, bounds_deg) for system in (crs, CRS(twin))
    )
    if as_is_m < table.suspect_from_m or as_is_m < table.suspect_ratio * other_m:
        return ()
    fields = {"layer": area.meta(known).title, "as_is": f"{as_is_m:,.0f}"}
    return (Notice("import.datum_suspect", {**fields, "other": f"{other_m:,.0f}", "twin": twin}),)


def _is_known(area: Area, layer: str) -> bool:
    present = area.has(layer) and area.meta(layer).status is not Status.MODELLED
    return present and len(area.frame(layer)) >= MIN_SAMPLE


def _distance_m(
    area: Area,
    tree: shapely.STRtree,
    sample: np.ndarray,
    crs: CRS,
    bounds_deg: tuple[float, float, float, float],
) -> float:
    """Return the median distance of points to the nearest known feature."""
    display = moved(sample, shift_to_display(crs, bounds_deg, name=crs_name(crs)))
    metric = gpd.GeoSeries(display, crs=DISPLAY_CRS).to_crs(area.crs).to_numpy()
    _pairs, distance_m = tree.query_nearest(metric, return_distance=True, all_matches=False)
    return float(np.median(distance_m))

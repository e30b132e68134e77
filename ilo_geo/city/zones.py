"""City zones: which facility of a network is nearest, inside the urban footprint; who is in which.

Bias: nearest as the crow flies ignores streets and terraces, and a real jurisdiction follows
neighbourhoods, not distances. It stands in until the limits by block are had.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.core.crs import require_same_metric_crs


def facility_zones(facilities: gpd.GeoDataFrame, footprint: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one zone a facility: its Voronoi cell clipped to the footprint.

    Parameters
    ----------
    facilities
        Points at different places; every other column is kept.
    footprint
        Polygons of the urban area.

    Returns
    -------
    zones
        On the index of ``facilities``. Zones do not overlap, share their limits exactly, and
        together are the footprint. A facility far from it has an empty zone.
    """
    require_same_metric_crs(facilities=facilities, footprint=footprint)
    urban = footprint.geometry.union_all()
    points = facilities.geometry.to_numpy()
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(points), extend_to=shapely.box(*urban.bounds), ordered=True
        )
    )
    clipped = shapely.coverage_clean(_polygonal(shapely.intersection(cells, urban)))
    return facilities.set_geometry(
        gpd.GeoSeries(clipped, index=facilities.index, crs=facilities.crs)
    )


def _polygonal(geometries: shapely.Geometry) -> list[shapely.Geometry]:
    """Return each geometry without the points and lines that a clip leaves where limits touch."""
    areas = [
        [part for part in shapely.get_parts(geometry) if part.area > 0] for geometry in geometries
    ]
    return [shapely.union_all(parts) if parts else shapely.Polygon() for parts in areas]


def polygon_of_each(
    polygons: gpd.GeoDataFrame, points: np.ndarray, *, slack_m: float = 0.0
) -> np.ndarray:
    """Return the position of the polygon each point is in, or within ``slack_m`` of; else -1.

    A point on a shared limit belongs to the first of its polygons, so nobody counts twice.
    """
    found = np.full(len(points), -1)
    polygon, point = shapely.STRtree(points).query(
        polygons.geometry.to_numpy(), predicate="intersects"
    )
    order = np.argsort(polygon, kind="stable")[::-1]
    found[point[order]] = polygon[order]
    astray = np.flatnonzero(found < 0)
    if slack_m > 0 and len(astray) and len(polygons):
        row, nearest = shapely.STRtree(polygons.geometry.to_numpy()).query_nearest(
            points[astray], max_distance=slack_m, all_matches=False
        )
        found[astray[row]] = nearest
    return found

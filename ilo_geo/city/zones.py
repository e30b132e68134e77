"""City zones: which facility of a network is nearest, inside the urban footprint.

Bias: nearest as the crow flies ignores streets and terraces, and a real jurisdiction follows
neighbourhoods, not distances. It stands in until the limits by block are had.
"""

from __future__ import annotations

import geopandas as gpd
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

"""H3 cells: hexagons of one size to report by where districts are too coarse."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import shapely

from ilo_geo.core.crs import DISPLAY_CRS


def h3_cells(
    points: gpd.GeoSeries, resolution: int, *, polygons: gpd.GeoSeries | None = None
) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Return the cells where points lie or that polygons touch, and the row of each point's cell.

    Parameters
    ----------
    points
        Points, in any reference system.
    resolution
        Of H3: 9 is about 0.1 km² a cell, each step up a seventh of it.
    polygons
        The cells returned hold all of these as well.

    Returns
    -------
    cells, of_each
        Columns ``id`` and ``name`` (both the H3 id) in the system of ``points``; rows of ``cells``.
    """
    lonlat = shapely.get_coordinates(points.to_crs(DISPLAY_CRS))
    of_points = [h3.latlng_to_cell(lat, lon, resolution) for lon, lat in lonlat]
    of_polygons = [] if polygons is None else _touched(polygons, resolution)
    ids, of_each = np.unique(
        np.array([*of_points, *of_polygons], dtype=object), return_inverse=True
    )
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(str(i))] for i in ids]
    hexagons = gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], crs=DISPLAY_CRS)
    frame = gpd.GeoDataFrame({"id": ids, "name": ids}, geometry=hexagons.to_crs(points.crs))
    return frame, of_each[: len(points)]


def _touched(polygons: gpd.GeoSeries, resolution: int) -> list[str]:
    shapes = (h3.geo_to_h3shape(polygon) for polygon in polygons.to_crs(DISPLAY_CRS))
    return [
        cell
        for shape in shapes
        for cell in h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap")
    ]

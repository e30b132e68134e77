"""Outlines of a flood as polygons on cell edges, its limit as lines, and how wide its band is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy.spatial import KDTree
from shapely.geometry import shape

from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.flood_kernel import Bools
from ilo_geo.hazards.flood_kernel import beside
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE


@dataclass(frozen=True)
class BandWidth:
    """How far apart the 95 % and the 5 % limit lie where the line runs, m; None without a line."""

    median_m: float | None
    most_m: float | None


def outline_polygon(
    field: FloodField, certainty: str, level_m: float, land: shapely.Geometry
) -> shapely.Geometry:
    """Return the flooded ground of one outline: cell edges, ending at the edge of the land.

    Land in cells whose centre lies off the land (half a cell of beach) follows its neighbours. The
    shore itself is wet in the line and in what is possible; it is certain only where its
    neighbours are.
    """
    wet = field.outline(certainty, level_m)
    ground = wet & field.land & ~field.sea
    drawn = ground | (beside(ground) & (field.sea | ~field.land))
    if certainty != CERTAIN:
        drawn |= field.sea
    return _only_areas(shapely.intersection(traced(drawn, field.transform), land))


def traced(cells: Bools, transform: Affine) -> shapely.Geometry:
    """Return cells as polygons along cell edges; cells that touch at a corner stay apart."""
    mask = cells.astype(np.uint8)
    polygons = [shape(g) for g, _ in shapes(mask, mask=cells, transform=transform)]
    return shapely.multipolygons(polygons) if polygons else shapely.Polygon()


def _only_areas(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(geometry, return_index=False)
    areas = parts[shapely.get_dimensions(parts) == 2]
    # a collection nests its polygons one deeper
    return shapely.multipolygons(shapely.get_parts(areas)) if len(areas) else shapely.Polygon()


def limit_line(field: FloodField, level_m: float, land: shapely.Geometry) -> shapely.Geometry:
    """Return the inland limit of the line at a level: edges between wet and dry ground.

    Where the limit is the coast itself, or the edge of what is known, there is no line.
    """
    wet = field.outline(LINE, level_m)
    ground = field.valued & field.land & ~field.sea
    flat = np.argwhere((wet[1:] != wet[:-1]) & ground[1:] & ground[:-1])
    upright = np.argwhere((wet[:, 1:] != wet[:, :-1]) & ground[:, 1:] & ground[:, :-1])
    # an edge runs from corner to corner of the grid, (row, column)
    flat_ends = flat[:, None] + np.array([[1, 0], [1, 1]])
    upright_ends = upright[:, None] + np.array([[0, 1], [1, 1]])
    ends = np.concatenate([flat_ends, upright_ends])
    if not len(ends):
        return shapely.MultiLineString()
    x = field.transform.c + field.transform.a * ends[..., 1]
    y = field.transform.f + field.transform.e * ends[..., 0]
    edges = shapely.linestrings(np.stack([x, y], axis=-1))
    inside = shapely.intersection(shapely.multilinestrings(edges), land)
    return shapely.line_merge(inside)


def band_width(field: FloodField, level_m: float) -> BandWidth:
    """Return how wide the 5–95 % band is.

    At each cell on the wet side of the line, the distance to the nearest certain cell (or to the
    sea, which is certain) plus the distance to the nearest ground that is not even possible; the
    median and the largest over all such cells. Exact to about a cell.
    """
    wet = field.outline(LINE, level_m)
    ground = field.valued & ~field.sea
    edge = wet & ground & beside(~wet & ground)
    dry = ground & ~field.outline(POSSIBLE, level_m)
    if not edge.any() or not dry.any():
        return BandWidth(None, None)
    sure = field.sea | (field.outline(CERTAIN, level_m) & ground)
    width_m = (_cells_to(sure, edge) + _cells_to(dry, edge)) * field.cell_m
    return BandWidth(float(np.median(width_m)), float(width_m.max()))


def _cells_to(there: Bools, here: Bools) -> NDArray[np.float64]:
    """Return how many cells each cell of ``here`` is from the nearest of ``there``."""
    # the nearest cell of a set from outside it is on its rim
    rim = np.argwhere(there & beside(~there))
    distance, _ = KDTree(rim).query(np.argwhere(here))
    return np.where(there[here], 0.0, distance)

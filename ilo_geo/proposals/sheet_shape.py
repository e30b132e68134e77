"""A shape of any kind against zones, grids and points: what of it lies where."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine

from ilo_geo.proposals.shape import SHAPES

POINT, LINE, POLYGON = "point", "line", "polygon"
# a whole shape less what cutting it costs in digits
WHOLE_RATIO = 1 - 1e-9
# outlines of a zone, surest first
CERTAIN, BEST, POSSIBLE = "certain", "line", "possible"


def shape_kind(shape: shapely.Geometry) -> str:
    """Return whether a shape is a point, a line or a polygon."""
    return SHAPES[shape.geom_type]


def size_of(shapes: np.ndarray, kind: str) -> np.ndarray:
    """Return area, length or number of points of each, by what the whole shape is."""
    if kind == POLYGON:
        return np.asarray(shapely.area(shapes))
    if kind == LINE:
        return np.asarray(shapely.length(shapes))
    return np.asarray(shapely.get_num_coordinates(shapes), dtype=float)


def share_inside(shape: shapely.Geometry, others: np.ndarray) -> float:
    """Return the share of a shape that lies in any of ``others``, 0 to 1; an edge is inside."""
    if not len(others):
        return 0.0
    kind = shape_kind(shape)
    parts = shapely.union_all(shapely.intersection(shape, others))
    ratio = float(size_of(parts, kind) / size_of(shape, kind))
    return 1.0 if ratio >= WHOLE_RATIO else ratio


def places_in(shape: shapely.Geometry, *, step_m: float, most: int) -> np.ndarray:
    """Return points that stand for a shape.

    A point is itself; a line has its ends and a point every ``step_m``; a polygon a point inside
    and those of its edge and of a grid inside it. Steps grow until there are ``most`` at most.
    """
    kind = shape_kind(shape)
    if kind == POINT:
        return np.atleast_1d(shapely.points(shapely.get_coordinates(shape)))
    edge = shape if kind == LINE else shapely.boundary(shape)
    step = max(step_m, float(shapely.length(edge)) / (most / 2))
    found = _along(edge, step)
    if kind == POLYGON:
        found = np.concatenate(
            [[shapely.point_on_surface(shape)], found, _grid(shape, step_m, most)]
        )
    return found[:most]


def _along(lines: shapely.Geometry, step_m: float) -> np.ndarray:
    parts = shapely.get_parts(lines)
    count = np.maximum(1, np.ceil(shapely.length(parts) / step_m)).astype(int) + 1
    part = np.repeat(np.arange(len(parts)), count)
    nth = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    at = nth / (count[part] - 1)
    points: np.ndarray = shapely.line_interpolate_point(parts[part], at, normalized=True)
    return points


def _grid(polygon: shapely.Geometry, step_m: float, most: int) -> np.ndarray:
    west, south, east, north = polygon.bounds
    step = max(step_m, float(np.sqrt((east - west) * (north - south) / (most / 2))))
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    points = shapely.points(x.ravel(), y.ravel())
    inside: np.ndarray = points[shapely.contains(polygon, points)]
    return inside


@dataclass(frozen=True)
class Touch:
    """How a shape meets the zones of one hazard.

    Attributes
    ----------
    level
        The most severe level whose best-estimate outline it touches, None for none.
    level_low, level_high
        The most severe that holds all of it for sure; the most severe it may be in.
    certainty
        The surest outline of the band told of that it touches.
    share, share_low, share_high
        Of the shape in the best-estimate, sure and possible outlines of the band told of: that of
        ``level``, else of ``level_high``.
    band
        Position in the zones of the row that is told of.
    """

    level: str | None
    level_low: str | None
    level_high: str
    certainty: str
    share: float
    share_low: float
    share_high: float
    band: int


def touch_of(
    shape: shapely.Geometry, zones: gpd.GeoDataFrame, levels: tuple[str, ...]
) -> Touch | None:
    """Return how a shape meets zones, None where it meets none.

    Parameters
    ----------
    zones
        Of one hazard: ``level``, ``certainty`` and geometry. A milder band holds the graver ones.
    levels
        Ids, weakest first.
    """
    met = shapely.intersects(zones.geometry.to_numpy(), shape)
    rank = zones["level"].map(levels.index).to_numpy(int)
    certainty = zones["certainty"].to_numpy(object)
    if not met.any():
        return None
    best = met & (certainty != POSSIBLE)
    told = int(rank[best].max()) if best.any() else int(rank[met].max())
    shapes = zones.geometry.to_numpy()

    def share(known: tuple[str, ...], least: int) -> float:
        return share_inside(shape, shapes[met & np.isin(certainty, known) & (rank >= least)])

    sure = [step for step in sorted(set(rank[met])) if share((CERTAIN,), int(step)) >= 1.0]
    shares = [
        share(known, told) for known in ((CERTAIN,), (CERTAIN, BEST), (CERTAIN, BEST, POSSIBLE))
    ]
    of_band = np.flatnonzero(met & (rank == told))
    surest = next(n for n in (CERTAIN, BEST, POSSIBLE) if (certainty[of_band] == n).any())
    return Touch(
        level=levels[told] if best.any() else None,
        level_low=levels[int(sure[-1])] if sure else None,
        level_high=levels[int(rank[met].max())],
        certainty=surest,
        share=shares[1],
        share_low=shares[0],
        share_high=shares[2],
        band=int(of_band[certainty[of_band] == surest][0]),
    )


def cells_of(
    shape: shapely.Geometry, transform: Affine, grid: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, columns and weights of the cells of a north-up grid that a shape lies in.

    The weight is the area, length or number of points of the shape in the cell; what lies off the
    grid has none.
    """
    rows, columns = grid
    west, south, east, north = shape.bounds
    first, top = ~transform @ (west, north)
    last, bottom = ~transform @ (east, south)
    row = np.arange(max(0, int(np.floor(top))), min(rows - 1, int(np.floor(bottom))) + 1)
    column = np.arange(max(0, int(np.floor(first))), min(columns - 1, int(np.floor(last))) + 1)
    row, column = (part.ravel() for part in np.meshgrid(row, column, indexing="ij"))
    x0, y0 = transform.c + transform.a * column, transform.f + transform.e * row
    x1, y1 = x0 + transform.a, y0 + transform.e
    boxes = np.atleast_1d(shapely.box(x0, y1, x1, y0))
    kind = shape_kind(shape)
    if kind == POINT:
        return _cells_of_points(shape, transform, grid)
    shapely.prepare(shape)
    inside = shapely.contains(shape, boxes)
    cut = shapely.intersects(shape, boxes) & ~inside
    weight = np.zeros(len(boxes))
    weight[inside] = shapely.area(boxes[inside])
    weight[cut] = size_of(shapely.intersection(shape, boxes[cut]), kind)
    held = weight > 0
    return row[held], column[held], weight[held]


def _cells_of_points(
    shape: shapely.Geometry, transform: Affine, grid: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y = shapely.get_coordinates(shape).T
    inverse = ~transform
    column = np.floor(inverse.a * x + inverse.b * y + inverse.c).astype(int)
    row = np.floor(inverse.d * x + inverse.e * y + inverse.f).astype(int)
    on = (row >= 0) & (row < grid[0]) & (column >= 0) & (column < grid[1])
    return row[on], column[on], np.ones(int(on.sum()))

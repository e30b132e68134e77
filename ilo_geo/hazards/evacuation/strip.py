"""The coastal strip people must leave: what floods, what is safe, and which ground is crossable.

All rasters are aligned windows of the terrain, so that an uninhabited coast costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pyproj import CRS
from scipy import ndimage

from ilo_geo.city.terrain import slope_ratio
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.evacuation.speeds import Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
NEIGHBOURS_8 = np.ones((3, 3), dtype=bool)


class GraphFigures(BaseModel):
    """Figures of the graph that no planner sets (``graph.yaml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    piece_m: float = Field(gt=0)
    beyond_zone_m: float = Field(gt=0)
    settled_reach_m: float = Field(gt=0)
    connector_cells: float = Field(gt=0)
    connectors_each: int = Field(ge=1)
    min_safe_area_m2: float = Field(ge=0)
    max_gap_m: float = Field(gt=0)
    source: str
    verified: Verified


@cache
def graph_figures() -> GraphFigures:
    """Return the figures of the graph."""
    return GraphFigures.model_validate(
        load_package_yaml("ilo_geo.hazards.evacuation", "graph.yaml")
    )


def on_map(transform: Affine, col: np.ndarray, row: np.ndarray) -> tuple[Floats, Floats]:
    """Return x and y of columns and rows; with ``~transform`` columns and rows of x and y."""
    t = transform
    return t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f


@dataclass(frozen=True)
class Strip:
    """Windows of the terrain over the settled part of the coast.

    Attributes
    ----------
    elevation_m
        Terrain; NaN on the sea and where nothing is known.
    transform, crs, cell_m
        Grid of the window.
    row0, col0
        Where the window's first cell lies in the terrain.
    domain
        Land cells that are looked at: the evacuation zone and a margin round it.
    zone
        Evacuation zone: floods, connected to the sea, at level plus margin.
    inundated
        Floods at the level itself.
    safe
        Higher than level plus margin, not flooded, on a patch large enough.
    ground
        Crossable open ground: no block, building, wall, water or street, and not too steep.
    """

    elevation_m: Floats
    transform: Affine
    crs: CRS
    cell_m: float
    row0: int
    col0: int
    domain: Bools
    zone: Bools
    inundated: Bools
    safe: Bools
    ground: Bools

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns of the window."""
        rows, cols = self.domain.shape
        return rows, cols

    @property
    def window(self) -> tuple[slice, slice]:
        """Return where the window lies in the terrain."""
        rows, cols = self.shape
        return slice(self.row0, self.row0 + rows), slice(self.col0, self.col0 + cols)

    def cells_at(self, xy: Floats) -> Ints:
        """Return the flat position of the cell under each point; -1 outside the window."""
        col, row = (
            np.floor(axis).astype(np.int64) for axis in on_map(~self.transform, xy[:, 0], xy[:, 1])
        )
        rows, cols = self.shape
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        cells: Ints = np.where(inside, row * cols + col, -1)
        return cells

    def held(self, mask: Bools, xy: Floats) -> Bools:
        """Return whether each point lies on a cell of ``mask``; False outside the window."""
        cells = self.cells_at(xy)
        inside: Bools = (cells >= 0) & mask.ravel()[cells]
        return inside

    def centres(self, cells: Ints) -> Floats:
        """Return the coordinates of the middle of each cell."""
        row, col = np.divmod(cells, self.shape[1])
        return np.column_stack(on_map(self.transform, col + 0.5, row + 0.5))

    def elevations_m(self, xy: Floats) -> Floats:
        """Return the elevation at each point: bilinear over the known cells, 0 m over open sea."""
        col, row = on_map(~self.transform, xy[:, 0], xy[:, 1])
        first_row, first_col = np.floor(row - 0.5), np.floor(col - 0.5)
        down, right = row - 0.5 - first_row, col - 0.5 - first_col
        total, weight = np.zeros(len(xy)), np.zeros(len(xy))
        for d_row, w_row in ((0, 1 - down), (1, down)):
            for d_col, w_col in ((0, 1 - right), (1, right)):
                at_row = np.clip(first_row + d_row, 0, self.shape[0] - 1).astype(np.int64)
                at_col = np.clip(first_col + d_col, 0, self.shape[1] - 1).astype(np.int64)
                height = self.elevation_m[at_row, at_col]
                share = np.where(np.isnan(height), 0.0, w_row * w_col)
                total += share * np.nan_to_num(height)
                weight += share
        found: Floats = np.divide(total, weight, out=np.zeros(len(xy)), where=weight > 0)
        return found


@dataclass(frozen=True)
class Flooded:
    """What floods, on the grid of the terrain: at the level, and at level plus margin."""

    at_level: Bools
    with_margin: Bools


def coastal_strip(
    elevation_m: np.ndarray,
    transform: Affine,
    crs: CRS,
    flooded: Flooded,
    *,
    safe_above_m: float,
    max_slope: float,
    streets: gpd.GeoDataFrame,
    obstacles: Iterable[gpd.GeoDataFrame | None],
    people_xy: Floats,
) -> Strip:
    """Return the settled strip with its safe and crossable cells.

    Parameters
    ----------
    elevation_m, transform, crs
        Terrain; NaN on the sea.
    flooded
        What floods, on the same grid.
    safe_above_m
        Level plus margin: ground higher than that is safe where it does not flood.
    max_slope
        Steepest crossable ground, rise over run.
    streets
        Streets one may walk; ground beneath them is street, not ground.
    obstacles
        Blocks, buildings, water and walls; a cell that touches one is not crossable.
    people_xy
        Where people are.
    """
    land = ~np.isnan(elevation_m)
    cell_m = transform.a
    with np.errstate(invalid="ignore"):
        high = land & (elevation_m > safe_above_m) & ~flooded.with_margin
    least_cells = graph_figures().min_safe_area_m2 / cell_m**2
    settled = _settled(streets, people_xy, transform, land.shape)
    window = _window(flooded.with_margin & settled, cell_m)
    safe = _large_patches(high[window], least_cells)
    row0, col0 = window[0].start, window[1].start
    inner = transform @ Affine.translation(col0, row0)
    heights = np.asarray(elevation_m[window], dtype=np.float64)
    zone = flooded.with_margin[window]
    domain = land[window] & _grown(zone & settled[window], graph_figures().beyond_zone_m, cell_m)
    slope = slope_ratio(np.where(np.isnan(heights), 0.0, heights), cell_m=cell_m)
    blocked = _touched([streets, *obstacles], domain, inner)
    return Strip(
        elevation_m=heights,
        transform=inner,
        crs=crs,
        cell_m=cell_m,
        row0=row0,
        col0=col0,
        domain=domain,
        zone=zone & domain,
        inundated=flooded.at_level[window] & domain,
        safe=safe & domain,
        ground=domain & ~blocked & (slope <= max_slope),
    )


def _settled(
    streets: gpd.GeoDataFrame, people_xy: Floats, transform: Affine, shape: tuple[int, ...]
) -> Bools:
    """Return the cells within reach of a street or of people."""
    xy = np.vstack([shapely.get_coordinates(streets.geometry.to_numpy()), people_xy])
    col, row = (np.floor(axis).astype(np.int64) for axis in on_map(~transform, xy[:, 0], xy[:, 1]))
    inside = (row >= 0) & (row < shape[0]) & (col >= 0) & (col < shape[1])
    places = np.zeros(shape, dtype=bool)
    places[row[inside], col[inside]] = True
    return _grown(places, graph_figures().settled_reach_m, transform.a)


def _grown(mask: Bools, reach_m: float, cell_m: float) -> Bools:
    """Return a mask grown by ``reach_m`` in rows and columns (a square, so more in corners)."""
    size = 2 * round(reach_m / cell_m) + 1
    grown: Bools = ndimage.maximum_filter(mask.view(np.uint8), size=size).astype(bool)
    return grown


def _window(zone: Bools, cell_m: float) -> tuple[slice, slice]:
    """Return the rows and columns that hold the zone and the margin; all of them if none does."""
    margin = round(graph_figures().beyond_zone_m / cell_m) + 1
    bounds = []
    for axis in (1, 0):
        held = np.flatnonzero(zone.any(axis=axis))
        size = zone.shape[1 - axis]
        first, last = (held[0], held[-1]) if len(held) else (0, size - 1)
        bounds.append(slice(max(0, int(first) - margin), min(size, int(last) + margin + 1)))
    return bounds[0], bounds[1]


def _large_patches(mask: Bools, least_cells: float) -> Bools:
    labels, n = ndimage.label(mask, NEIGHBOURS_8)
    size = np.bincount(labels.ravel(), minlength=n + 1)
    size[0] = 0
    large: Bools = (size >= least_cells)[labels] & mask
    return large


def _touched(frames: Iterable[gpd.GeoDataFrame | None], domain: Bools, transform: Affine) -> Bools:
    """Return the cells of the domain that any geometry touches, borders included."""
    row, col = np.nonzero(domain)
    west, north = on_map(transform, col, row)
    east, south = on_map(transform, col + 1, row + 1)
    tree = shapely.STRtree(shapely.box(west, south, east, north))
    touched = np.zeros(domain.shape, dtype=bool)
    for frame in frames:
        if frame is not None:
            cell = tree.query(frame.geometry.to_numpy(), predicate="intersects")[1]
            touched[row[cell], col[cell]] = True
    return touched

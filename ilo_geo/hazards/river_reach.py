"""How far the sea goes up a river valley, by a stated length along the river's axis.

A wave follows a valley farther than level water would, and a coarse terrain may close a valley that
is open. So within a stated length of the mouth, the cells beside the axis flood at their own
elevation, whether or not the terrain connects them with the sea. How wide "beside" is must hold the
axis' own error. Neither length comes from hydraulics: they are scenarios with a source.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from ilo_geo.core.errors import InputError
from ilo_geo.hazards.flood_kernel import CM_PER_M
from ilo_geo.hazards.flood_kernel import NOISE_CM
from ilo_geo.hazards.flood_kernel import Levels

# the axis is walked in steps of so many cells; a step without a flooded cell ends the reach
STEP_CELLS = 2.0

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Corridor:
    """The valley: cells beside the river's axis, and how far up they lie.

    Attributes
    ----------
    cell
        Flat positions in the grid, each once.
    chainage_m
        Distance along the axis from the mouth to the place nearest the cell's centre, m.
    step_m
        Longest stretch of the axis without water that is still seen as one reach.
    """

    cell: NDArray[np.int64]
    chainage_m: NDArray[np.float64]
    step_m: float

    def reached_m(self, wet: Bools) -> float:
        """Return how far along the axis an unbroken flood goes from the mouth, m; 0 for none."""
        flooded_m = np.sort(self.chainage_m[wet.ravel()[self.cell]])
        if not len(flooded_m) or flooded_m[0] > self.step_m:
            return 0.0
        gap = np.flatnonzero(np.diff(flooded_m) > self.step_m)
        return float(flooded_m[gap[0]] if len(gap) else flooded_m[-1])

    def within(self, reach_m: float, shape: tuple[int, ...]) -> Bools:
        """Return the cells of the valley up to a distance from the mouth; none for 0."""
        inside = np.zeros(shape, dtype=np.bool_)
        if reach_m > 0:
            inside.ravel()[self.cell[self.chainage_m <= reach_m]] = True
        return inside


def river_corridor(
    river: gpd.GeoDataFrame,
    shore: shapely.Geometry,
    shape: tuple[int, ...],
    transform: Affine,
    *,
    half_width_m: float,
) -> Corridor:
    """Return the cells whose centre lies within ``half_width_m`` of the axis.

    Parameters
    ----------
    river
        The axis, one line or pieces that join; its mouth is the end nearer the shore.
    shore
        The coastline, or the water of a lake.

    Raises
    ------
    InputError
        The pieces do not join to one line without forks, so no mouth and no distance exist.
    """
    axis = _axis_from_mouth(river, shore)
    around = shapely.buffer(axis, half_width_m)
    beside = rasterize([around], out_shape=shape, transform=transform, dtype=np.uint8)
    row, col = np.nonzero(beside)
    x = transform.c + transform.a * (col + 0.5)
    y = transform.f + transform.e * (row + 0.5)
    return Corridor(
        cell=row * shape[1] + col,
        chainage_m=shapely.line_locate_point(axis, shapely.points(x, y)),
        step_m=STEP_CELLS * abs(transform.a),
    )


def _axis_from_mouth(river: gpd.GeoDataFrame, shore: shapely.Geometry) -> shapely.LineString:
    axis = shapely.line_merge(shapely.union_all(river.geometry.to_numpy()))
    if axis.geom_type != "LineString":
        n_pieces = len(shapely.get_parts(axis))
        raise InputError("tsunami.river_in_pieces", layer="river", found=n_pieces)
    first, last = (shapely.get_point(axis, end) for end in (0, -1))
    return axis if shore.distance(first) <= shore.distance(last) else shapely.reverse(axis)


def with_reach(level_m: Levels, elevation_m: np.ndarray, reach: Bools) -> Levels:
    """Return the flood levels with the cells of ``reach`` flooding at their own elevation.

    The level of such a cell is the lower of the level by the terrain and its elevation rounded up
    to the centimetre; cells without value stay dry.
    """
    with np.errstate(invalid="ignore"):
        ground_m = np.maximum(0.0, np.ceil(elevation_m * CM_PER_M - NOISE_CM) / CM_PER_M)
    own_m = np.where(reach & np.isfinite(elevation_m), ground_m, np.inf)
    return np.minimum(level_m, own_m.astype(np.float32))

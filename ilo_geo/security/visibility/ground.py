"""Terrain as sight meets it: bilinear between the centres of cells, carried on flat beyond them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.ndimage import map_coordinates

from ilo_geo.core.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# one cell holds every city, so that no line of sight passes from cell to cell for nothing
LEVEL_CELL_M = 1e9


@dataclass(frozen=True)
class Ground:
    """Elevations without gaps.

    Attributes
    ----------
    elevation_m
        Rows from north to south, at least 2 by 2. Where nothing is known the nearest known value is
        carried on flat, so unknown ground hides nothing; `is_known` says where that is.
    known
        Where the elevation was given.
    frame
        x and y of the first cell's centre, and width and height of a cell, m.
    """

    elevation_m: Floats
    known: Bools
    frame: Floats

    def cells(self, places_xy: Floats) -> Floats:
        """Return row and column of places, in cells from the first centre."""
        x0, y0, wide, high = self.frame
        return np.column_stack([(y0 - places_xy[:, 1]) / high, (places_xy[:, 0] - x0) / wide])

    def at(self, places_xy: Floats) -> Floats:
        """Return the elevation of places, m."""
        heights: Floats = map_coordinates(
            self.elevation_m, self.cells(places_xy).T, order=1, mode="nearest"
        )
        return heights

    def is_known(self, places_xy: Floats) -> Bools:
        """Return which places lie in a cell whose elevation was given."""
        cells = np.rint(self.cells(places_xy)).astype(np.int64)
        inside = np.all((cells >= 0) & (cells < self.known.shape), axis=1)
        found = np.zeros(len(cells), dtype=bool)
        found[inside] = self.known[tuple(cells[inside].T)]
        return found


def flat_ground() -> Ground:
    """Return level ground at 0 m of which nothing is known."""
    frame = np.array([0.0, 0.0, LEVEL_CELL_M, LEVEL_CELL_M])
    return Ground(np.zeros((2, 2)), np.zeros((2, 2), dtype=bool), frame)


def ground_of(elevation_m: NDArray[np.floating], transform: Affine) -> Ground:
    """Return the ground of a raster, rows from north to south, NaN where nothing is known.

    Raises
    ------
    InputError
        The raster is turned, flipped or has no cells.
    """
    given = np.array(elevation_m, dtype=np.float64)
    if given.ndim != 2 or not given.size or transform.b or transform.d or transform.e >= 0:
        raise InputError("visibility.terrain", found=f"{given.shape}, {tuple(transform)[:6]}")
    known = np.isfinite(given)
    if not known.any():
        return flat_ground()
    nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled = given[tuple(nearest)]
    # one row or column more, so that every place lies between two
    more = [(0, int(n < 2)) for n in filled.shape]
    x0, y0 = transform @ (0.5, 0.5)
    frame = np.array([x0, y0, transform.a, -transform.e])
    return Ground(np.pad(filled, more, mode="edge"), known, frame)

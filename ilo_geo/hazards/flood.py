"""At what sea level each cell of a terrain floods, for every level in one pass.

The level of a cell is the lowest sea level that reaches it: over all 8-neighbour paths from the
sea, the smallest of the largest elevation on the path (minimax). Land below a level floods only if
water has a way there: a basin behind a dyke stays dry until the dyke is overtopped. Water is level
and at rest; its momentum, which carries a wave farther, is not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from ilo_geo.core.results import Notice
from ilo_geo.hazards.flood_draws import FloodDraws
from ilo_geo.hazards.flood_kernel import CM_PER_M
from ilo_geo.hazards.flood_kernel import Bools
from ilo_geo.hazards.flood_kernel import Levels
from ilo_geo.hazards.flood_kernel import fill_keys
from ilo_geo.hazards.flood_kernel import levels
from ilo_geo.hazards.flood_kernel import spread
from ilo_geo.hazards.flood_kernel import whole_cm
from ilo_geo.hazards.river_reach import Corridor
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE_RATIO
from ilo_geo.hazards.zones import SURE_RATIO


def flood_levels_m(
    elevation_m: np.ndarray,
    sea: Bools,
    *,
    start: Bools | None = None,
    max_level_m: float = np.inf,
) -> Levels:
    """Return the lowest sea level at which each cell floods, exact to the centimetre.

    Parameters
    ----------
    elevation_m
        Height above the sea, m; a cell that is not finite has no value: it never floods and lets
        nothing through. Ground below zero floods at 0 once water can reach it.
    sea
        Where the sea is, whatever the elevation says; its level is 0.
    start
        Land the sea touches although no neighbour cell is sea: it floods at its own elevation.
    max_level_m
        Cells that flood only at higher levels are left infinite.

    Returns
    -------
    level_m
        Infinite where water never comes.
    """
    heights_m = np.ascontiguousarray(elevation_m, dtype=np.float32)
    touched = np.zeros(sea.shape, dtype=np.bool_) if start is None else start
    # made here, not in compiled code: large arrays of numpy lie in large pages of memory
    key = np.full((sea.shape[0] + 2, sea.shape[1] + 2), -1, dtype=np.int32)
    highest_cm = fill_keys(key, heights_m, sea)
    top_cm = highest_cm if np.isinf(max_level_m) else min(highest_cm, whole_cm(max_level_m))
    spread(key.ravel(), key.shape[1], sea, touched, top_cm)
    return levels(key)


@dataclass(frozen=True)
class Reach:
    """Cells that the reach floods at a lower level than the terrain alone does, and both levels."""

    without_m: Levels
    with_m: Levels

    def n_added(self, level_m: float) -> int:
        """Return the cells under water at a level only because of the reach."""
        asked_m = np.float32(whole_cm(level_m) / CM_PER_M)
        return int(((self.with_m <= asked_m) & (self.without_m > asked_m)).sum())


@dataclass(frozen=True)
class FloodField:
    """At what level each cell of an area floods, and how sure that is; holds for every level.

    Attributes
    ----------
    level_m
        Lowest sea level that reaches each cell by the terrain as it is, m; sea 0, infinite never.
    draws
        The same by terrains with error, for the cells that may flood.
    transform, crs, cell_m
        The grid; ``cell_m`` is the side of a cell.
    land, sea
        Cells whose centre is on land, and cells where the water comes from.
    valued
        Cells whose elevation is known.
    rmse_m, correlation_m
        Vertical error the draws were made with, and how far it reaches.
    terrain_modelled
        Whether the terrain is modelled, not measured.
    corridor
        Valley cells and their distance along the river's axis from its mouth; None without river.
    reach
        What the stated reach up the valley adds; None where it changes no cell.
    notices
        What the reader must know of the terrain.
    """

    level_m: Levels
    draws: FloodDraws
    transform: Affine
    crs: CRS
    land: Bools
    sea: Bools
    valued: Bools
    cell_m: float
    rmse_m: float
    correlation_m: float
    terrain_modelled: bool = False
    corridor: Corridor | None = None
    reach: Reach | None = None
    notices: tuple[Notice, ...] = ()

    def flooded(self, level_m: float) -> Bools:
        """Return the cells under water at a sea level by the terrain as it is, sea included."""
        wet: Bools = self.level_m <= np.float32(whole_cm(level_m) / CM_PER_M)
        return wet

    def probability(self, level_m: float) -> NDArray[np.float32]:
        """Return the share of terrains in which each cell floods at a level; 1 on the sea."""
        return self._on_grid(self.draws.probability(whole_cm(level_m)), 0.0, 1.0)

    def quantile_level_m(self, ratio: float) -> Levels:
        """Return the lowest level at which each cell floods in ``ratio`` of the terrains."""
        return self._on_grid(self.draws.quantile_cm(ratio) / CM_PER_M, np.inf, 0.0)

    def outline(self, certainty: str, level_m: float) -> Bools:
        """Return the cells of one outline at a level: certain within line within possible.

        Where the terrain as it is disagrees with the draws (a long channel that almost any error
        blocks somewhere), the wider outline grows and the narrower one shrinks: possible holds the
        line, and certain is held by it.
        """
        wet = self.flooded(level_m)
        if certainty == LINE:
            return wet
        probability = self.probability(level_m)
        if certainty == CERTAIN:
            return wet & (probability >= np.float32(SURE_RATIO))
        return wet | (probability >= np.float32(POSSIBLE_RATIO))

    def _on_grid(self, values: np.ndarray, elsewhere: float, on_sea: float) -> Levels:
        grid = np.full(self.level_m.shape, elsewhere, dtype=np.float32)
        grid.ravel()[self.draws.cell] = values
        grid[self.sea] = on_sea
        return grid

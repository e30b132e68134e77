"""Many terrains with error, flooded: at what levels each cell floods, draw by draw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ilo_geo.hazards.flood_kernel import Bools
from ilo_geo.hazards.flood_kernel import Keys
from ilo_geo.hazards.flood_kernel import Levels
from ilo_geo.hazards.flood_kernel import beside
from ilo_geo.hazards.flood_kernel import ground_cm
from ilo_geo.hazards.flood_kernel import spread_on_list
from ilo_geo.hazards.flood_kernel import whole_cm
from ilo_geo.hazards.terrain_error import ErrorField

# two bytes a draw: a level in whole centimetres, or that the water never comes
NEVER_CM = 65_535
# the draws are independent and compiled code runs beside others
N_THREADS = 2
NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))

Cells = NDArray[np.int64]


@dataclass(frozen=True)
class FloodDraws:
    """Levels at which cells flood in each of many terrains, ascending a cell.

    Attributes
    ----------
    cell
        Flat positions in the grid; all other cells flood in no draw below the levels asked for.
    sorted_cm
        A row a cell and a column a draw, whole centimetres; `NEVER_CM` is never.
    """

    cell: Cells
    sorted_cm: NDArray[np.uint16]

    @property
    def n_draws(self) -> int:
        """Return how many terrains were drawn."""
        return int(self.sorted_cm.shape[1])

    def probability(self, level_cm: int) -> NDArray[np.float32]:
        """Return the share of draws in which each cell is under water at a level."""
        return _count_up_to(self.sorted_cm, level_cm) / np.float32(self.n_draws)

    def quantile_cm(self, ratio: float) -> NDArray[np.float64]:
        """Return the lowest level that floods each cell in at least ``ratio`` of the draws."""
        # a share of draws like 0.05 x 200 must not become 10.000001
        nth = max(1, int(np.ceil(round(ratio * self.n_draws, 9))))
        level_cm = self.sorted_cm[:, nth - 1].astype(float)
        level_cm[level_cm == NEVER_CM] = np.inf
        return level_cm


@njit(cache=True, nogil=True)
def _count_up_to(sorted_cm: NDArray[np.uint16], level_cm: int) -> NDArray[np.float32]:
    count = np.empty(len(sorted_cm), np.float32)
    for i in range(len(sorted_cm)):
        count[i] = np.searchsorted(sorted_cm[i], np.int64(level_cm), side="right")
    return count


@dataclass(frozen=True)
class Candidates:
    """The cells that may flood at all, as a list.

    Attributes
    ----------
    cell, shape
        Flat positions in a grid of ``shape``, ascending.
    elevation_m
        Height of each.
    start
        Which of them the sea touches.
    reach
        Which of them the river reaches at their own elevation.
    """

    cell: Cells
    shape: tuple[int, int]
    elevation_m: Levels
    start: Cells
    reach: Cells

    @cached_property
    def neighbour(self) -> Keys:
        """Return the eight neighbours of each cell in the list; its length where there is none."""
        position = np.full((self.shape[0] + 2, self.shape[1] + 2), len(self.cell), dtype=np.int32)
        row, col = np.divmod(self.cell, self.shape[1])
        position[row + 1, col + 1] = np.arange(len(self.cell), dtype=np.int32)
        return np.stack([position[row + 1 + dy, col + 1 + dx] for dy, dx in NEIGHBOURS], axis=1)


def candidates(
    elevation_m: np.ndarray,
    base_level_m: Levels,
    sea: Bools,
    start: Bools,
    reach: Bools,
    *,
    highest_m: float,
) -> Candidates:
    """Return the cells water may come to when no path is wrong by more than the caller allows.

    Parameters
    ----------
    base_level_m
        Level of each cell by the terrain as it is.
    highest_m
        Highest level of interest plus the largest error thought possible.
    """
    low = np.isfinite(elevation_m) & (elevation_m <= highest_m)
    chosen = low & ~sea & ((base_level_m <= highest_m) | reach)
    cell = np.flatnonzero(chosen)
    touched = (start | beside(sea)).ravel()[cell]
    return Candidates(
        cell=cell,
        shape=(int(sea.shape[0]), int(sea.shape[1])),
        elevation_m=np.asarray(elevation_m, dtype=np.float32).ravel()[cell],
        start=np.flatnonzero(touched),
        reach=np.flatnonzero(reach.ravel()[cell]),
    )


def draw_floods(
    cells: Candidates, error: ErrorField, *, n_draws: int, seed: int, max_level_m: float
) -> FloodDraws:
    """Return the flood of ``n_draws`` terrains, each with its own error; equal for equal seeds.

    Parameters
    ----------
    error
        Error fields at ``cells``.
    max_level_m
        Levels above are not kept.
    """
    seeds = np.random.SeedSequence(seed).spawn(n_draws)
    level_cm = np.empty((n_draws, len(cells.cell)), dtype=np.uint16)
    top_cm = min(whole_cm(max_level_m), NEVER_CM - 1)

    def flood(draw: int) -> None:
        error_m = error.draw_m(np.random.default_rng(seeds[draw]))
        _flood(
            cells.elevation_m,
            error_m,
            cells.neighbour,
            cells.start,
            cells.reach,
            top_cm,
            level_cm[draw],
        )

    if n_draws and len(cells.cell):
        flood(0)  # what is made once is made before the threads start
        with ThreadPoolExecutor(N_THREADS) as pool:
            list(pool.map(flood, range(1, n_draws)))
    ever = (level_cm != NEVER_CM).any(axis=0)
    by_cell = np.ascontiguousarray(level_cm[:, ever].T)
    by_cell.sort(axis=1)
    return FloodDraws(cell=cells.cell[ever], sorted_cm=by_cell)


@njit(cache=True, nogil=True)
def _flood(
    elevation_m: Levels,
    error_m: Levels,
    neighbour: Keys,
    start: Cells,
    reach: Cells,
    top_cm: int,
    level_cm: NDArray[np.uint16],
) -> None:
    n = len(elevation_m)
    key = np.full(n + 1, -1, np.int32)
    for i in range(n):
        key[i] = ground_cm(np.float64(elevation_m[i]) + np.float64(error_m[i]))
    spread_on_list(key, neighbour, start, top_cm)
    for i in range(n):
        level_cm[i] = -2 - key[i] if key[i] <= -2 else NEVER_CM
    for i in reach:
        ground = ground_cm(np.float64(elevation_m[i]) + np.float64(error_m[i]))
        if ground <= top_cm and ground < level_cm[i]:
            level_cm[i] = ground

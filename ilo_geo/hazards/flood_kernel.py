"""Priority flood on whole centimetres, compiled: on a grid, and on a list of cells.

After Barnes, Lehman & Mulla 2014, with one bucket a centimetre in place of a heap: every cell
enters one bucket once, so time and memory are linear in cells. Elevations are rounded up to the
centimetre, which makes the answer exact for every whole-centimetre level: ``z <= h`` holds if and
only if ``ceil(z) <= h``.

A *key* is one number a cell: an elevation in cm (>= 0) where water has not been; -1 no value; while
a cell waits in a bucket, -3 minus the next cell of that bucket; taken out, -2 minus its level.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

CM_PER_M = 100
# a tenth of a millimetre: what a 4-byte float adds to 15.01 m is no centimetre
NOISE_CM = 0.01
# one bucket a centimetre; ground above 20 km counts as never flooded
HIGHEST_CM = 2_000_000

Bools = NDArray[np.bool_]
Levels = NDArray[np.float32]
Keys = NDArray[np.int32]


def whole_cm(level_m: float) -> int:
    """Return the whole centimetres in a sea level."""
    return int(np.floor(level_m * CM_PER_M + NOISE_CM))


def beside(cells: Bools) -> Bools:
    """Return some cells and all that touch one of them, corners counted."""
    rows = cells.copy()
    rows[1:] |= cells[:-1]
    rows[:-1] |= cells[1:]
    both = rows.copy()
    both[:, 1:] |= rows[:, :-1]
    both[:, :-1] |= rows[:, 1:]
    return both


@njit(cache=True, nogil=True)
def ground_cm(elevation_m: float) -> int:
    """Return the lowest whole-centimetre sea level that covers an elevation; -1 for none."""
    if not np.isfinite(elevation_m):
        return -1
    up = np.ceil(elevation_m * CM_PER_M - NOISE_CM)
    return -1 if up > HIGHEST_CM else max(0, int(up))


@njit(cache=True, nogil=True)
def fill_keys(key: Keys, elevation_m: Levels, sea: Bools) -> int:
    """Fill the keys of a grid, framed by one cell of no value; return the highest ground, cm."""
    n_rows, n_cols = elevation_m.shape
    highest = 0
    for row in range(n_rows):
        for col in range(n_cols):
            if sea[row, col]:
                key[row + 1, col + 1] = -2
            else:
                height = ground_cm(np.float64(elevation_m[row, col]))
                key[row + 1, col + 1] = height
                highest = max(highest, height)
    return highest


@njit(cache=True, nogil=True)
def _enter(key: Keys, head: Keys, cell: int, at_least: int, top: int) -> None:
    """Put a cell in the bucket of its level, if water has not been there and the level counts."""
    height = key[cell]
    if 0 <= height <= top:
        bucket = max(height, at_least)
        key[cell] = -3 - head[bucket]
        head[bucket] = cell


@njit(cache=True, nogil=True)
def spread(key: Keys, width: int, sea: Bools, start: Bools, top: int) -> None:
    """Flood the cells of a framed grid, ``width`` cells a row, up to ``top`` cm."""
    head = np.full(top + 1, -1, np.int32)
    steps = (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1)
    for row in range(sea.shape[0]):
        for col in range(sea.shape[1]):
            cell = (row + 1) * width + col + 1
            if start[row, col]:
                _enter(key, head, cell, 0, top)
            if sea[row, col]:
                for step in steps:
                    _enter(key, head, cell + step, 0, top)
    for level in range(top + 1):
        cell = head[level]
        while cell >= 0:
            head[level] = -3 - key[cell]
            key[cell] = -2 - level
            for step in steps:
                _enter(key, head, cell + step, level, top)
            cell = head[level]


@njit(cache=True, nogil=True)
def spread_on_list(key: Keys, neighbour: Keys, start: NDArray[np.int64], top: int) -> None:
    """Flood a list of cells from ``start``, each at its own elevation.

    ``key`` ends with a cell of no value, which ``neighbour`` names where there is no neighbour.
    """
    head = np.full(top + 1, -1, np.int32)
    for first in start:
        _enter(key, head, first, 0, top)
    for level in range(top + 1):
        cell = head[level]
        while cell >= 0:
            head[level] = -3 - key[cell]
            key[cell] = -2 - level
            for side in range(neighbour.shape[1]):
                _enter(key, head, neighbour[cell, side], level, top)
            cell = head[level]


@njit(cache=True, nogil=True)
def levels(key: Keys) -> Levels:
    """Return the level of each cell of a framed grid, m; infinite where no water came."""
    n_rows, n_cols = key.shape[0] - 2, key.shape[1] - 2
    level_m = np.full((n_rows, n_cols), np.inf, np.float32)
    for row in range(n_rows):
        for col in range(n_cols):
            value = key[row + 1, col + 1]
            if value <= -2:
                level_m[row, col] = np.float32(-2 - value) / np.float32(CM_PER_M)
    return level_m

"""Seconds from every cell of a grid to safety over open ground, uphill unlike downhill.

The grid is the graph: each cell has arcs to its 8 neighbours, and on request to the 8 cells a
knight's move away, which leaves at most 2.8 % over the straight line on a plane where 8 neighbours
leave 8.3 %. The search runs from the safe cells outwards over the arcs turned round.

The queue is one of buckets as wide as the shortest arc can be: no arc leads back into its own
bucket, so the order within a bucket does not matter and the times are those of Dijkstra's algorithm
(Dinitz 1978). Time and memory are linear in the cells: 16 bytes a cell beside the inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.speeds import Formulation
from ilo_geo.hazards.evacuation.speeds import least_pace_s_per_m
from ilo_geo.hazards.evacuation.speeds import pace_coefficients
from ilo_geo.hazards.evacuation.speeds import pace_s_per_m

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Floats32 = npt.NDArray[np.float32]
Whole = Any  # a whole number of Python or numpy: numba makes no difference
# the four sides, the four corners, then the eight knight's moves (rows, columns)
MOVES = np.array(
    [
        *[(0, 1), (1, 0), (0, -1), (-1, 0)],
        *[(1, 1), (1, -1), (-1, -1), (-1, 1)],
        *[(1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)],
    ],
    dtype=np.int64,
)
N_SIDES, N_NEIGHBOURS = 4, 8
FRAME = 2  # cells round the grid, so that no move leaves the array
BLOCKED = -1.0  # the time of a cell that cannot be crossed, during the search
# buckets kept at once; what is farther off waits in the last one and is sorted again there
N_BUCKETS = 1024
FIRST_ENTRIES = 65_536
NOTHING = -1
HEIGHT, SLOWNESS = 0, 1
CELL, AFTER = 0, 1
# buckets a little narrower than the shortest arc, so that rounding cannot fold an arc into one
ROUNDING = 1 - 1e-9


def seconds_to_safety(
    elevation_m: npt.ArrayLike,
    factor: npt.ArrayLike,
    safe: npt.ArrayLike,
    cell_m: float,
    *,
    speed_m_s: float,
    formulation: Formulation = "tobler",
    neighbours: int = N_NEIGHBOURS,
    max_slope: float = np.inf,
) -> Floats:
    """Return the seconds from each cell to the nearest safe cell; infinite where there is no way.

    Parameters
    ----------
    elevation_m
        Terrain, rows by columns; a cell without a value cannot be crossed.
    factor
        Share of the walking speed each cell leaves, up to 1; 0 where it cannot be crossed. A step
        takes the mean of the slowness (1 / factor) of its two cells.
    safe
        Where walking ends; only crossable cells count.
    cell_m
        Side of a cell.
    speed_m_s, formulation
        See `ilo_geo.hazards.evacuation.speeds`.
    neighbours
        8 or 16. A knight's move needs the two cells it passes over to be crossable, a diagonal at
        least one of the two it passes between.
    max_slope
        Steepest step that is walked, rise over run, up or down.
    """
    if neighbours not in (N_NEIGHBOURS, len(MOVES)):
        msg = f"{neighbours} neighbours; {N_NEIGHBOURS} or {len(MOVES)} are known"
        raise ValueError(msg)
    heights = np.asarray(elevation_m, dtype=np.float32)
    share = np.asarray(factor, dtype=np.float32)
    crossable = (share > 0) & ~np.isnan(heights)
    rows, cols = (size + 2 * FRAME for size in heights.shape)
    inner = (slice(FRAME, -FRAME), slice(FRAME, -FRAME))
    ground = np.zeros((rows, cols, 2), dtype=np.float32)
    ground[*inner, HEIGHT] = heights
    np.divide(1, share, out=ground[*inner, SLOWNESS], where=crossable)
    time_s = np.full((rows, cols), BLOCKED)
    time_s[inner][crossable] = np.inf
    time_s[inner][crossable & np.asarray(safe, dtype=bool)] = 0.0
    coefficients = pace_coefficients(speed_m_s, formulation)
    quickest = float(share[crossable].max()) if crossable.any() else 1.0
    least_pace = least_pace_s_per_m(coefficients)
    width_s = cell_m * least_pace / quickest * ROUNDING
    _search(
        time_s.ravel(),
        ground.reshape(-1, 2),
        cols,
        float(cell_m),
        coefficients,
        least_pace,
        MOVES[:neighbours],
        float(max_slope),
        width_s,
    )
    found: Floats = np.where(crossable, time_s[inner], np.inf)
    return found


@njit(cache=True, nogil=True)
def _search(
    time_s: Floats,
    ground: Floats32,
    n_cols: int,
    cell_m: float,
    coefficients: Floats,
    least_pace: float,
    moves: Ints,
    max_slope: float,
    width_s: float,
) -> None:
    """Fill ``time_s``: 0 at safe, infinite at other crossable cells and `BLOCKED` at the rest."""
    per_width = 1.0 / width_s
    step = moves[:, 0] * n_cols + moves[:, 1]
    length_m = cell_m * np.sqrt((moves * moves).sum(axis=1))
    better = np.empty(len(moves), np.int64)
    starts = np.flatnonzero(time_s == 0.0)
    head = np.full(N_BUCKETS, NOTHING, np.int32)
    entries, free = _more(np.empty((0, 2), np.int32), NOTHING, len(starts) + FIRST_ENTRIES)
    for cell in starts:
        free = _put(cell, 0, 0, head, entries, free)
    waiting, current = len(starts), 0
    while waiting > 0:
        entry = head[current % N_BUCKETS]
        if entry == NOTHING:
            current += 1
            continue
        head[current % N_BUCKETS] = entries[entry, AFTER]
        entries[entry, AFTER], free = free, entry
        waiting -= 1
        cell = np.int64(entries[entry, CELL])
        own = int(time_s[cell] * per_width)
        if own < current:
            continue  # a shorter way was found after this entry
        if own > current:  # it was farther off than the buckets reached
            free = _put(cell, own, current, head, entries, free)
            waiting += 1
            continue
        if waiting + len(moves) >= len(entries):
            entries, free = _more(entries, free, 2 * len(entries))
        n_better = _relax(
            cell,
            time_s,
            ground,
            n_cols,
            coefficients,
            least_pace,
            moves,
            step,
            length_m,
            max_slope,
            per_width,
            better,
        )
        for n in range(n_better):
            there = better[n]
            free = _put(there, int(time_s[there] * per_width), current, head, entries, free)
        waiting += n_better


@njit(cache=True, nogil=True, inline="always")
def _relax(
    cell: Whole,
    time_s: Floats,
    ground: Floats32,
    n_cols: int,
    coefficients: Floats,
    least_pace: float,
    moves: Ints,
    step: Ints,
    length_m: Floats,
    max_slope: float,
    per_width: float,
    better: Ints,
) -> int:
    """Shorten the times of the cells one may come from; list those that change their bucket."""
    here_s = time_s[cell]
    n_better = 0
    for m in range(len(moves)):
        there = cell - step[m]
        known_s = time_s[there]
        if known_s <= here_s:
            continue
        slow_m = length_m[m] * 0.5 * (ground[cell, SLOWNESS] + ground[there, SLOWNESS])
        if here_s + slow_m * least_pace >= known_s:
            continue  # not even on the quickest slope: spares the exponential
        if m >= N_SIDES and not _passes(cell, moves[m, 0], moves[m, 1], n_cols, time_s):
            continue
        slope = (ground[cell, HEIGHT] - ground[there, HEIGHT]) / length_m[m]
        if abs(slope) > max_slope:
            continue
        way_s = here_s + slow_m * pace_s_per_m(slope, coefficients)
        if way_s < known_s:
            time_s[there] = way_s
            if known_s == np.inf or int(way_s * per_width) != int(known_s * per_width):
                better[n_better] = there
                n_better += 1
    return n_better


@njit(cache=True, nogil=True)
def _put(
    cell: Whole, bucket: Whole, current: Whole, head: Ints32, entries: Ints32, free: Whole
) -> Whole:
    """Put a cell into its bucket, or into the last one there is; return the next free entry."""
    slot = min(bucket, current + N_BUCKETS - 1) % N_BUCKETS
    following = np.int64(entries[free, AFTER])
    entries[free, CELL], entries[free, AFTER] = cell, head[slot]
    head[slot] = free
    return following


@njit(cache=True, nogil=True)
def _more(entries: Ints32, free: Whole, n_entries: int) -> tuple[Ints32, Whole]:
    """Return the entries with new free ones up to ``n_entries``, and the first free one."""
    n_old = len(entries)
    larger = np.empty((n_entries, 2), np.int32)
    larger[:n_old] = entries
    for entry in range(n_old, n_entries):
        larger[entry, AFTER] = entry + 1
    larger[n_entries - 1, AFTER] = free
    return larger, np.int64(n_old)


@njit(cache=True, nogil=True)
def _passes(cell: Whole, down: Whole, right: Whole, n_cols: int, time_s: Floats) -> bool:
    """Return whether the cells a slanting move to ``cell`` goes between or over leave a way."""
    if abs(down) == abs(right):
        return bool(time_s[cell - down * n_cols] >= 0 or time_s[cell - right] >= 0)
    if abs(down) > abs(right):
        one = cell - (down // 2) * n_cols
        return bool(time_s[one] >= 0 and time_s[one - right] >= 0)
    one = cell - right // 2
    return bool(time_s[one] >= 0 and time_s[one - down * n_cols] >= 0)

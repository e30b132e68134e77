"""Whether a straight line in space meets a building or the ground, compiled.

A sight line runs from the camera (share 0) to the target (share 1). A building is a prism: it hides
if the line enters its footprint where the line is lower than its roof. The ground is bilinear
between the centres of cells, so along a straight line within one cell it is a quadratic, whose
lowest clearance is taken exactly. Nothing is sampled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ilo_geo.security.visibility.walls import TOUCH_M

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Bools = NDArray[np.bool_]
Int = Any  # a whole number of Python or numpy: numba makes no difference

# a line that lies this deep in the ground merely touches it, m
SINK_M = 1e-6


@njit(cache=True, nogil=True)
def _low_part(z0: float, z1: float, top_m: float) -> tuple[float, float]:
    """Return the shares between which the line is lower than a roof; from > to if nowhere."""
    if z0 < top_m and z1 < top_m:
        return 0.0, 1.0
    if z0 >= top_m and z1 >= top_m:
        return 1.0, 0.0
    share = (top_m - z0) / (z1 - z0)
    return (share, 1.0) if z1 < top_m else (0.0, share)


@njit(cache=True, nogil=True)
def _enters(
    line: Floats, low: float, high: float, edges: Floats, first: Int, last: Int, left: bool
) -> tuple[bool, bool]:
    """Return whether part of a line lies inside a footprint, and whether it touches a corner.

    A corner on the line counts as lying to its left or to its right, as asked: the line is then
    the limit of lines a hair beside it, and walls along it are no trouble.
    """
    x0, y0, x1, y1 = line[0], line[1], line[3], line[4]
    dx, dy = x1 - x0, y1 - y0
    length = np.hypot(dx, dy)
    if length <= TOUCH_M:
        dx, dy, length, high = 1.0, 0.0, 1.0, low
    slack = TOUCH_M / length
    middle = 0.5 * (low + high)
    beyond, touched, enters = 0, False, False
    for edge in range(first, last):
        ax, ay, bx, by = edges[edge]
        side_a = (dx * (ay - y0) - dy * (ax - x0)) / length
        side_b = (dx * (by - y0) - dy * (bx - x0)) / length
        if abs(side_a) <= TOUCH_M:
            side_a, touched = 0.0, True
        if abs(side_b) <= TOUCH_M:
            side_b, touched = 0.0, True
        crosses_left = (side_a >= 0.0) != (side_b >= 0.0)
        crosses_right = (side_a > 0.0) != (side_b > 0.0)
        if not (crosses_left if left else crosses_right):
            continue
        along_a = (dx * (ax - x0) + dy * (ay - y0)) / length**2
        along_b = (dx * (bx - x0) + dy * (by - y0)) / length**2
        at = along_a + (along_b - along_a) * side_a / (side_a - side_b)
        if low + slack < at < high - slack:
            enters = True
        if at > middle:
            beyond += 1
    return enters or beyond % 2 == 1, touched


@njit(cache=True, nogil=True)
def _clear_of_buildings(
    line: Floats, near: Whole, edges: Floats, starts: Whole, boxes: Floats, tops_m: Floats,
    left: bool,
) -> tuple[bool, bool]:  # fmt: skip
    """Return whether no building hides the target, and whether the line touched a corner."""
    x0, y0, z0, x1, y1, z1 = line
    touched = False
    for building in near:
        low, high = _low_part(z0, z1, tops_m[building])
        if low > high:
            continue
        ax, bx = x0 + low * (x1 - x0), x0 + high * (x1 - x0)
        ay, by = y0 + low * (y1 - y0), y0 + high * (y1 - y0)
        west, south, east, north = boxes[building]
        if max(ax, bx) < west or min(ax, bx) > east or max(ay, by) < south or min(ay, by) > north:
            continue
        enters, touches = _enters(
            line, low, high, edges, starts[building], starts[building + 1], left
        )
        touched = touched or touches
        if enters:
            return False, touched
    return True, touched


@njit(cache=True, nogil=True)
def _patch(elevation_m: Floats, row: float, col: float, top: Int, side: Int) -> float:
    """Return the elevation at a row and column by the corners of one cell."""
    down, right = min(1.0, max(0.0, row - top)), min(1.0, max(0.0, col - side))
    upper = elevation_m[top, side] * (1 - right) + elevation_m[top, side + 1] * right
    lower = elevation_m[top + 1, side] * (1 - right) + elevation_m[top + 1, side + 1] * right
    return float(upper * (1 - down) + lower * down)


@njit(cache=True, nogil=True)
def _lowest(at_start: float, at_middle: float, at_end: float) -> float:
    """Return the least of the quadratic through three values at 0, a half and 1."""
    lowest = min(at_start, at_end)
    bend = 2.0 * (at_start - 2.0 * at_middle + at_end)
    rise = 4.0 * at_middle - 3.0 * at_start - at_end
    if bend > 0.0 and 0.0 < -rise < 2.0 * bend:
        lowest = min(lowest, at_start - rise * rise / (4.0 * bend))
    return lowest


@njit(cache=True, nogil=True)
def _next_step(at: float, speed: float, share: float) -> float:
    """Return the share at which a coordinate next passes a whole number."""
    if speed == 0.0:
        return 2.0
    here = at + speed * share
    whole = np.floor(here) + 1.0 if speed > 0.0 else np.ceil(here) - 1.0
    step = (whole - at) / speed
    # a coordinate a rounding error before the whole number counts as on it
    return float(step if step > share + 1e-12 else step + 1.0 / abs(speed))


@njit(cache=True, nogil=True)
def _clear_of_ground(line: Floats, elevation_m: Floats, frame: Floats) -> bool:
    """Return whether a line runs above the ground."""
    x0, y0, z0, x1, y1, z1 = line
    west, north, wide, high = frame
    col, row = (x0 - west) / wide, (north - y0) / high
    cols, rows = (x1 - x0) / wide, (y0 - y1) / high
    n_rows, n_cols = elevation_m.shape
    share = 0.0
    while share < 1.0:
        until = min(1.0, _next_step(col, cols, share), _next_step(row, rows, share))
        middle = 0.5 * (share + until)
        top = min(n_rows - 2, max(0, int(np.floor(row + middle * rows))))
        side = min(n_cols - 2, max(0, int(np.floor(col + middle * cols))))
        start = z0 + share * (z1 - z0)
        end = z0 + until * (z1 - z0)
        start -= _patch(elevation_m, row + share * rows, col + share * cols, top, side)
        end -= _patch(elevation_m, row + until * rows, col + until * cols, top, side)
        between = z0 + middle * (z1 - z0)
        between -= _patch(elevation_m, row + middle * rows, col + middle * cols, top, side)
        if _lowest(start, between, end) < -SINK_M:
            return False
        share = until
    return True


@njit(cache=True, nogil=True)
def seen_targets(
    camera: Floats, targets: Floats, near: Whole, edges: Floats, starts: Whole, boxes: Floats,
    tops_m: Floats, elevation_m: Floats, frame: Floats,
) -> Bools:  # fmt: skip
    """Return which targets (x, y, z) a camera (x, y, z) sees past the buildings ``near`` it."""
    seen = np.zeros(len(targets), dtype=np.bool_)
    line = np.empty(6)
    line[:3] = camera
    for place in range(len(targets)):
        line[3:] = targets[place]
        clear, touched = _clear_of_buildings(line, near, edges, starts, boxes, tops_m, True)
        if not clear and touched:
            clear, _ = _clear_of_buildings(line, near, edges, starts, boxes, tops_m, False)
        seen[place] = clear and _clear_of_ground(line, elevation_m, frame)
    return seen

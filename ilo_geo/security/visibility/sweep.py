"""What is seen from one place in plan: a sweep around it, compiled.

Walls meet at their ends only and only those that face the place are kept, so while the ray turns
the order of the walls it crosses changes at their ends alone. The nearest of them, or the rim of
the range if that is nearer, bounds the sight: corners of the answer lie on ends of walls, on the
straight ray behind such an end, or where a wall leaves the range. Nothing is sampled.

A *line* is a wall or a chord of the rim, seen from the place at the origin: its end points
(``ends``: x, y, x, y) and their bearings (``bearing``, radians, the first one first when turning
counter-clockwise). A line that passes under the cut at ±pi is swept as two *spans*.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ilo_geo.security.visibility.walls import TOUCH_M

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Int = Any  # a whole number of Python or numpy: numba makes no difference

PI = np.pi
# corners closer than this are one
SAME_M = 1e-9


@njit(cache=True, nogil=True)
def _distance(x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the distance of the origin from a segment."""
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0.0 else -(x0 * dx + y0 * dy) / length2
    share = min(1.0, max(0.0, share))
    return float(np.hypot(x0 + share * dx, y0 + share * dy))


@njit(cache=True, nogil=True)
def near_walls(
    x: float, y: float, reach_m: float, segments: Floats, starts: Whole, items: Whole,
    frame: Floats, shape: Whole,
) -> Whole:  # fmt: skip
    """Return the walls within reach of a place, each once."""
    west, south, cell = frame
    row0, row1 = int((y - reach_m - south) // cell), int((y + reach_m - south) // cell)
    col0, col1 = int((x - reach_m - west) // cell), int((x + reach_m - west) // cell)
    row0, row1 = max(0, row0), min(shape[0] - 1, row1)
    col0, col1 = max(0, col0), min(shape[1] - 1, col1)
    found = np.empty(64, dtype=np.int64)
    n_found = 0
    for row in range(row0, row1 + 1):
        for col in range(col0, col1 + 1):
            at = row * shape[1] + col
            for place in range(starts[at], starts[at + 1]):
                wall = items[place]
                x0, y0, x1, y1 = segments[wall, :4]
                # a wall that lies in many cells is taken in the first of those asked
                own_row = max(row0, int((min(y0, y1) - south) // cell))
                own_col = max(col0, int((min(x0, x1) - west) // cell))
                if own_row != row or own_col != col:
                    continue
                if _distance(x0 - x, y0 - y, x1 - x, y1 - y) > reach_m:
                    continue
                if n_found == len(found):
                    found = np.append(found, np.empty(n_found, dtype=np.int64))
                found[n_found] = wall
                n_found += 1
    return found[:n_found]


@njit(cache=True, nogil=True)
def _facing(
    x: float, y: float, near: Whole, segments: Floats, ends: Floats, bearing: Floats
) -> tuple[int, int]:
    """Fill the lines of the walls that face a place; return how many, and how many it stands on.

    A wall the place stands on is a line of no length at the origin that spans the building's
    inside: half of all bearings, or the angle at a corner.
    """
    n_lines = n_touched = 0
    for wall in near:
        x0, y0, x1, y1, xb, yb = segments[wall]
        x0, y0, x1, y1 = x0 - x, y0 - y, x1 - x, y1 - y
        if _distance(x0, y0, x1, y1) <= TOUCH_M:
            n_touched += 1
            if np.hypot(x1, y1) <= TOUCH_M:
                continue  # the wall that begins at this corner speaks for it
            along = np.arctan2(y1 - y0, x1 - x0)
            at_corner = np.hypot(x0, y0) <= TOUCH_M
            back_x, back_y = (xb - x - x0, yb - y - y0) if at_corner else (x0 - x1, y0 - y1)
            ends[n_lines] = 0.0
            bearing[n_lines, 0], bearing[n_lines, 1] = along, np.arctan2(back_y, back_x)
            n_lines += 1
        elif x0 * y1 - x1 * y0 < 0.0:
            ends[n_lines, 0], ends[n_lines, 1], ends[n_lines, 2], ends[n_lines, 3] = x1, y1, x0, y0
            bearing[n_lines, 0], bearing[n_lines, 1] = np.arctan2(y1, x1), np.arctan2(y0, x0)
            n_lines += 1
    return n_lines, n_touched


@njit(cache=True, nogil=True)
def _spans(bearing: Floats, n_lines: int) -> tuple[Floats, Floats, Whole]:
    """Return from, to and line of each span; a line across the cut gives two."""
    first, last = np.empty(2 * n_lines), np.empty(2 * n_lines)
    line_of = np.empty(2 * n_lines, dtype=np.int64)
    n = 0
    for line in range(n_lines):
        begin, end = bearing[line]
        if begin < end:
            first[n], last[n], line_of[n] = begin, end, line
            n += 1
        elif begin > end:
            if begin < PI:
                first[n], last[n], line_of[n] = begin, PI, line
                n += 1
            if end > -PI:
                first[n], last[n], line_of[n] = -PI, end, line
                n += 1
    return first[:n], last[:n], line_of[:n]


@njit(cache=True, nogil=True)
def _hit(line: Int, angle: float, ends: Floats, bearing: Floats) -> tuple[float, float]:
    """Return the point of a line at a bearing."""
    x0, y0, x1, y1 = ends[line]
    if angle == bearing[line, 0]:
        return x0, y0
    if angle == bearing[line, 1]:
        return x1, y1
    dx, dy = np.cos(angle), np.sin(angle)
    side0, side1 = dx * y0 - dy * x0, dx * y1 - dy * x1
    if side0 == side1:
        return x0, y0
    share = min(1.0, max(0.0, side0 / (side0 - side1)))
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


@njit(cache=True, nogil=True)
def _nearer(one: Int, other: Int, angle: float, ends: Floats, bearing: Floats) -> bool:
    """Return whether the ray at a bearing meets ``one`` before ``other``."""
    x0, y0 = _hit(one, angle, ends, bearing)
    x1, y1 = _hit(other, angle, ends, bearing)
    return bool(x0 * x0 + y0 * y0 < x1 * x1 + y1 * y1)


@njit(cache=True, nogil=True)
def _insert(
    span: Int, angle: float, active: Whole, n_active: Int, last: Floats, line_of: Whole,
    ends: Floats, bearing: Floats,
) -> None:  # fmt: skip
    """Put a span among the active ones, nearest first."""
    low, high = 0, n_active
    while low < high:
        middle = (low + high) // 2
        other = active[middle]
        # halfway through what they share: there even walls with a common end are apart
        between = 0.5 * (angle + min(last[span], last[other]))
        if _nearer(line_of[other], line_of[span], between, ends, bearing):
            low = middle + 1
        else:
            high = middle
    for place in range(n_active, low, -1):
        active[place] = active[place - 1]
    active[low] = span


@njit(cache=True, nogil=True)
def _remove(span: Int, active: Whole, n_active: Int) -> None:
    """Take a span from the active ones."""
    place = 0
    while active[place] != span:
        place += 1
    for after in range(place, n_active - 1):
        active[after] = active[after + 1]


@njit(cache=True, nogil=True)
def _crossing(one: Int, other: Int, ends: Floats) -> tuple[float, float]:
    """Return where two lines cross."""
    x0, y0, x1, y1 = ends[one]
    u0, v0, u1, v1 = ends[other]
    side0 = (u1 - u0) * (y0 - v0) - (v1 - v0) * (x0 - u0)
    side1 = (u1 - u0) * (y1 - v0) - (v1 - v0) * (x1 - u0)
    if side0 == side1:
        return x0, y0
    share = min(1.0, max(0.0, side0 / (side0 - side1)))
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


@njit(cache=True, nogil=True)
def _add(ring: Floats, n: Int, point: tuple[float, float]) -> Int:
    """Add a corner to the ring unless it repeats the last; return the number of corners."""
    if n > 0 and abs(ring[n - 1, 0] - point[0]) + abs(ring[n - 1, 1] - point[1]) <= SAME_M:
        return n
    ring[n, 0], ring[n, 1] = point
    return n + 1


@njit(cache=True, nogil=True)
def _pass(
    angle: float, state: Whole, active: Whole, by_first: Whole, by_last: Whole,
    first: Floats, last: Floats, line_of: Whole, ends: Floats, bearing: Floats,
) -> None:  # fmt: skip
    """Take out the spans that end at a bearing, put in those that begin there.

    ``state`` counts the spans that are active, begun and ended.
    """
    while state[2] < len(last) and last[by_last[state[2]]] <= angle:
        _remove(by_last[state[2]], active, state[0])
        state[0] -= 1
        state[2] += 1
    while state[1] < len(first) and first[by_first[state[1]]] <= angle:
        _insert(by_first[state[1]], angle, active, state[0], last, line_of, ends, bearing)
        state[0] += 1
        state[1] += 1


@njit(cache=True, nogil=True)
def _turn(
    first: Floats, last: Floats, line_of: Whole, ends: Floats, bearing: Floats, rim: Int
) -> Floats:
    """Turn the ray once; ``rim`` is the first chord of the rim, which starts at the cut."""
    by_first, by_last = np.argsort(first), np.argsort(last)
    n_spans = len(first)
    active, state = np.empty(n_spans + 1, dtype=np.int64), np.zeros(3, dtype=np.int64)
    ring = np.empty((6 * n_spans + 3 * (len(ends) - rim) + 8, 2))
    angle, current, opening, n_out = -PI, -1, -1, 0
    while angle < PI:
        _pass(angle, state, active, by_first, by_last, first, last, line_of, ends, bearing)
        if bearing[rim, 1] <= angle:
            rim += 1
        until = bearing[rim, 1]
        if state[1] < n_spans:
            until = min(until, first[by_first[state[1]]])
        if state[2] < n_spans:
            until = min(until, last[by_last[state[2]]])
        lead_a = lead_b = rim
        if state[0] > 0:
            wall = line_of[active[0]]
            lead_a = wall if _nearer(wall, rim, angle, ends, bearing) else rim
            lead_b = wall if _nearer(wall, rim, until, ends, bearing) else rim
        if current < 0:
            opening = current = lead_a
            n_out = _add(ring, n_out, _hit(lead_a, angle, ends, bearing))
        elif current != lead_a:
            n_out = _add(ring, n_out, _hit(current, angle, ends, bearing))
            n_out = _add(ring, n_out, _hit(lead_a, angle, ends, bearing))
        if lead_a != lead_b:
            n_out = _add(ring, n_out, _crossing(lead_a, lead_b, ends))
        current, angle = lead_b, until
    if current == opening:
        return ring[1:n_out]  # the cut runs through one wall: no corner there
    return ring[: _add(ring, n_out, _hit(current, PI, ends, bearing))]


@njit(cache=True, nogil=True)
def seen_ring(
    x: float, y: float, inside: bool, rim_xy: Floats, rim_bearing: Floats, reach_m: float,
    segments: Floats, starts: Whole, items: Whole, frame: Floats, shape: Whole,
) -> Floats:  # fmt: skip
    """Return the corners of what is seen from a place, counter-clockwise, m.

    Parameters
    ----------
    inside
        Whether the place lies inside a building: it sees nothing unless it stands on a wall.
    rim_xy, rim_bearing
        Corners of the range around the origin and their bearings from -pi to pi, the first
        repeated as the last.
    reach_m
        Distance of the farthest corner of the range.
    """
    near = near_walls(x, y, reach_m, segments, starts, items, frame, shape)
    n_rim = len(rim_xy) - 1
    ends, bearing = np.empty((len(near) + n_rim, 4)), np.empty((len(near) + n_rim, 2))
    n_lines, n_touched = _facing(x, y, near, segments, ends, bearing)
    if inside and n_touched == 0:
        return np.empty((0, 2))
    ends[n_lines : n_lines + n_rim, :2] = rim_xy[:-1]
    ends[n_lines : n_lines + n_rim, 2:] = rim_xy[1:]
    bearing[n_lines : n_lines + n_rim, 0] = rim_bearing[:-1]
    bearing[n_lines : n_lines + n_rim, 1] = rim_bearing[1:]
    first, last, line_of = _spans(bearing, n_lines)
    n_all = n_lines + n_rim
    ring: Floats = _turn(first, last, line_of, ends[:n_all], bearing[:n_all], n_lines)
    ring[:, 0] += x
    ring[:, 1] += y
    return ring

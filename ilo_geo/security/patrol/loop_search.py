"""The order of a patrol loop: where streets are put in, and how the order is improved.

Streets are numbers; ``between_s`` holds the shortest times between their ends. ``other`` is the
same street driven the other way, -1 where it is one-way.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints

# a second less than this is rounding
EPSILON_S = 1e-6
# a street on the way costs nothing more; worth a second still has to be comparable
LEAST_S = 0.1


@njit(cache=True, nogil=True)
def insert(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    other: Ints,
    worth: Floats,
    visits: Ints,
    budget_s: float,
) -> Ints:
    """Return ``visits`` with streets put in, the most worth for the time added first.

    A street is put in where it adds least; streets of no worth, and those that no longer fit, stay
    out.
    """
    n = len(tail)
    # the loop as a chain: what follows each street, and the base (n) before the first
    follows = np.full(n + 1, -1, np.int64)
    used = np.zeros(n, np.bool_)
    last = n
    for visit in visits:
        follows[last] = visit
        last = visit
        _mark(used, other, visit)
    follows[last] = n
    starts, ends = np.append(tail, base), np.append(head, base)
    left_s = budget_s - _duration_s(between_s, base, tail, head, seconds, visits, len(visits))
    add_s, after = np.full(n, np.inf), np.full(n, -1, np.int64)
    for arc in range(n):
        if worth[arc] > 0.0 and not used[arc]:
            add_s[arc], after[arc] = _best_gap(between_s, starts, ends, seconds, follows, arc)
    while True:
        best = _most_worth(worth, used, add_s, left_s)
        if best < 0:
            break
        before = after[best]
        left_s -= add_s[best]
        follows[best], follows[before] = follows[before], best
        _mark(used, other, best)
        for arc in range(n):
            if used[arc] or worth[arc] <= 0.0:
                continue
            gap = (add_s[arc], after[arc])
            add_s[arc], after[arc] = _gap_now(
                between_s, starts, ends, seconds, follows, arc, gap, before, best
            )
    return _in_order(follows, n)


@njit(cache=True, nogil=True)
def _most_worth(worth: Floats, used: Bools, add_s: Floats, left_s: float) -> int:
    """Return the street that fits with most worth for the time it adds, -1 for none."""
    best, best_rate = -1, 0.0
    for arc in range(len(worth)):
        if not used[arc] and worth[arc] > 0.0 and add_s[arc] <= left_s:
            rate = worth[arc] / max(add_s[arc], LEAST_S)
            if rate > best_rate:
                best, best_rate = arc, rate
    return best


@njit(cache=True, nogil=True)
def _gap_now(
    between_s: Floats,
    starts: Ints,
    ends: Ints,
    seconds: Floats,
    follows: Ints,
    arc: int,
    gap: tuple[float, int],
    before: int,
    new: int,
) -> tuple[float, int]:
    """Return the best gap of ``arc`` after ``new`` was put in behind ``before``."""
    best_s, best = gap
    if best == before:
        # its place was taken
        return _best_gap(between_s, starts, ends, seconds, follows, arc)
    for place in (before, new):
        more_s = _added_s(between_s, starts, ends, seconds, follows, arc, place)
        if more_s < best_s:
            best_s, best = more_s, place
    return best_s, best


@njit(cache=True, nogil=True)
def _added_s(
    between_s: Floats,
    starts: Ints,
    ends: Ints,
    seconds: Floats,
    follows: Ints,
    arc: int,
    place: int,
) -> float:
    """Return the time that ``arc`` adds when driven right after ``place``."""
    next_one = starts[follows[place]]
    way_s = between_s[ends[place], starts[arc]] + seconds[arc] + between_s[ends[arc], next_one]
    return float(way_s - between_s[ends[place], next_one])


@njit(cache=True, nogil=True)
def _best_gap(
    between_s: Floats, starts: Ints, ends: Ints, seconds: Floats, follows: Ints, arc: int
) -> tuple[float, int]:
    """Return the least time that ``arc`` adds, and what it is then driven after."""
    base = len(follows) - 1
    best_s, best, place = np.inf, base, base
    while True:
        more_s = _added_s(between_s, starts, ends, seconds, follows, arc, place)
        if more_s < best_s:
            best_s, best = more_s, place
        place = follows[place]
        if place == base:
            break
    return best_s, best


@njit(cache=True, nogil=True)
def _in_order(follows: Ints, base: int) -> Ints:
    """Return a chain as an array."""
    route = np.empty(base, np.int64)
    size, place = 0, follows[base]
    while place != base:
        route[size] = place
        size, place = size + 1, follows[place]
    return route[:size].copy()


@njit(cache=True, nogil=True)
def improve(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    other: Ints,
    visits: Ints,
) -> Ints:
    """Return ``visits`` in a faster order: single streets moved or turned, stretches reversed."""
    route, size = visits.copy(), len(visits)
    better = True
    while better:
        better = _relocate(between_s, base, tail, head, seconds, other, route, size)
        better = _reverse(between_s, base, tail, head, seconds, other, route, size) or better
    return route


@njit(cache=True, nogil=True)
def _mark(used: Bools, other: Ints, arc: int) -> None:
    used[arc] = True
    if other[arc] >= 0:
        used[other[arc]] = True


@njit(cache=True, nogil=True)
def _duration_s(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    route: Ints,
    size: int,
) -> float:
    total, at = 0.0, base
    for position in range(size):
        arc = route[position]
        total += between_s[at, tail[arc]] + seconds[arc]
        at = head[arc]
    return float(total + between_s[at, base])


@njit(cache=True, nogil=True)
def _cheapest(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    route: Ints,
    size: int,
    arc: int,
) -> tuple[float, int]:
    """Return the least time that ``arc`` adds, and the position where it adds that."""
    best_s, best_at, before = np.inf, 0, base
    for position in range(size + 1):
        after = tail[route[position]] if position < size else base
        way_s = between_s[before, tail[arc]] + seconds[arc] + between_s[head[arc], after]
        add_s = way_s - between_s[before, after]
        if add_s < best_s:
            best_s, best_at = add_s, position
        if position < size:
            before = head[route[position]]
    return best_s, best_at


@njit(cache=True, nogil=True)
def _relocate(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    other: Ints,
    route: Ints,
    size: int,
) -> bool:
    """Move each street to where it adds least, in either direction; return whether any moved."""
    moved = False
    rest = np.empty(max(size - 1, 0), np.int64)
    for position in range(size):
        arc = route[position]
        before = head[route[position - 1]] if position > 0 else base
        after = tail[route[position + 1]] if position + 1 < size else base
        now_s = between_s[before, tail[arc]] + seconds[arc] + between_s[head[arc], after]
        now_s -= between_s[before, after]
        rest[:position] = route[:position]
        rest[position:] = route[position + 1 : size]
        best_s, best_at = _cheapest(between_s, base, tail, head, seconds, rest, size - 1, arc)
        best = arc
        if other[arc] >= 0:
            turned = other[arc]
            turn_s, at = _cheapest(between_s, base, tail, head, seconds, rest, size - 1, turned)
            if turn_s < best_s:
                best_s, best_at, best = turn_s, at, turned
        if best_s < now_s - EPSILON_S:
            route[:best_at] = rest[:best_at]
            route[best_at] = best
            route[best_at + 1 : size] = rest[best_at:]
            moved = True
    return moved


@njit(cache=True, nogil=True)
def _reverse(
    between_s: Floats,
    base: int,
    tail: Ints,
    head: Ints,
    seconds: Floats,
    other: Ints,
    route: Ints,
    size: int,
) -> bool:
    """Drive a stretch backwards where that is faster (2-opt); return whether any was."""
    changed = False
    for first in range(size - 1):
        before = head[route[first - 1]] if first > 0 else base
        along_s, back_s = 0.0, 0.0
        for last in range(first, size):
            turned = other[route[last]]
            if turned < 0:
                break
            along_s += seconds[route[last]]
            back_s += seconds[turned]
            if last == first:
                continue
            earlier = route[last - 1]
            along_s += between_s[head[earlier], tail[route[last]]]
            back_s += between_s[head[turned], tail[other[earlier]]]
            after = tail[route[last + 1]] if last + 1 < size else base
            now_s = between_s[before, tail[route[first]]] + along_s
            now_s += between_s[head[route[last]], after]
            new_s = between_s[before, tail[turned]] + back_s
            new_s += between_s[head[other[route[first]]], after]
            if new_s < now_s - EPSILON_S:
                stretch = other[route[first : last + 1]][::-1].copy()
                route[first : last + 1] = stretch
                changed = True
                break
    return changed

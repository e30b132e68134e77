"""Protocol buffers of OpenStreetMap's PBF format, decoded in compiled loops.

Only what tells where things are; every length is held against the end of what contains it, so that
a broken or malicious file raises ValueError and reads no memory beside its own.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Places = NDArray[np.int32]

VARINT_BITS = 64
VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
HIGHEST = np.int64(2**63 - 1)


@njit(cache=True, nogil=True)
def varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the number at a position and the position after it."""
    value = np.int64(0)
    shift = np.int64(0)
    while at < end and shift < VARINT_BITS:
        byte = np.int64(data[at])
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("varint")


@njit(cache=True, nogil=True)
def unzigzag(value: int) -> int:
    """Return the signed number that a zigzag number stands for."""
    return ((value >> 1) & HIGHEST) ^ -(value & 1)


@njit(cache=True, nogil=True)
def fields(data: Bytes, start: int, end: int) -> Longs:
    """Return the fields of a message, one row each: number, start and end of its content.

    A plain number has its value for start and -1 for end.
    """
    rows = np.empty((8, 3), np.int64)
    n = 0
    at = start
    while at < end:
        key, at = varint(data, at, end)
        if n == len(rows):
            wider = np.empty((2 * n, 3), np.int64)
            wider[:n] = rows
            rows = wider
        rows[n, 0] = key >> 3
        wire = key & 7
        if wire == VARINT:
            rows[n, 1], at = varint(data, at, end)
            rows[n, 2] = -1
        else:
            if wire == LENGTH:
                size, at = varint(data, at, end)
            elif wire == FIXED_64:
                size = 8
            elif wire == FIXED_32:
                size = 4
            else:
                raise ValueError("wire type")
            if size < 0 or size > end - at:
                raise ValueError("length")
            rows[n, 1] = at
            at += size
            rows[n, 2] = at
        n += 1
    return rows[:n].copy()


@njit(cache=True, nogil=True)
def packed(data: Bytes, start: int, end: int, delta: bool) -> Longs:
    """Return a packed list of numbers; with ``delta`` signed, each added to the one before."""
    n = 0
    for at in range(start, end):
        n += data[at] < 128
    values = np.empty(n, np.int64)
    at = start
    total = np.int64(0)
    for i in range(n):
        value, at = varint(data, at, end)
        if delta:
            total += unzigzag(value)
            value = total
        values[i] = value
    if at != end:
        raise ValueError("packed")
    return values


@njit(cache=True, nogil=True)
def packed_of(data: Bytes, messages: Longs, field: int, delta: bool) -> tuple[Longs, Longs]:
    """Return one packed list of each message, joined, and where each begins and the last ends."""
    offsets = np.zeros(len(messages) + 1, np.int64)
    values = np.empty(16 * len(messages) + 16, np.int64)
    n = 0
    for i in range(len(messages)):
        rows = fields(data, messages[i, 1], messages[i, 2])
        for row in range(len(rows)):
            if rows[row, 0] != field or rows[row, 2] < 0:
                continue
            part = packed(data, rows[row, 1], rows[row, 2], delta)
            if n + len(part) > len(values):
                wider = np.empty(2 * (n + len(part)), np.int64)
                wider[:n] = values[:n]
                values = wider
            values[n : n + len(part)] = part
            n += len(part)
        offsets[i + 1] = n
    return values[:n].copy(), offsets


@njit(cache=True, nogil=True)
def numbers_of(data: Bytes, messages: Longs, field: int) -> Longs:
    """Return one plain number of each message, 0 where it has none."""
    values = np.zeros(len(messages), np.int64)
    for i in range(len(messages)):
        at, end = messages[i, 1], messages[i, 2]
        # the id comes first in what every writer writes: look no further once it is found
        while at < end:
            key, at = varint(data, at, end)
            wire = key & 7
            if wire == VARINT:
                value, at = varint(data, at, end)
                if key >> 3 == field:
                    values[i] = value
                    break
            elif wire == LENGTH:
                size, at = varint(data, at, end)
                if size < 0 or size > end - at:
                    raise ValueError("length")
                at += size
            else:
                raise ValueError("wire type")
    return values


@njit(cache=True, nogil=True)
def tag_offsets(keys_values: Longs, n_nodes: int) -> Longs:
    """Return where the tags of each dense node begin; each list ends with a 0."""
    offsets = np.zeros(n_nodes + 1, np.int64)
    node = 0
    at = 0
    while at < len(keys_values):
        if node == n_nodes:
            raise ValueError("keys_vals")
        if keys_values[at] == 0:
            node += 1
            at += 1
            offsets[node] = at
        else:
            at += 2
    if at != len(keys_values) or (node != n_nodes and len(keys_values)):
        raise ValueError("keys_vals")
    return offsets


@njit(cache=True, nogil=True)
def bucket_starts(ids: Longs, width: int, n_buckets: int) -> Longs:
    """Return the first position of each bucket of ascending ids, and the end of the last."""
    starts = np.zeros(n_buckets + 1, np.int64)
    bucket = 0
    for position in range(len(ids)):
        of_this = (ids[position] - ids[0]) // width
        while bucket < of_this:
            bucket += 1
            starts[bucket] = position
    while bucket < n_buckets:
        bucket += 1
        starts[bucket] = len(ids)
    return starts


@njit(cache=True, nogil=True)
def positions(ids: Longs, starts: Longs, width: int, wanted: Longs) -> Longs:
    """Return where each wanted id is among ascending ids, -1 where it is not."""
    found = np.full(len(wanted), -1, np.int64)
    last = -1
    for i in range(len(wanted)):
        one = wanted[i]
        # the nodes of a way were mostly made one after another
        if last + 1 < len(ids) and ids[last + 1] == one:
            last += 1
            found[i] = last
            continue
        if len(ids) == 0 or one < ids[0] or one > ids[-1]:
            continue
        bucket = (one - ids[0]) // width
        low, high = starts[bucket], starts[bucket + 1]
        while low < high:
            middle = (low + high) // 2
            if ids[middle] < one:
                low = middle + 1
            else:
                high = middle
        if low < len(ids) and ids[low] == one:
            last = low
            found[i] = low
    return found

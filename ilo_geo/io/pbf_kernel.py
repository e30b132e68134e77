"""Protocol buffers of OpenStreetMap's PBF format, decoded in compiled loops.

Only what tells where things are; every length is held against the end of what contains it, so that
a broken or malicious file raises ValueError and reads no memory beside its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Places = NDArray[np.int32]

VARINT_BITS = 64
VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
HIGHEST = 2**63 - 1


@njit(cache=True, nogil=True)
def varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return the number at a position and the position after it."""
    value = 0
    shift = 0
    while at < end and shift < VARINT_BITS:
        byte: Any = np.int64(data[at])
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
def next_field(data: Bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Return the field at a position: number, start and end of its content, the position after it.

    A plain number has its value for start and -1 for end.
    """
    key, at = varint(data, at, end)
    wire = key & 7
    if wire == VARINT:
        value, at = varint(data, at, end)
        return key >> 3, value, -1, at
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
    return key >> 3, at, at + size, at + size


@njit(cache=True, nogil=True)
def fields(data: Bytes, start: int, end: int) -> Longs:
    """Return the fields of a message, one row each: number, start, end as `next_field` has them."""
    rows = np.empty((8, 3), np.int64)
    n = 0
    at = start
    while at < end:
        if n == len(rows):
            rows = np.concatenate((rows, np.empty_like(rows)))
        number, low, high, at = next_field(data, at, end)
        rows[n] = number, low, high
        n += 1
    return rows[:n].copy()


@njit(cache=True, nogil=True)
def put_packed(data: Bytes, start: int, end: int, delta: bool, values: Longs, n: int) -> int:
    """Write a packed list of numbers from place ``n`` and return the place after the last.

    With ``delta`` they are signed and each is added to the one before.
    """
    at = start
    total = 0
    while at < end:
        value, at = varint(data, at, end)
        if delta:
            total += unzigzag(value)
            value = total
        values[n] = value
        n += 1
    return n


@njit(cache=True, nogil=True)
def packed_of(data: Bytes, messages: Longs, field: int, delta: bool) -> tuple[Longs, Longs]:
    """Return one packed list of each message, joined, and where each begins and the last ends."""
    offsets = np.zeros(len(messages) + 1, np.int64)
    values = np.empty(16 * len(messages) + 16, np.int64)
    n = 0
    for i in range(len(messages)):
        at, message_end = messages[i, 1], messages[i, 2]
        while at < message_end:
            number, low, high, at = next_field(data, at, message_end)
            if number != field or high < 0:
                continue
            # a number has a byte at least
            if n + high - low > len(values):
                more = np.empty(n + high - low, np.int64)
                values = np.concatenate((values, more))
            n = put_packed(data, low, high, delta, values, n)
        offsets[i + 1] = n
    return values[:n].copy(), offsets


@njit(cache=True, nogil=True)
def numbers_of(data: Bytes, messages: Longs, field: int) -> Longs:
    """Return one plain number of each message, 0 where it has none."""
    values = np.zeros(len(messages), np.int64)
    for i in range(len(messages)):
        at, end = messages[i, 1], messages[i, 2]
        while at < end:
            number, low, high, at = next_field(data, at, end)
            if number == field and high < 0:
                values[i] = low
                # the id comes first in what every writer writes
                break
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

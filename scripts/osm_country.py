"""Makes a country's PBF file out of a city's: its blocks many times over, ids and places shifted.

Each copy also gets a walk of untagged nodes, as dense nodes make up most of a real country. The
file is sorted by type and id and packed as Geofabrik's are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numba import njit

from ilo_geo.io.pbf import blobs
from ilo_geo.io.pbf import unpacked
from ilo_geo.io.pbf_kernel import fields
from ilo_geo.io.pbf_kernel import unzigzag
from ilo_geo.io.pbf_kernel import varint

COLUMNS = 16
# of the city's own box; of all its ids
STEP_DEG = (0.15, 0.14)
ID_STEP = 8_000_000_000
FIRST_FILLER = 7_900_000_000
FILLERS = 104_000
FILLERS_PER_BLOCK = 8_000
PLACES_PER_DEG = 10_000_000
DENSE, WAY, RELATION = 2, 3, 4
SEED = 20261129


@njit(nogil=True)
def put_varint(out: np.ndarray, at: int, value: int) -> int:
    """Write a number and return the position after it."""
    while value > 127:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(nogil=True)
def put_signed(out: np.ndarray, at: int, value: int) -> int:
    """Write a signed number in zigzag."""
    return put_varint(out, at, (value << 1) ^ (value >> 63))


@njit(nogil=True)
def put_shifted(data, row, group, shift, out, at):  # type: ignore[no-untyped-def]
    """Copy one field of a dense, way or relation message, its first number or id shifted."""
    number, low, high = row
    if high < 0:
        at = put_varint(out, at, number << 3)
        return put_varint(out, at, low + shift[0] if number == 1 else low)
    which = -1
    if (group == DENSE and number == 1) or (group, number) in ((WAY, 8), (RELATION, 9)):
        which = 0
    elif group == DENSE and number in (8, 9):
        which = number - 7
    at = put_varint(out, at, number << 3 | 2)
    if which < 0 or low == high:
        at = put_varint(out, at, high - low)
        out[at : at + high - low] = data[low:high]
        return at + high - low
    value, rest = varint(data, low, high)
    first = np.empty(10, np.uint8)
    n = put_signed(first, 0, unzigzag(value) + shift[which])
    at = put_varint(out, at, n + high - rest)
    out[at : at + n] = first[:n]
    at += n
    out[at : at + high - rest] = data[rest:high]
    return at + high - rest


@njit(nogil=True)
def shifted(data: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return a block with its ids, latitudes and longitudes shifted."""
    out = np.empty(2 * len(data) + 1024, np.uint8)
    group_out = np.empty(len(out), np.uint8)
    message_out = np.empty(len(out), np.uint8)
    at = 0
    for top in fields(data, 0, len(data)):
        if top[0] != 2:
            at = put_varint(out, at, top[0] << 3 | (0 if top[2] < 0 else 2))
            at = put_varint(out, at, top[1] if top[2] < 0 else top[2] - top[1])
            if top[2] >= 0:
                out[at : at + top[2] - top[1]] = data[top[1] : top[2]]
                at += top[2] - top[1]
            continue
        n_group = 0
        for message in fields(data, top[1], top[2]):
            n = 0
            for row in fields(data, message[1], message[2]):
                n = put_shifted(data, row, message[0], shift, message_out, n)
            n_group = put_varint(group_out, n_group, message[0] << 3 | 2)
            n_group = put_varint(group_out, n_group, n)
            group_out[n_group : n_group + n] = message_out[:n]
            n_group += n
        at = put_varint(out, at, 2 << 3 | 2)
        at = put_varint(out, at, n_group)
        out[at : at + n_group] = group_out[:n_group]
        at += n_group
    return out[:at].copy()


@njit(nogil=True)
def deltas(values: np.ndarray) -> np.ndarray:
    """Return signed numbers packed, each less the one before."""
    out = np.empty(10 * len(values), np.uint8)
    at = 0
    before = np.int64(0)
    for value in values:
        at = put_signed(out, at, value - before)
        before = value
    return out[:at].copy()


def field(number: int, content: bytes) -> bytes:
    """Return one field of bytes."""
    head = np.empty(20, np.uint8)
    n = put_varint(head, put_varint(head, 0, number << 3 | 2), len(content))
    return head[:n].tobytes() + content


def number_field(number: int, value: int) -> bytes:
    """Return one field of a plain number."""
    head = np.empty(20, np.uint8)
    return head[: put_varint(head, put_varint(head, 0, number << 3), value)].tobytes()


def framed(kind: str, raw: bytes) -> bytes:
    """Return a block as the file holds it: sizes, header, packed content."""
    blob = number_field(2, len(raw)) + field(3, zlib.compress(raw))
    header = field(1, kind.encode()) + number_field(3, len(blob))
    return len(header).to_bytes(4, "big") + header + blob


def filler_blocks(lon_deg: float, lat_deg: float) -> Iterator[tuple[int, np.ndarray]]:
    """Yield blocks of untagged nodes that wander through the city."""
    rng = np.random.default_rng(SEED)
    ids = FIRST_FILLER + np.cumsum(rng.integers(1, 40, FILLERS))
    lat, lon = (
        int(start * PLACES_PER_DEG) + np.cumsum(rng.integers(-300, 301, FILLERS))
        for start in (lat_deg, lon_deg)
    )
    for low in range(0, FILLERS, FILLERS_PER_BLOCK):
        part = slice(low, low + FILLERS_PER_BLOCK)
        columns = ((1, ids), (8, lat), (9, lon))
        dense = b"".join(field(n, deltas(values[part]).tobytes()) for n, values in columns)
        raw = field(1, field(1, b"")) + field(2, field(DENSE, dense))
        yield DENSE, np.frombuffer(raw, np.uint8)


def make_country(city: Path, country: Path, n_copies: int) -> None:
    """Write the file; its first copy is the city itself, nothing shifted."""
    with city.open("rb") as file:
        header, *content = blobs(file)
    blocks = []
    for blob in content:
        data = unpacked(blob)
        groups = [row for row in fields(data, 0, len(data)).tolist() if row[0] == 2]
        kinds = {int(fields(data, low, high)[0, 0]) for _, low, high in groups}
        blocks += [(kind, data) for kind in kinds]
    nodes = [b for b in blocks if b[0] == DENSE] + list(filler_blocks(-51.2, -30.05))
    tables = nodes, [b for b in blocks if b[0] == WAY], [b for b in blocks if b[0] == RELATION]

    def one(table: int, copy: int) -> bytes:
        row, column = divmod(copy, COLUMNS)
        degrees = row * STEP_DEG[1], column * STEP_DEG[0]
        shift = [copy * ID_STEP, *(round(step * PLACES_PER_DEG) for step in degrees)]
        moved = np.array(shift, np.int64)
        return b"".join(
            framed("OSMData", shifted(data, moved).tobytes()) for _, data in tables[table]
        )

    with country.open("wb") as out, ThreadPoolExecutor(2) as pool:
        out.write(framed("OSMHeader", unpacked(header).tobytes()))
        for table in range(len(tables)):
            for packed_copy in pool.map(one, [table] * n_copies, range(n_copies)):
                out.write(packed_copy)

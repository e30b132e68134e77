"""Opens the blocks of an OpenStreetMap PBF file one after another, on all cores, in file order.

After the format's description on the OpenStreetMap wiki ("PBF Format") and its two .proto files,
from memory; held against osmium's own reading in the tests.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from ilo_geo.io.pbf_kernel import Bytes
from ilo_geo.io.pbf_kernel import Longs
from ilo_geo.io.pbf_kernel import Places
from ilo_geo.io.pbf_kernel import fields
from ilo_geo.io.pbf_kernel import numbers_of
from ilo_geo.io.pbf_kernel import packed_of
from ilo_geo.io.pbf_kernel import tag_offsets

# the format's own limits
MAX_HEADER_BYTES = 64 * 1024
MAX_BLOB_BYTES = 32 * 1024 * 1024
SIZE_BYTES = 4
# positions are kept as osmium does, in 1e-7 degree; files count in 1e-9
NANO_PER_PLACE = 100
DEFAULT_GRANULARITY = 100
# Blob: how the content is packed
RAW, RAW_SIZE, ZLIB = 1, 2, 3
PACKINGS = {4: "lzma", 5: "bzip2", 6: "lz4", 7: "zstd"}
# HeaderBlock
REQUIRED = 4
KNOWN_FEATURES = {"OsmSchema-V0.6", "DenseNodes"}
REPLICATION_TIMESTAMP = 32
# PrimitiveGroup
NODE, DENSE, WAY, RELATION = 1, 2, 3, 4
KEYS, VALUES, REFS = 2, 3, 8
BLOCKS_AHEAD = 4


class UnsupportedError(ValueError):
    """The file is sound but uses what is not read here."""


@dataclass(frozen=True)
class Blob:
    """A packed block: its kind, its bytes, where it begins in the file and where it ends."""

    kind: str
    packed: bytes
    start: int
    end: int


def blobs(file: BinaryIO) -> Iterator[Blob]:
    """Yield the blobs of a file from where it stands.

    Raises
    ------
    ValueError
        The file is cut, or a blob claims to be larger than the format allows.
    """
    while True:
        start = file.tell()
        size = file.read(SIZE_BYTES)
        if not size:
            return
        header = _exactly(file, int.from_bytes(size, "big"), MAX_HEADER_BYTES, "BlobHeader")
        kind, n_bytes = "", -1
        for number, low, high in fields(header, 0, len(header)).tolist():
            if number == 1:
                kind = bytes(header[low:high]).decode()
            elif number == 3:
                n_bytes = low
        content = _exactly(file, n_bytes, MAX_BLOB_BYTES, "Blob")
        yield Blob(kind, content.tobytes(), start, file.tell())


def _exactly(file: BinaryIO, n_bytes: int, most: int, what: str) -> Bytes:
    if not 0 <= n_bytes <= most:
        raise ValueError(f"{what} {n_bytes} > {most} B")
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise ValueError(f"{what} {len(content)} < {n_bytes} B")
    return np.frombuffer(content, np.uint8)


def unpacked(blob: Blob) -> Bytes:
    """Return the content of a blob, never more than the format allows."""
    data = np.frombuffer(blob.packed, np.uint8)
    raw_size = -1
    content = None
    for number, low, high in fields(data, 0, len(data)).tolist():
        if number == RAW_SIZE:
            raw_size = low
        elif number in (RAW, ZLIB):
            content = number, blob.packed[low:high]
        elif number in PACKINGS:
            raise UnsupportedError(PACKINGS[number])
    if content is None:
        raise ValueError("Blob")
    if content[0] == RAW:
        return np.frombuffer(content[1], np.uint8)
    if not 0 <= raw_size <= MAX_BLOB_BYTES:
        raise ValueError(f"raw_size {raw_size} > {MAX_BLOB_BYTES} B")
    try:
        raw = zlib.decompressobj().decompress(content[1], raw_size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(raw) != raw_size:
        raise ValueError(f"raw_size {raw_size} != {len(raw)} B")
    return np.frombuffer(raw, np.uint8)


def header_time(blob: Blob) -> int | None:
    """Return when the data were current, seconds since 1970, by the first blob of a file."""
    if blob.kind != "OSMHeader":
        raise ValueError(f"OSMHeader != {blob.kind[:20]!r}")
    data = unpacked(blob)
    time_s = None
    for number, low, high in fields(data, 0, len(data)).tolist():
        if number == REPLICATION_TIMESTAMP:
            time_s = low
        elif number == REQUIRED and (name := data[low:high].tobytes().decode()) not in (
            KNOWN_FEATURES
        ):
            raise UnsupportedError(name)
    return time_s


@dataclass(frozen=True)
class Block:
    """An open block.

    Attributes
    ----------
    start, end
        Bytes of the file it was in.
    data
        Its content.
    strings, ways, relations
        Where each string and message lies in it, as rows of `pbf_kernel.fields`.
    way_ids, refs, offsets
        Its ways, their nodes joined, and where those of each way begin and of the last end.
    node_ids, lon, lat
        Its nodes; positions in 1e-7 degree.
    keys_values
        Tags of its nodes as places of strings, 0 after the last of each node; maybe none at all.
    """

    start: int
    end: int
    data: Bytes
    strings: Longs
    ways: Longs
    relations: Longs
    way_ids: Longs
    refs: Longs
    offsets: Longs
    node_ids: Longs
    lon: Places
    lat: Places
    keys_values: Longs

    def packed(self, messages: Longs, field: int) -> list[Longs]:
        """Return one packed list of each message."""
        values, offsets = packed_of(self.data, messages, field, False)
        return np.split(values, offsets[1:-1]) if len(messages) else []

    def tags(self, messages: Longs) -> list[dict[str, str]]:
        """Return the tags of ways or relations."""
        pairs = zip(self.packed(messages, KEYS), self.packed(messages, VALUES), strict=True)
        return [self._tags(keys, values) for keys, values in pairs]

    def node_tags(self, chosen: Longs) -> list[dict[str, str]]:
        """Return the tags of the nodes at some positions."""
        offsets = tag_offsets(self.keys_values, len(self.node_ids))
        parts = [self.keys_values[offsets[i] : offsets[i + 1] - 1] for i in chosen.tolist()]
        return [self._tags(part[::2], part[1::2]) for part in parts]

    def _tags(self, keys: Longs, values: Longs) -> dict[str, str]:
        if len(keys) != len(values):
            raise ValueError("keys")
        pairs = zip(keys.tolist(), values.tolist(), strict=True)
        return {self.string(key): self.string(value) for key, value in pairs}

    def string(self, place: int) -> str:
        """Return one string of the table."""
        if not 0 <= place < len(self.strings):
            raise ValueError("string table")
        _, low, high = self.strings[place].tolist()
        return self.data[low:high].tobytes().decode()


def open_block(blob: Blob) -> Block:
    """Return a block unpacked and its nodes decoded."""
    data = unpacked(blob)
    scale = {17: DEFAULT_GRANULARITY, 19: 0, 20: 0}
    rows = fields(data, 0, len(data))
    scale |= {number: low for number, low, high in rows.tolist() if high < 0 and number in scale}
    inner = {
        number: [
            fields(data, low, high) for n, low, high in rows.tolist() if n == number and high >= 0
        ]
        for number in (1, 2)
    }
    groups = _joined(inner[2])
    if (groups[:, 0] == NODE).any():
        raise UnsupportedError("no DenseNodes")
    node_ids, lon, lat, keys_values = _dense(data, groups[groups[:, 0] == DENSE])
    ways = _messages(groups, WAY)
    refs, offsets = packed_of(data, ways, REFS, True)
    granularity, lat_offset, lon_offset = scale[17], scale[19], scale[20]
    return Block(
        blob.start,
        blob.end,
        data,
        strings=_joined(inner[1]),
        ways=ways,
        relations=_messages(groups, RELATION),
        way_ids=numbers_of(data, ways, 1),
        refs=refs,
        offsets=offsets,
        node_ids=node_ids,
        lon=_places(lon, granularity, lon_offset),
        lat=_places(lat, granularity, lat_offset),
        keys_values=keys_values,
    )


def _places(values: Longs, granularity: int, offset: int) -> Places:
    nano = values * granularity + offset
    # towards zero, as osmium divides
    places: Places = (np.sign(nano) * (np.abs(nano) // NANO_PER_PLACE)).astype(np.int32)
    return places


def _joined(parts: list[Longs]) -> Longs:
    return np.concatenate([np.empty((0, 3), np.int64), *parts])


def _messages(groups: Longs, number: int) -> Longs:
    rows: Longs = groups[groups[:, 0] == number]
    if (rows[:, 2] < 0).any():
        raise ValueError("PrimitiveGroup")
    return rows


def _dense(data: Bytes, messages: Longs) -> tuple[Longs, Longs, Longs, Longs]:
    ids, lat, lon = (packed_of(data, messages, number, True)[0] for number in (1, 8, 9))
    keys_values = packed_of(data, messages, 10, False)[0]
    if not len(ids) == len(lat) == len(lon):
        raise ValueError("DenseNodes")
    return ids, lon, lat, keys_values


def open_blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield the blocks of an open file, in its order, opened ahead on every core."""
    data = (blob for blob in blobs(file) if blob.kind == "OSMData")
    n_workers = os.cpu_count() or 1
    with ThreadPoolExecutor(n_workers) as pool:
        waiting: deque[Future[Block]] = deque()
        try:
            for blob in data:
                waiting.append(pool.submit(open_block, blob))
                if len(waiting) >= BLOCKS_AHEAD * n_workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

"""Vector tiles of a layer in one PMTiles file: GDAL writes it, a tile is read by its place in it.

The file is that of the PMTiles specification, version 3: a header of 127 bytes, directories of
tiles in the order of a Hilbert curve, and tiles that are gzipped already.
"""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataSourceError

from ilo_geo.core.errors import InputError
from ilo_geo.io.workspace import atomic_path

SUFFIX = ".pmtiles"
MIN_ZOOM, MAX_ZOOM = 14, 16
EXTENT, BUFFER = 4096, 64
# where a tile would be larger GDAL leaves the smallest features out; from zoom 15 on Ilo's fit
MAX_TILE_BYTES = 50_000
MAX_TILE_FEATURES = 200_000
HEADER = struct.Struct("<7sB11Q")
MAGIC = b"PMTiles"
HEADER_BYTES = 127


@dataclass(frozen=True)
class TileIndex:
    """Where each tile of a file lies: offset and length by Hilbert number."""

    path: Path
    places: dict[int, tuple[int, int]]

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a gzipped tile, or None where there is nothing to draw."""
        place = self.places.get(tile_number(zoom, column, row))
        if place is None:
            return None
        with self.path.open("rb") as stream:
            stream.seek(place[0])
            return stream.read(place[1])


def write_tiles(frame: gpd.GeoDataFrame, path: Path, *, layer: str) -> None:
    """Write the features of ``frame`` as tiles, whole or not at all.

    GDAL holds the interpreter while it cuts tiles, so another process does it: who asks for a page
    meanwhile gets it.

    Raises
    ------
    WorkspaceError
        The disk refused, or the process was killed.
    """
    with atomic_path(path) as temporary:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))
        with pool:
            try:
                pool.submit(_cut, frame, temporary, layer).result()
            except BrokenProcessPool as error:
                raise OSError(str(error)) from error


def _cut(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    pyogrio.set_gdal_config_options({"CPL_LOG": os.devnull})
    options = {
        "NAME": layer,
        "MINZOOM": str(MIN_ZOOM),
        "MAXZOOM": str(MAX_ZOOM),
        "EXTENT": str(EXTENT),
        "BUFFER": str(BUFFER),
        "MAX_SIZE": str(MAX_TILE_BYTES),
        "MAX_FEATURES": str(MAX_TILE_FEATURES),
    }
    try:
        pyogrio.write_dataframe(frame, path, driver="PMTiles", layer=layer, dataset_options=options)
    except DataSourceError as error:
        raise OSError(str(error)) from error


def read_index(path: Path) -> TileIndex:
    """Return where the tiles of a PMTiles file lie.

    Raises
    ------
    InputError
        It is no PMTiles file, or is truncated.
    """
    content_bytes = path.stat().st_size
    with path.open("rb") as stream:
        header = stream.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or header[:7] != MAGIC:
            raise _unreadable(path)
        _, _, root_at, root_bytes, _, _, leaves_at, _, tiles_at, tiles_bytes, *_ = (
            HEADER.unpack_from(header)
        )
        if tiles_at + tiles_bytes > content_bytes:
            raise _unreadable(path)

        def read(offset: int, length: int) -> bytes:
            stream.seek(offset)
            return gzip.decompress(stream.read(length))

        places: dict[int, tuple[int, int]] = {}
        waiting = [(root_at, root_bytes)]
        while waiting:
            for number, run, length, offset in _entries(read(*waiting.pop())):
                if run == 0:
                    waiting.append((leaves_at + offset, length))
                for step in range(run):
                    places[number + step] = (tiles_at + offset, length)
    return TileIndex(path, places)


def _unreadable(path: Path) -> InputError:
    return InputError(
        "file.unreadable", where=path.name, found="no PMTiles", expected="a whole PMTiles file"
    )


def _entries(directory: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield number of the first tile, tiles in a run (0: a leaf), length and offset."""
    values = _varints(directory)
    n = next(values)
    steps, runs, lengths, offsets = ([next(values) for _ in range(n)] for _ in range(4))
    number = offset = 0
    for row in range(n):
        number += steps[row]
        # 0 means: right behind the one before
        offset = offset + lengths[row - 1] if offsets[row] == 0 and row else offsets[row] - 1
        yield number, runs[row], lengths[row], offset


def _varints(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def tile_number(zoom: int, column: int, row: int) -> int:
    """Return the number of a tile: all of the lower zooms, then its place on the Hilbert curve."""
    number = ((1 << 2 * zoom) - 1) // 3
    x, y = column, row
    side = 1 << zoom
    half = side >> 1
    while half:
        right, low = int(bool(x & half)), int(bool(y & half))
        number += half * half * ((3 * right) ^ low)
        if low == 0:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        half >>= 1
    return number

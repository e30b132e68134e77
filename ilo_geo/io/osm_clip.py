"""Finds what meets a box in a country's PBF file, in one pass and little memory.

Each node gets the code of the side of the box it is on (Cohen & Sutherland); a way or an area whose
nodes have no side in common may meet the box, even with no node in it. Those are kept whole, with
what their areas need; of all else only ids and positions stay, 21 bytes a node and 9 a way.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import shapely

from ilo_geo.core.progress import Progress
from ilo_geo.io.pbf import Block
from ilo_geo.io.pbf import UnsupportedError
from ilo_geo.io.pbf import blobs
from ilo_geo.io.pbf import header_time
from ilo_geo.io.pbf import open_block
from ilo_geo.io.pbf import open_blocks
from ilo_geo.io.pbf_kernel import Longs
from ilo_geo.io.pbf_kernel import Places
from ilo_geo.io.pbf_kernel import bucket_starts
from ilo_geo.io.pbf_kernel import numbers_of
from ilo_geo.io.pbf_kernel import packed_of
from ilo_geo.io.pbf_kernel import positions

PLACES_PER_DEG = 10_000_000
LEFT, RIGHT, BELOW, ABOVE = 1, 2, 4, 8
# of what is not in the file: on every side, so it decides nothing
NOWHERE = 15
ROLES, MEMBERS, MEMBER_KINDS = 8, 9, 10
WAY_MEMBER = 1
IDS_PER_BUCKET = 8
MIN_LINE_VERTICES = 2

Codes = npt.NDArray[np.uint8]
Tags = dict[str, str]


@dataclass(frozen=True)
class Clip:
    """What may meet a box, as it is in the file.

    Attributes
    ----------
    time_s
        When the data were current, seconds since 1970, or None.
    is_empty
        Whether the whole file holds neither nodes nor ways.
    points
        Id, tags and position of the tagged nodes.
    ways
        Tags and line of each way by its id, those that only close an area included.
    relations
        Id, tags and the ways with their roles.
    incomplete
        Ids of ways whose nodes are not in the file, or that have no length.
    """

    time_s: int | None
    is_empty: bool
    points: list[tuple[int, Tags, shapely.Point]]
    ways: dict[int, tuple[Tags, shapely.LineString]]
    relations: list[tuple[int, Tags, list[tuple[int, str]]]]
    incomplete: list[int]


def read_clip(
    path: Path, bounds_deg: tuple[float, ...], kinds: tuple[str, ...], progress: Progress
) -> Clip:
    """Return what may meet a box in a PBF file sorted by type and id.

    Parameters
    ----------
    bounds_deg
        West, south, east, north.
    kinds
        Types of relation that are areas.

    Raises
    ------
    UnsupportedError
        The file is not sorted, or uses what is not read here.
    ValueError
        The file is cut or broken.
    """
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        first = next(blobs(file), None)
        if first is None:
            raise ValueError("0 B")
        time_s = header_time(first)
        scan = _Scan(np.array(bounds_deg) * PLACES_PER_DEG, kinds)
        for block in open_blocks(file):
            scan.add(block)
            progress("progress.read_osm", block.end / n_bytes)
        scan.add_member_ways(file)
    ways, incomplete = scan.lines()
    is_empty = not len(scan.nodes.ids) and not len(scan.ways.ids)
    return Clip(time_s, is_empty, scan.points, ways, scan.relations, incomplete)


@dataclass
class _Directory:
    """Ascending ids and the sides they are on; filled block by block, then closed."""

    parts: list[tuple[Longs, Codes]] = field(default_factory=list)
    last: int = np.iinfo(np.int64).min
    ids: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    codes: Codes = field(default_factory=lambda: np.empty(0, np.uint8))
    starts: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    width: int = 1
    is_closed: bool = False

    def add(self, ids: Longs, codes: Codes) -> None:
        if self.is_closed or ids[0] <= self.last or (np.diff(ids) <= 0).any():
            raise UnsupportedError("no Sort.Type_then_ID")
        self.last = int(ids[-1])
        self.parts.append((ids, codes))

    def close(self) -> None:
        """Join the parts and index them; nothing may be added afterwards."""
        if self.is_closed:
            return
        self.is_closed = True
        ids, codes = zip(*self.parts, strict=True) if self.parts else ((), ())
        self.parts = []
        self.ids = np.concatenate([self.ids, *ids])
        self.codes = np.concatenate([self.codes, *codes, np.array([NOWHERE], np.uint8)])
        span = int(self.ids[-1] - self.ids[0]) + 1 if len(self.ids) else 1
        self.width = max(1, span * IDS_PER_BUCKET // max(1, len(self.ids)))
        self.starts = bucket_starts(self.ids, self.width, span // self.width + 1)

    def find(self, wanted: Longs) -> Longs:
        """Return the place of each id, -1 where it is absent."""
        self.close()
        return positions(self.ids, self.starts, self.width, wanted)

    def codes_of(self, wanted: Longs) -> Codes:
        return self.codes[self.find(wanted)]


@dataclass
class _Scan:
    """What the blocks seen so far hold of the box, given in 1e-7 degree."""

    box: npt.NDArray[np.float64]
    kinds: tuple[str, ...]
    nodes: _Directory = field(default_factory=_Directory)
    ways: _Directory = field(default_factory=_Directory)
    lon: list[Places] = field(default_factory=list)
    lat: list[Places] = field(default_factory=list)
    points: list[tuple[int, Tags, shapely.Point]] = field(default_factory=list)
    relations: list[tuple[int, Tags, list[tuple[int, str]]]] = field(default_factory=list)
    kept: dict[int, tuple[Tags, Longs]] = field(default_factory=dict)
    way_blocks: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, block: Block) -> None:
        if len(block.node_ids):
            self._add_nodes(block)
        if len(block.ways):
            self.nodes.close()
            self._add_ways(block)
        if len(block.relations):
            self.nodes.close()
            self.ways.close()
            self._add_relations(block)

    def _add_nodes(self, block: Block) -> None:
        west, south, east, north = self.box
        # so written that of an empty area, whose box is NaN, everything is outside
        codes = (
            LEFT * ~(block.lon >= west)
            + RIGHT * ~(block.lon <= east)
            + BELOW * ~(block.lat >= south)
            + ABOVE * ~(block.lat <= north)
        ).astype(np.uint8)
        self.nodes.add(block.node_ids, codes)
        self.lon.append(block.lon)
        self.lat.append(block.lat)
        inside = np.flatnonzero(codes == 0)
        if not len(inside) or not len(block.keys_values):
            return
        for i, tags in zip(inside.tolist(), block.node_tags(inside), strict=True):
            if tags:
                at = shapely.Point(block.lon[i] / PLACES_PER_DEG, block.lat[i] / PLACES_PER_DEG)
                self.points.append((int(block.node_ids[i]), tags, at))

    def _add_ways(self, block: Block) -> None:
        codes = _shared(self.nodes.codes_of(block.refs), block.offsets)
        self.ways.add(block.way_ids, codes)
        self.way_blocks.append((int(block.way_ids[0]), int(block.way_ids[-1]), block.start))
        self._keep(block, codes == 0)

    def _keep(self, block: Block, chosen: npt.NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(chosen)
        for row, tags in zip(rows, block.tags(block.ways[rows]), strict=True):
            nodes = block.refs[block.offsets[row] : block.offsets[row + 1]]
            self.kept[int(block.way_ids[row])] = tags, nodes.copy()

    def _add_relations(self, block: Block) -> None:
        members, offsets = packed_of(block.data, block.relations, MEMBERS, True)
        kinds = packed_of(block.data, block.relations, MEMBER_KINDS, False)[0]
        if len(kinds) != len(members):
            raise ValueError("memids")
        codes = np.where(kinds == WAY_MEMBER, self.ways.codes_of(members), NOWHERE)
        rows = np.flatnonzero(_shared(codes.astype(np.uint8), offsets) == 0)
        messages = block.relations[rows]
        ids = numbers_of(block.data, messages, 1).tolist()
        roles = block.packed(messages, ROLES)
        for row, relation, tags, named in zip(rows, ids, block.tags(messages), roles, strict=True):
            if tags.get("type") not in self.kinds:
                continue
            part = slice(offsets[row], offsets[row + 1])
            triples = zip(members[part].tolist(), kinds[part], named.tolist(), strict=True)
            ways = [(way, block.string(role)) for way, kind, role in triples if kind == WAY_MEMBER]
            self.relations.append((relation, tags, ways))

    def add_member_ways(self, file: BinaryIO) -> None:
        """Keep the ways that close an area but do not meet the box themselves."""
        self.nodes.close()
        self.ways.close()
        members = {way for *_, ways in self.relations for way, _ in ways}
        wanted = np.array(sorted(members.difference(self.kept)), np.int64)
        for low, high, start in self.way_blocks:
            inside = wanted[(wanted >= low) & (wanted <= high)]
            if len(inside):
                file.seek(start)
                block = open_block(next(blobs(file)))
                self._keep(block, np.isin(block.way_ids, inside))

    def lines(self) -> tuple[dict[int, tuple[Tags, shapely.LineString]], list[int]]:
        """Return tags and line of the ways kept, in order, and which have no line."""
        ids = sorted(self.kept)
        refs = [self.kept[way][1] for way in ids]
        way = np.repeat(np.arange(len(ids)), [len(part) for part in refs])
        found = self.nodes.find(np.concatenate([np.empty(0, np.int64), *refs]))
        # one after the other, so that only one is in memory twice
        xy = np.column_stack([_taken(self.lon, found), _taken(self.lat, found)])
        is_broken = np.zeros(len(ids), bool)
        is_broken[way[found < 0]] = True
        # two nodes on one spot are one vertex
        is_new = np.append(True, (np.diff(way) > 0) | (np.diff(xy, axis=0) != 0).any(axis=1))
        is_new = is_new[: len(way)]
        is_broken |= np.bincount(way[is_new], minlength=len(ids)) < MIN_LINE_VERTICES
        used = is_new & ~is_broken[way]
        place = np.cumsum(~is_broken) - 1
        good = [one for one, broken in zip(ids, is_broken, strict=True) if not broken]
        geometry: npt.NDArray[Any] = np.empty(0, dtype=object)
        if good:
            geometry = shapely.linestrings(xy[used] / PLACES_PER_DEG, indices=place[way[used]])
        lines = {one: (self.kept[one][0], x) for one, x in zip(good, geometry, strict=True)}
        return lines, [one for one, broken in zip(ids, is_broken, strict=True) if broken]


def _shared(codes: Codes, offsets: Longs) -> Codes:
    """Return the sides that all things of each row have in common."""
    if len(offsets) == 1:
        return np.empty(0, np.uint8)
    shared = np.bitwise_and.reduceat(np.append(codes, np.uint8(NOWHERE)), offsets[:-1])
    shared[np.diff(offsets) == 0] = NOWHERE
    return shared


def _taken(parts: list[Places], found: Longs) -> Places:
    whole = np.concatenate([*parts, np.zeros(1, np.int32)])
    return whole[found]

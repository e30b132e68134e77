"""Reads an OpenStreetMap extract (.osm.pbf, .osm), whole or what meets an area, without network.

Positions are EPSG:4326. A closed way is both a line and a possible area; multipolygons are put
together from the ways that came before them in the file, as the format orders it. A whole file is
read by osmium; of a country's PBF file only what meets the area enters memory (`io.osm_clip`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.io.osm_clip import Clip
from ilo_geo.io.osm_clip import read_clip
from ilo_geo.io.osm_layers import Features
from ilo_geo.io.osm_layers import layers_of
from ilo_geo.io.pbf import UnsupportedError

EXPECTED = "an OpenStreetMap extract (.osm.pbf or .osm)"
AREA_RELATIONS = ("multipolygon", "boundary")
HEADER_DATE = "osmosis_replication_timestamp"
MIN_RING_VERTICES = 4
HISTORY = "HistoricalInformation"
PBF_SUFFIX = ".pbf"
THINGS_PER_STEP = 50_000
# as osmium writes it, in hexadecimal, or as shapely does
Wkb = str | bytes


@dataclass(frozen=True)
class OsmExtract:
    """What an extract holds, by layer id of ``io/schemas.yaml``, in EPSG:4326.

    Attributes
    ----------
    layers
        One frame a layer, ``osm_id`` (``way/123``) among its columns; some may have no rows.
        Administrative boundaries are under ``boundaries``, ``kind`` being the level.
    date
        Day the data were current (ISO 8601) by the file's header, or None where it does not say.
    incomplete
        Ids of ways whose nodes, and areas whose ways, are not in the extract. Of a clip only those
        that may meet it, so no area of which nothing is in the extract.
    """

    layers: dict[str, gpd.GeoDataFrame]
    date: str | None
    incomplete: tuple[str, ...]


def read_osm(
    path: Path, *, clip: shapely.Geometry | None = None, progress: Progress = silent
) -> OsmExtract:
    """Return the layers of an OpenStreetMap extract.

    Parameters
    ----------
    clip
        Area (EPSG:4326): only what meets it is returned, whole. A PBF file may then be a country's;
        other formats are read whole first.
    progress
        Told the share of the file that is read; of a whole file only that it is being read.

    Raises
    ------
    InputError
        The file is missing, empty, truncated, of another format, or too unusual to be clipped.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    progress("progress.read_osm", 0.0)
    try:
        if clip is not None and path.suffix == PBF_SUFFIX:
            raw, date = _clipped(path, clip, progress)
        else:
            raw, date = _whole(path, progress)
    except UnsupportedError as error:
        raise InputError("osm.pbf_unsupported", where=str(path), found=str(error)) from error
    except (RuntimeError, OSError, ValueError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected=EXPECTED
        ) from error
    if raw.is_empty:
        raise InputError("file.empty", where=str(path), found="nodes or ways", expected=EXPECTED)
    lines = raw.line_features()
    features = raw.point_features(), lines, raw.area_features(lines)
    if clip is not None:
        shapely.prepare(clip)
        points, lines, areas = (x.take(shapely.intersects(clip, x.geometry)) for x in features)
        features = points, lines, areas
    return OsmExtract(layers_of(*features), date or None, tuple(raw.incomplete))


def _whole(path: Path, progress: Progress) -> tuple[_Raw, str]:
    """Return all things of a file and the day of its header."""
    raw = _Raw()
    # untagged nodes only place the ways; untagged ways may be part of a multipolygon
    tagged_nodes = osmium.filter.EmptyTagFilter()
    tagged_nodes.enable_for(osmium.osm.NODE)
    file = osmium.FileProcessor(str(path)).with_locations().with_filter(tagged_nodes)
    header = file.header
    if header.has_multiple_object_versions:
        raise UnsupportedError(HISTORY)
    for n_things, thing in enumerate(file):
        raw.add(thing)
        if n_things % THINGS_PER_STEP == 0:
            progress("progress.read_osm", 0.0)
    raw.is_empty = not raw.ways and not raw.points
    return raw, header.get(HEADER_DATE, "")[:10]


def _clipped(path: Path, clip: shapely.Geometry, progress: Progress) -> tuple[_Raw, str]:
    """Return what may meet an area and the day of the file's header."""
    found: Clip = read_clip(path, shapely.bounds(clip), AREA_RELATIONS, progress)
    wkb = shapely.to_wkb([line for _, line in found.ways.values()])
    pairs = zip(found.ways.items(), wkb, strict=True)
    raw = _Raw(
        points=[(f"node/{node}", tags, shapely.to_wkb(at)) for node, tags, at in found.points],
        ways={way: (tags, line) for (way, (tags, _)), line in pairs},
        relations=found.relations,
        incomplete=[f"way/{way}" for way in found.incomplete],
        is_empty=found.is_empty,
    )
    return raw, "" if found.time_s is None else _day(found.time_s)


def _day(time_s: int) -> str:
    try:
        return datetime.fromtimestamp(time_s, UTC).date().isoformat()
    except OverflowError as error:
        raise ValueError(f"{HEADER_DATE} {time_s}") from error


@dataclass
class _Raw:
    """Tagged things of the file as they come, geometry as WKB."""

    points: list[tuple[str, dict[str, str], Wkb]] = field(default_factory=list)
    ways: dict[int, tuple[dict[str, str], Wkb]] = field(default_factory=dict)
    relations: list[tuple[int, dict[str, str], list[tuple[int, str]]]] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    is_empty: bool = False
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def add(self, thing: Any) -> None:
        if thing.is_node():
            self.points.append((f"node/{thing.id}", dict(thing.tags), self.wkb.create_point(thing)))
        elif thing.is_way():
            try:
                line = self.wkb.create_linestring(thing)
            except (osmium.InvalidLocationError, RuntimeError):
                # the extract was cut without this way's nodes, or the way has no length
                self.incomplete.append(f"way/{thing.id}")
            else:
                self.ways[thing.id] = (dict(thing.tags), line)
        elif thing.tags.get("type") in AREA_RELATIONS:
            ways = [(member.ref, member.role) for member in thing.members if member.type == "w"]
            self.relations.append((thing.id, dict(thing.tags), ways))

    def point_features(self) -> Features:
        ids, tags, wkb = zip(*self.points, strict=True) if self.points else ((), (), ())
        return Features(list(ids), list(tags), shapely.from_wkb(np.array(wkb, dtype=object)))

    def line_features(self) -> Features:
        tagged = {way: (tags, wkb) for way, (tags, wkb) in self.ways.items() if tags}
        wkb = np.array([wkb for _, wkb in tagged.values()], dtype=object)
        ids = [f"way/{way}" for way in tagged]
        return Features(ids, [tags for tags, _ in tagged.values()], shapely.from_wkb(wkb))

    def area_features(self, lines: Features) -> Features:
        closed = shapely.is_closed(lines.geometry)
        closed &= shapely.get_num_coordinates(lines.geometry) >= MIN_RING_VERTICES
        closed &= np.array([tags.get("area") != "no" for tags in lines.tags], dtype=bool)
        outlines = lines.take(closed)
        xy, ring = shapely.get_coordinates(outlines.geometry, return_index=True)
        rings = shapely.linearrings(xy, indices=ring) if len(ring) else np.empty(0, dtype=object)
        areas = Features(outlines.osm_id, outlines.tags, shapely.polygons(rings))
        return areas.joined(self._relation_areas())

    def _relation_areas(self) -> Features:
        ids, tags, polygons = [], [], []
        for relation, relation_tags, members in self.relations:
            polygon = self._assembled(members)
            if polygon.is_empty:
                self.incomplete.append(f"relation/{relation}")
                continue
            ids.append(f"relation/{relation}")
            tags.append(relation_tags)
            polygons.append(polygon)
        return Features(ids, tags, np.array(polygons, dtype=object))

    def _assembled(self, members: Iterable[tuple[int, str]]) -> shapely.Geometry:
        present = [(self.ways[way][1], role) for way, role in members if way in self.ways]
        outer = _rings([wkb for wkb, role in present if role != "inner"])
        inner = _rings([wkb for wkb, role in present if role == "inner"])
        return shapely.difference(outer, inner)


def _rings(wkb: list[Wkb]) -> shapely.Geometry:
    """Return the union of the areas that lines close; lines that close nothing add nothing."""
    lines: npt.NDArray[Any] = shapely.from_wkb(np.array(wkb, dtype=object))
    return shapely.union_all(shapely.get_parts(shapely.polygonize(lines)))

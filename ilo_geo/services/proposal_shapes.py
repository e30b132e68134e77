"""Shapes for proposals that are not drawn by hand on the map: typed, from a file; and their window.

Everything given out is a GeoJSON geometry in WGS 84, as a hand on the map would have drawn it.
"""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import select

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import folded
from ilo_geo.io.municipal.reading import RawRows
from ilo_geo.io.municipal.reading import layer_names
from ilo_geo.io.municipal.reading import read_rows
from ilo_geo.proposals import audit
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.listing import located
from ilo_geo.proposals.listing import n_listed
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.shape import SHAPES
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import LAT
from ilo_geo.services.council_views import LON
from ilo_geo.services.council_views import points_of
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import collection
from ilo_geo.services.map_layers import feature_texts
from ilo_geo.services.map_layers import payload

# of one file, to choose one from; a file of more is a layer, not a proposal
MAX_OFFERED = 200
# drawn at once; more of them in one window are points
MAX_DRAWN = 400
LEAST = {"point": 1, "line": 2, "polygon": 3}
POINT, LINE, POLYGON = LEAST
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
MAX_TITLE_LETTERS = 80
# what the browser is told of each, under names short enough for thousands
PROPERTY = {"number": "n", "title": "t", "kind": "k", "state": "s"}
DECIMALS = 6
# packed lists of points that are kept: as many readers see the same one
MAX_KEPT = 24
TITLE_COLUMNS = ("name", "nombre", "title", "titulo", "id")


@dataclass(frozen=True)
class FileShape:
    """A shape of a file: what its row calls it, and the shape as GeoJSON in WGS 84."""

    title: str
    shape: dict[str, Any]


def typed_shape(text: str, form: str) -> dict[str, Any]:
    """Return the shape whose corners were typed, one a line: latitude, longitude.

    Parameters
    ----------
    form
        point, line or polygon.

    Raises
    ------
    InputError
        A line is no position on Earth, or there are too few or too many for the form.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    most = 1 if form == POINT else rulebook().limits.geometry_points
    if form not in LEAST or not LEAST[form] <= len(lines) <= most:
        raise InputError(
            "council.typed_count", form=form, found=len(lines), least=LEAST.get(form, 1), most=most
        )
    places = [_position(n, line) for n, line in enumerate(lines, start=1)]
    if form == POINT:
        return {"type": "Point", "coordinates": places[0]}
    if form == LINE:
        return {"type": "LineString", "coordinates": places}
    return {"type": "Polygon", "coordinates": [[*places, places[0]]]}


def _position(n: int, line: str) -> list[float]:
    """Return longitude and latitude of a typed line."""
    found = NUMBER.findall(line)
    lat, lon = map(float, found) if len(found) == 2 else (math.nan, math.nan)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise InputError("council.typed_position", where=n, found=line.strip()[:40])
    return [lon, lat]


def shapes_of_file(path: Path, name: str) -> tuple[FileShape, ...]:
    """Return the shapes of a file, in its order, at most `MAX_OFFERED`.

    Parameters
    ----------
    name
        What the user calls the file, for messages.

    Raises
    ------
    InputError
        The file cannot be read, says not where on Earth its shapes lie, or has none that a
        proposal may have.
    """
    found: list[FileShape] = []
    for layer in layer_names(path, name=name):
        rows = read_rows(path, name=name, layer=layer)
        found += list(_offered(rows, name))
        if len(found) >= MAX_OFFERED:
            break
    if not found:
        raise InputError("council.file_shapeless", where=name, expected=", ".join(LEAST))
    return tuple(found[:MAX_OFFERED])


def _offered(rows: RawRows, name: str) -> Iterator[FileShape]:
    if rows.geometry is None:
        return
    if rows.crs is None:
        raise InputError("council.file_unplaced", where=name, found=rows.layer)
    kept = [n for n, shape in enumerate(rows.geometry) if _may_be(shape)][:MAX_OFFERED]
    placed = gpd.GeoSeries(rows.geometry[kept], crs=rows.crs).to_crs(DISPLAY_CRS)
    for n, shape in zip(kept, placed, strict=True):
        yield FileShape(_title(rows, n), shapely.geometry.mapping(_single(shape)))


def _may_be(shape: shapely.Geometry | None) -> bool:
    most = rulebook().limits.geometry_points
    return (
        shape is not None
        and not shape.is_empty
        and shape.geom_type in SHAPES
        and int(shapely.get_num_coordinates(shape)) <= most
    )


def _single(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the only part of a shape of several parts that has one: what a hand draws."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _title(rows: RawRows, n: int) -> str:
    row = rows.table.iloc[n]
    named = {folded(str(column)): column for column in rows.table.columns}
    told = (str(row[named[one]]).strip() for one in TITLE_COLUMNS if one in named)
    words = next((text for text in told if text and text != "nan"), "")
    return (words or f"{rows.layer} {rows.table.index[n]}")[:MAX_TITLE_LETTERS]


def box_of(council: Council, bounds_deg: tuple[float, float, float, float]) -> Any:
    """Return a window of west, south, east, north in degrees as a box in metres."""
    west, south, east, north = bounds_deg
    corners = shapely.box(west, south, east, north)
    window = gpd.GeoSeries([corners], crs=DISPLAY_CRS).to_crs(council.area().crs)
    return tuple(float(value) for value in window.total_bounds)


class ProposalPoints:
    """Every proposal as a point, packed once for all who may read the same records."""

    def __init__(self, council: Council) -> None:
        self._council = council
        self._kept: OrderedDict[tuple[object, ...], Payload] = OrderedDict()
        self._lock = Lock()

    def payload(self, actor: Actor, wanted: Filter) -> Payload:
        """Return what fits as points with ``n``umber, ``t``itle, ``k``ind and ``s``tate.

        A point is the middle of the shape's box, which lies in the shape's own neighbourhood.
        """
        with self._council.reading(actor) as repo:
            # whatever changes in the records moves the end of their log
            now = audit.head(repo.connection).hash
        key = (now, actor, wanted)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = points_payload(self._council, actor, wanted)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return made


def points_payload(council: Council, actor: Actor, wanted: Filter) -> Payload:
    """Return what fits as points; see `ProposalPoints.payload`."""
    features = [
        {
            "type": "Feature",
            "properties": {PROPERTY[name]: row[name] for name in PROPERTY},
            "geometry": {"type": "Point", "coordinates": _rounded(row)},
        }
        for row in points_of(council, actor, wanted)
    ]
    found = {"type": "FeatureCollection", "features": features}
    return payload(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode())


def _rounded(row: Mapping[str, Any]) -> list[float]:
    return [round(row[LON], DECIMALS), round(row[LAT], DECIMALS)]


def shapes_payload(council: Council, actor: Actor, wanted: Filter) -> Payload:
    """Return the proposals that fit as they were drawn; none where there are too many to draw."""
    with council.reading(actor) as repo:
        if n_listed(repo, wanted) > MAX_DRAWN:
            return collection([])
        rows = located(repo, wanted)
        numbers = [row["number"] for row in rows]
        query = select(proposal.c.number, proposal.c.geometry).where(proposal.c.number.in_(numbers))
        shapes = {row.number: row.geometry for row in repo.connection.execute(query)}
    drawn = shapely.from_wkb([shapes[number] for number in numbers])
    frame = gpd.GeoDataFrame(
        {name: [row[name] for row in rows] for name in PROPERTY},
        geometry=gpd.GeoSeries(list(drawn), crs=council.area().crs),
    ).to_crs(DISPLAY_CRS)
    return collection(feature_texts(frame, {short: name for name, short in PROPERTY.items()}))

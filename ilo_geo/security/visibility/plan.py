"""What places see in plan: exact polygons against the walls of buildings, within a range."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.security.visibility.sector import arc_radius
from ilo_geo.security.visibility.sweep import seen_ring
from ilo_geo.security.visibility.walls import POLYGON_IDS
from ilo_geo.security.visibility.walls import Floats
from ilo_geo.security.visibility.walls import Geometries
from ilo_geo.security.visibility.walls import Walls
from ilo_geo.security.visibility.walls import walls_of

# chords of the rim: 5 degrees each, so a sector of whole fives is exact
N_RIM = 72
# places a thread takes at a time
BATCH = 32


def visibility_polygons(
    viewpoints_xy: Floats,
    buildings: gpd.GeoSeries | Geometries | Walls,
    *,
    range_m: float,
    progress: Progress = silent,
) -> Geometries:
    """Return what each viewpoint sees in plan, all around.

    A place is seen if the straight line to it enters no building: walls cast shadows with straight
    edges from their ends outwards, exact to the precision of the coordinates. The range is a
    regular polygon of 72 corners with the area of the disc, so its rim lies 0.06 % of the range
    outside the circle at its corners and as much inside between them.

    Parameters
    ----------
    viewpoints_xy
        A row a viewpoint, m. On a wall or a corner (within 1e-6 m) it sees outwards; strictly
        inside a building it sees nothing, and its polygon is empty (`inside_notices` counts them);
        in a courtyard it sees the courtyard.
    buildings
        Footprints in the same metric CRS; those that touch or overlap hide as one. They are
        opaque and higher than the camera: `sees_3d` knows heights. ``walls_of`` makes them once
        for many calls.
    range_m
        How far is seen, m.
    progress
        Told of the share done.

    Returns
    -------
    numpy.ndarray
        One shapely polygon a viewpoint. A viewpoint where two buildings touch at a corner may see
        two parts: a multipolygon.

    Raises
    ------
    InputError
        A viewpoint without coordinates, or a range that is not positive.
    """
    places = checked_places(viewpoints_xy)
    if not (np.isfinite(range_m) and range_m > 0):
        raise InputError("visibility.range", found=f"{range_m:g}")
    walls = buildings if isinstance(buildings, Walls) else walls_of(buildings)
    rings: list[Floats] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        batches = _batches(places, walls)
        for some in pool.map(
            lambda batch: list(_rings(batch[0], batch[1], walls, range_m)), batches
        ):
            rings += some
            progress("progress.visibility", len(rings) / len(places))
    return _polygons(rings)


def checked_places(places_xy: Floats) -> Floats:
    """Return places as rows x, y; one without coordinates is an `InputError`."""
    places = np.array(places_xy, dtype=np.float64).reshape(-1, 2)
    wrong = ~np.isfinite(places).all(axis=1)
    if wrong.any():
        raise InputError(
            "visibility.viewpoint", n=int(wrong.sum()), where=int(np.flatnonzero(wrong)[0])
        )
    return places


def _batches(places: Floats, walls: Walls) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    inside = walls.inside(places)
    for start in range(0, len(places), BATCH):
        yield places[start : start + BATCH], inside[start : start + BATCH]


def _rings(
    places: Floats, inside: NDArray[np.bool_], walls: Walls, range_m: float
) -> Iterator[Floats]:
    reach_m = arc_radius(range_m, 2 * np.pi / N_RIM)
    bearing = np.linspace(-np.pi, np.pi, N_RIM + 1)
    rim = reach_m * np.column_stack([np.cos(bearing), np.sin(bearing)])
    rim[-1] = rim[0]
    index = (walls.segments, walls.starts, walls.items, walls.frame, walls.shape)
    for (x, y), covered in zip(places, inside, strict=True):
        yield seen_ring(x, y, bool(covered), rim, bearing, reach_m, *index)


def _polygons(rings: list[Floats]) -> Geometries:
    """Return a polygon a ring, empty for a ring of fewer than three corners."""
    polygons = np.full(len(rings), shapely.Polygon(), dtype=object)
    kept = np.array([len(ring) >= 3 for ring in rings], dtype=bool)
    if kept.any():
        some = [ring for ring in rings if len(ring) >= 3]
        index = np.repeat(np.arange(len(some)), [len(ring) for ring in some])
        polygons[kept] = shapely.polygons(shapely.linearrings(np.vstack(some), indices=index))
    wrong = np.flatnonzero(~shapely.is_valid(polygons))
    for place in wrong:
        # a ring that passes its viewpoint twice, or a sliver narrower than a float
        polygons[place] = polygonal(shapely.make_valid(polygons[place]))
    return polygons


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the part of a geometry that has an area."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), POLYGON_IDS)])


def inside_notices(polygons: Geometries) -> tuple[Notice, ...]:
    """Return a notice that counts the viewpoints that see nothing, or none."""
    n_blind = int(shapely.is_empty(polygons).sum())
    if not n_blind:
        return ()
    return (Notice("visibility.inside", {"n": n_blind, "total": len(polygons)}),)

"""Where one can walk into a park: where a street meets its edge and no wall stands between.

A green area is the union of the counted polygons that touch. Its entrances are

- every point where a walkable street crosses its edge, unless a barrier runs there,
- points every ``EDGE_STEP_M`` along its edge that lie within reach of a walkable street, unless a
  barrier runs along the edge there or crosses the way to the street; they are counted from the
  edge's westernmost corner, so that an outline has the same ones however it was drawn,
- every gate on its edge, barrier or not.

Assumption: an unfenced edge along a street is open all along, as plazas and street parks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.core.crs import require_same_metric_crs

EDGE_STEP_M = 20.0
# drawn walls and gates lie this close to the edge they belong to
EDGE_TOLERANCE_M = 3.0


@dataclass(frozen=True)
class GreenAreas:
    """Counted green merged where it touches.

    Attributes
    ----------
    polygons
        One (multi)polygon a green area.
    area_m2
        Its area, sports fields inside included: the size of the park one walks to.
    member
        For each input polygon the green area it belongs to, -1 for polygons that do not count.
    """

    polygons: np.ndarray
    area_m2: np.ndarray
    member: np.ndarray


def merge_touching(polygons: gpd.GeoSeries, counted: np.ndarray) -> GreenAreas:
    """Return the green areas that the counted polygons form."""
    member = np.full(len(polygons), -1)
    parts = shapely.get_parts(shapely.union_all(polygons.to_numpy()[counted]))
    parts = parts[shapely.area(parts) > 0]
    inside = shapely.point_on_surface(polygons.to_numpy()[counted])
    point, part = shapely.STRtree(parts).query(inside, predicate="intersects")
    member[np.flatnonzero(counted)[point]] = part
    return GreenAreas(parts, shapely.area(parts), member)


def find_entrances(
    areas: GreenAreas,
    streets: gpd.GeoDataFrame,
    *,
    reach_m: float,
    barriers: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return the entrances of each green area.

    Parameters
    ----------
    areas
        Merged green areas.
    streets
        Lines with ``walk``.
    reach_m
        Largest distance from street axis to park edge.
    barriers, gates
        Walls and fences (lines), and the openings in them (points).

    Returns
    -------
    entrances
        Points on park edges with ``green_area_id`` (row in ``areas``) and ``kind``
        (``crossing``, ``edge`` or ``gate``), no two alike.
    """
    crs = require_same_metric_crs(streets=streets, barriers=barriers, gates=gates)
    walkable = streets.geometry[streets["walk"].astype(bool)].to_numpy()
    # where a ring begins is chance, and changes with what it was merged with: no entrance may
    edges = shapely.boundary(shapely.normalize(areas.polygons))
    walls = barriers.geometry.to_numpy() if barriers is not None else np.array([])
    openings = gates.geometry.to_numpy() if gates is not None else np.array([])
    found = [
        ("crossing", *_crossings(edges, walkable, walls)),
        ("edge", *_open_edge_points(edges, walkable, walls, reach_m)),
        ("gate", *_gates(edges, openings)),
    ]
    table = gpd.GeoDataFrame(
        {
            "green_area_id": np.concatenate([area for _, area, _ in found]).astype(np.int64),
            "kind": np.concatenate([np.full(len(area), kind) for kind, area, _ in found]),
        },
        geometry=np.concatenate([points for _, _, points in found]),
        crs=crs,
    )
    place = shapely.get_coordinates(table.geometry.to_numpy()).round(2)
    table[["x", "y"]] = place
    return table.drop_duplicates(["green_area_id", "x", "y"], ignore_index=True).drop(
        columns=["x", "y"]
    )


def _crossings(
    edges: np.ndarray, walkable: np.ndarray, walls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    area, street = shapely.STRtree(walkable).query(edges, predicate="intersects")
    shared = shapely.intersection(edges[area], walkable[street])
    parts, pair = shapely.get_parts(shared, return_index=True)
    # a street drawn exactly on the edge meets it along a line; its ends stand for it
    xy, line = shapely.get_coordinates(parts, return_index=True)
    points, area = np.atleast_1d(shapely.points(xy)), area[pair][line]
    open_ = ~_walled(points, walls)
    return area[open_], points[open_]


def _open_edge_points(
    edges: np.ndarray, walkable: np.ndarray, walls: np.ndarray, reach_m: float
) -> tuple[np.ndarray, np.ndarray]:
    points, area = _along(edges)
    tree = shapely.STRtree(walkable)
    found, street = tree.query_nearest(points, max_distance=reach_m, all_matches=False)
    points, area = points[found], area[found]
    way = shapely.shortest_line(points, walkable[street])
    open_ = ~_walled(points, walls)
    if len(walls):
        open_[shapely.STRtree(walls).query(way, predicate="intersects")[0]] = False
    return area[open_], points[open_]


def _walled(points: np.ndarray, walls: np.ndarray) -> np.ndarray:
    """Return which points of an edge have a wall on them."""
    walled = np.zeros(len(points), dtype=bool)
    if len(walls):
        tree = shapely.STRtree(walls)
        walled[tree.query(points, predicate="dwithin", distance=EDGE_TOLERANCE_M)[0]] = True
    return walled


def _along(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points every `EDGE_STEP_M` along each edge, and the row of their edge."""
    rings, area = shapely.get_parts(edges, return_index=True)
    count = np.maximum(1, np.ceil(shapely.length(rings) / EDGE_STEP_M)).astype(int)
    ring = np.repeat(np.arange(len(rings)), count)
    step = np.arange(len(ring)) - np.repeat(np.cumsum(count) - count, count)
    at = (step + 0.5) / count[ring]
    return shapely.line_interpolate_point(rings[ring], at, normalized=True), area[ring]


def _gates(edges: np.ndarray, openings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(openings):
        return np.array([], dtype=int), np.array([], dtype=object)
    area, gate = shapely.STRtree(openings).query(
        edges, predicate="dwithin", distance=EDGE_TOLERANCE_M
    )
    return area, openings[gate]

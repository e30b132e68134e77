"""Buildings as prisms on their ground, and what cameras above the street see past them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import Notice
from ilo_geo.security.optics import scene_heights
from ilo_geo.security.visibility.ground import Ground
from ilo_geo.security.visibility.ground import flat_ground
from ilo_geo.security.visibility.plan import checked_places
from ilo_geo.security.visibility.sight_kernel import seen_targets
from ilo_geo.security.visibility.walls import POLYGON_IDS
from ilo_geo.security.visibility.walls import Floats
from ilo_geo.security.visibility.walls import Geometries
from ilo_geo.security.visibility.walls import Whole
from ilo_geo.security.visibility.walls import ring_segments

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Prisms:
    """Buildings with heights on a ground; build once, ask often.

    Attributes
    ----------
    shapes
        Footprints, one polygon each.
    tops_m
        Elevation of the flat roof: the ground at a point inside the footprint, plus the height.
    edges, starts
        Walls (x, y, x, y) of building ``b`` are ``edges[starts[b]:starts[b + 1]]``.
    boxes
        West, south, east, north of each.
    ground
        What they and the cameras stand on.
    """

    shapes: Geometries
    tops_m: Floats
    edges: Floats
    starts: Whole
    boxes: Floats
    ground: Ground

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return the index of the footprints."""
        return shapely.STRtree(self.shapes)


def building_heights_m(buildings: gpd.GeoDataFrame) -> tuple[Floats, Bools]:
    """Return the height of each building, and which heights are assumed.

    ``height_m`` if recorded, else ``levels`` times the height of a storey, else the default of
    ``cameras.yaml`` (3 m a storey, 6 m a building).
    """
    default = scene_heights()
    none = pd.Series(np.nan, index=buildings.index)
    height = pd.to_numeric(buildings.get("height_m", none)).to_numpy(dtype=float, na_value=np.nan)
    levels = pd.to_numeric(buildings.get("levels", none)).to_numpy(dtype=float, na_value=np.nan)
    found = np.where(height > 0, height, levels * default.storey_height_m)
    assumed = ~(found > 0)
    return np.where(assumed, default.building_height_m, found), assumed


def solid_notices(assumed: Bools, known_ground: Bools) -> tuple[Notice, ...]:
    """Return what the reader of a view in space must know.

    Parameters
    ----------
    assumed
        Which heights are assumed (`building_heights_m`).
    known_ground
        At which cameras and targets the elevation is known (`Ground.is_known`).
    """
    found: list[Notice] = []
    if assumed.any():
        height_m = f"{scene_heights().building_height_m:g}"
        n = int(assumed.sum())
        found.append(
            Notice(
                "visibility.assumed_heights", {"n": n, "total": len(assumed), "height": height_m}
            )
        )
    if not known_ground.all():
        n = int((~known_ground).sum())
        found.append(Notice("visibility.unknown_ground", {"n": n, "total": len(known_ground)}))
    return tuple(found)


def prisms_of(
    buildings: gpd.GeoSeries | Geometries, heights_m: ArrayLike, ground: Ground | None = None
) -> Prisms:
    """Return ``buildings`` as prisms of ``heights_m`` on ``ground`` (level where there is none).

    A building of height 0 hides nothing; one of infinite height hides everything behind it.

    Raises
    ------
    InputError
        A height is negative or missing.
    """
    base = ground or flat_ground()
    shapes = np.asarray(buildings, dtype=object)
    heights = np.broadcast_to(np.asarray(heights_m, dtype=np.float64), shapes.shape)
    if not (heights >= 0).all():
        raise InputError("visibility.height", n=int((~(heights >= 0)).sum()))
    wrong = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if wrong.any():
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    some, owner = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    parts, inner = shapely.get_parts(some, return_index=True)
    owner = owner[inner]
    kept = np.isin(shapely.get_type_id(parts), POLYGON_IDS) & (heights[owner] > 0)
    parts, owner = parts[kept], owner[kept]
    rings, ring_owner = shapely.get_rings(parts, return_index=True) if kept.any() else ([], [])
    edges = ring_segments(rings)[:, :4]
    n_edges = shapely.get_num_coordinates(rings) - 1 if len(rings) else np.zeros(0, dtype=int)
    by_part = np.bincount(np.repeat(ring_owner, n_edges).astype(int), minlength=len(parts))
    starts = np.concatenate([[0], np.cumsum(by_part)]).astype(np.int64)
    within = shapely.get_coordinates(shapely.point_on_surface(parts))
    return Prisms(
        parts, base.at(within) + heights[owner], edges, starts, shapely.bounds(parts), base
    )


def sees_3d(
    cameras_xy: Floats,
    camera_height_m: ArrayLike,
    targets_xy: Floats,
    buildings: gpd.GeoSeries | Geometries | Prisms,
    heights_m: ArrayLike | None = None,
    terrain: Ground | None = None,
    *,
    range_m: float = np.inf,
    target_height_m: float | None = None,
) -> csr_array:
    """Return which camera sees which target past buildings and terrain.

    The line from the camera to the target is followed exactly: it is broken where it enters a
    building's footprint lower than its roof, or dips into the ground, which is bilinear between
    the centres of the terrain's cells. A line along a wall is free if one a hair beside it is.

    Parameters
    ----------
    cameras_xy, camera_height_m
        A row a camera, m, and its height above the ground (one, or one a camera). Inside a
        footprint it sees only if it stands higher than the roof.
    targets_xy, target_height_m
        A row a target and its height above the ground; by default that of ``cameras.yaml``, 1.7 m.
    buildings, heights_m, terrain
        Footprints, their heights (`building_heights_m`) and the ground; or `prisms_of` them.
        Without terrain the ground is level. Where the terrain is unknown it goes on flat at the
        nearest known elevation: `Ground.is_known` tells at which places that is.
    range_m
        Ground distance farther than which nothing is seen.

    Returns
    -------
    scipy.sparse.csr_array
        Cameras by targets; True where seen, no entry elsewhere.
    """
    scene = (
        buildings
        if isinstance(buildings, Prisms)
        else prisms_of(buildings, np.inf if heights_m is None else heights_m, terrain)
    )
    cameras, targets = checked_places(cameras_xy), checked_places(targets_xy)
    above_m = scene_heights().target_height_m if target_height_m is None else target_height_m
    eyes_m = scene.ground.at(cameras) + np.asarray(camera_height_m, dtype=np.float64)
    eyes = np.column_stack([cameras, eyes_m])
    goals = np.column_stack([targets, scene.ground.at(targets) + above_m])
    asked = _within(cameras, targets, range_m)
    tree = scene.tree

    def row(camera: int) -> Whole:
        found = asked[camera]
        reach_m = np.hypot(*(targets[found] - cameras[camera]).T).max(initial=0.0)
        near = tree.query(shapely.Point(cameras[camera]), "dwithin", distance=reach_m)
        index = (scene.edges, scene.starts, scene.boxes, scene.tops_m)
        ground = (scene.ground.elevation_m, scene.ground.frame)
        seen: Whole = found[seen_targets(eyes[camera], goals[found], near, *index, *ground)]
        return seen

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        rows = list(pool.map(row, range(len(cameras))))
    columns = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    starts = np.concatenate([[0], np.cumsum([len(seen) for seen in rows])]).astype(np.int64)
    values = np.ones(len(columns), dtype=bool)
    return csr_array((values, columns, starts), shape=(len(cameras), len(targets)))


def _within(cameras: Floats, targets: Floats, range_m: float) -> list[Whole]:
    """Return the targets within range of each camera, in order."""
    if not len(targets) or not np.isfinite(range_m):
        return [np.arange(len(targets))] * len(cameras)
    found = KDTree(targets).query_ball_point(cameras, range_m, return_sorted=True)
    return [np.asarray(some, dtype=np.int64) for some in found]


@dataclass(frozen=True)
class SeenCells:
    """Square cells around a camera and whether the middle of each is seen.

    ``steps`` are whole cells east and north of the camera, of those within range; ``seen`` is one
    truth each. The area is exact to the cell: a cell counts whole or not at all.
    """

    camera_xy: Floats
    steps: Whole
    seen: Bools
    cell_m: float

    @property
    def centres_xy(self) -> Floats:
        """Return the middle of each cell, m."""
        centres: Floats = self.camera_xy + self.steps * self.cell_m
        return centres

    @property
    def area_m2(self) -> float:
        """Return the area of the cells seen."""
        return float(self.seen.sum()) * self.cell_m**2

    @property
    def polygon(self) -> shapely.Geometry:
        """Return the cells seen as one shape."""
        # neighbours share their corners to the last bit: the same sum of the same numbers
        lower = self.camera_xy + (self.steps[self.seen] - 0.5) * self.cell_m
        upper = self.camera_xy + (self.steps[self.seen] + 0.5) * self.cell_m
        return shapely.coverage_union_all(shapely.box(*lower.T, *upper.T))


def seen_cells(
    camera_xy: ArrayLike,
    camera_height_m: float,
    scene: Prisms,
    *,
    range_m: float,
    cell_m: float,
    target_height_m: float | None = None,
) -> SeenCells:
    """Return what a camera sees with heights and terrain, by cells of a grid around it.

    The middle of each cell within ``range_m`` is tested by `sees_3d`; the camera stands in the
    middle of a cell, so the grid is its own.
    """
    n = int(range_m // cell_m)
    axis = np.arange(-n, n + 1)
    steps = np.column_stack([along.ravel() for along in np.meshgrid(axis, axis)])
    steps = steps[np.hypot(*steps.T) * cell_m <= range_m]
    camera = np.asarray(camera_xy, dtype=np.float64)
    cells = SeenCells(camera, steps, np.zeros(len(steps), dtype=bool), cell_m)
    matrix = sees_3d(
        camera[None],
        camera_height_m,
        cells.centres_xy,
        scene,
        target_height_m=target_height_m,
    )
    return replace(cells, seen=matrix.toarray()[0])

"""Where a camera may hang: poles, crossings and public buildings, merged, off the footprints.

A place inside a footprint is a drawing error of a pole (moved to the nearest wall if that is near,
refused otherwise) or a public building's own point (moved to its wall, where a camera would hang).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from ilo_geo.city.network import Network
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

POLE, CROSSING = "pole", "crossing"
POLES = "poles"


@dataclass(frozen=True)
class Poles:
    """Places where a camera may hang.

    Attributes
    ----------
    frame
        Points on ids; ``kind``, ``moved_m`` (how far from where it was drawn) and
        ``need_reach_ratio`` (need within range as the crow flies).
    n_found, n_merged, n_moved, n_refused, n_left_out
        Places before merging; too near a stronger one; moved off a footprint; too deep inside one;
        beyond the number considered, those with the least need in reach.
    """

    frame: gpd.GeoDataFrame
    n_found: int
    n_merged: int
    n_moved: int
    n_refused: int
    n_left_out: int

    @property
    def xy(self) -> Floats:
        """Return the coordinates."""
        found: Floats = shapely.get_coordinates(self.frame.geometry)
        return found


def crossings(network: Network, degree: int) -> Floats:
    """Return where at least ``degree`` streets meet, shape (n, 2)."""
    ends = np.concatenate([network.edge_u, network.edge_v])
    return network.node_xy[np.bincount(ends, minlength=network.n_nodes) >= degree]


def find_poles(
    sites: Mapping[str, gpd.GeoDataFrame],
    network: Network,
    blocks: np.ndarray,
    *,
    rules: CameraRules,
) -> Poles:
    """Return every place where a camera may hang, each at least the merging distance apart.

    Parameters
    ----------
    sites
        Points by layer: ``poles`` and those of ``rules.building_kinds``; others are ignored.
    network
        Streets, whose crossings are places too.
    blocks
        Footprints, dissolved so that none shares a wall with another.
    """
    ids, kinds, xy = _gathered(sites, network, rules)
    placed, outside = off_footprints(xy, np.isin(kinds, (POLE, CROSSING)), blocks, rules)
    moved_m = np.hypot(*(placed - xy).T)
    keep = np.flatnonzero(outside)
    keep = keep[_apart(placed[keep], rules.merge_distance_m.value)]
    frame = gpd.GeoDataFrame(
        {"kind": kinds[keep], "moved_m": moved_m[keep]},
        index=np.array(ids, dtype=object)[keep],
        geometry=shapely.points(placed[keep]),
        crs=network.crs,
    ).rename_axis("id")
    n_refused = int((~outside).sum())
    return Poles(
        frame=frame,
        n_found=len(xy),
        n_merged=len(xy) - n_refused - len(keep),
        n_moved=int((moved_m[keep] > 0).sum()),
        n_refused=n_refused,
        n_left_out=0,
    )


def with_most_need(poles: Poles, need_xy: Floats, weight: Floats, range_m: float, n: int) -> Poles:
    """Return the ``n`` places with the most need within range as the crow flies, in their order."""
    near = cKDTree(need_xy).query_ball_point(poles.xy, range_m)
    reach = np.array([weight[one].sum() for one in near])
    first = np.sort(np.argsort(-reach, kind="stable")[:n])
    frame = poles.frame.assign(need_reach_ratio=reach).iloc[first]
    return Poles(
        frame,
        poles.n_found,
        poles.n_merged,
        poles.n_moved,
        poles.n_refused,
        len(reach) - len(first),
    )


def off_footprints(
    xy: Floats, is_limited: Bools, blocks: np.ndarray, rules: CameraRules
) -> tuple[Floats, Bools]:
    """Return places with those inside a block moved beyond its nearest wall, and which stand free.

    A limited place deeper inside than the rules let it move stays where it is and stands not free.
    """
    tree = shapely.STRtree(blocks)
    place, block = tree.query(shapely.points(xy), predicate="within")
    moved, free = xy.copy(), np.ones(len(xy), dtype=bool)
    if not len(place):
        return moved, free
    inner = shapely.points(xy[place])
    walls = shapely.boundary(blocks[block])
    at_wall = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(inner, walls), 1))
    out = at_wall - xy[place]
    depth_m = np.hypot(*out.T)
    step = out / np.maximum(depth_m, np.finfo(float).tiny)[:, None]
    moved[place] = at_wall + step * rules.wall_clearance_m.value
    free[place] = ~is_limited[place] | (depth_m <= rules.move_limit_m.value)
    still = np.unique(tree.query(shapely.points(moved), predicate="within")[0])
    free[still] = False
    moved[~free] = xy[~free]
    return moved, free


def _gathered(
    sites: Mapping[str, gpd.GeoDataFrame], network: Network, rules: CameraRules
) -> tuple[list[str], np.ndarray, Floats]:
    """Return id, kind and place of everything found, the strongest kind first."""
    by_kind = {POLE: _points(sites.get(POLES)), CROSSING: crossings(network, rules.crossing_degree)}
    for layer, kind in rules.building_kinds.items():
        by_kind[kind] = _points(sites.get(layer))
    ordered = [(kind, by_kind[kind]) for kind in rules.kinds]
    ids = [f"{kind}_{row}" for kind, xy in ordered for row in range(len(xy))]
    kinds = np.repeat(list(rules.kinds), [len(xy) for _, xy in ordered])
    return ids, kinds, np.concatenate([xy for _, xy in ordered])


def _points(frame: gpd.GeoDataFrame | None) -> Floats:
    if frame is None:
        return np.empty((0, 2))
    found: Floats = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    return found


def _apart(xy: Floats, distance_m: float) -> Ints:
    """Return the places that are not within the distance of an earlier one that is returned."""
    kept = np.ones(len(xy), dtype=bool)
    if not len(xy):
        return np.flatnonzero(kept)
    pairs = cKDTree(xy).query_pairs(distance_m, output_type="ndarray")
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]:
        if kept[first]:
            kept[second] = False
    return np.flatnonzero(kept)

"""Who reaches whom, and which sites are too near each other: by k-d tree, in pieces."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

# sites asked of the tree at a time: bounds the memory of its answers
SITES_AT_ONCE = 64


def pairs_nearer_than(xy: Floats, spacing_m: float) -> Ints:
    """Return the pairs of points, shape (m, 2), less than ``spacing_m`` apart, in metres."""
    if spacing_m <= 0 or len(xy) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    pairs = cKDTree(xy).query_pairs(spacing_m, output_type="ndarray").astype(np.int64)
    apart_m = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    near: Ints = pairs[apart_m < spacing_m]
    order = np.lexsort((near[:, 1], near[:, 0]))
    return np.asarray(near[order])


def reach_within(
    sites_xy: Floats, places_xy: Floats, radius_m: float, *, distances: bool = False
) -> csr_array:
    """Return which places lie within ``radius_m`` of each site, sites by places.

    Parameters
    ----------
    sites_xy, places_xy
        Coordinates in metres, shape (n, 2).
    radius_m
        Straight-line reach, its end included.
    distances
        Store the distances in metres; otherwise ones.
    """
    tree = cKDTree(places_xy)
    indices, lengths, values = [], [], []
    for start in range(0, len(sites_xy), SITES_AT_ONCE):
        some = sites_xy[start : start + SITES_AT_ONCE]
        for site, found in zip(
            some, tree.query_ball_point(some, radius_m, return_sorted=True), strict=True
        ):
            near = np.array(found, dtype=np.int32)
            indices.append(near)
            lengths.append(len(near))
            if distances:
                values.append(np.hypot(*(places_xy[near] - site).T))
    column = np.concatenate([*indices, np.zeros(0, dtype=np.int32)])
    data = np.concatenate(values) if distances and values else np.ones(len(column), dtype=np.int8)
    start_of = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return csr_array((data, column, start_of), shape=(len(sites_xy), len(places_xy)))


def reach_nearest(sites_xy: Floats, places_xy: Floats, k: int) -> csr_array:
    """Return the distance in metres from each place to its ``k`` nearest sites, sites by places."""
    k = min(k, len(sites_xy))
    away_m, site = cKDTree(sites_xy).query(places_xy, k=np.arange(1, k + 1))
    place = np.repeat(np.arange(len(places_xy)), k)
    order = np.lexsort((place, site.ravel()))
    start_of = np.concatenate([[0], np.cumsum(np.bincount(site.ravel(), minlength=len(sites_xy)))])
    shape = (len(sites_xy), len(places_xy))
    return csr_array((away_m.ravel()[order], place[order], start_of), shape=shape)

"""Clusters of incidents (HDBSCAN) and outlines that hold them without telling where each fell.

HDBSCAN (Campello, Moulavi and Sander 2013) keeps the groups that persist longest as the distance at
which points join shrinks; of nested groups the smallest are taken (leaves), since the largest would
be whole districts; what belongs to none is noise. Incidents at one place are points of their
own. Beyond `MAX_POINTS` the places are thinned to a random sample of incidents, by seed, and every
other incident takes the cluster of the nearest sampled one if that is nearer than the grid's side.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NOISE = -1
# the time of HDBSCAN grows with the points faster than they do
MAX_POINTS = 20_000


def cluster_labels(
    xy: Floats,
    *,
    min_cluster_size: int,
    seed: int,
    near_m: float,
    max_points: int = MAX_POINTS,
    most: int = 100,
) -> tuple[Ints, bool]:
    """Return the cluster of each point, -1 for none, and whether a sample was clustered.

    Clusters are numbered from the largest; of more than ``most`` the smallest are noise. In a
    sample the least size is asked of the sampled points, so fewer and larger clusters are found.
    """
    if len(xy) < min_cluster_size:
        return np.full(len(xy), NOISE, dtype=np.int64), False
    # the order of the rows must not matter
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    sampled = len(xy) > max_points
    taken = order
    if sampled:
        chosen = np.random.default_rng(seed).choice(len(xy), max_points, replace=False)
        taken = order[np.sort(chosen)]
    # equal places make no distance; the middle of the city keeps the numbers small
    search = HDBSCAN(
        min_cluster_size=min_cluster_size,
        allow_single_cluster=False,
        cluster_selection_method="leaf",
        copy=True,
    )
    found = search.fit_predict(xy[taken] - xy[taken].mean(axis=0)).astype(np.int64)
    labels = np.full(len(xy), NOISE, dtype=np.int64)
    labels[taken] = found
    if sampled:
        rest = np.setdiff1d(np.arange(len(xy)), taken)
        distance_m, nearest = cKDTree(xy[taken]).query(xy[rest])
        labels[rest] = np.where(distance_m <= near_m, found[nearest], NOISE)
    return _by_size(labels, most), sampled


def _by_size(labels: Ints, most: int) -> Ints:
    """Return clusters numbered from the largest, those after ``most`` as noise."""
    size = np.bincount(labels[labels != NOISE])
    rank = np.argsort(-size, kind="stable")[:most]
    # the last place is that of noise, which -1 finds
    number = np.full(len(size) + 1, NOISE, dtype=np.int64)
    number[rank] = np.arange(len(rank))
    return number[labels]


def hulls(xy: Floats, labels: Ints, *, grid_m: float, crs: object) -> gpd.GeoDataFrame:
    """Return a convex outline a cluster, index its number.

    The outline goes round the squares of a fixed grid that hold the points, so that it holds every
    point and its corners are corners of the grid, not places of incidents.
    """
    numbers = np.unique(labels[labels != NOISE])
    shapes = []
    for number in numbers:
        cells = np.unique(np.floor(xy[labels == number] / grid_m), axis=0) * grid_m
        corners = np.concatenate([cells + np.array(c) * grid_m for c in np.ndindex(2, 2)])
        shapes.append(shapely.convex_hull(shapely.multipoints(corners)))
    return gpd.GeoDataFrame(geometry=shapes, index=numbers, crs=crs).rename_axis("id")

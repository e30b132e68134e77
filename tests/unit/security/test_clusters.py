"""Clusters of incidents and outlines that do not tell where they fell."""

from __future__ import annotations

import numpy as np
import shapely

from ilo_geo.security.clusters import NOISE
from ilo_geo.security.clusters import cluster_labels
from ilo_geo.security.clusters import hulls

CRS = "EPSG:32719"
CENTRES = np.array([(0, 0), (3000, 0), (0, 4000)])


def blobs(sizes, seed=1):
    rng = np.random.default_rng(seed)
    xy = [rng.normal(c, 60, (n, 2)) for c, n in zip(CENTRES, sizes, strict=True)]
    return np.concatenate(xy), np.repeat(np.arange(len(sizes)), sizes)


def test_separated_groups_are_found_whole_and_numbered_from_the_largest():
    xy, group = blobs([60, 90, 30])
    labels, sampled = cluster_labels(xy, min_cluster_size=20, seed=0, near_m=100)
    assert not sampled
    for number, of in enumerate([1, 0, 2]):
        inside = labels[group == of]
        assert (inside == number).mean() > 0.8
        assert set(inside) <= {number, NOISE}


def test_the_order_of_the_rows_does_not_matter():
    xy, _ = blobs([60, 90, 30])
    order = np.random.default_rng(2).permutation(len(xy))
    one, _ = cluster_labels(xy, min_cluster_size=15, seed=0, near_m=100)
    other, _ = cluster_labels(xy[order], min_cluster_size=15, seed=0, near_m=100)
    assert one[order].tolist() == other.tolist()


def test_a_sample_finds_the_groups_of_all():
    xy, group = blobs([600, 900, 300])
    labels, sampled = cluster_labels(
        xy, min_cluster_size=30, seed=0, near_m=100, max_points=400, most=3
    )
    assert sampled
    for number, of in enumerate([1, 0, 2]):
        assert (labels[group == of] == number).mean() > 0.7


def test_of_more_clusters_than_shown_the_smallest_are_noise():
    xy, group = blobs([60, 90, 30])
    labels, _ = cluster_labels(xy, min_cluster_size=20, seed=0, near_m=100, most=1)
    assert set(labels) == {0, NOISE}
    assert set(group[labels == 0]) == {1}


def test_fewer_points_than_a_cluster_are_none():
    labels, _ = cluster_labels(np.zeros((4, 2)), min_cluster_size=5, seed=0, near_m=100)
    assert labels.tolist() == [NOISE] * 4


def test_an_outline_holds_its_points_and_no_corner_is_one_of_them():
    xy, _ = blobs([60, 90, 30])
    labels, _ = cluster_labels(xy, min_cluster_size=20, seed=0, near_m=100)
    table = hulls(xy, labels, grid_m=100, crs=CRS)
    for number, shape in table.geometry.items():
        assert shapely.covers(shape, shapely.points(xy[labels == number])).all()
        assert (shapely.get_coordinates(shape) % 100 == 0).all()

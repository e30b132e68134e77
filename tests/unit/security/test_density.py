"""Densities in the plane and along streets, beside formulas, sums and scikit-learn."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.neighbors import KernelDensity

from ilo_geo.city.network import walking_network
from ilo_geo.city.snapping import snap
from ilo_geo.security.density import GAUSSIAN
from ilo_geo.security.density import KERNELS
from ilo_geo.security.density import SIGMAS
from ilo_geo.security.density import plane_density
from ilo_geo.security.density_network import cut_streets
from ilo_geo.security.density_network import street_density

CRS = "EPSG:32719"


def streets(*lines):
    shapes = [shapely.LineString(line) for line in lines]
    return walking_network(
        gpd.GeoDataFrame({"walk": [True] * len(lines)}, geometry=shapes, crs=CRS)
    )


def along(network, points, *, bandwidth_m, kernel="quartic", piece_m=10.0, weight=None):
    lixels = cut_streets(network, longest_m=piece_m)
    shapes = shapely.points(np.array(points, dtype=float))
    counts = np.ones(len(points)) if weight is None else np.array(weight, dtype=float)
    places = snap(network, shapes, max_gap_m=50)
    found = street_density(lixels, places, counts, bandwidth_m=bandwidth_m, kernel=kernel)
    return lixels, found


def quartic_1d(distance_m, b):
    return np.where(distance_m < b, 15 / (16 * b) * (1 - (distance_m / b) ** 2) ** 2, 0)


def gaussian_1d(distance_m, b):
    from scipy.stats import truncnorm

    return truncnorm.pdf(distance_m, -SIGMAS, SIGMAS, scale=b / SIGMAS)


@pytest.mark.parametrize(
    ("kernel", "formula"), [("quartic", quartic_1d), ("gaussian", gaussian_1d)]
)
def test_on_one_long_street_the_density_is_the_kernel_of_one_dimension(kernel, formula):
    network = streets([(0, 0), (3000, 0)])
    lixels, found = along(network, [(1433.3, 0)], bandwidth_m=400, kernel=kernel)
    expected = formula(np.abs(lixels.middle_m - 1433.3), 400.0)
    assert found.per_m == pytest.approx(expected, abs=2e-4 * expected.max())


def test_a_point_spreads_its_weight_once_whatever_the_crossings_and_dead_ends():
    lines = [[(x, y) for x in range(0, 501, 100)] for y in range(0, 501, 100)]
    lines += [[(x, y) for y in range(0, 501, 100)] for x in range(0, 501, 100)]
    lixels, found = along(
        streets(*lines), [(3, 0), (250, 200), (500, 499)], bandwidth_m=300, weight=[1, 2.5, 4]
    )
    assert (found.per_m * lixels.length_m).sum() == pytest.approx(7.5)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), kernel=st.sampled_from(KERNELS))
def test_the_ways_are_those_that_networkx_finds(seed, kernel):
    import networkx as nx

    rng = np.random.default_rng(seed)
    nodes = rng.uniform(0, 600, (9, 2))
    pairs = [(i, j) for i in range(9) for j in range(i) if rng.random() < 0.3] or [(0, 1)]
    network = streets(*[(nodes[i], nodes[j]) for i, j in pairs])
    at = nodes[pairs[0][0]] * 0.3 + nodes[pairs[0][1]] * 0.7
    lixels, found = along(network, [at], bandwidth_m=350, kernel=kernel, piece_m=25)
    graph = nx.Graph()
    for u, v, length_m in zip(network.edge_u, network.edge_v, network.edge_length_m, strict=True):
        if length_m < graph.get_edge_data(u, v, {"m": np.inf})["m"]:
            graph.add_edge(u, v, m=length_m)
    place = snap(network, shapely.points([at]), max_gap_m=50)
    e, offset_m = int(place.edge[0]), float(place.offset_m[0])
    graph.add_edge("at", network.edge_u[e], m=offset_m)
    graph.add_edge("at", network.edge_v[e], m=network.edge_length_m[e] - offset_m)
    way_m = nx.single_source_dijkstra_path_length(graph, "at", weight="m")
    middle = lixels.middle_m
    distance_m = np.minimum(
        [way_m.get(n, np.inf) for n in network.edge_u[lixels.edge]] + middle,
        [way_m.get(n, np.inf) for n in network.edge_v[lixels.edge]]
        + network.edge_length_m[lixels.edge]
        - middle,
    )
    same = lixels.edge == e
    distance_m[same] = np.minimum(distance_m[same], np.abs(middle[same] - offset_m))
    value = gaussian_1d(distance_m, 350) if kernel == GAUSSIAN else quartic_1d(distance_m, 350)
    value[distance_m >= 350] = 0
    expected = value / (value * lixels.length_m).sum()
    assert found.per_m == pytest.approx(expected, abs=1e-3 * expected.max())


def test_points_at_one_address_count_each():
    network = streets([(0, 0), (900, 0)])
    _, once = along(network, [(400, 3)], bandwidth_m=200)
    _, thrice = along(network, [(400, 3)] * 3, bandwidth_m=200)
    assert thrice.per_m == pytest.approx(3 * once.per_m)
    assert thrice.n_points.max() == 3


def test_a_point_far_from_every_street_counts_nothing():
    network = streets([(0, 0), (900, 0)])
    _, found = along(network, [(400, 400)], bandwidth_m=200)
    assert found.per_m.sum() == 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_density_in_the_plane_is_the_plain_double_sum(kernel):
    rng = np.random.default_rng(3)
    points, at, weight = (
        rng.uniform(-500, 900, (80, 2)),
        rng.uniform(0, 900, (60, 2)),
        rng.random(80),
    )
    d = np.linalg.norm(points[:, None] - at[None], axis=2)
    if kernel == GAUSSIAN:
        s = 300 / SIGMAS
        value = np.exp(-(d**2) / (2 * s * s)) / (2 * np.pi * s * s * (1 - np.exp(-(SIGMAS**2) / 2)))
    else:
        value = 3 / (np.pi * 300**2) * (1 - (d / 300) ** 2) ** 2
    expected = (weight[:, None] * np.where(d < 300, value, 0)).sum(axis=0)
    density, n_points = plane_density(points, weight, at, bandwidth_m=300, kernel=kernel)
    assert density == pytest.approx(expected, rel=1e-9)
    assert n_points.tolist() == (d < 300).sum(axis=0).tolist()


def test_the_gaussian_in_the_plane_is_scikit_learns_but_for_its_cut_tail():
    rng = np.random.default_rng(4)
    points, at = rng.normal(0, 150, (3000, 2)), rng.normal(0, 60, (40, 2))
    density, _ = plane_density(points, np.ones(3000), at, bandwidth_m=300, kernel=GAUSSIAN)
    peer = np.exp(KernelDensity(bandwidth=300 / SIGMAS).fit(points).score_samples(at))
    assert density / 3000 == pytest.approx(peer, rel=0.02)

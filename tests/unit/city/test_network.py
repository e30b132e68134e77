"""Oracle: networkx on the graph of single segments, which needs no splitting at shared vertices."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.city.network import Network
from ilo_geo.city.network import driving_network
from ilo_geo.city.network import walking_network
from ilo_geo.city.shortest_paths import bounded_distances
from ilo_geo.city.shortest_paths import bounded_point_distances
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.city.shortest_paths import point_distances_m
from ilo_geo.city.snapping import snap
from ilo_geo.city.snapping import split_at
from ilo_geo.core.errors import CrsError

CRS = "EPSG:32719"

# short lines on a small lattice meet, cross, touch themselves and repeat vertices often
vertex = st.tuples(st.integers(0, 5), st.integers(0, 5))
line = st.lists(vertex, min_size=2, max_size=6).filter(lambda xy: len(set(xy)) > 1)
city = st.lists(st.tuples(line, st.sampled_from(["both", "forward", "backward"])), max_size=12)
exact = settings(deadline=None, max_examples=60)


def streets(lines, oneway="both", **columns):
    geometry = [shapely.LineString(xy) for xy in lines]
    table = {"walk": True, "drive": True, "oneway": oneway, **columns}
    return gpd.GeoDataFrame(table, index=range(len(geometry)), geometry=geometry, crs=CRS)


def of_city(drawn):
    return streets([xy for xy, _ in drawn], oneway=[way for _, way in drawn])


def segment_graph(frame, *, directed):
    graph = nx.DiGraph()
    for geometry, oneway in zip(frame.geometry, frame["oneway"], strict=True):
        xy = geometry.coords
        for a, b in itertools.pairwise(xy):
            if not directed or oneway != "backward":
                graph.add_edge(a, b, weight=np.hypot(a[0] - b[0], a[1] - b[1]))
            if not directed or oneway != "forward":
                graph.add_edge(b, a, weight=np.hypot(a[0] - b[0], a[1] - b[1]))
    return graph


def oracle_m(graph, sources):
    return nx.multi_source_dijkstra_path_length(graph, set(sources))


def node_at(network: Network, x: float, y: float) -> int:
    (found,) = np.flatnonzero((network.node_xy == (x, y)).all(axis=1))
    return int(found)


@exact
@given(city.filter(bool), st.data(), st.booleans())
def test_distances_equal_networkx(drawn, data, driving):
    frame = of_city(drawn)
    network = driving_network(frame) if driving else walking_network(frame)
    graph = segment_graph(frame, directed=driving)
    sources = data.draw(st.lists(st.integers(0, network.n_nodes - 1), min_size=1, max_size=3))
    xy = [tuple(pair) for pair in network.node_xy]
    expected = oracle_m(graph, {xy[s] for s in sources if xy[s] in graph})

    distance_m, nearest = distances_to_nearest_m(network, np.array(sources))

    np.testing.assert_allclose(distance_m, [expected.get(p, np.inf) for p in xy], rtol=1e-9)
    assert ((nearest == -1) == np.isinf(distance_m)).all()
    for node in np.flatnonzero(nearest >= 0):
        alone = oracle_m(graph, [xy[sources[nearest[node]]]])
        assert alone[xy[node]] == pytest.approx(distance_m[node], rel=1e-9)


@exact
@given(city.filter(bool), st.data())
def test_bounded_distances_equal_networkx_within_the_limit(drawn, data):
    frame = of_city(drawn)
    network = walking_network(frame)
    graph = segment_graph(frame, directed=False)
    ids = st.integers(0, network.n_nodes - 1)
    sources = data.draw(st.lists(st.tuples(ids, st.integers(3, 5)), min_size=1, max_size=5))
    node, group = np.array(sources).T
    limit_m = data.draw(st.integers(0, 8))
    xy = [tuple(pair) for pair in network.node_xy]
    expected = {
        (g, p): d
        for g in set(group)
        for p, d in oracle_m(graph, {xy[n] for n in node[group == g]}).items()
        if d <= limit_m and p in xy
    }

    triples = bounded_distances(network, node, group, limit_m=limit_m)

    found = {(g, xy[n]): d for g, n, d in zip(*triples, strict=True)}
    assert len(found) == len(triples[0])
    assert found == pytest.approx(expected, rel=1e-9)


@exact
@given(city.filter(bool), st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=2))
def test_places_and_points_inside_edges_are_exact(drawn, xy):
    network = walking_network(of_city(drawn))
    places = snap(network, shapely.points(xy[:2]), max_gap_m=2)
    points = snap(network, shapely.points(xy), max_gap_m=2)
    # oracle: every snapped point a node of a networkx graph of its own
    graph = nx.Graph()
    graph.add_nodes_from(range(network.n_nodes))
    for edge in range(network.n_edges):
        on_edge = np.flatnonzero(points.edge == edge)
        stops = [(0.0, int(network.edge_u[edge]))]
        stops += sorted((points.offset_m[p], ("p", int(p))) for p in on_edge)
        stops += [(network.edge_length_m[edge], int(network.edge_v[edge]))]
        for (a_m, a), (b_m, b) in itertools.pairwise(stops):
            known = graph.get_edge_data(a, b, {"weight": np.inf})["weight"]
            graph.add_edge(a, b, weight=min(known, max(b_m - a_m, 0.0)))
    sources = [("p", int(p)) for p in np.flatnonzero(places.found)]
    reached = oracle_m(graph, sources) if sources else {}
    expected = [reached.get(("p", p), np.inf) + points.gap_m[p] for p in range(len(xy))]

    split = split_at(network, places)
    node_m, _ = distances_to_nearest_m(split.network, split.place_node)
    moved = split.move(points)
    distance_m = point_distances_m(split.network, moved, node_m)

    np.testing.assert_allclose(distance_m, expected, rtol=1e-9, atol=1e-9)
    group = np.zeros(2, dtype=int)
    triples = bounded_distances(split.network, split.place_node, group, limit_m=9)
    _, point, bounded_m = bounded_point_distances(split.network, moved, triples, limit_m=9)
    inside = np.flatnonzero(distance_m <= 9)
    np.testing.assert_array_equal(point, inside)
    np.testing.assert_allclose(bounded_m, distance_m[inside], rtol=1e-12)
    assert split.network.edge_length_m.sum() == pytest.approx(network.edge_length_m.sum())


def test_lines_connect_at_shared_vertices_and_not_at_bridges():
    network = walking_network(
        streets([[(0, 0), (10, 0), (20, 0)], [(10, 0), (10, 10)], [(5, -5), (5, 5)]])
    )
    assert network.n_nodes == 6
    assert network.n_edges == 4
    bridge, street = node_at(network, 5, 5), node_at(network, 0, 0)
    assert network.component[bridge] != network.component[street]
    assert sorted(network.edge_row) == [0, 0, 1, 2]


@pytest.mark.parametrize(("apart_m", "n_nodes"), [(0.0004, 3), (0.002, 4)])
def test_vertices_agree_to_the_millimetre(apart_m, n_nodes):
    frame = streets([[(0, 0), (10, 0)], [(10, apart_m), (10, 10)]])
    assert walking_network(frame).n_nodes == n_nodes


def test_oneway_binds_drivers_only_and_walk_and_drive_choose_the_lines():
    frame = streets(
        [[(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (30, 0)]],
        oneway=["forward", "backward", "both"],
        walk=[True, True, False],
        drive=[True, True, True],
    )
    walking, driving = walking_network(frame), driving_network(frame)
    assert walking.n_edges == 2
    walked_m, _ = distances_to_nearest_m(walking, np.array([node_at(walking, 20, 0)]))
    driven_m, _ = distances_to_nearest_m(driving, np.array([node_at(driving, 10, 0)]))
    assert sorted(walked_m) == [0, 10, 20]
    assert sorted(driven_m) == [0, np.inf, np.inf, np.inf]
    point = snap(driving, [shapely.Point(4, 1)], max_gap_m=5)
    from_start_m, _ = distances_to_nearest_m(driving, np.array([node_at(driving, 0, 0)]))
    assert point_distances_m(driving, point, from_start_m) == pytest.approx([5.0])
    assert point_distances_m(driving, point, driven_m) == pytest.approx([np.inf])


@pytest.mark.parametrize("oneway", ["forward", "backward"])
def test_a_point_at_a_corner_is_reached_from_the_corner_whichever_way_its_street_runs(oneway):
    frame = streets([[(0, 0), (10, 0)]]).assign(oneway=[oneway], walk=[True], drive=[True])
    driving = driving_network(frame)
    for x in (0, 10):
        corner = snap(driving, [shapely.Point(x, 1)], max_gap_m=5)
        node_m = np.where(np.arange(driving.n_nodes) == node_at(driving, x, 0), 7.0, np.inf)
        assert point_distances_m(driving, corner, node_m) == pytest.approx([8.0])


def test_initial_distance_and_limit():
    network = walking_network(streets([[(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (99, 0)]]))
    ends = np.array([node_at(network, 0, 0), node_at(network, 20, 0), -1])
    distance_m, nearest = distances_to_nearest_m(
        network, ends, initial_m=np.array([1.0, 25.0, 0.0]), limit_m=21
    )
    by_x = np.argsort(network.node_xy[:, 0])
    assert list(distance_m[by_x]) == [1, 11, 21, np.inf]
    assert list(nearest[by_x]) == [0, 0, 0, -1]


def test_a_point_too_far_is_not_snapped_and_has_no_distance():
    network = walking_network(streets([[(0, 0), (10, 0)]]))
    points = snap(network, shapely.points([(5, 3), (5, 31)]), max_gap_m=30)
    assert list(points.found) == [True, False]
    distance_m = point_distances_m(network, points, np.array([7.0, 0.0]))
    assert list(distance_m) == [8.0, np.inf]
    assert list(split_at(network, points).place_node) == [2, -1]


def test_no_street_is_a_network_without_nodes():
    network = walking_network(streets([]))
    split = split_at(network, snap(network, [shapely.Point(0, 0)], max_gap_m=5))
    distance_m, nearest = distances_to_nearest_m(split.network, split.place_node)
    triples = bounded_distances(network, split.place_node, np.array([0]), limit_m=5)
    assert (network.n_nodes, len(distance_m), len(nearest)) == (0, 0, 0)
    assert [len(values) for values in triples] == [0, 0, 0]
    assert len(network.component) == 0


def test_degrees_are_refused():
    with pytest.raises(CrsError):
        walking_network(streets([[(0, 0), (1, 1)]]).set_crs(4326, allow_override=True))

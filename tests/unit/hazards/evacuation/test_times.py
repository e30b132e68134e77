"""Times to safety beside networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.times import times_to_safety_s


def random_graph(seed: int, n: int = 60, m: int = 150) -> EvacGraph:
    rng = np.random.default_rng(seed)
    return EvacGraph(
        node_xy=rng.uniform(0, 100, (n, 2)),
        node_elevation_m=np.zeros(n),
        safe=rng.random(n) < 0.08,
        arc_from=rng.integers(0, n, m),
        arc_to=rng.integers(0, n, m),
        arc_s=rng.choice([0.0, 1.5, 3.0, 7.25], m) + rng.random(m).round(3),
        arc_length_m=np.ones(m),
        arc_link=np.full(m, -1),
        is_street_node=np.ones(n, bool),
        cell_of_node=np.full(n, -1),
    )


def networkx_times(graph: EvacGraph, closed: np.ndarray) -> np.ndarray:
    peer = nx.MultiDiGraph()
    peer.add_nodes_from(range(graph.n_nodes))
    for arc in np.flatnonzero(~closed):
        ends = int(graph.arc_to[arc]), int(graph.arc_from[arc])
        peer.add_edge(*ends, weight=float(graph.arc_s[arc]))
    safe = {int(node) for node in np.flatnonzero(graph.safe)}
    reached = nx.multi_source_dijkstra_path_length(peer, safe) if safe else {}
    return np.array([reached.get(node, np.inf) for node in range(graph.n_nodes)])


@pytest.mark.parametrize("seed", range(12))
def test_equal_to_networkx(seed: int) -> None:
    """Oracle: networkx multi_source_dijkstra on the arcs turned round, some of them closed."""
    graph = random_graph(seed)
    none = np.zeros(graph.n_arcs, bool)
    closed = np.random.default_rng(seed + 100).random(graph.n_arcs) < 0.3
    time_s, _ = times_to_safety_s(graph)
    np.testing.assert_allclose(time_s, networkx_times(graph, none))
    fewer_s, fewer_next = times_to_safety_s(graph, closed_arc=closed)
    np.testing.assert_allclose(fewer_s, networkx_times(graph, closed))
    assert (fewer_s >= time_s - 1e-9).all()
    assert not closed[fewer_next[fewer_next >= 0]].any()


@pytest.mark.parametrize("seed", range(12))
def test_following_the_arcs_takes_the_time_and_ends_safe(seed: int) -> None:
    """Property: the route sheet walks these arcs."""
    graph = random_graph(seed)
    time_s, next_arc = times_to_safety_s(graph)
    for start in range(graph.n_nodes):
        node, walked_s, steps = start, 0.0, 0
        while next_arc[node] >= 0 and steps < graph.n_nodes:
            arc = next_arc[node]
            assert graph.arc_from[arc] == node
            walked_s, node, steps = walked_s + graph.arc_s[arc], graph.arc_to[arc], steps + 1
        if np.isfinite(time_s[start]):
            assert graph.safe[node]
            assert walked_s == pytest.approx(time_s[start])
        else:
            assert next_arc[start] == -1


def test_one_way_home_by_hand() -> None:
    """By hand: 0 → 1 → 2 is 5 s, 0 → 2 is 6 s, the way back from 2 helps nobody."""
    graph = EvacGraph(
        node_xy=np.zeros((4, 2)),
        node_elevation_m=np.zeros(4),
        safe=np.array([False, False, True, False]),
        arc_from=np.array([0, 1, 0, 2]),
        arc_to=np.array([1, 2, 2, 3]),
        arc_s=np.array([2.0, 3.0, 6.0, 1.0]),
        arc_length_m=np.ones(4),
        arc_link=np.arange(4),
        is_street_node=np.ones(4, bool),
        cell_of_node=np.full(4, -1),
    )
    time_s, next_arc = times_to_safety_s(graph)
    assert time_s.tolist() == [5.0, 3.0, 0.0, np.inf]
    assert next_arc.tolist() == [0, 1, -1, -1]
    slower, _ = times_to_safety_s(graph, arc_s=np.array([4.0, 3.0, 6.0, 1.0]))
    assert slower.tolist() == [6.0, 3.0, 0.0, np.inf]

"""Times after a change of the network against a full search of the changed network."""

from __future__ import annotations

import numpy as np
from evac_graphs import graph_of
from evac_graphs import random_city
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import closes_with_its_street
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.retime import late_inhab
from ilo_geo.hazards.evacuation.retime import own_link
from ilo_geo.hazards.evacuation.times import times_to_safety_s


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
def test_times_without_arcs_equal_a_full_search_without_them(seed: int, share: float) -> None:
    graph, _ = random_city(seed)
    tree = evac_tree(graph)
    closed = np.random.default_rng(seed).random(graph.n_arcs) < share
    time_s = tree.times_without(closed)
    np.testing.assert_array_equal(time_s, times_to_safety_s(graph, closed_arc=closed)[0])
    assert (time_s >= tree.time_s).all()


def test_changing_times_leaves_the_tree_as_it_was() -> None:
    graph, _ = random_city(3)
    tree = evac_tree(graph)
    before = tree.time_s.copy(), tree.next_arc.copy(), graph.arc_s.copy()
    tree.times_without(np.ones(graph.n_arcs, dtype=bool))
    for old, new in zip(before, (tree.time_s, tree.next_arc, graph.arc_s), strict=True):
        np.testing.assert_array_equal(old, new)


def test_who_is_on_no_node_is_never_in_time() -> None:
    people = People(np.array([0, -1]), np.array([3.0, 4.0]), np.array([10.0, np.inf]))
    time_s = np.array([5.0, 0.0])
    np.testing.assert_array_equal(arrival_times_s(people, time_s), [15.0, np.inf])
    assert late_inhab(people, time_s, 15.0) == 4.0
    assert late_inhab(people, time_s, 14.9) == 7.0


def test_a_node_lies_inside_a_street_where_no_other_touches_it() -> None:
    # 0 - 1 - 2 is street 0, 2 - 3 is street 1, 3 - 4 is open ground
    xy = [(0, 0), (10, 0), (20, 0), (30, 0), (40, 0)]
    graph = graph_of(xy, [(0, 1, 0), (1, 2, 0), (2, 3, 1), (3, 4, -1)], [4])
    np.testing.assert_array_equal(own_link(graph), [0, 0, -1, 1, -1])
    closes = closes_with_its_street(graph)
    entered = {
        (int(u), int(v)) for u, v in zip(graph.arc_from[closes], graph.arc_to[closes], strict=True)
    }
    assert entered == {(2, 1), (2, 3)}
    assert closes_with_its_street(graph, residents_leave=False).sum() == 6

"""The patrol loop: every walk is checked arc by arc, small ones against every walk there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.progress import EnoughError
from ilo_geo.security.patrol.loop import ArcGraph
from ilo_geo.security.patrol.loop import need_of
from ilo_geo.security.patrol.loop import patrol_loop

exact = settings(deadline=None, max_examples=40)


def graph_of(streets, need, n_nodes=None):
    """Return the arcs of streets (u, v, seconds, oneway)."""
    arcs = [(u, v, s, n) for n, (u, v, s, _) in enumerate(streets)]
    arcs += [(v, u, s, n) for n, (u, v, s, oneway) in enumerate(streets) if not oneway]
    tail, head, seconds, edge = (np.array(values) for values in zip(*arcs, strict=True))
    n_nodes = n_nodes or int(max(tail.max(), head.max())) + 1
    return ArcGraph(n_nodes, tail, head, seconds.astype(float), edge, np.array(need, float))


def lattice(side, need, seconds=10.0):
    number = np.arange(side * side).reshape(side, side)
    pairs = [
        *zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True),
        *zip(number[:-1].ravel(), number[1:].ravel(), strict=True),
    ]
    return graph_of([(int(u), int(v), seconds, False) for u, v in pairs], need)


def check(graph, loop, base, budget_s):
    """Check that a loop is a closed walk on arcs that exist, in time, with the figures it tells."""
    arcs = loop.arcs
    at = base
    for arc in arcs:
        assert graph.tail[arc] == at
        at = graph.head[arc]
    assert at == base
    assert loop.seconds == pytest.approx(graph.seconds[arcs].sum())
    assert loop.seconds <= budget_s + 1e-6
    assert loop.need == pytest.approx(graph.need[np.unique(graph.edge[arcs])].sum())
    assert loop.need <= loop.bound * (1 + 1e-9) + 1e-9


def best_by_all_walks(graph, base, budget_s):
    """Return the most need of any closed walk, by trying all of them."""
    best, waiting = 0.0, [(base, 0.0, frozenset())]
    seen = {}
    while waiting:
        node, spent_s, passed = waiting.pop()
        if seen.get((node, passed), np.inf) <= spent_s:
            continue
        seen[node, passed] = spent_s
        if node == base:
            best = max(best, sum(graph.need[list(passed)]) if passed else 0.0)
        for arc in np.flatnonzero(graph.tail == node):
            later_s = spent_s + graph.seconds[arc]
            if later_s <= budget_s:
                waiting.append((graph.head[arc], later_s, passed | {int(graph.edge[arc])}))
    return best


street = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 9), st.booleans()).filter(
    lambda s: s[0] != s[1]
)
town = st.lists(street, min_size=1, max_size=5)


@exact
@given(town, st.lists(st.integers(0, 9), min_size=5, max_size=5), st.integers(0, 24))
def test_no_walk_of_a_tiny_town_beats_the_bound_and_the_loop_is_one_of_them(drawn, need, budget_s):
    graph = graph_of(drawn, need[: len(drawn)], n_nodes=5)
    loop = patrol_loop(graph, 0, float(budget_s), max_segments=50)
    check(graph, loop, 0, budget_s)
    best = best_by_all_walks(graph, 0, budget_s)
    assert loop.need <= best + 1e-9 <= loop.bound + 2e-9


@exact
@given(
    st.lists(st.integers(0, 9), min_size=24, max_size=24),
    st.integers(0, 15),
    st.floats(0, 600),
)
def test_every_loop_of_a_lattice_is_closed_and_in_time(need, base, budget_s):
    graph = lattice(4, need)
    check(graph, patrol_loop(graph, base, budget_s, max_segments=50), base, budget_s)


def test_with_time_for_everything_everything_is_passed_and_the_gap_is_closed():
    graph = lattice(4, np.ones(24))
    loop = patrol_loop(graph, 0, 1_000.0, max_segments=50)
    assert loop.need == pytest.approx(24)
    assert loop.gap_ratio == pytest.approx(0, abs=1e-12)


def test_a_one_way_ring_is_driven_the_way_it_may_be():
    # 0 → 1 → 2 → 0, and a two-way street 1 – 3
    graph = graph_of(
        [(0, 1, 10, True), (1, 2, 10, True), (2, 0, 10, True), (1, 3, 5, False)], [1, 1, 1, 1]
    )
    loop = patrol_loop(graph, 0, 40.0, max_segments=50)
    check(graph, loop, 0, 40.0)
    assert loop.need == 4
    assert loop.seconds == 40.0


def test_a_street_one_cannot_come_back_from_is_not_driven():
    graph = graph_of([(0, 1, 1, False), (1, 2, 1, True)], [1, 100])
    loop = patrol_loop(graph, 0, 100.0, max_segments=50)
    assert loop.need == 1
    assert loop.bound == 1


def test_the_worst_street_is_driven_first_when_there_is_time_for_one():
    # three spokes of 10 s from the base
    graph = graph_of([(0, n, 10, False) for n in (1, 2, 3)], [1, 5, 3])
    assert patrol_loop(graph, 0, 20.0, max_segments=50).need == 5
    assert patrol_loop(graph, 0, 40.0, max_segments=50).need == 8


@pytest.mark.parametrize("budget_s", [100, 200, 400])
def test_more_time_never_passes_less_need_by_the_bound(budget_s):
    need = np.random.default_rng(1).random(24)
    graph = lattice(4, need)
    shorter = patrol_loop(graph, 0, budget_s, max_segments=50)
    longer = patrol_loop(graph, 0, budget_s * 1.5, max_segments=50)
    assert longer.bound >= shorter.bound
    assert longer.need >= 0.7 * shorter.bound


def test_a_loop_on_a_town_passes_most_of_what_the_bound_allows():
    need = np.random.default_rng(2).gamma(0.5, size=2 * 15 * 14)
    graph = lattice(15, need)
    loop = patrol_loop(graph, 100, 1_500.0, max_segments=400)
    check(graph, loop, 100, 1_500.0)
    assert loop.need >= 0.6 * loop.bound


def test_nothing_fits_in_no_time():
    loop = patrol_loop(lattice(3, np.ones(12)), 0, 5.0, max_segments=50)
    assert len(loop.arcs) == 0
    assert loop.need == 0


def test_the_user_may_end_the_search_and_keeps_the_best_so_far():
    need = np.random.default_rng(4).random(2 * 10 * 9)
    graph = lattice(10, need)
    told = []

    def enough(_code, _ratio, /, **figures):
        told.append(figures)
        raise EnoughError

    loop = patrol_loop(graph, 0, 700.0, max_segments=300, progress=enough)
    check(graph, loop, 0, 700.0)
    assert loop.stopped
    assert loop.need == pytest.approx(told[0]["objective"])
    assert need_of(graph, loop.arcs) > 0


def test_of_parallel_streets_the_faster_one_joins_and_both_can_be_aimed_at():
    graph = graph_of([(0, 1, 9, False), (0, 1, 4, False), (1, 2, 1, False)], [7, 0, 1])
    loop = patrol_loop(graph, 0, 15.0, max_segments=50)
    check(graph, loop, 0, 15.0)
    assert loop.need == 8

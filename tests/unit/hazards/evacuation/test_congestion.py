"""The queue model against free flow, closed formulas and a naive model of tandem queues."""

from __future__ import annotations

import numpy as np
import pytest
from evac_graphs import graph_of
from evac_graphs import random_city
from evac_graphs import streets_of
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.hazards.evacuation.congestion import Congestion
from ilo_geo.hazards.evacuation.congestion import QueueLimits
from ilo_geo.hazards.evacuation.congestion import simulate
from ilo_geo.hazards.evacuation.congestion import street_limits
from ilo_geo.hazards.evacuation.congestion import whole_people
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import evac_tree

LONG_S = 100_000.0


def row_of_streets(seconds: list[float]) -> EvacTree:
    """Node 0 to the last one in a row; the last is safe."""
    n = len(seconds)
    xy = [(100.0 * i, 0.0) for i in range(n + 1)]
    return evac_tree(graph_of(xy, [(i, i + 1, i) for i in range(n)], [n], seconds=seconds))


def limits(tree: EvacTree, flow: dict[int, float], storage: dict[int, float]) -> QueueLimits:
    """Return limits by link, infinite where not said."""
    link = tree.graph.arc_link
    return QueueLimits(
        np.array([flow.get(int(k), np.inf) for k in link]),
        np.array([storage.get(int(k), np.inf) for k in link]),
    )


def crowd(node: int, inhab: float, delay_s: float = 0.0) -> People:
    return People(np.array([node]), np.array([inhab]), np.array([delay_s]))


def assert_nobody_lost(found: Congestion, people: People) -> None:
    """Everybody is waiting, walking or safe in every row; walking = left and not yet arrived."""
    total = int(whole_people(people.inhab).sum())
    curve = found.curve
    counted = curve[["waiting_inhab", "in_transit_inhab", "arrived_inhab"]].sum(axis=1)
    assert (counted == total).all()
    for row in curve.itertuples():
        at_s = round(row.minute * 60, 6)
        left = (found.left_s <= at_s).sum()
        arrived = (found.arrived_s <= at_s).sum()
        assert row.in_transit_inhab == left - arrived
        assert row.arrived_inhab == arrived


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 5_000))
def test_without_limits_everybody_arrives_as_on_an_empty_street(seed: int) -> None:
    graph, people = random_city(seed)
    tree = evac_tree(graph)
    found = simulate(tree, people, limits(tree, {}, {}), horizon_s=LONG_S, sample_s=LONG_S)
    free_s = arrival_times_s(people, tree.time_s)
    np.testing.assert_allclose(found.arrived_s, free_s[found.agent_person], rtol=1e-12)
    assert found.no_way_inhab == people.inhab[np.isinf(free_s)].sum()
    assert (found.queue_max_inhab == 0).all()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 5_000), width_m=st.sampled_from([0.05, 0.2, 1.0]))
def test_nobody_is_lost_and_nobody_is_faster_than_alone(seed: int, width_m: float) -> None:
    graph, people = random_city(seed)
    tree = evac_tree(graph)
    narrow = street_limits(graph, streets_of(graph, width_m=width_m))
    found = simulate(tree, people, narrow, horizon_s=600.0, sample_s=7.0)
    assert_nobody_lost(found, people)
    free_s = arrival_times_s(people, tree.time_s)[found.agent_person]
    assert (found.arrived_s >= free_s - 1e-9).all()
    late_alone = people.inhab[arrival_times_s(people, tree.time_s) > 150.0].sum()
    assert found.late_inhab(150.0) >= late_alone


def test_a_bottleneck_lets_people_out_at_its_capacity_and_no_faster() -> None:
    """Closed formula (D/D/1): person k arrives at free time + k / capacity."""
    tree = row_of_streets([10.0, 30.0, 20.0])
    found = simulate(tree, crowd(0, 500), limits(tree, {1: 2.5}, {}), horizon_s=LONG_S)
    np.testing.assert_allclose(np.sort(found.arrived_s), 60.0 + np.arange(500) / 2.5)
    assert found.passed_inhab.tolist() == [500, 500, 500, 0]
    # all but the one at the door wait at once; the mean wait is half the time it takes to drain
    assert found.queue_max_inhab.tolist() == [0, 499, 0, 0]
    np.testing.assert_allclose(found.waited_s[1], sum(k / 2.5 for k in range(500)))


def test_a_full_street_holds_people_back_to_their_doors() -> None:
    """Closed formula: a street that holds one person for 10 s lets one in every 10 s."""
    tree = row_of_streets([5.0, 10.0])
    found = simulate(
        tree, crowd(0, 6), limits(tree, {}, {0: 2, 1: 1}), horizon_s=LONG_S, sample_s=1.0
    )
    np.testing.assert_allclose(np.sort(found.arrived_s), 15.0 + 10.0 * np.arange(6))
    # street 0 holds two: the third leaves home when the first leaves street 0, and so on
    np.testing.assert_allclose(np.sort(found.left_s), [0, 0, 5, 15, 25, 35])
    assert_nobody_lost(found, crowd(0, 6))
    assert found.curve["in_transit_inhab"].max() == 3


def test_two_full_streets_into_one_take_turns() -> None:
    """Who waited longest goes first, so neither street starves the other."""
    xy = [(0, 0), (0, 200), (100, 100), (200, 100)]
    graph = graph_of(xy, [(0, 2, 0), (1, 2, 1), (2, 3, 2)], [3], seconds=[5.0, 5.0, 10.0])
    tree = evac_tree(graph)
    people = People(np.array([0, 1]), np.array([20.0, 20.0]), np.zeros(2))
    found = simulate(tree, people, limits(tree, {}, {2: 1}), horizon_s=LONG_S)
    order = found.agent_person[np.argsort(found.arrived_s)]
    assert abs(np.cumsum(order * 2 - 1)).max() <= 2


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 5_000),
    free_s=st.lists(st.integers(0, 40), min_size=1, max_size=5),
    n_groups=st.integers(1, 6),
)
def test_tandem_queues_equal_the_recursion_of_lindley(
    seed: int, free_s: list[int], n_groups: int
) -> None:
    """Naive model: out_k = max(in_k + free, out_(k-1) + headway), street by street."""
    rng = np.random.default_rng(seed)
    tree = row_of_streets([float(s) for s in free_s])
    people = People(
        rng.integers(0, len(free_s), n_groups),
        rng.integers(1, 20, n_groups).astype(float),
        rng.integers(0, 60, n_groups).astype(float),
    )
    flow = {i: float(rng.integers(1, 5)) / 4 for i in range(len(free_s)) if rng.random() < 0.7}
    found = simulate(tree, people, limits(tree, flow, {}), horizon_s=LONG_S)
    walking: list[float] = []
    for street, seconds in enumerate(free_s):
        here = people.node == street
        walking += list(np.repeat(people.delay_s[here], people.inhab[here].astype(int)))
        out, free_at = [], -np.inf
        for enters in sorted(walking):
            free_at = max(enters + seconds, free_at)
            out.append(free_at)
            free_at += 1 / flow[street] if street in flow else 0.0
        walking = out
    np.testing.assert_allclose(np.sort(found.arrived_s), np.sort(walking))


def test_people_still_queueing_at_the_end_are_counted_as_waiting_there() -> None:
    tree = row_of_streets([10.0])
    found = simulate(tree, crowd(0, 100), limits(tree, {0: 0.1}, {}), horizon_s=60.0)
    assert found.curve["arrived_inhab"].tolist() == [0, 6]
    assert np.isinf(found.arrived_s).sum() == 94
    # those let out waited 0, 10 … 50 s; the rest have stood there since second 10
    np.testing.assert_allclose(found.waited_s[0], 150 + 94 * 50)
    assert found.late_inhab(60.0) == 94


def test_departures_spread_at_random_start_within_the_spread_and_repeat_with_the_seed() -> None:
    tree = row_of_streets([10.0])
    free = limits(tree, {}, {})
    a, b, c = (
        simulate(tree, crowd(0, 200, 60.0), free, horizon_s=LONG_S, spread_s=120.0, seed=seed)
        for seed in (1, 1, 2)
    )
    assert 60.0 <= a.left_s.min() < 70.0
    assert 170.0 < a.left_s.max() <= 180.0
    np.testing.assert_array_equal(a.arrived_s, b.arrived_s)
    assert (a.arrived_s != c.arrived_s).any()


@given(st.lists(st.floats(0, 30), max_size=40))
def test_whole_people_follow_the_running_sum_within_half_a_person(inhab: list[float]) -> None:
    found = whole_people(np.array(inhab))
    assert (found >= 0).all()
    assert (np.abs(np.cumsum(found) - np.cumsum(inhab)) <= 0.5 + 1e-9).all()


def test_limits_of_a_street_follow_its_width() -> None:
    """1.3 people a second and metre, 1.0 on stairs, 5.4 a square metre (SFPE; Weidmann)."""
    graph = graph_of(
        [(0, 0), (20, 0), (40, 0), (60, 0), (60.5, 0)],
        [(0, 1, 0), (1, 2, 1), (2, 3, -1), (3, 4, 2)],
        [4],
    )
    streets = streets_of(graph, classes={1: "steps"}, width_m=4.0)
    streets.loc[2, "width_m"] = np.nan
    found = street_limits(graph, streets)
    np.testing.assert_allclose(found.flow_per_s[:4], [5.2, 4.0, np.inf, 5.2])
    np.testing.assert_allclose(found.storage_inhab[:4], [432, 432, np.inf, 10])


def test_a_piece_shorter_than_a_step_still_passes_what_its_width_does() -> None:
    graph = graph_of([(0, 0), (0.01, 0), (20, 0)], [(0, 1, 0), (1, 2, 1)], [2])
    tree = evac_tree(graph)
    narrow = street_limits(graph, streets_of(graph, width_m=1.0))
    found = simulate(tree, crowd(0, 50), narrow, horizon_s=LONG_S)
    assert found.arrived_s.max() == pytest.approx(20.0 + 49 / 1.3, abs=0.1)

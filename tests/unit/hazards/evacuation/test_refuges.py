"""Vertical refuges: who reaches which by full search, and the choice against every other choice."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from evac_graphs import CRS
from evac_graphs import graph_of
from evac_graphs import random_city
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.max_coverage import Coverage
from ilo_geo.hazards.evacuation.max_coverage import choose_refuges
from ilo_geo.hazards.evacuation.refuges import Water
from ilo_geo.hazards.evacuation.refuges import building_candidates
from ilo_geo.hazards.evacuation.refuges import coverage
from ilo_geo.hazards.evacuation.refuges import late_people
from ilo_geo.hazards.evacuation.refuges import site_candidates
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.times import times_to_safety_s

WATER = Water(level_m=20.0, safe_above_m=25.0)


def most_saved(cover: Coverage, chosen: tuple[int, ...]) -> float:
    """Return the people ``chosen`` can take in: maximum flow by networkx (whole numbers)."""
    flow = nx.DiGraph()
    flow.add_node("people")
    flow.add_node("safe")
    dense = cover.saves.toarray()
    for group, inhab in enumerate(cover.inhab):
        flow.add_edge("people", ("group", group), capacity=int(inhab))
        for c in chosen:
            if dense[c, group]:
                flow.add_edge(("group", group), ("refuge", c))
    for c in chosen:
        limit = cover.capacity_inhab[c]
        room = {} if np.isinf(limit) else {"capacity": int(limit)}
        flow.add_edge(("refuge", c), "safe", **room)
    return float(nx.maximum_flow_value(flow, "people", "safe"))


def optimum(cover: Coverage, n_refuges: int) -> float:
    n = cover.saves.shape[0]
    return max(
        most_saved(cover, choice)
        for size in range(min(n_refuges, n) + 1)
        for choice in combinations(range(n), size)
    )


def random_cover(seed: int, *, limited: bool) -> Coverage:
    rng = np.random.default_rng(seed)
    n_candidates, n_groups = rng.integers(1, 8), rng.integers(1, 9)
    inhab = rng.integers(1, 30, n_groups).astype(float)
    capacity = np.full(n_candidates, np.inf)
    if limited:
        small = rng.random(n_candidates) < 0.7
        capacity[small] = rng.integers(1, 40, small.sum())
    return Coverage(
        saves=csr_array((rng.random((n_candidates, n_groups)) < 0.4).astype(np.int8)),
        inhab=inhab,
        capacity_inhab=capacity,
        late_inhab=float(inhab.sum()),
    )


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), n_refuges=st.integers(0, 4), limited=st.booleans())
def test_the_choice_is_the_best_of_all_choices(seed: int, n_refuges: int, limited: bool) -> None:
    """Every choice is tried; the people each takes in by maximum flow (networkx)."""
    cover = random_cover(seed, limited=limited)
    choice = choose_refuges(cover, n_refuges=n_refuges)
    best = optimum(cover, n_refuges)
    assert choice.saved_inhab == pytest.approx(best, abs=1e-6)
    assert choice.upper_bound_inhab == pytest.approx(best, abs=1e-6)
    assert choice.gap_inhab == 0.0
    assert choice.greedy_saved_inhab <= best + 1e-6
    assert len(choice.chosen) <= n_refuges
    assert (choice.assigned_inhab <= cover.capacity_inhab[choice.chosen] + 1e-6).all()


def test_greedy_falls_into_the_known_trap_and_the_choice_does_not() -> None:
    """Textbook case of maximum coverage: the largest set is in no best pair."""
    saves = csr_array(
        np.array([[1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]], np.int8)
    )
    cover = Coverage(saves, np.full(6, 10.0), np.full(3, np.inf), 60.0)
    choice = choose_refuges(cover, n_refuges=2)
    assert choice.greedy_saved_inhab == 50.0
    assert choice.saved_inhab == choice.upper_bound_inhab == 60.0
    assert set(choice.chosen) == {0, 2}


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_who_reaches_a_refuge_equals_a_full_search_to_it_alone(seed: int) -> None:
    graph, people = random_city(seed)
    tree = evac_tree(graph)
    late = late_people(tree, people, arrival_s=60.0)
    rng = np.random.default_rng(seed)
    node = rng.integers(0, graph.n_nodes, 4)
    candidates = gpd.GeoDataFrame(
        {"node": node, "enter_s": rng.integers(0, 40, 4), "capacity_inhab": np.inf},
        geometry=shapely.points(graph.node_xy[node]),
        crs=CRS,
    )
    cover = coverage(tree, late, candidates, arrival_s=120.0)
    reached = cover.saves.toarray() @ cover.inhab
    for i, row in enumerate(candidates.itertuples()):
        only = np.zeros(graph.n_nodes, dtype=bool)
        only[row.node] = True
        walk_s = times_to_safety_s(replace(graph, safe=only))[0][late.node]
        in_time = late.delay_s + walk_s + row.enter_s <= 120.0
        assert reached[i] == late.inhab[in_time].sum()
    assert cover.late_inhab == late.inhab.sum()


def test_a_refuge_stands_above_the_depth_a_third_more_and_three_metres() -> None:
    """FEMA P-646: 1.3 times the depth and 10 ft; and never lower than what the study calls safe."""
    needed = WATER.height_needed_m(np.array([0.0, 10.0, 19.0, 24.0]))
    np.testing.assert_allclose(needed, [29.0, 16.0, 6.0, 3.0])


def street(elevation_m: float) -> EvacGraph:
    return graph_of(
        [(0, 0), (100, 0), (200, 0), (300, 0)],
        [(0, 1, 0), (1, 2, 0), (2, 3, 0)],
        [3],
        elevation_m=[elevation_m] * 4,
        seconds=[100.0, 100.0, 100.0],
    )


def test_only_buildings_of_the_rule_that_are_high_enough_are_candidates() -> None:
    rows = [
        # use, levels, height, x, is a candidate on ground at 18 m (needs 7.0 m)
        ("school", 2, 7.0, 0, True),
        ("school", 1, 9.0, 0, False),
        ("residential", 2, 9.0, 0, False),
        ("residential", 3, 9.0, 0, True),
        ("health", 3, 6.9, 0, False),
        ("health", 3, float("nan"), 0, False),
        ("school", 2, 9.0, 5000, False),
        ("school", 2, 9.0, 310, False),  # beside safe ground
    ]
    use, levels, height_m, x, expected = zip(*rows, strict=True)
    buildings = gpd.GeoDataFrame(
        {"use": use, "levels": levels, "height_m": height_m},
        geometry=[shapely.box(at - 5, 5, at + 5, 25) for at in x],
        index=[f"b{n}" for n in range(len(rows))],
        crs=CRS,
    )
    found = building_candidates(street(18.0), buildings, WATER)
    assert found["label"].tolist() == [f"b{n}" for n, good in enumerate(expected) if good]
    assert (found["capacity_inhab"] == 200.0).all()
    # 15 m of open ground (0.56 of 1 m/s), then the roof at 0.15 m/s
    np.testing.assert_allclose(found["enter_s"], 15 / 0.56 + found["height_m"] / 0.15)
    assert building_candidates(street(10.0), buildings, WATER).empty


def test_tower_sites_lie_where_late_people_set_out_and_are_as_high_as_it_takes() -> None:
    graph = street(10.0)
    tree = evac_tree(graph)
    people = People(np.array([0, 2]), np.array([5.0, 3.0]), np.array([0.0, 0.0]))
    late = late_people(tree, people, arrival_s=200.0)
    assert late.inhab.tolist() == [5.0]
    sites = site_candidates(tree, late.node, WATER, spacing_m=150.0, crs=CRS)
    assert sites["node"].tolist() == [1]  # the corner nearest to the middle of (0, 150)
    assert sites["height_needed_m"].tolist() == [16.0]
    assert np.isinf(sites["capacity_inhab"]).all()
    nowhere = site_candidates(tree, np.zeros(0, np.int64), WATER, spacing_m=150.0, crs=CRS)
    assert nowhere.empty
    none = coverage(tree, late, nowhere, arrival_s=200.0)
    assert choose_refuges(none, n_refuges=2).saved_inhab == 0.0


def test_capacity_can_be_left_out() -> None:
    graph = street(18.0)
    tree = evac_tree(graph)
    late = People(np.array([0]), np.array([500.0]), np.array([0.0]))
    small = gpd.GeoDataFrame(
        {"node": [0], "enter_s": [0.0], "capacity_inhab": [120.0]},
        geometry=[shapely.Point(0, 0)],
        crs=CRS,
    )
    full = choose_refuges(coverage(tree, late, small, arrival_s=60.0), n_refuges=1)
    assert full.saved_inhab == pytest.approx(120.0)
    free = coverage(tree, late, small, arrival_s=60.0, with_capacity=False)
    assert choose_refuges(free, n_refuges=1).saved_inhab == 500.0

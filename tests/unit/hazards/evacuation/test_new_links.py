"""New stairs and links: each valued as by a full search, the choice against every other choice."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from evac_graphs import CRS
from evac_graphs import graph_of
from evac_graphs import random_city
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures_rules import measure_rules
from ilo_geo.hazards.evacuation.new_links import LinkCandidates
from ilo_geo.hazards.evacuation.new_links import choose_links
from ilo_geo.hazards.evacuation.new_links import link_candidates
from ilo_geo.hazards.evacuation.new_links import people_saved
from ilo_geo.hazards.evacuation.new_links import with_links
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.retime import people_by_node
from ilo_geo.hazards.evacuation.times import times_to_safety_s

ARRIVAL_S = 90.0


def saved_by_brute_force(graph: EvacGraph, people: People, links: LinkCandidates) -> float:
    """Return who is late today and in time with all ``links``, by searching everything twice."""
    before = arrival_times_s(people, times_to_safety_s(graph)[0])
    after = arrival_times_s(people, times_to_safety_s(with_links(graph, links))[0])
    return float(people.inhab[(before > ARRIVAL_S) & (after <= ARRIVAL_S)].sum())


def some_links(graph: EvacGraph, seed: int, n_links: int) -> LinkCandidates:
    """Return random links, each way with seconds of its own."""
    rng = np.random.default_rng(seed)
    lower, upper = rng.integers(0, graph.n_nodes, (2, n_links))
    seconds = 2.0 * rng.integers(1, 20, (2, n_links))
    zero = np.zeros(n_links)
    return LinkCandidates(lower, upper, *seconds, zero + 10, zero, zero.astype(bool))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_each_link_saves_whom_a_full_search_says(seed: int) -> None:
    graph, people = random_city(seed)
    links = some_links(graph, seed, 8)
    tree = evac_tree(graph)
    by_node = people_by_node(people, graph.n_nodes)
    saved = people_saved(tree, by_node, links, arrival_s=ARRIVAL_S)
    for i in range(len(links)):
        assert saved[i] == saved_by_brute_force(graph, people, links.of(np.array([i])))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), n_links=st.integers(0, 3))
def test_the_choice_stands_between_its_own_sum_and_the_bound(seed: int, n_links: int) -> None:
    """Exact optimum by trying every choice; greedy may fall short of it, the bound never does."""
    graph, people = random_city(seed, 20)
    links = some_links(graph, seed, 6)
    found = choose_links(evac_tree(graph), people, links, n_links=n_links, arrival_s=ARRIVAL_S)
    saved = saved_by_brute_force(graph, people, links.of(found.chosen))
    assert found.saved_inhab.sum() == saved
    optimum = max(
        saved_by_brute_force(graph, people, links.of(np.array(choice, dtype=int)))
        for size in range(n_links + 1)
        for choice in combinations(range(len(links)), size)
    )
    assert saved <= optimum <= found.all_saved_inhab
    assert found.gap_inhab == found.all_saved_inhab - saved
    if n_links == 1:
        assert saved == optimum
    assert (found.tree.time_s <= times_to_safety_s(graph)[0]).all()


def test_two_links_in_a_row_show_that_greedy_may_find_nothing_and_the_bound_says_so() -> None:
    # 0 → 2 is late on foot; each of two short cuts alone is not enough
    graph = graph_of(
        [(0, 0), (50, 0), (100, 0)], [(0, 1, 0), (1, 2, 1)], [2], seconds=[100.0, 100.0]
    )
    people = People(np.array([0]), np.array([9.0]), np.array([0.0]))
    two = np.array([0, 1]), np.array([1, 2])
    zero = np.zeros(2)
    links = LinkCandidates(*two, zero + 40, zero + 40, zero + 50, zero, zero.astype(bool))
    found = choose_links(evac_tree(graph), people, links, n_links=2, arrival_s=ARRIVAL_S)
    assert len(found.chosen) == 0
    assert found.gap_inhab == found.all_saved_inhab == 9.0


def terraces() -> tuple[EvacGraph, People]:
    """Two streets, 80 m apart and 16 m of height, joined by a road 1 km away; the upper is safe."""
    xs = np.arange(0, 1001, 100.0)
    xy = [(x, 0.0) for x in xs] + [(x, 80.0) for x in xs]
    n = len(xs)
    lower = [(i, i + 1, 0) for i in range(n - 1)]
    upper = [(n + i, n + i + 1, 1) for i in range(n - 1)]
    elevation_m = [10.0] * n + [26.0] * n
    graph = graph_of(
        xy,
        [*lower, *upper, (n - 1, 2 * n - 1, 2)],
        list(range(n, 2 * n)),
        elevation_m=elevation_m,
    )
    people = People(np.array([0, 1]), np.array([40.0, 30.0]), np.array([0.0, 0.0]))
    return graph, people


def test_a_stair_between_the_terraces_is_proposed_where_the_late_people_live() -> None:
    graph, people = terraces()
    tree = evac_tree(graph)
    candidates = link_candidates(tree, max_length_m=100.0)
    found = choose_links(tree, people, candidates, n_links=1, arrival_s=800.0)
    assert (candidates.lower[found.chosen[0]], candidates.upper[found.chosen[0]]) == (1, 12)
    assert found.saved_inhab.tolist() == [70.0]
    table = found.table(CRS)
    assert table["kind"].tolist() == ["stairs"]
    assert table["length_m"].iloc[0] == pytest.approx(80.0)
    assert table["slope_ratio"].iloc[0] == pytest.approx(0.2)
    assert table.geometry.iloc[0].equals(shapely.LineString([(100, 0), (100, 80)]))


def test_no_link_through_a_building() -> None:
    graph, _ = terraces()
    tree = evac_tree(graph)
    free = link_candidates(tree, max_length_m=100.0)
    house = gpd.GeoDataFrame(geometry=[shapely.box(90, 30, 110, 50)], crs=CRS)
    left = link_candidates(tree, max_length_m=100.0, obstacles=[house, None])
    pairs = {tuple(pair) for pair in np.stack([free.lower, free.upper], axis=1).tolist()}
    kept = {tuple(pair) for pair in np.stack([left.lower, left.upper], axis=1).tolist()}
    assert pairs - kept == {(1, 12)}


def test_no_link_longer_or_steeper_than_a_stair_may_be() -> None:
    graph, _ = terraces()
    tree = evac_tree(graph)
    assert len(link_candidates(tree, max_length_m=79.0)) == 0
    steep = measure_rules().new_links.max_slope_ratio.value * 80 + 1
    cliff = graph_of(
        graph.node_xy,
        [(int(u), int(v), 0) for u, v in zip(graph.arc_from[:21], graph.arc_to[:21], strict=True)],
        list(np.flatnonzero(graph.safe)),
        elevation_m=np.where(graph.safe, steep, 0.0),
    )
    assert len(link_candidates(evac_tree(cliff), max_length_m=80.0)) == 0


def test_a_copy_of_a_street_on_the_map_gains_nothing() -> None:
    graph, _ = terraces()
    tree = evac_tree(graph)
    candidates = link_candidates(tree, max_length_m=100.0)
    pairs = {
        tuple(pair) for pair in np.stack([candidates.lower, candidates.upper], axis=1).tolist()
    }
    assert (10, 21) not in pairs
    assert {(i, 11 + i) for i in range(9)} <= pairs

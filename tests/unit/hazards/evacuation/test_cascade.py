"""Blocked streets and the fire ring: monotone, repeatable, and by hand on small streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from evac_graphs import CRS
from evac_graphs import graph_of
from evac_graphs import random_city
from evac_graphs import streets_of
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import CrsError
from ilo_geo.hazards.evacuation.cascade import blocked_streets
from ilo_geo.hazards.evacuation.cascade import cascade
from ilo_geo.hazards.evacuation.cascade import closed_by_fire
from ilo_geo.hazards.evacuation.cascade import exposed_streets
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import closes_with_its_street
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.times import times_to_safety_s

ARRIVAL_S = 150.0


@given(
    n=st.integers(0, 60),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    seed=st.integers(0, 99),
    draw=st.integers(0, 99),
)
def test_a_greater_share_blocks_the_same_streets_and_more(
    n: int, shares: tuple[float, float], seed: int, draw: int
) -> None:
    exposed = np.arange(n) * 3
    few, many = (
        set(blocked_streets(exposed, share, seed=seed, draw=draw).tolist())
        for share in sorted(shares)
    )
    assert few <= many <= set(exposed.tolist())
    assert len(few) == int(np.floor(min(shares) * n + 0.5))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 5_000))
def test_more_blocked_streets_never_help_and_none_is_the_city_as_it_stands(seed: int) -> None:
    graph, people = random_city(seed)
    tree = evac_tree(graph)
    exposed = np.random.default_rng(seed).random(int(graph.arc_link.max(initial=-1)) + 1) < 0.7
    late_before = None
    for share in (0.0, 0.3, 0.6, 1.0):
        found = cascade(
            tree,
            people,
            exposed,
            arrival_s=ARRIVAL_S,
            blocked_share_ratio=share,
            n_draws=5,
            seed=seed,
        )
        late = found.draws["late_inhab"].to_numpy()
        if share == 0.0:
            assert (late == found.base_late_inhab).all()
        if late_before is not None:
            assert (late >= late_before).all()
        late_before = late
    # all exposed streets closed, by a full search
    closed = closes_with_its_street(graph) & np.append(exposed, False)[graph.arc_link]
    total_s = arrival_times_s(people, times_to_safety_s(graph, closed_arc=closed)[0])
    assert (late_before == people.inhab[total_s > ARRIVAL_S].sum()).all()
    assert found.late_ratio.tolist() == (total_s > ARRIVAL_S).tolist()


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    graph, people = random_city(11)
    tree, exposed = evac_tree(graph), np.ones(int(graph.arc_link.max()) + 1, dtype=bool)

    def draws(seed: int) -> list[float]:
        found = cascade(
            tree,
            people,
            exposed,
            arrival_s=ARRIVAL_S,
            blocked_share_ratio=0.3,
            n_draws=20,
            seed=seed,
        )
        return list(found.draws["late_inhab"])

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)


def test_quantiles_hold_the_median_and_nine_draws_of_ten() -> None:
    graph, people = random_city(11)
    exposed = np.ones(int(graph.arc_link.max()) + 1, dtype=bool)
    found = cascade(
        evac_tree(graph),
        people,
        exposed,
        arrival_s=ARRIVAL_S,
        blocked_share_ratio=0.3,
        n_draws=101,
        seed=5,
    )
    late = np.sort(found.draws["late_inhab"].to_numpy())
    assert found.late_quantiles_inhab() == {"p05": late[5], "median": late[50], "p95": late[95]}


def test_who_is_in_the_fire_walks_out_and_who_is_outside_does_not_walk_in() -> None:
    # 0 - 1 - 2 - 3 in a row, the fire round 1; 0 has a long way round over 4
    xy = [(0, 0), (100, 0), (200, 0), (300, 0), (100, 200)]
    edges = [(0, 1, 0), (1, 2, 0), (2, 3, 0), (0, 4, 1), (4, 2, 1)]
    graph = graph_of(xy, edges, [3])
    people = People(np.array([0, 1, 2]), np.array([5.0, 7.0, 1.0]), np.zeros(3))
    ring = shapely.Point(100, 0).buffer(50)
    closed = closed_by_fire(graph, ring)
    ways = {
        (int(u), int(v)) for u, v in zip(graph.arc_from[closed], graph.arc_to[closed], strict=True)
    }
    assert ways == {(0, 1), (2, 1)}
    found = cascade(
        evac_tree(graph),
        people,
        np.zeros(2, dtype=bool),
        arrival_s=310.0,
        blocked_share_ratio=0.5,
        n_draws=1,
        seed=0,
        ring=ring,
    )
    assert (found.base_late_inhab, found.fire_late_inhab) == (0.0, 5.0)
    assert found.draws["late_inhab"].tolist() == [5.0]


def test_a_way_across_the_ring_is_closed_although_no_corner_lies_in_it() -> None:
    graph = graph_of([(0, 0), (100, 0)], [(0, 1, 0)], [1])
    assert closed_by_fire(graph, shapely.Point(50, 0).buffer(10)).all()


def test_a_street_is_exposed_by_height_over_width_and_sooner_where_construction_is_weak() -> None:
    # rule: height / width ≥ 0.5, in weak zones ≥ 0.25; beside: half the width and 3 m
    graph = graph_of(
        [(0, y) for y in range(0, 500, 100)] + [(50, y) for y in range(0, 500, 100)],
        [(i, i + 5, i) for i in range(5)],
        [0],
    )
    streets = streets_of(graph, width_m=10.0)
    heights = [5.0, 4.9, 9.0, 2.5, 2.4]
    gaps_m = [7.0, 7.0, 8.5, 7.0, 7.0]  # from the axis: 5 m of street and 3 m of setback reach 8 m
    buildings = gpd.GeoDataFrame(
        {"height_m": heights},
        geometry=[
            shapely.box(10, 100 * i + gap, 20, 100 * i + gap + 9) for i, gap in enumerate(gaps_m)
        ],
        crs=CRS,
    )
    weak = gpd.GeoDataFrame(geometry=[shapely.box(0, 290, 50, 450)], crs=CRS)
    assert exposed_streets(streets, buildings).tolist() == [True, False, False, False, False]
    assert exposed_streets(streets, buildings, weak).tolist() == [True, False, False, True, False]


def test_layers_in_other_systems_are_refused() -> None:
    graph, _ = random_city(1)
    houses = gpd.GeoDataFrame(
        {"height_m": [3.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:32718"
    )
    with pytest.raises(CrsError):
        exposed_streets(streets_of(graph), houses)

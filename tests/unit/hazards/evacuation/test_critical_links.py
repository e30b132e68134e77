"""Streets ranked by who would be late without them, against closing every street by full search."""

from __future__ import annotations

import numpy as np
import pytest
from evac_graphs import graph_of
from evac_graphs import random_city
from evac_graphs import streets_of
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.hazards.evacuation.critical_links import critical_links
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.retime import closes_with_its_street
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.times import times_to_safety_s

ARRIVAL_S = 150.0


def brute_force(
    graph: EvacGraph, people: People, link: int, *, residents_leave: bool
) -> tuple[float, float]:
    """Return extra late people and people without any way, by searching the whole network twice."""
    closed = closes_with_its_street(graph, residents_leave=residents_leave)
    closed &= graph.arc_link == link
    before = arrival_times_s(people, times_to_safety_s(graph)[0])
    after = arrival_times_s(people, times_to_safety_s(graph, closed_arc=closed)[0])
    late = people.inhab[(before <= ARRIVAL_S) & (after > ARRIVAL_S)].sum()
    return float(late), float(people.inhab[np.isinf(after) & np.isfinite(before)].sum())


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), residents_leave=st.booleans())
def test_every_street_equals_brute_force_and_those_not_listed_change_nothing(
    seed: int, residents_leave: bool
) -> None:
    graph, people = random_city(seed)
    found = critical_links(
        evac_tree(graph),
        people,
        streets_of(graph),
        arrival_s=ARRIVAL_S,
        residents_leave=residents_leave,
    ).set_index("link")
    for link in range(int(graph.arc_link.max(initial=-1)) + 1):
        late, no_way = brute_force(graph, people, link, residents_leave=residents_leave)
        row = found.loc[link] if link in found.index else None
        assert late == (0.0 if row is None else row["extra_late_inhab"])
        assert no_way == (0.0 if row is None else row["no_way_inhab"])


def two_ways() -> tuple[EvacGraph, People]:
    """A lower square (0) with a short stair (street 0) and a long ramp (street 1) to safety (3)."""
    xy = [(0, 0), (0, 100), (150, 50), (0, 200)]
    graph = graph_of(
        xy, [(0, 1, 0), (1, 3, 2), (0, 2, 1), (2, 1, 1)], [3], seconds=[60.0, 20.0, 100.0, 100.0]
    )
    people = People(np.array([0, 0, 2]), np.array([10.0, 5.0, 2.0]), np.array([0.0, 60.0, 0.0]))
    return graph, people


def test_losing_the_stair_makes_late_whom_the_ramp_is_too_long_for() -> None:
    # by hand: stair 60 + 20 s; ramp 200 + 20 s; the wave comes at 230 s
    graph, people = two_ways()
    streets = streets_of(graph, names={0: "Escalera 1"}, classes={0: "steps"})
    table = critical_links(evac_tree(graph), people, streets, arrival_s=230.0)
    stair = table[table["link"] == 0].iloc[0]
    assert (stair["name"], stair["street_class"]) == ("Escalera 1", "steps")
    assert stair["people_using_inhab"] == 15.0
    assert stair["extra_late_inhab"] == 5.0  # 60 s of delay and 220 s of ramp
    assert stair["no_way_inhab"] == 0.0
    assert stair["extra_median_min"] == pytest.approx(140 / 60)


def test_the_last_street_to_safety_leaves_nobody_a_way_and_stands_first() -> None:
    graph, people = two_ways()
    table = critical_links(evac_tree(graph), people, streets_of(graph), arrival_s=230.0)
    assert table["link"].tolist()[0] == 2
    assert table["no_way_inhab"].iloc[0] == people.inhab.sum()
    assert np.isnan(table["extra_median_min"].iloc[0])


def test_residents_walk_out_of_their_own_closed_street() -> None:
    # 0 - 1 is a dead end all live on, 1 - 2 and 2 - 3 lead to safety
    xy = [(0, 0), (10, 0), (20, 0), (30, 0)]
    graph = graph_of(xy, [(0, 1, 0), (1, 2, 1), (2, 3, 2)], [3])
    people = People(np.array([0]), np.array([7.0]), np.array([0.0]))
    tree, streets = evac_tree(graph), streets_of(graph)
    leaving = critical_links(tree, people, streets, arrival_s=100.0)
    assert leaving["link"].tolist() == [1, 2]
    trapped = critical_links(tree, people, streets, arrival_s=100.0, residents_leave=False)
    assert sorted(trapped["link"]) == [0, 1, 2]
    assert (trapped["no_way_inhab"] == 7.0).all()


def test_a_city_where_nobody_must_leave_has_no_critical_street() -> None:
    graph, _ = two_ways()
    nobody = People(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    assert critical_links(evac_tree(graph), nobody, streets_of(graph), arrival_s=60.0).empty

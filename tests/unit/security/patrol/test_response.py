"""Response times: a town worked out by hand, and networkx on random towns."""

import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from patrol_town import X0
from patrol_town import Y0
from patrol_town import streets

from ilo_geo.city.driving import crossings
from ilo_geo.city.driving import drive
from ilo_geo.city.network import driving_network
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.security.response import Conditions
from ilo_geo.security.response import quantile_min
from ilo_geo.security.response import response_time_s
from ilo_geo.security.response import time_class
from ilo_geo.security.response import within_ratio

SPEEDS = {"residential": 36.0, "track": 18.0}  # 10 and 5 m/s
exact = settings(deadline=None, max_examples=40)
DAY = Conditions(dispatch_s=0.0)

vertex = st.tuples(st.integers(0, 5), st.integers(0, 5))
line = st.lists(vertex, min_size=2, max_size=5).filter(lambda xy: len(set(xy)) > 1)
street = st.tuples(
    line, st.sampled_from(["both", "forward", "backward"]), st.sampled_from(sorted(SPEEDS))
)
city = st.lists(street, min_size=1, max_size=10)


def at(xy):
    return np.array([shapely.Point(x + X0, y + Y0) for x, y in xy], dtype=object)


def timed(roads, starts, max_gap_m=500.0):
    return drive(
        roads, at(starts), speed_km_h=SPEEDS, other_km_h=36.0, foot_m_s=2.0, max_gap_m=max_gap_m
    )


def seconds(roads, starts, homes, conditions=DAY, **more):
    drv = timed(roads, starts)
    places = drv.place(at(homes), max_gap_m=500.0)
    return response_time_s(drv, places, drv.place_node, conditions, **more)


# a square 1 km wide: south side both ways, east side northwards only, north side a track westwards
# only, west side northwards only; a base at the south-west corner
SQUARE = streets(
    [
        [(0, 0), (1000, 0)],
        [(1000, 0), (1000, 1000)],
        [(1000, 1000), (0, 1000)],
        [(0, 1000), (0, 0)],
    ],
    oneway=["both", "forward", "forward", "backward"],
    street_class=["residential", "residential", "track", "residential"],
)


@pytest.mark.parametrize(
    ("home", "way_s"),
    [
        ((500, 0), 50),
        ((1000, 600), 100 + 60),
        # straight up the west side: 100 s; the track is one-way westwards, so it is entered from
        # the east, 300 m into it at 5 m/s
        ((700, 1000), 100 + 100 + 60),
        ((0, 1000), 100),
        # 40 m from the street on foot at 2 m/s
        ((400, -40), 40 + 20),
    ],
)
def test_the_way_follows_one_way_streets_at_their_class_speed_and_ends_on_foot(home, way_s):
    assert seconds(SQUARE, [(0, 0)], [home])[0] == pytest.approx(way_s)


def test_a_one_way_street_makes_the_way_back_longer_than_the_way_there():
    there = seconds(SQUARE, [(0, 0)], [(1000, 1000)])[0]
    back = seconds(SQUARE, [(1000, 1000)], [(0, 0)])[0]
    assert there == pytest.approx(200)
    # west along the track, and nothing leads south again
    assert np.isinf(back)


def test_dispatch_is_added_once_and_the_night_lengthens_the_way_only():
    homes = [(500, 0), (1000, 600), (700, 1000)]
    way_s = seconds(SQUARE, [(0, 0)], homes)
    for night in (0.0, 0.2, 0.5, 1.0):
        found = seconds(SQUARE, [(0, 0)], homes, Conditions(105.0, night_ratio=night))
        assert found == pytest.approx(105.0 + (1 + night) * way_s)


def test_speeds_a_fifth_lower_divide_the_way_by_four_fifths():
    way_s = seconds(SQUARE, [(0, 0)], [(1000, 600)])
    slow = seconds(SQUARE, [(0, 0)], [(1000, 600)], Conditions(0.0, faster_ratio=-0.2))
    assert slow == pytest.approx(way_s / 0.8)


def test_an_uncertain_base_takes_or_adds_the_time_of_its_error_and_never_less_than_nothing():
    error_s = np.array([30.0])
    homes = [(500, 0), (100, 0)]
    near = seconds(SQUARE, [(0, 0)], homes, Conditions(60, start_ratio=-1), start_error_s=error_s)
    far = seconds(SQUARE, [(0, 0)], homes, Conditions(60, start_ratio=1), start_error_s=error_s)
    assert near == pytest.approx([60 + 20, 60])
    assert far == pytest.approx([60 + 80, 60 + 40])


def test_nobody_farther_from_a_street_than_the_limit_is_reached():
    assert np.isinf(seconds(SQUARE, [(0, 0)], [(500, -501)])[0])
    assert np.isfinite(seconds(SQUARE, [(0, 0)], [(500, -499)])[0])


def oracle(roads):
    graph = nx.DiGraph()
    for row in roads.itertuples():
        pace = 3.6 / SPEEDS[row.street_class]
        xy = [(round(x - X0), round(y - Y0)) for x, y in row.geometry.coords]
        for a, b in itertools.pairwise(xy):
            time_s = np.hypot(a[0] - b[0], a[1] - b[1]) * pace
            for tail, head, allowed in ((a, b, "backward"), (b, a, "forward")):
                known = graph.get_edge_data(tail, head, {"weight": np.inf})["weight"]
                if row.oneway != allowed:
                    graph.add_edge(tail, head, weight=min(known, time_s))
    return graph


def of_city(drawn):
    lines, oneway, classes = zip(*drawn, strict=True)
    # a street does not repeat a vertex in a row
    lines = [[xy for n, xy in enumerate(one) if n == 0 or one[n - 1] != xy] for one in lines]
    return streets(lines, oneway=list(oneway), street_class=list(classes))


@exact
@given(city, st.integers(0, 20))
def test_times_to_the_nodes_are_those_of_networkx(drawn, pick):
    roads = of_city(drawn)
    graph = oracle(roads)
    network = driving_network(roads)
    node_xy = [tuple(np.rint(xy - (X0, Y0)).astype(int)) for xy in network.node_xy]
    start = pick % len(node_xy)
    known = {node_xy[start]: 0.0}
    if node_xy[start] in graph:
        known = nx.single_source_dijkstra_path_length(graph, node_xy[start])
    found_s, _ = distances_to_nearest_m(timed(roads, []).timed, np.array([start]))
    assert found_s == pytest.approx([known.get(xy, np.inf) for xy in node_xy])


bases = st.lists(vertex, min_size=1, max_size=4)


@exact
@given(city, bases, vertex)
def test_one_base_more_never_makes_anybody_wait_longer(drawn, starts, more):
    roads, homes = of_city(drawn), [(x, y) for x in range(6) for y in range(6)]
    drv = timed(roads, [*starts, more])
    places = drv.place(at(homes), max_gap_m=10.0)
    with_it = response_time_s(drv, places, drv.place_node, DAY)
    without = response_time_s(drv, places, drv.place_node[:-1], DAY)
    assert (with_it <= without).all()
    removed = np.minimum(without, response_time_s(drv, places, drv.place_node[-1:], DAY))
    assert with_it == pytest.approx(removed)


@exact
@given(
    st.lists(st.tuples(st.floats(0, 3_000), st.floats(0, 9)), min_size=1, max_size=30),
    st.lists(st.floats(1, 60), min_size=2, max_size=5),
)
def test_shares_grow_with_the_minutes_and_agree_with_the_quantiles(people, minutes):
    time_s, weight = np.array(people).T
    if weight.sum() == 0:
        assert np.isnan(within_ratio(time_s, weight, minutes[0]))
        return
    shares = [within_ratio(time_s, weight, limit) for limit in sorted(minutes)]
    assert shares == sorted(shares)
    for share in (0.5, 0.9):
        reached = within_ratio(time_s, weight, quantile_min(time_s, weight, share) + 1e-9)
        assert reached >= share - 1e-9


def test_who_is_not_reached_counts_against_the_share_and_leaves_the_quantile_open():
    time_s, weight = np.array([60.0, np.inf]), np.array([1.0, 3.0])
    assert within_ratio(time_s, weight, 5) == 0.25
    assert quantile_min(time_s, weight, 0.25) == 1.0
    assert np.isnan(quantile_min(time_s, weight, 0.5))


def test_a_class_ends_at_its_limit_and_nothing_reached_has_its_own():
    ids = ("green", "yellow", "orange", "red", "unreached")
    minutes = np.array([0, 5, 5.01, 8, 10, 10.01, np.inf])
    found = time_class(minutes, (5.0, 8.0, 10.0), ids)
    assert found == ["green", "green", "yellow", "yellow", "orange", "red", "unreached"]


def test_the_largest_part_is_the_one_from_which_one_can_come_back():
    # a two-way street of three nodes with a one-way exit to two more
    roads = streets(
        [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0), (300, 100)]],
        oneway=["both", "both", "forward"],
    )
    drv = timed(roads, [])
    inside = drv.largest_part()
    assert sorted(drv.timed.node_xy[inside, 0] - X0) == [0, 100, 200]


def test_a_crossing_is_where_three_ends_meet():
    roads = streets([[(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 100)]])
    network = driving_network(roads)
    found = network.node_xy[crossings(network)] - (X0, Y0)
    assert found.tolist() == [[100, 0]]


def test_a_base_off_the_network_has_no_node():
    drv = timed(SQUARE, [(0, 0), (0, -600)], max_gap_m=500)
    assert (drv.place_node >= 0).tolist() == [True, False]

"""Ways from places inside edges, against networkx and against a network cut at the places."""

from __future__ import annotations

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import LineString
from shapely import Point

from ilo_geo.city.network import Network
from ilo_geo.city.network import driving_network
from ilo_geo.city.place_distances import ways_from_places
from ilo_geo.city.snapping import Snap
from ilo_geo.city.snapping import snap

CRS = "EPSG:32719"
SIDE_M = 100.0
ONEWAY = ("both", "forward", "backward")


def grid(oneway: list[str]) -> Network:
    """Return nine squares of streets; each of 24 pieces has its own direction."""
    nodes = [(x * SIDE_M, y * SIDE_M) for y in range(4) for x in range(4)]
    pairs = [(n, n + 1) for n in range(16) if n % 4 < 3] + [(n, n + 4) for n in range(12)]
    lines = [LineString([nodes[a], nodes[b]]) for a, b in pairs]
    streets = gpd.GeoDataFrame(
        {"drive": True, "walk": True, "oneway": oneway}, geometry=lines, crs=CRS
    )
    return driving_network(streets)


def by_networkx(network: Network, places: Snap, points: Snap) -> list[float]:
    """Return the ways by a graph that has a node at every place and point."""
    graph = nx.DiGraph()
    on: dict[int, list[tuple[float, object]]] = {}
    for name, snapped in (("place", places), ("point", points)):
        for n in np.flatnonzero(snapped.found):
            on.setdefault(int(snapped.edge[n]), []).append(
                (float(snapped.offset_m[n]), (name, int(n)))
            )
    for edge in range(network.n_edges):
        ends = [(0.0, int(network.edge_u[edge])), *sorted(on.get(edge, []), key=lambda o: o[0])]
        ends.append((float(network.edge_length_m[edge]), int(network.edge_v[edge])))
        for (from_m, a), (to_m, b) in itertools.pairwise(ends):
            for allowed, first, last in (
                (network.edge_forward[edge], a, b),
                (network.edge_backward[edge], b, a),
            ):
                known = graph.get_edge_data(first, last, {"weight": np.inf})["weight"]
                # two places at one spot are one place, whatever the direction of the street
                if allowed or to_m == from_m:
                    graph.add_edge(first, last, weight=min(known, to_m - from_m))
    for n in np.flatnonzero(places.found):
        graph.add_edge("start", ("place", int(n)), weight=float(places.gap_m[n]))
    known = nx.single_source_dijkstra_path_length(graph, "start") if "start" in graph else {}
    return [
        known.get(("point", n), np.inf) + float(points.gap_m[n]) if points.found[n] else np.inf
        for n in range(len(points.edge))
    ]


place = st.tuples(st.integers(-20, 320), st.integers(-20, 320))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(ONEWAY), min_size=24, max_size=24),
    st.lists(place, min_size=1, max_size=4),
    st.lists(place, min_size=1, max_size=12),
)
def test_ways_are_those_of_networkx(
    oneway: list[str], starts: list[tuple[int, int]], ends: list[tuple[int, int]]
) -> None:
    network = grid(oneway)
    places = snap(network, [Point(p) for p in starts], max_gap_m=15)
    points = snap(network, [Point(p) for p in ends], max_gap_m=30)
    found = ways_from_places(network, places, points)
    assert found == pytest.approx(by_networkx(network, places, points))


def test_a_point_behind_on_a_one_way_street_is_reached_around_the_block() -> None:
    network = grid(["forward"] * 3 + ["both"] * 21)
    places = snap(network, [Point(60, 0)], max_gap_m=1)
    points = snap(network, [Point(40, 0), Point(80, 0)], max_gap_m=1)
    assert ways_from_places(network, places, points) == pytest.approx([40 + 300 + 40, 20])


def test_who_stands_at_a_crossing_may_leave_it_by_any_street() -> None:
    network = grid(["forward", *["both"] * 23])
    places = snap(network, [Point(1e-9, -5)], max_gap_m=15)
    at_start = Snap(np.array([0]), np.array([0.0]), np.array([5.0]))
    points = snap(network, [Point(0, 50)], max_gap_m=1)
    assert places.found.all()
    assert ways_from_places(network, at_start, points) == pytest.approx([55])
    # and is reached there by any street, also at the far end of a one-way one
    at_end = Snap(np.array([0]), np.array([SIDE_M]), np.array([0.0]))
    above = snap(network, [Point(100, 30)], max_gap_m=1)
    assert ways_from_places(network, above, at_end) == pytest.approx([30])


def test_what_is_farther_than_the_limit_may_be_left_out_and_nothing_nearer() -> None:
    network = grid(["both"] * 24)
    places = snap(network, [Point(150, 0)], max_gap_m=1)
    points = snap(network, [Point(x, y) for x in range(0, 301, 50) for y in (0, 100)], max_gap_m=1)
    whole = ways_from_places(network, places, points)
    near = ways_from_places(network, places, points, limit=120)
    assert near[whole <= 120] == pytest.approx(whole[whole <= 120])
    assert (near[whole > 120] > 120).all()

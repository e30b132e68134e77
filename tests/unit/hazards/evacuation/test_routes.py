"""Route sheets of a small city drawn by hand: path, sums, words and meeting point."""

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

from ilo_geo.core.errors import InputError
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.routes import route_from
from ilo_geo.hazards.evacuation.routes import route_of_place


def hill() -> tuple[EvacTree, gpd.GeoDataFrame]:
    """North on Jirón Dos (two pieces), right into a stair, left into a nameless street, ground."""
    xy = [(0, 0), (0, 40), (0, 100), (60, 100), (60, 150), (60, 180)]
    edges = [(0, 1, 0), (1, 2, 1), (2, 3, 2), (3, 4, 3), (4, 5, -1)]
    graph = graph_of(xy, edges, [5], elevation_m=[5.0, 5.2, 4.0, 20.0, 20.0, 26.0])
    names = {0: "Jirón Dos", 1: "Jirón Dos", 2: "Los Héroes"}
    return evac_tree(graph), streets_of(graph, names=names, classes={2: "steps"})


def test_the_way_in_words_in_spanish_and_english() -> None:
    tree, streets = hill()
    route = route_from(tree, 0, streets, where="Manzana 1")
    assert [leg.instruction.es for leg in route.legs] == [
        "Salga por Jirón Dos: 100 m, bajando 1 m.",
        "Gire a la derecha por escalera Los Héroes: 60 m, subiendo 16 m.",
        "Gire a la izquierda por calle sin nombre: 50 m.",
        "Siga de frente por terreno abierto: 30 m, subiendo 6 m.",
    ]
    assert [leg.instruction.en for leg in route.legs] == [
        "Set out along Jirón Dos: 100 m, down 1 m.",
        "Turn right into Los Héroes stairs: 60 m, up 16 m.",
        "Turn left into unnamed street: 50 m.",
        "Go straight on along open ground: 30 m, up 6 m.",
    ]


def test_path_length_climb_and_minutes_by_hand() -> None:
    tree, streets = hill()
    route = route_from(tree, 0, streets, where="Manzana 1", delay_s=240.0)
    assert route.nodes == (0, 1, 2, 3, 4, 5)
    assert route.line.equals(shapely.LineString(tree.graph.node_xy))
    assert route.length_m == pytest.approx(240.0)
    assert route.climb_m == pytest.approx(0.2 + 16 + 6)
    assert route.descent_m == pytest.approx(1.2)
    assert route.delay_min == 4.0
    assert route.total_min == pytest.approx(4.0 + tree.time_s[0] / 60)
    assert route.slowest_min == route.total_min


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 5_000), node=st.integers(0, 29))
def test_the_legs_add_up_to_the_way_whatever_the_city(seed: int, node: int) -> None:
    graph, _ = random_city(seed)
    tree, streets = (
        evac_tree(graph),
        streets_of(graph, names={k: f"C{k % 3}" for k in range(0, 99, 2)}),
    )
    if np.isinf(tree.time_s[node]):
        with pytest.raises(InputError, match=r"No way of the network leads from Block 7"):
            route_from(tree, node, streets, where="Block 7")
        return
    route = route_from(tree, node, streets, where="Block 7")
    assert sum(leg.seconds for leg in route.legs) == pytest.approx(tree.time_s[node])
    assert sum(leg.length_m for leg in route.legs) == pytest.approx(route.length_m)
    assert route.line.length == pytest.approx(route.length_m)
    assert sum(leg.climb_m for leg in route.legs) == pytest.approx(route.climb_m - route.descent_m)
    end = route.meeting_point
    assert graph.safe[route.nodes[-1]]
    assert (end.x_m, end.y_m) == tuple(graph.node_xy[route.nodes[-1]])


def test_the_meeting_point_is_told_by_the_nearest_named_street_and_place() -> None:
    tree, streets = hill()
    places = gpd.GeoDataFrame(
        {"name": ["Estadio", "Mirador", None]},
        geometry=shapely.points([(500, 500), (60, 200), (60, 181)]),
        crs=CRS,
    )
    point = route_from(tree, 0, streets, where="x", places=places).meeting_point
    assert (point.street, point.street_gap_m) == ("Los Héroes", 80.0)
    assert (point.place, point.place_gap_m) == ("Mirador", 20.0)
    assert point.elevation_m == 26.0
    bare = route_from(tree, 0, streets.assign(name=None), where="x").meeting_point
    assert (bare.street, bare.place) == (None, None)
    assert np.isnan(bare.street_gap_m)


def test_a_place_leaves_where_most_of_its_people_do_and_tells_of_its_slowest() -> None:
    tree, streets = hill()
    people = People(
        node=np.array([1, 2, 2, 0]),
        inhab=np.array([5.0, 4.0, 3.0, 99.0]),
        delay_s=np.array([300.0, 60.0, 130.0, 0.0]),
    )
    home_xy = np.array([[5, 40], [5, 90], [5, 95], [500, 500]])
    block = shapely.box(0, 30, 10, 100)
    route = route_of_place(tree, people, home_xy, block, streets, where="Manzana 2")
    assert route.nodes[0] == 2
    assert route.delay_min == pytest.approx((4 * 60 + 3 * 130) / 7 / 60)
    assert route.inhab == 12.0
    assert route.slowest_min == pytest.approx((300 + tree.time_s[1]) / 60)


def test_an_empty_place_leaves_by_the_nearest_street() -> None:
    tree, streets = hill()
    nobody = People(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    route = route_of_place(
        tree, nobody, np.zeros((0, 2)), shapely.box(50, 90, 55, 99), streets, where="x"
    )
    assert route.nodes[0] == 3
    assert route.inhab == 0.0


def test_who_is_safe_already_has_a_route_of_no_length() -> None:
    tree, streets = hill()
    route = route_from(tree, 5, streets, where="x")
    assert (route.length_m, route.walk_min, route.legs) == (0.0, 0.0, ())
    assert route.line.is_empty is False
    assert (route.meeting_point.x_m, route.meeting_point.y_m) == (60.0, 180.0)


def test_a_named_street_that_bends_is_one_leg_and_a_nameless_corner_is_two() -> None:
    xy = [(0, 0), (0, 100), (100, 100)]
    graph = graph_of(xy, [(0, 1, 0), (1, 2, 1)], [2])
    tree = evac_tree(graph)
    one = route_from(tree, 0, streets_of(graph, names={0: "Costanera", 1: "Costanera"}), where="x")
    assert [leg.length_m for leg in one.legs] == [200.0]
    two = route_from(tree, 0, streets_of(graph), where="x")
    assert [leg.turn for leg in two.legs] == ["start", "right"]


def test_steps_too_short_to_say_are_walked_but_not_said() -> None:
    xy = [(0, 0), (2, 0), (100, 0), (103, 0), (200, 0)]
    graph = graph_of(xy, [(0, 1, -1), (1, 2, 0), (2, 3, -1), (3, 4, 1)], [4])
    route = route_from(
        evac_tree(graph), 0, streets_of(graph, names={0: "Lima", 1: "Lima"}), where="x"
    )
    assert [(leg.way.es, leg.length_m) for leg in route.legs] == [("Lima", 200.0)]

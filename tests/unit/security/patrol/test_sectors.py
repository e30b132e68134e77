"""Patrol sectors: contiguity by networkx, balance on grids."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import ParameterError
from ilo_geo.security.patrol.sectors import StreetGraph
from ilo_geo.security.patrol.sectors import balanced_sectors
from ilo_geo.security.patrol.sectors import deviation_ratio

exact = settings(deadline=None, max_examples=20)
HOW = {"n_trees": 20, "tolerance_ratio": 0.05, "seed": 7}
QUICK = {**HOW, "n_trees": 2}


def grid(columns, rows, weight=None):
    number = np.arange(columns * rows).reshape(rows, columns)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    return StreetGraph(np.ones(columns * rows) if weight is None else np.array(weight), u, v)


def parts_of(graph, label):
    """Return how many connected pieces each sector has."""
    whole = nx.Graph(list(zip(graph.u.tolist(), graph.v.tolist(), strict=True)))
    whole.add_nodes_from(range(len(graph.weight)))
    return [
        nx.number_connected_components(whole.subgraph(np.flatnonzero(label == n).tolist()))
        for n in range(label.max() + 1)
    ]


@pytest.mark.parametrize(("side", "n_sectors"), [(6, 4), (8, 2), (6, 3), (10, 5)])
def test_on_a_grid_of_equal_need_sectors_are_exactly_equal_and_whole(side, n_sectors):
    graph = grid(side, side)
    label = balanced_sectors(graph, n_sectors, **HOW)
    assert deviation_ratio(graph.weight, label, n_sectors) == pytest.approx(np.zeros(n_sectors))
    assert parts_of(graph, label) == [1] * n_sectors


weights = st.lists(st.integers(0, 20), min_size=30, max_size=30)


@exact
@given(weights, st.integers(1, 9), st.integers(0, 5))
def test_every_node_is_in_one_connected_sector_whatever_the_need(weight, n_sectors, seed):
    graph = grid(6, 5, np.array(weight, dtype=float))
    label = balanced_sectors(graph, n_sectors, **{**QUICK, "seed": seed})
    assert sorted(np.unique(label)) == list(range(n_sectors))
    assert parts_of(graph, label) == [1] * n_sectors


@exact
@given(st.lists(st.integers(0, 29), min_size=29, max_size=29), st.integers(1, 12))
def test_trees_too_are_cut_into_connected_sectors(parents, n_sectors):
    # node n + 1 hangs on an earlier one: any tree, stars and chains among them
    child = np.arange(1, 30)
    graph = StreetGraph(np.ones(30), np.array(parents) % child, child)
    label = balanced_sectors(graph, n_sectors, **QUICK)
    assert sorted(np.unique(label)) == list(range(n_sectors))
    assert parts_of(graph, label) == [1] * n_sectors


def test_fine_need_is_balanced_within_a_tenth():
    need = np.random.default_rng(3).gamma(0.7, size=900)
    graph = grid(30, 30, need)
    label = balanced_sectors(graph, 7, **HOW)
    assert np.abs(deviation_ratio(need, label, 7)).max() <= 0.10
    assert parts_of(graph, label) == [1] * 7


def test_the_same_seed_draws_the_same_sectors_and_inputs_stay_as_they_were():
    need = np.random.default_rng(5).random(100)
    graph = grid(10, 10, need.copy())
    first = balanced_sectors(graph, 4, **HOW)
    assert (balanced_sectors(graph, 4, **HOW) == first).all()
    assert (graph.weight == need).all()


def test_one_street_with_most_need_is_reported_as_uneven():
    need = np.ones(36)
    need[0] = 100.0
    label = balanced_sectors(grid(6, 6, need), 4, **HOW)
    # that node alone is nearly three times the mean
    assert deviation_ratio(need, label, 4).max() >= 100 / (135 / 4) - 1


def test_more_sectors_than_nodes_are_refused():
    with pytest.raises(ParameterError) as refused:
        balanced_sectors(grid(2, 2), 5, **HOW)
    assert "n_sectors" in str(refused.value)

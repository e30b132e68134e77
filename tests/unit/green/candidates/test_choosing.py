"""The choice of sites against every subset tried, and what more water or parks bring."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from ilo_geo.green.candidates.choosing import Choice
from ilo_geo.green.candidates.choosing import choose
from ilo_geo.green.candidates.choosing import in_order
from ilo_geo.green.candidates.choosing import question_of
from ilo_geo.green.candidates.scenarios import efficient
from ilo_geo.green.candidates.scenarios import nested
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status

NO_PAIRS = np.zeros((0, 2), dtype=np.int64)


def question(reach, inhab, water=None, soles=None, extra=None, per_inhab=1.0):
    n = len(reach)
    return question_of(
        csr_array(np.asarray(reach, dtype=float)),
        np.asarray(inhab, dtype=float),
        extra,
        per_inhab,
        water_m3_day=np.ones(n) if water is None else np.asarray(water, dtype=float),
        capex_soles=np.ones(n) if soles is None else np.asarray(soles, dtype=float),
        apart=NO_PAIRS,
    )


def best_of_all(reach, inhab, water, soles, count, water_limit, soles_limit):
    """Return the most people that any subset within the limits serves."""
    best = 0.0
    for size in range(count + 1):
        for chosen in itertools.combinations(range(len(reach)), size):
            rows = list(chosen)
            if water[rows].sum() <= water_limit and soles[rows].sum() <= soles_limit:
                covered = reach[rows].any(axis=0)
                best = max(best, float(inhab[covered].sum()))
    return best


def instance(seed):
    rng = np.random.default_rng(seed)
    n, places = int(rng.integers(3, 8)), int(rng.integers(4, 15))
    reach = rng.random((n, places)) < 0.4
    reach[0, 0] = True
    return reach, rng.integers(1, 60, places), rng.uniform(1, 9, n), rng.uniform(1, 9, n)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_the_choice_within_a_water_budget_is_that_of_brute_force(seed):
    reach, inhab, water, soles = instance(seed)
    limit = float(water.min() + 6)
    asked = question(reach, inhab, water, soles)
    found = choose(asked, count=3, water_m3_day=limit, budget_soles=None, limits=Limits())
    best = best_of_all(reach, inhab, water, soles, 3, limit, np.inf)
    assert found.objective == pytest.approx(best)
    assert found.status is Status.OPTIMAL
    assert asked.newly_served_inhab(found.selected) == pytest.approx(best)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_with_both_budgets_the_choice_fits_and_the_bound_holds(seed):
    reach, inhab, water, soles = instance(seed)
    limits = (float(water.min() + 5), float(soles.max() + 4))
    asked = question(reach, inhab, water, soles)
    found = choose(asked, count=3, water_m3_day=limits[0], budget_soles=limits[1], limits=Limits())
    best = best_of_all(reach, inhab, water, soles, 3, *limits)
    assert water[found.selected].sum() <= limits[0] + 1e-6
    assert soles[found.selected].sum() <= limits[1] + 1e-6
    assert found.objective <= best + 1e-6
    assert found.bound >= best - 1e-6


def test_people_in_reach_of_two_sites_count_once():
    asked = question([[1, 1, 0], [1, 1, 0], [0, 0, 1]], [100, 50, 60])
    found = choose(asked, count=2, water_m3_day=None, budget_soles=None, limits=Limits())
    assert set(found.selected) & {0, 1}
    assert 2 in found.selected
    assert found.objective == 210


def test_points_that_the_same_sites_serve_become_one_place_with_all_their_people():
    asked = question([[1, 1, 0, 0], [1, 1, 1, 0]], [100, 50, 60, 7])
    assert sorted(asked.inhab) == [60, 150]
    assert asked.newly_served_inhab(np.array([0])) == 150


def test_a_site_that_adds_nobody_is_left_out():
    asked = question([[1, 1], [1, 0]], [10, 20])
    order, gains = in_order(asked, np.array([0, 1]))
    assert list(order) == [0]
    assert list(gains) == [30]


def test_for_the_score_a_site_brings_the_rest_of_its_score_and_people_count_once():
    asked = question([[1, 1], [1, 1]], [10, 20], extra=np.array([0.2, 0.3]), per_inhab=0.01)
    found = choose(asked, count=2, water_m3_day=None, budget_soles=None, limits=Limits())
    assert found.objective == pytest.approx(0.2 + 0.3 + 0.3)


def test_no_site_in_reach_of_anybody_gives_an_empty_choice():
    asked = question([[0.0]], [10])
    found = choose(asked, count=1, water_m3_day=None, budget_soles=None, limits=Limits())
    assert len(found.selected) == 0
    assert (found.objective, found.bound) == (0, 0)


def test_a_search_cut_short_takes_over_what_its_neighbours_prove():
    def choice(objective, bound):
        status = Status.OPTIMAL if objective == bound else Status.FEASIBLE
        return Choice(np.array([int(objective)]), objective, bound, status, 0.0)

    found = nested([choice(50.0, 90.0), choice(40.0, 200.0), choice(100.0, 100.0)])
    assert [c.objective for c in found] == [50, 50, 100]
    assert [c.bound for c in found] == [90, 100, 100]
    assert found[1].selected[0] == 50


def test_a_point_is_efficient_unless_another_is_no_worse_in_all_and_better_in_one():
    points = pd.DataFrame(
        {
            "served_inhab": [10, 10, 20, 20, 5],
            "water_m3_day": [1, 2, 3, 3, 1],
            "capex_soles": [1, 1, 5, 5, 1],
        }
    )
    assert list(efficient(points)) == [True, False, True, True, False]

"""At any limit there is a choice and a bound; a stop keeps the best; equal seeds, equal answers."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from siting_oracle import brute_force
from siting_oracle import problems

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import EnoughError
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.reach import pairs_nearer_than
from ilo_geo.siting.reach import reach_within
from ilo_geo.siting.solve import solve


def town(kind, n=900, m=150, seed=0):
    rng = np.random.default_rng(seed)
    centre = rng.uniform(0, 4000, (8, 2))
    places = centre[rng.integers(0, 8, n)] + rng.normal(0, 400, (n, 2))
    sites = centre[rng.integers(0, 8, m)] + rng.normal(0, 400, (m, 2))
    by_distance = kind is Kind.PMEDIAN
    reach = reach_within(sites, places, 1e9 if by_distance else 350.0, distances=by_distance)
    candidates = dataclasses.replace(
        Candidates.plain(m), apart=pairs_nearer_than(sites, 150.0), cost=rng.integers(3, 9, m) * 1.0
    )
    weight = rng.integers(1, 60, n).astype(float)
    return SitingProblem(kind, weight, reach, candidates, 12, 70.0)


def test_where_the_greedy_rule_ends_in_a_dead_end_there_is_a_choice_without_time():
    # site 2 reaches most but stands too near both others, which alone reach the ends
    reach = csr_array(
        np.array([[1.0, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]])
    )
    apart = np.array([[0, 2], [1, 2]])
    candidates = dataclasses.replace(Candidates.plain(4), apart=apart)
    for kind in (Kind.LSCP, Kind.PMEDIAN):
        problem = SitingProblem(kind, np.ones(5), reach, candidates, 3)
        assert solve(problem, Limits(seconds=0.0)).selected.tolist() == [0, 1, 3]


def test_capacities_that_just_fit_leave_a_choice_without_time():
    reach = csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 1, 1], [1.0, 0, 1]]))
    candidates = dataclasses.replace(Candidates.plain(4), capacity=np.array([8.0, 7, 6, 5]))
    problem = SitingProblem(Kind.PMEDIAN, np.full(3, 5.0), reach, candidates, 2)
    assert solve(problem, Limits(seconds=0.0)).selected.tolist() == [0, 1]


@pytest.mark.parametrize("kind", list(Kind))
@given(st.data())
@settings(deadline=None, max_examples=15)
def test_without_time_the_best_lies_between_choice_and_bound(kind, data):
    problem = data.draw(problems(kind))
    try:
        answer = solve(problem, Limits(seconds=0.0))
    except InputError:
        # refused, or no first choice was found: what follows is about answers
        return
    best = brute_force(problem)
    low, high = sorted([answer.objective, answer.bound])
    assert low - 1e-6 * abs(low) <= best <= high + 1e-6 * abs(high)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_hundredth_of_a_second_gives_a_choice_and_a_bound(kind):
    answer = solve(town(kind), Limits(seconds=0.01))
    assert len(answer.selected)
    assert np.isfinite(answer.bound)
    assert answer.status in (Status.FEASIBLE, Status.OPTIMAL)


def test_enough_ends_the_search_with_the_best_so_far():
    problem = town(Kind.PMEDIAN)
    told = []

    def enough(_code, _ratio, /, **figures):
        told.append(figures)
        if len(told) == 2:
            raise EnoughError

    answer = solve(problem, Limits(seconds=60), enough)
    assert len(told) == 2
    assert answer.status is Status.STOPPED
    assert answer.objective <= told[-1]["objective"]
    assert answer.bound >= told[-1]["bound"]


def test_cancelling_gives_nothing():
    def cancelled(_code, _ratio, /, **_figures):
        raise CancelledError

    with pytest.raises(CancelledError):
        solve(town(Kind.PMEDIAN), Limits(seconds=60), cancelled)


@pytest.mark.parametrize("kind", [Kind.MCLP, Kind.PMEDIAN])
def test_two_runs_of_a_seed_are_equal(kind):
    problem = town(kind, n=300, m=40)
    one, other = (solve(problem, Limits(seconds=60, seed=3)) for _ in range(2))
    assert one.selected.tolist() == other.selected.tolist()
    assert one.assigned.tolist() == other.assigned.tolist()
    assert (one.objective, one.bound) == (other.objective, other.bound)


@pytest.mark.parametrize("kind", [Kind.MCLP, Kind.PMEDIAN])
def test_taking_a_limit_away_never_worsens(kind):
    problem = town(kind, n=300, m=40)
    sign = 1 if kind is Kind.MCLP else -1
    tight = sign * solve(problem).objective
    free = dataclasses.replace(problem.candidates, apart=np.zeros((0, 2), dtype=np.int64))
    wide = dataclasses.replace(problem, candidates=free)
    for limit in ("spacing", "budget", "count"):
        looser = wide if limit == "spacing" else dataclasses.replace(wide, **{limit: None})
        assert sign * solve(looser).objective >= tight - 1e-6


def test_inputs_are_left_as_they_were():
    problem = town(Kind.MCLP, n=200, m=30)
    before = [problem.weight.copy(), problem.reach.indices.copy(), problem.candidates.cost.copy()]
    solve(problem, Limits(seconds=1))
    after = [problem.weight, problem.reach.indices, problem.candidates.cost]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_site_at_no_distance_serves():
    reach = csr_array(np.array([[5.0, 7.0]]))
    reach.data[0] = 0.0
    problem = SitingProblem(Kind.PMEDIAN, np.ones(2), reach, Candidates.plain(1), 1)
    answer = solve(problem)
    assert answer.objective == 7
    assert answer.assigned.tolist() == [0, 0]

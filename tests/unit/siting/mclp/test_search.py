from __future__ import annotations

from itertools import combinations

import numpy as np
import pulp
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist
from spopt.locate import MCLP

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.answer import Status
from ilo_geo.siting.mclp.search import search_mclp
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem

# spopt builds its model in a way that its own solver library will drop
from_spopt = pytest.mark.filterwarnings("ignore:.*PuLP 4.0.*:DeprecationWarning")


def asked(
    weight: np.ndarray,
    reach: np.ndarray,
    count: int | None,
    locked: tuple[int, ...] = (),
    forbidden: tuple[int, ...] = (),
) -> SitingProblem:
    candidates = Candidates.plain(len(reach))
    candidates.locked[list(locked)] = True
    candidates.forbidden[list(forbidden)] = True
    pattern = csr_array(np.asarray(reach, dtype=np.float64))
    return SitingProblem(
        Kind.MCLP, np.asarray(weight, dtype=np.float64), pattern, candidates, count=count
    )


def found(problem: SitingProblem, **limits: object) -> SitingAnswer:
    return search_mclp(problem, Limits(**limits), silent)


def covered(problem: SitingProblem, sites: object) -> float:
    reach = problem.reach.toarray() > 0
    return float(problem.weight[reach[list(sites)].any(axis=0)].sum())


def best_of_all(problem: SitingProblem) -> float:
    locked = np.flatnonzero(problem.candidates.locked).tolist()
    free = np.flatnonzero(~problem.candidates.locked & ~problem.candidates.forbidden).tolist()
    more = min(problem.count - len(locked), len(free))
    return max(covered(problem, [*locked, *rest]) for rest in combinations(free, more))


def town(
    n_places: int, n_sites: int, count: int, *, seed: int, radius_m: float = 400.0
) -> tuple[SitingProblem, np.ndarray]:
    rng = np.random.default_rng(seed)
    centre = rng.uniform((0, 0), (8000, 5000), (12, 2))
    home = centre[rng.integers(0, 12, n_places)] + rng.normal(0, 500, (n_places, 2))
    distance_m = cdist(rng.uniform((0, 0), (8000, 5000), (n_sites, 2)), home)
    weight = rng.integers(1, 60, n_places)
    return asked(weight, distance_m <= radius_m, count), distance_m


def tangle(n_sites: int, n_places: int, folds: int, count: int, *, seed: int) -> SitingProblem:
    """Return places that a few sites reach each, drawn at random: the relaxation takes halves."""
    rng = np.random.default_rng(seed)
    reach = np.zeros((n_sites, n_places))
    for place in range(n_places):
        reach[rng.choice(n_sites, folds, replace=False), place] = 1.0
    return asked(rng.integers(1, 60, n_places), reach, count)


def spopt_optimum(problem: SitingProblem, distance_m: np.ndarray, radius_m: float) -> float:
    model = MCLP.from_cost_matrix(
        distance_m.T, problem.weight, radius_m, p_facilities=problem.count
    )
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    chosen = [j for j, served in enumerate(model.fac2cli) if served]
    return covered(problem, chosen)


@st.composite
def small_problems(draw: st.DrawFn) -> SitingProblem:
    n_sites = draw(st.integers(1, 12))
    n_places = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    reach = rng.random((n_sites, n_places)) < draw(st.sampled_from([0.1, 0.25, 0.5]))
    weight = rng.integers(0, 9, n_places).astype(np.float64)
    if draw(st.booleans()):
        weight *= rng.random(n_places)
    mark = rng.permutation(n_sites)
    count = draw(st.integers(1, n_sites))
    n_locked = draw(st.integers(0, min(2, count)))
    n_forbidden = draw(st.integers(0, min(2, n_sites - n_locked)))
    return asked(weight, reach, count, mark[:n_locked], mark[n_locked : n_locked + n_forbidden])


@settings(deadline=None, max_examples=150)
@given(small_problems())
def test_no_choice_of_twelve_sites_covers_more(problem: SitingProblem) -> None:
    answer = found(problem)
    assert answer.objective == pytest.approx(best_of_all(problem), rel=1e-9)
    assert answer.objective == pytest.approx(covered(problem, answer.selected))
    assert answer.status is Status.OPTIMAL
    assert answer.gap_ratio == 0.0
    assert answer.bound >= answer.objective
    assert len(answer.selected) <= problem.count
    assert not problem.candidates.forbidden[answer.selected].any()
    assert set(np.flatnonzero(problem.candidates.locked)) <= set(answer.selected)


@from_spopt
@pytest.mark.parametrize(
    ("n_places", "n_sites", "count", "radius_m", "seed"),
    [(300, 60, 8, 400.0, 1), (300, 60, 5, 700.0, 2), (600, 150, 10, 400.0, 3)],
)
def test_the_proved_optimum_is_that_of_spopt(
    n_places: int, n_sites: int, count: int, radius_m: float, seed: int
) -> None:
    problem, distance_m = town(n_places, n_sites, count, seed=seed, radius_m=radius_m)
    answer = found(problem)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == spopt_optimum(problem, distance_m, radius_m)


@from_spopt
@pytest.mark.parametrize("seed", [1, 3])
def test_where_the_relaxation_says_little_the_optimum_is_still_that_of_spopt(seed: int) -> None:
    problem = tangle(25, 70, 2, 10, seed=seed)
    answer = found(problem)
    assert answer.status is Status.OPTIMAL
    distance_m = 1.0 - problem.reach.toarray()
    assert answer.objective == spopt_optimum(problem, distance_m, 0.5)


def test_more_sites_never_cover_less() -> None:
    problem, _ = town(400, 80, 1, seed=4)
    reach = problem.reach.toarray()
    objectives = [found(asked(problem.weight, reach, count)).objective for count in range(1, 12)]
    assert objectives == sorted(objectives)


def test_equal_seeds_give_equal_answers() -> None:
    problem = tangle(40, 120, 3, 9, seed=2)
    first, second = found(problem, seed=3), found(problem, seed=3)
    np.testing.assert_array_equal(first.selected, second.selected)
    np.testing.assert_array_equal(first.assigned, second.assigned)
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_fractional_weights_are_proved_as_well() -> None:
    problem, _ = town(600, 120, 9, seed=7)
    scaled = asked(problem.weight / 7.3, problem.reach.toarray(), 9)
    whole, fraction = found(problem), found(scaled)
    assert fraction.gap_ratio == 0.0
    assert fraction.objective == pytest.approx(whole.objective / 7.3, rel=1e-9)


def test_without_time_there_is_a_choice_and_a_bound() -> None:
    problem, _ = town(2000, 400, 15, seed=8)
    answer, best = found(problem, seconds=0.0), found(problem)
    assert len(answer.selected) == 15
    assert answer.status is Status.FEASIBLE
    assert answer.objective == covered(problem, answer.selected)
    assert answer.objective <= best.objective <= answer.bound
    assert answer.gap_ratio > 0.0


def test_a_bound_holds_at_every_report_and_never_rises() -> None:
    problem = tangle(40, 120, 3, 9, seed=1)
    reports: list[tuple[float, float]] = []
    ticks = iter(range(10**6))

    def note(_code: str, _done: float, /, **figures: float) -> None:
        reports.append((figures["objective"], figures["bound"]))

    # a clock on which a second passes at every look: each step is reported
    best = search_mclp(problem, Limits(seconds=1e9, clock=lambda: next(ticks)), note).objective
    objectives, bounds = zip(*reports, strict=True)
    assert list(objectives) == sorted(objectives)
    assert list(bounds) == sorted(bounds, reverse=True)
    assert objectives[-1] <= best <= bounds[-1]
    assert len(set(bounds)) > 3


def test_who_has_enough_gets_the_best_so_far_and_its_bound() -> None:
    problem, _ = town(2000, 400, 15, seed=8)

    def enough(*_step: object, **_figures: float) -> None:
        raise EnoughError

    answer = search_mclp(problem, Limits(), enough)
    assert answer.status is Status.STOPPED
    assert answer.objective == covered(problem, answer.selected) > 0
    assert answer.bound > answer.objective


def test_cancelling_ends_the_search() -> None:
    problem, _ = town(2000, 400, 15, seed=8)

    def cancel(*_step: object, **_figures: float) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        search_mclp(problem, Limits(), cancel)


def test_a_gap_that_is_good_enough_ends_the_search() -> None:
    problem = tangle(40, 120, 3, 9, seed=1)
    answer = found(problem, gap_ratio=0.05)
    assert 0.0 < answer.gap_ratio <= 0.05


def test_nobody_in_reach_and_nobody_at_all_cover_nothing() -> None:
    for weight, reach in ((np.ones(4), np.zeros((3, 4))), (np.zeros(4), np.ones((3, 4)))):
        answer = found(asked(weight, reach, 2))
        assert (answer.objective, answer.bound, answer.status) == (0.0, 0.0, Status.OPTIMAL)
        assert len(answer.selected) == 0


def test_a_site_that_adds_nothing_is_not_chosen() -> None:
    reach = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 1]])
    answer = found(asked(np.ones(4), reach, 3))
    assert answer.selected.tolist() == [0, 1]
    assert found(asked(np.ones(4), reach, 9)).objective == 4.0


def test_without_a_count_everybody_in_reach_is_covered() -> None:
    reach = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    answer = found(asked([3.0, 2.0, 1.0, 5.0], reach, None, forbidden=(2,)))
    assert answer.selected.tolist() == [0, 1]
    assert answer.assigned.tolist() == [0, 1, -1, -1]
    assert answer.objective == answer.bound == 5.0


def test_inputs_are_left_as_they_were() -> None:
    problem, _ = town(300, 60, 5, seed=9)
    before = problem.reach.copy(), problem.weight.copy()
    found(problem)
    assert (problem.reach != before[0]).nnz == 0
    np.testing.assert_array_equal(problem.weight, before[1])


def test_an_entry_counts_as_reach_whatever_its_value_and_however_often_it_stands() -> None:
    reach = csr_array(
        (np.array([0.0, 5.0, 5.0]), np.array([1, 0, 0]), np.array([0, 1, 3])), shape=(2, 2)
    )
    problem = SitingProblem(Kind.MCLP, np.array([2.0, 7.0]), reach, Candidates.plain(2), count=1)
    answer = found(problem)
    assert (answer.selected.tolist(), answer.objective) == ([0], 7.0)

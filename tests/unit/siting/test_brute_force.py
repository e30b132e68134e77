"""Every small problem: the answer is brute force's, and the bound is a bound at any time."""

import pytest
from hypothesis import given
from hypothesis import settings
from siting_oracle import brute_force
from siting_oracle import problems
from siting_oracle import value_of

from ilo_geo.core.errors import InputError
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.solve import solve

REFUSED_FOR_GOOD = {
    "siting.no_reach", "siting.no_candidate", "siting.budget", "siting.locked_apart",
    "siting.locked_count", "siting.locked_budget",
}  # fmt: skip
NO_CHOICE = {"siting.infeasible", "siting.capacity_short"}


def check_against_brute_force(problem):
    try:
        answer = solve(problem, Limits(seconds=30))
    except InputError as error:
        assert error.code in REFUSED_FOR_GOOD | NO_CHOICE
        if error.code in NO_CHOICE:
            assert brute_force(problem) is None
        return
    best = brute_force(problem)
    assert best is not None
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(best, abs=1e-4, rel=1e-6)
    assert answer.gap_ratio == 0
    # the sites named are worth what is said
    told = value_of(problem, answer.selected.tolist())
    assert told == pytest.approx(answer.objective, abs=1e-4, rel=1e-6)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_answer_is_brute_force_s(kind):
    @given(problems(kind))
    @settings(deadline=None, max_examples=40)
    def check(problem):
        check_against_brute_force(problem)

    check()


@pytest.mark.parametrize("kind", list(Kind))
def test_the_answer_with_capacities_is_brute_force_s(kind):
    @given(problems(kind, max_sites=5, max_places=7, capacities=True))
    @settings(deadline=None, max_examples=12)
    def check(problem):
        check_against_brute_force(problem)

    check()

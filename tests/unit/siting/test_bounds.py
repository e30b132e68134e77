"""The prices' bounds by themselves, without a choice to hide behind: never past brute force."""

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from siting_oracle import brute_force
from siting_oracle import problems

from ilo_geo.core.progress import silent
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.backup import bound_backup
from ilo_geo.siting.coverage import net_of
from ilo_geo.siting.incumbent import Incumbent
from ilo_geo.siting.lagrange import bound_cover
from ilo_geo.siting.lagrange import bound_coverage
from ilo_geo.siting.median import MedianSearch
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.reduce import reduce
from ilo_geo.siting.rules import Rules


@pytest.mark.parametrize("kind", list(Kind))
@given(st.data())
@settings(deadline=None, max_examples=40)
def test_no_choice_passes_the_prices_bound(kind, data):
    problem = data.draw(problems(kind))
    best = brute_force(problem)
    assume(best is not None)
    small = reduce(problem).problem
    assume(len(small.weight))
    rules = Rules.of(small)
    maximises = kind is Kind.MCLP
    incumbent = Incumbent(Limits(), silent, np.array([0.5]), maximises=maximises)
    # a target far off: the steps need one, the bound must not lean on it
    incumbent.objective = 0.0 if maximises else 10.0 * best + 10.0
    if kind is Kind.PMEDIAN:
        found = MedianSearch(small, rules, incumbent).bound(60, until=60).bound
    else:
        bound = bound_coverage if maximises else bound_cover
        found = bound(net_of(small, rules), rules, incumbent, 60, until=60).bound
    tiny = 1e-9 * (1 + abs(best))
    assert found >= best - tiny if maximises else found <= best + tiny


@given(problems(Kind.MCLP))
@settings(deadline=None, max_examples=40)
def test_no_choice_passes_the_bound_of_backup_coverage(problem):
    best = brute_force(problem)
    assume(best is not None)
    small = reduce(problem).problem
    assume(len(small.weight))
    rules = Rules.of(small)
    incumbent = Incumbent(Limits(), silent, np.array([0.5]), maximises=True)
    found = bound_backup(net_of(small, rules), rules, incumbent, until=0.1).bound
    assert found >= best


def test_a_site_may_not_back_itself_up():
    # one site reaches all places, the others one each
    reach = csr_array(np.array([[1.0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    problem = SitingProblem(Kind.MCLP, np.full(3, 12.0), reach, Candidates.plain(4), 2, folds=2)
    rules = Rules.of(problem)
    incumbent = Incumbent(Limits(), silent, np.array([0.5]), maximises=True)
    found = bound_backup(net_of(problem, rules), rules, incumbent, until=5).bound
    # 2·z ≤ Σy alone lets y = (1, 1/3, 1/3, 1/3) cover 3 · 12 · 2/3 = 24; with the other rows
    # z ≤ min(y of both sites), at best 1/2 each
    assert found == pytest.approx(18, rel=0.01)


@given(problems(Kind.PMEDIAN, max_sites=5, max_places=6, capacities=True))
@settings(deadline=None, max_examples=8)
def test_no_choice_passes_the_bound_of_capacities(problem):
    best = brute_force(problem)
    assume(best is not None)
    small = reduce(problem).problem
    assume(len(small.weight))
    rules = Rules.of(small)
    incumbent = Incumbent(Limits(), silent, np.array([0.5]), maximises=False)
    incumbent.objective = 10.0 * best + 10.0
    assert (
        MedianSearch(small, rules, incumbent).bound(80, until=60).bound <= best * (1 + 1e-6) + 1e-6
    )

"""Medium instances: the optimum is that of PySAL's spopt with its own solver."""

import dataclasses

import numpy as np
import pulp
import pytest
from scipy.sparse import csr_array
from spopt.locate import LSCP
from spopt.locate import LSCPB
from spopt.locate import MCLP
from spopt.locate import PMedian

from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status
from ilo_geo.siting.problem import Candidates
from ilo_geo.siting.problem import Kind
from ilo_geo.siting.problem import SitingProblem
from ilo_geo.siting.reach import reach_within
from ilo_geo.siting.solve import solve

RADIUS_M = 700.0
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def town():
    """Return demand points, candidates, weights and the distances demand by candidates."""
    rng = np.random.default_rng(4)
    centre = rng.uniform(0, 3000, (5, 2))
    demand = centre[rng.integers(0, 5, 150)] + rng.normal(0, 400, (150, 2))
    sites = centre[rng.integers(0, 5, 40)] + rng.normal(0, 400, (40, 2))
    distance = np.hypot(*(demand[:, None] - sites[None]).transpose(2, 0, 1))
    # spopt refuses demand that nobody reaches
    near = (distance <= RADIUS_M).sum(axis=1) >= 2
    return demand[near], sites, rng.integers(1, 60, near.sum()).astype(float), distance[near]


def solver():
    return pulp.PULP_CBC_CMD(msg=False)


def ours(kind, town, **more):
    demand, sites, weight, _ = town
    by_distance = kind is Kind.PMEDIAN
    radius = 1e9 if by_distance else RADIUS_M
    reach = reach_within(sites, demand, radius, distances=by_distance)
    problem = SitingProblem(kind, weight, reach, Candidates.plain(len(sites)), **more)
    return solve(problem, Limits(seconds=60))


@pytest.mark.parametrize("count", [3, 6])
def test_maximal_coverage_equals_spopt(town, count):
    *_, weight, distance = town
    peer = MCLP.from_cost_matrix(distance, weight, RADIUS_M, p_facilities=count).solve(solver())
    found = ours(Kind.MCLP, town, count=count)
    assert found.objective == pytest.approx(peer.problem.objective.value())


def test_set_cover_equals_spopt(town):
    peer = LSCP.from_cost_matrix(town[3], RADIUS_M).solve(solver())
    assert ours(Kind.LSCP, town).objective == pytest.approx(peer.problem.objective.value())


@pytest.mark.parametrize("count", [4, 9])
def test_p_median_equals_spopt(town, count):
    *_, weight, distance = town
    peer = PMedian.from_cost_matrix(distance, weight, p_facilities=count).solve(solver())
    assert ours(Kind.PMEDIAN, town, count=count).objective == pytest.approx(
        peer.problem.objective.value()
    )


def test_backup_cover_serves_twice_what_spopt_s_backup_serves_once_or_more(town):
    # spopt's LSCPB: the least sites that cover all, and of these covers the most covered twice;
    # covering all twice takes at least as many
    peer = LSCPB.from_cost_matrix(town[3], RADIUS_M, solver()).solve(solver())
    once = ours(Kind.LSCP, town)
    twice = ours(Kind.LSCP, town, folds=2)
    assert peer.lscp_obj_value == pytest.approx(once.objective)
    reached = np.bincount(
        csr_array(town[3].T <= RADIUS_M)[twice.selected].indices, minlength=len(town[2])
    )
    assert reached.min() >= 2
    assert twice.objective >= once.objective


def with_capacities(town, kind, n_sites, n_places, **more):
    """Return the first sites and places of the town with capacities, as a problem."""
    demand, sites, weight, _ = town
    demand, sites, weight = demand[:n_places], sites[:n_sites], weight[:n_places]
    capacity = np.random.default_rng(6).integers(300, 900, n_sites).astype(float)
    candidates = dataclasses.replace(Candidates.plain(n_sites), capacity=capacity)
    reach = reach_within(sites, demand, 1e9, distances=True)
    return SitingProblem(kind, weight, reach, candidates, **more), weight, capacity


def test_dividing_places_costs_a_p_median_no_more_than_spopt_s_undivided_ones(town):
    # spopt serves each place from one site: a choice of ours too, so ours is at most its best
    problem, weight, capacity = with_capacities(town, Kind.PMEDIAN, 10, 40, count=4)
    peer = PMedian.from_cost_matrix(
        town[3][:40, :10], weight, p_facilities=4, facility_capacities=capacity
    ).solve(solver())
    found = solve(problem, Limits(seconds=60))
    assert found.status is Status.OPTIMAL
    assert found.objective <= peer.problem.objective.value() * (1 + 1e-9)
    assert found.objective >= 0.9 * peer.problem.objective.value()


def test_capacitated_set_cover_equals_spopt(town):
    # spopt divides places here
    problem, weight, capacity = with_capacities(town, Kind.LSCP, 12, 60)
    peer = LSCP.from_cost_matrix(
        town[3][:60, :12], 1e9, demand_quantity_arr=weight, facility_capacity_arr=capacity
    ).solve(solver())
    found = solve(problem, Limits(seconds=60))
    assert found.objective == pytest.approx(peer.problem.objective.value())

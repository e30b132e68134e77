"""Bundles under an envelope: every set looked at one by one is the oracle."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.proposals import bundles
from ilo_geo.proposals.bundles import BundleInputs
from ilo_geo.proposals.bundles import Frontier
from ilo_geo.proposals.bundles import Project
from ilo_geo.proposals.bundles import best_bundles
from ilo_geo.proposals.bundles import spread_out

N_PLACES, N_ZONES = 6, 3
Measures = tuple[float, float, float]


def project(
    n: int,
    cost: int | None,
    serves: list[bool],
    green: list[float] | None = None,
    hazard: float = 0.0,
    low: int | None = None,
) -> Project:
    return Project(
        id=f"p{n}",
        title=f"Proyecto {n}",
        cost_low=cost if low is None else low,
        cost_high=cost,
        serves=np.array(serves, dtype=bool),
        green_ha=np.array(green or [0.0] * N_ZONES),
        hazard=hazard,
    )


def measured(inputs: BundleInputs, chosen: tuple[int, ...]) -> Measures:
    """Return people, deficit closed and risk of a set by plain loops."""
    people = 0.0
    for place, inhab in enumerate(inputs.inhab):
        if any(inputs.projects[n].serves[place] for n in chosen):
            people += float(inhab)
    closed = 0.0
    for zone, lacking in enumerate(inputs.lacking_ha):
        added = sum(float(inputs.projects[n].green_ha[zone]) for n in chosen)
        closed += max(0.0, float(lacking)) - max(0.0, float(lacking) - added)
    risk = sum(
        inputs.projects[n].hazard * float(inputs.inhab[inputs.projects[n].serves].sum())
        for n in chosen
    )
    return round(people, 6), round(closed, 9), round(risk, 6)


def dominates(one: Measures, other: Measures) -> bool:
    no_worse = one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2]
    return no_worse and one != other


def by_brute_force(inputs: BundleInputs, envelope: int) -> dict[Measures, int]:
    """Return the frontier's measures and the least cost of each, the empty set left out."""
    able = [n for n, p in enumerate(inputs.projects) if p.cost_high is not None]
    known: dict[Measures, int] = {}
    empties: set[Measures] = set()
    for size in range(len(able) + 1):
        for chosen in itertools.combinations(able, size):
            cost = sum(int(inputs.projects[n].cost_high or 0) for n in chosen)
            clash = any(a in chosen and b in chosen for a, b in inputs.overlapping)
            if cost > envelope or clash:
                continue
            found = measured(inputs, chosen)
            if not chosen:
                empties.add(found)
            known[found] = min(cost, known.get(found, cost))
    return {
        one: cost
        for one, cost in known.items()
        if one not in empties and not any(dominates(other, one) for other in known)
    }


halves = st.integers(-2, 6).map(lambda n: n / 2)
some_project = st.tuples(
    st.one_of(st.none(), st.integers(0, 60)),
    st.lists(st.booleans(), min_size=N_PLACES, max_size=N_PLACES),
    st.lists(halves, min_size=N_ZONES, max_size=N_ZONES),
    st.integers(0, 4).map(lambda n: n / 4),
)
questions = st.builds(
    lambda rows, inhab, lacking, pairs: BundleInputs(
        projects=tuple(project(n, *row) for n, row in enumerate(rows)),
        inhab=np.array(inhab, dtype=float),
        lacking_ha=np.array(lacking, dtype=float),
        overlapping=tuple((a, b) for a, b in pairs if a < b < len(rows)),
    ),
    st.lists(some_project, max_size=8),
    st.lists(st.integers(0, 50), min_size=N_PLACES, max_size=N_PLACES),
    st.lists(st.integers(-2, 5), min_size=N_ZONES, max_size=N_ZONES),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=3),
)


def require_honest(found: Frontier, inputs: BundleInputs, envelope: int) -> None:
    """Refuse a list with a bundle that is not what it says, over the envelope or dominated."""
    place = {p.id: n for n, p in enumerate(inputs.projects)}
    told = []
    for one in found.bundles:
        chosen = tuple(place[name] for name in one.ids)
        assert chosen
        assert (one.people_inhab, one.closed_ha, one.risk_inhab) == pytest.approx(
            measured(inputs, chosen)
        )
        projects = [inputs.projects[n] for n in chosen]
        assert one.cost_high == sum(p.cost_high for p in projects) <= envelope
        assert one.cost_low == sum(p.cost_low for p in projects)
        assert not any(a in chosen and b in chosen for a, b in inputs.overlapping)
        told.append((one.people_inhab, one.closed_ha, one.risk_inhab))
    assert len(set(told)) == len(told)
    assert not any(dominates(a, b) for a in told for b in told)
    assert all(b.people_inhab <= found.people_bound + 1e-6 for b in found.bundles)
    assert all(b.closed_ha <= found.closed_bound + 1e-6 for b in found.bundles)


@settings(max_examples=300, deadline=None)
@given(questions, st.integers(0, 200))
def test_the_frontier_is_the_whole_one_and_each_bundle_the_cheapest(
    inputs: BundleInputs, envelope: int
) -> None:
    found = best_bundles(inputs, envelope)
    assert found.exact
    require_honest(found, inputs, envelope)
    told = {(b.people_inhab, b.closed_ha, b.risk_inhab): b.cost_high for b in found.bundles}
    assert told == by_brute_force(inputs, envelope)
    left = {*found.without_cost, *found.over_envelope, *found.idle}
    used = {name for b in found.bundles for name in b.ids}
    assert not left & {p.title for p in inputs.projects if p.id in used}
    assert len(left) + found.n_projects == len(inputs.projects)


@settings(max_examples=120, deadline=None)
@given(questions, st.integers(0, 200))
def test_the_search_for_many_projects_lists_nothing_dominated_nor_past_its_bounds(
    inputs: BundleInputs, envelope: int
) -> None:
    whole = best_bundles(inputs, envelope)
    exact, bundles.EXACT_PROJECTS = bundles.EXACT_PROJECTS, -1
    try:
        found = best_bundles(inputs, envelope)
    finally:
        bundles.EXACT_PROJECTS = exact
    assert not found.exact
    require_honest(found, inputs, envelope)
    # the bounds hold for the sets that the search may have missed as well
    assert all(b.people_inhab <= found.people_bound + 1e-6 for b in whole.bundles)
    assert all(b.closed_ha <= found.closed_bound + 1e-6 for b in whole.bundles)


def test_people_are_counted_once_and_a_deficit_is_closed_once() -> None:
    both = [True, True, False, False, False, False]
    one = [True, False, False, False, False, False]
    inputs = BundleInputs(
        projects=(
            project(0, 10, both, [2.0, 0, 0]),
            project(1, 10, both, [2.0, 0, 0]),
            project(2, 5, one, [0, 0, 1.0]),
        ),
        inhab=np.array([100.0, 50, 0, 0, 0, 0]),
        lacking_ha=np.array([3.0, 0.0, -1.0]),
    )
    found = best_bundles(inputs, 30)
    # two parks of one zone: 2 + 2 ha, of which it lacks 3; zone 3 lacks nothing
    assert [(b.ids, b.people_inhab, b.closed_ha) for b in found.bundles] == [
        (("p0", "p1"), 150.0, 3.0)
    ]


def test_a_dangerous_place_is_weighed_against_whom_it_serves() -> None:
    near = [True, False, False, False, False, False]
    far = [False, True, False, False, False, False]
    inputs = BundleInputs(
        projects=(project(0, 10, near, hazard=0.0), project(1, 10, far, hazard=0.5)),
        inhab=np.array([100.0, 50, 0, 0, 0, 0]),
        lacking_ha=np.zeros(N_ZONES),
    )
    found = best_bundles(inputs, 20)
    assert [(b.ids, b.people_inhab, b.risk_inhab) for b in found.bundles] == [
        (("p0", "p1"), 150.0, 25.0),
        (("p0",), 100.0, 0.0),
    ]


def test_projects_that_cannot_be_chosen_are_named() -> None:
    some = [True] * N_PLACES
    inputs = BundleInputs(
        projects=(
            project(0, None, some),
            project(1, 101, some),
            project(2, 10, [False] * N_PLACES),
            project(3, 100, some, low=60),
        ),
        inhab=np.ones(N_PLACES),
        lacking_ha=np.zeros(N_ZONES),
    )
    found = best_bundles(inputs, 100)
    assert found.without_cost == ("Proyecto 0",)
    assert found.over_envelope == ("Proyecto 1",)
    assert found.idle == ("Proyecto 2",)
    # the envelope is held against the upper cost; both are told
    assert [(b.ids, b.cost_low, b.cost_high) for b in found.bundles] == [(("p3",), 60, 100)]


def large(n_projects: int, seed: int = 4) -> BundleInputs:
    """Return a district's worth of projects over 9 zones and 400 places."""
    rng = np.random.default_rng(seed)
    rows = [
        Project(
            id=f"p{n}",
            title=f"Proyecto {n}",
            cost_low=int(rng.integers(50, 100)) * 1000,
            cost_high=int(rng.integers(100, 400)) * 1000,
            serves=rng.random(400) < 0.08,
            green_ha=np.where(np.arange(9) == rng.integers(9), rng.random() * 0.5, 0.0),
            hazard=float(rng.choice([0.0, 0.14, 0.54])),
        )
        for n in range(n_projects)
    ]
    return BundleInputs(tuple(rows), rng.integers(1, 30, 400).astype(float), np.full(9, 0.6))


def test_as_many_projects_as_a_district_has_are_looked_at_in_full() -> None:
    inputs = large(bundles.EXACT_PROJECTS)
    best_bundles(large(4), 500_000)
    start = time.perf_counter()
    found = best_bundles(inputs, 1_500_000)
    assert time.perf_counter() - start < 10
    assert found.exact
    require_honest(found, inputs, 1_500_000) if len(found.bundles) < 2000 else None
    assert found.n_projects == bundles.EXACT_PROJECTS
    # no single exchange of two projects makes any measure better at no cost to the others
    place = {p.id: n for n, p in enumerate(inputs.projects)}
    best = found.bundles[0]
    for name in best.ids:
        for other in set(place) - set(best.ids):
            swapped = tuple(place[n] for n in {*best.ids, other} - {name})
            cost = sum(inputs.projects[n].cost_high for n in swapped)
            if cost <= 1_500_000:
                assert measured(inputs, swapped)[0] <= best.people_inhab + 1e-6


def test_beyond_that_it_says_that_better_sets_may_exist_and_how_much_better() -> None:
    inputs = large(30)
    found = best_bundles(inputs, 1_500_000)
    assert not found.exact
    assert found.bundles
    assert found.people_bound >= found.bundles[0].people_inhab
    assert all(b.cost_high <= 1_500_000 for b in found.bundles)
    told = [(b.people_inhab, b.closed_ha, b.risk_inhab) for b in found.bundles]
    assert not any(dominates(a, b) for a in told for b in told)


def test_a_few_bundles_stand_for_many_and_hold_the_best_of_each_measure() -> None:
    found = best_bundles(large(12), 1_200_000)
    few = spread_out(found, 6)
    assert len(few) == 6
    assert set(few) <= set(found.bundles)
    assert max(b.people_inhab for b in few) == max(b.people_inhab for b in found.bundles)
    assert max(b.closed_ha for b in few) == max(b.closed_ha for b in found.bundles)
    assert min(b.risk_inhab for b in few) == min(b.risk_inhab for b in found.bundles)
    assert spread_out(found, 10_000) == found.bundles

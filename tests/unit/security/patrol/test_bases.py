"""Best places for bases: brute force on a small town."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from patrol_town import lattice
from patrol_town import town

from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.core.errors import InputError
from ilo_geo.security.patrol.bases import BaseSearch
from ilo_geo.security.patrol.bases import best_bases
from ilo_geo.security.patrol.scene import patrol_scene
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status
from ilo_geo.siting.problem import Kind

# squares small enough that every crossing is a candidate and every node a place
GRID_M = 300.0
LIMITS = Limits(seconds=20.0)


def scene_with(at=((0, 0),), seed=0):
    homes = [(x * 300, y * 300) for x in range(5) for y in range(4)]
    weight = np.random.default_rng(seed).integers(1, 20, size=len(homes))
    inputs = town(roads=lattice(5, 4), homes=homes, at=at)
    need = replace(inputs.need, weight=weight / weight.sum())
    return patrol_scene(town(roads=lattice(5, 4), homes=homes, at=at, need=need))


def search(kind=Kind.PMEDIAN, *, n_new=1, keep=True, within_s=40.0):
    return BaseSearch(kind, n_new, keep, within_s, GRID_M, max_candidates=400)


def found(scene, asked):
    existing = scene.bases["node"].to_numpy()
    none = np.zeros(len(existing))
    need = scene.at_nodes(scene.need)
    return best_bases(scene.drive, need, existing, none, asked, limits=LIMITS)


def best_value(scene, bases, asked):
    """Return the best value of any choice of candidates, from shortest times."""
    time_s = np.array(
        [distances_to_nearest_m(scene.drive.timed, np.array([n]))[0] for n in bases.node]
    )
    weight = scene.at_nodes(scene.need)
    fixed = tuple(range(bases.n_existing)) if asked.keep else ()
    free = [n for n in range(len(bases.node)) if n not in fixed]
    n_more = asked.n_new if asked.keep else asked.n_new + bases.n_existing
    values = []
    for more in itertools.combinations(free, n_more):
        nearest_s = time_s[[*fixed, *more]].min(axis=0)
        if asked.kind is Kind.PMEDIAN:
            values.append(float((weight * nearest_s).sum()))
        else:
            values.append(float(weight[nearest_s <= asked.within_s].sum()))
    return min(values) if asked.kind is Kind.PMEDIAN else max(values)


@pytest.mark.parametrize("kind", [Kind.PMEDIAN, Kind.MCLP])
@pytest.mark.parametrize("keep", [True, False])
def test_the_choice_is_that_of_brute_force_over_all_crossings(kind, keep):
    scene = scene_with(seed=3)
    asked = search(kind, n_new=2, keep=keep)
    bases = found(scene, asked)
    assert bases.answer.status is Status.OPTIMAL
    assert bases.answer.objective == pytest.approx(best_value(scene, bases, asked))


def test_a_kept_base_is_chosen_and_as_many_new_ones_as_asked_for():
    bases = found(scene_with(at=((0, 0), (1200, 900))), search(n_new=2))
    assert set(bases.answer.selected[:2]) == {0, 1}
    assert len(bases.answer.selected) == 4


def test_every_new_base_lessens_the_mean_time():
    scene = scene_with(seed=5)
    costs = [found(scene, search(n_new=n)).answer.objective for n in (1, 2, 3)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > costs[-1]


def test_what_the_bases_serve_is_the_whole_need():
    bases = found(scene_with(), search(n_new=2))
    assert bases.served_ratio.sum() == pytest.approx(1.0)
    assert np.flatnonzero(bases.served_ratio).tolist() == sorted(bases.answer.selected)


def test_more_bases_than_places_are_refused():
    with pytest.raises(InputError) as refused:
        found(scene_with(), search(n_new=20))
    assert refused.value.code == "patrol.too_few_sites"

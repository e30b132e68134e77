"""The joint choice beside every choice there is, and what a failure costs beside counting anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from camera_town import town_inputs
from camera_town import town_params
from scipy.sparse import csr_array

from ilo_geo.security.cameras.choice import Question
from ilo_geo.security.cameras.choice import choose
from ilo_geo.security.cameras.choice import greedy
from ilo_geo.security.cameras.choice import losses
from ilo_geo.security.cameras.choice import settled
from ilo_geo.security.cameras.question import camera_scene
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.problem import Ints


def question(**changes: object) -> Question:
    """Return three poles × eight headings of the town."""
    usual = {"max_candidates": 3, "camera_model": "fixed_4mp_4mm", "n_cameras": 3}
    return camera_scene(town_inputs(), town_params(**{**usual, **changes}), camera_rules()).question


def covered(asked: Question, chosen: tuple[int, ...]) -> float:
    """Count place by place."""
    sees = asked.reach.toarray() > 0
    total = 0.0
    for place, weight in enumerate(asked.weight):
        if sum(sees[view, place] for view in chosen) >= asked.folds[place]:
            total += weight
    return total


def brute_force(asked: Question) -> float:
    """Return the most that any allowed choice covers."""
    sees, best = asked.reach.toarray() > 0, 0.0
    barred = {tuple(sorted(pair)) for pair in asked.apart.tolist()}
    for n in range(1, asked.count + 1):
        for chosen in combinations(range(len(sees)), n):
            if barred & set(combinations(chosen, 2)):
                continue
            cost = asked.price_soles[list(chosen)].sum()
            if asked.budget_soles is not None and cost > asked.budget_soles:
                continue
            enough = sees[list(chosen)].sum(axis=0) >= asked.folds
            best = max(best, float(asked.weight @ enough))
    return best


def solved(asked: Question) -> tuple[Ints, float, float]:
    answer = choose(asked, Limits(seconds=60.0, gap_ratio=0.0))
    return answer.selected, answer.objective, answer.bound


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"max_per_pole": 1},
        {"max_per_pole": 8},
        {"backup_at": "schools"},
        {"budget_soles": 3_500.0},
    ],
    ids=["plain", "one a pole", "eight a pole", "backup", "budget"],
)
def test_joint_choice_of_three_poles_and_eight_headings_is_the_best_of_all(changes: dict) -> None:
    asked = question(**changes)
    assert len(np.unique(asked.price_soles)) == 1
    assert 12 <= asked.reach.shape[0] <= 24
    chosen, objective, bound = solved(asked)
    assert objective == pytest.approx(brute_force(asked), abs=1e-12)
    assert bound == pytest.approx(objective, abs=1e-9)
    assert covered(asked, tuple(chosen)) == pytest.approx(objective, abs=1e-12)


def test_models_are_chosen_with_poles_and_headings_under_a_budget() -> None:
    asked = question(camera_model="all", max_candidates=3, n_headings=4, budget_soles=4_000.0)
    assert len(np.unique(asked.price_soles)) > 2
    chosen, objective, _ = solved(asked)
    assert asked.price_soles[chosen].sum() <= 4_000.0
    assert objective == pytest.approx(brute_force(asked), abs=1e-12)


def test_more_cameras_never_see_less() -> None:
    found = [solved(question(n_cameras=k, max_candidates=8))[1] for k in range(1, 6)]
    assert found == sorted(found)
    assert found[-1] > found[0]


@pytest.mark.parametrize("backup", ["none", "schools"])
def test_loss_when_a_camera_fails_is_what_counting_without_it_gives(backup: str) -> None:
    asked = question(n_cameras=5, max_candidates=8, backup_at=backup)
    chosen, _, _ = solved(asked)
    whole = covered(asked, tuple(chosen))
    by_hand = [whole - covered(asked, tuple(c for c in chosen if c != failed)) for failed in chosen]
    assert losses(asked, chosen).tolist() == pytest.approx(by_hand, abs=1e-12)
    assert max(by_hand) > 0


def test_of_views_that_see_the_same_the_first_is_taken_unless_it_may_not_hang() -> None:
    """Views 0 and 2 see place 0, views 1 and 3 place 1; 0 and 1 may not hang together."""
    sees = csr_array(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]))
    ones = np.ones(2, dtype=np.int64)
    free = Question(sees, np.array([0.6, 0.4]), ones, np.ones(4), np.zeros((0, 2), int), 2, None)
    assert settled(free, np.array([2, 3])).tolist() == [0, 1]
    barred = replace(free, apart=np.array([[0, 1]]))
    assert settled(barred, np.array([2, 3])).tolist() == [0, 3]
    dearer = replace(free, price_soles=np.array([2.0, 1.0, 1.0, 1.0]))
    assert settled(dearer, np.array([2, 3])).tolist() == [1, 2]


def test_greedy_order_sums_to_what_the_choice_covers_and_never_grows() -> None:
    asked = question(n_cameras=5, max_candidates=8)
    chosen, objective, _ = solved(asked)
    ranked = greedy(asked, chosen, len(chosen))
    assert sorted(ranked.order) == sorted(chosen)
    assert ranked.marginal.sum() == pytest.approx(objective)
    assert list(ranked.marginal) == sorted(ranked.marginal, reverse=True)


def test_greedy_takes_no_two_views_that_may_not_hang_together() -> None:
    asked = question(n_cameras=8, max_candidates=8, max_per_pole=2)
    order = greedy(asked, np.arange(len(asked.price_soles)), 12).order
    barred = {tuple(sorted(pair)) for pair in asked.apart.tolist()}
    assert not barred & set(combinations(sorted(order.tolist()), 2))
    assert len(order) == 12


def test_a_place_that_needs_two_cameras_gets_the_pair_though_the_first_adds_nothing() -> None:
    asked = question(n_cameras=3, max_candidates=8, backup_at="schools")
    doubled = Question(asked.reach, asked.weight, np.full_like(asked.folds, 2), *_limits(asked))
    ranked = greedy(doubled, np.arange(asked.reach.shape[0]), 2)
    assert ranked.marginal[0] == 0.0
    assert ranked.marginal[1] > 0.0


def _limits(asked: Question) -> tuple[object, ...]:
    return asked.price_soles, asked.apart, asked.count, asked.budget_soles

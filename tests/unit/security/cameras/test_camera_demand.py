"""What seeing a place is worth."""

from __future__ import annotations

import numpy as np
import pytest

from ilo_geo.core.errors import ParameterError
from ilo_geo.security.cameras.demand import weigh
from ilo_geo.security.cameras.rules import camera_rules

XY = np.zeros((3, 2))
NEED = np.array([0.5, 0.3, 0.2])
ALL = ("gap", "flow", "sensitive", "feasibility", "evacuation")


def weighed(**evidence: list[float]) -> object:
    rules = camera_rules()
    given = {name: np.array(values, dtype=float) for name, values in evidence.items()}
    return weigh(XY, NEED, given, rules.judgements, rules)


def test_the_judgements_give_the_proposed_weights_and_consistency() -> None:
    found = weighed(**{name: [1, 1, 1] for name in ALL})
    assert [round(w, 3) for w in found.weights.values()] == [
        0.364,
        0.230,
        0.136,
        0.136,
        0.081,
        0.052,
    ]
    assert round(found.consistency_ratio, 3) == 0.012


def test_missing_evidence_gives_its_weight_to_the_rest_in_proportion() -> None:
    found = weighed(flow=[0, 0, 4])
    assert found.weights["crime"] / found.weights["flow"] == pytest.approx(
        0.36371 / 0.13641, rel=1e-4
    )
    assert sum(found.weights.values()) == pytest.approx(1.0)
    assert found.missing == ("gap", "sensitive", "feasibility", "evacuation")
    assert not found.table.loc["gap", "available"]
    assert found.table["weight_used"].sum() == pytest.approx(1.0)


def test_demand_is_the_weighted_sum_of_shares() -> None:
    found = weighed(flow=[0, 0, 4], gap=[2, 2, 0])
    w = found.weights
    by_hand = [
        w["crime"] * 0.5 + w["gap"] * 0.5,
        w["crime"] * 0.3 + w["gap"] * 0.5,
        w["crime"] * 0.2 + w["flow"],
    ]
    assert found.weight.tolist() == pytest.approx(by_hand)
    assert found.weight.sum() == pytest.approx(1.0)


def test_evidence_that_is_nowhere_counts_as_missing() -> None:
    assert "gap" in weighed(gap=[0, 0, 0]).missing


def test_judgements_that_contradict_each_other_are_refused() -> None:
    rules = camera_rules()
    with pytest.raises(ParameterError, match="criteria_judgements"):
        weigh(XY, NEED, {}, "9 1/9 9 9 9; 9 9 9 9; 9 9 9; 9 9; 9", rules)

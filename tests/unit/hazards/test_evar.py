"""Values, classes and risk of the EVAR against the limits that CENEPRED prints."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.ahp import ahp_weights
from ilo_geo.hazards.evar import Interval
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.evar import hazard_class
from ilo_geo.hazards.evar import hazard_scale
from ilo_geo.hazards.evar import level_of_value
from ilo_geo.hazards.evar import printed_risk
from ilo_geo.hazards.evar import risk_class
from ilo_geo.hazards.evar import risk_scale
from ilo_geo.hazards.evar import strongest
from ilo_geo.hazards.evar import weighted
from ilo_geo.hazards.levels import hazard_levels

HAZARDS = evar_rules().criteria


def test_level_values_are_the_weights_of_the_manual_s_matrix() -> None:
    """CENEPRED, Manual EVAR v2: descriptors 1-3-5-7-9."""
    solved = ahp_weights("3 5 7 9; 3 5 7; 3 5; 3", tuple("abcde"), where="p")
    values = sorted(evar_rules().level_values.values(), reverse=True)
    assert values == pytest.approx(list(solved.weights.values()), abs=6e-4)


def test_default_judgements_give_the_weights_proposed_for_ilo() -> None:
    """Issue 3 and the domain notes §5.8: .331 .331 .145 .094 .061 .038, ratio .015."""
    solved = ahp_weights(evar_rules().judgements, HAZARDS, where="p")
    expected = {"tsunami": 0.331, "seismic": 0.331, "hydrocarbons": 0.145}
    expected |= {"river": 0.094, "saline_soils": 0.061, "dunes": 0.038}
    assert solved.weights == pytest.approx(expected, abs=6e-4)
    assert solved.consistency_ratio == pytest.approx(0.015, abs=5e-4)


def test_products_of_the_class_limits_are_the_risk_limits() -> None:
    """§3.2: .0676, .0180, .0046, .0012, printed .068, .018, .005, .001."""
    levels = hazard_levels().levels
    limits = np.array([level.hazard_min for level in levels])
    assert limits**2 == pytest.approx([0.0012, 0.0046, 0.0180, 0.0676], abs=5e-5)
    assert printed_risk(limits**2).tolist() == [level.risk_min for level in levels]
    assert risk_class(limits**2).tolist() == [level.id for level in levels]


@pytest.mark.parametrize(
    ("risk", "level"),
    [
        (0.253, "very_high"), (0.068, "very_high"), (0.0674, "high"), (0.018, "high"),
        (0.0174, "medium"), (0.005, "medium"), (0.0044, "low"), (0.001, "low"), (0.0002, "low"),
    ],
)  # fmt: skip
def test_risk_classes(risk: float, level: str) -> None:
    """CENEPRED's table of risk levels at the three decimals it prints."""
    assert risk_class(np.array([risk])).tolist() == [level]


@pytest.mark.parametrize(
    ("hazard", "level"),
    [(0.503, "very_high"), (0.26, "very_high"), (0.259, "high"), (0.134, "high"),
     (0.1339, "medium"), (0.068, "medium"), (0.0679, "low"), (0.035, "low")],
)  # fmt: skip
def test_hazard_classes(hazard: float, level: str) -> None:
    """CENEPRED, Manual EVAR v2: .260 ≤ x ≤ .503, .134 ≤ x < .260, .068 ≤ x < .134, below."""
    assert hazard_class(np.array([hazard])).tolist() == [level]


@pytest.mark.parametrize("level", evar_rules().level_values)
def test_a_sum_of_equal_values_is_that_value_to_its_class(level: str) -> None:
    """Weights sum to 1; rounding of the processor must not push a value under its own limit."""
    value = evar_rules().level_values[level]
    weights = ahp_weights(evar_rules().judgements, HAZARDS, where="p").weights
    same = {name: Interval(*(np.array([value]),) * 3) for name in HAZARDS}
    total = weighted(same, weights)
    assert total.mid == pytest.approx([value])
    assert hazard_class(total.mid).tolist() == hazard_class(np.array([value])).tolist()
    assert level_of_value(same["tsunami"].mid).tolist() == [level]


LEVELS = st.lists(st.sampled_from(evar_rules().steps), min_size=6, max_size=6)


def exact(values: list[float]) -> dict[str, Interval]:
    return {n: Interval(*(np.array([v]),) * 3) for n, v in zip(HAZARDS, values, strict=True)}


@given(LEVELS, st.integers(0, 5), st.sampled_from(evar_rules().steps))
def test_raising_a_level_never_lowers_sum_maximum_or_risk(
    values: list[float], which: int, raised: float
) -> None:
    weights = ahp_weights(evar_rules().judgements, HAZARDS, where="p").weights
    higher = [max(v, raised) if i == which else v for i, v in enumerate(values)]
    before, after = exact(values), exact(higher)
    people = Interval(np.array([0.035]), np.array([0.1]), np.array([0.503]))
    one, other = weighted(before, weights), weighted(after, weights)
    for end in ("low", "mid", "high"):
        assert getattr(other, end) >= getattr(one, end) - 1e-12
        assert getattr(other * people, end) >= getattr(one * people, end) - 1e-12
    assert strongest(after.values()).mid >= strongest(before.values()).mid


@given(LEVELS, st.sets(st.integers(0, 5), min_size=1))
def test_the_interval_of_missing_hazards_holds_every_completion(
    values: list[float], missing: set[int]
) -> None:
    """Whatever the hazards nobody mapped turn out to be, the sum lies between the ends."""
    weights = ahp_weights(evar_rules().judgements, HAZARDS, where="p").weights
    known = exact(values)
    parts = {n: Interval.unknown(1) if i in missing else known[n] for i, n in enumerate(HAZARDS)}
    truth, told = weighted(known, weights).mid, weighted(parts, weights)
    assert told.low - 1e-12 <= truth <= told.high + 1e-12
    assert told.low < told.mid < told.high


def test_the_maximum_is_never_below_the_weighted_sum() -> None:
    """All 5^6 combinations by brute force: a mean of values cannot exceed the largest."""
    table = np.array(list(itertools.product(evar_rules().steps, repeat=6))).T
    parts = {name: Interval(row, row, row) for name, row in zip(HAZARDS, table, strict=True)}
    weights = ahp_weights(evar_rules().judgements, HAZARDS, where="p").weights
    largest = strongest(parts.values()).mid
    assert (weighted(parts, weights).mid <= largest + 1e-12).all()
    assert (largest == table.max(axis=0)).all()


def test_scales_carry_the_colours_and_limits_of_cenepred() -> None:
    """Issue 3: Bajo #38A800, Medio #FFFF00, Alto #FFAA00, Muy alto #E60000."""
    for scale, breaks in (
        (risk_scale(), (0.005, 0.018, 0.068)),
        (hazard_scale(), (0.068, 0.134, 0.26)),
    ):
        assert scale.breaks == breaks
        colours = [one.colour for one in scale.classes]
        assert colours == ["#38A800", "#FFFF00", "#FFAA00", "#E60000"]
    assert (risk_scale().column, hazard_scale().column) == ("risk", "hazard_sum")

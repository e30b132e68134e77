"""The scale, the index and its places, beside naive re-implementations."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from ilo_geo.proposals.scoring import Index
from ilo_geo.proposals.scoring import index_of
from ilo_geo.proposals.scoring import place_interval
from ilo_geo.proposals.scoring import places
from ilo_geo.proposals.scoring import scaled_part
from ilo_geo.proposals.stability import stability


def exact(values):
    return pd.DataFrame({"low": values, "mid": values, "high": values}, dtype=float)


def percentile_by_hand(values, percent):
    """Return the percentile by the textbook's linear rule, without numpy."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * percent / 100
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def test_five_units_are_scaled_between_p5_and_p95_as_computed_by_hand() -> None:
    """0 10 20 30 40: p5 = 2, p95 = 38, so 20 lies at 18/36 and 30 at 28/36."""
    scaled = scaled_part(exact([0, 10, 20, 30, 40]))
    assert (scaled.q_low, scaled.q_high) == (2.0, 38.0)
    assert scaled.mid == pytest.approx([0, 8 / 36, 18 / 36, 28 / 36, 1])


VALUES = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 3)), min_size=2, max_size=30)


@given(VALUES)
def test_scale_equals_a_scale_by_the_textbook(values: list[float]) -> None:
    low, high = percentile_by_hand(values, 5), percentile_by_hand(values, 95)
    scaled = scaled_part(exact(values))
    if high - low < 1e-6:
        return
    expected = [min(1.0, max(0.0, (x - low) / (high - low))) for x in values]
    assert scaled.mid == pytest.approx(expected, abs=1e-6)


@given(VALUES, st.integers(0, 29), st.floats(0.001, 1e3))
def test_raising_a_unit_s_value_never_lowers_its_scaled_value(
    values: list[float], which: int, more: float
) -> None:
    unit = which % len(values)
    raised = [v + more if n == unit else v for n, v in enumerate(values)]
    before, after = scaled_part(exact(values)), scaled_part(exact(raised))
    assert after.mid[unit] >= before.mid[unit] - 1e-9


def test_equal_values_tell_nobody_apart_and_add_nothing() -> None:
    scaled = scaled_part(exact([7, 7, 7]))
    assert not scaled.distinguishes
    assert scaled.mid.tolist() == [0, 0, 0]


def test_interval_is_scaled_by_the_percentiles_of_the_best_estimates() -> None:
    raw = pd.DataFrame({"low": [-5.0, 2, 20], "mid": [0.0, 20, 40], "high": [20.0, 20, 99]})
    scaled = scaled_part(raw)
    assert (scaled.q_low, scaled.q_high) == (2.0, 38.0)
    assert scaled.low == pytest.approx([0, 0, 0.5])
    assert scaled.high == pytest.approx([0.5, 0.5, 1])


def test_unit_without_data_is_the_whole_scale_and_does_not_move_it() -> None:
    scaled = scaled_part(exact([0, 10, 20, 30, 40, np.nan]))
    assert (scaled.q_low, scaled.q_high) == (2.0, 38.0)
    assert (scaled.low[5], scaled.mid[5], scaled.high[5]) == (0.0, 0.5, 1.0)
    assert scaled.known.tolist() == [True] * 5 + [False]


def test_missing_part_gives_exactly_the_scores_with_zero_and_with_one() -> None:
    weights = {"a": 0.6, "b": 0.4}
    other = scaled_part(exact([0, 10, 20, 30, 40]))
    nothing = scaled_part(exact([np.nan] * 5))
    found = index_of({"a": other, "b": nothing}, weights)
    assert found.low == pytest.approx(0.6 * other.mid + 0.4 * 0)
    assert found.high == pytest.approx(0.6 * other.mid + 0.4 * 1)
    assert found.mid == pytest.approx(0.6 * other.mid + 0.4 * 0.5)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.9]), min_size=1, max_size=12))
def test_places_equal_those_of_scipy(values: list[float]) -> None:
    expected = rankdata([-v for v in values], method="min")
    assert places(np.array(values)).tolist() == expected.tolist()


STEPS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@settings(deadline=None)
@given(st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=6))
def test_place_interval_is_what_every_corner_of_the_intervals_gives(
    pairs: list[tuple[float, float]],
) -> None:
    low = np.array([min(p) for p in pairs])
    high = np.array([max(p) for p in pairs])
    corners = [
        rankdata([-v for v in corner], method="min")
        for corner in itertools.product(*zip(low, high, strict=True))
    ]
    best, worst = place_interval(Index(low, (low + high) / 2, high))
    assert best.tolist() == np.min(corners, axis=0).tolist()
    assert worst.tolist() == np.max(corners, axis=0).tolist()


def drawn(parts, weights, **changes):
    return stability(
        parts, weights, **{"top_k": 1, "swing_ratio": 0.2, "n_draws": 400, "seed": 3, **changes}
    )


def test_unit_ahead_in_every_part_stays_first_whatever_the_weights() -> None:
    parts = {name: scaled_part(exact([9, 5, 1])) for name in ("a", "b")}
    found = drawn(parts, {"a": 0.5, "b": 0.5})
    assert found.top_k_ratio.tolist() == [1.0, 0.0, 0.0]
    assert (found.best_place.tolist(), found.worst_place.tolist()) == ([1, 2, 3], [1, 2, 3])


def test_units_that_lead_one_part_each_share_the_first_place_evenly() -> None:
    """Equal weights: each is first when its part draws the heavier weight."""
    parts = {"a": scaled_part(exact([1, 0])), "b": scaled_part(exact([0, 1]))}
    found = drawn(parts, {"a": 0.5, "b": 0.5}, n_draws=2000)
    assert found.top_k_ratio.sum() == pytest.approx(1)
    assert found.top_k_ratio[0] == pytest.approx(0.5, abs=0.05)
    assert (found.best_place.tolist(), found.worst_place.tolist()) == ([1, 1], [2, 2])


def test_share_of_first_places_equals_the_area_where_the_weights_say_so() -> None:
    """First while 0.52 f > 0.48 g with f and g even in 0.8–1.2, integrated on a grid."""
    parts = {"a": scaled_part(exact([1, 0])), "b": scaled_part(exact([0, 1]))}
    f = np.linspace(0.8, 1.2, 2001)
    expected = (0.52 * f[:, None] > 0.48 * f[None, :]).mean()
    found = drawn(parts, {"a": 0.52, "b": 0.48}, n_draws=2000)
    assert found.top_k_ratio[0] == pytest.approx(expected, abs=0.04)


def test_what_nobody_knows_makes_the_first_place_a_toss() -> None:
    known = scaled_part(exact([1, 1]))
    unknown = scaled_part(exact([np.nan, np.nan]))
    found = drawn({"a": known, "b": unknown}, {"a": 0.5, "b": 0.5}, n_draws=2000)
    assert found.top_k_ratio.tolist() == [1.0, 1.0]
    assert found.top_k_data_ratio == pytest.approx([0.5, 0.5], abs=0.05)


def test_no_swing_and_no_interval_leave_the_place_as_it_is() -> None:
    parts = {"a": scaled_part(exact([1, 2, 3])), "b": scaled_part(exact([3, 1, 1]))}
    found = drawn(parts, {"a": 0.7, "b": 0.3}, swing_ratio=0.0, top_k=2)
    assert set(found.top_k_ratio.tolist()) <= {0.0, 1.0}
    assert found.top_k_data_ratio.tolist() == found.top_k_ratio.tolist()


def test_equal_seeds_repeat_the_draws_and_others_do_not() -> None:
    parts = {"a": scaled_part(exact([1, 0, 0.5])), "b": scaled_part(exact([0, 1, 0.6]))}
    one, two = (drawn(parts, {"a": 0.5, "b": 0.5}, seed=seed) for seed in (5, 5))
    other = drawn(parts, {"a": 0.5, "b": 0.5}, seed=6)
    assert one.top_k_ratio.tolist() == two.top_k_ratio.tolist()
    assert one.top_k_ratio.tolist() != other.top_k_ratio.tolist()

"""Walking speeds: Tobler 1993 and r.walk (GRASS GIS manual), and how they scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.hazards.evacuation.speeds import least_pace_s_per_m
from ilo_geo.hazards.evacuation.speeds import pace_coefficients
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.speeds import walking_figures
from ilo_geo.hazards.evacuation.surfaces import surfaces

FORMULATIONS = ("tobler", "rwalk")
slopes = st.floats(-2, 2)
speeds = st.floats(0.3, 4)


@pytest.mark.parametrize(("slope", "speed_m_s"), [(0.0, 1.40), (0.1, 0.99), (0.2, 0.69)])
def test_tobler_speeds_of_the_issue(slope: float, speed_m_s: float) -> None:
    """Issue 3 and Tobler 1993: flat 1.40 m/s, +10 % 0.99, +20 % 0.69."""
    own_flat_m_s = walking_figures().tobler.flat_m_s
    seconds = walk_seconds(1.0, slope, speed_m_s=own_flat_m_s)
    assert 1 / seconds == pytest.approx(speed_m_s, abs=0.005)


def test_tobler_is_fastest_at_five_percent_down() -> None:
    """Tobler 1993: 6 km/h at a slope of −5 %."""
    slope = np.linspace(-0.5, 0.5, 1001)
    seconds = walk_seconds(1.0, slope, speed_m_s=walking_figures().tobler.flat_m_s)
    assert slope[np.argmin(seconds)] == pytest.approx(-0.05)
    assert 3.6 / seconds.min() == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("rise_m", "seconds"),
    [
        (0.0, 72.0),
        (10.0, 72.0 + 60.0),  # Naismith: 6 s more a metre up
        (-10.0, 72.0 - 19.998),  # Langmuir: gentle descent saves 2 s a metre
        (-30.0, 72.0 + 59.994),  # and steep descent costs 2 s a metre
    ],
)
def test_rwalk_terms_by_hand(rise_m: float, seconds: float) -> None:
    """GRASS r.walk manual: T = 0.72·ΔS + 6·ΔH_up + 1.9998·ΔH_gentle − 1.9998·ΔH_steep."""
    own_flat_m_s = 1 / 0.72
    found = walk_seconds(100.0, rise_m, speed_m_s=own_flat_m_s, formulation="rwalk")
    assert found == pytest.approx(seconds)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@given(slope=slopes, speed_m_s=speeds)
def test_scaling(formulation: str, slope: float, speed_m_s: float) -> None:
    """Property: flat takes 1 / speed, and every slope scales with it."""
    flat = walk_seconds(7.0, 0.0, speed_m_s=speed_m_s, formulation=formulation)
    assert flat == pytest.approx(7.0 / speed_m_s)
    one = walk_seconds(7.0, 7 * slope, speed_m_s=1.0, formulation=formulation)
    other = walk_seconds(7.0, 7 * slope, speed_m_s=speed_m_s, formulation=formulation)
    assert other == pytest.approx(one / speed_m_s)


@pytest.mark.parametrize("formulation", FORMULATIONS)
@given(slope=slopes)
def test_no_slope_is_quicker_than_the_least_pace(formulation: str, slope: float) -> None:
    """Property: the width of the field's buckets rests on this bound."""
    least = least_pace_s_per_m(pace_coefficients(1.1, formulation))
    pace = walk_seconds(1.0, slope, speed_m_s=1.1, formulation=formulation)
    assert pace >= least * (1 - 1e-12) > 0


@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_uphill_is_not_downhill(formulation: str) -> None:
    up, down = walk_seconds(50.0, [5.0, -5.0], speed_m_s=1.1, formulation=formulation)
    assert up > 1.2 * down


def test_stairs_and_sand_slow_the_walker() -> None:
    """Domain study §5.5: asphalt 1, sand 0.56, stairs 0.5; an unknown class is a street."""
    classes = pd.Series(["residential", "steps", "footway", "no such class"])
    assert surfaces().of_streets(classes).tolist() == [1.0, 0.5, 1.0, 1.0]
    assert surfaces().factors["ground"] == 0.56
    full, half = walk_seconds(40.0, 2.0, speed_m_s=1.1, factor=[1.0, 0.5])
    assert half == pytest.approx(2 * full)


def test_a_step_of_no_length_takes_no_time() -> None:
    assert walk_seconds(0.0, 3.0, speed_m_s=1.1) == 0.0


def test_the_four_walkers_of_the_issue() -> None:
    """Issue 3: 0.89, 1.1, 1.52 and 1.79 m/s."""
    assert [w.speed_m_s for w in walking_figures().walkers.values()] == [0.89, 1.1, 1.52, 1.79]

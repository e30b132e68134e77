"""Probabilities of position against simulation, scipy's Rice distribution and plain geometry."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import rice

from ilo_geo.hazards.positional import line_sigma_m
from ilo_geo.hazards.positional import near_line_ratio
from ilo_geo.hazards.positional import near_point_ratio
from ilo_geo.hazards.positional import point_sigma_m
from ilo_geo.hazards.positional import polygon_outlines
from ilo_geo.hazards.positional import reach_of_line
from ilo_geo.hazards.positional import reach_of_point

quick = settings(max_examples=40, deadline=None)
N = 400_000
# four standard errors of a share of N draws at its widest
MONTE_CARLO = 4 * 0.5 / np.sqrt(N)
METRES = st.floats(0.5, 3000)
ERRORS = st.floats(0.5, 1500)


@pytest.mark.parametrize("offset", [0.0, 80.0, 200.0, 500.0, 900.0])
@pytest.mark.parametrize(("band", "sigma"), [(200, 255), (50, 8), (15, 120)])
def test_a_line_is_as_near_as_simulated_lines_are(offset, band, sigma):
    lines = np.random.default_rng(1).normal(0, sigma, N)
    simulated = (np.abs(offset - lines) <= band).mean()
    assert near_line_ratio(offset, band, sigma) == pytest.approx(simulated, abs=MONTE_CARLO)


@pytest.mark.parametrize("offset", [0.0, 60.0, 150.0, 400.0, 700.0])
@pytest.mark.parametrize(("radius", "sigma"), [(150, 122), (400, 122), (50, 400)])
def test_a_point_is_as_near_as_simulated_points_are(offset, radius, sigma):
    points = np.random.default_rng(2).normal(0, sigma, (N, 2))
    simulated = (np.hypot(offset - points[:, 0], points[:, 1]) <= radius).mean()
    assert near_point_ratio(offset, radius, sigma) == pytest.approx(simulated, abs=MONTE_CARLO)


@quick
@given(offset=METRES, radius=METRES, sigma=ERRORS)
def test_a_point_follows_the_rice_distribution_of_scipy(offset, radius, sigma):
    if abs(offset - radius) < 8 * sigma and offset / sigma < 30:
        expected = rice.cdf(radius / sigma, offset / sigma)
        assert near_point_ratio(offset, radius, sigma) == pytest.approx(expected, abs=1e-9)


@quick
@given(radius=METRES, accuracy=st.floats(0.01, 1500))
def test_far_from_the_rim_a_point_is_inside_or_outside_for_certain(radius, accuracy):
    sigma = point_sigma_m(accuracy)
    away = 13 * sigma
    assert near_point_ratio(radius + away, radius, sigma) == pytest.approx(0, abs=1e-12)
    if radius > away:
        assert near_point_ratio(radius - away, radius, sigma) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("sigma", [0.5, 0.05, 0.0399, 1e-4, 1e-9])
def test_a_point_with_a_tiny_error_is_a_straight_rim(sigma):
    """Far from the point a circle is its tangent: the normal distribution across it."""
    at = np.array([-11.0, -2.0, 0.0, 2.0, 11.0])
    found = near_point_ratio(400 + at * sigma, 400, sigma)
    assert found == pytest.approx(norm.cdf(-at), abs=1e-3)


def test_an_accuracy_holds_the_true_position_with_95_percent():
    """What the convention says, by simulation: 1.96 σ across a line, 2.4477 σ around a point."""
    rng = np.random.default_rng(3)
    across = rng.normal(0, line_sigma_m(500), N)
    around = rng.normal(0, point_sigma_m(300), (N, 2))
    assert (np.abs(across) <= 500).mean() == pytest.approx(0.95, abs=MONTE_CARLO)
    assert (np.hypot(*around.T) <= 300).mean() == pytest.approx(0.95, abs=MONTE_CARLO)
    assert 300 / point_sigma_m(300) == pytest.approx(2.4477, abs=1e-4)


@quick
@given(band=METRES, accuracy=ERRORS)
def test_the_distances_are_where_the_line_passes_95_and_5_percent(band, accuracy):
    reach, sigma = reach_of_line(band, accuracy), line_sigma_m(accuracy)
    if reach.certain_m is None:
        assert near_line_ratio(0, band, sigma) <= 0.95
    else:
        assert near_line_ratio(reach.certain_m, band, sigma) == pytest.approx(0.95, abs=1e-6)
        assert reach.certain_m <= band
    if reach.possible_m > band:
        assert near_line_ratio(reach.possible_m, band, sigma) == pytest.approx(0.05, abs=1e-6)
    else:
        assert near_line_ratio(band, band, sigma) <= 0.05 + 1e-9


@quick
@given(radius=METRES, accuracy=ERRORS)
def test_the_distances_are_where_the_point_passes_95_and_5_percent(radius, accuracy):
    reach, sigma = reach_of_point(radius, accuracy), point_sigma_m(accuracy)
    if reach.certain_m is None:
        assert near_point_ratio(0, radius, sigma) <= 0.95
    else:
        assert near_point_ratio(reach.certain_m, radius, sigma) == pytest.approx(0.95, abs=1e-6)
    if reach.possible_m > radius:
        assert near_point_ratio(reach.possible_m, radius, sigma) == pytest.approx(0.05, abs=1e-6)
    else:
        assert near_point_ratio(radius, radius, sigma) <= 0.05 + 1e-9


def test_a_wide_band_reaches_as_far_as_one_edge_of_a_normal_error():
    """Far edges do not matter: 95 % and 5 % lie 1.645 σ inside and outside the edge."""
    reach = reach_of_line(1000, 500)
    away = norm.ppf(0.95) * 500 / norm.ppf(0.975)
    assert reach.certain_m == pytest.approx(1000 - away, abs=0.01)
    assert reach.possible_m == pytest.approx(1000 + away, abs=0.01)


def test_nobody_is_sure_within_200_m_of_a_trace_of_500_m_accuracy():
    reach = reach_of_line(200, 500)
    assert reach.certain_m is None
    assert not reach.is_lost_in_error
    assert set(reach.outlines(shapely.LineString([(0, 0), (9, 0)]))) == {"line", "possible"}


def test_a_ring_smaller_than_the_error_is_lost_and_drawn_all_the_same():
    """P at the centre is 1 − exp(−R²/2σ²): 2.4 % for 27 m and ±300 m."""
    assert near_point_ratio(0, 27, point_sigma_m(300)) == pytest.approx(0.0240, abs=1e-4)
    reach = reach_of_point(27, 300)
    assert reach.is_lost_in_error
    assert reach.possible_m == reach.line_m == 27


def test_without_error_the_three_outlines_are_one():
    reach = reach_of_point(50, 0)
    assert (reach.certain_m, reach.line_m, reach.possible_m) == (50, 50, 50)
    assert near_point_ratio([50, 50.001], 50, 0).tolist() == [1, 0]
    assert near_line_ratio([-50, 50.001], 50, 0).tolist() == [1, 0]


@quick
@given(band=METRES, accuracy=ERRORS)
def test_outlines_lie_inside_one_another(band, accuracy):
    trace = shapely.LineString([(0, 0), (800, 300), (1500, 100)])
    found = list(reach_of_line(band, accuracy).outlines(trace).values())
    assert all(shapely.within(a, b) for a, b in itertools.pairwise(found))


@pytest.mark.parametrize("half_width", [150.0, 250.0, 600.0])
def test_a_strip_is_certain_only_where_a_moved_strip_holds_95_percent(half_width):
    """The exact probability for a strip that moves sideways is that of its axis."""
    accuracy = 300
    strip = shapely.box(-50_000, -half_width, 50_000, half_width)
    outlines = polygon_outlines(strip, accuracy)
    sigma = line_sigma_m(accuracy)
    if not outlines["certain"].is_empty:
        inner = outlines["certain"].bounds[3]
        assert near_line_ratio(inner, half_width, sigma) >= 0.95
    outer = outlines["possible"].bounds[3]
    assert near_line_ratio(outer, half_width, sigma) == pytest.approx(0.05, abs=2e-3)
    assert outlines["line"].equals(strip)

"""Fire and blast formulas against published figures, numerical integration and field rules."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.hazards.fireball import fireball_diameter_m
from ilo_geo.hazards.fireball import fireball_distance_m
from ilo_geo.hazards.fireball import fireball_duration_s
from ilo_geo.hazards.fireball import fireball_kw_m2
from ilo_geo.hazards.overpressure import incident_pressure_kpa
from ilo_geo.hazards.overpressure import pressure_data
from ilo_geo.hazards.overpressure import pressure_distance_m
from ilo_geo.hazards.overpressure import tnt_equivalent_kg
from ilo_geo.hazards.pool_fire import cylinder_view_factors
from ilo_geo.hazards.pool_fire import equivalent_diameter_m
from ilo_geo.hazards.pool_fire import heat_release_kw
from ilo_geo.hazards.pool_fire import point_source_distance_m
from ilo_geo.hazards.pool_fire import point_source_kw_m2
from ilo_geo.hazards.pool_fire import pool_of
from ilo_geo.hazards.pool_fire import solid_flame_distance_m
from ilo_geo.hazards.pool_fire import solid_flame_kw_m2
from ilo_geo.hazards.pool_fire import transmissivity_ratio

quick = settings(max_examples=40, deadline=None)
FT = 0.3048
KPA_PER_PSI = 6.894757


def circle(diameter_m):
    return np.pi * diameter_m**2 / 4


def integrated_view_factors(s, h, n=1000):
    """Sum cos·cos/πr² over the lit half of a cylinder of radius 1, seen from (s, 0, 0)."""
    edge = np.arccos(1 / s)
    angle = (np.arange(n) + 0.5) / n * 2 * edge - edge
    height = (np.arange(n) + 0.5) / n * h
    angle, height = np.meshgrid(angle, height)
    away = np.stack([np.cos(angle) - s, np.sin(angle), height])
    r2 = (away**2).sum(axis=0)
    leaving = -(away[0] * np.cos(angle) + away[1] * np.sin(angle)) / np.sqrt(r2)
    patch = (2 * edge / n) * (h / n)
    common = leaving / (np.pi * r2) * patch
    facing_flame, facing_sky = -away[0] / np.sqrt(r2), away[2] / np.sqrt(r2)
    return (common * facing_flame).sum(), (common * facing_sky).sum()


@pytest.mark.parametrize(
    ("s", "h", "expected"),
    [
        (4, 3, (0.10001, 0.03802, 0.10700)),
        (2, 3, (None, None, 0.28508)),
        (10, 3, (None, None, 0.01967)),
    ],
)
def test_view_factors_are_those_of_the_worked_examples(s, h, expected):
    """Issue 3, oracles: cylinder view factor."""
    found = cylinder_view_factors(s, 2, h)
    for value, known in zip(
        (found.vertical, found.horizontal, found.largest), expected, strict=True
    ):
        if known is not None:
            assert value == pytest.approx(known, abs=1e-5)


@pytest.mark.parametrize(("s", "h"), [(4, 3), (2, 3), (10, 3), (1.3, 0.8), (3, 12), (25, 2)])
def test_view_factors_are_the_integral_over_the_flame(s, h):
    found = cylinder_view_factors(s, 2, h)
    assert (found.vertical, found.horizontal) == pytest.approx(
        integrated_view_factors(s, h), rel=5e-5
    )


def test_at_the_flame_half_of_each_view_is_flame():
    """A wall of fire without end fills half of what either target sees."""
    near = cylinder_view_factors(1 + 1e-7, 2, 500)
    assert (near.vertical, near.horizontal) == pytest.approx((0.5, 0.5), abs=2e-3)


def test_inside_the_flame_there_is_no_view_factor_and_all_the_heat():
    with pytest.raises(ValueError, match="inside the flame"):
        cylinder_view_factors(9.0, 20, 30)
    pool = pool_of("gasoline", circle(20))
    assert solid_flame_kw_m2(pool, 9.0) == pool.emissive_power_kw_m2 == 47


@pytest.mark.parametrize(
    ("area_ft2", "fuel", "known_kw"),
    [(9, (0.033, 28_000, 2.6), 719.75), (2545, (0.045, 44_400, 2.1), 472_403.60)],
)
def test_heat_release_is_that_of_the_nuregs_own_sheet(area_ft2, fuel, known_kw):
    """NUREG-1805 sheet 05.1, its example and a filled-in sheet for diesel."""
    assert heat_release_kw(area_ft2 * FT**2, *fuel) == pytest.approx(known_kw, rel=2e-5)


def test_point_source_is_that_of_the_nuregs_example():
    """NUREG-1805 05.1: L = 10 ft from the edge, χ = 0.30, 1.353 kW/m²."""
    area = 9 * FT**2
    from_centre = 10 * FT + equivalent_diameter_m(area) / 2
    assert from_centre == pytest.approx(3.564, abs=1e-3)
    assert point_source_kw_m2(719.75, from_centre, 0.30) == pytest.approx(1.353, abs=5e-4)


def test_petrol_of_300_m2_at_40_m_is_the_worked_example():
    """Issue 3, oracles: d 19.54, H 26.57, q 4.50; domain §3.8: τ .979, F .0977."""
    pool = pool_of("gasoline", 300)
    assert pool.diameter_m == pytest.approx(19.54, abs=0.005)
    assert pool.height_m == pytest.approx(26.57, abs=0.005)
    assert transmissivity_ratio(40, pool.diameter_m) == pytest.approx(0.979, abs=5e-4)
    factor = cylinder_view_factors(40, pool.diameter_m, pool.height_m).largest
    assert factor == pytest.approx(0.0977, abs=5e-5)
    assert solid_flame_kw_m2(pool, 40) == pytest.approx(4.50, abs=0.005)


@pytest.mark.parametrize(
    ("fuel", "diameter", "solid", "point"),
    [
        ("gasoline", 30, [None, 24, 46, 86], [33, 57, 90, 159]),
        ("gasoline", 40, [None, 27, 53, 98], [44, 76, 120, 212]),
        ("diesel", 40, [None, 22, 42, 78], [40, 69, 109, 194]),
    ],
)
def test_distances_are_the_indicative_ones(fuel, diameter, solid, point):
    """Domain §3.8, to the metre: 37.5, 12.5, 5 and 1.6 kW/m² by both models."""
    pool = pool_of(fuel, circle(diameter))
    for threshold, by_flame, by_point in zip((37.5, 12.5, 5, 1.6), solid, point, strict=True):
        found = solid_flame_distance_m(pool, threshold)
        assert found is None if by_flame is None else found == pytest.approx(by_flame, abs=0.6)
        reach = point_source_distance_m(pool, threshold, 0.30)
        assert reach == pytest.approx(by_point, abs=0.6)


@quick
@given(
    area=st.floats(10, 20_000),
    fuel=st.sampled_from(["gasoline", "diesel"]),
    threshold=st.floats(0.5, 60),
)
def test_a_distance_is_where_the_heat_is_the_threshold(area, fuel, threshold):
    pool = pool_of(fuel, area)
    found = solid_flame_distance_m(pool, threshold)
    if found is None:
        assert pool.emissive_power_kw_m2 < threshold
    elif found <= pool.diameter_m / 2:
        outside = np.linspace(1.0001, 30, 60) * pool.diameter_m / 2
        assert max(solid_flame_kw_m2(pool, r) for r in outside) < threshold
    else:
        assert solid_flame_kw_m2(pool, found) == pytest.approx(threshold, rel=1e-5)
    reach = point_source_distance_m(pool, threshold, 0.3)
    assert point_source_kw_m2(pool.heat_release_kw, reach, 0.3) == pytest.approx(threshold)


@quick
@given(area=st.floats(10, 20_000), fuel=st.sampled_from(["gasoline", "diesel"]))
def test_heat_falls_with_distance(area, fuel):
    pool = pool_of(fuel, area)
    heat = [solid_flame_kw_m2(pool, r * pool.diameter_m) for r in (0.2, 0.501, 0.6, 1, 3, 9)]
    assert heat == sorted(heat, reverse=True)


def test_emissive_power_is_the_table_and_a_line_between():
    """NPB 105-03 / GOST 12.3.047; larger and smaller pools take the nearest."""
    known = {10: 60, 20: 47, 30: 35, 40: 28, 50: 25, 5: 60, 120: 25, 25: 41}
    found = {d: pool_of("gasoline", circle(d)).emissive_power_kw_m2 for d in known}
    assert found == pytest.approx(known)


def test_fireball_is_the_worked_example():
    """Domain §3.8, test 2 (GOST): 254 t of propane at 500 m."""
    mass = 2.54e5
    assert fireball_diameter_m(mass) == pytest.approx(312, abs=0.5)
    assert fireball_duration_s(mass) == pytest.approx(39.9, abs=0.05)
    assert fireball_kw_m2(mass, 500) == pytest.approx(12.9, abs=0.05)
    assert fireball_distance_m(mass, fireball_kw_m2(mass, 500)) == pytest.approx(500, abs=1e-3)
    assert fireball_distance_m(mass, 449) is None


@pytest.mark.parametrize(
    ("k_ft_lb", "psi"), [(9, 12.0), (24, 2.3), (40, 1.2), (50, 0.9), (328, 0.0655)]
)
def test_blast_pressure_is_that_of_the_quantity_distances(k_ft_lb, psi):
    """DoD 6055.09: K9, K24, K40, K50 and K328 (ft/lb^⅓) with the pressures they stand for."""
    scaled = k_ft_lb * FT / np.cbrt(0.45359237)
    assert incident_pressure_kpa(scaled) == pytest.approx(psi * KPA_PER_PSI, rel=0.03)


def test_one_psi_reaches_about_17_m_a_cube_root_of_kilogram():
    """EPA RMP guidance: 17 m by the cube root of the TNT, for 1 psi."""
    assert pressure_distance_m(1000, KPA_PER_PSI) == pytest.approx(170, rel=0.10)


def test_tnt_equivalent_is_a_share_of_the_heat():
    """10 % of 1 t of petrol at 43.7 MJ/kg over 4.68 MJ/kg."""
    assert tnt_equivalent_kg(1000, 0.10) == pytest.approx(933.8, abs=0.05)


def test_pressure_curves_meet_and_fall():
    pieces = pressure_data().pieces
    for before, after in itertools.pairwise(pieces):
        assert before.to_z == after.from_z
        left, right = (incident_pressure_kpa(before.to_z * k) for k in (1, 1 + 1e-9))
        assert right == pytest.approx(left, rel=0.02)
    with pytest.raises(ValueError, match="outside the pressure curves"):
        incident_pressure_kpa(500)

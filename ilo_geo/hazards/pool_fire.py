"""Heat of a burning pool of liquid fuel: two models that differ by a factor of two.

*Solid flame*: an upright cylinder as wide as the pool, of Thomas' height, that radiates from its
surface; what a target sees of it is a view factor. *Point source*: a share χ of the heat released
radiates from one point in all directions. Both without wind, over flat ground, with nothing in
between. Distances are from the centre of the pool. Neither is right; both are shown as a range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ilo_geo.hazards.fuels import Fuel
from ilo_geo.hazards.fuels import fire_data

# the view factor has no value on the surface itself: nearest the flame that is computed
SURFACE_RATIO = 1 + 1e-6
# farther than this no pool of the bounds gives the least threshold
FURTHEST_M = 100_000.0


@dataclass(frozen=True)
class ViewFactors:
    """Share of the view of a target at ground level that a flame fills.

    ``vertical`` for a target that faces the flame, ``horizontal`` for one that faces the sky,
    ``largest`` for the worst tilt.
    """

    vertical: float
    horizontal: float

    @property
    def largest(self) -> float:
        """Return √(Fv² + Fh²)."""
        return float(np.hypot(self.vertical, self.horizontal))


@dataclass(frozen=True)
class Pool:
    """A burning pool: fuel and area (m²) of the bund or tank it fills."""

    fuel: Fuel
    area_m2: float

    @property
    def diameter_m(self) -> float:
        """Return the diameter of the circle of the same area."""
        return equivalent_diameter_m(self.area_m2)

    @property
    def height_m(self) -> float:
        """Return the height of its flame."""
        return thomas_height_m(self.diameter_m, self.fuel.solid_burning_kg_m2_s)

    @property
    def emissive_power_kw_m2(self) -> float:
        """Return what each square metre of its flame radiates.

        The diameter is taken to the whole metre, as the standard's own example does (19.54 m is
        20 m), then between the tabulated ones linearly; beyond them the nearest holds.
        """
        diameters = fire_data().emissive_diameter_m
        return float(np.interp(round(self.diameter_m), diameters, self.fuel.emissive_power_kw_m2))

    @property
    def heat_release_kw(self) -> float:
        """Return the heat it releases: m''·ΔH·A·(1 − exp(−kβ·d))."""
        fuel = self.fuel
        return heat_release_kw(
            self.area_m2, fuel.burning_kg_m2_s, fuel.heat_kj_kg, fuel.k_beta_per_m
        )


def pool_of(fuel: str, area_m2: float) -> Pool:
    """Return the pool of a fuel of the data."""
    return Pool(fire_data().fuels[fuel], area_m2)


def equivalent_diameter_m(area_m2: float) -> float:
    """Return √(4A/π)."""
    return float(np.sqrt(4 * area_m2 / np.pi))


def thomas_height_m(diameter_m: float, burning_kg_m2_s: float) -> float:
    """Return the flame height 42·d·[m''/(ρ·√(g·d))]^0.61 (Thomas, no wind)."""
    t = fire_data().thomas
    ratio = burning_kg_m2_s / (t.air_kg_m3 * np.sqrt(t.gravity_m_s2 * diameter_m))
    return float(t.factor * diameter_m * ratio**t.exponent)


def cylinder_view_factors(distance_m: float, diameter_m: float, height_m: float) -> ViewFactors:
    """Return the view factors of an upright cylinder from the ground outside it.

    Closed form for S = 2r/d and h = 2H/d (Mudan; GOST 12.3.047); ``distance_m`` from the axis.

    Raises
    ------
    ValueError
        The place is inside the cylinder or on its surface.
    """
    s, h = 2 * distance_m / diameter_m, 2 * height_m / diameter_m
    if s <= 1:
        msg = f"view from inside the flame: {distance_m} m from the axis of {diameter_m} m"
        raise ValueError(msg)
    a, b = (h**2 + s**2 + 1) / (2 * s), (s**2 + 1) / (2 * s)
    f_a, f_b = _angle(a, s), _angle(b, s)
    # √(B² − 1) written out: it loses its digits where the target is near the flame
    root_a, root_b = np.sqrt((a - 1) * (a + 1)), (s**2 - 1) / (2 * s)
    vertical = (
        np.arctan(h / np.sqrt(s**2 - 1)) / s
        - h / s * (np.arctan(np.sqrt((s - 1) / (s + 1))) - a / root_a * f_a)
    ) / np.pi
    horizontal = ((b - 1 / s) / root_b * f_b - (a - 1 / s) / root_a * f_a) / np.pi
    return ViewFactors(float(vertical), float(horizontal))


def _angle(x: float, s: float) -> float:
    return float(np.arctan(np.sqrt((x + 1) * (s - 1) / ((x - 1) * (s + 1)))))


def transmissivity_ratio(distance_m: float, diameter_m: float) -> float:
    """Return the share of radiation that the air lets through, exp[−7e-4·(r − d/2)]."""
    path_m = max(0.0, distance_m - diameter_m / 2)
    return float(np.exp(-fire_data().transmissivity.per_m * path_m))


def solid_flame_kw_m2(pool: Pool, distance_m: float) -> float:
    """Return the heat on the worst-tilted target, SEP·F·τ; inside the flame the whole of SEP."""
    diameter_m = pool.diameter_m
    if distance_m <= diameter_m / 2:
        return pool.emissive_power_kw_m2
    factor = cylinder_view_factors(distance_m, diameter_m, pool.height_m).largest
    return pool.emissive_power_kw_m2 * factor * transmissivity_ratio(distance_m, diameter_m)


def heat_release_kw(
    area_m2: float, burning_kg_m2_s: float, heat_kj_kg: float, k_beta_per_m: float
) -> float:
    """Return the heat release of a pool, m''·ΔH·A·(1 − exp(−kβ·d)) (NUREG-1805, 05.1)."""
    grown_ratio = 1 - np.exp(-k_beta_per_m * equivalent_diameter_m(area_m2))
    return float(burning_kg_m2_s * heat_kj_kg * area_m2 * grown_ratio)


def point_source_kw_m2(heat_kw: float, distance_m: float, radiant_ratio: float) -> float:
    """Return χ·Q/(4πr²), r from the centre of the pool."""
    return float(radiant_ratio * heat_kw / (4 * np.pi * distance_m**2))


def solid_flame_distance_m(pool: Pool, threshold_kw_m2: float) -> float | None:
    """Return how far from the centre the solid flame gives ``threshold_kw_m2``.

    None where its surface radiates less than that; the flame's own radius where only the flame
    itself is that hot.
    """
    if threshold_kw_m2 > pool.emissive_power_kw_m2:
        return None
    radius_m = pool.diameter_m / 2
    nearest_m = radius_m * SURFACE_RATIO

    def excess(distance_m: float) -> float:
        return solid_flame_kw_m2(pool, distance_m) - threshold_kw_m2

    if excess(nearest_m) <= 0:
        return radius_m
    return float(brentq(excess, nearest_m, FURTHEST_M, xtol=1e-6))


def point_source_distance_m(pool: Pool, threshold_kw_m2: float, radiant_ratio: float) -> float:
    """Return how far from the centre the point source gives ``threshold_kw_m2``, √(χQ/4πq)."""
    return float(np.sqrt(radiant_ratio * pool.heat_release_kw / (4 * np.pi * threshold_kw_m2)))

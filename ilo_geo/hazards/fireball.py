"""Fireball of a vessel of liquefied gas (BLEVE). Atmospheric petrol and diesel tanks have none.

A sphere that touches the ground's level at half its height above it radiates for some tens of
seconds. Formulas of GOST 12.3.047; the whole content is taken to burn in it.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from ilo_geo.hazards.fuels import fire_data

FURTHEST_M = 100_000.0


def fireball_diameter_m(mass_kg: float) -> float:
    """Return 5.33·m^0.327."""
    data = fire_data().fireball
    return float(data.diameter_factor * mass_kg**data.diameter_exponent)


def fireball_duration_s(mass_kg: float) -> float:
    """Return 0.92·m^0.303."""
    data = fire_data().fireball
    return float(data.duration_factor * mass_kg**data.duration_exponent)


def fireball_kw_m2(mass_kg: float, distance_m: float) -> float:
    """Return the heat at ``distance_m`` on the ground from under its centre, SEP·F·τ.

    F = (H/D + ½) / 4[(H/D + ½)² + (r/D)²]^1.5 with the centre at H = D/2; τ over the way from the
    sphere's surface.
    """
    diameter_m = fireball_diameter_m(mass_kg)
    height_m = diameter_m / 2
    up = height_m / diameter_m + 0.5
    factor = up / (4 * (up**2 + (distance_m / diameter_m) ** 2) ** 1.5)
    path_m = np.hypot(distance_m, height_m) - diameter_m / 2
    through = np.exp(-fire_data().transmissivity.per_m * path_m)
    return float(fire_data().fireball.emissive_power_kw_m2 * factor * through)


def fireball_distance_m(mass_kg: float, threshold_kw_m2: float) -> float | None:
    """Return how far on the ground a fireball gives ``threshold_kw_m2``; None where nowhere."""

    def excess(distance_m: float) -> float:
        return fireball_kw_m2(mass_kg, distance_m) - threshold_kw_m2

    if excess(0.0) <= 0:
        return None
    return float(brentq(excess, 0.0, FURTHEST_M, xtol=1e-6))

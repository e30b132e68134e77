"""Fuels and constants of the fire models, read as data."""

from __future__ import annotations

from functools import cache

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data


class Fuel(Data):
    """One liquid: by the solid flame tables, and by the point source tables."""

    title: Text
    emissive_power_kw_m2: tuple[float, ...]
    solid_burning_kg_m2_s: float
    burning_kg_m2_s: float
    heat_kj_kg: float
    k_beta_per_m: float


class Thomas(Data):
    """Constants of the flame height."""

    factor: float
    exponent: float
    air_kg_m3: float
    gravity_m_s2: float
    source: Cited


class Transmissivity(Data):
    """Loss of radiation in the air, by metre from the flame's surface."""

    per_m: float
    source: Cited


class Fireball(Data):
    """Constants of the fireball."""

    diameter_factor: float
    diameter_exponent: float
    duration_factor: float
    duration_exponent: float
    emissive_power_kw_m2: float
    source: Cited


class FireData(Data):
    """Everything the fire models take from norms and papers."""

    solid_flame_source: Cited
    point_source_source: Cited
    emissive_diameter_m: tuple[float, ...]
    fuels: dict[str, Fuel]
    thomas: Thomas
    transmissivity: Transmissivity
    fireball: Fireball


@cache
def fire_data() -> FireData:
    """Return the data of the fire models."""
    return FireData.model_validate(load_package_yaml("ilo_geo.hazards", "pool_fire.yaml"))

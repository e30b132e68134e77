"""Pressure of a vapour cloud explosion, by TNT equivalence: how far each damage threshold reaches.

The mass in the explosive part of the cloud is not known and is the planner's to state; a share of
its heat counts as TNT, and the pressure follows from the distance over the cube root of that mass
(Kingery's curves for a burst on the ground). The centre is taken to be the tank, though a cloud
drifts. Screening only: several rings, never one circle called "explosion".
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data


class Piece(Data):
    """Coefficients of ln P in powers of ln Z between two scaled distances (m/kg^⅓)."""

    from_z: float
    to_z: float
    coefficients: tuple[float, ...]


class PressureThreshold(Data):
    """A pressure and the damage it does."""

    id: str
    kpa: float
    level: str
    title: Text


class PressureData(Data):
    """Everything the explosion model takes from papers."""

    tnt_kj_kg: float
    heat_kj_kg: float
    yield_source: Cited
    pieces: tuple[Piece, ...]
    pieces_source: Cited
    thresholds: tuple[PressureThreshold, ...]
    thresholds_source: Cited


@cache
def pressure_data() -> PressureData:
    """Return the data of the explosion model."""
    return PressureData.model_validate(load_package_yaml("ilo_geo.hazards", "overpressure.yaml"))


def tnt_equivalent_kg(vapour_kg: float, yield_ratio: float) -> float:
    """Return the TNT that frees ``yield_ratio`` of the heat of so much petrol vapour."""
    data = pressure_data()
    return yield_ratio * vapour_kg * data.heat_kj_kg / data.tnt_kj_kg


def incident_pressure_kpa(scaled_distance: float) -> float:
    """Return the peak incident pressure at Z = R / W^⅓ (m/kg^⅓) of TNT burst on the ground.

    Raises
    ------
    ValueError
        ``scaled_distance`` lies outside the curves.
    """
    for piece in pressure_data().pieces:
        if piece.from_z <= scaled_distance <= piece.to_z:
            powers = np.log(scaled_distance) ** np.arange(len(piece.coefficients))
            return float(np.exp(powers @ np.array(piece.coefficients)))
    msg = f"scaled distance {scaled_distance} lies outside the pressure curves"
    raise ValueError(msg)


def pressure_distance_m(tnt_kg: float, threshold_kpa: float) -> float:
    """Return how far from its centre a burst of ``tnt_kg`` gives ``threshold_kpa``."""
    pieces = pressure_data().pieces
    nearest, furthest = pieces[0].from_z, pieces[-1].to_z

    def excess(scaled_distance: float) -> float:
        return incident_pressure_kpa(scaled_distance) - threshold_kpa

    return float(brentq(excess, nearest, furthest, xtol=1e-9)) * float(np.cbrt(tnt_kg))

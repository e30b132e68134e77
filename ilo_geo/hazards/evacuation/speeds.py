"""How long a stretch takes on foot, by its length, its rise and the walker's speed on the flat.

Two formulations, both directed (uphill is not downhill), lengths measured on the map:

- Tobler: ``V = 6·exp(−3.5·|s + 0.05|)`` km/h with the slope ``s`` = rise / length,
- r.walk (Naismith–Langmuir): ``T = a·ΔS + b·ΔH_up + c·ΔH_gentle_down + d·ΔH_steep_down``, where a
  descent ΔH is negative and is steep beyond −0.2125.

Both are scaled as a whole so that the flat takes ``1 / speed_m_s`` seconds a metre: a walker who is
twice as fast on the flat is twice as fast everywhere. Times therefore scale with 1 / speed, and one
search serves every walker. Tobler's own flat speed is 1.40 m/s, r.walk's 1.39 m/s.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from numba import njit
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

Floats = npt.NDArray[np.float64]
Formulation = Literal["tobler", "rwalk"]
TOBLER, RWALK = "tobler", "rwalk"
M_S_PER_KM_H = 1 / 3.6


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Walker(_Data):
    """One kind of walker and the speed on flat, hard ground."""

    title: Text
    speed_m_s: float = Field(gt=0)


class ToblerFigures(_Data):
    """Figures of Tobler's hiking function."""

    title: Text
    top_km_h: float = Field(gt=0)
    decay: float = Field(gt=0)
    best_slope: float
    source: str
    verified: Verified

    @property
    def flat_m_s(self) -> float:
        """Return the speed on the flat."""
        return self.top_km_h * M_S_PER_KM_H * float(np.exp(-self.decay * abs(self.best_slope)))


class RwalkFigures(_Data):
    """Coefficients of r.walk."""

    title: Text
    flat_s_per_m: float = Field(gt=0)
    uphill_s_per_m: float
    gentle_downhill_s_per_m: float
    steep_downhill_s_per_m: float
    steep_slope: float
    source: str
    verified: Verified


class WalkingFigures(_Data):
    """Everything of ``speeds.yaml``."""

    walkers: dict[str, Walker]
    walkers_source: str
    walkers_verified: Verified
    tobler: ToblerFigures
    rwalk: RwalkFigures


@cache
def walking_figures() -> WalkingFigures:
    """Return the walkers and the figures of both formulations."""
    return WalkingFigures.model_validate(
        load_package_yaml("ilo_geo.hazards.evacuation", "speeds.yaml")
    )


def walk_seconds(
    length_m: npt.ArrayLike,
    rise_m: npt.ArrayLike,
    *,
    speed_m_s: float,
    factor: npt.ArrayLike = 1.0,
    formulation: Formulation = "tobler",
) -> Floats:
    """Return the seconds each stretch takes in the direction it rises by ``rise_m``.

    Parameters
    ----------
    length_m
        Length on the map; a stretch of length 0 takes 0 s.
    rise_m
        Elevation at the end less that at the start.
    speed_m_s
        Speed on the flat, on hard ground.
    factor
        Share of the speed that the surface leaves.
    formulation
        ``tobler`` or ``rwalk``.
    """
    length, rise, share = np.broadcast_arrays(
        np.asarray(length_m, float), np.asarray(rise_m, float), np.asarray(factor, float)
    )
    slope = np.divide(rise, length, out=np.zeros(length.shape), where=length > 0)
    pace: Floats = _paces(slope, pace_coefficients(speed_m_s, formulation))
    seconds: Floats = length * pace / share
    return seconds


def pace_coefficients(speed_m_s: float, formulation: Formulation = "tobler") -> Floats:
    """Return the figures of a formulation, scaled to a walker, in the form `pace_s_per_m` takes.

    ``[0, 1 / top speed, decay, best slope, 0]`` for Tobler, ``[1, a, b, c, d, limit]`` for r.walk.
    """
    figures = walking_figures()
    if formulation == TOBLER:
        t = figures.tobler
        scale = t.flat_m_s / speed_m_s
        slowest = scale / (t.top_km_h * M_S_PER_KM_H)
        return np.array([0.0, slowest, t.decay, t.best_slope, 0.0, 0.0])
    r = figures.rwalk
    scale = 1 / (speed_m_s * r.flat_s_per_m)
    by_metre = (
        r.flat_s_per_m,
        r.uphill_s_per_m,
        r.gentle_downhill_s_per_m,
        r.steep_downhill_s_per_m,
    )
    return np.array([1.0, *(scale * value for value in by_metre), r.steep_slope])


def least_pace_s_per_m(coefficients: Floats) -> float:
    """Return the pace of the fastest slope there is: no stretch takes less than that a metre."""
    if coefficients[0] == 0.0:
        return float(coefficients[1])
    return float(coefficients[1] + coefficients[3] * coefficients[5])


@njit(cache=True, nogil=True, inline="always")
def pace_s_per_m(slope: float, k: Floats) -> float:
    """Return seconds a metre on a slope, for the coefficients of `pace_coefficients`."""
    if k[0] == 0.0:
        return float(k[1] * np.exp(k[2] * abs(slope - k[3])))
    if slope >= 0:
        return float(k[1] + k[2] * slope)
    if slope >= k[5]:
        return float(k[1] + k[3] * slope)
    return float(k[1] + k[4] * slope)


@njit(cache=True, nogil=True)
def _paces(slope: Floats, coefficients: Floats) -> Floats:
    pace = np.empty(slope.shape)
    for i in range(slope.size):
        pace.flat[i] = pace_s_per_m(slope.flat[i], coefficients)
    return pace

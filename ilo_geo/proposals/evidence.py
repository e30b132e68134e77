"""Raw values of the parts of the index, unit by unit, from where people live and what is found.

Every value is an intensity, so a unit does not come first for being large::

    green          m² of green that an inhabitant lacks
    risk           share of inhabitants at high or very high risk
    vulnerability  mean of the inhabitants' EVAR value
    insecurity     (N + s L) / P      N share of the city's need in the unit, L the part of it that
                                      patrols reach late, P its share of inhabitants, s a surcharge
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ilo_geo.core.units import M2_PER_HA
from ilo_geo.proposals.rules import priority_rules
from ilo_geo.proposals.scoring import HIGH
from ilo_geo.proposals.scoring import LOW
from ilo_geo.proposals.scoring import MID
from ilo_geo.proposals.scoring import Floats
from ilo_geo.proposals.scoring import Ints


@dataclass(frozen=True)
class Dwellers:
    """Inhabitants as points, and the unit of one level each lives in.

    Attributes
    ----------
    inhab
        How many each point is.
    unit
        Position of its unit, -1 outside all.
    cell
        Position of its cell of the multi-hazard evaluation, -1 in none.
    n_units
        How many units there are.
    """

    inhab: Floats
    unit: Ints
    cell: Ints
    n_units: int

    @property
    def inhab_of_units(self) -> Floats:
        """Return the inhabitants of each unit."""
        return _summed(self.inhab, self.unit, self.n_units)

    def mean_of(self, values: Floats) -> Floats:
        """Return the mean over the inhabitants of a value per cell, of those who have one."""
        inside = self.cell >= 0
        of_point = np.full(len(self.inhab), np.nan)
        of_point[inside] = values[self.cell[inside]]
        told = ~np.isnan(of_point)
        people = _summed(self.inhab[told], self.unit[told], self.n_units)
        total = _summed(self.inhab[told] * of_point[told], self.unit[told], self.n_units)
        return _divided(total, people)


def green_raw(deficit_ha: pd.Series, population_inhab: pd.Series) -> pd.DataFrame:
    """Return the green that an inhabitant of each unit lacks, in m²."""
    lacking = deficit_ha.to_numpy(float) * M2_PER_HA
    return exactly(_divided(lacking, population_inhab.to_numpy(float)))


def risk_raw(cells: pd.DataFrame, dwellers: Dwellers) -> pd.DataFrame:
    """Return the share of inhabitants at high or very high risk, from the classes of ``cells``."""
    classes = priority_rules().risk_classes
    columns = {LOW: "risk_class_low", MID: "risk_class", HIGH: "risk_class_high"}
    shares = {
        end: dwellers.mean_of(cells[column].isin(classes).to_numpy(float))
        for end, column in columns.items()
    }
    return pd.DataFrame(shares)


def vulnerability_raw(cells: pd.DataFrame, dwellers: Dwellers) -> pd.DataFrame:
    """Return the mean vulnerability of the inhabitants; nothing known of a cell is no value."""
    known = cells["vulnerability_known_ratio"].to_numpy(float) > 0
    columns = {end: cells[f"vulnerability_{end}"].to_numpy(float) for end in (LOW, MID, HIGH)}
    return pd.DataFrame(
        {e: dwellers.mean_of(np.where(known, values, np.nan)) for e, values in columns.items()}
    )


def insecurity_raw(
    weight: Floats,
    unit: Ints,
    late: Floats,
    inhab_of_units: Floats,
    *,
    total_inhab: float,
    late_weight: float,
) -> pd.DataFrame:
    """Return the need per inhabitant of each unit, 1 for the mean of the city.

    Parameters
    ----------
    weight
        Need at each point; the city's sums to 1.
    unit
        Position of the unit of each point, -1 outside all.
    late
        1 where patrols arrive late, 0 where in time, NaN where nobody knows.
    total_inhab
        Inhabitants of the whole city.
    late_weight
        The surcharge ``s``.
    """
    n = len(inhab_of_units)
    people = inhab_of_units / total_inhab if total_inhab else inhab_of_units

    def density(late_of_point: Floats) -> Floats:
        return _divided(_summed(weight * (1 + late_weight * late_of_point), unit, n), people)

    unknown = priority_rules().unknown_middle_ratio
    ends = {LOW: 0.0, MID: unknown, HIGH: 1.0}
    return pd.DataFrame({end: density(np.nan_to_num(late, nan=v)) for end, v in ends.items()})


def exactly(values: Floats) -> pd.DataFrame:
    """Return values whose interval has no width."""
    return pd.DataFrame({LOW: values, MID: values, HIGH: values})


def _summed(amount: Floats, unit: Ints, n_units: int) -> Floats:
    inside = unit >= 0
    summed = np.bincount(unit[inside], weights=amount[inside], minlength=n_units)
    return summed.astype(float)


def _divided(amount: Floats, by: Floats) -> Floats:
    found: Floats = np.divide(amount, by, out=np.full(len(by), np.nan), where=by > 0)
    return found

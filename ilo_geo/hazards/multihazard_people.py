"""How many inhabitants are in each class, with the interval that classes and bases leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ilo_geo.hazards.levels import hazard_levels


@dataclass(frozen=True)
class Placed:
    """The inhabitants of one population base: how many each point is, and the cell it is in."""

    inhab: np.ndarray
    cell: np.ndarray


@dataclass(frozen=True)
class Classes:
    """Class ids of each cell: the least it can be, the best estimate, the most."""

    low: np.ndarray
    mid: np.ndarray
    high: np.ndarray


def class_rank(classes: np.ndarray) -> np.ndarray:
    """Return the rank of class ids: -1 outside every class, then 0 for the weakest."""
    rank = {level: position for position, level in enumerate(hazard_levels().ids)}
    return np.array([rank.get(one, -1) for one in classes.tolist()], dtype=int)


def people_by_class(
    classes: Classes,
    bases: Sequence[Placed],
    units: Sequence[np.ndarray],
    n_units: int,
    *,
    prefix: str = "",
) -> pd.DataFrame:
    """Return inhabitants by class in each unit.

    Parameters
    ----------
    classes
        Of each cell.
    bases
        Inhabitants by base, the chosen one first.
    units
        For each base, the unit of each point (-1 in none).

    Returns
    -------
    table
        ``<prefix><level>_inhab`` of the best estimate in the chosen base; ``…_low`` who are in the
        class for certain, in the base that gives fewest; ``…_high`` who may be in it, in the base
        that gives most.
    """
    low, mid, high = map(class_rank, (classes.low, classes.mid, classes.high))

    def summed(of_class: np.ndarray) -> np.ndarray:
        return np.array(
            [
                _sum_in_units(base, unit, of_class, n_units)
                for base, unit in zip(bases, units, strict=True)
            ]
        )

    table = {}
    for rank, level in reversed(list(enumerate(hazard_levels().ids))):
        name = f"{prefix}{level}_inhab"
        table[name] = summed(mid == rank)[0]
        table[f"{name}_low"] = summed((low == rank) & (high == rank)).min(axis=0)
        table[f"{name}_high"] = summed((low <= rank) & (rank <= high)).max(axis=0)
    return pd.DataFrame(table)


def _sum_in_units(base: Placed, unit: np.ndarray, of_class: np.ndarray, n_units: int) -> np.ndarray:
    counted = (unit >= 0) & (base.cell >= 0)
    counted[counted] = of_class[base.cell[counted]]
    return np.bincount(unit[counted], weights=base.inhab[counted], minlength=n_units)


def worst_class(classes: np.ndarray, base: Placed, unit: np.ndarray, n_units: int) -> np.ndarray:
    """Return the most severe class somebody lives in, of each unit; None where there is none."""
    rank = class_rank(classes)
    lived = (unit >= 0) & (base.cell >= 0) & (base.inhab > 0)
    worst = np.full(n_units, -1)
    np.maximum.at(worst, unit[lived], rank[base.cell[lived]])
    ids = np.array([*hazard_levels().ids, None], dtype=object)
    found: np.ndarray = ids[worst]
    return found

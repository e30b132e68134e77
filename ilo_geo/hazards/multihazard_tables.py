"""Tables and key figures of the multi-hazard evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.ahp import AhpWeights
from ilo_geo.core.ahp import as_judgement
from ilo_geo.core.text import Text
from ilo_geo.hazards.evar import Interval
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.evar import hazard_class
from ilo_geo.hazards.evar import level_of_value
from ilo_geo.hazards.evar import printed_risk
from ilo_geo.hazards.evar import risk_class
from ilo_geo.hazards.multihazard_people import Classes
from ilo_geo.hazards.multihazard_people import Placed
from ilo_geo.hazards.multihazard_people import people_by_class
from ilo_geo.hazards.multihazard_people import worst_class
from ilo_geo.hazards.vulnerability import Vulnerability
from ilo_geo.hazards.vulnerability_rules import vulnerability_rules

HAZARD, VULNERABILITY = "hazard", "vulnerability"
MAX = "max_"


@dataclass(frozen=True)
class Found:
    """What is found cell by cell.

    Attributes
    ----------
    of_hazard
        Value of every hazard; one without a layer is the whole scale.
    known_hazards
        Value of those with a layer.
    total, maximum, vulnerability, risk
        Weighted sum of ``of_hazard``, maximum of ``known_hazards``, ``V`` and ``R``.
    """

    of_hazard: Mapping[str, Interval]
    known_hazards: Mapping[str, Interval]
    total: Interval
    maximum: Interval
    vulnerability: Vulnerability
    risk: Interval

    @property
    def risk_classes(self) -> Classes:
        """Return the class of risk of each cell."""
        return Classes(*(risk_class(v) for v in (self.risk.low, self.risk.mid, self.risk.high)))

    @property
    def max_classes(self) -> Classes:
        """Return the level of the strongest hazard of each cell."""
        ends = (self.maximum.low, self.maximum.mid, self.maximum.high)
        return Classes(*(level_of_value(v) for v in ends))


def cells_table(
    cells: gpd.GeoDataFrame, found: Found, chosen: Placed, weights: AhpWeights
) -> gpd.GeoDataFrame:
    """Return every figure of each cell; ``<hazard>_level`` is None where it has no layer."""
    inside = chosen.cell >= 0
    weakness, risk, risk_classes = found.vulnerability, found.risk, found.risk_classes
    max_classes = found.max_classes
    columns: dict[str, Any] = {
        "inhab": np.bincount(
            chosen.cell[inside], weights=chosen.inhab[inside], minlength=len(cells)
        ),
        "hazard_sum": found.total.mid,
        "hazard_sum_low": found.total.low,
        "hazard_sum_high": found.total.high,
        "hazard_class": hazard_class(found.total.mid),
        "hazard_max": found.maximum.mid,
        "hazard_max_low": found.maximum.low,
        "hazard_max_high": found.maximum.high,
        "max_class": max_classes.mid,
        "max_class_low": max_classes.low,
        "max_class_high": max_classes.high,
        "max_hazard": _strongest_hazard(found, weights),
        "vulnerability_low": weakness.value.low,
        "vulnerability_mid": weakness.value.mid,
        "vulnerability_high": weakness.value.high,
        "vulnerability_known_ratio": weakness.known_ratio,
        "risk": printed_risk(risk.mid),
        "risk_low": risk.low,
        "risk_mid": risk.mid,
        "risk_high": risk.high,
        "risk_class": risk_classes.mid,
        "risk_class_low": risk_classes.low,
        "risk_class_high": risk_classes.high,
    }
    for hazard in found.of_hazard:
        known = found.known_hazards.get(hazard)
        columns[f"{hazard}_level"] = level_of_value(known.mid) if known is not None else None
    return gpd.GeoDataFrame(columns, index=cells.index, geometry=cells.geometry).rename_axis("id")


def _strongest_hazard(found: Found, weights: AhpWeights) -> np.ndarray:
    """Return the hazard that makes the maximum, of equals the weightiest; None outside all."""
    by_weight = sorted(found.known_hazards, key=lambda hazard: -weights.weights[hazard])
    values = np.array([found.known_hazards[hazard].mid for hazard in by_weight])
    first: np.ndarray = np.array(by_weight, dtype=object)[values.argmax(axis=0)]
    first[values.max(axis=0) <= evar_rules().lowest] = None
    return first


def level_table(
    polygons: gpd.GeoDataFrame,
    found: Found,
    bases: Sequence[Placed],
    units: Sequence[np.ndarray],
) -> gpd.GeoDataFrame:
    """Return people by class and worst class of each unit; ``units`` as in `people_by_class`."""
    n = len(polygons)
    risk, strongest = found.risk_classes, found.max_classes
    inside = units[0] >= 0
    names = {"name": polygons["name"].to_numpy()} if "name" in polygons else {}
    columns = {
        **names,
        "inhab": np.bincount(units[0][inside], weights=bases[0].inhab[inside], minlength=n),
        "worst_class": worst_class(risk.mid, bases[0], units[0], n),
        "worst_class_high": worst_class(risk.high, bases[0], units[0], n),
        "worst_max_class": worst_class(strongest.mid, bases[0], units[0], n),
    }
    people = pd.concat(
        [
            people_by_class(risk, bases, units, n),
            people_by_class(strongest, bases, units, n, prefix=MAX),
        ],
        axis=1,
    )
    table = pd.concat([pd.DataFrame(columns), people], axis=1)
    table.index = pd.Index(unit_ids(polygons), name="id")
    return gpd.GeoDataFrame(table, geometry=polygons.geometry.to_numpy(), crs=polygons.crs)


def unit_ids(polygons: gpd.GeoDataFrame) -> list[Any]:
    """Return the ids of the units of a level."""
    return list(polygons["id"]) if "id" in polygons else list(polygons.index)


def summary(
    found: Found, bases: Sequence[Placed], groups: Mapping[str, AhpWeights]
) -> dict[str, Any]:
    """Return the key figures of the whole area."""
    everywhere = [np.zeros(len(base.inhab), dtype=int) for base in bases]
    by_risk = people_by_class(found.risk_classes, bases, everywhere, 1)
    by_max = people_by_class(found.max_classes, bases, everywhere, 1, prefix=MAX)
    chosen, hazard, weakness = bases[0], groups[HAZARD], groups[VULNERABILITY]
    inside = chosen.cell >= 0
    inhab = float(chosen.inhab[inside].sum())
    known = found.vulnerability.known_ratio[chosen.cell[inside]]
    return {
        "population_inhab": float(chosen.inhab.sum()),
        "evaluated_inhab": inhab,
        "n_cells": len(found.risk.mid),
        "n_hazards": len(found.of_hazard),
        "n_hazards_with_layer": len(found.known_hazards),
        "consistency_ratio": hazard.consistency_ratio,
        "consistency_limit": hazard.consistency_limit,
        "lambda_max": hazard.lambda_max,
        "vulnerability_consistency_ratio": weakness.consistency_ratio,
        "vulnerability_consistency_limit": weakness.consistency_limit,
        "vulnerability_lambda_max": weakness.lambda_max,
        "vulnerability_known_ratio": (
            float(known @ chosen.inhab[inside]) / inhab if inhab else None
        ),
        **{name: float(value) for name, value in by_risk.iloc[0].items()},
        **{name: float(value) for name, value in by_max.iloc[0].items()},
    }


def weights_table(groups: Mapping[str, AhpWeights]) -> pd.DataFrame:
    """Return the weight of each criterion, index ``criterion``."""
    titles = _titles()
    rows = [
        {
            "criterion": criterion,
            "group": group,
            "title_es": titles[criterion].es,
            "title_en": titles[criterion].en,
            "weight": weight,
        }
        for group, solved in groups.items()
        for criterion, weight in solved.weights.items()
    ]
    return pd.DataFrame(rows).set_index("criterion")


def judgements_table(groups: Mapping[str, AhpWeights]) -> pd.DataFrame:
    """Return the judgements as people write them, a row a pair."""
    rows = [
        {
            "group": group,
            "first": solved.criteria[i],
            "second": solved.criteria[j],
            "judgement": as_judgement(float(solved.matrix[i, j])),
        }
        for group, solved in groups.items()
        for i, j in zip(*np.triu_indices(len(solved.criteria), 1), strict=True)
    ]
    return pd.DataFrame(rows).rename_axis("id")


def _titles() -> dict[str, Text]:
    hazards = {hazard.id: hazard.title for hazard in evar_rules().hazards}
    return hazards | {one.id: one.title for one in vulnerability_rules().criteria}

"""The plan's own figures beside ours, with the arithmetic that leads from one to the other."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ilo_geo.core.study_area import PlanFigure
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.core.units import peru_number

QUANTITIES = ("stock", "supply", "demand", "deficit")


def calibration(
    figures: tuple[PlanFigure, ...],
    *,
    green_area_m2: Mapping[int, float],
    population_inhab: float,
    standard_m2_per_inhab: float,
    latest_year: int | None,
) -> pd.DataFrame:
    """Return each plan figure with the computed one.

    What a figure is follows from its id, ``<quantity>_<year>``: ``stock`` (ha of green),
    ``supply`` (m² per inhabitant), ``demand`` (ha the standard asks), ``deficit`` (ha missing);
    figures of other kinds have nothing to be compared with. A year the parks do not describe is
    compared with the latest they do.

    Parameters
    ----------
    figures
        Figures of the plan.
    green_area_m2
        Counted green of each described year.
    population_inhab
        Inhabitants of the chosen base.
    standard_m2_per_inhab
        Standard in use.
    latest_year
        Year to compare with where a figure's own is not described; None in areas without years.

    Returns
    -------
    table
        Index figure id; ``plan_value, unit, plan_year, computed_value, difference_ratio,
        green_year, arithmetic``.
    """
    rows = {}
    for figure in figures:
        quantity = figure.id.partition("_")[0]
        if quantity not in QUANTITIES:
            continue
        year = figure.year if figure.year in green_area_m2 else latest_year
        green_m2 = green_area_m2.get(year, 0.0) if year is not None else 0.0
        value, arithmetic = _compute(quantity, green_m2, population_inhab, standard_m2_per_inhab)
        rows[figure.id] = {
            "plan_value": figure.value,
            "unit": figure.unit,
            "plan_year": figure.year,
            "computed_value": value,
            "difference_ratio": value / figure.value - 1 if figure.value else float("nan"),
            "green_year": year,
            "arithmetic": arithmetic,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")


def _compute(
    quantity: str, green_m2: float, inhab: float, standard_m2_per_inhab: float
) -> tuple[float, str]:
    green, people = peru_number(green_m2), peru_number(inhab)
    asked = f"{standard_m2_per_inhab:g} m² × {people}"
    if quantity == "stock":
        return green_m2 / M2_PER_HA, f"{green} m² ÷ 10,000"
    if quantity == "supply":
        return green_m2 / inhab, f"{green} m² ÷ {people}"
    demand_m2 = standard_m2_per_inhab * inhab
    if quantity == "demand":
        return demand_m2 / M2_PER_HA, f"{asked} ÷ 10,000"
    return max(0.0, demand_m2 - green_m2) / M2_PER_HA, f"({asked} − {green} m²) ÷ 10,000"

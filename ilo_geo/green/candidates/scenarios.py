"""What more water or more parks would bring: the search repeated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ilo_geo.core.progress import Progress
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.green.candidates.choosing import Choice
from ilo_geo.green.candidates.choosing import Question
from ilo_geo.green.candidates.choosing import choose
from ilo_geo.green.candidates.choosing import in_order
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import Status

SITE_FIGURES = ("water_m3_day", "water_soles_year", "capex_soles", "care_soles_year")


def figures_of(
    question: Question, choice: Choice, table: pd.DataFrame
) -> dict[str, float | int | str]:
    """Return what a choice serves and takes, with its proof.

    Parameters
    ----------
    table
        Eligible sites with `SITE_FIGURES` and ``area_m2``.
    """
    kept, _ = in_order(question, choice.selected)
    rows = table.iloc[kept]
    return {
        "n_parks": len(kept),
        "served_inhab": question.newly_served_inhab(kept),
        **{name: float(rows[name].sum()) for name in SITE_FIGURES},
        "area_m2": float(rows["area_m2"].sum()),
        "objective": choice.objective,
        "bound": choice.bound,
        "gap_ratio": choice.gap_ratio,
        "status": choice.status.value,
        "sites": ", ".join(sorted(rows.index)),
    }


def frontier(
    question: Question,
    table: pd.DataFrame,
    params: ParkParams,
    limits: Limits,
    progress: Progress,
    *,
    chosen: Choice,
) -> pd.DataFrame:
    """Return the best set for each of several amounts of water, and which of them are efficient.

    Budgets are shares of the water that the best set without a limit drinks, and the water that is
    available. A point is ``efficient`` unless another serves as many or more with as little water
    and building cost or less, one of them strictly. ``chosen`` answers for the water available.
    """

    def best(water_m3_day: float | None) -> Choice:
        if water_m3_day == params.water_m3_day:
            return chosen
        return choose(
            question,
            count=params.n_parks,
            water_m3_day=water_m3_day,
            budget_soles=params.budget_soles,
            limits=limits,
        )

    free = best(None)
    most_m3_day = float(figures_of(question, free, table)["water_m3_day"])
    budgets = {ratio * most_m3_day for ratio in criterion_table().frontier_ratios}
    if params.water_m3_day is not None:
        budgets.add(params.water_m3_day)
    choices = []
    for number, budget in enumerate(sorted(budgets)):
        progress("progress.parks_frontier", 0.8 + 0.1 * number / len(budgets))
        choices.append(free if budget >= most_m3_day else best(budget))
    rows = [
        {
            "water_budget_m3_day": budget,
            "within_available": params.water_m3_day is None or budget <= params.water_m3_day,
            **figures_of(question, choice, table),
        }
        for budget, choice in zip(sorted(budgets), nested(choices), strict=True)
    ]
    points = pd.DataFrame(rows)
    return points.assign(efficient=efficient(points)).rename_axis("id")


def nested(choices: list[Choice]) -> list[Choice]:
    """Return choices under limits that grow, each no worse than what the ones beside it prove.

    What fits a tighter limit fits a wider one, and what no choice passes under a wider limit none
    passes under a tighter one: a search that its time cut short takes over the better choice
    before it and the lower bound after it.
    """
    found: list[Choice] = []
    for choice in choices:
        before = found[-1] if found else choice
        better = before if before.objective > choice.objective else choice
        found.append(replace(choice, selected=better.selected, objective=better.objective))
    bound = float("inf")
    for number in reversed(range(len(found))):
        bound = min(bound, found[number].bound)
        choice = replace(found[number], bound=max(bound, found[number].objective))
        closed = choice.gap_ratio == 0
        found[number] = replace(choice, status=Status.OPTIMAL) if closed else choice
    return found


def efficient(points: pd.DataFrame) -> np.ndarray:
    """Return which points no other dominates in people served, water and building cost."""
    value: np.ndarray = np.column_stack(
        [points["served_inhab"], -points["water_m3_day"], -points["capex_soles"]]
    ).astype(float)
    no_worse: np.ndarray = np.all(value[None, :, :] >= value[:, None, :], axis=2)
    better: np.ndarray = np.any(value[None, :, :] > value[:, None, :], axis=2)
    dominated: np.ndarray = np.any(no_worse & better, axis=1)
    return ~dominated


def curve(
    question: Question,
    table: pd.DataFrame,
    params: ParkParams,
    limits: Limits,
    progress: Progress,
    *,
    chosen: Choice,
    unserved_inhab: float,
    deficit_m2: float,
) -> pd.DataFrame:
    """Return what is left of the deficit with the best 0, 1, … parks, within the same budgets.

    Index ``n_parks`` allowed; ``n_parks_used`` may be fewer. ``unserved_inhab`` has no park near,
    ``deficit_ha`` is the area that the standard still asks for. ``chosen`` answers for the last.
    """
    choices = []
    for count in range(params.n_parks):
        progress("progress.parks_curve", 0.9 + 0.1 * count / params.n_parks)
        choices.append(
            choose(
                question,
                count=count,
                water_m3_day=params.water_m3_day,
                budget_soles=params.budget_soles,
                limits=limits,
            )
        )
    rows = []
    for choice in nested([*choices, chosen]):
        found = figures_of(question, choice, table)
        rows.append(
            {
                "n_parks_used": found.pop("n_parks"),
                "unserved_inhab": unserved_inhab - float(found["served_inhab"]),
                "deficit_ha": max(0.0, deficit_m2 - float(found["area_m2"])) / M2_PER_HA,
                **found,
            }
        )
    return pd.DataFrame(rows).rename_axis("n_parks")

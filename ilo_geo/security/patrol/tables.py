"""Who is reached when: the tables by district, zone, cell and sector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.cells import h3_cells
from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.security.need_rules import need_rules
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import INCIDENTS
from ilo_geo.security.patrol.scene import NEED
from ilo_geo.security.patrol.scene import PEOPLE
from ilo_geo.security.patrol.scene import PatrolInputs
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.security.response import quantile_min
from ilo_geo.security.response import time_class
from ilo_geo.security.response import within_ratio

MIDDLE, FAST, SLOW = "middle", "fast", "slow"
WITHIN = ("green", "yellow", "orange")
MEDIAN, NINE_IN_TEN = 0.5, 0.9
HALF = 0.5
M_PER_KM = 1000.0


@dataclass(frozen=True)
class Times:
    """Seconds from the call, by who is reached (`scene.PatrolScene.places`) and case.

    Attributes
    ----------
    weight
        Inhabitants, need or incidents at each place.
    cases
        Seconds in the cases middle, fast and slow.
    on_patrol
        Mean seconds over the places that patrols on their rounds may be at.
    """

    weight: Mapping[str, Floats]
    cases: Mapping[str, Mapping[str, Floats]]
    on_patrol: Mapping[str, Floats]

    def of(self, inside: Mapping[str, Bools]) -> Times:
        """Return the times of some of the places."""
        return Times(
            {who: weight[inside[who]] for who, weight in self.weight.items()},
            {
                who: {case: time_s[inside[who]] for case, time_s in cases.items()}
                for who, cases in self.cases.items()
            },
            {who: time_s[inside[who]] for who, time_s in self.on_patrol.items()},
        )


def reach_figures(times: Times, params: PatrolParams) -> dict[str, float]:
    """Return quantiles, shares with their interval and who is not reached.

    Shares of incidents are told in steps so wide that no count of a few shows, and of a few not.
    """
    people, need = times.weight[PEOPLE], times.weight[NEED]
    by_people, by_need = times.cases[PEOPLE][MIDDLE], times.cases[NEED][MIDDLE]
    figures = {
        "population_inhab": float(people.sum()),
        "need_ratio": float(need.sum()),
        "p50_min": quantile_min(by_people, people, MEDIAN),
        "p90_min": quantile_min(by_people, people, NINE_IN_TEN),
        "need_p50_min": quantile_min(by_need, need, MEDIAN),
        "need_p90_min": quantile_min(by_need, need, NINE_IN_TEN),
    }
    for name, limit in zip(WITHIN, params.limits_min, strict=True):
        for who, cases in times.cases.items():
            weight = times.weight[who]
            for suffix, case in (("", MIDDLE), ("_low", SLOW), ("_high", FAST)):
                share = within_ratio(cases[case], weight, limit)
                shown = _in_steps(share, len(weight)) if who == INCIDENTS else share
                figures[f"{who}_within_{name}_ratio{suffix}"] = shown
    figures["unreached_inhab"] = float(people[~np.isfinite(by_people)].sum())
    figures["unreached_need_ratio"] = float(need[~np.isfinite(by_need)].sum())
    patrol_s = times.on_patrol[PEOPLE]
    figures["on_patrol_p50_min"] = quantile_min(patrol_s, people, MEDIAN)
    figures["on_patrol_p90_min"] = quantile_min(patrol_s, people, NINE_IN_TEN)
    return figures


def _in_steps(share: float, n: int) -> float:
    """Return a share of ``n`` incidents in steps of twice the least count that is published."""
    step = 2 * need_rules().publication.least_n / n if n else np.inf
    # fewer than two steps would tell all or nothing
    return min(1.0, round(share / step) * step) if step <= HALF else np.nan


def level_tables(
    inputs: PatrolInputs, times: Times, params: PatrolParams
) -> dict[str, gpd.GeoDataFrame]:
    """Return one table a level (districts, zones …), on the ids of its polygons."""
    return {
        level: _level_table(frame, inputs, times, params) for level, frame in inputs.levels.items()
    }


def _level_table(
    frame: gpd.GeoDataFrame, inputs: PatrolInputs, times: Times, params: PatrolParams
) -> gpd.GeoDataFrame:
    points = {PEOPLE: inputs.residents.points, NEED: inputs.need.points}
    if inputs.incidents is not None:
        points[INCIDENTS] = inputs.incidents
    unit = {who: polygon_of_each(frame, points[who].geometry.to_numpy()) for who in times.weight}
    rows = figures_by(unit, len(frame), times, params)
    table = pd.DataFrame(rows, index=frame.index)
    table.insert(0, "name", frame["name"].to_numpy())
    return gpd.GeoDataFrame(table, geometry=frame.geometry).rename_axis("id")


def figures_by(
    unit_of: Mapping[str, Ints], n_units: int, times: Times, params: PatrolParams
) -> list[dict[str, float]]:
    """Return `reach_figures` of each unit, from the unit of each place; -1 stands for none."""
    return [
        reach_figures(times.of({who: unit == number for who, unit in unit_of.items()}), params)
        for number in range(n_units)
    ]


def cell_table(inputs: PatrolInputs, times: Times, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return the H3 cells with people or need: median minutes, their interval and class."""
    people, need = inputs.residents.points, inputs.need.points
    both = pd.concat([people.geometry, need.geometry], ignore_index=True)
    cells, of_each = h3_cells(gpd.GeoSeries(both, crs=people.crs), params.cell_resolution)
    inhab = people["inhab"].to_numpy(dtype=float)
    weight = np.asarray(inputs.need.weight, dtype=float)
    of_person, of_need = np.split(of_each, [len(people)])
    n = len(cells)
    peopled = np.bincount(of_person, weights=inhab, minlength=n) > 0
    # where nobody lives the need decides, where neither weighs every point counts alike
    plain = np.bincount(of_need, weights=weight, minlength=n) > 0
    share = np.concatenate(
        [
            np.where(peopled[of_person], inhab, 0.0),
            np.where(peopled[of_need], 0.0, np.where(plain[of_need], weight, 1.0)),
        ]
    )
    minutes = {
        name: _medians(
            np.concatenate([times.cases[PEOPLE][case], times.cases[NEED][case]]), share, of_each, n
        )
        for name, case in (("minutes", MIDDLE), ("minutes_low", FAST), ("minutes_high", SLOW))
    }
    patrol = np.concatenate([times.on_patrol[PEOPLE], times.on_patrol[NEED]])
    lost = ~np.isfinite(times.cases[PEOPLE][MIDDLE])
    ids = tuple(c.id for c in patrol_rules().classes)
    table = gpd.GeoDataFrame(
        {
            "name": cells["name"].to_numpy(),
            **minutes,
            "time_class": time_class(
                np.nan_to_num(minutes["minutes"], nan=np.inf), params.limits_min, ids
            ),
            "on_patrol_minutes": _medians(patrol, share, of_each, n),
            "population_inhab": np.bincount(of_person, weights=inhab, minlength=n),
            "need_ratio": np.bincount(of_need, weights=weight, minlength=n),
            "unreached_inhab": np.bincount(of_person[lost], weights=inhab[lost], minlength=n),
        },
        geometry=cells.geometry.to_numpy(),
        crs=cells.crs,
    )
    return table.set_axis(cells["id"].to_numpy()).rename_axis("id")


def _medians(time_s: Floats, weight: Floats, of_each: Ints, n: int) -> Floats:
    """Return the weighted median minutes of each cell; NaN where no vehicle arrives."""
    order = np.lexsort((time_s, of_each))
    cell, seconds, amount = of_each[order], time_s[order], weight[order]
    before = np.concatenate([[0.0], np.cumsum(amount)])
    first = np.searchsorted(cell, np.arange(n))
    last = np.searchsorted(cell, np.arange(n), side="right")
    half = before[first] + MEDIAN * (before[last] - before[first])
    at = np.searchsorted(before, half * (1 - 1e-12), side="left") - 1
    at = np.clip(at, first, last - 1)
    median: Floats = np.where(np.isfinite(seconds[at]), seconds[at] / S_PER_MIN, np.nan)
    return median


def lines_by_label(scene: PatrolScene, label: Ints, n_labels: int) -> list[shapely.Geometry]:
    """Return the streets of each label of nodes as one geometry; a limit street goes to its u."""
    streets = scene.drive.streets
    of_edge = label[streets.edge_u]
    return [shapely.multilinestrings(streets.edge_line[of_edge == n]) for n in range(n_labels)]


def sector_table(
    scene: PatrolScene, label: Ints, names: list[str], times: Times, params: PatrolParams
) -> gpd.GeoDataFrame:
    """Return `reach_figures` and streets of each sector, a label a node (-1 in none)."""
    padded = np.append(label, -1)
    unit = {who: padded[scene.nearer_node(places)] for who, places in scene.places.items()}
    rows = figures_by(unit, len(names), times, params)
    lines = lines_by_label(scene, label, len(names))
    extra: list[dict[str, Any]] = [
        {"name": name, **row, "street_km": line.length / M_PER_KM}
        for name, row, line in zip(names, rows, lines, strict=True)
    ]
    return gpd.GeoDataFrame(extra, geometry=lines, crs=scene.drive.streets.crs).rename_axis("id")

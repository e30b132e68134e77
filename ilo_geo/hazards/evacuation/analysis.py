"""The evacuation analysis: who reaches safe ground before the wave, who is late, and where.

A person's time is the reaction, the walk from the door to the nearest street or open ground, and
the way from there to the nearest safe node. Who must leave: everybody in the evacuation zone, which
is what floods (connected to the sea, river reach included) at the level plus the margin.

Pure: the same inputs, scene and parameters give the same result; nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evacuation.arrivals import curve_table
from ilo_geo.hazards.evacuation.arrivals import late_inhab
from ilo_geo.hazards.evacuation.arrivals import weighted_quantile
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.evacuation.places import S_PER_MIN
from ilo_geo.hazards.evacuation.places import Places
from ilo_geo.hazards.evacuation.scene import EvacScene
from ilo_geo.hazards.evacuation.scene import EvacuationInputs
from ilo_geo.hazards.evacuation.scene import Times
from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.speeds import walking_figures
from ilo_geo.hazards.evacuation.tables import building_table
from ilo_geo.hazards.evacuation.tables import cell_table
from ilo_geo.hazards.evacuation.tables import level_table
from ilo_geo.hazards.evacuation.tables import street_table
from ilo_geo.hazards.evacuation.tables import unit_table

ANALYSIS_ID = "evacuation"
LATE_BY_SPEED = "late_inhab_{walker}"
# half a person is rounding, not people
ROUNDING_INHAB = 0.5
MEDIAN, NEARLY_ALL = 0.5, 0.95


def analyse(
    inputs: EvacuationInputs,
    scene: EvacScene,
    params: EvacuationParams,
    *,
    progress: Progress = silent,
) -> AnalysisResult:
    """Return arrival by block, building, cell, street and level, and for the whole area.

    Parameters
    ----------
    inputs, scene
        The city, and its scene made with the same level, margin, formulation and slope.
    params
        What the planner set.
    progress
        Told of each step.

    Returns
    -------
    result
        Tables: ``blocks``, ``buildings``, ``cells``, ``streets``, ``curve`` and one a level.
        Minutes are from the earthquake; None stands where no way leads to safety.
    """
    progress("progress.evacuation_times", 0.9)
    places = scene.places[params.moment, params.population_base]
    minutes = minutes_of(scene, places, params, speed_m_s=params.speed_m_s)
    direct = _direct_minutes(scene, places, params)
    cells = cell_table(scene, places, params)
    tables: dict[str, pd.DataFrame] = {
        "blocks": unit_table(scene.units, places, minutes, direct, params),
        "buildings": building_table(scene.strip.crs, places, minutes, params),
        "cells": cells,
        "streets": street_table(inputs.streets, scene, places, minutes, params),
        "curve": curve_table(
            {
                walker: minutes_of(scene, places, params, speed_m_s=speed.speed_m_s)
                for walker, speed in walking_figures().walkers.items()
            },
            places.inhab,
            chosen=params.walking_speed,
        ),
        **{
            name: level_table(polygons, places.level_row[name], places, minutes, params)
            for name, polygons in inputs.levels.items()
        },
    }
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(scene, places, minutes, params),
        tables=tables,
        warnings=tuple(_notices(inputs, scene, places, minutes, params, len(cells))),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def minutes_of(
    scene: Times,
    places: Places,
    params: EvacuationParams,
    *,
    speed_m_s: float,
    time_s: Floats | None = None,
) -> Floats:
    """Return the minutes from the earthquake until the people of each place are safe.

    Parameters
    ----------
    scene, places, params
        The ways, people of them, and the reaction.
    speed_m_s
        Speed of the walker on the flat.
    time_s
        Seconds from every node instead of those of the scene (at the scene's own speed), where
        streets were closed or added.
    """
    walk_s = places.seconds(scene.time_s if time_s is None else time_s)
    minutes: Floats = params.reaction_min + walk_s * scene.graph.speed_m_s / speed_m_s / S_PER_MIN
    return minutes


def _direct_minutes(scene: EvacScene, places: Places, params: EvacuationParams) -> Floats:
    walk_s = scene.direct_s.ravel()[places.cell] * scene.graph.speed_m_s / params.speed_m_s
    minutes: Floats = params.reaction_min + walk_s / S_PER_MIN
    return minutes


def _summary(
    scene: EvacScene, places: Places, minutes: Floats, params: EvacuationParams
) -> dict[str, Any]:
    inhab = float(places.inhab.sum())
    late = late_inhab(minutes, places.inhab, params.arrival_min)
    by_walker = {
        walker: late_inhab(
            minutes_of(scene, places, params, speed_m_s=figures.speed_m_s),
            places.inhab,
            params.arrival_min,
        )
        for walker, figures in walking_figures().walkers.items()
    }
    interval = _interval(scene, params, late)
    return {
        "evacuees_inhab": inhab,
        "inundated_inhab": float(places.inhab[places.inundated].sum()),
        "late_inhab": late,
        **interval,
        "arrival_min": params.arrival_min,
        **_shares(inhab, late, interval),
        "no_way_inhab": float(places.inhab[np.isinf(minutes)].sum()),
        "median_min": weighted_quantile(minutes, places.inhab, MEDIAN),
        "p95_min": weighted_quantile(minutes, places.inhab, NEARLY_ALL),
        **{LATE_BY_SPEED.format(walker=walker): n for walker, n in by_walker.items()},
    }


def _shares(inhab: float, late: float, ends: dict[str, float]) -> dict[str, float | None]:
    """Return who arrives in time as a share: of the middle, and of the worse and better end."""

    def share(of: float, tardy: float) -> float | None:
        return (of - tardy) / of if of > 0 else None

    middle = share(inhab, late)
    worse = share(ends["evacuees_inhab_high"], ends["late_inhab_high"])
    better = share(ends["evacuees_inhab_low"], ends["late_inhab_low"])
    known = [value for value in (middle, worse, better) if value is not None]
    return {
        "share_safe_ratio": middle,
        "share_safe_ratio_low": min(known, default=None),
        "share_safe_ratio_high": max(known, default=None),
    }


def _interval(scene: EvacScene, params: EvacuationParams, late: float) -> dict[str, float]:
    """Return evacuees and late people, low and high.

    Low: who lives in the certain outline, of the smallest base, at the quicker walk, to the safe
    ground of the best estimate. High: who lives in the possible outline, of the largest base, at
    the slowest walk, to ground outside the possible outline. Reaction and arrival stay as chosen.
    """
    figures, walkers = arrival_figures(), walking_figures().walkers
    quick, slow = (walkers[w].speed_m_s for w in (figures.quickest_walker, figures.slowest_walker))
    sure, possible = [], []
    for (moment, base), places in scene.places.items():
        if moment == params.moment:
            inhab = np.where(scene.certain[moment, base], places.inhab, 0.0)
            minutes = minutes_of(scene, places, params, speed_m_s=quick)
            sure.append((inhab.sum(), late_inhab(minutes, inhab, params.arrival_min)))
            wide = scene.possible.places[moment, base]
            minutes = minutes_of(scene.possible, wide, params, speed_m_s=slow)
            possible.append((wide.inhab.sum(), late_inhab(minutes, wide.inhab, params.arrival_min)))
    least, most = np.min(sure, axis=0), np.max(possible, axis=0)
    return {
        "evacuees_inhab_low": float(least[0]),
        "evacuees_inhab_high": float(most[0]),
        "late_inhab_low": min(float(least[1]), late),
        "late_inhab_high": max(float(most[1]), late),
    }


def _notices(
    inputs: EvacuationInputs,
    scene: EvacScene,
    places: Places,
    minutes: npt.NDArray[np.float64],
    params: EvacuationParams,
    n_cells: int,
) -> Iterator[Notice]:
    yield from inputs.notices
    yield Notice("evacuation.free_walking", {"cell": f"{scene.strip.cell_m:g}"})
    if places.inhab.sum() < ROUNDING_INHAB:
        yield Notice("evacuation.nobody", {"level": f"{params.level_m:g}"})
    lost = float(places.inhab[np.isinf(minutes)].sum())
    if lost >= ROUNDING_INHAB:
        yield Notice("evacuation.no_way", {"inhab": peru_number(lost)})
    outside = float(places.inhab[places.unit < 0].sum())
    if outside >= ROUNDING_INHAB:
        yield Notice("evacuation.outside_blocks", {"inhab": peru_number(outside)})
    in_zone = int(scene.strip.zone.sum())
    if n_cells < in_zone:
        fields = {"n": peru_number(n_cells), "total": peru_number(in_zone)}
        yield Notice("evacuation.cells_left_out", fields)

"""Serenazgo: how soon a patrol comes, how many agents there are, and where they serve best.

Times from the bases and from patrols on their rounds (`ilo_geo.security.response`), the load of
each agent (`roster`), the best places for bases (`bases`), sectors of equal need (`sectors`) and a
loop through the streets of most need (`loop`). No law sets a response time: the limits are goals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.security.patrol.bases import Bases
from ilo_geo.security.patrol.bases import BaseSearch
from ilo_geo.security.patrol.bases import best_bases
from ilo_geo.security.patrol.bases_table import base_table
from ilo_geo.security.patrol.bases_table import selection_of
from ilo_geo.security.patrol.loop_on_streets import StreetLoop
from ilo_geo.security.patrol.loop_on_streets import street_loop
from ilo_geo.security.patrol.notices import patrol_notices
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.roster import Burden
from ilo_geo.security.patrol.roster import roster_notices
from ilo_geo.security.patrol.roster import roster_table
from ilo_geo.security.patrol.rules import PlanFigures
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import PatrolInputs
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.scene import Places
from ilo_geo.security.patrol.scene import patrol_scene
from ilo_geo.security.patrol.sectors_on_streets import PatrolSectors
from ilo_geo.security.patrol.sectors_on_streets import drawn_positions
from ilo_geo.security.patrol.sectors_on_streets import mean_response_s
from ilo_geo.security.patrol.sectors_on_streets import patrol_sectors
from ilo_geo.security.patrol.tables import MIDDLE
from ilo_geo.security.patrol.tables import Times
from ilo_geo.security.patrol.tables import cell_table
from ilo_geo.security.patrol.tables import level_tables
from ilo_geo.security.patrol.tables import reach_figures
from ilo_geo.security.patrol.tables import sector_table
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.security.response import Conditions
from ilo_geo.security.response import response_time_s
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.problem import Kind

ANALYSIS_ID = "patrol"
# what of the proposed bases the summary tells
AFTER = (
    "p50_min",
    "p90_min",
    "people_within_green_ratio",
    "people_within_yellow_ratio",
    "people_within_orange_ratio",
    "need_within_green_ratio",
    "need_within_yellow_ratio",
    "need_within_orange_ratio",
)


@dataclass(frozen=True)
class Starts:
    """Where vehicles wait: node, what each adds to the way, and by how much its place may err."""

    node: Ints
    start_s: Floats
    error_s: Floats


def analyse(
    inputs: PatrolInputs, params: PatrolParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return how soon patrols come and where they serve best.

    Returns
    -------
    result
        Tables: ``roster`` (steps), a table a level, ``cells`` (map of minutes), ``police_sectors``
        where police stations are known, ``patrol_sectors``, ``loop`` (the streets in the order
        they are driven), ``bases`` (those there are and those proposed) and ``before_after``.

    Raises
    ------
    ParameterError
        Limits do not ascend, breaks fill the shift, or there are more sectors than crossings.
    InputError
        No street may be driven, no base is near one, or there is no base and none is sought.
    """
    params.require_order()
    progress("progress.patrol_times", 0.1)
    scene = patrol_scene(inputs)
    if scene.bases.empty and params.new_bases == 0:
        raise InputError("patrol.no_base", where=inputs.area)
    sectors = patrol_sectors(scene, params)
    progress("progress.patrol_bases", 0.25)
    sought = _sought(scene, params, progress)
    now = _starts_now(scene)
    after = now if sought is None else _starts_after(scene, sought)
    used = now if len(now.node) else after
    positions = drawn_positions(scene, sectors, params)
    times = _times(scene, used, positions, params)
    times_after = times if used is after else _times(scene, after, positions, params)
    progress("progress.patrol_loop", 0.75)
    loop = street_loop(scene, inputs.streets, int(used.node[0]), params, progress=progress)
    progress("progress.patrol_tables", 0.9)
    burden = Burden(inputs.inhab_by_base, inputs.urban_km2, inputs.district_km2)
    plan = _plan_of(inputs)
    tables = {
        **level_tables(inputs, times, params),
        "cells": cell_table(inputs, times, params),
        **_police_table(scene, inputs, times, params),
        "patrol_sectors": _sector_table(scene, sectors, times, params),
        "loop": loop.table,
        "bases": base_table(scene, inputs, sought, params),
        "before_after": _before_after(scene, times, times_after, params),
        "roster": roster_table(params.roster, burden, plan),
    }
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(scene, inputs, params, (times, times_after), sectors, loop),
        tables=tables,
        warnings=(
            *inputs.notices,
            *patrol_notices(inputs, scene, sectors, loop, params, times),
            *roster_notices(params.roster, burden, plan),
        ),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
        selection=_selection(scene, inputs, sought, params),
    )


def response_to_need_s(inputs: PatrolInputs, params: PatrolParams) -> Floats:
    """Return the seconds from the nearest base to each point of need, infinite where none comes.

    Raises
    ------
    InputError
        There is no base, no street may be driven, or no base is near one.
    """
    scene = patrol_scene(inputs)
    if scene.bases.empty:
        raise InputError("patrol.no_base", where=inputs.area)
    now, middle = _starts_now(scene), params.conditions[MIDDLE]
    return response_time_s(scene.drive, scene.need.on, now.node, middle, start_s=now.start_s)


def _plan_of(inputs: PatrolInputs) -> PlanFigures | None:
    plan = patrol_rules().plan
    return plan if inputs.area in plan.areas else None


def _starts_now(scene: PatrolScene) -> Starts:
    bases = scene.bases
    return Starts(
        bases["node"].to_numpy(dtype=np.int64),
        bases["start_s"].to_numpy(dtype=float),
        bases["error_s"].to_numpy(dtype=float),
    )


def _starts_after(scene: PatrolScene, sought: Bases) -> Starts:
    """Return the chosen bases; those there are keep what their place adds and how it may err."""
    now, chosen = _starts_now(scene), sought.answer.selected
    there = chosen < sought.n_existing
    start_s, error_s = np.zeros(len(chosen)), np.zeros(len(chosen))
    start_s[there], error_s[there] = now.start_s[chosen[there]], now.error_s[chosen[there]]
    return Starts(sought.chosen_node, start_s, error_s)


def _sought(scene: PatrolScene, params: PatrolParams, progress: Progress) -> Bases | None:
    """Return the best bases, None where none is sought."""
    if params.new_bases == 0 and params.existing_bases == "keep":
        return None
    now, limits = _starts_now(scene), patrol_rules().limits
    middle = params.conditions[MIDDLE]
    within_s = (params.green_min * S_PER_MIN - middle.dispatch_s) / middle.way_factor
    search = BaseSearch(
        kind=Kind(params.base_problem),
        n_new=params.new_bases,
        keep=params.existing_bases == "keep",
        within_s=max(within_s, 0.0),
        grid_m=limits.candidate_grid_m,
        max_candidates=limits.max_candidates,
    )
    return best_bases(
        scene.drive,
        scene.at_nodes(scene.need),
        now.node,
        now.start_s,
        search,
        limits=Limits(seconds=params.time_limit_s, seed=params.seed),
        progress=progress,
    )


def _times(scene: PatrolScene, starts: Starts, positions: Ints, params: PatrolParams) -> Times:
    def seconds(places: Places, conditions: Conditions) -> Floats:
        return response_time_s(
            scene.drive,
            places.on,
            starts.node,
            conditions,
            start_s=starts.start_s,
            start_error_s=starts.error_s,
        )

    middle = params.conditions[MIDDLE]
    return Times(
        weight={who: places.weight for who, places in scene.places.items()},
        cases={
            who: {case: seconds(places, met) for case, met in params.conditions.items()}
            for who, places in scene.places.items()
        },
        on_patrol={
            who: mean_response_s(scene, places, positions, middle)
            for who, places in scene.places.items()
        },
    )


def _police_table(
    scene: PatrolScene, inputs: PatrolInputs, times: Times, params: PatrolParams
) -> dict[str, gpd.GeoDataFrame]:
    """Return the sectors of the police: each place belongs to the station nearest by driving."""
    if inputs.police is None or not (scene.police_node >= 0).any():
        return {}
    names = inputs.police["name"].astype(str).tolist()
    _, nearest = distances_to_nearest_m(scene.drive.timed, scene.police_node)
    return {"police_sectors": sector_table(scene, nearest, names, times, params)}


def _sector_table(
    scene: PatrolScene, sectors: PatrolSectors, times: Times, params: PatrolParams
) -> gpd.GeoDataFrame:
    names = [f"S{number}" for number in range(1, sectors.n_sectors + 1)]
    table = sector_table(scene, sectors.label, names, times, params)
    table.insert(1, "deviation_ratio", sectors.deviation_ratio)
    return table


def _before_after(
    scene: PatrolScene, times: Times, after: Times, params: PatrolParams
) -> pd.DataFrame:
    """Return each figure with the bases there are (NaN without any) and with those proposed."""
    before, later = reach_figures(times, params), reach_figures(after, params)
    shown = {name: value for name, value in later.items() if not name.startswith("on_patrol")}
    now = {name: np.nan if scene.bases.empty else before[name] for name in shown}
    table = pd.DataFrame({"before": now, "after": shown})
    table["change"] = table["after"] - table["before"]
    return table.rename_axis("figure")


def _selection(
    scene: PatrolScene, inputs: PatrolInputs, sought: Bases | None, params: PatrolParams
) -> Selection | None:
    return None if sought is None else selection_of(scene, inputs, sought, params)


def _summary(
    scene: PatrolScene,
    inputs: PatrolInputs,
    params: PatrolParams,
    times: tuple[Times, Times],
    sectors: PatrolSectors,
    loop: StreetLoop,
) -> dict[str, Any]:
    after = reach_figures(times[1], params)
    roster = params.roster
    inhab = inputs.inhab_by_base[params.population_base][1]
    now = reach_figures(times[0], params)
    return {
        # what one asks first comes first, on paper too
        **{name: value for name, value in now.items() if "_within_" in name},
        **{name: value for name, value in now.items() if "_within_" not in name},
        "need_is_proxy": inputs.need.is_proxy,
        "n_bases": len(scene.bases),
        **{f"after_{name}": after[name] for name in AFTER},
        "on_duty_agents": roster.on_duty,
        "inhab_per_agent": inhab / roster.on_duty,
        "urban_km2_per_agent": None
        if inputs.urban_km2 is None
        else inputs.urban_km2 / roster.on_duty,
        "n_patrol_sectors": sectors.n_sectors,
        "sector_max_deviation_ratio": float(np.abs(sectors.deviation_ratio).max()),
        "need_outside_sectors_ratio": sectors.need_outside_ratio,
        **loop.figures,
    }

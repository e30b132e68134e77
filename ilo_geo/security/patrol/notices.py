"""What a reader must know before believing the figures of the analysis of patrols."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.security.patrol.loop_on_streets import StreetLoop
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import KIND
from ilo_geo.security.patrol.scene import NEED
from ilo_geo.security.patrol.scene import PEOPLE
from ilo_geo.security.patrol.scene import PatrolInputs
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.sectors_on_streets import PatrolSectors
from ilo_geo.security.patrol.tables import MIDDLE
from ilo_geo.security.patrol.tables import Times

PERCENT = 100.0


def patrol_notices(
    inputs: PatrolInputs,
    scene: PatrolScene,
    sectors: PatrolSectors,
    loop: StreetLoop,
    params: PatrolParams,
    times: Times,
) -> Iterator[Notice]:
    """Yield the notices of a result."""
    limits = " / ".join(f"{limit:g}" for limit in params.limits_min)
    yield Notice("patrol.no_standard", {"limits": limits})
    yield from inputs.need.notices
    if inputs.need.is_proxy:
        yield Notice("patrol.need_is_proxy")
    yield from _base_notices(inputs, scene)
    yield from _reach_notices(scene, times)
    if inputs.police is None or not (scene.police_node >= 0).any():
        yield Notice("patrol.no_police")
    else:
        yield Notice("patrol.police_sectors_by_driving")
    yield from _sector_notices(sectors)
    yield Notice(
        "patrol.loop_is_heuristic",
        {
            "need": _percent(loop.loop.need),
            "bound": _percent(loop.loop.bound),
            "hours": peru_number(loop.figures["loop_h"], 1),
        },
    )


def _base_notices(inputs: PatrolInputs, scene: PatrolScene) -> Iterator[Notice]:
    rules = patrol_rules()
    if inputs.bases.empty:
        yield Notice("patrol.no_known_base")
        return
    if (inputs.bases[KIND] != rules.base_layers.own).any():
        error_m = peru_number(float(np.nanmax(inputs.bases["accuracy_m"].fillna(0.0))))
        names = ", ".join(inputs.bases["name"].astype(str))
        yield Notice("patrol.bases_assumed", {"names": names, "error": error_m})
    if (inputs.bases[KIND] == rules.base_layers.police).any():
        yield Notice("patrol.stations_are_police")
    if scene.off_network:
        limit = f"{rules.limits.base_gap_m:g}"
        names = ", ".join(scene.off_network)
        fields = {"n": len(scene.off_network), "names": names, "limit": limit}
        yield Notice("patrol.base_off_network", fields)


def _reach_notices(scene: PatrolScene, times: Times) -> Iterator[Notice]:
    people = scene.people.weight
    lost = float(people[~np.isfinite(times.cases[PEOPLE][MIDDLE])].sum())
    need = float(scene.need.weight[~np.isfinite(times.cases[NEED][MIDDLE])].sum())
    if lost > 0 or need > 0:
        limit = f"{patrol_rules().limits.foot_gap_m:g}"
        fields = {"inhab": peru_number(lost), "need": _percent(need), "limit": limit}
        yield Notice("patrol.not_reached", fields)


def _sector_notices(sectors: PatrolSectors) -> Iterator[Notice]:
    limit = patrol_rules().limits.sector_tolerance_ratio
    worst = float(np.abs(sectors.deviation_ratio).max())
    if worst > limit:
        yield Notice("patrol.sectors_uneven", {"worst": _percent(worst), "limit": _percent(limit)})
    # rounding of sums is no need left out
    if sectors.need_outside_ratio > 1e-9:
        yield Notice("patrol.need_outside_sectors", {"need": _percent(sectors.need_outside_ratio)})


def _percent(ratio: float) -> str:
    return peru_number(ratio * PERCENT, 1)

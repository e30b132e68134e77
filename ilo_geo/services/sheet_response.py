"""How soon a patrol is at a shape, and what a base there would change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from ilo_geo.city.driving import KM_H_PER_M_S
from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.place_distances import ways_from_places
from ilo_geo.city.shortest_paths import distances_to_nearest_m
from ilo_geo.city.shortest_paths import point_distances_m
from ilo_geo.city.snapping import Snap
from ilo_geo.city.snapping import snap
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_rules import BY_DRIVE
from ilo_geo.proposals.sheet_rules import KindRules
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.scene import patrol_scene
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.security.response import Conditions
from ilo_geo.security.response import time_class
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.patrol import PATROL
from ilo_geo.services.patrol import patrol_inputs
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.priority import NOTHING_TO_GO_ON
from ilo_geo.services.sheet_city import absent_titles
from ilo_geo.services.sheet_city import said_by

MIDDLE, FAST, SLOW = "middle", "fast", "slow"
CASES = (MIDDLE, FAST, SLOW)


@dataclass(frozen=True)
class Patrols:
    """The bases there are, and how soon they come everywhere.

    Attributes
    ----------
    scene, params
        The timed streets with bases and people, and the parameters as the area starts with them.
    node_s
        Seconds of driving from the nearest base to each node, by case.
    people_s
        Seconds from the call to each place with people, by case.
    """

    scene: PatrolScene
    params: PatrolParams
    node_s: dict[str, Floats]
    people_s: dict[str, Floats]

    def response_s(self, points: np.ndarray, case: str) -> Floats:
        """Return the seconds from the call to each point; infinite where no vehicle comes."""
        on = self.scene.drive.place(points, max_gap_m=patrol_rules().limits.foot_gap_m)
        way = np.maximum(point_distances_m(self.scene.drive.timed, on, self.node_s[case]), 0.0)
        met = self.params.conditions[case]
        return met.dispatch_s + met.way_factor * way


def patrols_of(area: Area) -> Patrols:
    """Return the patrols of an area, kept until a layer of theirs changes.

    Raises
    ------
    InputError
        There is no base, no street may be driven, or no base is near one.
    """
    stamp = (fingerprint(area, patrol_layers(area)), area.configuration_sha256)
    return kept_of(area).get(("sheet patrols", stamp), lambda: _patrols(area))


def _patrols(area: Area) -> Patrols:
    params = PATROL.parameters(area, {})
    if not isinstance(params, PatrolParams):
        raise TypeError(type(params).__name__)
    scene = patrol_scene(patrol_inputs(area, params))
    if scene.bases.empty:
        raise InputError("patrol.no_base", where=area.config.id)
    bases = scene.bases
    node = bases["node"].to_numpy(dtype=np.int64)
    start_s, error_s = (bases[name].to_numpy(dtype=float) for name in ("start_s", "error_s"))
    node_s, people_s = {}, {}
    for case in CASES:
        met = params.conditions[case]
        begin_s = start_s + met.start_ratio * error_s
        node_s[case], _ = distances_to_nearest_m(scene.drive.timed, node, initial_m=begin_s)
        way = point_distances_m(scene.drive.timed, scene.people.on, node_s[case])
        people_s[case] = met.dispatch_s + met.way_factor * np.maximum(way, 0.0)
    return Patrols(scene, params, node_s, people_s)


def response_figures(area: Area, shape: shapely.Geometry, rules: KindRules) -> list[Figure]:
    """Return how soon a patrol comes to the middle of a shape, and what a base there changes."""
    try:
        patrols = patrols_of(area)
    except InputError as error:
        if not isinstance(error, LayerNotFoundError) and error.code not in NOTHING_TO_GO_ON:
            raise
        return [_unknown(area, error)]
    found = [_arrival(area, shape, patrols)]
    if rules.serves == BY_DRIVE:
        found += _new_base(area, shape, patrols)
    return found


def reached_from(area: Area, shape: shapely.Geometry) -> Bools | None:
    """Return who lives within the first limit of a base at a shape; None where nobody can say."""
    seconds = seconds_from(area, shape)
    if seconds is None:
        return None
    return np.asarray(seconds <= patrols_of(area).params.green_min * S_PER_MIN)


def seconds_from(area: Area, shape: shapely.Geometry) -> Floats | None:
    """Return the seconds from the call to everybody from a base at a shape, past the limit more."""
    patrols = patrols_if_any(area)
    if patrols is None:
        return None
    limit_s = patrols.params.green_min * S_PER_MIN
    return _from_base(shape, patrols, patrols.params.conditions[MIDDLE], limit_s)


def patrols_if_any(area: Area) -> Patrols | None:
    """Return the patrols of an area, None where it has no base, street or people to tell of."""
    try:
        return patrols_of(area)
    except InputError as error:
        if not isinstance(error, LayerNotFoundError) and error.code not in NOTHING_TO_GO_ON:
            raise
        return None


def _unknown(area: Area, error: InputError) -> Figure:
    layers = patrol_rules().base_layers
    bases = (layers.own, layers.seat, layers.police)
    lacking = absent_titles(area, ("streets", "population", "buildings"))
    if not any(area.has(name) for name in bases):
        lacking = (*lacking, *absent_titles(area, bases))
    fields = {"reason": said_by(error)}
    return figure("response_none", figure_id="response", missing=lacking, fields=fields)


def _arrival(area: Area, shape: shapely.Geometry, patrols: Patrols) -> Figure:
    middle = np.array([shapely.point_on_surface(shape)])
    minutes = {case: float(patrols.response_s(middle, case)[0]) / S_PER_MIN for case in CASES}
    ids = tuple(one.id for one in patrol_rules().classes)
    low, told, high = (
        time_class(np.array([minutes[case]]), patrols.params.limits_min, ids)[0]
        for case in (FAST, MIDDLE, SLOW)
    )
    speeds = patrol_rules().speeds
    return figure(
        "response",
        *(value if np.isfinite(value) else None for value in minutes.values()),
        layers=patrol_layers(area),
        norms=[f"{speeds.source} ({speeds.verified})"],
        level=told,
        level_low=low,
        level_high=high,
        fields={"bases": len(patrols.scene.bases)},
    )


def _new_base(area: Area, shape: shapely.Geometry, patrols: Patrols) -> Iterator[Figure]:
    """Yield who is within the first limit of the new base, and of any base before and after."""
    limit_s = patrols.params.green_min * S_PER_MIN
    inhab = patrols.scene.people.weight
    served, before, after = {}, {}, {}
    for case in CASES:
        from_new = _from_base(shape, patrols, patrols.params.conditions[case], limit_s)
        today = patrols.people_s[case]
        served[case] = float(inhab[from_new <= limit_s].sum())
        before[case] = float(inhab[today <= limit_s].sum())
        after[case] = float(inhab[np.minimum(today, from_new) <= limit_s].sum())
    new = {case: after[case] - before[case] for case in CASES}
    fields = {"minutes": f"{patrols.params.green_min:g}"}
    speeds = patrol_rules().speeds
    norms = [f"{speeds.source} ({speeds.verified})"]
    told = {
        "served_drive": served,
        "within_before": before,
        "within_after": after,
        "within_new": new,
    }
    for name, by_case in told.items():
        ends = sorted((by_case[SLOW], by_case[MIDDLE], by_case[FAST]))
        yield figure(
            name,
            by_case[MIDDLE],
            ends[0],
            ends[-1],
            figure_id="served" if name == "served_drive" else name,
            layers=patrol_layers(area),
            norms=norms,
            fields=fields,
        )


def _from_base(
    shape: shapely.Geometry, patrols: Patrols, met: Conditions, limit_s: float
) -> Floats:
    """Return the seconds from the call to everybody, a vehicle starting at the shape's middle."""
    drive, rules = patrols.scene.drive, patrol_rules()
    middle = np.array([shapely.point_on_surface(shape)])
    found = snap(drive.streets, middle, max_gap_m=rules.limits.base_gap_m)
    pace = np.append(drive.pace_s_per_m, 0.0)[found.edge]
    off_street = found.gap_m * KM_H_PER_M_S / rules.speeds.other_km_h
    start = Snap(found.edge, found.offset_m * pace, off_street)
    longest_s = max(limit_s - met.dispatch_s, 0.0) / met.way_factor
    way = ways_from_places(drive.timed, start, patrols.scene.people.on, limit=longest_s)
    return met.dispatch_s + met.way_factor * way

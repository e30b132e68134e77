"""Whom a proposal serves, by the rule of its kind; where no rule says, that is said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.green.standards import CUSTOM
from ilo_geo.green.standards import access_standards
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_rules import AS_GREEN
from ilo_geo.proposals.sheet_rules import BY_DRIVE
from ilo_geo.proposals.sheet_rules import BY_NONE
from ilo_geo.proposals.sheet_rules import BY_ROOM
from ilo_geo.proposals.sheet_rules import BY_SIGHT
from ilo_geo.proposals.sheet_rules import BY_WALK
from ilo_geo.proposals.sheet_rules import KindRules
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.services.areas import Area
from ilo_geo.services.green import GREEN
from ilo_geo.services.hazards import flood_layers
from ilo_geo.services.need import need_layers
from ilo_geo.services.need import need_of
from ilo_geo.services.priority import NOTHING_TO_GO_ON
from ilo_geo.services.sheet_city import GREEN_NEEDS
from ilo_geo.services.sheet_city import PEOPLE_LAYERS
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import absent_titles
from ilo_geo.services.sheet_city import flood_known
from ilo_geo.services.sheet_city import flooded_at
from ilo_geo.services.sheet_city import said_by
from ilo_geo.services.sheet_response import reached_from

PERCENT, S_PER_MIN = 100.0, 60.0
# whoever it counts and by whichever rule, the first figure of people has this id
SERVED = "served"


def people_figures(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity | None
) -> list[Figure]:
    """Return whom a shape serves; the base of patrols is told of by `sheet_response`."""
    if rules.serves == BY_NONE:
        return [figure("served", said=sheet_rules().served_nobody, fields={"radius": "–"})]
    if rules.serves == BY_DRIVE:
        return []
    if city is None:
        return [figure("served", missing=absent_titles(area, GREEN_NEEDS), fields={"radius": "–"})]
    if rules.serves == BY_WALK:
        return list(_on_foot(area, shape, rules, city))
    if rules.serves == BY_SIGHT:
        return list(_in_sight(area, shape, city))
    return list(_in_flight(area, shape, city, room=rules.serves == BY_ROOM))


def served_points(
    area: Area, city: SheetCity, shape: shapely.Geometry, rules: KindRules
) -> Bools | None:
    """Return who of the chosen base a shape serves, None where no rule says or it cannot be told.

    Whoever does not fit into a refuge is left out, those who live farthest first.
    """
    people = city.people[0]
    if rules.serves == BY_WALK:
        limit_m = city.params.access_distance_m
        return np.asarray(city.walk_m(city.doors(shape), people, limit_m) <= limit_m)
    if rules.serves == BY_SIGHT:
        limit_m = sheet_rules().parameters["sight_m"].value
        return np.asarray(shapely.dwithin(people.points, shape, limit_m))
    if rules.serves == BY_DRIVE:
        return reached_from(area, shape)
    flood = flood_known(area) if rules.serves != BY_NONE else None
    if flood is None or flood.field is None:
        return None
    given, level_m = sheet_rules().parameters, max(tsunami_classes().plan_levels_m)
    reach_m = given["walk_m_s"].value * given["arrival_min"].value * S_PER_MIN
    walk_m = city.walk_m(city.doors(shape), people, reach_m)
    arrives = (walk_m <= reach_m) & flooded_at(flood.field, people.points, level_m)[LINE]
    return arrives if rules.serves != BY_ROOM else _who_fit(arrives, walk_m, people.inhab, shape)


def _who_fit(
    arrives: Bools, walk_m: Floats, inhab: Floats, shape: shapely.Geometry
) -> Bools | None:
    room = _room(shape)
    if room is None:
        return None
    nearest = np.argsort(np.where(arrives, walk_m, np.inf), kind="stable")
    filled = np.cumsum(np.where(arrives, inhab, 0.0)[nearest])
    fits = np.zeros(len(inhab), dtype=bool)
    fits[nearest] = filled <= room
    return fits & arrives


def _on_foot(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity
) -> Iterator[Figure]:
    limit_m, least_m2 = city.params.access_distance_m, city.params.min_park_area_m2
    doors = city.doors(shape)
    fields = {"radius": f"{limit_m:g}", "area": peru_number(least_m2)}
    all_inhab, new_inhab = [], []
    for people in city.people:
        near = city.walk_m(doors, people, limit_m) <= limit_m
        all_inhab.append(float(people.inhab[near].sum()))
        new_inhab.append(float(people.inhab[near & ~people.served].sum()))
    layers, norms = GREEN.layers_in_use(area), [_norm(city)]
    said = None
    if not doors.found.any():
        reach = f"{city.params.entrance_reach_m:g}"
        shut = sheet_rules().no_street
        said = Text(es=shut.format("es", reach=reach), en=shut.format("en", reach=reach))
    yield figure(
        "served", *_spread(all_inhab), said=said, fields=fields, layers=layers, norms=norms
    )
    if rules.counts_as != AS_GREEN:
        return
    if shape_kind(shape) != POLYGON:
        yield figure(
            "served_new", said=sheet_rules().no_area, fields=fields, layers=layers, norms=norms
        )
        return
    counted = new_inhab if shape.area >= least_m2 else [0.0] * len(new_inhab)
    yield figure("served_new", *_spread(counted), fields=fields, layers=layers, norms=norms)


def _spread(by_base: list[float]) -> tuple[float, float, float]:
    """Return the figure of the chosen base, which comes first, and the range of all."""
    return by_base[0], min(by_base), max(by_base)


def _norm(city: SheetCity) -> str:
    name = city.params.access_standard
    if name == CUSTOM:
        return f"{city.params.access_distance_m:g} m (NV)"
    standard = access_standards()[name]
    return f"{standard.source} ({standard.status})"


def _in_sight(area: Area, shape: shapely.Geometry, city: SheetCity) -> Iterator[Figure]:
    far, near = (sheet_rules().parameters[name] for name in ("sight_m", "sight_near_m"))
    norms = [far.cited, near.cited]
    fields: dict[str, object] = {"radius": f"{far.value:g}", "near": f"{near.value:g}"}
    seen = [_within(people.points, people.inhab, shape, far.value) for people in city.people]
    watched = [_within(people.points, people.inhab, shape, near.value) for people in city.people]
    layers = tuple(name for name in PEOPLE_LAYERS if area.has(name))
    ends = seen[0], min(watched), max(seen)
    yield figure("served_sight", *ends, figure_id=SERVED, layers=layers, norms=norms, fields=fields)
    try:
        need = need_of(area)
    except InputError as error:
        if error.code not in NOTHING_TO_GO_ON:
            raise
        yield figure("need_in_sight", said=said_by(error), fields=fields)
        return
    weight = np.asarray(need.weight, dtype=float)
    points, total = need.points.geometry.to_numpy(), float(weight.sum())
    far_ratio, near_ratio = (
        PERCENT * _within(points, weight, shape, one.value) / total for one in (far, near)
    )
    basis = sheet_rules().words["proxy" if need.is_proxy else "incidents"]
    yield figure(
        "need_in_sight",
        far_ratio,
        near_ratio,
        far_ratio,
        layers=need_layers(area),
        norms=norms,
        fields={**fields, "basis": basis},
    )


def _within(points: np.ndarray, amount: Floats, shape: shapely.Geometry, limit_m: float) -> float:
    return float(amount[shapely.dwithin(points, shape, limit_m)].sum())


def _in_flight(
    area: Area, shape: shapely.Geometry, city: SheetCity, *, room: bool
) -> Iterator[Figure]:
    """Yield who of the flooded zone gets there on foot before the wave, as far as there is room."""
    given, flood = sheet_rules().parameters, flood_known(area)
    level_m = max(tsunami_classes().plan_levels_m)
    reach_m = given["walk_m_s"].value * given["arrival_min"].value * S_PER_MIN
    fits = _room(shape) if room else None
    fields = {
        "level": f"{level_m:g}",
        "minutes": f"{given['arrival_min'].value:g}",
        "speed": f"{given['walk_m_s'].value:g}",
        "radius": peru_number(reach_m),
        "room": peru_number(fits),
        "per": f"{given['refuge_m2_per_inhab'].value:g}",
    }
    name = "served_room" if room else "served_flight"
    if flood.field is None:
        yield figure(
            name, figure_id=SERVED, missing=flood.lacking, said=flood.reason, fields=fields
        )
        return
    figures = _fleeing(shape, city, flood.field, level_m)
    most = np.inf if fits is None else fits
    layers = (*GREEN.layers_in_use(area), *flood_layers(area))
    used = ("walk_m_s", "walk_slow_m_s", "walk_fast_m_s", "arrival_min", "arrival_early_min")
    norms = [given[one].cited for one in (*used, "arrival_late_min")]
    if room:
        norms.append(given["refuge_m2_per_inhab"].cited)
    # a point has no floor to stand on that anybody knows of
    said = sheet_rules().no_area if room and fits is None else None
    yield figure(
        name,
        *((None, None, None) if said else (min(one, most) for one in figures)),
        figure_id=SERVED,
        said=said,
        layers=layers,
        norms=norms,
        fields=fields,
    )


def _fleeing(
    shape: shapely.Geometry, city: SheetCity, field: FloodField, level_m: float
) -> tuple[float, float, float]:
    """Return who arrives: the usual case, the worst and the best."""
    doors = city.doors(shape)
    cases = {
        LINE: ("walk_m_s", "arrival_min"),
        CERTAIN: ("walk_slow_m_s", "arrival_early_min"),
        POSSIBLE: ("walk_fast_m_s", "arrival_late_min"),
    }
    given = sheet_rules().parameters
    found: dict[str, list[float]] = {}
    for people in city.people:
        wet = flooded_at(field, people.points, level_m)
        for certainty, (pace, time) in cases.items():
            reach_m = given[pace].value * given[time].value * S_PER_MIN
            there = city.walk_m(doors, people, reach_m) <= reach_m
            inhab = float(people.inhab[there & wet[certainty]].sum())
            found.setdefault(certainty, []).append(inhab)
    return found[LINE][0], min(found[CERTAIN]), max(found[POSSIBLE])


def _room(shape: shapely.Geometry) -> float | None:
    if shape_kind(shape) != POLYGON:
        return None
    return float(np.floor(shape.area / sheet_rules().parameters["refuge_m2_per_inhab"].value))

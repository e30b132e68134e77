"""What a set of proposals does to a city: before and after, by zone and as a whole.

The green after is that of the green analysis itself, run on a city in which the proposals are
built: parks that touch become one, a sports field in a park is sport, overlaps count once.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.core.units import peru_number
from ilo_geo.green.analysis import analyse
from ilo_geo.green.parameters import GreenParams
from ilo_geo.green.report_units import report_units
from ilo_geo.green.scene import green_scene
from ilo_geo.proposals.scenario_rules import Measure
from ilo_geo.proposals.scenario_rules import scenario_rules
from ilo_geo.proposals.sheet_rules import AS_SPORT
from ilo_geo.proposals.sheet_rules import BY_DRIVE
from ilo_geo.proposals.sheet_rules import BY_FLIGHT
from ilo_geo.proposals.sheet_rules import BY_ROOM
from ilo_geo.proposals.sheet_rules import BY_SIGHT
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.services.areas import Area
from ilo_geo.services.green import GREEN
from ilo_geo.services.green import analyse_green
from ilo_geo.services.proposal_effects import UNKNOWN_HAZARD
from ilo_geo.services.proposal_effects import Effect
from ilo_geo.services.proposal_effects import effect_layers
from ilo_geo.services.proposal_effects import title_of
from ilo_geo.services.proposal_effects import union_inhab
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_response import patrols_if_any
from ilo_geo.services.sheet_response import seconds_from

# how the green analysis knows what is built
PARK, PITCH = "park", "pitch"
SEVERE = ("high", "very_high")
PERCENT = 100.0
BEFORE, AFTER, CHANGE = "before", "after", "change"
# of a zone: what is told before and after
ZONE_COLUMNS = ("green_area_m2", "green_m2_per_inhab", "deficit_ha", "served_population_inhab")


@dataclass(frozen=True)
class Row:
    """A measure before and after; the interval of the after only where there is one.

    ``how`` is the sum that gives each of the two, ``parts`` what each proposal brings by itself.
    """

    before: float
    after: float
    low: float | None = None
    high: float | None = None
    how: tuple[str, str] | None = None
    parts: tuple[tuple[str, float | None], ...] = ()


def green_params(area: Area, city: SheetCity) -> GreenParams:
    """Return the parameters of the green analysis with the access standard of sheets."""
    asked = {
        "population_base": city.people[0].base,
        "access_standard": city.params.access_standard,
        "access_distance_m": city.params.access_distance_m,
        "min_park_area_m2": city.params.min_park_area_m2,
        "year": city.params.year,
        "entrance_reach_m": city.params.entrance_reach_m,
    }
    params = GREEN.parameters(area, asked)
    if not isinstance(params, GreenParams):
        raise TypeError(type(params).__name__)
    return params


def green_before_after(
    area: Area, city: SheetCity, effects: tuple[Effect, ...]
) -> tuple[AnalysisResult, AnalysisResult]:
    """Return the green analysis of the city as it is, and with the proposals built."""
    params = green_params(area, city)
    before = analyse_green(area, params)
    built = [one for one in effects if one.counts_as]
    if not built:
        return before, before
    new = gpd.GeoDataFrame(
        {
            "name": [one.title for one in built],
            "kind": [PITCH if one.counts_as == AS_SPORT else PARK for one in built],
            "access": "public",
            "since_year": None,
            "until_year": None,
        },
        index=[f"proposal/{one.number}" for one in built],
        geometry=[one.shape for one in built],
        crs=area.crs,
    )
    columns = city.inputs.green.columns
    green = pd.concat([city.inputs.green.astype({"since_year": object, "until_year": object}), new])
    inputs = replace(city.inputs, green=gpd.GeoDataFrame(green[columns], crs=area.crs))
    scene = green_scene(inputs, year=params.year, reach_m=params.entrance_reach_m)
    units = report_units(inputs, scene, cell_resolution=params.cell_resolution)
    return before, analyse(inputs, scene, units, params)


def zone_table(before: AnalysisResult, after: AnalysisResult, level: str) -> gpd.GeoDataFrame:
    """Return every zone before, after and the difference of the two.

    Index ``id``; ``name, population_inhab``, each of `ZONE_COLUMNS` with ``_before``, ``_after``
    and ``_change``, ``supply_class_before`` and ``_after``, geometry.
    """
    was, then = before.tables[level], after.tables[level]
    table = was[["name", "population_inhab", "geometry"]].copy()
    for column in ZONE_COLUMNS:
        table[f"{column}_{BEFORE}"] = was[column].astype(float)
        table[f"{column}_{AFTER}"] = then[column].astype(float)
        table[f"{column}_{CHANGE}"] = then[column].astype(float) - was[column].astype(float)
    table[f"supply_class_{BEFORE}"] = was["supply_class"]
    table[f"supply_class_{AFTER}"] = then["supply_class"]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=was.crs)


def measure_table(
    area: Area,
    city: SheetCity,
    effects: tuple[Effect, ...],
    green: tuple[AnalysisResult, AnalysisResult],
) -> pd.DataFrame:
    """Return the table of a scenario: A, B and B − A, a row a measure that can be told.

    Index ``measure``; ``title_es, title_en, unit_es, unit_en, decimals, better, said_es, said_en,
    formula_es, formula_en, before, after, change, low, high``; ``layers`` (ids of those it stands
    on), ``how`` and ``parts`` as in `Row`.
    """
    rows = {
        **_green_rows(city, *green),
        **_people_rows(area, city, effects),
        **_sums(city, effects),
    }
    fields = _fields(area, city)
    of = effect_layers(area)
    table = {
        name: _words(scenario_rules().measures[name].filled(fields), rows[name], of)
        for name in scenario_rules().measures
        if name in rows
    }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("measure")


def _fields(area: Area, city: SheetCity) -> dict[str, str]:
    patrols = patrols_if_any(area)
    return {
        "distance": f"{city.params.access_distance_m:g}",
        "area": peru_number(city.params.min_park_area_m2),
        "standard": f"{city.standard_m2_per_inhab:g}",
        "minutes": "" if patrols is None else f"{patrols.params.green_min:g}",
    }


def _words(words: Measure, row: Row, of: dict[str, tuple[str, ...]]) -> dict[str, object]:
    return {
        "layers": tuple(dict.fromkeys(layer for part in words.stands_on for layer in of[part])),
        "how": row.how,
        "parts": row.parts,
        "title_es": words.title.es,
        "title_en": words.title.en,
        "unit_es": words.unit.es,
        "unit_en": words.unit.en,
        "decimals": words.decimals,
        "better": words.better,
        "said_es": words.said.es,
        "said_en": words.said.en,
        "formula_es": words.formula.es,
        "formula_en": words.formula.en,
        BEFORE: row.before,
        AFTER: row.after,
        CHANGE: row.after - row.before,
        "low": np.nan if row.low is None else row.low,
        "high": np.nan if row.high is None else row.high,
    }


def _green_rows(city: SheetCity, before: AnalysisResult, after: AnalysisResult) -> dict[str, Row]:
    def row(name: str, scale: float = 1.0, sum_of: str = "") -> Row:
        ends = (before.summary, after.summary)
        a, b = (sum_of.format(**_written(city, one)) for one in ends)
        was, then = (one[name] * scale for one in ends)
        return Row(was, then, how=(a, b) if sum_of else None)

    return {
        "served_park_inhab": row("served_population_inhab"),
        "served_park_percent": row("served_population_ratio", PERCENT, "100 · {served} / {people}"),
        "green_ha": row("green_area_m2", 1 / M2_PER_HA),
        "green_m2_per_inhab": row("green_m2_per_inhab", sum_of="{green} / {people}"),
        "deficit_ha": row("deficit_ha", sum_of="({standard} · {people} − {green}) / 10,000, ≥ 0"),
        "sum_of_deficits_ha": row("sum_of_deficits_ha"),
        "sports_ha": row("sports_area_m2", 1 / M2_PER_HA),
    }


def _written(city: SheetCity, summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the amounts that the sums of the green analysis are made of, as they are written."""
    return {
        "served": peru_number(summary["served_population_inhab"]),
        "people": peru_number(summary["population_inhab"]),
        "green": peru_number(summary["green_area_m2"]),
        "standard": f"{city.standard_m2_per_inhab:g}",
    }


def _people_rows(area: Area, city: SheetCity, effects: tuple[Effect, ...]) -> dict[str, Row]:
    """Return whom the proposals serve, each person once; nobody is served by them today."""
    inhab = city.people[0].inhab
    rows = {"served_inhab": _union(effects, inhab)}
    for name, rules in (("flight_inhab", (BY_FLIGHT, BY_ROOM)), ("sight_inhab", (BY_SIGHT,))):
        own = tuple(one for one in effects if one.rules.serves in rules)
        if own:
            rows[name] = _union(own, inhab)
    return rows | _patrol_row(area, effects)


def _union(effects: tuple[Effect, ...], inhab: Floats) -> Row:
    alone = [None if one.serves is None else float(inhab[one.serves].sum()) for one in effects]
    return Row(0.0, union_inhab(effects, inhab), parts=_parts(effects, alone))


def _parts(
    effects: tuple[Effect, ...], amounts: Iterable[float | None]
) -> tuple[tuple[str, float | None], ...]:
    """Return what each proposal brings by itself, under its number and title."""
    return tuple(
        (title_of(effect).es, amount) for effect, amount in zip(effects, amounts, strict=True)
    )


def _patrol_row(area: Area, effects: tuple[Effect, ...]) -> dict[str, Row]:
    """Return who is within the first limit of any base, where bases are known."""
    patrols = patrols_if_any(area)
    if patrols is None:
        return {}
    limit_s = patrols.params.green_min * S_PER_MIN
    inhab, today = patrols.scene.people.weight, patrols.people_s["middle"]
    then = today
    for one in effects:
        found = seconds_from(area, one.shape) if one.rules.serves == BY_DRIVE else None
        then = then if found is None else np.minimum(then, found)
    before, after = (float(inhab[seconds <= limit_s].sum()) for seconds in (today, then))
    return {"patrol_inhab": Row(before, after)}


def _sums(city: SheetCity, effects: tuple[Effect, ...]) -> dict[str, Row]:
    """Return what adds up over proposals; there is none of it today."""
    inhab = city.people[0].inhab
    water = [one.water_m3_day for one in effects]
    costs = [(one.cost_low, one.cost_high) for one in effects]
    risks = [
        None
        if one.serves is None
        else (UNKNOWN_HAZARD if one.hazard is None else one.hazard) * float(inhab[one.serves].sum())
        for one in effects
    ]
    severe = [float(one.level in SEVERE) for one in effects]
    drunk, low, high = (_known_sum([part[n] for part in water]) for n in range(3))
    dearest = _known_sum([high for _, high in costs])
    return {
        "water_m3_day": Row(
            0.0, drunk, low, high, parts=_parts(effects, [middle for middle, _, _ in water])
        ),
        "cost_soles": Row(
            0.0,
            dearest,
            _known_sum([low for low, _ in costs]),
            dearest,
            parts=_parts(effects, [high for _, high in costs]),
        ),
        "risk_inhab": Row(0.0, _known_sum(risks), parts=_parts(effects, risks)),
        "severe_sites": Row(0.0, _known_sum(severe), parts=_parts(effects, severe)),
    }


def _known_sum(values: Iterable[float | None]) -> float:
    return float(sum(value for value in values if value is not None))

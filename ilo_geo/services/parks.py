"""Use case: the search for park sites in a study area."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.population import unit_inhabitants
from ilo_geo.city.terrain import slope_ratio
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.green.candidates.analysis import ANALYSIS_ID
from ilo_geo.green.candidates.analysis import analyse
from ilo_geo.green.candidates.data import PACKAGE
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.candidates.inputs import ParkInputs
from ilo_geo.green.candidates.inputs import Slopes
from ilo_geo.green.candidates.land import street_blocks
from ilo_geo.green.candidates.parameters import AUTO
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.rules import counted_as
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.hazards.fault import FaultParams
from ilo_geo.hazards.positional import Reach
from ilo_geo.hazards.positional import polygon_outlines
from ilo_geo.hazards.positional import reach_of_line
from ilo_geo.hazards.positional import reach_of_point
from ilo_geo.hazards.terrain_error import terrain_kind
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI_ID
from ilo_geo.hazards.vulnerability_rules import vulnerability_rules
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import layer_notices
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import present
from ilo_geo.services.city import require_choice
from ilo_geo.services.flood_chart import flood_notices
from ilo_geo.services.green import GREEN
from ilo_geo.services.green import green_city
from ilo_geo.services.green import green_parameter_specs
from ilo_geo.services.hazards import FAULT
from ilo_geo.services.hazards import FAULTS
from ilo_geo.services.hazards import STATIONS
from ilo_geo.services.hazards import TANKS
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.hazards import unflooded_zones
from ilo_geo.services.hazards import zone_layers
from ilo_geo.services.risk import PLAN_REACH_M

LOTS = "lots"
# what the rule of the tsunami stands on: not a layer, a flood that could be computed
FLOOD = "flood"
RESERVE, RIVER = "reserve", "river"
HERITAGE, TOURIST = "heritage", "tourist_resources"
OTHER_GREEN, SPORTS = "other_green", "sports_fields"
# where a layer says nothing of its accuracy
NO_ERROR_M = 0.0
AGE, POVERTY = "age", "poverty"


def park_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the search."""
    asked = [layer for rule in rule_table().rules for layer in rule.layers]
    hazards = zone_layers(area) if area.has("terrain") else ()
    found = present(area, (*asked, OTHER_GREEN, SPORTS))
    return tuple(
        dict.fromkeys((*present(area, (LOTS,)), *GREEN.layers_in_use(area), *hazards, *found))
    )


def analyse_parks(area: Area, params: ParkParams, progress: Progress) -> AnalysisResult:
    """Return every lot considered and the sites to choose; blocks stand in where there are no lots.

    Raises
    ------
    InputError
        As `ilo_geo.green.candidates.analysis.analyse`.
    """
    green, scene = green_city(
        area, params.population_base, params.year, params.entrance_reach_m, progress=progress
    )
    progress("progress.parks_zones", 0.3)
    hazards, flood_known = known_hazards(area, params)
    refs = area.refs(*park_layers(area))
    inputs = ParkInputs(
        green=green,
        scene=scene,
        lots=area.frame(LOTS) if area.has(LOTS) else street_blocks(green.streets),
        lots_assumed=not area.has(LOTS),
        vetoes=park_vetoes(area, params, hazards),
        hazards=hazards,
        overlaps=park_overlaps(area, green, scene),
        with_layers=frozenset((*present(area, _rule_layers()), *([FLOOD] if flood_known else []))),
        slopes=slopes_of(area),
        river=area.frame(RIVER) if area.has(RIVER) else None,
        need=_need(area, green),
        inhab_by_base=_inhab_by_base(area, params.population_base, green),
        refs=refs,
        notices=(*layer_notices(area, refs), *_flood_notices(area, params, flood_known)),
        configuration_sha256=area.configuration_sha256,
    )
    return analyse(inputs, params, progress=progress)


def _rule_layers() -> tuple[str, ...]:
    return tuple(layer for rule in rule_table().rules for layer in rule.layers)


def known_hazards(area: Area, params: ParkParams) -> tuple[gpd.GeoDataFrame, bool]:
    """Return the zones of every hazard, and whether the flood is among them."""
    if area.has("terrain"):
        try:
            return hazard_zones(
                area, params.level_m, PLAN_REACH_M, params.flood_source, graded=True
            ), True
        except InputError as error:
            # no coast and no lake: nothing floods here that anybody knows of
            if error.code != "tsunami.no_shore":
                raise
    return unflooded_zones(area), False


def _flood_notices(area: Area, params: ParkParams, known: bool) -> tuple[Notice, ...]:
    if not known:
        return ()
    return tuple(flood_notices(area, params.level_m, params.flood_source))


def park_vetoes(area: Area, params: ParkParams, hazards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the zones that rule a lot out, at the distances asked for."""
    flooded = hazards.loc[hazards["hazard"] == TSUNAMI_ID, ["hazard", "certainty", "geometry"]]
    drawn = gpd.GeoDataFrame(
        [*_fault_zones(area, params), *_near_zones(area, params)],
        columns=["hazard", "certainty", "geometry"],
        crs=area.crs,
    )
    filled = [frame for frame in (flooded, drawn) if len(frame)] or [drawn]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=area.crs)


def _fault_zones(area: Area, params: ParkParams) -> Iterator[tuple[str, str, Any]]:
    """Yield the band of each trace: narrow where it was surveyed, wide where it is coarse."""
    if not area.has(FAULTS):
        return
    usual = FaultParams(population_base=default_base(area))
    try:
        traces = FAULT.run(area, usual, _unheard).maps["traces"]
    except InputError as error:
        if error.code != "fault.none_in_area":
            raise
        return
    near = traces[traces["in_reach"]]
    for trace, surveyed, accuracy_m in zip(
        near.geometry, near["surveyed"], near["accuracy_m"], strict=True
    ):
        band_m = params.fault_surveyed_m if surveyed else params.fault_m
        yield from _outlined("fault", reach_of_line(band_m, accuracy_m), trace)


def _near_zones(area: Area, params: ParkParams) -> Iterator[tuple[str, str, Any]]:
    """Yield the zone around each tank, station, heritage site, the reserve and the river."""
    around: tuple[tuple[str, str, float, Callable[[float, float], Reach]], ...] = (
        ("tanks", TANKS, params.tank_m, reach_of_point),
        ("fuel_stations", STATIONS, params.station_m, reach_of_point),
        ("reserve", RESERVE, params.reserve_m, reach_of_point),
        ("river_margin", RIVER, params.river_margin_m, reach_of_line),
        ("heritage", TOURIST, params.heritage_m, reach_of_point),
        ("heritage", HERITAGE, params.heritage_m, reach_of_line),
    )
    for rule, layer, distance_m, reach in around:
        if not area.has(layer):
            continue
        frame = _heritage(area.frame(layer)) if layer == TOURIST else area.frame(layer)
        usual_m = area.meta(layer).accuracy_m or NO_ERROR_M
        stated = frame.get("accuracy_m", pd.Series(np.nan, index=frame.index))
        accuracy_m = pd.to_numeric(stated, errors="coerce").fillna(usual_m)
        for shape, error_m in zip(frame.geometry, accuracy_m, strict=True):
            if shape.area > 0:
                grown = shape.buffer(distance_m)
                for certainty, outline in polygon_outlines(grown, error_m).items():
                    yield rule, certainty, outline
            else:
                yield from _outlined(rule, reach(distance_m, error_m), shape)


def _outlined(rule: str, reach: Reach, shape: Any) -> Iterator[tuple[str, str, Any]]:
    for certainty, outline in reach.outlines(shape).items():
        if not outline.is_empty:
            yield rule, certainty, outline


def _heritage(resources: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    categories = _words()["heritage_categories"]
    if "category" not in resources.columns:
        return resources.iloc[:0]
    return resources[resources["category"].isin(categories)]


def park_overlaps(area: Area, green: GreenInputs, scene: GreenScene) -> dict[str, gpd.GeoDataFrame]:
    """Return what no park can lie on, by rule."""
    streets = green.streets
    taken = counted_as(scene.rules, "green") | counted_as(scene.rules, "sport")
    found = {
        "green": green.green[taken.to_numpy()],
        "buildings": area.frame("buildings"),
        "roads": streets[streets["drive"].astype(bool)],
    }
    if area.has("water"):
        found["water"] = area.frame("water")
    if area.has(OTHER_GREEN):
        other = area.frame(OTHER_GREEN)
        for rule in rule_table().rules:
            if rule.kinds:
                found[rule.id] = other[other["kind"].isin(rule.kinds)]
    return found


def slopes_of(area: Area) -> Slopes | None:
    """Return the slope of the terrain and the error to assume of it.

    The error of a central difference over two cells, of a field with standard deviation σ and
    correlation exp(-(d/L)²): sqrt(2 σ² (1 − exp(-(2c/L)²))) / 2c on each axis.
    """
    if not area.has("terrain"):
        return None
    terrain = area.raster("terrain")
    cell_m = float(terrain.transform.a)
    kind = terrain_kind(terrain.meta.status, terrain.meta.source)
    apart_m = 2 * cell_m
    alike = float(np.exp(-((apart_m / kind.correlation_m) ** 2)))
    error = kind.rmse_m * float(np.sqrt(2 * (1 - alike))) / apart_m
    return Slopes(slope_ratio(terrain.values, cell_m=cell_m), terrain.transform, error)


def _need(area: Area, green: GreenInputs) -> pd.DataFrame | None:
    """Return shares of young and old, and of poor, by population unit, where they are stated."""
    units = area.frame("population")
    stated = vulnerability_rules().areas.get(area.config.id)
    found: dict[str, pd.Series] = {}
    if green.age_ratio is not None:
        found[AGE] = green.age_ratio.sum(axis=1)
    elif stated and stated.fragile_age_ratio:
        middle = (stated.fragile_age_ratio.low + stated.fragile_age_ratio.high) / 2
        found[AGE] = pd.Series(middle, index=units.index)
    if stated and stated.poverty_by_district:
        middle_of = {k: (f.low + f.high) / 2 for k, f in stated.poverty_by_district.items()}
        found[POVERTY] = units["id"].astype(str).map(middle_of)
    return pd.DataFrame(found) if found else None


def _inhab_by_base(area: Area, chosen: str, green: GreenInputs) -> pd.DataFrame:
    """Return the inhabitants of each point in every base, the chosen one first.

    Within a unit every base is spread alike, so a point takes its unit's ratio of the two bases.
    """
    units, points = area.frame("population"), green.residents.points
    bases = {base.id: base for base in offered_bases(area)}
    here = unit_inhabitants(units, bases[chosen])
    found = {chosen: points["inhab"]}
    for name, base in bases.items():
        if name != chosen:
            ratio = (unit_inhabitants(units, base) / here.where(here > 0)).fillna(0.0)
            found[name] = points["inhab"] * points["unit"].map(ratio).astype(float)
    return pd.DataFrame(found)


def _unheard(_code: str, _done_ratio: float, /, **_figures: float) -> None:
    """Tell nothing: the bands of the faults are a step of another analysis."""


def _titled(source: str, titles: Mapping[str, Text]) -> tuple[Choice, ...]:
    return tuple(Choice(value, title, source) for value, title in titles.items())


@cache
def _words() -> dict[str, Any]:
    table: dict[str, Any] = load_package_yaml("ilo_geo.services", "parks.yaml")
    return table


def _type_choices() -> tuple[Choice, ...]:
    by_site = Text.model_validate(_words()["by_site"])
    kinds = {kind.id: kind.title for kind in type_table().types}
    return _titled(_words()["types_source"], {AUTO: by_site, **kinds})


def _water_choices() -> tuple[Choice, ...]:
    return tuple(
        Choice(name, source.title, source.source) for name, source in type_table().water.items()
    )


_SEARCH = hazard_analysis(
    ANALYSIS_ID,
    ParkParams,
    parameter_texts(PACKAGE, "parks.yaml"),
    park_layers,
    analyse_parks,
    defaults=lambda area: {"year": max(area.config.green_years, default=None)},
    choices={
        "water_source": _water_choices(),
        "objective": choices_of("parks_objective"),
        "park_type": _type_choices(),
        "flood_source": choices_of("flood_source"),
        "floodable_parks": choices_of("yes_no"),
        "certainty": choices_of("hazard_certainty"),
        "merge_lots": choices_of("yes_no"),
    },
)


def park_parameters(area: Area, raw: Mapping[str, Any]) -> Parameters:
    """Return validated parameters; the year must be one that the area describes."""
    params = _SEARCH.parameters(area, raw)
    require_choice("year", params.model_dump()["year"], area.config.green_years or (None,))
    return params


def park_parameter_specs(area: Area) -> tuple[ParameterSpec, ...]:
    """Return what the controls need to know, with the years and standards of the green analysis."""
    of_green = {spec.name: spec.choices for spec in green_parameter_specs(area)}
    specs = (
        replace(spec, choices=spec.choices or of_green.get(spec.name, ()))
        for spec in _SEARCH.specs(area)
    )
    return tuple(spec for spec in specs if spec.name != "year" or area.config.green_years)


PARKS = replace(_SEARCH, parameters=park_parameters, specs=park_parameter_specs)

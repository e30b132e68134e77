"""Use cases: each hazard of an area, and the zones of all of them together."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards import fault
from ilo_geo.hazards import fuel_stations
from ilo_geo.hazards import tanks
from ilo_geo.hazards import tsunami
from ilo_geo.hazards.ground import GroundLayer
from ilo_geo.hazards.ground import ground_rules
from ilo_geo.hazards.ground import ground_zones
from ilo_geo.hazards.terrain_error import terrain_kind
from ilo_geo.hazards.tsunami import TsunamiInputs
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import dry_land
from ilo_geo.hazards.tsunami import inundation_zones
from ilo_geo.hazards.tsunami_parameters import FloodSource
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import layer_notices
from ilo_geo.services.city import present
from ilo_geo.services.flood_chart import chart_in_use
from ilo_geo.services.flood_chart import chart_of
from ilo_geo.services.flood_chart import flood_in_use
from ilo_geo.services.hazard_inputs import EXPOSED_LAYERS
from ilo_geo.services.hazard_inputs import FLOOD_LAYERS
from ilo_geo.services.hazard_inputs import PEOPLE_LAYERS
from ilo_geo.services.hazard_inputs import SITES
from ilo_geo.services.hazard_inputs import TSUNAMI_CHART
from ilo_geo.services.hazard_inputs import exposed_of
from ilo_geo.services.hazard_inputs import flood_key
from ilo_geo.services.hazard_inputs import flood_of
from ilo_geo.services.hazard_inputs import land_of
from ilo_geo.services.hazard_inputs import optional_frame

PACKAGE = "ilo_geo.hazards"
FAULTS, TANKS, STATIONS = "faults", "tanks", "fuel_stations"
# the hazards whose zones come from one layer each
LAYER_OF = {
    fault.ANALYSIS_ID: FAULTS,
    tanks.ANALYSIS_ID: TANKS,
    fuel_stations.ANALYSIS_ID: STATIONS,
}
# the table of the result of each that holds its zones
ZONE_TABLE = {
    fault.ANALYSIS_ID: "bands",
    tanks.ANALYSIS_ID: "rings",
    fuel_stations.ANALYSIS_ID: "circles",
}


def exposed_layers(area: Area) -> tuple[str, ...]:
    """Return the layers that say who and what may stand in a hazard."""
    return (*PEOPLE_LAYERS, *area.config.levels, *present(area, EXPOSED_LAYERS))


def flood_layers(area: Area) -> tuple[str, ...]:
    """Return the layers a flood is computed from, and the chart that holds it."""
    return ("terrain", *present(area, ("districts", *FLOOD_LAYERS, TSUNAMI_CHART)))


def zone_layers(area: Area) -> tuple[str, ...]:
    """Return the layers that hazard zones are drawn from."""
    return (*flood_layers(area), *present(area, (*LAYER_OF.values(), *ground_rules().layers)))


def common(area: Area, layers: tuple[str, ...]) -> dict[str, Any]:
    """Return what every analysis carries from its inputs to its result."""
    refs = area.refs(*dict.fromkeys(layers))
    return {
        "area": area.config.id,
        "refs": refs,
        "configuration_sha256": area.configuration_sha256,
        "notices": layer_notices(area, refs),
    }


def tsunami_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the tsunami analysis."""
    return _unique(flood_layers(area), exposed_layers(area))


def hazard_layers(name: str, area: Area) -> tuple[str, ...]:
    """Return the layers of an analysis of one layer of hazards."""
    return _unique((LAYER_OF[name],), present(area, ("districts",)), exposed_layers(area))


def _unique(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(layer for group in groups for layer in group))


def analyse_tsunami(
    area: Area, params: TsunamiParams, progress: Progress = silent
) -> AnalysisResult:
    """Return what floods at a level, how sure that is and who stands there."""
    progress("progress.layers", 0.05)
    computed = flood_of(area, params, progress)
    used = chart_in_use(area, params.flood_source) is not None
    inputs = TsunamiInputs(
        field=flood_in_use(area, params),
        computed=computed if used else None,
        chart=chart_of(area),
        land=land_of(area),
        water=optional_frame(area, "water"),
        zones={m: flooded_zones(area, params, m) for m in tsunami_classes().plan_levels_m},
        exposed=exposed_of(area, params.population_base),
        **common(area, tsunami_layers(area)),
    )
    return tsunami.analyse(inputs, params, progress=progress)


def analyse_fault(area: Area, params: fault.FaultParams, progress: Progress) -> AnalysisResult:
    """Return the bands of every fault trace and who stands in them."""
    layer = area.layer(FAULTS)
    inputs = fault.FaultInputs(
        faults=area.frame(FAULTS),
        accuracy_m=layer.meta.accuracy_m,
        status=layer.meta.status,
        source=layer.meta.source,
        replaced=area.weaker_sources(FAULTS),
        boundary=land_of(area).union_all(),
        exposed=exposed_of(area, params.population_base),
        **common(area, hazard_layers(fault.ANALYSIS_ID, area)),
    )
    return fault.analyse(inputs, params, progress=progress)


def analyse_tanks(area: Area, params: tanks.TankParams, progress: Progress) -> AnalysisResult:
    """Return the rings of the tank farm and what stands in them."""
    inputs = tanks.TankInputs(
        tanks=area.frame(TANKS), **_points(area, TANKS, params.population_base)
    )
    return tanks.analyse(inputs, params, progress=progress)


def analyse_fuel_stations(
    area: Area, params: fuel_stations.FuelStationParams, progress: Progress
) -> AnalysisResult:
    """Return the class of each fuel station and the sites too near it."""
    inputs = fuel_stations.FuelStationInputs(
        stations=area.frame(STATIONS), **_points(area, STATIONS, params.population_base)
    )
    return fuel_stations.analyse(inputs, params, progress=progress)


def _points(area: Area, layer: str, base_id: str) -> dict[str, Any]:
    return {
        "accuracy_m": area.meta(layer).accuracy_m,
        "site_accuracy_m": {kind: area.meta(kind).accuracy_m for kind in present(area, SITES)},
        "exposed": exposed_of(area, base_id),
        **common(area, hazard_layers(layer, area)),
    }


def hazard_zones(
    area: Area,
    level_m: float,
    river_reach_m: float,
    flood_source: FloodSource,
    *,
    graded: bool = False,
) -> gpd.GeoDataFrame:
    """Return the zones of every hazard that has a layer; kept until one of them changes.

    ``graded`` draws below ``level_m`` also the milder levels that are worse to stand in.
    """
    stamp = (fingerprint(area, zone_layers(area)), area.configuration_sha256)
    params = TsunamiParams(
        level_m=level_m,
        flood_source=flood_source,
        river_reach_m=river_reach_m,
        population_base=default_base(area),
    )
    key = ("zones", stamp, params, graded)
    return kept_of(area).get(key, lambda: _all_zones(area, params, graded))


def _all_zones(area: Area, params: TsunamiParams, graded: bool) -> gpd.GeoDataFrame:
    level_m = params.level_m
    worse = [step.up_to_m for step in tsunami_classes().classes] if graded else []
    levels_m = sorted({level_m, *(step for step in worse if step < level_m)})
    flooded = [flooded_zones(area, params, step_m) for step_m in levels_m]
    tables = [*flooded, *_from_results(area), ground_of(area)]
    filled = [table for table in tables if len(table)] or tables[:1]
    return gpd.GeoDataFrame(pd.concat(filled), crs=area.crs)


def unflooded_zones(area: Area) -> gpd.GeoDataFrame:
    """Return the zones of every hazard but the flood, for an area where none can be computed."""
    tables = [*_from_results(area), ground_of(area)]
    filled = [table for table in tables if len(table)] or tables[:1]
    return gpd.GeoDataFrame(pd.concat(filled), crs=area.crs)


def flooded_zones(area: Area, params: TsunamiParams, level_m: float) -> gpd.GeoDataFrame:
    """Return the zones that flood at one level, drawn once."""
    field, chart = flood_of(area, params), chart_in_use(area, params.flood_source)

    def make() -> gpd.GeoDataFrame:
        land = dry_land(land_of(area), optional_frame(area, "water"))
        return inundation_zones(field, land, [level_m], chart)

    held_by = chart.ref.model_dump_json() if chart else ""
    return kept_of(area).get(("flooded", flood_key(area, params), held_by, level_m), make)


def _from_results(area: Area) -> list[gpd.GeoDataFrame]:
    found = []
    for analysis in (FAULT, TANK_FARM, FUEL_STATIONS):
        if not area.has(LAYER_OF[analysis.id]):
            continue
        try:
            result = analysis.run(area, analysis.parameters(area, {}), silent)
        except InputError as error:
            # traces of another province endanger nobody here
            if error.code != "fault.none_in_area":
                raise
        else:
            found.append(result.maps[ZONE_TABLE[analysis.id]])
    return found


def ground_of(area: Area) -> gpd.GeoDataFrame:
    """Return the zones of the ground hazards that are drawn."""
    return ground_zones(ground_layers(area), area.crs)


def ground_layers(area: Area) -> dict[str, GroundLayer]:
    """Return the layers of ground hazards that have data."""
    return {
        layer: GroundLayer(area.frame(layer), area.meta(layer).accuracy_m)
        for layer in present(area, ground_rules().layers)
    }


def _terrain_error(area: Area) -> dict[str, float]:
    """Return the error to assume of the terrain in use."""
    if not area.has("terrain"):
        return {}
    meta = area.meta("terrain")
    kind = terrain_kind(meta.status, meta.source)
    return {"rmse_m": kind.rmse_m, "correlation_m": kind.correlation_m}


def _texts(name: str) -> Any:
    return parameter_texts(PACKAGE, f"{name}.yaml")


TSUNAMI = hazard_analysis(
    tsunami.ANALYSIS_ID,
    TsunamiParams,
    _texts(tsunami.ANALYSIS_ID),
    tsunami_layers,
    analyse_tsunami,
    defaults=_terrain_error,
    choices={"flood_source": choices_of("flood_source")},
)
FAULT = hazard_analysis(
    fault.ANALYSIS_ID,
    fault.FaultParams,
    _texts(fault.ANALYSIS_ID),
    lambda area: hazard_layers(fault.ANALYSIS_ID, area),
    analyse_fault,
)
TANK_FARM = hazard_analysis(
    tanks.ANALYSIS_ID,
    tanks.TankParams,
    _texts(tanks.ANALYSIS_ID),
    lambda area: hazard_layers(tanks.ANALYSIS_ID, area),
    analyse_tanks,
    choices={"fuel": choices_of("fuel")},
)
FUEL_STATIONS = hazard_analysis(
    fuel_stations.ANALYSIS_ID,
    fuel_stations.FuelStationParams,
    _texts(fuel_stations.ANALYSIS_ID),
    lambda area: hazard_layers(fuel_stations.ANALYSIS_ID, area),
    analyse_fuel_stations,
)

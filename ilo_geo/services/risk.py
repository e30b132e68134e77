"""Use cases over every hazard at once: who and what is exposed, and the risk of CENEPRED's EVAR."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from ilo_geo.city.cells import h3_cells
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards import exposure
from ilo_geo.hazards import multihazard
from ilo_geo.hazards.ground import ground_notices
from ilo_geo.hazards.ground import ground_rules
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI_ID
from ilo_geo.hazards.vulnerability import Evidence
from ilo_geo.hazards.vulnerability_evidence import evidence_of_dwellings
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import present
from ilo_geo.services.flood_chart import flood_notices
from ilo_geo.services.hazard_inputs import day_params
from ilo_geo.services.hazard_inputs import exposed_of
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.hazard_inputs import people_of
from ilo_geo.services.hazards import LAYER_OF
from ilo_geo.services.hazards import PACKAGE
from ilo_geo.services.hazards import common
from ilo_geo.services.hazards import exposed_layers
from ilo_geo.services.hazards import ground_layers
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.hazards import zone_layers

# the reach up the valley that the plan states, where an analysis does not ask for it
PLAN_REACH_M = 400.0


def risk_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the analyses over every hazard."""
    return tuple(dict.fromkeys((*zone_layers(area), *exposed_layers(area))))


def analyse_exposure(
    area: Area, params: exposure.ExposureParams, progress: Progress
) -> AnalysisResult:
    """Return who and what stands in each hazard."""
    progress("progress.exposure", 0.1)
    inputs = exposure.ExposureInputs(
        zones=hazard_zones(area, params.level_m, params.river_reach_m, params.flood_source),
        exposed=exposed_of(area, params.population_base, params),
        **_common(area, params),
    )
    return exposure.analyse(inputs, params, progress=progress)


def analyse_multihazard(
    area: Area, params: multihazard.MultihazardParams, progress: Progress
) -> AnalysisResult:
    """Return hazard, vulnerability and risk cell by cell."""
    night, _ = people_of(area, params.population_base, day_params(area))
    points = night[params.population_base].points.geometry
    cells = h3_cells(points, params.cell_resolution)[0].set_index("id", drop=False)
    inputs = multihazard.MultihazardInputs(
        zones=hazard_zones(area, params.level_m, PLAN_REACH_M, params.flood_source, graded=True),
        hazards_present=hazards_present(area),
        cells=cells,
        residents=night,
        levels=levels_of(area),
        evidence=_evidence(area, cells),
        **_common(area, params),
    )
    return multihazard.analyse(inputs, params, progress)


def _common(
    area: Area, params: exposure.ExposureParams | multihazard.MultihazardParams
) -> dict[str, Any]:
    carried = common(area, risk_layers(area))
    flood = flood_notices(area, params.level_m, params.flood_source)
    undrawn = ground_notices(ground_layers(area))
    return {**carried, "notices": (*carried["notices"], *flood, *undrawn)}


def hazards_present(area: Area) -> frozenset[str]:
    """Return the hazards with a layer that says where they are; an empty one says nothing."""
    drawn = [hazard for hazard, layer in LAYER_OF.items() if area.has(layer)]
    ground = [g for g in present(area, ground_rules().layers) if len(area.frame(g))]
    return frozenset((TSUNAMI_ID, *drawn, *ground))


def _evidence(area: Area, cells: gpd.GeoDataFrame) -> Evidence:
    """Return what the area's dwellings tell of their construction."""
    return evidence_of_dwellings(cells, area.frame("buildings"), area=area.config.id)


EXPOSURE = hazard_analysis(
    exposure.ANALYSIS_ID,
    exposure.ExposureParams,
    parameter_texts(PACKAGE, "exposure.yaml"),
    risk_layers,
    analyse_exposure,
    choices={"moment": choices_of("moment"), "flood_source": choices_of("flood_source")},
)
MULTIHAZARD = hazard_analysis(
    multihazard.ANALYSIS_ID,
    multihazard.MultihazardParams,
    parameter_texts(PACKAGE, "multihazard.yaml"),
    risk_layers,
    analyse_multihazard,
    choices={"flood_source": choices_of("flood_source")},
)

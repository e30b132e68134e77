"""Use case: where incidents gather, or where a stated proxy says that watching is needed."""

from __future__ import annotations

from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.security import hotspots
from ilo_geo.security.hotspots import HotspotInputs
from ilo_geo.security.hotspots import HotspotParams
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import layer_notices
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.need import INCIDENTS
from ilo_geo.services.need import need_inputs
from ilo_geo.services.need import need_layers

PACKAGE = "ilo_geo.security"


def hotspot_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the analysis."""
    return tuple(dict.fromkeys((*need_layers(area), *area.config.levels)))


def analyse_hotspots(
    area: Area, params: HotspotParams, progress: Progress = silent
) -> AnalysisResult:
    """Return where need gathers in an area."""
    progress("progress.layers", 0.05)
    refs = area.refs(*hotspot_layers(area))
    inputs = HotspotInputs(
        area=area.config.id,
        need=need_inputs(area, params.population_base),
        streets=area.frame("streets")[["name", "street_class"]],
        levels=levels_of(area),
        refs=refs,
        incidents_status=area.meta(INCIDENTS).status.value if area.has(INCIDENTS) else None,
        configuration_sha256=area.configuration_sha256,
        notices=layer_notices(area, refs),
    )
    return hotspots.analyse(inputs, params, progress)


HOTSPOTS = hazard_analysis(
    hotspots.ANALYSIS_ID,
    HotspotParams,
    parameter_texts(PACKAGE, "hotspots.yaml"),
    hotspot_layers,
    analyse_hotspots,
    choices={"density_in": choices_of("density_in"), "kernel": choices_of("kernel")},
)

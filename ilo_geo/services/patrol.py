"""Use case: response times of the serenazgo, its bases, sectors and patrol loop."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.city.network import Floats
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.security.patrol import analysis
from ilo_geo.security.patrol.analysis import response_to_need_s
from ilo_geo.security.patrol.parameters import NIGHT
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import ACCURACY
from ilo_geo.security.patrol.scene import KIND
from ilo_geo.security.patrol.scene import NAME
from ilo_geo.security.patrol.scene import PatrolInputs
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import present
from ilo_geo.services.city import residents
from ilo_geo.services.hazard_inputs import day_params
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.hazard_inputs import optional_frame
from ilo_geo.services.hazard_inputs import people_of
from ilo_geo.services.hazards import common
from ilo_geo.services.need import incidents_of
from ilo_geo.services.need import need_layers
from ilo_geo.services.need import need_of

PACKAGE = "ilo_geo.security"
WITH_POLICE = "municipal_police"
PUBLIC = "public"
HA_PER_KM2 = 100.0
OPTIONAL = ("schools", "water", "urban_footprint", "districts", "lots")


def patrol_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the analysis."""
    rules = patrol_rules().base_layers
    starts = present(area, (rules.own, rules.seat, rules.police))
    people = ("population", "buildings", "streets", *area.config.levels)
    return tuple(dict.fromkeys((*people, *starts, *present(area, OPTIONAL), *need_layers(area))))


def patrol_inputs(area: Area, params: PatrolParams, progress: Progress = silent) -> PatrolInputs:
    """Return everything the analysis reads of an area."""
    bases = offered_bases(area)
    night, day = people_of(area, params.population_base, day_params(area))
    people = night if params.moment == NIGHT else day
    lots, incidents = optional_frame(area, "lots"), incidents_of(area)
    return PatrolInputs(
        streets=area.frame("streets"),
        bases=bases_of(area, with_police=params.start_from == WITH_POLICE),
        police=_starts(area, patrol_rules().base_layers.police),
        residents=people[params.population_base],
        need=need_of(area, progress=progress),
        incidents=None if incidents is None else incidents.points,
        levels=levels_of(area),
        inhab_by_base={b.id: (b.title, residents(area, b.id).total_inhab) for b in bases},
        urban_km2=_km2(area, "urban_footprint"),
        district_km2=_km2(area, "districts"),
        public_lots=None if lots is None else lots[lots["tenure"] == PUBLIC],
        **common(area, patrol_layers(area)),
    )


def bases_of(area: Area, *, with_police: bool) -> gpd.GeoDataFrame:
    """Return where patrols start: the layer of bases, else municipal and police buildings.

    No layer of them gives an empty frame.
    """
    rules = patrol_rules().base_layers
    names = [rules.seat, rules.police] if with_police else [rules.seat]
    layers = [rules.own] if area.has(rules.own) else names
    found = [frame for name in layers if (frame := _starts(area, name)) is not None]
    if not found:
        columns = [NAME, KIND, ACCURACY]
        return gpd.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs=area.crs)
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=area.crs)


def response_of(
    area: Area, params: PatrolParams | None = None, progress: Progress = silent
) -> Floats:
    """Return the seconds from the nearest base to each point of `services.need.need_of`.

    Infinite where no vehicle comes.

    Raises
    ------
    InputError
        The area has no base, no street that may be driven, or no base near one.
    """
    chosen = params or PatrolParams(population_base=default_base(area))
    return response_to_need_s(patrol_inputs(area, chosen, progress), chosen)


def analyse_patrol(area: Area, params: PatrolParams, progress: Progress) -> AnalysisResult:
    """Return how soon patrols come and where they serve best."""
    progress("progress.layers", 0.05)
    return analysis.analyse(patrol_inputs(area, params, progress), params, progress=progress)


def _starts(area: Area, layer: str) -> gpd.GeoDataFrame | None:
    """Return the points of a layer with name, kind and accuracy; None without data."""
    frame = optional_frame(area, layer)
    if frame is None or frame.empty:
        return None
    title, stated_m = area.meta(layer).title.es, area.meta(layer).accuracy_m or 0.0
    own = pd.Series(frame.get(ACCURACY), index=frame.index, dtype=float)
    return gpd.GeoDataFrame(
        {NAME: frame[NAME].fillna(title), KIND: layer, ACCURACY: own.fillna(stated_m)},
        geometry=frame.geometry,
    ).reset_index(drop=True)


def _km2(area: Area, layer: str) -> float | None:
    frame = optional_frame(area, layer)
    if frame is None or frame.empty:
        return None
    return float(shapely.union_all(frame.geometry.to_numpy()).area) / M2_PER_HA / HA_PER_KM2


PATROL = hazard_analysis(
    analysis.ANALYSIS_ID,
    PatrolParams,
    parameter_texts(PACKAGE, "patrol.yaml"),
    patrol_layers,
    analyse_patrol,
    choices={
        "moment": choices_of("moment"),
        "base_problem": choices_of("base_problem"),
        "existing_bases": choices_of("existing_bases"),
        "start_from": choices_of("start_from"),
    },
)

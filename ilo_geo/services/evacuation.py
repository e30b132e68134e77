"""Use cases: who reaches safe ground in time, and what would help most."""

from __future__ import annotations

import shapely

from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.hazards.evacuation import analysis as arrivals
from ilo_geo.hazards.evacuation.analysis import minutes_of
from ilo_geo.hazards.evacuation.arrivals import late_inhab
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.measures import MeasuresParams
from ilo_geo.hazards.evacuation.measures import MeasuresScene
from ilo_geo.hazards.evacuation.measures import measures
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.evacuation.places import S_PER_MIN
from ilo_geo.hazards.evacuation.refuges import Water
from ilo_geo.hazards.evacuation.scene import EvacScene
from ilo_geo.hazards.evacuation.scene import EvacuationInputs
from ilo_geo.hazards.evacuation.scene import evacuation_scene
from ilo_geo.hazards.evacuation.speeds import walking_figures
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.zones import LINE
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.city import walking
from ilo_geo.services.flood_chart import flood_in_use
from ilo_geo.services.flood_chart import flood_notices
from ilo_geo.services.hazard_inputs import day_params
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.hazard_inputs import optional_frame
from ilo_geo.services.hazard_inputs import people_of
from ilo_geo.services.hazards import PACKAGE
from ilo_geo.services.hazards import TANK_FARM
from ilo_geo.services.hazards import TANKS
from ilo_geo.services.hazards import common
from ilo_geo.services.hazards import flood_layers

MEASURES_ID = "measures"
WEAK = "weak_construction"
OBSTACLES = ("blocks", "water", "barriers", "refuges")
# what decides the ways; the rest of the parameters only asks about them
SCENE = (
    "level_m",
    "margin_m",
    "flood_source",
    "river_reach_m",
    "formulation",
    "max_ground_slope",
)
# nobody passes where a fire burns people; the wider of the two fire models
FIRE_BAND = "thermal_5_point"


class EvacuationMeasuresParams(EvacuationParams, MeasuresParams):
    """The evacuation that is to be helped, and how much help."""


def evacuation_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the evacuation."""
    people = ("population", "buildings", "streets", *area.config.levels)
    return tuple(
        dict.fromkeys((*flood_layers(area), *people, *present(area, ("schools", *OBSTACLES))))
    )


def measures_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the measures."""
    return (*evacuation_layers(area), *present(area, (WEAK, TANKS)))


def evacuation_inputs(area: Area, params: EvacuationParams) -> EvacuationInputs:
    """Return everything the evacuation reads."""
    terrain = area.raster("terrain")
    flood_params = TsunamiParams(
        flood_source=params.flood_source,
        river_reach_m=params.river_reach_m,
        population_base=params.population_base,
    )
    carried = common(area, evacuation_layers(area))
    said = flood_notices(area, params.level_m, params.flood_source)
    night, day = people_of(area, params.population_base, day_params(area))
    return EvacuationInputs(
        elevation_m=terrain.values,
        transform=terrain.transform,
        flood=flood_in_use(area, flood_params),
        streets=area.frame("streets"),
        network=walking(area),
        buildings=area.frame("buildings"),
        blocks=optional_frame(area, "blocks"),
        water=optional_frame(area, "water"),
        barriers=optional_frame(area, "barriers"),
        refuges=optional_frame(area, "refuges"),
        residents=night,
        day=day,
        levels=levels_of(area),
        **{**carried, "notices": (*carried["notices"], *said)},
    )


def scene_of(
    area: Area, params: EvacuationParams, progress: Progress = silent
) -> tuple[EvacuationInputs, EvacScene]:
    """Return the ways to safety, kept for every question that does not move the safe ground."""
    stamp = (fingerprint(area, evacuation_layers(area)), area.configuration_sha256)
    asked = tuple(getattr(params, name) for name in SCENE)
    inputs = evacuation_inputs(area, params)
    scene = kept_of(area).get(
        ("evacuation", stamp, asked), lambda: evacuation_scene(inputs, params, progress=progress)
    )
    return inputs, scene


def analyse_evacuation(area: Area, params: EvacuationParams, progress: Progress) -> AnalysisResult:
    """Return who arrives in time, by block, street and minute."""
    progress("progress.layers", 0.05)
    inputs, scene = scene_of(area, params, progress)
    return arrivals.analyse(inputs, scene, params, progress=progress)


def people_on_the_way(scene: EvacScene, params: EvacuationParams) -> People:
    """Return who must leave: where they enter the ways, and after how long."""
    places = scene.places[params.moment, params.population_base]
    walk_s = places.gap_s * scene.graph.speed_m_s / params.speed_m_s
    return People(places.node, places.inhab, params.reaction_min * S_PER_MIN + walk_s)


def analyse_measures(
    area: Area, params: EvacuationMeasuresParams, progress: Progress
) -> AnalysisResult:
    """Return what would help most, and what breaks first."""
    inputs, scene = scene_of(area, params, progress)
    params, said = _somebody_late(scene, params)
    setting = MeasuresScene(
        graph=scene.graph.at_speed(params.speed_m_s),
        streets=inputs.streets,
        buildings=inputs.buildings,
        water=Water(params.level_m, params.safe_above_m),
        arrival_s=params.arrival_min * S_PER_MIN,
        obstacles=inputs.obstacles,
        weak_construction=optional_frame(area, WEAK),
        fire_ring=_fire_ring(area),
    )
    found = measures(setting, people_on_the_way(scene, params), params, progress=progress)
    carried = common(area, measures_layers(area))
    flood = flood_notices(area, params.level_m, params.flood_source)
    return AnalysisResult(
        analysis=MEASURES_ID,
        area=area.config.id,
        parameters=params.model_dump(),
        summary=found.summary,
        tables=found.tables,
        warnings=(*carried["notices"], *flood, *said, *found.notices),
        provenance=carried["refs"],
        configuration_sha256=area.configuration_sha256,
    )


def _somebody_late(
    scene: EvacScene, params: EvacuationMeasuresParams
) -> tuple[EvacuationMeasuresParams, tuple[Notice, ...]]:
    """Return the slowest walker's parameters where nobody else is late, and say so.

    What helps can only be ranked by people who need help; the slowest walkers are always there.
    """
    slowest = arrival_figures().slowest_walker
    places = scene.places[params.moment, params.population_base]
    minutes = minutes_of(scene, places, params, speed_m_s=params.speed_m_s)
    late = late_inhab(minutes, places.inhab, params.arrival_min)
    if late > 0 or params.walking_speed == slowest:
        return params, ()
    walker = walking_figures().walkers[slowest].title
    slower = params.model_copy(update={"walking_speed": slowest})
    return slower, (Notice("evacuation.measures_for_the_slowest", {"walker": walker}),)


def _fire_ring(area: Area) -> shapely.Geometry | None:
    if not area.has(TANKS):
        return None
    rings = TANK_FARM.run(area, TANK_FARM.parameters(area, {}), silent).maps["rings"]
    drawn = rings[(rings["band"] == FIRE_BAND) & (rings["certainty"] == LINE)]
    return shapely.union_all(drawn.geometry.to_numpy()) if len(drawn) else None


def _walkers() -> tuple[Choice, ...]:
    figures = walking_figures()
    return tuple(
        Choice(walker, pace.title, figures.walkers_source)
        for walker, pace in figures.walkers.items()
    )


_CHOICES = {
    "walking_speed": _walkers(),
    "moment": choices_of("moment"),
    "flood_source": choices_of("flood_source"),
    "formulation": choices_of("formulation"),
}
_TEXTS = parameter_texts(PACKAGE, "evacuation.yaml")
EVACUATION = hazard_analysis(
    arrivals.ANALYSIS_ID,
    EvacuationParams,
    _TEXTS,
    evacuation_layers,
    analyse_evacuation,
    choices=_CHOICES,
)
MEASURES = hazard_analysis(
    MEASURES_ID,
    EvacuationMeasuresParams,
    {**_TEXTS, **parameter_texts("ilo_geo.hazards.evacuation", "measures.yaml")},
    measures_layers,
    analyse_measures,
    choices={**_CHOICES, "refuge_kinds": choices_of("refuge_kinds")},
)

"""Use case: the green analysis of a study area, with the costly steps kept between questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import ParameterText
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.study_area import PopulationBase
from ilo_geo.core.text import Text
from ilo_geo.green.analysis import ANALYSIS_ID
from ilo_geo.green.analysis import analyse
from ilo_geo.green.parameters import GreenParams
from ilo_geo.green.report_units import report_units
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.green.scene import green_scene
from ilo_geo.green.standards import AccessStandard
from ilo_geo.green.standards import access_standards
from ilo_geo.services.analysis import Analysis
from ilo_geo.services.analysis import analysis_words
from ilo_geo.services.areas import Area
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import layer_notices
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import require_choice
from ilo_geo.services.city import residents
from ilo_geo.services.city import walking
from ilo_geo.services.parameters import BASE
from ilo_geo.services.parameters import base_choices
from ilo_geo.services.parameters import parameter_specs
from ilo_geo.services.parameters import read_parameters

GREEN_LAYERS = ("parks", "other_green", "sports_fields")
GREEN_COLUMNS = ["name", "kind", "access", "since_year", "until_year", "geometry"]
OPTIONAL_LAYERS = ("barriers", "gates", "water")
NOT_VERIFIED = "NV"


def green_parameters(area: Area, raw: Mapping[str, Any]) -> GreenParams:
    """Return validated parameters: those given over those of the area.

    Raises
    ------
    ParameterError
        A name is unknown, or a value out of range or not one of the area's choices.
    """
    years = area.config.green_years
    params = read_parameters(
        GreenParams,
        area,
        ANALYSIS_ID,
        raw,
        defaults={"year": max(years, default=None)},
        choices={BASE: base_choices(area)},
    )
    require_choice("year", params.year, years or (None,))
    return params


def green_parameter_specs(area: Area) -> tuple[ParameterSpec, ...]:
    """Return what the controls need to know about each parameter, in the order they are shown."""
    standards = access_standards().items()
    choices = {
        BASE: base_choices(area),
        "year": _years(area),
        "access_standard": tuple(Choice(key, _marked(s), s.source) for key, s in standards),
    }
    specs = parameter_specs(GreenParams, _texts(), green_parameters(area, {}), choices)
    return tuple(spec for spec in specs if spec.name != "year" or area.config.green_years)


def _texts() -> dict[str, ParameterText]:
    return parameter_texts("ilo_geo.green", "parameters.yaml")


def _years(area: Area) -> tuple[Choice, ...]:
    source = _texts()["year"].source
    return tuple(
        Choice(year, Text(es=str(year), en=str(year)), source) for year in area.config.green_years
    )


def _marked(standard: AccessStandard) -> Text:
    """Return the name of a norm, with the mark of one quoted from memory."""
    title = standard.title
    if standard.status != NOT_VERIFIED:
        return title
    return Text(es=f"{title.es} ({NOT_VERIFIED})", en=f"{title.en} ({NOT_VERIFIED})")


def analyse_green(
    area: Area, params: GreenParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the green analysis of ``area``; what was computed before is reused.

    Raises
    ------
    LayerNotFoundError
        A layer it needs has no data.
    InputError
        A layer is faulty.
    """
    kept = kept_of(area)
    stamp = _stamp(area)
    inputs, scene = green_city(area, *_scene_key(params), progress=progress)
    units = kept.get(
        ("units", stamp, *_scene_key(params), params.cell_resolution),
        lambda: report_units(inputs, scene, cell_resolution=params.cell_resolution),
    )
    return kept.get(
        ("result", stamp, params.model_dump_json()),
        lambda: analyse(inputs, scene, units, params, progress=progress),
    )


def green_city(
    area: Area, base_id: str, year: int | None, reach_m: float, *, progress: Progress = silent
) -> tuple[GreenInputs, GreenScene]:
    """Return the city of a population base and its green of a year, kept between questions.

    ``reach_m`` is the largest distance from street axis to park edge for an entrance.
    """
    kept, stamp = kept_of(area), _stamp(area)
    inputs = kept.get(
        ("inputs", stamp, base_id), lambda: _inputs(area, base_id, _refs(area), progress)
    )
    scene: GreenScene = kept.get(
        ("scene", stamp, base_id, year, reach_m),
        lambda: green_scene(inputs, year=year, reach_m=reach_m, progress=progress),
    )
    return inputs, scene


def _stamp(area: Area) -> tuple[str, ...]:
    return tuple(ref.sha256 for ref in _refs(area))


def _scene_key(params: GreenParams) -> tuple[str, int | None, float]:
    return params.population_base, params.year, params.entrance_reach_m


def layers_in_use(area: Area) -> tuple[str, ...]:
    """Return the ids of the layers that the analysis would use now."""
    needed = ["population", "streets", "parks", "buildings", *area.config.levels]
    optional = [*GREEN_LAYERS[1:], *OPTIONAL_LAYERS]
    return tuple(dict.fromkeys([*needed, *(name for name in optional if area.has(name))]))


def _refs(area: Area) -> tuple[LayerRef, ...]:
    return tuple(area.layer(name).ref for name in layers_in_use(area))


def _inputs(
    area: Area,
    base_id: str,
    refs: tuple[LayerRef, ...],
    progress: Progress,
) -> GreenInputs:
    progress("progress.layers", 0.05)
    config = area.config
    units, streets = area.frame("population"), area.frame("streets")
    base = next(base for base in offered_bases(area) if base.id == base_id)
    optional = {name: area.frame(name) if area.has(name) else None for name in OPTIONAL_LAYERS}
    progress("progress.network", 0.3)
    network = walking(area)
    progress("progress.population", 0.45)
    people = residents(area, base_id)
    return GreenInputs(
        area=config.id,
        residents=people,
        levels={level: area.frame(level) for level in config.levels},
        green=_all_green(area),
        streets=streets,
        network=network,
        barriers=optional["barriers"],
        gates=optional["gates"],
        age_ratio=_age_ratio(area, units, base),
        age_groups=config.age_groups,
        plan_figures=config.plan_figures,
        green_years=config.green_years,
        refs=refs,
        configuration_sha256=area.configuration_sha256,
        notices=layer_notices(area, refs),
    )


def _all_green(area: Area) -> gpd.GeoDataFrame:
    frames = {name: area.frame(name)[GREEN_COLUMNS] for name in GREEN_LAYERS if area.has(name)}
    rows = [frame.set_index(name + "/" + frame.index.astype(str)) for name, frame in frames.items()]
    filled = [frame for frame in rows if len(frame)] or rows[:1]
    return gpd.GeoDataFrame(pd.concat(filled), crs=area.crs)


def _age_ratio(area: Area, units: gpd.GeoDataFrame, base: PopulationBase) -> pd.DataFrame | None:
    groups = area.config.age_groups
    if not groups:
        return None
    counted = units[base.column].astype(float)
    return pd.DataFrame({group.id: units[group.column] / counted for group in groups})


_TITLE, _SHOWN = analysis_words(ANALYSIS_ID)
GREEN = Analysis(
    ANALYSIS_ID,
    _TITLE,
    green_parameters,
    green_parameter_specs,
    lambda area, params, progress: analyse_green(area, params, progress=progress),
    layers_in_use,
    _SHOWN,
)

"""Use case: where to hang how many cameras, and what they and the patrols leave unseen."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd

from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.security.cameras import analysis
from ilo_geo.security.cameras.mounting import SEPARATOR
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.question import SOLID
from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.cameras.rules import PACKAGE
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.need import Need
from ilo_geo.security.need import NeedParams
from ilo_geo.security.optics import camera_models
from ilo_geo.security.optics import edition
from ilo_geo.security.patrol.analysis import response_to_need_s
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.visibility import Walls
from ilo_geo.security.visibility import walls_of
from ilo_geo.security.visibility.ground import ground_of
from ilo_geo.security.visibility.prisms import Prisms
from ilo_geo.security.visibility.prisms import building_heights_m
from ilo_geo.security.visibility.prisms import prisms_of
from ilo_geo.services.analysis import choices_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.city import walking
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.hazard_inputs import optional_frame
from ilo_geo.services.hazards import common
from ilo_geo.services.need import need_of
from ilo_geo.services.patrol import patrol_inputs
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.siting.problem import Floats

POLES, POWER, TERRAIN = "poles", "power_lines", "terrain"
# places that may ask for two cameras, beside the public buildings
TROUBLE_SPOTS = "trouble_spots"
EDITIONS = ("2014", "2024")
# patrols cannot be told of an area without these, which is no fault of a file
WITHOUT_PATROLS = ("patrol.no_base", "patrol.no_streets", "patrol.no_base_on_network")


def camera_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the analysis."""
    own = (*_site_layers(), POWER, TERRAIN)
    return tuple(dict.fromkeys((*patrol_layers(area), *present(area, own))))


def _site_layers() -> tuple[str, ...]:
    return (POLES, *camera_rules().building_kinds, TROUBLE_SPOTS)


def camera_inputs(area: Area, params: CameraParams, progress: Progress = silent) -> CameraInputs:
    """Return everything the analysis reads of an area."""
    buildings = area.frame("buildings")
    need = need_of(
        area,
        NeedParams(population_base=params.population_base, piece_m=params.piece_m),
        progress,
    )
    return CameraInputs(
        need=need,
        network=walking(area),
        walls=walls(area),
        dwellings=buildings.geometry[buildings["residential"].astype(bool)],
        prisms=prisms(area) if params.line_of_sight == SOLID else None,
        sites={layer: area.frame(layer) for layer in present(area, _site_layers())},
        supply=optional_frame(area, POWER),
        response_s=_response_s(area, need, params, progress),
        levels=levels_of(area),
        **common(area, camera_layers(area)),
    )


def walls(area: Area) -> Walls:
    """Return the walls of an area's buildings."""
    buildings: gpd.GeoDataFrame = area.frame("buildings")
    key = ("walls", fingerprint(area, ("buildings",)))
    return kept_of(area).get(key, lambda: walls_of(buildings.geometry))


def prisms(area: Area) -> Prisms:
    """Return an area's buildings with heights, on its terrain where it has one."""
    buildings = area.frame("buildings")

    def make() -> Prisms:
        heights_m, _ = building_heights_m(buildings)
        ground = None
        if area.has(TERRAIN):
            terrain = area.raster(TERRAIN)
            ground = ground_of(terrain.values, terrain.transform)
        return prisms_of(buildings.geometry, heights_m, ground)

    return kept_of(area).get(("prisms", fingerprint(area, ("buildings", TERRAIN))), make)


def _response_s(area: Area, need: Need, params: CameraParams, progress: Progress) -> Floats | None:
    """Return when a patrol is at each point of need, by night; None where no patrol starts."""
    usual = PatrolParams(
        population_base=params.population_base, **area.config.defaults.get("patrol", {})
    )
    try:
        return response_to_need_s(replace(patrol_inputs(area, usual, progress), need=need), usual)
    except InputError as error:
        if error.code not in WITHOUT_PATROLS:
            raise
        return None


def analyse_cameras(area: Area, params: CameraParams, progress: Progress) -> AnalysisResult:
    """Return the cameras that see most of the need."""
    progress("progress.layers", 0.02)
    return analysis.analyse(camera_inputs(area, params, progress), params, progress=progress)


def _bands() -> tuple[Choice, ...]:
    """Return every pixel density of both editions of the standard."""
    return tuple(
        Choice(
            f"{name}{SEPARATOR}{band.id}",
            _of_edition(band.title, name, band.density_px_m),
            said.source,
        )
        for name in EDITIONS
        for said in (edition(name),)
        for band in said.bands
    )


def _of_edition(title: Text, name: str, density_px_m: float) -> Text:
    return Text(
        es=f"{title.es}, {density_px_m:g} px/m ({name})",
        en=f"{title.en}, {density_px_m:g} px/m ({name})",
    )


def _models(*, turning: bool) -> tuple[Choice, ...]:
    return tuple(
        Choice(model.id, model.title, model.source)
        for model in camera_models().values()
        if model.is_ptz == turning
    )


CAMERAS = hazard_analysis(
    analysis.ANALYSIS_ID,
    CameraParams,
    parameter_texts(PACKAGE, "parameters.yaml"),
    camera_layers,
    analyse_cameras,
    choices={
        "density_band": _bands(),
        "camera_model": (*choices_of("camera_models"), *_models(turning=False)),
        "ptz_model": _models(turning=True),
        "line_of_sight": choices_of("line_of_sight"),
        "backup_at": choices_of("backup_at"),
    },
)

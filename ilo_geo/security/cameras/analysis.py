"""Where to hang how many cameras: the joint choice of pole, heading and model, and what it covers.

Need is what `ilo_geo.security.need` tells, counted along the streets; demand is need weighed with
the other criteria (`demand`). A place counts as covered when as many chosen cameras as it asks for
have it in the picture at the pixel density asked for, with a free line of sight (`scene`).
Assumptions: cameras work day and night alike, ground is flat under each camera, trees and vehicles
hide nothing.
"""

from __future__ import annotations

import numpy as np

from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.results import Selection
from ilo_geo.core.results import records
from ilo_geo.security.cameras.choice import choose
from ilo_geo.security.cameras.coverage import deficit_cells
from ilo_geo.security.cameras.coverage import level_tables
from ilo_geo.security.cameras.coverage import parts
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.ptz import PtzReach
from ilo_geo.security.cameras.ptz import ptz_reach
from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.cameras.question import Scene
from ilo_geo.security.cameras.question import camera_scene
from ilo_geo.security.cameras.reasons import percent
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.cameras.storage import storage_table
from ilo_geo.security.cameras.summary import notices
from ilo_geo.security.cameras.summary import summary
from ilo_geo.security.cameras.tables import Chosen
from ilo_geo.security.cameras.tables import Drawn
from ilo_geo.security.cameras.tables import camera_table
from ilo_geo.security.cameras.tables import field_table
from ilo_geo.security.cameras.tables import frontier_table
from ilo_geo.security.cameras.tables import masked_table
from ilo_geo.security.cameras.tables import pole_table
from ilo_geo.security.cameras.uncertainty import Uncertain
from ilo_geo.security.cameras.uncertainty import draw
from ilo_geo.security.optics import camera_models
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.answer import Status

ANALYSIS_ID = "cameras"
# the search runs from one share of the whole to the other
SEARCH_FROM, SEARCH_TO = 0.3, 0.7


def analyse(
    inputs: CameraInputs, params: CameraParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the chosen cameras, what they see, and where neither they nor a patrol reach.

    Returns
    -------
    result
        Tables: ``cameras``, ``fields`` (areas by pixel density), ``masked``, one a level,
        ``deficit`` (cells), ``frontier``, ``ptz``, ``poles`` (the candidates), ``storage`` and
        ``weights``; ``selection`` holds the cameras with the parts of their scores.

    Raises
    ------
    InputError, ParameterError
        See `camera_scene`.
    """
    rules = camera_rules()
    progress("progress.camera_scene", 0.05)
    scene = camera_scene(inputs, params, rules)
    progress("progress.camera_choice", SEARCH_FROM)
    limits = Limits(params.time_limit_s, params.gap_limit_ratio, params.seed)
    answer = choose(scene.question, limits, _within(progress))
    chosen = Chosen.of(scene, answer.selected)
    progress("progress.camera_fields", SEARCH_TO)
    drawn = Drawn.of(chosen, inputs, params)
    cameras = camera_table(chosen, drawn, params, rules)
    ptz = _ptz(chosen, params)
    progress("progress.camera_draws", 0.8)
    draws = draw(chosen.hung, _uncertain(inputs, scene, params), rules)
    by_place = parts(scene.demand.need, chosen.seen, scene.in_time)
    tables = {
        "cameras": cameras,
        "fields": field_table(chosen, drawn),
        "masked": masked_table(chosen, drawn),
        **level_tables(inputs.levels, scene.demand.xy, by_place, chosen.hung.xy, rules),
        "deficit": deficit_cells(inputs.need.points.geometry, by_place, params.cell_resolution),
        "frontier": frontier_table(chosen),
        "ptz": ptz.table,
        "poles": pole_table(chosen),
        "storage": storage_table(chosen.models, rules.storage_days.value),
        "weights": scene.demand.table,
    }
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=summary(chosen, cameras, by_place, ptz, draws, rules),
        tables=tables,
        warnings=(
            *inputs.notices,
            *notices(inputs, chosen, cameras, draws, params, rules),
            *_unproved(answer),
        ),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
        selection=Selection(
            selected=tuple(records(cameras.rename_axis("id"))),
            objective=answer.objective,
            bound=answer.bound,
            gap_ratio=answer.gap_ratio,
            status=answer.status.value,
            solver_seconds=answer.solver_seconds,
        ),
    )


def _unproved(answer: SitingAnswer) -> tuple[Notice, ...]:
    """Return that a better choice is not ruled out, where it is not."""
    if answer.status is Status.OPTIMAL:
        return ()
    return (Notice("cameras.unproved", {"gap": percent(answer.gap_ratio)}),)


def _within(progress: Progress) -> Progress:
    """Return the progress of the search as a part of that of the whole."""

    def tell(code: str, done_ratio: float, /, **figures: float) -> None:
        progress(code, SEARCH_FROM + (SEARCH_TO - SEARCH_FROM) * done_ratio, **figures)

    return tell


def _ptz(chosen: Chosen, params: CameraParams) -> PtzReach:
    scene = chosen.scene
    rows = np.unique(scene.views.pole[chosen.views])
    poles = scene.poles.frame.iloc[rows]
    return ptz_reach(camera_models()[params.ptz_model], poles, scene.demand, scene.sight, params)


def _uncertain(inputs: CameraInputs, scene: Scene, params: CameraParams) -> Uncertain:
    return Uncertain(
        sight=scene.sight,
        demand=scene.demand,
        at_dwelling=scene.at_dwelling,
        folds=scene.question.folds,
        blocks=inputs.walls.blocks,
        error_m=params.position_error_m,
        n_draws=params.n_draws,
        seed=params.seed,
    )

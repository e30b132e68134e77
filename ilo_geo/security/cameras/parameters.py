"""What a planner may set of the analysis of cameras."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ilo_geo.core.parameters import Parameters
from ilo_geo.security.cameras.rules import camera_rules

# every fixed model that is offered
ALL_MODELS = "all"
NOWHERE = "none"


class CameraParams(Parameters):
    """Words and sources: ``parameters.yaml``; choices: the service."""

    population_base: str
    n_cameras: Annotated[int, Field(ge=1, le=400)] = 26
    budget_soles: Annotated[float, Field(ge=0, le=50_000_000)] = 0.0
    density_band: str = "2014:observe"
    camera_model: str = ALL_MODELS
    ptz_model: str = "ptz_1080p_30x"
    camera_height_m: Annotated[float, Field(ge=3, le=20)] = 7.0
    target_height_m: Annotated[float, Field(ge=0, le=3)] = 1.7
    tilt_deg: Annotated[float, Field(ge=0, le=80)] = 0.0
    n_headings: Annotated[int, Field(ge=4, le=32)] = 16
    max_per_pole: Annotated[int, Field(ge=1, le=8)] = 4
    line_of_sight: str = "plan"
    backup_at: str = NOWHERE
    patrol_limit_min: Annotated[float, Field(ge=1, le=60)] = 8.0
    criteria_judgements: str = camera_rules().judgements
    max_candidates: Annotated[int, Field(ge=3, le=5000)] = 600
    cell_resolution: Annotated[int, Field(ge=8, le=11)] = 10
    piece_m: Annotated[float, Field(ge=10, le=100)] = 10.0
    position_error_m: Annotated[float, Field(ge=0, le=50)] = 5.0
    n_draws: Annotated[int, Field(ge=0, le=200)] = 20
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    gap_limit_ratio: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    time_limit_s: Annotated[float, Field(ge=1, le=3600)] = 60.0

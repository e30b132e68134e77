"""Every analysis by its name: one list feeds the command line, the planner and the store."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.services import evacuation
from ilo_geo.services import green
from ilo_geo.services import hazards
from ilo_geo.services import risk
from ilo_geo.services.analysis import Analysis
from ilo_geo.services.analysis import analysis_words
from ilo_geo.services.areas import Area


@cache
def analyses() -> dict[str, Analysis]:
    """Return every analysis by id, in the order they are listed."""
    title, shown = analysis_words("green")
    public_green = Analysis(
        "green",
        title,
        green.green_parameters,
        green.green_parameter_specs,
        lambda area, params, progress: green.analyse_green(area, params, progress=progress),
        green.layers_in_use,
        shown,
    )
    every = [
        public_green,
        hazards.TSUNAMI,
        hazards.FAULT,
        hazards.TANK_FARM,
        hazards.FUEL_STATIONS,
        risk.MULTIHAZARD,
        risk.EXPOSURE,
        evacuation.EVACUATION,
        evacuation.MEASURES,
    ]
    return {analysis.id: analysis for analysis in every}


def analysis_of(name: str) -> Analysis:
    """Return an analysis by id.

    Raises
    ------
    InputError
        There is none of that name.
    """
    known = analyses()
    if name not in known:
        raise InputError("analysis.unknown", found=name, expected=", ".join(known))
    return known[name]


def analyse(
    area: Area, name: str, raw: Mapping[str, Any], *, progress: Progress = silent
) -> AnalysisResult:
    """Return the result of an analysis for parameters as they were typed."""
    analysis = analysis_of(name)
    return analysis.run(area, analysis.parameters(area, raw), progress)

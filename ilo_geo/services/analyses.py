"""Every analysis by its name: one list feeds the command line, the planner and the store."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services import green
from ilo_geo.services.areas import Area


@dataclass(frozen=True)
class Analysis:
    """One question that can be asked of a study area.

    Attributes
    ----------
    id, title
        Its name for machines and for people.
    parameters
        Turns what was typed into validated parameters over those of the area.
    specs
        What the controls need to know about each parameter.
    run
        Answers; what was computed before is reused.
    layers_in_use
        Ids of the layers it would use now.
    shown
        Columns that the command line prints of the finest level.
    """

    id: str
    title: Text
    parameters: Callable[[Area, Mapping[str, Any]], Parameters]
    specs: Callable[[Area], tuple[ParameterSpec, ...]]
    run: Callable[[Area, Any, Progress], AnalysisResult]
    layers_in_use: Callable[[Area], tuple[str, ...]]
    shown: tuple[str, ...]


@cache
def analyses() -> dict[str, Analysis]:
    """Return every analysis by id, in the order they are listed."""
    words = load_package_yaml("ilo_geo.services", "analyses.yaml")

    def listed(name: str, parameters: Any, specs: Any, run: Any, layers_in_use: Any) -> Analysis:
        said = words[name]
        title = Text.model_validate(said["title"])
        return Analysis(name, title, parameters, specs, run, layers_in_use, tuple(said["shown"]))

    every = [
        listed(
            "green",
            green.green_parameters,
            green.green_parameter_specs,
            lambda area, params, progress: green.analyse_green(area, params, progress=progress),
            green.layers_in_use,
        ),
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

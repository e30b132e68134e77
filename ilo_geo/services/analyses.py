"""Every analysis by its name: one list feeds the command line, the planner and the store.

An analysis is imported when it is asked for: the kernels of one need not wait for those of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services.analysis import Analysis
from ilo_geo.services.areas import Area


@cache
def analysis_titles() -> dict[str, Text]:
    """Return the title of every analysis by id, in the order they are listed."""
    return {name: Text.model_validate(said["title"]) for name, said in _listed().items()}


def analyses() -> dict[str, Analysis]:
    """Return every analysis by id, in the order they are listed."""
    return {name: analysis_of(name) for name in _listed()}


@cache
def analysis_of(name: str) -> Analysis:
    """Return an analysis by id.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name not in _listed():
        raise InputError("analysis.unknown", found=name, expected=", ".join(_listed()))
    module, _, constant = _listed()[name]["entry"].partition(":")
    analysis: Analysis = getattr(import_module(module), constant)
    return analysis


def analyse(
    area: Area, name: str, raw: Mapping[str, Any], *, progress: Progress = silent
) -> AnalysisResult:
    """Return the result of an analysis for parameters as they were typed."""
    analysis = analysis_of(name)
    return analysis.run(area, analysis.parameters(area, raw), progress)


def _listed() -> dict[str, Any]:
    table: dict[str, Any] = load_package_yaml("ilo_geo.services", "analyses.yaml")["analyses"]
    return table

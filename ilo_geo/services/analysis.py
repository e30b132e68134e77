"""What an analysis is to whoever asks: its words, its parameters, its layers and its answer."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import ParameterText
from ilo_geo.core.progress import Progress
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.parameters import BASE
from ilo_geo.services.parameters import base_choices
from ilo_geo.services.parameters import parameter_specs
from ilo_geo.services.parameters import read_parameters

Defaults = Callable[[Area], Mapping[str, Any]]


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


def analysis_words(name: str) -> tuple[Text, tuple[str, ...]]:
    """Return title and shown columns of an analysis, from ``analyses.yaml``."""
    said = load_package_yaml("ilo_geo.services", "analyses.yaml")["analyses"][name]
    return Text.model_validate(said["title"]), tuple(said["shown"])


def choices_of(name: str) -> tuple[Choice, ...]:
    """Return the values a parameter may take, with their words, from ``analyses.yaml``."""
    table = load_package_yaml("ilo_geo.services", "analyses.yaml")["choices"][name]
    source = table["source"]
    return tuple(
        Choice(value, Text.model_validate(title), source)
        for value, title in table["values"].items()
    )


def hazard_analysis(
    name: str,
    model: type[Parameters],
    texts: Mapping[str, ParameterText],
    layers_in_use: Callable[[Area], tuple[str, ...]],
    answer: Callable[[Area, Any, Progress], AnalysisResult],
    *,
    defaults: Defaults = lambda _area: {},
    choices: Mapping[str, tuple[Choice, ...]] | None = None,
) -> Analysis:
    """Return an analysis whose results are kept until a layer or a parameter changes."""
    title, shown = analysis_words(name)
    own = dict(choices or {})

    def every_choice(area: Area) -> dict[str, tuple[Choice, ...]]:
        return {BASE: base_choices(area), **own}

    def parameters(area: Area, raw: Mapping[str, Any]) -> Parameters:
        return read_parameters(
            model, area, name, raw, defaults=defaults(area), choices=every_choice(area)
        )

    def specs(area: Area) -> tuple[ParameterSpec, ...]:
        return parameter_specs(model, texts, parameters(area, {}), every_choice(area))

    def run(area: Area, params: Parameters, progress: Progress) -> AnalysisResult:
        stamp = (fingerprint(area, layers_in_use(area)), area.configuration_sha256)
        key = ("result", name, stamp, params.model_dump_json())
        return kept_of(area).get(key, lambda: answer(area, params, progress))

    return Analysis(name, title, parameters, specs, run, layers_in_use, shown)

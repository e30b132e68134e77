"""From what was typed to validated parameters, and what the controls need to know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from typing import TypeVar

from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import ParameterText
from ilo_geo.core.parameters import bounds
from ilo_geo.core.parameters import parse_parameters
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import require_choice

P = TypeVar("P", bound=Parameters)
BASE = "population_base"
Choices = Mapping[str, tuple[Choice, ...]]


def base_choices(area: Area) -> tuple[Choice, ...]:
    """Return the population bases one may choose."""
    return tuple(Choice(base.id, base.title, base.source) for base in offered_bases(area))


def read_parameters(
    model: type[P],
    area: Area,
    analysis: str,
    raw: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any],
    choices: Choices,
) -> P:
    """Return validated parameters: those given over those of the area over ``defaults``.

    Raises
    ------
    ParameterError
        A name is unknown, or a value out of range or not one of its choices.
    """
    given = {name: value for name, value in raw.items() if value not in (None, "")}
    usual = {BASE: default_base(area), **defaults, **area.config.defaults.get(analysis, {})}
    params = parse_parameters(model, {**usual, **given})
    for name, offered in choices.items():
        require_choice(name, getattr(params, name), tuple(choice.value for choice in offered))
    return params


def parameter_specs(
    model: type[Parameters],
    texts: Mapping[str, ParameterText],
    usual: Parameters,
    choices: Choices,
) -> tuple[ParameterSpec, ...]:
    """Return one entry a parameter, in the order of ``texts``; ``usual`` holds the defaults."""
    defaults = usual.model_dump()
    specs = []
    for name, text in texts.items():
        lower, upper = bounds(model, name)
        integer = isinstance(defaults[name], int) and not isinstance(defaults[name], bool)
        offered = choices.get(name, ())
        specs.append(ParameterSpec(name, text, defaults[name], lower, upper, integer, offered))
    return tuple(specs)

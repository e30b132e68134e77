"""One model of parameters feeds the command line, the controls of the planner and the docs.

An analysis declares a frozen pydantic model with bounds and defaults; the words (title, help,
unit, source) lie in a ``parameters.yaml`` beside it, one entry a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from typing import Literal
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

P = TypeVar("P", bound="Parameters")
# how a figure's source was seen: itself, at second hand, from memory, or computed here
Verified = Literal["V", "V2", "NV", "CALC"]


class Parameters(BaseModel):
    """Base of every analysis' parameters: frozen, nothing unknown, no infinities."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ParameterText(BaseModel):
    """The words of one parameter; ``verified`` NV marks a figure quoted from memory."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    help: Text
    unit: Text | None = None
    source: str
    verified: Verified | None = None
    advanced: bool = False


@cache
def parameter_texts(package: str, name: str) -> dict[str, ParameterText]:
    """Return the words of every parameter of a YAML file, in the order they are shown."""
    table = load_package_yaml(package, name)
    return {key: ParameterText.model_validate(spec) for key, spec in table.items()}


@dataclass(frozen=True)
class Choice:
    """One value of a parameter that is chosen from a list."""

    value: str | int
    title: Text
    source: str


@dataclass(frozen=True)
class ParameterSpec:
    """What a control needs to know about one parameter."""

    name: str
    text: ParameterText
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    choices: tuple[Choice, ...] = ()


def bounds(model: type[Parameters], name: str) -> tuple[float | None, float | None]:
    """Return the lower and upper bound that ``model`` sets on field ``name``."""
    metadata = model.model_fields[name].metadata
    lower = [float(m.ge) for m in metadata if hasattr(m, "ge")]
    upper = [float(m.le) for m in metadata if hasattr(m, "le")]
    return (lower[0] if lower else None), (upper[0] if upper else None)


def parse_parameters(model: type[P], raw: Mapping[str, Any]) -> P:
    """Return validated parameters from text or JSON values.

    Raises
    ------
    ParameterError
        A name is unknown or a value is out of range; the first fault is named.
    """
    unknown = sorted(set(raw) - set(model.model_fields))
    if unknown:
        expected = ", ".join(model.model_fields)
        raise ParameterError("parameter.unknown", where=unknown[0], expected=expected)
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        fault = error.errors()[0]
        where = str(fault["loc"][0]) if fault["loc"] else "parameters"
        lower, upper = bounds(model, where) if where in model.model_fields else (None, None)
        said = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        limits = said if lower is None or upper is None else f"{lower:g} – {upper:g}"
        raise ParameterError(
            "parameter.invalid", where=where, found=repr(raw.get(where)), expected=limits
        ) from error

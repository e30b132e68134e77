"""What new layers did to the figure the city plans by: the green deficit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ilo_geo.core.errors import InputError
from ilo_geo.services.analyses import analyse
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area

GREEN = "green"


@dataclass(frozen=True)
class Deficit:
    """The deficit with the area's usual parameters, or why it cannot be computed."""

    deficit_ha: float | None
    green_m2_per_inhab: float | None
    reason: InputError | None = None


@dataclass(frozen=True)
class DeficitChange:
    """The deficit on the layers before and after a switch."""

    before: Deficit
    after: Deficit


def touches_deficit(area: Area, layers: Iterable[str]) -> bool:
    """Return whether the deficit is computed from one of ``layers``."""
    return bool(set(layers) & set(analysis_of(GREEN).layers_in_use(area)))


def deficit(area: Area) -> Deficit:
    """Return the deficit on the layers in use."""
    try:
        summary = analyse(area, GREEN, {}).summary
    except InputError as error:
        # the city may lack a layer without which nothing can be said
        return Deficit(None, None, error)
    return Deficit(summary["deficit_ha"], summary["green_m2_per_inhab"])

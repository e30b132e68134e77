"""How the browser paints the flood, and what it says of the ground under the pointer."""

from __future__ import annotations

from typing import Any

from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.tsunami_parameters import tsunami_classes

# the limits of the flood stand out from the colours of all classes
FLOOD_LINE = "#5A0000"


def flood_look(t: Translator, result: AnalysisResult) -> dict[str, Any]:
    """Return level, classes and words of a flood."""
    levels = {level.id: level for level in hazard_levels().levels}
    classes = [
        {
            "up_to_m": row.up_to_m,
            "colour": levels[row.level].colour,
            "title": t.of(levels[row.level].title),
        }
        for row in tsunami_classes().classes
    ]
    modelled = bool(result.modelled_layers)
    return {
        "level_m": result.parameters["level_m"],
        "classes": classes,
        "line": FLOOD_LINE,
        "modelled": modelled,
        "words": {
            **{outline.id: t.of(outline.title) for outline in hazard_levels().outlines},
            "title": t("map.flooded_at", level="{level}"),
            "badge": t(f"status.{Status.MODELLED}") if modelled else "",
        },
    }

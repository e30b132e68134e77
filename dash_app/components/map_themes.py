"""What the browser paints levels and zones with: values, classes, colours and words."""

from __future__ import annotations

from typing import Any

from dash_app.components.hazard_figures import MULTIHAZARD
from dash_app.components.hazard_figures import RISK_COLUMNS
from dash_app.components.hazard_figures import SITES
from dash_app.components.hazard_figures import SUM
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import plain
from ilo_geo.core.scales import Scale
from ilo_geo.hazards.levels import hazard_levels


def theme(t: Translator, result: AnalysisResult, table_name: str, scale: Scale) -> dict[str, Any]:
    """Return the values, breaks and colours that the browser paints a level with."""
    table = result.tables[table_name]
    modelled = bool(result.modelled_layers)
    return {
        "values": dict(
            zip(table.index.astype(str), plain(table[scale.column].tolist()), strict=True)
        ),
        "breaks": list(scale.breaks),
        "classes": [{"title": t.of(c.title), "colour": c.colour} for c in scale.classes],
        "missing": {"title": t.of(scale.missing.title), "colour": scale.missing.colour},
        "unit": t.of(scale.unit),
        "badge": t(f"status.{Status.MODELLED}") if modelled else "",
        "modelled": modelled,
        "line": "#5B3A55",
        "weight": 0.6 if table_name == "cells" else 1.2,
    }


def empty_theme() -> dict[str, Any]:
    """Return a theme without values."""
    return {"values": {}, "breaks": [], "classes": [{}], "missing": {}}


def zones_theme(
    t: Translator, result: AnalysisResult | None = None, mode: str = ""
) -> dict[str, Any]:
    """Return the colours and words that the browser paints and names zones of hazards with."""
    known = hazard_levels()
    modelled = bool(result and result.modelled_layers)
    cells = bool(result and result.analysis == MULTIHAZARD)
    return {
        "lang": t.lang,
        "levels": {c.id: {"colour": c.colour, "title": t.of(c.title)} for c in known.levels},
        "missing": {"colour": known.missing.colour, "title": t.of(known.missing.title)},
        "certainties": {outline.id: t.of(outline.title) for outline in known.outlines},
        "kinds": {kind: t(f"site.{kind}") for kind in SITES},
        "title": t(f"risk.{mode if mode in RISK_COLUMNS else SUM}") if cells else "",
        "modelled": modelled,
        "badge": t(f"status.{Status.MODELLED}") if modelled else "",
    }

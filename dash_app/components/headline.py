"""The one sentence a page begins with, in words and digits."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.components.figures import written
from dash_app.i18n import Translator
from dash_app.planner import Planner
from ilo_geo.core.results import AnalysisResult
from ilo_geo.services.city import offered_bases


def headline(t: Translator, result: AnalysisResult) -> Component:
    """Return how much green there is a person and how much is missing for the goal."""
    summary = result.summary
    standard = f"{result.parameters['standard_m2_per_inhab']:g}"
    missing = summary["deficit_ha"] > 0
    rest = t("headline.missing", ha=written("deficit_ha", summary), standard=standard)
    met = t("headline.met", standard=standard)
    return html.P(
        [
            html.Strong(written("green_m2_per_inhab", summary), className="headline-number"),
            html.Span(t("headline.supply"), className="headline-unit"),
            html.Span(rest if missing else met, className="headline-rest"),
        ],
        className="headline",
    )


def base_title(t: Translator, planner: Planner, result: AnalysisResult) -> str:
    """Return the name of the population base of a result."""
    chosen = result.parameters["population_base"]
    bases = offered_bases(planner.area)
    return next(t.of(base.title) for base in bases if base.id == chosen)

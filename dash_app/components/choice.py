"""What one does with a choice, whatever chose it: believe it, search on, compare it, propose it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.certificate import OPTIMAL
from dash_app.components.certificate import certificate
from dash_app.components.proposal import proposal_form
from dash_app.i18n import Translator
from dash_app.planner import Planner
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number

TIME_LIMIT, GAP_LIMIT = "time_limit_s", "gap_limit_ratio"
# a search that did not end is given this many times what it had
LONGER = 2


def choice_panel(
    t: Translator, planner: Planner, result: AnalysisResult, unit: str
) -> list[Component]:
    """Return the certificate of what was chosen, and what may be done with it.

    ``unit`` is that of the objective. Nothing is offered where nothing was sought.
    """
    if result.selection is None:
        return []
    return [
        certificate(t, result.selection, unit),
        *_longer(t, planner, result),
        html.H2(t("choice.compare")),
        html.P(t("choice.compare_about"), className="help"),
        html.Div(
            [
                html.Button(t("choice.keep_a"), id=ids.KEEP_A, n_clicks=0, className="button"),
                html.Button(t("choice.keep_b"), id=ids.KEEP_B, n_clicks=0, className="button"),
            ],
            className="buttons",
        ),
        html.Div(id=ids.COMPARED, role="status"),
        *(proposal_form(t, result) if result.selection.selected else []),
    ]


def _longer(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return what searches longer, where the search did not end and can be given more time."""
    limits = {spec.name: spec for spec in planner.specs(result.analysis)}
    selection = result.selection
    if selection is None or selection.status == OPTIMAL or TIME_LIMIT not in limits:
        return []
    if (selection.gap_ratio or 0) < result.parameters.get(GAP_LIMIT, 0):
        # it ended because it was near enough: more time would change nothing
        return []
    most = limits[TIME_LIMIT].maximum or float("inf")
    seconds = min(LONGER * float(result.parameters[TIME_LIMIT]), most)
    return [
        html.Button(
            t("choice.longer", seconds=peru_number(seconds)),
            className="button primary-link",
            **{"data-parameter": TIME_LIMIT, "data-value": f"{seconds:g}"},
        )
    ]

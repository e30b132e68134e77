"""From a choice to a stored draft of a proposal."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from dash_app.planner import Planner
from ilo_geo.core.results import AnalysisResult
from ilo_geo.proposals.draft import Draft
from ilo_geo.services.drafts import list_drafts

LIST_COMMAND = "ilo-geo proposals list"


def proposal_form(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return a title to fill in and what stores the draft."""
    return [
        html.H2(t("proposal.make")),
        html.P(t("proposal.about"), className="help"),
        html.Div(
            [
                dmc.TextInput(
                    id=ids.PROPOSAL_TITLE,
                    label=t("proposal.title"),
                    value=t(f"proposal_title.{result.analysis}"),
                ),
                html.Button(
                    t("proposal.store"), id=ids.PROPOSE, n_clicks=0, className="button wide"
                ),
            ],
            className="proposal-form",
        ),
        html.Div(id=ids.PROPOSED, role="status"),
    ]


def proposal_stored(t: Translator, planner: Planner, proposal: Draft) -> list[Component]:
    """Return that a draft was stored, under which id, and where the list is."""
    listing = list_drafts(planner.area)
    kept = [
        html.Li([html.B(one.title), " ", html.Code(one.id), f" · {t.of(one.kind_title)}"])
        for one in listing.proposals
    ]
    return [
        html.P(
            [
                t("proposal.stored", title=proposal.title, n=len(proposal.selected)),
                " ",
                html.Code(proposal.id),
            ],
            className="notice notice-good",
        ),
        html.Details(
            [
                html.Summary(t("proposal.list", n=len(kept))),
                html.Ul(kept, className="proposals"),
                html.P([t("proposal.command"), " ", html.Code(LIST_COMMAND)], className="help"),
            ],
            className="fold",
        ),
    ]

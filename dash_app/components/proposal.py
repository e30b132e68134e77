"""From a choice to proposals before the council: one a site, under a title for all of them."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import may
from dash_app.components.proposal_list import PATH
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.proposals.draft import Draft
from ilo_geo.services.candidate_sites import Taken

# named one by one; the rest is in the list of proposals
MAX_NAMED = 12


def proposal_form(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return a title to fill in and what makes proposals of the choice; for who may make them."""
    if not may("create"):
        return [html.H2(t("proposal.make")), html.P(t("proposal.not_yours"), className="help")]
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
                html.Button(
                    t("proposal.store_one"), id=ids.PROPOSE_ONE, n_clicks=0, className="button wide"
                ),
            ],
            className="proposal-form",
        ),
        html.Div(id=ids.PROPOSED, role="status"),
    ]


def proposals_made(t: Translator, draft: Draft, taken: Taken) -> list[Component]:
    """Return which proposals were made, what could not become one, and the draft they come from."""
    links = [
        html.Li(
            dcc.Link(
                " · ".join([t("proposals.number", n=one["number"]), one["title"]]),
                href=t.link(f"{PATH}/{one['number']}"),
            )
        )
        for one in taken.records[:MAX_NAMED]
    ]
    rest = len(taken.records) - len(links)
    more = [html.Li(dcc.Link(t("proposal.rest", n=rest), href=t.link(PATH)))] if rest else []
    left_out = [html.Li(f"{site}: {error.public_text(t.lang)}") for site, error in taken.left_out]
    return [
        html.Div(
            [
                html.P(t("proposal.stored", title=draft.title, n=len(taken.records))),
                html.Ul([*links, *more], className="proposals"),
                html.P([t("proposal.draft"), " ", html.Code(draft.id)], className="help"),
            ],
            className="notice notice-good",
        ),
        *([html.Ul(left_out, className="notices")] if left_out else []),
    ]

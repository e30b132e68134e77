"""One proposal: what it is, what to press, what it changes, how it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.certificate import proof_words
from dash_app.components.proposal_acts import Typed
from dash_app.components.proposal_acts import act_form
from dash_app.components.proposal_acts import along
from dash_app.components.proposal_ballot import ballots_block
from dash_app.components.proposal_ballot import is_tied
from dash_app.components.proposal_ballot import vote_box
from dash_app.components.proposal_debate import debate_block
from dash_app.components.proposal_debate import support_block
from dash_app.components.proposal_list import PATH
from dash_app.components.proposal_list import query_of
from dash_app.components.proposal_marks import group_of_state
from dash_app.components.proposal_marks import mark
from dash_app.components.proposal_words import cost
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import paragraphs
from dash_app.components.proposal_words import state_chip
from dash_app.components.proposal_words import state_title
from dash_app.components.proposal_words import verdict_chip
from dash_app.i18n import Translator
from dash_app.state import path_of
from ilo_geo.core.text import Text
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.draft import Draft
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council_views import Event
from ilo_geo.services.council_views import ProposalView

KB, MB = 1_000, 1_000_000
PAPERS = ("pdf", "xlsx", "gpkg", "html")


def proposal_page(
    t: Translator,
    view: ProposalView,
    *,
    sheet: list[Component],
    assessor: Text | None,
    zone: str,
    search: Draft | None,
    asked: Mapping[str, Any],
    typed: Typed,
) -> list[Component]:
    """Return everything about one proposal.

    Parameters
    ----------
    sheet
        Its technical sheet as it is by now.
    search
        What chose its site, None where nothing did.
    """
    record = view.record
    return [
        dcc.Link(t("proposals.back"), href=f"{PATH}{query_of(asked, t.lang)}", className="back"),
        *_head(t, record),
        *_why_so(t, view),
        *vote_box(t, view.ballots, view.verbs),
        *along(t, view, typed, tied=is_tied(view.ballots)),
        *_description(t, record),
        _facts(t, view, zone, search),
        *_verdict(t, record, assessor),
        html.Div(sheet, id=ids.TECHNICAL_SHEET),
        *debate_block(t, view, typed),
        support_block(t, view),
        *ballots_block(t, view.ballots),
        *_documents(t, view, typed),
        *_papers(t, record),
        *_timeline(t, view.timeline),
        _compare(t, record),
    ]


def _head(t: Translator, record: Mapping[str, Any]) -> list[Component]:
    state = record["state"]
    since = t("proposals.since", when=lima(record["state_since"]))
    kind = t.of(rulebook().kinds[record["kind"]].title)
    said = " · ".join([t("proposals.number", n=record["number"]), kind])
    return [
        html.P([mark(record["kind"], state), html.Span(said)], className="kicker proposal-kicker"),
        html.H1(record["title"]),
        html.P(
            [
                state_chip(t, state, group_of_state()[state]),
                " ",
                html.Span(since, className="help"),
            ],
            className="state-line",
        ),
    ]


def _why_so(t: Translator, view: ProposalView) -> list[Component]:
    """Return in whose words it came to the state it is in, where a reason was asked for."""
    moved = [one for one in view.timeline if one.to_state]
    if not moved or not moved[-1].text:
        return []
    last = moved[-1]
    said = f"{t.of(verb_title(last.verb))} · {t.of(last.who)}"
    return [
        html.Div(
            [html.P(said, className="comment-by"), paragraphs(last.text)], className="notice why-so"
        )
    ]


def _description(t: Translator, record: Mapping[str, Any]) -> list[Component]:
    words = record["description"]
    return (
        [paragraphs(words)] if words else [html.P(t("proposals.no_description"), className="help")]
    )


def _facts(t: Translator, view: ProposalView, zone: str, search: Draft | None) -> Component:
    record, book = view.record, rulebook()
    commitment = book.commitments.get(record["commitment"])
    rows = [
        (t("fact.zone"), zone),
        (t("fact.cost"), cost(t, record)),
        (t("fact.funds"), record["funds_source"]),
        (t("fact.invierte"), record["invierte_code"]),
        (t("fact.office"), record["office"]),
        (
            t("fact.commitment"),
            f"{record['commitment']} · {t.of(commitment)}" if commitment else "",
        ),
        (t("fact.origin"), t(f"shape_origin.{record['origin']}")),
        *([(t("fact.search"), _search(t, search))] if search else []),
        (t("fact.author"), t.of(view.author)),
        (t("fact.created"), lima(record["created_at"])),
        (t("fact.updated"), lima(record["updated_at"])),
    ]
    cells = [cell for name, value in rows for cell in (html.Dt(name), html.Dd(value or MISSING))]
    edit = dcc.Link(
        t.of(verb_title("edit")),
        href=t.link(f"{PATH}/{record['number']}/editar"),
        className="button wide",
    )
    return html.Section(
        [
            html.H2(t("proposals.facts")),
            html.Dl(cells, className="facts"),
            *([edit] if "edit" in view.verbs else []),
        ]
    )


def _search(t: Translator, draft: Draft) -> list[Component | str]:
    """Return which search chose the site, how good its choice is, and the way to ask it again."""
    given = {name: value for name, value in draft.parameters.items() if value is not None}
    href = f"{path_of(draft.analysis)}?{urlencode({**given, 'lang': t.lang})}"
    return [
        dcc.Link(t("fact.search_named", title=draft.title, id=draft.id), href=href),
        f" · {lima(draft.created)}",
        html.Br(),
        f"{t('fact.search_set', n=len(draft.selected))} "
        f"{proof_words(t, draft.search_status, draft.gap_ratio).rstrip('.')}. ",
        t("fact.search_means"),
    ]


def _verdict(t: Translator, record: Mapping[str, Any], assessor: Text | None) -> list[Component]:
    title = html.H2(t("proposals.verdict"))
    if not record["feasibility"]:
        return [title, html.P(t("proposals.no_verdict"), className="help")]
    word = verdict_chip(t, record["feasibility"])
    by = (
        [html.Span([" ", t("proposals.by", who=t.of(assessor))], className="help")]
        if assessor
        else []
    )
    return [title, html.P([word, *by]), paragraphs(record["feasibility_reason"])]


def _documents(t: Translator, view: ProposalView, typed: Typed) -> list[Component]:
    present = [one for one in view.documents if one["removed_at"] is None]
    removed = [one for one in view.documents if one["removed_at"] is not None]
    rows = [_document(t, view, one, typed) for one in present]
    rows += [
        html.Li(
            [
                html.Span(one["name"], className="removed"),
                html.P(
                    t(
                        "documents.removed",
                        when=lima(one["removed_at"]),
                        reason=one["removed_reason"],
                    )
                ),
            ]
        )
        for one in removed
    ]
    return [
        html.H2(t("documents.title")),
        html.Ul(rows, className="documents")
        if rows
        else html.P(t("documents.none"), className="help"),
        *(_attach(t, view) if "attach" in view.verbs else []),
    ]


def _document(t: Translator, view: ProposalView, one: dict[str, Any], typed: Typed) -> Component:
    size = t("documents.size", kb=peru_number(max(one["size_bytes"] / KB, 1)))
    detach = [
        html.Details(
            [
                html.Summary(t.of(verb_title("detach"))),
                act_form(t, "detach", typed, one["id"], hidden={"document_id": one["id"]}),
            ],
            className="moderate",
            open=bool(typed.get(("detach", one["id"], "reason"))),
        )
    ]
    return html.Li(
        [
            html.A(one["name"], href=f"/documentos/{one['id']}", download=""),
            html.P(f"{size} · {lima(one['at'])}", className="comment-by"),
            *(detach if "detach" in view.verbs else []),
        ]
    )


def _attach(t: Translator, view: ProposalView) -> list[Component]:
    limit = t("documents.limit", mb=peru_number(rulebook().limits.document_bytes / MB))
    return [
        html.Button(
            [html.B(t.of(verb_title("attach"))), html.Span(limit, className="help")],
            id="attach-document",
            className="upload-zone",
            **{
                "data-number": str(view.record["number"]),
                "data-sending": t("documents.sending"),
                "data-failed": t("documents.failed"),
            },
        ),
        html.P(id="attach-said", className="help", role="status"),
    ]


def _papers(t: Translator, record: Mapping[str, Any]) -> list[Component]:
    """Return the whole record to take away: the same words, figures and votes as on the page."""
    links = [
        html.A(
            t(f"papers.{fmt}"),
            href=t.link(f"{PATH}/{record['number']}/expediente.{fmt}"),
            download="",
            className="button",
        )
        for fmt in PAPERS
    ]
    return [html.H2(t("papers.title")), html.Div(links, className="buttons")]


def _timeline(t: Translator, events: tuple[Event, ...]) -> list[Component]:
    return [
        html.H2(t("proposals.timeline")),
        html.Ol([_event(t, one) for one in events], className="timeline"),
    ]


def _event(t: Translator, one: Event) -> Component:
    role = permissions().roles.get(one.role)
    who = f"{t.of(one.who)} ({t.of(role)})" if role else t.of(one.who)
    to = f" → {state_title(t, one.to_state)}" if one.to_state else ""
    verdict = rulebook().verdicts.get(one.detail)
    to = f": {t.of(verdict)}" if verdict else to
    return html.Li(
        [
            html.Time(lima(one.at), dateTime=one.at.isoformat()),
            html.Span(f"{t.of(verb_title(one.verb))}{to}", className="event"),
            html.Span(who, className="comment-by"),
            *([paragraphs(one.text)] if one.text else []),
        ]
    )


def _compare(t: Translator, record: Mapping[str, Any]) -> Component:
    """Return what leads to this proposal beside another one; the browser reads the number."""
    return html.Section(
        [
            html.H2(t("compare.title")),
            html.Label(
                [
                    t("compare.with"),
                    dcc.Input(
                        id="compare-number",
                        type="text",
                        inputMode="numeric",
                        maxLength=9,
                        autoComplete="off",
                    ),
                ]
            ),
            html.Button(
                t("compare.go"),
                id="compare-go",
                className="button",
                **{"data-number": str(record["number"])},
            ),
        ],
        className="compare-box",
    )

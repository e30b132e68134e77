"""What the page of a campaign is made of: the envelope, the phases, the projects, the bundles."""

from __future__ import annotations

from datetime import date

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.council_words import cost
from dash_app.components.council_words import day
from dash_app.components.council_words import kind_title
from dash_app.components.council_words import money
from dash_app.components.council_words import range_of
from dash_app.components.proposal_marks import mark
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import paragraphs
from dash_app.components.proposal_words import state_title
from dash_app.components.proposal_words import verdict_chip
from dash_app.i18n import Translator
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.campaigns import CURRENT
from ilo_geo.services.campaigns import TO_COME
from ilo_geo.services.campaigns import CampaignView
from ilo_geo.services.campaigns import Project


def envelope(t: Translator, view: CampaignView) -> list[Component]:
    """Return what the projects ask for against the envelope: in words, and as a bar."""
    whole, wanted, given = view.record["envelope_soles"], view.asked, view.committed
    # the bar is as long as the larger of both
    longest = max(whole, wanted.high, 1)
    parts = [
        html.Span(className="bar-given", style={"width": _share(given.high, longest)}),
        html.Span(
            className="bar-asked", style={"width": _share(wanted.high - given.high, longest)}
        ),
        html.Span(className="bar-envelope", style={"left": _share(whole, longest)}),
    ]
    return [
        html.P(
            [
                html.Strong(money(whole), className="headline-number"),
                html.Span(t("budget.envelope"), className="headline-unit"),
            ],
            className="headline",
        ),
        html.P(_asked_words(t, view), className="headline-rest"),
        html.Div(
            parts, className="envelope-bar", role="img", **{"aria-label": _asked_words(t, view)}
        ),
        html.Ul(
            [
                html.Li([_swatch("given"), t("budget.given"), " ", _sum(t, given.low, given.high)]),
                html.Li(
                    [_swatch("asked"), t("budget.wanted"), " ", _sum(t, wanted.low, wanted.high)]
                ),
                html.Li([_swatch("envelope"), t("budget.envelope_mark"), " ", money(whole)]),
            ],
            className="envelope-legend",
        ),
    ]


def _asked_words(t: Translator, view: CampaignView) -> str:
    whole, wanted = view.record["envelope_soles"], view.asked
    n = sum(one.counted for one in view.projects)
    if not n:
        return t("budget.no_projects")
    said = t("budget.asks", n=n, money=range_of(t, wanted.low, wanted.high))
    if wanted.low > whole:
        said += " " + t("budget.over_surely", over=money(wanted.low - whole))
    elif wanted.high > whole:
        said += " " + t("budget.over_maybe", over=money(wanted.high - whole))
    else:
        said += " " + t("budget.fits", left=money(whole - wanted.high))
    if wanted.n_unknown:
        said += " " + t("budget.without_cost", n=wanted.n_unknown)
    return said


def _sum(t: Translator, low: int, high: int) -> Component:
    return html.B(range_of(t, low, high))


def _swatch(name: str) -> Component:
    return html.Span(className=f"envelope-swatch swatch-{name}", **{"aria-hidden": "true"})


def _share(amount: int, whole: int) -> str:
    return f"{100 * amount / whole:.2f}%"


def phases(t: Translator, view: CampaignView) -> Component:
    """Return the phases with the day planned, the day begun, and where today lies."""
    names, items = rulebook().phases, []
    for step in view.phases:
        said = [t("budget.planned", day=day(step.day))]
        if step.began_at is not None:
            said.append(t("budget.began", day=day(step.began_at)))
        marks = []
        if step.place == CURRENT:
            marks.append(html.B(t("budget.now")))
        if step.phase == view.due and step.place == TO_COME:
            marks.append(html.B(t("budget.due"), className="due"))
        items.append(
            html.Li(
                [
                    html.Span(t.of(names[step.phase]), className="phase-name"),
                    *marks,
                    html.Span(" · ".join(said), className="phase-days"),
                ],
                className=f"phase phase-{step.place}",
                **({"aria-current": "step"} if step.place == CURRENT else {}),
            )
        )
    return html.Ol(items, className="phases", **{"aria-label": t("budget.phases")})


def moves(t: Translator, view: CampaignView) -> list[Component]:
    """Return who moved the campaign, when and why."""
    if not view.moves:
        return []
    names = rulebook().phases
    rows = [
        html.Li(
            [
                html.Span(f"{lima(move.at)} · {t.of(move.who)}: "),
                html.B(f"{t.of(names[move.from_phase])} → {t.of(names[move.to_phase])}"),
                f" {move.reason}",
            ]
        )
        for move in reversed(view.moves)
    ]
    return [
        html.Details(
            [html.Summary(t("budget.moves")), html.Ul(rows, className="moves")], className="fold"
        )
    ]


def projects(t: Translator, view: CampaignView) -> list[Component]:
    """Return the projects, the dearest first, each against the envelope."""
    if not view.projects:
        return []
    ordered = sorted(view.projects, key=lambda one: -(one.record["cost_max_soles"] or 0))
    leaves = "leave_campaign" in view.verbs
    rows = [_project(t, view, one, leaves=leaves) for one in ordered]
    return [html.H2(t("budget.projects", n=len(rows))), html.Ul(rows, className="cards")]


def _project(t: Translator, view: CampaignView, one: Project, *, leaves: bool) -> Component:
    record, whole = one.record, view.record["envelope_soles"]
    share = (record["cost_max_soles"] or 0) / whole
    bar = html.Span(
        html.Span(style={"width": f"{100 * min(share, 1):.1f}%"}),
        className="project-bar over" if one.over else "project-bar",
        **{"aria-hidden": "true"},
    )
    facts = [kind_title(t, record["kind"]), state_title(t, record["state"])]
    facts.append(t("budget.support", n=peru_number(record["n_support"])))
    said = []
    if one.over:
        said.append(html.P(t("budget.over_alone"), className="notice notice-stale"))
    if not one.counted:
        said.append(html.P(t("budget.dropped"), className="help"))
    leave = html.Button(
        t("budget.leave"),
        id=ids.budget_act("leave_campaign", record["id"]),
        n_clicks=0,
        className="button",
    )
    return html.Li(
        [
            html.Div(
                [
                    mark(record["kind"], record["state"]),
                    dcc.Link(
                        html.B(t("sittings.named", n=record["number"], title=record["title"])),
                        href=t.link(f"/propuestas/{record['number']}"),
                    ),
                ],
                className="card-head",
            ),
            html.P([html.B(cost(t, record)), *_percent(t, one, share)], className="project-cost"),
            bar,
            html.P(" · ".join(facts), className="help"),
            *verdict(t, one),
            *said,
            *([leave] if leaves and one.counted and not one.committed else []),
        ],
        className="card" if one.counted else "card dropped",
    )


def verdict(t: Translator, one: Project) -> list[Component]:
    """Return what the technical review found, with its reason behind it."""
    found, words = one.record["feasibility"], t("budget.verdict")
    if not found:
        return [html.P([words, " ", t("budget.no_verdict")], className="help")]
    reason = html.Details(
        [html.Summary(t("budget.verdict_reason")), paragraphs(one.reason)], className="card-reason"
    )
    return [html.P([words, " ", verdict_chip(t, found)], className="help"), reason]


def _percent(t: Translator, one: Project, share: float) -> list[str]:
    if one.record["cost_max_soles"] is None:
        return []
    return [" · ", t("budget.share", percent=peru_number(100 * share, 1))]


def join(t: Translator, view: CampaignView) -> list[Component]:
    """Return the choice of a proposal that may become a project."""
    if "join_campaign" not in view.verbs:
        names = rulebook().phases
        taking = ", ".join(t.of(names[phase]) for phase in rulebook().project_phases)
        return [html.P(t("budget.not_taking", phases=taking), className="help")]
    if not view.joinable:
        return [html.P(t("budget.none_to_join"), className="help")]
    options = [
        {"value": one["id"], "label": t("sittings.named", n=one["number"], title=one["title"])}
        for one in view.joinable
    ]
    return [
        html.Div(
            [
                html.Label(t("budget.join_label"), htmlFor="join-which"),
                _select(t, options),
                html.Button(
                    t("budget.join"),
                    id=ids.budget_act("join_campaign"),
                    n_clicks=0,
                    className="button wide",
                ),
            ],
            className="control join",
        )
    ]


def _select(t: Translator, options: list[dict[str, str]]) -> Component:
    return dmc.Select(
        id=ids.budget_field("join"),
        data=options,
        searchable=True,
        limit=50,
        attributes={"input": {"aria-label": t("budget.join_label")}},
    )


def when(value: str) -> str:
    """Return a stored day as it is typed."""
    return day(date.fromisoformat(value)) if value else ""

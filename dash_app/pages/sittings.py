"""Sesiones: every sitting, and the form by which the secretary calls one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import faults
from dash_app.components.controls import OVER_MAP
from dash_app.components.controls import asked
from dash_app.components.proposal_words import iso_of
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import state_title
from dash_app.i18n import Translator
from dash_app.pages import sitting
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.commands.sittings import fits
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import refused
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.proposals.rulebook import OPEN
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import IN_DEBATE
from ilo_geo.proposals.states import IN_REVIEW
from ilo_geo.proposals.states import IN_VOTE
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import page_of
from ilo_geo.services.sittings import SittingView
from ilo_geo.services.sittings import call_sitting
from ilo_geo.services.sittings import do_in_sitting
from ilo_geo.services.sittings import may_plan
from ilo_geo.services.sittings import sitting_view
from ilo_geo.services.sittings import sittings

PATH, NEW, EDIT = "/sesiones", "nueva", "editar"
PLAN, CANCEL = "plan_sitting", "cancel_sitting"
# what a council may have before it; the list of proposals has all the others
OFFERED = (IN_DEBATE, IN_VOTE, IN_REVIEW)


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the chamber's screen for the address of one sitting, else the list or the form."""
    if len(view.rest) == 1 and sitting.number_of(view.rest) is not None:
        return sitting.layout(planner, view)
    return [
        asked(view),
        dcc.Store(id=ids.COUNCIL_PAGE, data=view.page),
        dcc.Store(id=ids.SITTINGS_ASKED, data=list(view.rest)),
        html.Div(html.Div(className="skeleton"), id=ids.SITTINGS_BODY),
    ]


def body(t: Translator, council: Council, actor: Actor, rest: object) -> list[Component]:
    """Return the list of sittings, or the form of one."""
    parts = tuple(str(part) for part in rest) if isinstance(rest, list) else ()
    try:
        if not parts:
            return _list(t, council, actor)
        if not may_plan(council, actor):
            raise refused(actor, PLAN)
        if parts == (NEW,):
            return _form(t, council, actor, None)
        return _form(t, council, actor, _edited(council, actor, parts))
    except IloGeoError as error:
        return [_back(t), *faults(t, [error])]


def act(
    council: Council, actor: Actor, verb: str, rest: object, typed: Mapping[str, Any]
) -> Record:
    """Do what a button of the form says; return the sitting then.

    Raises
    ------
    IloGeoError
        It may not be done, or not now, or what was typed is faulty.
    """
    parts = tuple(str(part) for part in rest) if isinstance(rest, list) else ()
    if verb != PLAN:
        sitting_id = _edited(council, actor, parts).record["id"]
        return do_in_sitting(
            council, actor, verb, sitting_id, {"reason": typed.get("reason") or ""}
        )
    said = {
        "title": typed.get("title") or "",
        "place": typed.get("place") or "",
        "starts_at": iso_of(typed.get("starts_at") or ""),
        "agenda": list(typed.get("agenda") or ()),
    }
    if parts == (NEW,):
        return call_sitting(council, actor, said)
    view = _edited(council, actor, parts)
    said["version"] = int(typed.get("version") or 0)
    return do_in_sitting(council, actor, PLAN, view.record["id"], said)


def _edited(council: Council, actor: Actor, parts: tuple[str, ...]) -> SittingView:
    number = sitting.number_of(parts)
    if number is None or parts[1:] != (EDIT,):
        raise NotFoundError("council.not_found", found="/".join(parts)[:40])
    return sitting_view(council, actor, number)


def _list(t: Translator, council: Council, actor: Actor) -> list[Component]:
    found = sittings(council, actor)
    new = dcc.Link(t("sittings.new"), href=t.link(f"{PATH}/{NEW}"), className="button primary")
    may = may_plan(council, actor)
    rows = [_row(t, one, may_edit=may and fits(PLAN, one["state"])) for one in found]
    none = html.P(t("sittings.none") if may else t("sittings.none_yet"), className="help")
    return [
        html.H1(t("sittings.question")),
        *([new] if may else []),
        html.Ul(rows, className="cards") if rows else none,
    ]


def _row(t: Translator, one: Record, *, may_edit: bool) -> Component:
    state = t.of(rulebook().sitting_states[one["state"]])
    path = f"{PATH}/{one['number']}"
    links = [dcc.Link(t("sittings.edit"), href=t.link(f"{path}/{EDIT}"))] if may_edit else []
    if one["state"] in (OPEN, CLOSED):
        links.append(sitting.minutes_link(t, one))
    why = t("sittings.cancelled", why=one["cancel_reason"])
    return html.Li(
        [
            dcc.Link(
                html.B(t("sittings.named", n=one["number"], title=one["title"])),
                href=t.link(f"{PATH}/{one['number']}"),
            ),
            html.P(
                [
                    html.Span(state, className=f"sitting-state sitting-{one['state']}"),
                    f" {lima(one['starts_at'])}",
                    f" · {one['place']}" if one["place"] else "",
                ]
            ),
            *([html.P(why)] if one["state"] == CANCELLED else []),
            *([html.P(links, className="card-links")] if links else []),
        ],
        className="card dropped" if one["state"] == CANCELLED else "card",
    )


def _form(
    t: Translator, council: Council, actor: Actor, view: SittingView | None
) -> list[Component]:
    record = view.record if view else {}
    starts = lima(record.get("starts_at"))
    title = t("sittings.edit_title", n=record["number"]) if view else t("sittings.new_title")
    chosen = [entry.proposal["id"] for entry in view.agenda] if view else []
    return [
        _back(t),
        html.H1(title),
        _text(t("sittings.title"), "title", record.get("title", "")),
        _text(t("sittings.place"), "place", record.get("place", "")),
        _text(t("sittings.starts_at"), "starts_at", starts, t("sittings.starts_help")),
        _agenda(t, council, actor, view, chosen),
        dcc.Input(
            id=ids.sitting_field("version"), type="hidden", value=str(record.get("version", 0))
        ),
        _button(PLAN, t("sittings.save"), "button primary"),
        *(_cancelling(t) if view and CANCEL in view.verbs else []),
        html.Div(id=ids.SITTING_SAID, role="alert"),
    ]


def _cancelling(t: Translator) -> list[Component]:
    """Return what takes back the call of a sitting, folded away: it is final."""
    reason = dmc.Textarea(
        id=ids.sitting_field("reason"), label=t("sittings.cancel_reason"), value=""
    )
    button = _button(CANCEL, t("sittings.cancel"), "button danger")
    parts = [html.P(t("sittings.cancel_is_final")), html.Div(reason, className="control"), button]
    return [html.Details([html.Summary(t("sittings.cancel")), *parts], className="fold")]


def _button(verb: str, words: str, looks: str) -> Component:
    return html.Button(words, id=ids.sitting_act(verb), n_clicks=0, className=looks)


def _agenda(
    t: Translator, council: Council, actor: Actor, view: SittingView | None, chosen: list[str]
) -> Component:
    found = page_of(council, actor, Filter(states=OFFERED, zone="", text=""), limit=5000)
    offered: dict[str, Mapping[str, Any]] = {one["id"]: one for one in found.rows}
    # what is on the agenda stays on offer, wherever it stands by now
    offered |= {entry.proposal["id"]: entry.proposal for entry in view.agenda} if view else {}
    data = [
        {
            "value": name,
            "label": t(
                "sittings.offered",
                n=one["number"],
                title=one["title"],
                state=state_title(t, one["state"]),
            ),
        }
        for name, one in offered.items()
    ]
    return html.Div(
        [
            dmc.MultiSelect(
                id=ids.sitting_field("agenda"),
                label=t("sittings.agenda"),
                description=t("sittings.agenda_help"),
                data=data,
                value=chosen,
                searchable=True,
                limit=50,
                nothingFoundMessage=t("sittings.no_offer"),
                # above: it stays open while one chooses, and what saves is below
                comboboxProps={"zIndex": OVER_MAP, "position": "top"},
            )
        ],
        className="control",
    )


def _text(label: str, name: str, value: str, about: str = "") -> Component:
    return html.Div(
        dmc.TextInput(
            id=ids.sitting_field(name), label=label, description=about or None, value=value
        ),
        className="control",
    )


def _back(t: Translator) -> Component:
    return dcc.Link(t("sittings.back"), href=t.link(PATH), className="back")

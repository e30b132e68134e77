"""Presupuesto participativo: campaigns, and one with its envelope, phases, projects and bundles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components import campaign_parts as parts
from dash_app.components.badges import faults
from dash_app.components.controls import asked
from dash_app.components.council_words import day
from dash_app.components.council_words import iso_day
from dash_app.components.council_words import money
from dash_app.components.proposal_list import CAMPAIGN
from dash_app.components.proposal_list import PATH as PROPOSALS
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.commands.campaigns import is_back
from ilo_geo.proposals.commands.campaigns import phases_beside
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import refused
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services import campaigns as services
from ilo_geo.services.campaigns import CampaignView
from ilo_geo.services.council import Council

PATH, NEW, EDIT = "/presupuesto", "nueva", "editar"
POLL_MS = 700
DAY_PREFIX = "day-"


@dataclass(frozen=True)
class Shown:
    """The panel, and what the map shows beside it."""

    body: list[Component]
    map: dict[str, Any] | None = None


def layout(_planner: Planner, view: View) -> list[Component]:
    """Return the panel as it is before it is known who reads."""
    return [
        asked(view),
        dcc.Store(id=ids.COUNCIL_PAGE, data=view.page),
        dcc.Store(id=ids.BUDGET_ASKED, data=list(view.rest)),
        dcc.Store(id=ids.BUDGET_DID),
        dcc.Store(id=ids.BUNDLE_JOB),
        dcc.Interval(id=ids.BUNDLE_POLL, interval=POLL_MS, disabled=True),
        html.Div(html.Div(className="skeleton"), id=ids.BUDGET_BODY),
    ]


def shown(t: Translator, council: Council, actor: Actor, rest: object) -> Shown:
    """Return the list of campaigns, one of them, or a form."""
    names = tuple(str(name) for name in rest) if isinstance(rest, list) else ()
    try:
        if not names:
            return Shown(_list(t, council, actor))
        if names == (NEW,):
            if not services.may_create(council, actor):
                raise refused(actor, "create_campaign")
            return Shown(_form(t, None))
        view = services.campaign_view(council, actor, names[0])
        if names[1:] == (EDIT,):
            if "edit_campaign" not in view.verbs:
                raise refused(actor, "edit_campaign")
            return Shown(_form(t, view.record), _map(view))
        if names[1:]:
            raise NotFoundError("council.not_found", found="/".join(names)[:40])
        return Shown(_one(t, view), _map(view))
    except IloGeoError as error:
        return Shown([_back(t), *faults(t, [error])])


def saved(council: Council, actor: Actor, rest: object, typed: Mapping[str, Any]) -> str:
    """Write what the form says, and return the address of the campaign's page.

    Raises
    ------
    IloGeoError
        A field does not fit, or it may not be written.
    """
    names = tuple(str(name) for name in rest) if isinstance(rest, list) else ()
    said = {
        "title": typed.get("title") or "",
        "description": typed.get("description") or "",
        "envelope_soles": _whole(typed.get("envelope_soles")),
        "phase_days": {
            phase: iso_day(typed.get(f"{DAY_PREFIX}{phase}") or "") for phase in rulebook().phases
        },
    }
    if names == (NEW,):
        return f"{PATH}/{services.create(council, actor, said)['id']}"
    said["version"] = int(typed.get("version") or 0)
    return f"{PATH}/{services.edit(council, actor, names[0] if names else '', said)['id']}"


def act(
    council: Council, actor: Actor, verb: str, of: str, rest: object, typed: Mapping[str, Any]
) -> None:
    """Do what a button of a campaign's page says.

    Raises
    ------
    IloGeoError
        It may not be done, or not now; the commands say so.
    """
    names = tuple(str(name) for name in rest) if isinstance(rest, list) else ()
    campaign_id = names[0] if names else ""
    if verb == "move_campaign":
        to, _, version = of.partition(" ")
        asked = {"to": to, "version": _whole(version), "reason": typed.get("reason") or ""}
        services.move(council, actor, campaign_id, asked)
    elif verb == "join_campaign":
        council.do(actor, verb, str(typed.get("join") or ""), {"campaign_id": campaign_id})
    else:
        council.do(actor, verb, of)


def bundles_key(view: CampaignView) -> str:
    """Return what changes when the bundles of a campaign would."""
    stands = [(one.record["id"], one.record["version"], one.counted) for one in view.projects]
    said = f"{view.record['id']} {view.record['envelope_soles']} {sorted(stands)}"
    return sha256(said.encode()).hexdigest()


def _whole(typed: object) -> object:
    """Return a typed number as one; what is none is left for the form to refuse."""
    text = str(typed or "").replace(",", "").replace("S/", "").strip()
    return int(text) if text.isascii() and text.isdecimal() else text


def _list(t: Translator, council: Council, actor: Actor) -> list[Component]:
    may = services.may_create(council, actor)
    rows = [_card(t, one) for one in services.campaigns(council, actor)]
    new = dcc.Link(t("budget.new"), href=t.link(f"{PATH}/{NEW}"), className="button primary")
    none = html.P(t("budget.none") if may else t("budget.none_yet"), className="help")
    return [
        html.H1(t("budget.question")),
        *([new] if may else []),
        html.Ul(rows, className="cards") if rows else none,
    ]


def _card(t: Translator, one: Record) -> Component:
    phase = t.of(rulebook().phases[one["phase"]])
    return html.Li(
        [
            dcc.Link(html.B(one["title"]), href=t.link(f"{PATH}/{one['id']}")),
            html.P([html.Span(phase, className="class-chip"), f" {money(one['envelope_soles'])}"]),
            html.P(t("budget.n_projects", n=one["n_projects"]), className="help"),
        ],
        className="card",
    )


def _one(t: Translator, view: CampaignView) -> list[Component]:
    record = view.record
    edit = dcc.Link(t("budget.edit"), href=t.link(f"{PATH}/{record['id']}/{EDIT}"))
    about = [html.P(record["description"])] if record["description"] else []
    return [
        _back(t),
        html.H1(record["title"]),
        *about,
        *parts.envelope(t, view),
        html.H2(t("budget.phases")),
        parts.phases(t, view),
        *_moving(t, view),
        *parts.moves(t, view),
        *parts.projects(t, view),
        *parts.join(t, view),
        html.H2(t("bundles.title")),
        html.P(t("bundles.about"), className="help"),
        html.Div(_ask_bundles(t, view), id=ids.BUNDLES, role="status"),
        *([html.P(edit)] if "edit_campaign" in view.verbs else []),
    ]


def _ask_bundles(t: Translator, view: CampaignView) -> list[Component]:
    if not any(one.counted for one in view.projects):
        return [html.P(t("bundles.no_projects"), className="help")]
    return [html.Button(t("bundles.find"), id=ids.BUNDLE_FIND, n_clicks=0, className="button wide")]


def _moving(t: Translator, view: CampaignView) -> list[Component]:
    """Return a button to the next phase, and a fold with the one that takes a step back."""
    if "move_campaign" not in view.verbs:
        return []
    record, names, said = view.record, rulebook().phases, []
    for to in phases_beside(record["phase"]):
        back, words = is_back(record["phase"], to), t.of(names[to])
        button = html.Button(
            t("budget.back_to", phase=words) if back else t("budget.move_to", phase=words),
            id=ids.budget_act("move_campaign", f"{to} {record['version']}"),
            n_clicks=0,
            className="button wide" if back else "button primary",
        )
        said.append((back, button))
    forward = [button for back, button in said if not back]
    reason = dmc.Textarea(
        id=ids.budget_field("reason"),
        label=t("budget.reason"),
        autosize=True,
        minRows=2,
    )
    backward = [button for back, button in said if back]
    fold = html.Details([html.Summary(t("budget.step_back")), reason, *backward], className="fold")
    final = [html.P(t("budget.next_is_final"), className="help")] if _ends(record["phase"]) else []
    return [*final, *forward, *([fold] if backward else [])]


def _ends(phase: str) -> bool:
    return phase == list(rulebook().phases)[-2]


def _map(view: CampaignView) -> dict[str, Any]:
    """Return what the map shows: the projects marked as proposals are, all of them in sight."""
    # another address whenever a project stands differently, so that it is read anew
    asked = urlencode({CAMPAIGN: view.record["id"], "v": bundles_key(view)[:12]})
    return {
        "points": f"{PROPOSALS}.geojson?{asked}",
        "campaign": view.record["id"],
        "around": [one.shape for one in view.projects],
    }


def _form(t: Translator, record: Record | None) -> list[Component]:
    known: Mapping[str, Any] = record or {}
    days = known.get("phase_days", {})
    return [
        _back(t),
        html.H1(t("budget.edit") if record else t("budget.new")),
        _text(t("budget.title"), "title", known.get("title", "")),
        dmc.Textarea(
            id=ids.budget_field("description"),
            label=t("budget.description"),
            value=known.get("description", ""),
            autosize=True,
            minRows=2,
            className="control",
        ),
        _text(t("budget.envelope_soles"), "envelope_soles", str(known.get("envelope_soles", ""))),
        html.H2(t("budget.phase_days")),
        html.P(t("budget.phase_days_help"), className="help"),
        *[
            _text(
                t.of(title),
                f"{DAY_PREFIX}{phase}",
                day(date.fromisoformat(days[phase])) if phase in days else "",
            )
            for phase, title in rulebook().phases.items()
        ],
        dcc.Input(
            id=ids.budget_field("version"), type="hidden", value=str(known.get("version", 0))
        ),
        html.Button(t("budget.save"), id=ids.BUDGET_SAVE, n_clicks=0, className="button primary"),
        html.Div(id=ids.BUDGET_SAVED, role="status"),
    ]


def _text(label: str, name: str, value: str) -> Component:
    return dmc.TextInput(id=ids.budget_field(name), label=label, value=value, className="control")


def _back(t: Translator) -> Component:
    return dcc.Link(t("budget.back"), href=t.link(PATH), className="back")

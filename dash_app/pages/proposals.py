"""Propuestas: the list and the map, one proposal, its form, two side by side.

The panel comes with the page, so that a list of thousands is read at once; `callbacks.proposals`
fills it again when something was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import actor as who_asks
from dash_app.components.badges import faults
from dash_app.components.controls import asked
from dash_app.components.proposal_compare import compare_page
from dash_app.components.proposal_editor import editor
from dash_app.components.proposal_list import PATH
from dash_app.components.proposal_list import PER_PAGE
from dash_app.components.proposal_list import filter_of
from dash_app.components.proposal_list import filters
from dash_app.components.proposal_list import listing
from dash_app.components.proposal_list import page_number
from dash_app.components.proposal_list import query_of
from dash_app.components.proposal_page import proposal_page
from dash_app.components.proposal_sheet import technical_sheet
from dash_app.i18n import Translator
from dash_app.rates import require_search_rate
from dash_app.sheet_desk import computes
from dash_app.state import LISTED
from dash_app.state import View
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import TooOftenError
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.services.candidate_sites import n_untaken
from ilo_geo.services.candidate_sites import search_of
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.council_views import page_of
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.proposal_reading import assessor_of
from ilo_geo.services.proposal_reading import zone_titles
from ilo_geo.services.proposal_sheet import sheet_of

NEW, EDIT, WITH = "nueva", "editar", "con"
MAX_DIGITS = 9


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a list, a new proposal, one to read or edit, or two."""

    what: str
    number: int = 0
    other: int = 0


@dataclass(frozen=True)
class Shown:
    """The panel, and what the map shows beside it."""

    body: list[Component]
    map: dict[str, Any]


def layout(council: Council, view: View) -> list[Component]:
    """Return the panel of whoever asks, and what the map is to show beside it."""
    data = {"rest": list(view.rest), **{name: view.filters[name] for name in LISTED}}
    try:
        found = shown(view.t, council, who_asks(), data, {})
    except IloGeoError as error:
        # map, layers and every other page do without the records
        found = Shown(faults(view.t, [error]), {})
    return [
        asked(view),
        dcc.Store(id=ids.PROPOSALS_ASKED, data=data),
        dcc.Store(id=ids.PROPOSALS_FIRST_MAP, data=found.map),
        dcc.Store(id=ids.PROPOSAL_CHANGED),
        html.Div(found.body, id=ids.PROPOSALS_BODY, className="proposals-page"),
    ]


def asked_of(rest: object) -> Asked:
    """Return what the rest of an address asks for.

    Raises
    ------
    NotFoundError
        No page of proposals has such an address.
    """
    parts = [str(part) for part in rest] if isinstance(rest, list) else []
    if not parts:
        return Asked("list")
    if parts == [NEW]:
        return Asked("new")
    numbers = [int(p) if p.isascii() and p.isdigit() and len(p) <= MAX_DIGITS else 0 for p in parts]
    if len(parts) == 1 and numbers[0]:
        return Asked("one", numbers[0])
    if len(parts) == 2 and numbers[0] and parts[1] == EDIT:
        return Asked("edit", numbers[0])
    if len(parts) == 3 and numbers[0] and parts[1] == WITH and numbers[2]:
        return Asked("two", numbers[0], numbers[2])
    raise NotFoundError("council.not_found", found="/".join(parts)[:40])


def shown(
    t: Translator, council: Council, actor: Actor, data: Mapping[str, Any], typed: Mapping[Any, Any]
) -> Shown:
    """Return what an address shows to whoever asks."""
    points = f"{PATH}.geojson{query_of(data, page=False)}"
    around = {"points": points, "query": query_of(data, t.lang)}
    try:
        wanted = asked_of(data.get("rest"))
        if wanted.what == "list":
            return Shown(list_page(t, council, actor, data), around)
        if wanted.what == "new":
            return Shown(editor(t, {}, None), {**around, "draws": True})
        view = proposal_view(council, actor, wanted.number)
        around |= {"shape": view.shape, "number": wanted.number, "state": view.record["state"]}
        if wanted.what == "edit":
            return Shown(_edited(t, view), {**around, "draws": True})
        if wanted.what == "two":
            other = proposal_view(council, actor, wanted.other)
            around["other"] = other.shape
            return Shown(
                compare_page(t, *(_side(council, actor, v) for v in (view, other))), around
            )
    except NotFoundError as error:
        back = dcc.Link(t("proposals.back"), href=t.link(PATH), className="back")
        return Shown([back, *faults(t, [error])], around)
    found, may = sheet_of(council, view.record["id"], actor=actor), computes(actor)
    # what is missing or stale is computed as soon as somebody looks who does more than read
    due = may and (found is None or found.stale)
    sheet = technical_sheet(t, found, computing=due, may_compute=may)
    body = one_page(t, council, actor, view, sheet, data, typed)
    return Shown(body, {**around, "sheet": wanted.number, "due": due})


def list_page(
    t: Translator, council: Council, actor: Actor, data: Mapping[str, Any]
) -> list[Component]:
    """Return the list with its filters and the way to a new proposal."""
    zones = zone_titles(council)
    # who may make one does so anywhere: no state, nobody else's
    may = allows(actor, "create", open_to_all=False)
    new = dcc.Link(t("proposals.new"), href=t.link(f"{PATH}/{NEW}"), className="button primary")
    return [
        html.H1(t("proposals.question")),
        *([new] if may else []),
        filters(t, zones, data),
        html.Div(rows(t, council, actor, data), id=ids.PROPOSAL_LIST),
        *(_municipal(t, council, actor) if may else []),
    ]


def rows(t: Translator, council: Council, actor: Actor, data: Mapping[str, Any]) -> list[Component]:
    """Return the page of the list that is asked for, the last one where it has fewer."""
    wanted, n = filter_of(data), page_number(data)
    try:
        require_search_rate(wanted)
    except TooOftenError as error:
        return faults(t, [error])
    found = page_of(council, actor, wanted, limit=PER_PAGE, offset=(n - 1) * PER_PAGE)
    if not found.rows and found.n_all:
        last = (found.n_all - 1) // PER_PAGE
        found = page_of(council, actor, wanted, limit=PER_PAGE, offset=last * PER_PAGE)
    return listing(t, found, zone_titles(council), data)


def _municipal(t: Translator, council: Council, actor: Actor) -> list[Component]:
    n_points = n_untaken(council, actor)
    if not n_points:
        return []
    return [
        html.Section(
            [
                html.P(t("proposals.imported", n=peru_number(n_points))),
                html.Button(
                    t("proposals.take"), id=ids.TAKE_IMPORTED, n_clicks=0, className="button wide"
                ),
                html.Div(id=ids.TAKEN, role="status"),
            ],
            className="municipal",
        )
    ]


def one_page(
    t: Translator,
    council: Council,
    actor: Actor,
    view: ProposalView,
    sheet: list[Component],
    data: Mapping[str, Any],
    typed: Mapping[Any, Any],
) -> list[Component]:
    """Return one proposal with its technical sheet as it is by now."""
    return proposal_page(
        t,
        view,
        sheet=sheet,
        assessor=assessor_of(council, actor, view.record),
        zone=zone_titles(council).get(view.record["zone"], ""),
        search=search_of(council, view.record),
        asked=data,
        typed=typed,
    )


def _edited(t: Translator, view: ProposalView) -> list[Component]:
    if "edit" not in view.verbs:
        said = html.P(t("edit.not_yours"), className="notice notice-error")
        number = view.record["number"]
        back = dcc.Link(
            t("compare.back", n=number), href=t.link(f"{PATH}/{number}"), className="back"
        )
        return [back, said]
    return editor(t, view.record, view.shape)


def _side(council: Council, actor: Actor, view: ProposalView) -> Any:
    zone = zone_titles(council).get(view.record["zone"], "")
    return view, sheet_of(council, view.record["id"], actor=actor), zone

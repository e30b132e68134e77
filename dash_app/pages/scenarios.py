"""Escenarios: sets of proposals, before and after on a divided map and in tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import may
from dash_app.components.badges import faults
from dash_app.components.controls import OVER_MAP
from dash_app.components.controls import asked
from dash_app.components.proposal_list import PATH as PROPOSALS
from dash_app.components.proposal_words import cost
from dash_app.components.proposal_words import lima
from dash_app.components.scenario_tables import measures
from dash_app.components.scenario_tables import provenance
from dash_app.components.scenario_tables import side_by_side
from dash_app.components.scenario_tables import zones
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from dash_app.state import path_of
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.green.classes import supply_scale
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import page_of
from ilo_geo.services.scenario_map import changes_colour
from ilo_geo.services.scenario_map import split_map
from ilo_geo.services.scenarios import DISCARD
from ilo_geo.services.scenarios import EDIT
from ilo_geo.services.scenarios import ScenarioView
from ilo_geo.services.scenarios import beside
from ilo_geo.services.scenarios import may_create
from ilo_geo.services.scenarios import scenario_items
from ilo_geo.services.scenarios import scenario_view
from ilo_geo.services.scenarios import scenarios

PATH = path_of("scenarios")
NEW, EDITED, WITH = "nuevo", "editar", "con"
READ = "read_scenario"
POLL_MS = 400
MAX_LETTERS = 64
# proposals one may choose from, the newest first, and how many of those that fit are listed at once
MOST_OFFERED, SHOWN_AT_ONCE = 1000, 30
FORMATS = ("pdf", "xlsx", "gpkg", "html")


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a list, a new scenario, one to read or edit, or two."""

    what: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """The panel and the divided map beside it, None for none."""

    body: list[Component]
    map: dict[str, Any] | None = None


def layout(_planner: Planner, view: View) -> list[Component]:
    """Return the panel as it is before its figures are known, or that the reader may not."""
    t = view.t
    if not may(READ):
        return [asked(view), html.H1(t("scenario.question")), html.P(t("scenario.not_for_you"))]
    return [
        asked(view),
        dcc.Store(id=ids.SCENARIOS_ASKED, data={"rest": list(view.rest)}),
        dcc.Store(id=ids.SCENARIO_JOB),
        dcc.Interval(id=ids.SCENARIO_POLL, interval=POLL_MS, disabled=True),
        html.Div(id=ids.SCENARIO_STALE, role="status"),
        html.Div(html.Div(className="skeleton"), id=ids.SCENARIOS_BODY, className="scenarios-page"),
    ]


def asked_of(rest: object) -> Asked:
    """Return what the rest of an address asks for.

    Raises
    ------
    NotFoundError
        No page of scenarios has such an address.
    """
    parts = [str(part) for part in rest] if isinstance(rest, list) else []
    known = [part for part in parts if _is_id(part)]
    match parts:
        case []:
            return Asked("list")
        case [only] if only == NEW:
            return Asked("new")
        case [_] if len(known) == 1:
            return Asked("one", tuple(known))
        case [_, word] if word == EDITED and len(known) == 1:
            return Asked("edit", tuple(known))
        case [_, word, _] if word == WITH and len(known) == 2:
            return Asked("two", tuple(known))
    raise NotFoundError("council.not_found", found="/".join(parts)[:40])


def _is_id(part: str) -> bool:
    return 0 < len(part) <= MAX_LETTERS and all(letter in "0123456789abcdef" for letter in part)


def shown(t: Translator, council: Council, actor: Actor, wanted: Asked) -> Shown:
    """Return what an address shows to whoever asks; the figures of ``wanted`` are computed here."""
    try:
        if wanted.what == "list":
            return Shown(list_page(t, council, actor))
        if wanted.what == "new":
            return Shown(form(t, council, actor, None, []))
        if wanted.what == "edit":
            items = scenario_items(council, actor, wanted.ids[0])
            return Shown(form(t, council, actor, *items))
        views = [scenario_view(council, actor, one) for one in wanted.ids]
    except IloGeoError as error:
        return Shown([_back(t), *faults(t, [error])])
    if wanted.what == "two":
        return Shown(two_page(t, *views), map_of(t, *views))
    return Shown(one_page(t, council, actor, views[0]), map_of(t, views[0]))


def waiting(t: Translator) -> list[Component]:
    """Return what stands in the panel while figures are computed."""
    words = html.P(t("scenario.computing"), role="status")
    return [_back(t), html.Div(words, className="skeleton sheet-waits")]


def list_page(t: Translator, council: Council, actor: Actor) -> list[Component]:
    """Return every scenario and the way to a new one."""
    rows = [
        html.Li(
            [
                dcc.Link(
                    row.record["title"], href=t.link(_path(row.record["id"])), className="title"
                ),
                html.Small(
                    t("scenario.row", n=row.n_proposals, when=lima(row.record["updated_at"]))
                ),
            ]
        )
        for row in scenarios(council, actor)
    ]
    new = dcc.Link(t("scenario.new"), href=t.link(f"{PATH}/{NEW}"), className="button primary")
    return [
        html.H1(t("scenario.question")),
        html.P(t("scenario.about"), className="help"),
        *([new] if may_create(council, actor) else []),
        html.Ul(rows, className="scenario-rows") if rows else html.P(t("scenario.none")),
    ]


def form(
    t: Translator, council: Council, actor: Actor, found: Record | None, members: list[Record]
) -> list[Component]:
    """Return the form of a new scenario, or of one that is there."""
    offered = page_of(council, actor, Filter(), limit=MOST_OFFERED)
    known = {one["id"] for one in members}
    others = [one for one in offered.rows if one["id"] not in known]
    more = offered.n_all > len(offered.rows)
    title = dmc.TextInput(
        id=ids.SCENARIO_TITLE,
        label=t("scenario.title"),
        value=found["title"] if found else "",
        required=True,
    )
    chosen = dmc.MultiSelect(
        id=ids.SCENARIO_PROPOSALS,
        label=t("scenario.choose"),
        data=options([*members, *others]),
        value=[one["id"] for one in members],
        searchable=True,
        hidePickedOptions=True,
        nothingFoundMessage=t("scenario.nothing"),
        limit=SHOWN_AT_ONCE,
        comboboxProps={"zIndex": OVER_MAP},
    )
    heading = t("scenario.edit") if found else t("scenario.new")
    save = html.Button(
        t("scenario.save"), id=ids.SCENARIO_SAVE, n_clicks=0, className="button primary wide"
    )
    version = found["version"] if found else 0
    return [
        _back(t) if found is None else _link(t, found["title"], _path(found["id"])),
        html.H1(heading),
        html.Div([title, chosen], className="proposal-fields"),
        html.P(t("scenario.choose_help"), className="help"),
        *([html.P(t("scenario.newest", n=MOST_OFFERED), className="help")] if more else []),
        dcc.Store(id=ids.SCENARIO_AGAIN, data={"version": version}),
        html.Div(save, className="scenario-acts"),
        html.Div(id=ids.SCENARIO_SAID, role="alert"),
    ]


def options(records: list[Record]) -> list[dict[str, str]]:
    """Return proposals as the choices of a list."""
    return [{"value": one["id"], "label": f"{one['number']}. {one['title']}"} for one in records]


def one_page(t: Translator, council: Council, actor: Actor, view: ScenarioView) -> list[Component]:
    """Return one scenario: what it holds, the table of before and after, zones, sources."""
    record = view.record
    others = [one.record for one in scenarios(council, actor) if one.record["id"] != record["id"]]
    return [
        _back(t),
        html.H1(record["title"]),
        html.P(t("scenario.base", base=t.of(view.base)), className="help"),
        html.H2(t("scenario.holds", n=len(view.proposals))),
        _members(t, view),
        html.H2(t("scenario.table")),
        measures(t, view),
        html.P(t("scenario.rounded"), className="help"),
        *[html.P(t.of(said), className="notice assumed") for said in view.notices],
        *(_zones(t, view) if len(view.zones) else []),
        *_with(t, record, others),
        _files(t, record),
        provenance(t, view),
        *_acts(t, view),
    ]


def _zones(t: Translator, view: ScenarioView) -> list[Component]:
    about = html.P(t.of(sheet_rules().words["outside_zones"]), className="help")
    same = [] if changes_colour(view) else [html.P(same_colours(t), className="notice assumed")]
    return [html.H2(t("scenario.zones")), *same, zones(t, view), about]


def two_page(t: Translator, one: ScenarioView, other: ScenarioView) -> list[Component]:
    """Return two scenarios in one table."""
    links = [
        html.P([html.B(f"B{n}: "), _link(t, view.record["title"], _path(view.record["id"]))])
        for n, view in enumerate((one, other), start=1)
    ]
    notices = dict.fromkeys((*one.notices, *other.notices))
    return [
        _back(t),
        html.H1(t("scenario.two")),
        *links,
        side_by_side(t, beside(one, other), one),
        html.P(t("scenario.rounded"), className="help"),
        *[html.P(t.of(said), className="notice assumed") for said in notices],
        provenance(t, one),
    ]


def map_of(t: Translator, view: ScenarioView, other: ScenarioView | None = None) -> dict[str, Any]:
    """Return what the divided map shows, and its words."""
    scale = supply_scale()
    left = t("scenario.today") if other is None else f"B1: {view.record['title']}"
    right = t("scenario.with") if other is None else f"B2: {other.record['title']}"
    modelled = any(note.status == "modelled" for note in view.layers)
    return {
        **split_map(view, other),
        "key": "/".join(v.record["id"] for v in (view, other) if v),
        "inputs": [[v.record["id"], v.inputs_sha256] for v in (view, other) if v],
        "words": {
            "left": left,
            "right": right,
            "label": t("scenario.divider"),
            "value": t("scenario.divider_at", n="{n}", left=left, right=right),
            "same": "" if changes_colour(view, other) else same_colours(t, other),
        },
        "look": {
            "classes": {
                one.id: {"colour": one.colour, "title": t.of(one.title)} for one in scale.classes
            },
            "missing": {"colour": scale.missing.colour, "title": t.of(scale.missing.title)},
            "unit": t.of(scale.unit),
            "deficit": t("scenario.deficit_of", n="{n}"),
            "modelled": modelled,
            "badge": t("status.modelled") if modelled else "",
        },
    }


def same_colours(t: Translator, other: ScenarioView | None = None) -> str:
    """Return that the two sides of the map look the same, and where the difference is told."""
    return t("scenario.same_colours") if other is None else t("scenario.same_colours_two")


def stale_notice(t: Translator) -> list[Component]:
    """Return that the data have changed since, and what computes the figures again."""
    again = dcc.Link(t("stale.again"), href="", refresh=True, className="button")
    return [html.P([t("stale.text"), " · ", again], className="notice notice-stale")]


def _members(t: Translator, view: ScenarioView) -> Component:
    kinds = rulebook().kinds
    items = []
    for number, row in view.proposals.iterrows():
        spent = cost(
            t,
            {"cost_min_soles": _soles(row["cost_low"]), "cost_max_soles": _soles(row["cost_high"])},
        )
        link = _link(t, f"{number}. {row['title']}", f"{PROPOSALS}/{number}")
        items.append(
            html.Li([link, " ", html.Small(f"{t.of(kinds[row['kind']].title)} · {spent}")])
        )
    return html.Ul(items, className="scenario-members")


def _soles(value: Any) -> Any:
    return None if value is None or value != value else value


def _with(t: Translator, record: Record, others: list[Record]) -> list[Component]:
    if not others:
        return []
    links = [
        html.Li(_link(t, one["title"], f"{_path(record['id'])}/{WITH}/{one['id']}"))
        for one in others
    ]
    return [
        html.Details(
            [html.Summary(t("scenario.compare")), html.Ul(links, className="scenario-members")],
            className="fold",
        )
    ]


def _files(t: Translator, record: Record) -> Component:
    links = [
        html.A(
            fmt.upper(),
            href=f"{_path(record['id'])}/expediente.{fmt}?lang={t.lang}",
            className="button",
            download=True,
        )
        for fmt in FORMATS
    ]
    return html.Div([html.Span(t("scenario.dossier")), *links], className="scenario-acts")


def _acts(t: Translator, view: ScenarioView) -> list[Component]:
    record = view.record
    edit = _link(t, t("scenario.edit"), f"{_path(record['id'])}/{EDITED}")
    edit.className = "button"
    sure = html.Button(
        t("scenario.discard_sure"), id=ids.SCENARIO_DISCARD, n_clicks=0, className="button"
    )
    discard = html.Details([html.Summary(t("scenario.discard")), sure], className="fold")
    acts = [act for verb, act in ((EDIT, edit), (DISCARD, discard)) if verb in view.verbs]
    return [
        html.Div(acts, className="scenario-acts"),
        dcc.Store(id=ids.SCENARIO_AGAIN, data={"version": record["version"]}),
        html.Div(id=ids.SCENARIO_SAID, role="alert"),
    ]


def _back(t: Translator) -> Component:
    return dcc.Link(t("scenario.back"), href=t.link(PATH), className="back")


def _link(t: Translator, words: str, path: str) -> Component:
    return dcc.Link(words, href=t.link(path))


def _path(scenario_id: str) -> str:
    return f"{PATH}/{quote(scenario_id)}"


def version_of(kept: Mapping[str, Any] | None) -> int:
    """Return the version that a form was opened on."""
    version = (kept or {}).get("version")
    return version if isinstance(version, int) else 0

"""Two proposals side by side: what each says of itself, its figures, and the differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app.components.proposal_list import PATH
from dash_app.components.proposal_sheet import is_modelled
from dash_app.components.proposal_sheet import number
from dash_app.components.proposal_sheet import value
from dash_app.components.proposal_words import cost
from dash_app.components.proposal_words import state_title
from dash_app.i18n import Translator
from ilo_geo.core.units import MISSING
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet import GROUPS
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.proposal_sheet import StoredSheet

Side = tuple[ProposalView, StoredSheet | None, str]


def compare_page(t: Translator, one: Side, other: Side) -> list[Component]:
    """Return two proposals in one table, what differs in the last column.

    A side is a proposal, its sheet (None where there is none yet) and the name of its zone.
    """
    sides = (one, other)
    back = dcc.Link(
        t("compare.back", n=one[0].record["number"]),
        href=t.link(f"{PATH}/{one[0].record['number']}"),
        className="back",
    )
    stale = [
        html.P(t("compare.stale", n=view.record["number"]), className="notice notice-stale")
        for view, sheet, _ in sides
        if sheet is not None and sheet.stale
    ]
    lacking = [
        html.P(t("compare.no_sheet", n=view.record["number"]), className="notice notice-stale")
        for view, sheet, _ in sides
        if sheet is None
    ]
    return [
        back,
        html.H1(t("compare.heading")),
        *stale,
        *lacking,
        html.Div(_table(t, one, other), className="table-scroll", tabIndex=0),
        html.P(t("compare.note"), className="help"),
    ]


def _table(t: Translator, one: Side, other: Side) -> Component:
    heads = [html.Th(_name(t, side[0].record), scope="col") for side in (one, other)]
    facts = [
        html.Tr([html.Th(title, scope="row"), *[html.Td(cell) for cell in cells], html.Td("")])
        for title, cells in _facts(t, one, other)
    ]
    return html.Table(
        [
            html.Thead(
                html.Tr([html.Td(""), *heads, html.Th(t("compare.difference"), scope="col")])
            ),
            html.Tbody([*facts, *_figures(t, one[1], other[1])]),
        ],
        className="plain-table compared-proposals",
    )


def _name(t: Translator, record: Mapping[str, Any]) -> list[Component]:
    link = dcc.Link(
        t("proposals.number", n=record["number"]), href=t.link(f"{PATH}/{record['number']}")
    )
    return [link, html.Small(record["title"])]


def _facts(t: Translator, one: Side, other: Side) -> list[tuple[str, list[str]]]:
    views, zones = (one[0], other[0]), (one[2], other[2])
    book = rulebook()
    verdicts = [
        t.of(book.verdicts[view.record["feasibility"]]) if view.record["feasibility"] else MISSING
        for view in views
    ]
    return [
        (t("proposals.kind"), [t.of(book.kinds[view.record["kind"]].title) for view in views]),
        (t("proposals.state"), [state_title(t, view.record["state"]) for view in views]),
        (t("fact.zone"), [zone or MISSING for zone in zones]),
        (t("fact.cost"), [cost(t, view.record) for view in views]),
        (t("proposals.verdict"), verdicts),
        (t("compare.support"), [str(view.n_support) for view in views]),
        (t("compare.points"), [f"{_n(view, FOR)} / {_n(view, AGAINST)}" for view in views]),
    ]


def _n(view: ProposalView, stance: str) -> int:
    return sum(one["stance"] == stance and not one["hidden"] for one in view.comments)


def _figures(t: Translator, one: StoredSheet | None, other: StoredSheet | None) -> list[Component]:
    """Return a row a figure that either sheet has, under the name of its group."""
    sheets = [found.content if found else None for found in (one, other)]
    rows: list[Component] = []
    for group in GROUPS:
        known = {f.id: f for sheet in sheets if sheet for f in sheet.group(group)}
        title = next((s.titles[group] for s in sheets if s and group in s.titles), None)
        if known and title is not None:
            rows.append(
                html.Tr(html.Th(t.of(title), colSpan=4, scope="colgroup"), className="group")
            )
        rows += [_row(t, figure_id, sheets) for figure_id in known]
    return rows


def _row(t: Translator, figure_id: str, sheets: list[Sheet | None]) -> Component:
    figures = [sheet.get(figure_id) if sheet else None for sheet in sheets]
    named = next(one for one in figures if one is not None)
    cells = [
        html.Td([*value(t, one), _mark(t, sheet, figure_id)] if one and sheet else MISSING)
        for one, sheet in zip(figures, sheets, strict=True)
    ]
    return html.Tr([html.Th(t.of(named.title), scope="row"), *cells, html.Td(difference(*figures))])


def _mark(t: Translator, sheet: Sheet, figure_id: str) -> Component | str:
    words = t("compare.modelled") if is_modelled(sheet, sheet[figure_id]) else ""
    return html.Small(words) if words else ""


def difference(one: Any, other: Any) -> str:
    """Return the second figure less the first with its sign, nothing where either has no value."""
    if one is None or other is None or one.value is None or other.value is None:
        return ""
    if one.unit != other.unit:
        return ""
    step = round(other.value - one.value, one.decimals)
    return f"+{number(step, one)}" if step > 0 else number(abs(step) if step == 0 else step, one)

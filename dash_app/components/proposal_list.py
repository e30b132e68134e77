"""The list of proposals: filters, how many fit, rows, pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from dash_app import ids
from dash_app.components.controls import DEBOUNCE_MS
from dash_app.components.controls import OVER_MAP
from dash_app.components.proposal_marks import group_of_state
from dash_app.components.proposal_marks import mark
from dash_app.components.proposal_words import cost
from dash_app.components.proposal_words import state_chip
from dash_app.i18n import Translator
from dash_app.state import LISTED
from dash_app.state import path_of
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.council_views import Page

PER_PAGE = 25
STATE, KIND, ZONE, TEXT, PAGE = LISTED
# only the map of a campaign is cut down to it
CAMPAIGN = "p_campaign"
PATH = path_of("proposals")


def filter_of(asked: Mapping[str, Any]) -> Filter:
    """Return what an address cuts the list down to; what is forged or unknown cuts nothing."""
    states = tuple(s for s in split(asked.get(STATE)) if s in lifecycle().states)
    kinds = tuple(k for k in split(asked.get(KIND)) if k in rulebook().kinds)
    zone, text = (str(asked.get(name) or "") for name in (ZONE, TEXT))
    campaign = str(asked.get(CAMPAIGN) or "")
    try:
        return Filter(states=states, kinds=kinds, zone=zone, text=text, campaign_id=campaign)
    except ValidationError:
        # longer than anything there is
        return Filter(states=states, kinds=kinds)


def split(value: object) -> list[str]:
    """Return the choices of a filter, given as a list or with commas between."""
    found = value if isinstance(value, list) else str(value or "").split(",")
    return [str(one) for one in found if one]


def query_of(asked: Mapping[str, Any], lang: str = "es", *, page: bool = True) -> str:
    """Return the filters as the query of an address, nothing where they cut nothing."""
    names = LISTED if page else LISTED[:-1]
    told = {name: ",".join(split(asked.get(name))) for name in (*names,) if name != TEXT}
    told[TEXT] = str(asked.get(TEXT) or "")
    query = urlencode({name: value for name, value in told.items() if value and value != "1"})
    lang_part = "lang=en" if lang == "en" else ""
    joined = "&".join(part for part in (lang_part, query) if part)
    return f"?{joined}" if joined else ""


def page_number(asked: Mapping[str, Any]) -> int:
    """Return which page of the list is asked for, the first where that is no number."""
    told = str(asked.get(PAGE) or "")
    return max(1, int(told)) if told.isascii() and told.isdigit() and len(told) < 6 else 1


def filters(t: Translator, zones: Mapping[str, str], asked: Mapping[str, Any]) -> Component:
    """Return the controls that cut the list down, as the address has them."""
    states = {name: t.of(title) for name, title in lifecycle().states.items()}
    kinds = {name: t.of(kind.title) for name, kind in rulebook().kinds.items()}
    chosen = filter_of(asked)
    zone = chosen.zone if chosen.zone in zones else None
    text = dmc.TextInput(
        id=ids.parameter(TEXT),
        value=chosen.text,
        label=t("proposals.text"),
        placeholder=t("proposals.text_hint"),
        debounce=DEBOUNCE_MS,
        attributes={"input": {"maxLength": 200}},
    )
    more = [
        _several(t("proposals.state"), STATE, states, chosen.states, t("proposals.any_state")),
        _several(t("proposals.kind"), KIND, kinds, chosen.kinds, t("proposals.any_kind")),
        dmc.Select(
            id=ids.parameter(ZONE),
            data=_choices(dict(sorted(zones.items(), key=lambda pair: pair[1]))),
            value=zone,
            label=t("proposals.zone"),
            placeholder=t("proposals.any_zone"),
            clearable=True,
            searchable=True,
            clearButtonProps={"aria-label": t("proposals.clear")},
            comboboxProps={"zIndex": OVER_MAP},
        ),
    ]
    n = page_number(asked)
    is_open = bool(chosen.states or chosen.kinds or zone)
    return html.Section(
        [
            text,
            html.Details(
                [html.Summary(t("proposals.more_filters")), *more], className="fold", open=is_open
            ),
            # the first page needs no number in the address
            dcc.Input(id=ids.parameter(PAGE), type="hidden", value=str(n) if n > 1 else ""),
        ],
        className="proposal-filters",
        **{"aria-label": t("proposals.filters")},
    )


def _several(
    label: str, name: str, choices: Mapping[str, str], chosen: tuple[str, ...], hint: str
) -> Component:
    return dmc.MultiSelect(
        id=ids.parameter(name),
        data=_choices(choices),
        value=list(chosen),
        label=label,
        placeholder="" if chosen else hint,
        clearable=True,
        clearButtonProps={"aria-label": hint},
        comboboxProps={"zIndex": OVER_MAP},
    )


def _choices(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in words.items()]


def listing(
    t: Translator, page: Page, zones: Mapping[str, str], asked: Mapping[str, Any]
) -> list[Component]:
    """Return how many fit, a page of them, and the way to the others."""
    if not page.n_all:
        return [html.P(_nothing(t, asked), className="empty")]
    query = query_of(asked, t.lang)
    rows = [_row(t, row, zones, f"{PATH}/{row['number']}{query}") for row in page.rows]
    last = page.offset + len(page.rows)
    said = t(
        "proposals.shown",
        n=peru_number(page.n_all),
        first=peru_number(page.offset + 1),
        last=peru_number(last),
    )
    return [
        html.P(said, className="list-count", role="status"),
        html.Ol(rows, className="proposal-rows", start=page.offset + 1),
        *_pages(t, page),
    ]


def _nothing(t: Translator, asked: Mapping[str, Any]) -> str:
    return t("proposals.none_fit") if filter_of(asked) != Filter() else t("proposals.empty")


def _row(t: Translator, row: dict[str, Any], zones: Mapping[str, str], href: str) -> Component:
    said = [
        t("proposals.number", n=row["number"]),
        t.of(rulebook().kinds[row["kind"]].title),
        zones.get(row["zone"], ""),
    ]
    counts = t(
        "proposals.counts",
        support=peru_number(row["n_support"]),
        n_for=row["n_for"],
        n_against=row["n_against"],
    )
    words = [
        html.Span(row["title"], className="row-title"),
        html.Span(
            [
                state_chip(t, row["state"], group_of_state()[row["state"]]),
                html.Span(cost(t, row), className="row-cost"),
            ],
            className="row-line",
        ),
        html.Span(" · ".join(part for part in said if part), className="row-about"),
        html.Span(counts, className="row-about"),
    ]
    link = dcc.Link(
        [mark(row["kind"], row["state"]), html.Span(words, className="row-words")],
        href=href,
        className="proposal-row",
    )
    return html.Li(link)


def _pages(t: Translator, page: Page) -> list[Component]:
    """Return the buttons to the page before and after; each says which it leads to."""
    now, last = page.offset // PER_PAGE + 1, -(-page.n_all // PER_PAGE)
    if last == 1:
        return []
    steps = ((t("proposals.before"), now - 1), (t("proposals.after"), now + 1))
    buttons = [
        html.Button(
            words,
            className="button",
            disabled=not 1 <= to <= last,
            **{"data-parameter": PAGE, "data-value": str(to)},
        )
        for words, to in steps
    ]
    where = html.Span(t("proposals.page", n=peru_number(now), of=peru_number(last)))
    return [
        html.Nav(
            [buttons[0], where, buttons[1]],
            className="list-pages",
            **{"aria-label": t("proposals.pages")},
        )
    ]

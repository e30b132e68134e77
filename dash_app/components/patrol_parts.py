"""How the pages of security write shares, and the small tables they show."""

from __future__ import annotations

import math
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.finding_parts import between
from dash_app.i18n import Translator
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number


def percent(ratio: float | None, decimals: int = 0) -> str:
    """Return a share as per cent, a dash where it is not known."""
    if ratio is None or math.isnan(ratio):
        return MISSING
    return f"{peru_number(100 * ratio, decimals)} %"


def percent_between(t: Translator, row: Mapping[str, Any], name: str) -> str:
    """Return the interval of a share in words."""
    return between(t, percent(row[f"{name}_low"]), percent(row[f"{name}_high"]))


def percent_span(row: Mapping[str, Any], name: str) -> str:
    """Return the interval of a share, short enough for a cell of a table."""
    low, high = (percent(row[f"{name}_{end}"]) for end in ("low", "high"))
    return f"{low.removesuffix(' %')}–{high}"


def plain_table(title: str, head: Iterable[Any], rows: Iterable[Component]) -> Component:
    """Return a table that scrolls sideways by itself where the panel is narrow."""
    columns = html.Thead(html.Tr([html.Th(words, scope="col") for words in head]))
    return html.Div(
        html.Table([columns, html.Tbody(list(rows))], className="plain-table"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )


def table_row(head: Any, cells: Iterable[Any]) -> Component:
    """Return a row that begins with its name."""
    return html.Tr([html.Th(head, scope="row"), *[html.Td(cell) for cell in cells]])


def choosing(name: str, found: str) -> Component:
    """Return a name that opens the sheet of the thing it names."""
    choose = {"data-choose": ids.FOUND, "data-value": found}
    return html.Button(name, className="link-button", **choose)


def fold(title: str, body: Iterable[Component]) -> Component:
    """Return blocks that open under their title."""
    return html.Details([html.Summary(title), *body], className="fold")

"""Every hazard at once: who and what stands in any, which sites, what the displaced need."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app.components.figures import figure_specs
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.needs import needs

ENDS = ("", "_low", "_high")
THINGS = (
    "dwellings",
    "n_schools",
    "n_health",
    "n_municipal",
    "n_police",
    "n_tanks",
    "n_fuel_stations",
    "roads_km",
)
HEADLINE_SITES = ("schools", "health")
# people in any hazard count once; these are the two columns of a summary
ANY = ("very_high", "high")
NOTABLE_SITES = 8
LISTED = "; "


def exposure_headline(t: Translator, result: AnalysisResult) -> Component:
    """Return who stands in any hazard at its worst, in words and digits, with the interval."""
    summary = result.summary
    most = _ends(summary, "people_in_any_very_high_inhab")
    wide = _ends(summary, "people_in_any_high_inhab")
    moved = _ends(summary, "displaced_inhab")
    sites = [
        f"{peru_number(summary[f'n_{kind}_in_any_very_high'])} {t(f'count.{kind}')}"
        for kind in HEADLINE_SITES
        if f"n_{kind}_in_any_very_high" in summary
    ]
    when = t(f"period.{result.parameters['moment']}")
    return html.Div(
        [
            html.P(
                [
                    html.Strong(most["n"], className="headline-number"),
                    html.Span(t("headline.exposure", when=when), className="headline-unit"),
                ],
                className="headline",
            ),
            html.P(
                [t("headline.between"), most["low"], t("headline.and"), most["high"]],
                className="headline-range",
            ),
            html.P(" · ".join(sites), className="headline-rest"),
            html.P(t("headline.exposure_high", **wide), className="headline-rest"),
            html.P(t("headline.displaced", **moved), className="help"),
        ]
    )


def exposure_matrix(t: Translator, result: AnalysisResult) -> Component:
    """Return who and what (rows) stands in any hazard and in each (columns), with intervals."""
    bands = _widest_of_worst(result.tables["exposure"])
    people = f"people_{result.parameters['moment']}_inhab"
    titles = [(t(f"exposure_any.{level}"), "") for level in ANY]
    titles += [(t(f"hazard.{row['hazard']}"), row[f"title_{t.lang}"]) for row in bands]
    head = [html.Th(t("exposure.what"), scope="col")]
    head += [html.Th([title, html.Small(band)], scope="col") for title, band in titles]
    present = [name for name in THINGS if name in result.tables["exposure"]]
    rows = [
        html.Tr(
            [
                html.Th(t.of(figure_specs()[name].title), scope="row"),
                *[html.Td(_cell(result.summary, _any(name, level), name)) for level in ANY],
                *[html.Td(_cell(row, name, name)) for row in bands],
            ]
        )
        for name in (people, *present)
    ]
    return _scrolling(t("exposure.matrix"), head, rows)


def _widest_of_worst(exposure: pd.DataFrame) -> list[dict[str, Any]]:
    """Return, of each hazard, the widest of its most severe bands, which holds the others."""
    rank = exposure["level"].map(hazard_levels().ids.index)
    worst = exposure[rank == rank.groupby(exposure["hazard"]).transform("max")]
    widest = worst.sort_values("area_m2", ascending=False).drop_duplicates("hazard").index
    chosen: list[dict[str, Any]] = exposure[exposure.index.isin(widest)].to_dict("records")
    return chosen


def _any(name: str, level: str) -> str:
    """Return what a summary calls a figure over any hazard."""
    if name.startswith("people_"):
        return f"people_in_any_{level}_inhab"
    stem = name.removesuffix("_km")
    return f"{stem}_in_any_{level}" + ("_km" if stem != name else "")


def exposed_sites(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the sites inside a hazard or possibly so, worst first, with level and hazards."""
    sites = result.tables["sites"].drop(columns="geometry")
    rank = {level: n for n, level in enumerate(reversed(hazard_levels().ids))}
    outside = len(rank)
    ranked = sites.assign(
        sure=sites["level"].map(rank).fillna(outside),
        maybe=sites["level_high"].map(rank).fillna(outside),
    )
    inside = ranked[ranked["maybe"] < outside].sort_values(
        ["sure", "maybe", "kind", "name"], kind="stable"
    )
    if inside.empty:
        return [html.P(t("table.empty"), className="help")]
    rows = [_site(t, row) for row in inside.to_dict("records")]
    more = rows[NOTABLE_SITES:]
    fold = html.Details(
        [html.Summary(t("exposure.more_sites", n=len(more))), html.Ul(more, className="catalogue")],
        className="fold",
    )
    return [html.Ul(rows[:NOTABLE_SITES], className="catalogue"), *([fold] if more else [])]


def _site(t: Translator, row: dict[str, Any]) -> Component:
    levels = {level.id: t.of(level.title) for level in hazard_levels().levels}
    sure = row["level"] in levels
    level = row["level"] if sure else row["level_high"]
    listed = row["hazards"] if sure else row["hazards_high"]
    hazards = ", ".join(t(f"hazard.{name}") for name in listed.split(LISTED) if name)
    kind = t(f"site.{row['kind']}")
    word = levels[level] if sure else t("exposure.maybe", level=levels[level].lower())
    return html.Li(
        [
            html.Span(className=f"swatch level-{level}"),
            html.Span(row["name"] or kind, className="row-title"),
            html.Span(word, className="site-level"),
            html.Span(f"{kind} · {hazards}", className="row-note"),
        ],
        className="measure",
    )


def displaced_needs(t: Translator, result: AnalysisResult) -> Component:
    """Return, folded, what the displaced of each hazard need at least, and after which rates."""
    table = result.tables["needs"]
    days = result.parameters["days"]
    order = ["any", *[name for name in table["hazard"].unique() if name != "any"]]
    groups = {name: table[table["hazard"] == name].set_index("need") for name in order}
    head = [html.Th(t("needs.what"), scope="col")]
    head += [
        html.Th(t("needs.any") if name == "any" else t(f"hazard.{name}"), scope="col")
        for name in order
    ]
    people = [html.Td(_people(group.iloc[0])) for group in groups.values()]
    rows = [html.Tr([html.Th(t("needs.displaced"), scope="row"), *people])]
    rows += [
        html.Tr(
            [
                html.Th([row[f"title_{t.lang}"], html.Small(_rate(t, row))], scope="row"),
                *[html.Td(_amount(group.loc[need], days)) for group in groups.values()],
            ]
        )
        for need, row in groups["any"].iterrows()
    ]
    sources = [_source(t, row) for _, row in groups["any"].iterrows()]
    return html.Details(
        [
            html.Summary(t("needs.title")),
            html.P(t("needs.about", days=days), className="help"),
            _scrolling(t("needs.title"), head, rows),
            html.Ul(sources, className="sources needs-sources"),
        ],
        className="fold",
    )


def _rate(t: Translator, row: Any) -> str:
    unit = row[f"unit_{t.lang}"]
    if not needs()[str(row.name)].per_inhab:
        return t("needs.shared", n=f"{row['rate']:g}")
    said = {"n": f"{row['rate']:,g}", "unit": unit}
    return t("needs.per_day", **said) if row["per_day"] else t("needs.each", **said)


def _source(t: Translator, row: Any) -> Component:
    mark = []
    if str(row["verified"]) == "NV":
        mark = [" ", html.Abbr(t("control.nv"), title=t("control.nv_about"))]
    return html.Li([html.Strong(row[f"title_{t.lang}"]), f": {row['source']}", *mark])


def _people(row: Any) -> list[Component]:
    return _written([row[f"displaced_inhab{end}"] for end in ENDS])


def _amount(row: Any, days: float) -> list[Component]:
    """Return what is needed: of what is used up, in a day."""
    share = days if row["per_day"] else 1
    return _written([row[f"need{end}"] / share for end in ("_total", "_low", "_high")])


def _cell(row: Any, name: str, figure: str) -> list[Component]:
    decimals = figure_specs()[figure].decimals
    return _written([row.get(name + end) for end in ENDS], decimals)


def _written(values: list[Any], decimals: int = 0) -> list[Component]:
    middle, low, high = (peru_number(value, decimals) for value in values)
    interval = [] if low == middle == high else [html.Small(f"{low}–{high}")]
    return [html.Span(middle), *interval]


def _ends(summary: Any, name: str) -> dict[str, str]:
    """Return middle, low and high of a key figure as a sentence takes them."""
    fields = zip(("n", "low", "high"), ENDS, strict=True)
    return {field: peru_number(summary[name + end]) for field, end in fields}


def _scrolling(title: str, head: list[Component], rows: list[Component]) -> Component:
    return html.Div(
        html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain-table wide"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": title},
    )

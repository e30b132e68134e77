"""Coherencia: the plan's figures against each other and against the layers, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import faults
from dash_app.components.controls import OVER_MAP
from dash_app.components.controls import asked
from dash_app.components.rule_sheet import rule_sheet
from dash_app.components.tables import coherence_table
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import ALL_RULES
from dash_app.state import FILTERS
from dash_app.state import View
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.services.coherence import Coherence
from ilo_geo.services.coherence import plan_words

FORMATS = ("csv", "html")


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: how many rules hold, filters, and every rule to open."""
    t = view.t
    head = [asked(view), html.H1(t("coherence.question"))]
    try:
        found = planner.coherence()
    except InputError as error:
        return [*head, *faults(t, [error])]
    if found is None:
        return [*head, html.P(t("coherence.no_rules"), className="notice assumed")]
    how = [t("coherence.how_about"), t("coherence.modelled_about"), t("coherence.add")]
    return [
        *head,
        *_headline(t, found),
        html.Details(
            [html.Summary(t("coherence.how")), *map(html.P, how)],
            className="fold",
        ),
        *_filters(t, found, view.filters),
        html.Div(rules(t, found, view.filters), id=ids.RULES, role="status"),
    ]


def rules(
    t: Translator, found: Coherence | None, chosen: Mapping[str, str | None]
) -> list[Component]:
    """Return the rules of the chosen theme and verdict, each to open, and the files of them."""
    if found is None:
        return []
    said: list[Component] = []
    theme, verdict = (chosen.get(name) or ALL_RULES for name in FILTERS)
    try:
        kept = found.only(_or_all(theme), _or_all(verdict))
    except ParameterError as error:
        said, kept, theme, verdict = faults(t, [error]), found, ALL_RULES, ALL_RULES
    shown, total = len(kept.findings), len(found.findings)
    words = t("coherence.shown", n=shown, total=total) if shown else t("coherence.none")
    sheets = [rule_sheet(t, report) for report in kept.reports(t.lang)]
    return [*said, html.P(words, className="help"), *sheets, _files(t, theme, verdict)]


def table(t: Translator, planner: Planner) -> Component:
    """Return the rules as a table."""
    found = planner.coherence()
    return coherence_table(t, found.reports(t.lang) if found else ())


def _headline(t: Translator, found: Coherence) -> list[Component]:
    counts = found.counts
    return [
        html.P(
            [
                html.Strong(str(counts["contradiction"]), className="headline-number"),
                html.Span(t("coherence.contradictions"), className="headline-unit"),
            ],
            className="headline",
        ),
        html.P(
            t(
                "coherence.rest",
                n=len(found.findings),
                contradictions=counts["contradiction"],
                notices=counts["notice"],
                coherent=counts["coherent"],
                no_data=counts["no_data"],
            ),
            className="headline-rest",
        ),
    ]


def _filters(t: Translator, found: Coherence, chosen: Mapping[str, str]) -> list[Component]:
    themes = {name: t.of(title) for name, title in found.titles.items()}
    verdicts = {name: t.of(word) for name, word in plan_words()["verdicts"].items()}
    theme, verdict = FILTERS
    return [
        _select(t, theme, t("coherence.theme"), themes, chosen[theme]),
        _select(t, verdict, t("coherence.verdict"), verdicts, chosen[verdict]),
    ]


def _select(
    t: Translator, name: str, title: str, choices: Mapping[str, str], value: str
) -> Component:
    data = [{"value": ALL_RULES, "label": t("coherence.all")}]
    data += [{"value": choice, "label": words} for choice, words in choices.items()]
    return html.Div(
        [
            html.Div(html.Span(title, className="control-label"), className="control-head"),
            dmc.Select(
                id=ids.parameter(name),
                data=data,
                value=value if value in choices else ALL_RULES,
                allowDeselect=False,
                attributes={"input": {"aria-label": title}},
                comboboxProps={"zIndex": OVER_MAP},
            ),
        ],
        className="control",
    )


def _files(t: Translator, theme: str, verdict: str) -> Component:
    query = urlencode({"lang": t.lang, **dict(zip(FILTERS, (theme, verdict), strict=True))})
    links = [
        html.A(
            t(f"coherence.{fmt}"), href=f"/descargas/coherencia.{fmt}?{query}", className="button"
        )
        for fmt in FORMATS
    ]
    return html.Div(links, className="buttons rule-files")


def _or_all(chosen: str) -> str | None:
    return None if chosen == ALL_RULES else chosen

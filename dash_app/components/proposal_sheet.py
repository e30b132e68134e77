"""The technical sheet of a proposal: figures with their interval, formula and sources."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.components.finding_parts import origin
from dash_app.components.proposal_words import lima
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.proposals.sheet import CONFLICTS
from ilo_geo.proposals.sheet import GROUPS
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.services.proposal_sheet import StoredSheet

# what stands against it comes first, then what the council asks; the rest is opened by hand
ORDER = (CONFLICTS, *(group for group in GROUPS if group != CONFLICTS))
OPEN_GROUPS = ORDER[:4]
# what a sheet stands on beside layers
NOT_LAYERS = ("area.yaml", "rules", "proposals", "geometry")


def technical_sheet(
    t: Translator,
    found: StoredSheet | None,
    *,
    computing: bool,
    may_compute: bool = True,
    fault: str = "",
) -> list[Component]:
    """Return the sheet as it is: computed, being computed, computed on older data, or none."""
    title = html.H2(t("sheet.title"))
    again = [_again(t)] if may_compute else []
    said = [html.P(fault, className="notice notice-error", role="alert")] if fault else []
    if found is None:
        wait = html.Div(html.P(t("sheet.computing")), className="skeleton sheet-waits")
        none = html.P(t("sheet.none"), className="help")
        return [title, *said, *([wait] if computing else [none, *again])]
    sheet = found.content
    return [
        title,
        *said,
        *_stale(t, found, [html.P(t("sheet.recomputing"))] if computing else again),
        html.P(t("sheet.made", when=lima(found.made_at)), className="help"),
        *_modelled(t, sheet),
        *[_group(t, sheet, group) for group in ORDER if sheet.group(group)],
    ]


def _stale(t: Translator, found: StoredSheet, then: list[Component]) -> list[Component]:
    if not found.stale:
        return []
    titles = {note.layer: t.of(note.title) for note in found.content.layers}
    titles |= {name: t(f"sheet_change.{name}") for name in NOT_LAYERS}
    changed = ", ".join(titles.get(one, one) for one in found.changed_layers)
    said = html.P(t("sheet.stale", layers=changed))
    return [html.Div([said, *then], className="notice notice-stale", role="status")]


def _again(t: Translator) -> Component:
    return html.Button(t("sheet.again"), id=ids.SHEET_AGAIN, n_clicks=0, className="button")


def _modelled(t: Translator, sheet: Sheet) -> list[Component]:
    if not sheet.modelled_layers:
        return []
    layers = ", ".join(t.of(title) for title in sheet.modelled_layers)
    badge = status_badge(t, Status.MODELLED)
    return [html.P([badge, " ", t("sheet.modelled", layers=layers)], className="sheet-modelled")]


def _group(t: Translator, sheet: Sheet, group: str) -> Component:
    figures = [_figure(t, sheet, one) for one in sheet.group(group)]
    return html.Details(
        [html.Summary(t.of(sheet.titles[group])), html.Dl(figures, className="sheet-figures")],
        className="fold sheet-group",
        open=group in OPEN_GROUPS,
    )


def _figure(t: Translator, sheet: Sheet, one: Figure) -> Component:
    badge = [status_badge(t, Status.MODELLED)] if is_modelled(sheet, one) else []
    return html.Div(
        [
            html.Dt([html.Span(t.of(one.title)), about(t, sheet, one)]),
            html.Dd([*value(t, one), *badge]),
        ],
        className="sheet-figure",
    )


def is_modelled(sheet: Sheet, one: Figure) -> bool:
    """Return whether a figure stands on a layer that is modelled, not surveyed."""
    return any(note.status is Status.MODELLED for note in sheet.sources_of(one))


def value(t: Translator, one: Figure) -> list[Component]:
    """Return what a figure comes to, its interval and its note; or why it says nothing."""
    if one.missing:
        layers = ", ".join(t.of(title) for title in one.missing)
        return [html.Span(t("sheet.missing", layers=layers), className="sheet-missing")]
    if not one.is_told:
        return [html.Span(t.of(one.explanation), className="sheet-missing")]
    said: list[Component] = []
    if one.level is not None:
        said.append(html.Span(_levels(t, one), className="value level-word"))
    if one.certainty is not None:
        certainty = certainty_title(one.certainty)
        said.append(html.Span(t.of(certainty), className="unit"))
    if one.value is not None or one.level is None:
        said += [html.Span(number(one.value, one), className="value"), _unit(t, one)]
    said += [html.Span(words, className="interval") for words in [one.interval(t.lang)] if words]
    said += [html.Span(t.of(one.note), className="sheet-note")] if one.note else []
    return [part for word in said for part in (word, " ")]


def _levels(t: Translator, one: Figure) -> str:
    low, high = one.level_low, one.level_high
    if low and high and low != high:
        return t("sheet.levels", low=t.of(level_title(low)), high=t.of(level_title(high)))
    return t.of(level_title(one.level or ""))


def level_title(level: str) -> Text:
    """Return the name of a level of a hazard, a conflict or a time of arrival, else its id."""
    known = {
        **sheet_rules().levels,
        **{one.id: one.title for one in (*arrival_figures().classes, *patrol_rules().classes)},
        **{one.id: one.title for one in hazard_levels().levels},
    }
    return known.get(level, Text(es=level or MISSING, en=level or MISSING))


def certainty_title(certainty: str) -> Text:
    """Return the name of how sure a hazard is."""
    known = {one.id: one.title for one in hazard_levels().outlines}
    return known.get(certainty, Text(es=certainty, en=certainty))


def number(amount: float | None, one: Figure) -> str:
    """Return an amount as the figure is written."""
    return peru_number(amount, one.decimals)


def _unit(t: Translator, one: Figure) -> Component:
    return html.Span(t.of(one.unit) if one.unit else "", className="unit")


def about(t: Translator, sheet: Sheet, one: Figure) -> Component:
    """Return the (i) of a figure: what it counts, how, from what, as of when, how sure."""
    norms = [html.Li(norm) for norm in one.norms]
    return info(
        t,
        t.of(one.title),
        t.of(one.explanation),
        *origin(t, t.of(one.formula), sheet.sources_of(one)),
        *(
            [html.P(html.Strong(t("sheet.norms"))), html.Ul(norms, className="sources")]
            if norms
            else []
        ),
    )

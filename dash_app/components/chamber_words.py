"""What the chamber reads of one proposal: what it changes, what stands against it, the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.council_words import cost
from dash_app.components.council_words import kind_title
from dash_app.components.proposal_sheet import is_modelled
from dash_app.components.proposal_sheet import level_title
from dash_app.components.proposal_sheet import number
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import state_title
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet import GREEN
from ilo_geo.proposals.sheet import PEOPLE
from ilo_geo.proposals.sheet import RESPONSE
from ilo_geo.proposals.sheet import WATER
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet_rules import BY_DRIVE
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.proposal_sheet import StoredSheet
from ilo_geo.services.sheet_against import standing_against

# what a council asks first of what a proposal changes; the sheet has all of it
CHANGES = (
    "served", "served_sight", "served_drive", "served_flight", "served_room", "served_new",
    "added_green", "added_sport", "city_deficit_closed", "within_new", "water_m3_day",
    "water_soles_year",
    # a part of which nothing could be computed
    *(f"{group}_unknown" for group in (PEOPLE, GREEN, WATER)),
)  # fmt: skip
# how soon a patrol comes: only a base changes it
CHANGES_OF_A_BASE = ("response", f"{RESPONSE}_unknown")
N_CHANGES, N_POINTS = 4, 4


def proposal_words(t: Translator, view: ProposalView, sheet: StoredSheet | None) -> list[Component]:
    """Return a proposal as it is read aloud: title, verdict, changes, what speaks for it."""
    record = view.record
    facts = (kind_title(t, record["kind"]), state_title(t, record["state"]), cost(t, record))
    return [
        html.P(
            [html.B(t("chamber.number", n=record["number"])), " · ", " · ".join(facts)],
            className="chamber-kicker",
        ),
        html.H1(record["title"]),
        *_verdict(t, view),
        *_changes(t, view, sheet),
        *_for(t, view),
        *_provenance(t, sheet),
    ]


def proposal_hurdles(
    t: Translator, view: ProposalView, sheet: StoredSheet | None
) -> list[Component]:
    """Return what stands against a proposal: hazards and conflicts of its sheet, and points."""
    points = [one for one in view.comments if one["stance"] == AGAINST and not one["hidden"]]
    rows = [*_met(t, sheet.content)] if sheet else []
    rows += [_point(t, one) for one in points[-N_POINTS:]]
    more = len(points) - N_POINTS
    if more > 0:
        rows.append(html.Li(t("chamber.more_points", n=more), className="chamber-note"))
    if not rows:
        rows = [html.Li(t("chamber.nothing_against") if sheet else t("chamber.nobody_against"))]
    listed = html.Ul(rows, className="chamber-facts against")
    return [html.H2(t("chamber.against")), listed, *_unseen(t, sheet)]


def _verdict(t: Translator, view: ProposalView) -> list[Component]:
    verdict = view.record["feasibility"]
    if not verdict:
        return [html.P(t("chamber.no_verdict"), className="chamber-verdict")]
    title = t.of(rulebook().verdicts[verdict])
    return [
        html.P(
            [html.B(title), " ", html.Span(view.record["feasibility_reason"])],
            className=f"chamber-verdict verdict-{verdict}",
        )
    ]


def _changes(t: Translator, view: ProposalView, sheet: StoredSheet | None) -> list[Component]:
    head = html.H2(t("chamber.changes"))
    about = [html.P(view.record["description"])] if view.record["description"] else []
    if sheet is None:
        return [head, *about, html.P(t("chamber.no_sheet"), className="chamber-note")]
    base = sheet_rules().kinds[sheet.content.kind].serves == BY_DRIVE
    names = (*CHANGES, *CHANGES_OF_A_BASE) if base else CHANGES
    asked = [one for one in map(sheet.content.get, names) if one is not None]
    known = [one for one in asked if one.is_told]
    told = [_fact(t, sheet.content, one) for one in known[:N_CHANGES]]
    told += _without(t, sheet.content, [one for one in asked if not one.is_told])
    more = len(known) - N_CHANGES
    if more > 0:
        told.append(html.Li(t("chamber.more_figures", n=more), className="chamber-note"))
    return [head, html.Ul(told, className="chamber-facts"), *about]


def _without(t: Translator, sheet: Sheet, figures: list[Figure]) -> list[Component]:
    """Return which figures nobody can tell and why, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for one in figures:
        lacks = ", ".join(t.of(layer) for layer in one.missing)
        why = t("chamber.lacks", layers=lacks) if lacks else t.of(one.explanation)
        by_reason.setdefault(why, []).append(t.of(_subject(sheet, one)))
    return [
        html.Li(t("chamber.no_figure", what=", ".join(what), why=why), className="chamber-note")
        for why, what in by_reason.items()
    ]


def _subject(sheet: Sheet, one: Figure) -> Text:
    """Return what a figure is about: its part of the sheet where no more of it is known."""
    return sheet.titles[one.group] if one.id.endswith("_unknown") else one.title


def _fact(t: Translator, sheet: Sheet, one: Figure) -> Component:
    between = "" if one.value is None and one.level is None else _between(t, one)
    badge = [" ", status_badge(t, Status.MODELLED)] if is_modelled(sheet, one) else []
    return html.Li(
        [
            html.B(_amount(t, one)),
            " ",
            html.Span(t.of(one.title)),
            html.Span(between, className="chamber-range"),
            *badge,
        ]
    )


def _amount(t: Translator, one: Figure) -> str:
    """Return an amount; where there is none, the level or the interval."""
    if one.value is None and one.level is not None:
        return t.of(level_title(one.level))
    ends = {"low": number(one.low, one), "high": number(one.high, one)}
    told = t("sheet.between", **ends) if one.value is None else number(one.value, one)
    return f"{told} {t.of(one.unit) if one.unit else ''}".strip()


def _between(t: Translator, one: Figure) -> str:
    if one.low is None or one.high is None or one.low == one.high:
        return ""
    return " " + t("chamber.between", low=number(one.low, one), high=number(one.high, one))


def _met(t: Translator, sheet: Sheet) -> Iterator[Component]:
    """Yield what the sheet found against it, each as a line."""
    found = standing_against(sheet)
    hurdles = (*found.struck, *found.possible, *found.hazards, *found.proposals, *found.lots)
    for one in hurdles:
        yield _hurdle(t, sheet, one)


def _hurdle(t: Translator, sheet: Sheet, one: Figure) -> Component:
    level = [t.of(level_title(one.level)).lower()] if one.level else []
    known = one.value is not None and one.unit is not None
    amount = [f"{number(one.value, one)} {t.of(one.unit)}"] if known else []
    badge = [" ", status_badge(t, Status.MODELLED)] if is_modelled(sheet, one) else []
    return html.Li(
        [
            html.B(t.of(one.title)),
            html.Span(f": {', '.join((*level, *amount))}"),
            html.Span(_between(t, one), className="chamber-range"),
            *badge,
        ]
    )


def _unseen(t: Translator, sheet: StoredSheet | None) -> list[Component]:
    """Return what could not be looked at for want of data: nothing known is not nothing there."""
    if sheet is None:
        return [html.P(t("chamber.unknown_against"), className="chamber-note")]
    unseen = standing_against(sheet.content).unseen
    if not unseen:
        return []
    unknown = dict.fromkeys(_lacking(t, sheet.content, one) for one in unseen)
    words = t("chamber.without_data", what=", ".join(unknown))
    return [html.P(words, className="chamber-note")]


def _lacking(t: Translator, sheet: Sheet, one: Figure) -> str:
    """Return what is not known, and of a figure told from the rest, what it lacks."""
    subject = t.of(_subject(sheet, one))
    return f"{subject} ({', '.join(map(t.of, one.without))})" if one.without else subject


def _for(t: Translator, view: ProposalView) -> list[Component]:
    points = [one for one in view.comments if one["stance"] == FOR and not one["hidden"]]
    said = html.P(t("chamber.support", n=peru_number(view.n_support)), className="chamber-note")
    if not points:
        return [said]
    rows = [_point(t, one) for one in points[-N_POINTS:]]
    more = len(points) - N_POINTS
    if more > 0:
        rows.append(html.Li(t("chamber.more_points", n=more), className="chamber-note"))
    return [html.H2(t("chamber.in_favour")), html.Ul(rows, className="chamber-facts"), said]


def _point(t: Translator, one: dict[str, object]) -> Component:
    return html.Li(
        [
            html.Span(str(one["text"])),
            " ",
            html.Span(f"— {t.of(one['author'])}", className="chamber-range"),  # type: ignore[arg-type]
        ]
    )


def _provenance(t: Translator, sheet: StoredSheet | None) -> list[Component]:
    if sheet is None:
        return []
    said = [t("chamber.sheet_made", when=lima(sheet.made_at))]
    if sheet.stale:
        said.append(t("chamber.sheet_stale"))
    modelled = ", ".join(t.of(title) for title in sheet.content.modelled_layers)
    if modelled:
        said.append(t("chamber.sheet_modelled", layers=modelled))
    return [html.P(" ".join(said), className="chamber-note")]

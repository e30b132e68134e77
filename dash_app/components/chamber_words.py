"""What the chamber reads of one proposal: what it changes, what stands against it, the verdict."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.council_words import cost
from dash_app.components.council_words import kind_title
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import state_title
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.sheet import CONFLICTS
from ilo_geo.proposals.sheet import HAZARDS
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.proposal_sheet import StoredSheet

# what a council asks first of what a proposal changes; the sheet has all of it
CHANGES = (
    "served", "served_sight", "served_drive", "served_flight", "served_room", "served_new",
    "added_green", "added_sport", "city_deficit_closed", "water_soles_year", "response",
)  # fmt: skip
# sums of hazards that are told one by one
SUMS = ("multihazard", "strongest", "residual")
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
    met = [_hurdle(t, sheet.content, one) for one in _hurdles(sheet)] if sheet else []
    rows = [*met, *(_point(t, one) for one in points[-N_POINTS:])]
    more = len(points) - N_POINTS
    if more > 0:
        rows.append(html.Li(t("chamber.more_points", n=more), className="chamber-note"))
    if not rows:
        rows = [html.Li(t("chamber.nothing_against") if sheet else t("chamber.unknown_against"))]
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
    told = [_fact(t, sheet.content, one) for one in _changed(sheet)] if sheet else []
    head = html.H2(t("chamber.changes"))
    about = [html.P(view.record["description"])] if view.record["description"] else []
    if told:
        return [head, html.Ul(told, className="chamber-facts"), *about]
    return [head, *about, html.P(t("chamber.no_sheet"), className="chamber-note")]


def _changed(sheet: StoredSheet) -> list[Figure]:
    known = (sheet.content.get(name) for name in CHANGES)
    return [one for one in known if one is not None and one.value is not None][:N_CHANGES]


def _fact(t: Translator, sheet: Sheet, one: Figure) -> Component:
    value = f"{peru_number(one.value, one.decimals)} {t.of(one.unit) if one.unit else ''}"
    badge = [" ", status_badge(t, Status.MODELLED)] if _is_modelled(sheet, one) else []
    return html.Li(
        [
            html.B(value.strip()),
            " ",
            html.Span(t.of(one.title)),
            html.Span(_between(t, one), className="chamber-range"),
            *badge,
        ]
    )


def _between(t: Translator, one: Figure) -> str:
    if one.low is None or one.high is None or one.low == one.high:
        return ""
    low, high = (peru_number(end, one.decimals) for end in (one.low, one.high))
    return " " + t("chamber.between", low=low, high=high)


def _is_modelled(sheet: Sheet, one: Figure) -> bool:
    return any(note.status is Status.MODELLED for note in sheet.sources_of(one))


def _hurdles(sheet: StoredSheet) -> list[Figure]:
    """Return the hazards it touches, the severest first, and its conflicts."""
    levels = [one.id for one in hazard_levels().levels]
    touched = [
        one
        for one in sheet.content.group(HAZARDS)
        if one.level in levels and one.id not in SUMS and one.value != 0
    ]
    touched.sort(key=lambda one: -levels.index(one.level or ""))
    conflicts = [one for one in sheet.content.group(CONFLICTS) if one.level is not None]
    return [*touched, *conflicts]


def _hurdle(t: Translator, sheet: Sheet, one: Figure) -> Component:
    titles = {level.id: level.title for level in hazard_levels().levels}
    titles |= sheet_rules().levels
    level = titles.get(one.level or "")
    share = ""
    if one.value is not None and one.unit is not None:
        share = f", {peru_number(one.value, one.decimals)} {t.of(one.unit)}"
    badge = [" ", status_badge(t, Status.MODELLED)] if _is_modelled(sheet, one) else []
    return html.Li(
        [
            html.B(t.of(one.title)),
            *([html.Span(f": {t.of(level).lower()}")] if level else []),
            html.Span(share),
            html.Span(_between(t, one), className="chamber-range"),
            *badge,
        ]
    )


def _unseen(t: Translator, sheet: StoredSheet | None) -> list[Component]:
    """Return what could not be looked at for want of data: nothing known is not nothing there."""
    if sheet is None:
        return []
    groups = (*sheet.content.group(HAZARDS), *sheet.content.group(CONFLICTS))
    unknown = [t.of(one.title) for one in groups if one.missing and one.value is None]
    if not unknown:
        return []
    words = t("chamber.without_data", what=", ".join(dict.fromkeys(unknown)))
    return [html.P(words, className="chamber-note")]


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

"""The data under watch: what is missing most, what is known to exist, how old each layer is."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.components.badges import status_badge
from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.layer import Status
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.services.watch import ABSENT
from ilo_geo.services.watch import Completeness
from ilo_geo.services.watch import LayerWatch
from ilo_geo.services.watch import Missing
from ilo_geo.services.watch import Watch

N_MISSING_SHOWN = 5


def missing_block(t: Translator, watch: Watch) -> list[Component]:
    """Return what would better most if it were loaded, first things first."""
    rows = [_missing_row(t, one) for one in watch.missing]
    if not rows:
        return [html.P(t("watch.nothing_missing"), className="notice notice-good")]
    more = html.Details(
        [
            html.Summary(t("watch.more", n=len(rows) - N_MISSING_SHOWN)),
            html.Ol(rows[N_MISSING_SHOWN:], start=N_MISSING_SHOWN + 1, className="missing"),
        ],
        className="fold",
    )
    about = info(t, t("watch.missing"), t("watch.missing_about"))
    return [
        html.Div([html.H2(t("watch.missing")), about], className="with-info"),
        html.Ol(rows[:N_MISSING_SHOWN], className="missing"),
        *([more] if len(rows) > N_MISSING_SHOWN else []),
    ]


def _missing_row(t: Translator, one: Missing) -> Component:
    state = (
        html.Span(t("data.absent"), className="badge")
        if one.state == ABSENT
        else status_badge(t, Status(one.state))
    )
    said = one.wanted
    why = [html.Span(t.of(said.why))] if said else []
    holder = [html.Span(t.of(said.holder), className="holder")] if said else []
    names = ", ".join(t.of(title) for title in (one.turns or one.analyses))
    stands = t("watch.turns", names=names) if one.turns else t("watch.uses", names=names)
    arithmetic = t(
        "watch.score",
        users=len(one.analyses),
        turns=len(one.turns),
        score=peru_number(one.score, 1),
    )
    head = html.Div([html.Strong(t.of(one.title)), " ", state])
    uses = html.Span(stands, className="uses", title=arithmetic)
    return html.Li([head, *why, uses, *holder])


def completeness_block(t: Translator, watch: Watch) -> list[Component]:
    """Return, for what is known to exist, how much of it is loaded."""
    if not watch.complete:
        return []
    rows = [_complete_row(t, one) for one in watch.complete]
    return [html.H2(t("watch.complete")), html.Ul(rows, className="complete")]


def _complete_row(t: Translator, one: Completeness) -> Component:
    known = one.known
    figure = t("watch.of_known", real=one.n_real, known=known.value)
    modelled = one.n_found - one.n_real
    also = [html.Span(t("watch.modelled_beside", n=modelled), className="soft")] if modelled else []
    share = min(1.0, one.n_real / known.value)
    source = f"{known.source} ({known.year})"
    bar = html.Div(html.Span(style={"width": f"{share:.0%}"}), className="share")
    return html.Li(
        [
            html.Div(
                [
                    html.Span(t.of(known.title)),
                    html.Span([html.Strong(figure), " ", *also]),
                    info(t, t.of(known.title), t("watch.known_from", source=source)),
                ],
                className="complete-head",
            ),
            bar,
        ]
    )


def age_line(t: Translator, one: LayerWatch) -> str:
    """Return date, age and coverage of a layer in one line; empty where it has no data."""
    if one.origin is None:
        return ""
    parts = []
    if one.freshness is not None and one.age_years is not None:
        age = peru_number(one.age_years, 1)
        parts += [peru_date(one.meta.date), t(f"freshness.{one.freshness}", years=age)]
    if one.n_zones_with is not None:
        parts.append(t("watch.coverage", n=one.n_zones_with, total=one.n_zones))
    return " · ".join(parts)

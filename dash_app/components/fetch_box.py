"""The box that fetches public data: what it weighs, how far it is, what it brought."""

from __future__ import annotations

from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.fetch_desk import FetchDesk
from dash_app.i18n import Translator
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import messages
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.services.fetch import ALL
from ilo_geo.services.fetch import WHAT
from ilo_geo.services.fetch import FetchReport
from ilo_geo.services.fetch_plan import FetchPlan
from ilo_geo.services.jobs import JobState
from ilo_geo.services.jobs import Phase
from ilo_geo.services.versions import LandReport

POLL_MS = 1000
# what a button does beside fetching a source
RESUME, FRESH, CANCEL = "resume", "fresh", "cancel"


def fetch_section(t: Translator, desk: FetchDesk) -> list[Component]:
    """Return the box with its heading and what keeps it up to date."""
    return [
        html.H2(t("fetch.title")),
        html.Div(fetch_box(t, desk), id=ids.FETCH_BOX, role="status"),
        dcc.Interval(id=ids.FETCH_POLL, interval=POLL_MS, disabled=not desk.is_running),
    ]


def fetch_box(t: Translator, desk: FetchDesk) -> list[Component]:
    """Return what may be fetched, how far it is, or what came of it."""
    state = desk.state
    if state is not None and not state.ended:
        return _under_way(t, state)
    came = [] if state is None else _outcome(t, desk, state)
    try:
        return [*came, *_choice(t, desk.plan(ALL))]
    except InputError as error:
        return [*came, html.P(error.public_text(t.lang), className="notice notice-error")]


def fetch_offer(t: Translator, desk: FetchDesk) -> list[Component]:
    """Return the one sentence that offers a fetch on the first page, or nothing."""
    plan = desk.offer()
    if plan is None:
        return []
    return [
        html.Div(
            [
                html.P(t("fetch.offer", megabytes=_megabytes(plan.megabytes))),
                html.Div(
                    [
                        dcc.Link(t("fetch.see"), href=t.link("/datos"), className="button"),
                        html.Button(
                            t("fetch.not_now"), id=ids.FETCH_DISMISS, n_clicks=0, className="button"
                        ),
                    ],
                    className="buttons",
                ),
            ],
            className="notice proxy",
        )
    ]


def _choice(t: Translator, plan: FetchPlan) -> list[Component]:
    parts = [
        _button(t(f"fetch.{each}", megabytes=_megabytes(plan.bytes_expected[each] / 1e6)), each)
        for each in WHAT
    ]
    weighs = t("fetch.about", megabytes=_megabytes(plan.megabytes))
    return [
        html.P(weighs),
        *_begun(t, plan),
        _button(t("fetch.all"), ALL, "button primary"),
        html.Div(parts, className="buttons"),
        html.P(t("fetch.servers", servers=", ".join(plan.servers)), className="help"),
    ]


def _begun(t: Translator, plan: FetchPlan) -> list[Component]:
    """Return what broke off, with the buttons that take it up or begin anew."""
    if not plan.begun:
        return []
    broken = ", ".join(
        f"{t(f'fetch.source_{each}')} ({peru_date(at.date().isoformat())})"
        for each, at in plan.begun.items()
    )
    return [
        html.P(t("fetch.kept", sources=broken), className="help"),
        html.Div(
            [_button(t("fetch.resume"), RESUME), _button(t("fetch.fresh"), FRESH)],
            className="buttons",
        ),
    ]


def _button(words: str, act: str, look: str = "button") -> Component:
    return html.Button(words, id=ids.fetch_button(act), n_clicks=0, className=look)


def _under_way(t: Translator, state: JobState) -> list[Component]:
    percent = f"{100 * state.done_ratio:.0f}"
    return [
        html.P(f"{t.of(messages()[state.step])} … {percent} %"),
        html.Progress(value=percent, max="100", **{"aria-label": t("job.progress")}),
        html.Div([_button(t("job.cancel"), CANCEL)], className="buttons"),
        html.P(t("fetch.keeps"), className="help"),
    ]


def _outcome(t: Translator, desk: FetchDesk, state: JobState) -> list[Component]:
    if state.phase is Phase.CANCELLED:
        return [html.P(t("fetch.cancelled"), className="notice")]
    if state.error is not None:
        return [
            html.P(state.error.public_text(t.lang), className="notice notice-error"),
            html.P(t("fetch.unchanged"), className="help"),
        ]
    report: FetchReport = state.value
    lines = [
        html.P(
            f"{t(f'fetch.source_{name}')}: {error.public_text(t.lang)}",
            className="notice notice-error",
        )
        for name, error in report.failures.items()
    ]
    see = html.A(t("fetch.refresh"), href=t.link("/datos"), className="button")
    notes = [html.Li(notice.text(t.lang)) for notice in report.notices]
    return [
        *(_landed(t, desk, name, landed) for name, landed in report.landed.items()),
        *lines,
        html.Ul(notes, className="notices"),
        *([see] if report.landed else []),
    ]


def _landed(t: Translator, desk: FetchDesk, name: str, landed: LandReport) -> Component:
    there = (layer for layer in landed.in_use if layer not in landed.absent)
    titles = [t.of(desk.title(layer)) for layer in there]
    parts = [
        t("fetch.landed", source=t(f"fetch.source_{name}"), layers=", ".join(titles) or MISSING)
    ]
    changes = landed.changes.values()
    if changes:
        counts = {
            "added": sum(change.n_added for change in changes),
            "removed": sum(change.n_removed for change in changes),
            "changed": sum(change.n_changed for change in changes),
        }
        parts.append(t("fetch.changes", **{key: peru_number(n) for key, n in counts.items()}))
    if landed.deficit is not None:
        before, after = landed.deficit.before.deficit_ha, landed.deficit.after.deficit_ha
        parts.append(t("fetch.deficit", before=peru_number(before, 1), after=peru_number(after, 1)))
    return html.P(" ".join(parts), className="notice notice-good")


def _megabytes(value: float) -> str:
    return peru_number(value, 0 if value >= 10 else 1)

"""What can be done in the chamber: a button with its key for each step, and the boxes they open."""

from __future__ import annotations

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import OPEN
from ilo_geo.proposals.rulebook import PLANNED
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import is_legal
from ilo_geo.services.sittings import AgendaEntry
from ilo_geo.services.sittings import SittingView

BEGIN, ROLL, COUNT, END = "box-begin", "box-roll", "box-count", "box-end"
# in which part of a box it is said why a verb of the box was refused
SAID_IN: Mapping[str, str] = {
    "open_sitting": "opening",
    "open_vote": "opening",
    "record_attendance": "presiding",
    "record_presiding": "presiding",
    "close_vote": "closing",
    "close_sitting": "ending",
}
# one goes on with the roll after each name
STAYS_OPEN = ("record_attendance", "record_presiding")
PRESIDING_NAMES = "presiding-names"


def keys(t: Translator, view: SittingView) -> list[Component]:
    """Return the buttons there are now, each with its key."""
    led = "show_proposal" in view.verbs or "open_sitting" in view.verbs
    return [
        *(_led(t, view) if led else []),
        _key("f", t("chamber.key_full"), **{"data-does": "fullscreen"}),
        html.Button(
            [html.Kbd("T"), " ", t("chamber.key_keys")],
            className="key",
            type="button",
            **{"data-key": "t", "data-does": "keys", "aria-pressed": "true"},
        ),
        html.Span(
            [html.Kbd("↑"), html.Kbd("↓"), " ", t("chamber.key_scroll")], className="key-note"
        ),
        dcc.Link(t("chamber.to_list"), href=t.link("/sesiones"), className="key to-list"),
    ]


def _led(t: Translator, view: SittingView) -> list[Component]:
    record, roll = view.record, _key("l", t("chamber.key_roll"), **{"data-opens": ROLL})
    if record["state"] == PLANNED:
        return [_key("o", t("chamber.key_open"), **{"data-opens": BEGIN}), roll]
    if record["state"] != OPEN:
        return []
    voting = view.under_way is not None
    ballot = []
    if voting:
        ballot = [_key("v", t("chamber.key_close_vote"), **{"data-opens": COUNT})]
    elif view.current and is_legal("open_vote", view.current.proposal["state"]):
        ballot = [_key("v", t("chamber.key_open_vote"), **{"data-opens": BEGIN})]
    steps = [] if voting else _steps(t, view)
    end = [] if voting else [_key("c", t("chamber.key_close"), **{"data-opens": END})]
    return [*ballot, *steps, roll, *end]


def _steps(t: Translator, view: SittingView) -> list[Component]:
    """Return the buttons to the next thing on the screen, the one before, and the agenda."""
    shown = ["", *(entry.proposal["id"] for entry in view.agenda)]
    at = shown.index(view.current.proposal["id"]) if view.current else 0
    steps = []
    if at + 1 < len(shown):
        steps.append(_show(view, shown[at + 1], "ArrowRight", "→", t("chamber.key_next")))
    if at > 0:
        steps.append(_show(view, shown[at - 1], "ArrowLeft", "←", t("chamber.key_before")))
    if at > 1:
        steps.append(_show(view, "", "0", "0", t("chamber.key_agenda")))
    return steps


def _show(view: SittingView, proposal_id: str, key: str, sign: str, words: str) -> Component:
    return html.Button(
        [html.Kbd(sign), " ", words],
        id=ids.chamber_act("show_proposal", f"{view.record['id']} {proposal_id}"),
        n_clicks=0,
        className="key",
        **{"data-key": key.lower()},
    )


def _key(key: str, words: str, **data: str) -> Component:
    # dash gives what is not clicked through it no id
    return html.Button(
        [html.Kbd(key.upper()), " ", words],
        className="key",
        type="button",
        **{"data-key": key, **data},
    )


def strip(t: Translator, view: SittingView) -> list[Component]:
    """Return what the sitting is, how it stands, and who attends."""
    record = view.record
    return [
        html.B(t("chamber.sitting", n=record["number"])),
        html.Span(record["title"], className="strip-title"),
        html.Span(
            t.of(rulebook().sitting_states[record["state"]]),
            className=f"sitting-state sitting-{record['state']}",
        ),
        *([] if record["state"] == CANCELLED else [_attending(t, view)]),
    ]


def _attending(t: Translator, view: SittingView) -> Component:
    short = view.n_present < view.quorum
    attend = t("chamber.present", n=view.n_present, of=len(view.seats), quorum=view.quorum)
    return html.Span(
        [attend, " ", html.B(t("chamber.no_quorum")) if short else t("chamber.quorum")],
        className="strip-present short" if short else "strip-present",
    )


def agenda_strip(t: Translator, view: SittingView) -> list[Component]:
    """Return the agenda as a strip: each with how it stands, the one on the screen marked."""
    items = [
        html.Li(
            [
                html.Span(str(entry.position), className="item-n"),
                html.Span(entry.proposal["title"], className="item-title"),
                html.Span(standing(t, entry), className="item-stands"),
            ],
            className="agenda-item current" if entry.on_screen else "agenda-item",
            **({"aria-current": "true"} if entry.on_screen else {}),
        )
        for entry in view.agenda
    ]
    return [html.Ol(items, className="agenda-strip", **{"aria-label": t("chamber.agenda")})]


def standing(t: Translator, entry: AgendaEntry) -> str:
    """Return how a proposal of the agenda stands in this sitting."""
    if not entry.votes:
        return ""
    return t.of(rulebook().outcomes[entry.votes[-1].record["outcome"]])


def roll_toggles(t: Translator, view: SittingView) -> list[Component]:
    """Return a button a councillor: pressed where they attend."""
    if "record_attendance" not in view.verbs:
        return []
    if not view.seats:
        return [html.P(t("chamber.nobody"))]
    return [
        html.Button(
            [html.Span("✓ " if seat.present else "○ ", **{"aria-hidden": "true"}), t.of(seat.name)],
            id=ids.chamber_act(
                "record_attendance",
                f"{view.record['id']} {seat.account_id} {int(not seat.present)}",
            ),
            n_clicks=0,
            className="seat",
            **{"aria-pressed": str(seat.present).lower(), "data-seat": seat.account_id},
        )
        for seat in view.seats
    ]


def presiding(t: Translator, view: SittingView) -> list[Component]:
    """Return who presides, the button that writes it, and the names it is chosen from."""
    if "record_presiding" not in view.verbs:
        return []
    there = [html.Option(value=t.of(seat.name)) for seat in view.seats if seat.present]
    return [
        _confirm("record_presiding", view.record["id"], t("chamber.write_presiding")),
        html.P(presides(t, view.record)),
        html.Datalist(there, id=PRESIDING_NAMES),
    ]


def presides(t: Translator, record: Record) -> str:
    """Return who presides a sitting, or that it is not written."""
    return t("chamber.presides", who=record["presided_by"] or t("chamber.not_written"))


def _unpresided(t: Translator, record: Record) -> list[Component]:
    if record["presided_by"]:
        return [html.P(presides(t, record))]
    words = f"{presides(t, record)} {t('chamber.write_before')}"
    return [html.P(words, className="notice notice-stale")]


def opening_words(t: Translator, view: SittingView) -> list[Component]:
    """Return who attends against the quorum, before a sitting or a vote is opened."""
    enough = view.n_present >= view.quorum
    said = t("chamber.attend", n=view.n_present, quorum=view.quorum)
    warn = [] if enough else [html.P(t("chamber.void_without"), className="notice notice-error")]
    verb, of = "open_sitting", view.record["id"]
    if view.record["state"] == OPEN:
        verb = "open_vote"
        of = f"{view.current.proposal['id']} {view.record['id']}" if view.current else ""
    words = t("chamber.open_sitting") if verb == "open_sitting" else t("chamber.open_vote")
    return [html.P(said), *warn, *_unpresided(t, view.record), _confirm(verb, of, words)]


def closing_words(t: Translator, view: SittingView) -> list[Component]:
    """Return the count as it stands, and the button that closes the vote."""
    held = view.under_way
    if held is None:
        return [html.P(t("chamber.no_vote"))]
    names = rulebook().choices
    count = " · ".join(f"{t.of(names[choice])}: {n}" for choice, n in held.count.items())
    said = [html.P(count, className="box-count")]
    if held.tied:
        said += _unpresided(t, view.record)
    waiting = [row for row in held.roll if row.present and not row.voted]
    if waiting:
        who = ", ".join(t.of(row.name) for row in waiting)
        said.append(html.P(t("chamber.still_waiting", names=who), className="notice notice-stale"))
    if not held.has_quorum:
        said.append(html.P(t("chamber.would_be_void"), className="notice notice-error"))
    return [*said, _confirm("close_vote", held.record["proposal_id"], t("chamber.close_vote"))]


def ending_words(t: Translator, view: SittingView) -> list[Component]:
    """Return what closing the sitting means, and the button that does it."""
    left = [entry for entry in view.agenda if not entry.votes]
    said = [html.P(t("chamber.close_is_final"))]
    if left:
        titles = ", ".join(entry.proposal["title"] for entry in left)
        said.append(html.P(t("chamber.left", titles=titles), className="notice notice-stale"))
    return [*said, _confirm("close_sitting", view.record["id"], t("chamber.close_sitting"))]


def boxes(t: Translator) -> list[Component]:
    """Return the boxes that the keys open; what they say is filled in as things stand."""
    return [
        _box(t, BEGIN, t("chamber.to_open"), html.Div(id=ids.SITTING_OPENING)),
        _box(t, ROLL, t("chamber.call_roll"), *_roll(t)),
        _box(t, COUNT, t("chamber.close_vote"), _tie(t), html.Div(id=ids.SITTING_CLOSING)),
        _box(t, END, t("chamber.close_sitting"), html.Div(id=ids.SITTING_ENDING)),
    ]


def _roll(t: Translator) -> list[Component]:
    return [
        html.Div(id=ids.SITTING_ROLL, className="seats"),
        html.Label(t("chamber.who_presides"), htmlFor=ids.PRESIDING),
        # a name that is typed stays while the rest of the box moves
        dcc.Input(
            id=ids.PRESIDING,
            type="text",
            value="",
            maxLength=rulebook().limits.name_letters,
            list=PRESIDING_NAMES,
        ),
        html.Div(id=ids.SITTING_PRESIDING),
    ]


def _tie(t: Translator) -> Component:
    names = rulebook().choices
    return html.Fieldset(
        [
            html.Legend(t("chamber.tie")),
            dmc.RadioGroup(
                dmc.Group(
                    [
                        dmc.Radio(label=t.of(names[one]), value=one, size="xl")
                        for one in (FOR, AGAINST)
                    ]
                ),
                id=ids.CASTING,
                className="casting",
                **{"aria-label": t("chamber.tie")},
            ),
            html.Label(t("chamber.tie_reason"), htmlFor=ids.CASTING_REASON),
            dcc.Textarea(id=ids.CASTING_REASON, value="", rows=3),
        ],
        id=ids.SITTING_TIE,
        hidden=True,
        className="tie",
    )


def _box(t: Translator, name: str, title: str, *body: Component) -> Component:
    close = html.Button(
        [html.Kbd("Esc"), " ", t("chamber.box_close")],
        className="key",
        type="button",
        **{"data-does": "close-box"},
    )
    return html.Dialog(
        [html.H2(title, id=f"{name}-title"), *body, close],
        id=name,
        className="chamber-box",
        **{"aria-labelledby": f"{name}-title"},
    )


def _confirm(verb: str, of: str, words: str) -> Component:
    return html.Button(
        words,
        id=ids.chamber_act(verb, of),
        n_clicks=0,
        className="button primary",
    )

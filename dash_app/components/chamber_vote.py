"""The vote of the chamber: the live count, who has voted, and the roll call after the close."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from ilo_geo.proposals.rulebook import ABSTAIN
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.sittings import HeldVote
from ilo_geo.services.sittings import RollRow
from ilo_geo.services.sittings import SittingView

# said by a mark too, never by colour alone; and the key that casts it
MARKS = {FOR: "✓", AGAINST: "✕", ABSTAIN: "–"}
KEYS = {FOR: "1", AGAINST: "2", ABSTAIN: "3"}


def vote_panel(t: Translator, view: SittingView, voter: str | None) -> list[Component]:
    """Return the vote on what is on the screen: open, closed, or none yet.

    ``voter`` is the account of a councillor who looks, None for whoever has no vote.
    """
    entry = view.current
    if entry is None:
        return []
    if not entry.votes:
        return [html.P(t("chamber.no_vote"), className="vote-none")]
    held = entry.votes[-1]
    head = _open_head(t, held) if held.is_open else _outcome(t, held)
    tiles = html.Ul([_tile(t, held, choice) for choice in MARKS], className="vote-tiles")
    roll = _who_voted(t, held) if held.is_open else _roll_call(t, held)
    own = [_own(t, view, held, voter)] if voter and held.is_open else []
    foot = html.Div([head, *own, _to_against(t)], className="vote-foot")
    return [foot, *_casting(t, held), tiles, roll]


def _to_against(t: Translator) -> Component:
    """Return the way to what stands against a proposal, for a phone where that is further down."""
    words = f"{t('chamber.against')} ↓"
    return html.Button(words, className="to-against", **{"data-does": "against"})


def _open_head(t: Translator, held: HeldVote) -> Component:
    quorum = held.record["quorum"]
    reached = held.has_quorum
    return html.P(
        [
            html.B(t("chamber.vote_open")),
            " · ",
            html.Span(
                t("chamber.voted_of", n=held.n_voted, members=held.record["n_members"]),
                className="vote-n",
            ),
            " · ",
            html.Span(
                t("chamber.quorum_reached", n=quorum)
                if reached
                else t("chamber.quorum_short", n=quorum)
            ),
        ],
        className="vote-head",
    )


def _outcome(t: Translator, held: HeldVote) -> Component:
    outcome = held.record["outcome"]
    words = t.of(rulebook().outcomes[outcome]).upper()
    return html.P(html.B(words, className=f"outcome outcome-{outcome}"), className="vote-head")


def _casting(t: Translator, held: HeldVote) -> list[Component]:
    record = held.record
    if not record["casting"]:
        return []
    casting = t.of(rulebook().choices[record["casting"]]).lower()
    told = {"choice": casting, "why": record["casting_reason"]}
    who = record["casting_by"]
    by = t("chamber.cast_by", who=who, **told) if who else t("chamber.cast", **told)
    return [html.P(by, className="vote-cast")]


def _tile(t: Translator, held: HeldVote, choice: str) -> Component:
    n = held.count[choice]
    share = 100 * n / max(held.record["n_members"], 1)
    return html.Li(
        [
            html.Span(str(n), className="tally-n"),
            html.Span(
                [
                    html.Span(MARKS[choice], className="tally-mark", **{"aria-hidden": "true"}),
                    t.of(rulebook().choices[choice]),
                ],
                className="tally-choice",
            ),
            html.Span(
                html.Span(style={"width": f"{share:.0f}%"}),
                className="vote-bar",
                **{"aria-hidden": "true"},
            ),
        ],
        className=f"vote-tile vote-{choice}",
    )


def _who_voted(t: Translator, held: HeldVote) -> Component:
    rows = [
        html.Li(
            [
                html.Span(_mark(row), **{"aria-hidden": "true"}),
                f" {t.of(row.name)} ",
                html.Span(
                    _so_far(t, row.voted, row.present),
                    className="unseen" if row.voted or row.present else "so-far",
                ),
            ],
            className="voted" if row.voted else "waiting" if row.present else "absent",
        )
        for row in held.roll
    ]
    return html.Ul(rows, className="vote-roll", **{"aria-label": t("chamber.who_voted")})


def _mark(row: RollRow) -> str:
    if row.voted:
        return "✓"
    return "…" if row.present else "—"


def _so_far(t: Translator, voted: bool, present: bool) -> str:
    if voted:
        return t("chamber.has_voted")
    return t("chamber.not_yet") if present else t("chamber.absent")


def _roll_call(t: Translator, held: HeldVote) -> Component:
    """Return each choice with the names of those who made it, then who did not vote."""
    groups = [
        (t.of(rulebook().choices[choice]), [row for row in held.roll if row.choice == choice])
        for choice in MARKS
    ]
    silent = [row for row in held.roll if not row.voted]
    groups += [
        (t("chamber.did_not_vote"), [row for row in silent if row.present]),
        (t("chamber.were_absent"), [row for row in silent if not row.present]),
    ]
    lines = [
        html.Div([html.Dt(title), html.Dd(", ".join(t.of(row.name) for row in rows))])
        for title, rows in groups
        if rows
    ]
    return html.Dl(lines, className="roll-call", **{"aria-label": t("chamber.roll_call")})


def _own(t: Translator, view: SittingView, held: HeldVote, voter: str) -> Component:
    """Return the three buttons of a councillor; the one that was pressed is marked.

    Who is not on the roll of the sitting is told so before they try.
    """
    if not any(seat.present for seat in view.seats if seat.account_id == voter):
        return html.P(t("chamber.not_on_roll"), className="own-said notice notice-stale")
    buttons = [
        html.Button(
            [html.Kbd(KEYS[choice]), " ", t.of(rulebook().choices[choice])],
            id=ids.chamber_act(
                "vote", f"{held.record['proposal_id']} {held.record['id']} {choice}"
            ),
            n_clicks=0,
            className=f"own-vote own-{choice}",
            **{
                "data-key": KEYS[choice],
                "aria-pressed": str(held.mine == choice).lower(),
            },
        )
        for choice in MARKS
    ]
    said = t("chamber.mine", choice=t.of(rulebook().choices[held.mine])) if held.mine else ""
    return html.Div(
        [
            html.Div(
                buttons, className="own-votes", role="group", **{"aria-label": t("chamber.own")}
            ),
            html.P(said or t("chamber.own_hint"), className="own-said" if said else "own-hint"),
        ],
        className="own",
    )

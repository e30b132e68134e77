"""The council's vote on a proposal: the box one votes in, and how every ballot ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app.components.proposal_acts import act_button
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import paragraphs
from dash_app.i18n import Translator
from ilo_geo.proposals.rulebook import is_tie
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council_views import BallotView

VOTE = "vote"


def is_tied(ballots: tuple[BallotView, ...]) -> bool:
    """Return whether closing the open ballot now needs a casting vote."""
    last = ballots[-1] if ballots else None
    if last is None or not last.is_open:
        return False
    n_cast = sum(last.count.values())
    same = is_tie(last.count.get("for", 0), last.count.get("against", 0))
    # in a sitting those who are there make the quorum, voting or not
    enough = n_cast >= last.record["quorum"] or last.record["sitting_id"] is not None
    return same and enough


def vote_box(
    t: Translator, ballots: tuple[BallotView, ...], verbs: frozenset[str]
) -> list[Component]:
    """Return the open ballot: until when, how many are there, one's own vote; nothing for none."""
    last = ballots[-1] if ballots else None
    if last is None or not last.is_open:
        return []
    record = last.record
    until = lima(record["closes_at"])
    n_cast = sum(last.count.values())
    lines = [
        t("ballot.until", when=until) if until else t("ballot.no_deadline"),
        t("ballot.quorum", quorum=record["quorum"], members=record["n_members"], cast=n_cast),
        _against_quorum(t, record["quorum"] - n_cast),
    ]
    return [
        html.Section(
            [
                html.H2(t("ballot.open")),
                html.Ul([html.Li(line) for line in lines], className="ballot-lines"),
                *(_choices(t, last) if VOTE in verbs else []),
                _roll(t, last, t("ballot.who_voted")),
            ],
            className="vote-box",
        )
    ]


def _against_quorum(t: Translator, lacking: int) -> str:
    return t("ballot.lacking", n=lacking) if lacking > 0 else t("ballot.enough")


def _choices(t: Translator, found: BallotView) -> list[Component]:
    mine = found.mine
    words = rulebook().choices
    buttons = [
        html.Div(
            act_button(
                t,
                VOTE,
                choice,
                words=("✓ " if choice == mine else "") + t.of(title),
                look=f"button vote vote-{choice}" + (" chosen" if choice == mine else ""),
                hidden={"ballot_id": found.record["id"], "choice": choice},
                pressed=choice == mine,
            )
        )
        for choice, title in words.items()
    ]
    said = t("ballot.mine", choice=t.of(words[mine])) if mine else t("ballot.not_yet")
    return [
        html.P(said, className="my-vote", role="status"),
        html.Div(
            buttons, className="vote-choices", role="group", **{"aria-label": t("ballot.choose")}
        ),
    ]


def ballots_block(t: Translator, ballots: tuple[BallotView, ...]) -> list[Component]:
    """Return how each closed ballot ended: the count, the casting vote, the roll call."""
    closed = [one for one in ballots if not one.is_open]
    if not closed:
        return []
    return [html.H2(t("ballot.results")), *[_closed(t, one) for one in reversed(closed)]]


def _closed(t: Translator, found: BallotView) -> Component:
    record, book = found.record, rulebook()
    n_cast = record["n_for"] + record["n_against"] + record["n_abstain"]
    counts = {
        "for": record["n_for"],
        "against": record["n_against"],
        "abstain": record["n_abstain"],
    }
    casting = []
    if record["casting"]:
        choice = t.of(book.choices[record["casting"]])
        who = record["casting_by"]
        by = t("ballot.casting_by", choice=choice, who=who) if who else ""
        casting = [
            html.P(html.B(by or t("ballot.casting", choice=choice))),
            paragraphs(record["casting_reason"]),
        ]
    return html.Article(
        [
            html.H3(
                [
                    t("ballot.number", n=record["number"]),
                    html.Span(
                        t.of(book.outcomes[record["outcome"]]),
                        className=f"outcome outcome-{record['outcome']}",
                    ),
                ]
            ),
            html.P(t("ballot.closed_at", when=lima(record["closed_at"])), className="help"),
            count_bar(t, counts),
            html.P(
                t(
                    "ballot.took_part",
                    cast=n_cast,
                    members=record["n_members"],
                    quorum=record["quorum"],
                )
            ),
            *casting,
            _roll(t, found, t("ballot.roll")),
        ],
        className="ballot",
    )


def count_bar(t: Translator, counts: Mapping[str, int]) -> Component:
    """Return a count in numbers, with bars that say the same."""
    total = max(1, sum(counts.values()))
    rows: list[Any] = []
    for choice, title in rulebook().choices.items():
        n = counts.get(choice, 0)
        fill = html.Span(
            className=f"fill fill-{choice}", style={"width": f"{100 * n / total:.1f}%"}
        )
        rows += [
            html.Dt(t.of(title)),
            html.Dd(
                [html.Span(fill, className="track", **{"aria-hidden": "true"}), html.B(str(n))]
            ),
        ]
    return html.Dl(rows, className="vote-count")


def _roll(t: Translator, found: BallotView, title: str) -> Component:
    """Return who voted what; of an open ballot also who has not."""
    words = rulebook().choices
    rows = [
        html.Tr(
            [
                html.Th(t.of(name), scope="row"),
                html.Td(t.of(words[choice]) if choice else t("ballot.no_vote")),
            ]
        )
        for name, choice in found.roll
    ]
    if not rows:
        return html.P(t("ballot.nobody"), className="help")
    table = html.Table(html.Tbody(rows), className="plain-table roll")
    return html.Details([html.Summary(title), table], className="fold")

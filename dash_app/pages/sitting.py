"""Sesión: the chamber's screen. One proposal at a time, its map, the live count, a key a step.

The same page is the projector's, the secretary's and a councillor's own device: what each may do
is there for them and nobody else. It asks every `POLL_MS` whether anything moved, by itself, which
keeps nobody signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from dash import dcc
from dash import html
from dash import no_update
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components import chamber_keys
from dash_app.components.badges import faults
from dash_app.components.chamber_vote import vote_panel
from dash_app.components.chamber_words import proposal_hurdles
from dash_app.components.chamber_words import proposal_words
from dash_app.components.controls import asked
from dash_app.components.proposal_words import lima
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.people import COUNCILLOR
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import CANCELLED
from ilo_geo.proposals.rulebook import CLOSED
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.proposal_sheet import sheet_of
from ilo_geo.services.sittings import SittingView
from ilo_geo.services.sittings import do_in_sitting
from ilo_geo.services.sittings import pulse
from ilo_geo.services.sittings import sitting_at_hand
from ilo_geo.services.sittings import sitting_view

POLL_MS = 1500
MAX_DIGITS = 9
NOBODY = "nobody"
# on the map: what the chamber looks at
SHOWN_COLOUR = "#b3005e"


@dataclass(frozen=True)
class Screen:
    """All that moves on the screen, in the order the callbacks write it."""

    seen: dict[str, str]
    strip: Any
    agenda: Any
    words: Any
    against: Any
    shapes: Any
    vote: Any
    keys: Any
    roll: Any
    presiding: Any
    opening: Any
    closing: Any
    ending: Any
    tie_hidden: bool

    def values(self) -> tuple[Any, ...]:
        """Return the parts as the outputs of a callback."""
        return tuple(vars(self).values())


def layout(_planner: Planner, view: View) -> list[Component]:
    """Return the empty screen; the callbacks fill it as soon as it is known who looks."""
    t = view.t
    return [
        asked(view),
        dcc.Store(id=ids.COUNCIL_PAGE, data=view.page),
        dcc.Store(id=ids.SITTING_ASKED, data=number_of(view.rest)),
        dcc.Store(id=ids.SITTING_SEEN),
        dcc.Store(id=ids.SITTING_DID),
        dcc.Interval(id=ids.SITTING_POLL, interval=POLL_MS),
        html.Div(
            [
                html.Div(id=ids.SITTING_STRIP, className="chamber-strip", role="status"),
                html.Div(id=ids.SITTING_AGENDA, className="chamber-agenda"),
                *_words(
                    t,
                    ids.SITTING_WORDS,
                    t("chamber.on_screen"),
                    "chamber-words",
                    html.Div(className="skeleton"),
                ),
                *_words(
                    t, ids.SITTING_AGAINST, t("chamber.against"), "chamber-words chamber-against"
                ),
                html.Div(
                    id=ids.SITTING_VOTE,
                    className="chamber-vote",
                    tabIndex=0,
                    role="region",
                    **{"aria-label": t("chamber.vote"), "aria-live": "polite"},
                ),
                html.Div(
                    id=ids.SITTING_KEYS,
                    className="chamber-keys",
                    role="toolbar",
                    **{"aria-label": t("chamber.keys")},
                ),
                *chamber_keys.boxes(t),
            ],
            id=ids.CHAMBER,
            className="chamber",
        ),
    ]


def _words(
    t: Translator, of: str, label: str, looks: str, first: Component | None = None
) -> list[Component]:
    """Return a part that is read, and the line that says how much of it does not fit."""
    more = {"data-more": t("chamber.more", n="{n}")}
    return [
        html.Div(first, id=of, className=looks, tabIndex=0, role="region", **{"aria-label": label}),
        html.P(id=ids.chamber_more(of), className="chamber-more", role="status", **more),
    ]


def number_of(rest: tuple[str, ...]) -> int | None:
    """Return the number an address names, None for the sitting at hand."""
    first = rest[0] if rest else ""
    return int(first) if first.isascii() and first.isdigit() and len(first) <= MAX_DIGITS else None


def screen(
    t: Translator, council: Council, actor: Actor, asked_number: object, seen: object
) -> Screen | None:
    """Return what the screen shows now, None where it shows that already.

    Raises
    ------
    NotFoundError
        There is no sitting of that number.
    """
    known: dict[str, str] = seen if isinstance(seen, dict) else {}
    wanted = asked_number if isinstance(asked_number, int) else sitting_at_hand(council, actor)
    if wanted is None:
        return None if known.get("key") == NOBODY else _nothing(t)
    beat = pulse(council, actor, wanted)
    if beat.key == known.get("key"):
        return None
    view = sitting_view(council, actor, wanted)
    screen_key = f"{wanted} {view.record['state']} {beat.screen}"
    # the cover shows who is there as well
    same = view.current is not None and screen_key == known.get("screen")
    shown = (no_update,) * 3 if same else _shown(t, council, actor, view)
    held = view.under_way
    return Screen(
        seen={"key": beat.key, "screen": screen_key},
        strip=chamber_keys.strip(t, view),
        agenda=chamber_keys.agenda_strip(t, view),
        words=shown[0],
        against=shown[1],
        shapes=shown[2],
        vote=vote_panel(t, view, actor.account_id if actor.role == COUNCILLOR else None),
        keys=chamber_keys.keys(t, view),
        roll=chamber_keys.roll_toggles(t, view),
        presiding=chamber_keys.presiding(t, view),
        opening=chamber_keys.opening_words(t, view),
        closing=chamber_keys.closing_words(t, view),
        ending=chamber_keys.ending_words(t, view),
        tie_hidden=held is None or not held.tied,
    )


def press(
    t: Translator,
    council: Council,
    actor: Actor,
    number: object,
    pressed: Mapping[str, str],
    typed: Mapping[str, str],
) -> tuple[Screen | None, bool]:
    """Do what a button says; return the screen then, and whether its box is done with.

    What was refused to a button of a box is said in that box.

    Raises
    ------
    IloGeoError
        It was refused to a button that stands on the screen itself.
    """
    verb = pressed["verb"]
    part = chamber_keys.SAID_IN.get(verb)
    try:
        act(council, actor, verb, pressed["of"], typed)
    except IloGeoError as error:
        found = screen(t, council, actor, number, None)
        if part is None or found is None:
            raise
        # at the end, so that what has the focus is not drawn anew
        told = [*getattr(found, part), html.Div(faults(t, [error]), role="alert")]
        return replace(found, **{part: told}), False
    closes = part is not None and verb not in chamber_keys.STAYS_OPEN
    return screen(t, council, actor, number, None), closes


def put_on_screen(pressed: Mapping[str, str]) -> list[str]:
    """Return the proposal that a button puts before the council, if it does."""
    of = pressed["of"].split(" ")[1:] if pressed["verb"] == "show_proposal" else []
    return [one for one in of if one]


def act(council: Council, actor: Actor, verb: str, of: str, typed: Mapping[str, str]) -> None:
    """Do what a button says; ``of`` are the ids it stands for.

    Raises
    ------
    IloGeoError
        It may not be done, or not now; the commands say so.
    """
    first, *rest = [*of.split(" "), "", ""]
    if verb == "vote":
        council.do(actor, verb, first, {"ballot_id": rest[0], "choice": rest[1]})
    elif verb == "open_vote":
        council.do(actor, verb, first, {"sitting_id": rest[0]})
    elif verb == "close_vote":
        said = {name: typed[name] for name in ("casting", "reason")} if typed["casting"] else {}
        council.do(actor, verb, first, said)
    else:
        do_in_sitting(council, actor, verb, first, _asked(verb, rest, typed))


def _asked(verb: str, rest: list[str], typed: Mapping[str, str]) -> dict[str, Any]:
    if verb == "record_presiding":
        return {"presided_by": typed["presided_by"]}
    if verb == "show_proposal":
        return {"proposal_id": rest[0]}
    if verb == "record_attendance":
        return {"account_id": rest[0], "present": rest[1] == "1"}
    return {}


def _shown(
    t: Translator, council: Council, actor: Actor, view: SittingView
) -> tuple[list[Component], list[Component], dict[str, Any] | None]:
    entry = view.current
    if entry is None:
        return _cover(t, view), [], _agenda_shapes(council, actor, view)
    found = proposal_view(council, actor, entry.proposal["number"])
    sheet = sheet_of(council, found.record["id"], actor=actor)
    shown = shapes_of([(found.record["title"], found.shape, "")])
    return proposal_words(t, found, sheet), proposal_hurdles(t, found, sheet), shown


def _agenda_shapes(council: Council, actor: Actor, view: SittingView) -> dict[str, Any] | None:
    """Return where all that is on the agenda lies, each with its number of the agenda."""
    found = [
        (entry, proposal_view(council, actor, entry.proposal["number"])) for entry in view.agenda
    ]
    shapes = [(entry.proposal["title"], one.shape, str(entry.position)) for entry, one in found]
    return shapes_of(shapes) if shapes else None


def shapes_of(shapes: list[tuple[str, dict[str, Any], str]]) -> dict[str, Any]:
    """Return shapes as the map takes them, each cased, with a title and what is written on it."""
    features = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": {"part": part, "colour": SHOWN_COLOUR, "title": title, "label": label},
        }
        for title, shape, label in shapes
        for part in ("casing", "line")
    ]
    return {"type": "FeatureCollection", "features": features}


def _cover(t: Translator, view: SittingView) -> list[Component]:
    record = view.record
    items = [
        html.Li(
            [
                html.Span(str(entry.position), className="item-n"),
                html.Span(entry.proposal["title"]),
                html.Span(chamber_keys.standing(t, entry), className="item-stands"),
            ]
        )
        for entry in view.agenda
    ]
    agenda = html.Ol(items, className="cover-agenda") if items else html.P(t("chamber.no_agenda"))
    head = [html.P(" · ".join(_moments(t, record))), html.H1(record["title"])]
    if record["state"] == CANCELLED:
        when, why = lima(record["closed_at"]), record["cancel_reason"]
        said = html.P(t("chamber.cancelled", when=when, why=why), className="notice notice-stale")
        return [*head, said, html.H2(t("chamber.agenda")), agenda]
    there = [t.of(seat.name) for seat in view.seats if seat.present]
    return [
        *head,
        html.H2(t("chamber.agenda")),
        agenda,
        html.H2(t("chamber.attendance")),
        html.P(", ".join(there) if there else t("chamber.nobody_yet")),
        html.P(chamber_keys.presides(t, record)),
        *([html.P(minutes_link(t, record))] if record["state"] == CLOSED else []),
    ]


def minutes_link(t: Translator, record: Record) -> Component:
    """Return what leads to the minutes of a sitting: a draft until it is closed."""
    words = t("sittings.minutes") if record["state"] == CLOSED else t("sittings.draft")
    return html.A(words, href=t.link(f"/sesiones/{record['number']}/acta.pdf"), download="")


def _moments(t: Translator, record: Record) -> list[str]:
    """Return where a sitting is, and when it was called, opened and closed."""
    said = [record["place"]] if record["place"] else []
    said.append(t("chamber.starts", when=lima(record["starts_at"])))
    if record["opened_at"]:
        said.append(t("chamber.opened", when=lima(record["opened_at"])))
    if record["state"] == CLOSED:
        said.append(t("chamber.closed", when=lima(record["closed_at"])))
    return said


def _nothing(t: Translator) -> Screen:
    link = dcc.Link(t("chamber.to_sittings"), href=t.link("/sesiones"))
    words = [html.H1(t("chamber.none")), html.P(link)]
    return Screen(
        seen={"key": NOBODY, "screen": ""},
        strip=[],
        agenda=[],
        words=words,
        against=[],
        shapes=None,
        vote=[],
        keys=[],
        roll=[],
        presiding=[],
        opening=[],
        closing=[],
        ending=[],
        tie_hidden=True,
    )


def missing(t: Translator, error: NotFoundError) -> Screen:
    """Return the screen of a sitting that is not there."""
    said = html.P(error.public_text(t.lang), className="notice notice-error")
    screen = vars(_nothing(t)) | {"words": [said], "seen": {"key": str(error), "screen": ""}}
    return Screen(**screen)

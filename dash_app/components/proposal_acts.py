"""What one may do with a proposal: a button a verb, with what its form asks for beside it.

What the table of permissions does not grant is not offered; what is offered is asked again by the
command. A verb that is refused says so where it was pressed, and what was typed stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import OVER_MAP
from dash_app.i18n import Translator
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council_views import ProposalView

# what somebody typed and has not sent yet: by verb, thing and field
Typed = Mapping[tuple[str, str, str], Any]
# verbs that move a proposal along, in the order of its life
ALONG = (
    "submit", "take_up", "assess", "observe", "answer", "open_debate",
    "open_vote", "close_vote", "start", "complete", "archive", "discard",
)  # fmt: skip
# verbs that need no form, but a second look before they are done
GRAVE = ("discard", "complete")
LONG, SHORT, CHOICE = "long", "short", "choice"
REASON = ("reason",)
# what each verb asks for: its field and how it is filled in
ASKED: dict[str, dict[str, str]] = {
    "observe": {"reason": LONG},
    "answer": {"reason": LONG},
    "archive": {"reason": LONG},
    "assess": {"verdict": CHOICE, "reason": LONG},
    "open_vote": {"closes_at": SHORT, "quorum": SHORT},
    "comment": {"stance": CHOICE, "text": LONG},
    "hide_comment": {"reason": LONG},
    "detach": {"reason": LONG},
    "close_vote": {"casting": CHOICE, "reason": LONG},
}


def act_button(
    t: Translator,
    verb: str,
    of: str = "",
    *,
    words: str = "",
    look: str = "button",
    hidden: Mapping[str, str] | None = None,
    pressed: bool | None = None,
) -> list[Component]:
    """Return a button that does a verb, what it sends along, and where a refusal is told."""
    state = {} if pressed is None else {"aria-pressed": str(pressed).lower()}
    return [
        *_sent_along(verb, of, hidden),
        html.Button(
            words or t.of(verb_title(verb)),
            id=ids.act(verb, of),
            n_clicks=0,
            className=look,
            **state,
        ),
        html.Div(id=ids.act_said(verb, of), className="act-said", role="alert"),
    ]


def act_form(
    t: Translator,
    verb: str,
    typed: Typed,
    of: str = "",
    *,
    hidden: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    usual: Mapping[str, Any] | None = None,
) -> Component:
    """Return what a verb asks for, its button, and where a refusal is told."""
    asked = ASKED.get(verb, {}) if fields is None else fields
    inputs = [
        _input(t, verb, of, name, how, typed.get((verb, of, name), (usual or {}).get(name)))
        for name, how in asked.items()
    ]
    return html.Div(
        [*inputs, *act_button(t, verb, of, look="button primary", hidden=hidden)],
        className="act-form",
    )


def along(t: Translator, view: ProposalView, typed: Typed, *, tied: bool) -> list[Component]:
    """Return what moves a proposal along, the next step first; nothing where nothing can be done.

    ``tied``: the votes cast are equal, so that closing needs a casting vote.
    """
    offered = [verb for verb in ALONG if verb in view.verbs]
    if not offered:
        return []
    return [
        html.Section(
            [
                html.H2(t("proposals.what_now")),
                *[_offered(t, v, view, typed, tied) for v in offered],
            ],
            className="acts",
            id="proposal-acts",
        )
    ]


def _offered(t: Translator, verb: str, view: ProposalView, typed: Typed, tied: bool) -> Component:
    fields = {} if verb == "close_vote" and not tied else ASKED.get(verb, {})
    if not fields and verb not in GRAVE:
        return html.Div(
            act_button(t, verb, look="button wide", hidden=_seen(verb, view)), className="act"
        )
    is_open = any(key[0] == verb and value for key, value in typed.items())
    note = t(f"verb_note.{verb}") if verb in NOTED else ""
    return html.Details(
        [
            html.Summary(t.of(verb_title(verb))),
            *([html.P(note, className="help")] if note else []),
            act_form(t, verb, typed, fields=fields, hidden=_seen(verb, view)),
        ],
        className="act fold",
        open=is_open,
    )


# verbs whose consequence is told before they are done
NOTED = ("discard", "complete", "archive", "assess", "open_vote", "close_vote", "observe")


def _seen(verb: str, view: ProposalView) -> dict[str, str]:
    """Return what the reader has before them, so that a verb does not meet something newer."""
    if verb == "assess":
        return {"version": str(view.record["version"])}
    if verb == "close_vote" and view.ballots:
        return {"ballot_id": view.ballots[-1].record["id"]}
    return {}


def _sent_along(verb: str, of: str, hidden: Mapping[str, str] | None) -> list[Component]:
    return [
        dcc.Input(id=ids.act_field(verb, of, name), type="hidden", value=value)
        for name, value in (hidden or {}).items()
    ]


def _input(t: Translator, verb: str, of: str, name: str, how: str, value: Any) -> Component:
    label, field = t(f"act_field.{name}"), ids.act_field(verb, of, name)
    if how == CHOICE:
        words = {value: t.of(title) for value, title in _choices(name).items()}
        return dmc.Select(
            id=field,
            data=[{"value": choice, "label": title} for choice, title in words.items()],
            value=value or None,
            label=label,
            placeholder=t("proposals.choose"),
            allowDeselect=False,
            comboboxProps={"zIndex": OVER_MAP},
        )
    if how == SHORT:
        hint = t(f"act_hint.{name}")
        return dmc.TextInput(id=field, value=value or "", label=label, description=hint)
    return dmc.Textarea(
        id=field,
        value=value or "",
        label=label,
        autosize=True,
        minRows=3,
        maxRows=12,
        attributes={"input": {"maxLength": rulebook().limits.text_letters}},
    )


def _choices(name: str) -> Mapping[str, Any]:
    book = rulebook()
    decisive = {choice: book.choices[choice] for choice in ("for", "against")}
    return {"verdict": book.verdicts, "stance": book.stances, "casting": decisive}[name]

"""What people say of a proposal: for and against side by side, remarks, and who supports it."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dash_app.components.proposal_acts import Typed
from dash_app.components.proposal_acts import act_button
from dash_app.components.proposal_acts import act_form
from dash_app.components.proposal_words import lima
from dash_app.components.proposal_words import paragraphs
from dash_app.i18n import Translator
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.permissions import verb_title
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import REMARK
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council_views import ProposalView


def support_block(t: Translator, view: ProposalView) -> Component:
    """Return how many support it, apart from the council's vote, and the way to join them."""
    verb = "withdraw_support" if view.supported else "support"
    number = html.Strong(peru_number(view.n_support), className="support-number")
    may = act_button(t, verb, look="button support") if verb in view.verbs else []
    mine = [html.P(t("debate.supported"), className="help")] if view.supported else []
    return html.Section(
        [
            html.P([number, " ", t("debate.support", n=view.n_support)]),
            html.P(t("debate.support_about"), className="help"),
            *mine,
            *may,
        ],
        className="support-box",
    )


def debate_block(t: Translator, view: ProposalView, typed: Typed) -> list[Component]:
    """Return the points for and against, the remarks, and the form that adds one."""
    by_stance = {
        stance: [one for one in view.comments if one["stance"] == stance]
        for stance in (FOR, AGAINST, REMARK)
    }
    if "comment" in view.verbs:
        add = [
            html.Details(
                [
                    html.Summary(t("debate.add")),
                    act_form(t, "comment", typed, usual={"stance": FOR}),
                ],
                className="fold",
                open=bool(typed.get(("comment", "", "text"))),
            )
        ]
    else:
        add = []
    return [
        html.H2(t("debate.title")),
        html.Div(
            [
                _side(t, view, FOR, by_stance[FOR], typed),
                _side(t, view, AGAINST, by_stance[AGAINST], typed),
            ],
            className="two-sides",
        ),
        *([_side(t, view, REMARK, by_stance[REMARK], typed)] if by_stance[REMARK] else []),
        *add,
    ]


def _side(
    t: Translator, view: ProposalView, stance: str, comments: list[dict[str, Any]], typed: Typed
) -> Component:
    shown = [one for one in comments if not one["hidden"]]
    title = f"{t.of(rulebook().stances[stance])} ({len(shown)})"
    said = [_comment(t, view, one, typed) for one in comments]
    body: Component = html.Ul(said) if said else html.P(t("debate.none"), className="help")
    return html.Section([html.H3(title), body], className=f"side side-{stance}")


def _comment(t: Translator, view: ProposalView, one: dict[str, Any], typed: Typed) -> Component:
    by = html.P([t.of(one["author"]), " · ", lima(one["at"])], className="comment-by")
    if not one["hidden"]:
        return html.Li([by, paragraphs(one["text"]), *_hide(t, view, one, typed)])
    reason = html.P(t("debate.hidden", reason=one["hidden_reason"]), className="comment-hidden")
    # the secretary still reads what was hidden
    kept = [html.Details([html.Summary(t("debate.read_hidden")), paragraphs(one["text"])])]
    show = act_button(t, "show_comment", one["id"], look="link-button", hidden=_named(one))
    may = "show_comment" in view.verbs
    return html.Li([by, reason, *(kept if one["text"] else []), *(show if may else [])])


def _hide(t: Translator, view: ProposalView, one: dict[str, Any], typed: Typed) -> list[Component]:
    if "hide_comment" not in view.verbs:
        return []
    is_open = bool(typed.get(("hide_comment", one["id"], "reason")))
    return [
        html.Details(
            [
                html.Summary(t.of(verb_title("hide_comment"))),
                act_form(t, "hide_comment", typed, one["id"], hidden=_named(one)),
            ],
            className="moderate",
            open=is_open,
        )
    ]


def _named(one: dict[str, Any]) -> dict[str, str]:
    return {"comment_id": one["id"]}

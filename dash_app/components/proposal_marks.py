"""The mark of a proposal on the map and in the list, and the legend that explains it."""

from __future__ import annotations

from functools import cache
from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import BaseModel
from pydantic import ConfigDict

from dash_app.i18n import Translator
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle


class MarkGroup(BaseModel):
    """States that share the shape of their mark."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    states: tuple[str, ...]


@cache
def mark_groups() -> dict[str, MarkGroup]:
    """Return the groups of states by id."""
    table = load_package_yaml("dash_app.components", "proposal_marks.yaml")
    return {name: MarkGroup.model_validate(group) for name, group in table["groups"].items()}


@cache
def group_of_state() -> dict[str, str]:
    """Return the group that each state is marked as."""
    return {state: name for name, group in mark_groups().items() for state in group.states}


def mark(kind: str, state: str) -> Component:
    """Return the mark of a proposal; what it says stands in words beside it."""
    sign = html.Span(className=f"sign sign-{kind}")
    return html.Span(
        sign, className=f"mark mark-{group_of_state()[state]}", **{"aria-hidden": "true"}
    )


def mark_words(t: Translator) -> dict[str, Any]:
    """Return what the browser needs to mark proposals and to name them."""
    known = rulebook().kinds
    return {
        "groups": group_of_state(),
        "kinds": {name: t.of(kind.title) for name, kind in known.items()},
        "states": {name: t.of(title) for name, title in lifecycle().states.items()},
        "cluster": t("proposals.cluster"),
    }


def marks_legend(t: Translator) -> list[Component]:
    """Return what the marks mean: shapes first, then signs."""
    shapes = [
        html.Li(
            [
                html.Span(className=f"mark mark-{name}", **{"aria-hidden": "true"}),
                html.Span(t.of(group.title), className="mark-title"),
            ]
        )
        for name, group in mark_groups().items()
    ]
    signs = [
        html.Li(
            [
                html.Span(className=f"sign sign-{name}", **{"aria-hidden": "true"}),
                html.Span(t.of(kind.title), className="mark-title"),
            ]
        )
        for name, kind in rulebook().kinds.items()
    ]
    return [
        html.H2(t("proposals.legend")),
        # on a phone it is one line that scrolls, by keys too
        html.Ul(shapes, className="mark-list", tabIndex=0),
        html.Details(
            [html.Summary(t("proposals.legend_kinds")), html.Ul(signs, className="mark-list")],
            className="legend-signs",
        ),
    ]

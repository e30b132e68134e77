"""A choice of one among few: buttons that write what was chosen into a store."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component


def segments(
    store: str,
    choices: Iterable[tuple[str, str]],
    chosen: str,
    *,
    label: str,
    parameter: bool = False,
) -> Component:
    """Return one button a choice ``(value, words)``; the browser marks the one pressed.

    What is chosen goes into ``store``, or into the control of the ``parameter`` of that name.
    """
    target = "data-parameter" if parameter else "data-choose"
    buttons = [
        html.Button(
            words,
            className="segment",
            **{
                target: store,
                "data-value": value,
                "aria-pressed": "true" if value == chosen else "false",
            },
        )
        for value, words in choices
    ]
    return html.Div(buttons, className="segments", role="group", **{"aria-label": label})

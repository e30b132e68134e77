"""How good a choice is: what it attains, what no choice can pass, and how far apart they are."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.components.controls import info
from dash_app.i18n import Translator
from ilo_geo.core.results import Selection
from ilo_geo.core.text import messages
from ilo_geo.core.units import peru_number
from ilo_geo.services.jobs import JobState

OBJECTIVE, BOUND = "objective", "bound"
OPTIMAL = "optimal"


def told(t: Translator, state: JobState) -> str:
    """Return what a job says of itself: its step, and of a search the best found and the bound."""
    step = t("job.step", step=t.of(messages()[state.step]), percent=f"{100 * state.done_ratio:.0f}")
    objective, bound = state.figures.get(OBJECTIVE), state.figures.get(BOUND)
    if objective is None or bound is None:
        return step
    said = t(
        "choice.live",
        objective=peru_number(objective, _decimals(objective)),
        bound=peru_number(bound, _decimals(bound)),
        gap=f"{100 * _gap_ratio(objective, bound):.2f}",
    )
    return f"{step} · {said}"


def certificate(t: Translator, selection: Selection, unit: str) -> Component:
    """Return the proof of a choice in words and figures, with what it means behind an (i)."""
    if selection.objective is None or selection.bound is None:
        return html.P(t("choice.none"), className="help")
    proven = selection.status == OPTIMAL
    words = proof_words(t, selection.status, selection.gap_ratio)
    figures = [
        (t("choice.objective"), _with_unit(selection.objective, unit)),
        (t("choice.bound"), _with_unit(selection.bound, unit)),
        (t("choice.gap"), f"{100 * (selection.gap_ratio or 0):.2f} %"),
        (t("choice.seconds"), f"{peru_number(selection.solver_seconds, 1)} s"),
    ]
    rows = [row for title, value in figures for row in (html.Dt(title), html.Dd(value))]
    return html.Div(
        [
            html.P(
                [
                    html.B(words),
                    info(t, t("choice.about"), t("choice.means"), t(f"choice.{selection.status}")),
                ],
                className="proof",
            ),
            html.Dl(rows, className="facts proof-figures"),
        ],
        className=f"certificate {'proven' if proven else 'within'}",
    )


def proof_words(t: Translator, status: str | None, gap_ratio: float | None) -> str:
    """Return how good a choice is proven to be."""
    if gap_ratio is None:
        return t("choice.none")
    gap = f"{100 * gap_ratio:.2f}"
    return t("choice.proven" if status == OPTIMAL else "choice.within", gap=gap)


def _gap_ratio(objective: float, bound: float) -> float:
    larger = max(abs(objective), abs(bound))
    return abs(bound - objective) / larger if larger else 0.0


def _decimals(value: float) -> int:
    return 0 if abs(value) >= 100 else 3


def _with_unit(value: float, unit: str) -> str:
    return f"{peru_number(value, _decimals(value))} {unit}".strip()

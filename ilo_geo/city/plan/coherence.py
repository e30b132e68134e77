"""Recomputes the rules: every step with its numbers, every check with its difference, a verdict.

A verdict follows from the checks alone. A check that stands on a modelled layer, on a layer that
nobody loaded or on a measure that failed is shown and counts neither for the plan nor against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ilo_geo.city.plan.arithmetic import Formula
from ilo_geo.city.plan.arithmetic import evaluate
from ilo_geo.city.plan.arithmetic import read_formula
from ilo_geo.city.plan.read import Theme
from ilo_geo.city.plan.read import stated
from ilo_geo.city.plan.rules import Check
from ilo_geo.city.plan.rules import LayerFigure
from ilo_geo.city.plan.rules import Part
from ilo_geo.city.plan.rules import Rule
from ilo_geo.city.plan.rules import Step
from ilo_geo.city.plan.rules import Verdict
from ilo_geo.city.plan.written import filled
from ilo_geo.city.plan.written import formula_text
from ilo_geo.city.plan.written import number_text
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Status
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text

# what two floats differ by that are the same number
NOISE_RATIO = 1e-9


class Standing(StrEnum):
    """What a number stands on, best first; a number stands on the worst of what it is made of."""

    KNOWN = "known"
    MODELLED = "modelled"
    ABSENT = "absent"
    FAILED = "failed"


class Outcome(StrEnum):
    """What came of a check."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True)
class Measured:
    """A figure of a layer: its value, if it could be taken, and the layers it was taken from.

    ``fault`` says why there is none although the layer has data.
    """

    figure: LayerFigure
    value: float | None
    layers: tuple[LayerMeta, ...]
    fault: InputError | None = None

    @property
    def standing(self) -> Standing:
        """Return what the value stands on."""
        if self.fault is not None:
            return Standing.FAILED
        if self.value is None:
            return Standing.ABSENT
        modelled = any(meta.status is Status.MODELLED for meta in self.layers)
        return Standing.MODELLED if modelled else Standing.KNOWN


@dataclass(frozen=True)
class StepResult:
    """A step with its numbers filled in."""

    step: Step
    value: float | None
    written: Text
    standing: Standing


@dataclass(frozen=True)
class CheckResult:
    """A check with both sides; ``difference_ratio`` is of the right side."""

    check: Check
    left: float | None
    right: float | None
    outcome: Outcome
    standing: Standing

    @property
    def difference_ratio(self) -> float | None:
        """Return by how much the left side is larger, as a share of the right one."""
        if self.left is None or not self.right:
            return None
        return (self.left - self.right) / abs(self.right)


@dataclass(frozen=True)
class Finding:
    """A rule recomputed."""

    theme: str
    rule: Rule
    measured: tuple[Measured, ...]
    steps: tuple[StepResult, ...]
    checks: tuple[CheckResult, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the gravest thing that a failed check says; no data where none could be made."""
        failed = {c.check.otherwise for c in self.checks if c.outcome is Outcome.FAILS}
        for verdict in (Verdict.CONTRADICTION, Verdict.NOTICE):
            if verdict in failed:
                return verdict
        holds = any(check.outcome is Outcome.HOLDS for check in self.checks)
        return Verdict.COHERENT if holds else Verdict.NO_DATA

    @property
    def shown(self) -> dict[str, str]:
        """Return how each figure of the rule is written."""
        parts: list[tuple[Part, float | None]] = [
            *((figure, figure.value) for figure in stated(self.rule)),
            *((one.figure, one.value) for one in self.measured),
            *((one.step, one.value) for one in self.steps),
        ]
        return {part.id: written_value(part, value) for part, value in parts}

    @property
    def meaning(self) -> Text | None:
        """Return what the verdict means for this rule, None where there is no data."""
        meaning = self.rule.meaning.get(self.verdict)
        return None if meaning is None else filled(meaning, self.shown)


def written_value(part: Part | Check, value: float | None) -> str:
    """Return a value as this part writes it, without its unit."""
    if value is None:
        return "–"
    text = number_text(value, part.decimals)
    return text if part.grouped else text.replace(",", "")


def recompute(theme: Theme, rule: Rule, measured: Sequence[Measured]) -> Finding:
    """Return a rule with every number of it recomputed from ``measured`` and its own figures."""
    sums = _Sums(rule, measured)
    steps = tuple(sums.step(step) for step in rule.steps)
    checks = tuple(sums.check(check) for check in rule.checks)
    return Finding(theme.id, rule, tuple(measured), steps, checks)


class _Sums:
    """Values, how they are written and what they stand on, as they become known."""

    def __init__(self, rule: Rule, measured: Sequence[Measured]) -> None:
        self.values: dict[str, float] = {}
        self.shown: dict[str, str] = {}
        self.standing: dict[str, Standing] = {}
        for figure in stated(rule):
            self._know(figure, figure.value, Standing.KNOWN)
        for one in measured:
            self._know(one.figure, one.value, one.standing)

    def step(self, step: Step) -> StepResult:
        formula = read_formula(step.formula)
        value, standing = self._value(formula)
        written = {lang: formula_text(formula, self.shown, lang) for lang in LANGS}
        self._know(step, value, standing)
        return StepResult(step, value, Text.model_validate(written), standing)

    def check(self, check: Check) -> CheckResult:
        (left, on_left), (right, on_right) = (
            self._value(read_formula(side)) for side in (check.left, check.right)
        )
        standing = _worst((on_left, on_right))
        if left is None or right is None:
            outcome = Outcome.UNKNOWN
        elif standing is Standing.MODELLED:
            outcome = Outcome.NOT_COUNTED
        else:
            outcome = Outcome.HOLDS if agrees(check, left, right) else Outcome.FAILS
        return CheckResult(check, left, right, outcome, standing)

    def _value(self, formula: Formula) -> tuple[float | None, Standing]:
        standing = _worst([self.standing[name] for name in formula.names])
        if standing in (Standing.ABSENT, Standing.FAILED):
            return None, standing
        try:
            return evaluate(formula, self.values), standing
        except InputError:
            # a measure that is zero where the formula divides by it
            return None, Standing.FAILED

    def _know(self, part: Part, value: float | None, standing: Standing) -> None:
        if value is not None:
            self.values[part.id] = value
        self.shown[part.id] = written_value(part, value)
        self.standing[part.id] = standing


def agrees(check: Check, left: float, right: float) -> bool:
    """Return whether two values are as a check asks, within its tolerance."""
    if check.tolerance is not None:
        allowed = check.tolerance
    else:
        allowed = (check.tolerance_ratio or 0.0) * abs(right)
    allowed += NOISE_RATIO * max(abs(left), abs(right))
    if check.relation == "<=":
        return left <= right + allowed
    if check.relation == ">=":
        return left >= right - allowed
    return abs(left - right) <= allowed


def counts(findings: Sequence[Finding]) -> Mapping[Verdict, int]:
    """Return how many rules came to each verdict, those that none came to included."""
    return {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}


def _worst(standings: Sequence[Standing]) -> Standing:
    order = list(Standing)
    return max(standings, key=order.index, default=Standing.KNOWN)

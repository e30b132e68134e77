"""A finding in words: the same lines for the page, the table, the printed sheet and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ilo_geo.city.plan.arithmetic import read_formula
from ilo_geo.city.plan.coherence import CheckResult
from ilo_geo.city.plan.coherence import Finding
from ilo_geo.city.plan.coherence import Measured
from ilo_geo.city.plan.coherence import Standing
from ilo_geo.city.plan.coherence import StepResult
from ilo_geo.city.plan.coherence import written_value
from ilo_geo.city.plan.rules import Figure
from ilo_geo.city.plan.rules import OtherFigure
from ilo_geo.city.plan.rules import Part
from ilo_geo.city.plan.written import filled
from ilo_geo.city.plan.written import formula_text
from ilo_geo.city.plan.written import number_text
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import peru_date

RELATIONS = {"==": "=", "<=": "≤", ">=": "≥"}


@cache
def plan_words() -> dict[str, dict[str, Text]]:
    """Return what things are called, by family and name."""
    table = load_package_yaml("ilo_geo.city.plan", "words.yaml")
    return {
        family: {str(name): Text.model_validate(text) for name, text in words.items()}
        for family, words in table.items()
    }


def word(family: str, name: str, lang: Lang, **fields: str) -> str:
    """Return what ``name`` is called in ``lang``."""
    return plan_words()[family][name].format(lang, **fields)


@dataclass(frozen=True)
class Line:
    """One figure or check in words; what does not apply is empty."""

    part: str
    name: str
    title: str
    value: str
    number: float | None = None
    unit: str = ""
    arithmetic: str = ""
    year: str = ""
    source: str = ""
    quotation: str = ""
    mark: str = ""
    state: str = ""


@dataclass(frozen=True)
class RuleReport:
    """A rule in words; ``verdict`` and ``weight`` are codes, their ``_title`` the words."""

    id: str
    theme: str
    theme_title: str
    title: str
    verdict: str
    verdict_title: str
    weight: str
    weight_title: str
    meaning: str
    note: str
    lines: tuple[Line, ...]

    def part(self, name: str) -> tuple[Line, ...]:
        """Return the lines of one part: says, steps, layers, others or checks."""
        return tuple(line for line in self.lines if line.part == name)


def rule_report(finding: Finding, theme_title: Text, lang: Lang) -> RuleReport:
    """Return a finding in words."""
    rule = finding.rule
    return RuleReport(
        id=rule.id,
        theme=finding.theme,
        theme_title=theme_title.in_(lang),
        title=rule.title.in_(lang),
        verdict=finding.verdict.value,
        verdict_title=word("verdicts", finding.verdict, lang),
        weight=rule.weight.value,
        weight_title=word("weights", rule.weight, lang),
        meaning=finding.meaning.in_(lang) if finding.meaning else "",
        note=filled(rule.note, finding.shown).in_(lang) if rule.note else "",
        lines=tuple(_lines(finding, lang)),
    )


def _lines(finding: Finding, lang: Lang) -> Iterator[Line]:
    rule = finding.rule
    yield from (_says(figure, lang) for figure in rule.says)
    yield from (_step(step, lang) for step in finding.steps)
    yield from (_layer(one, lang) for one in finding.measured)
    yield from (_other(figure, lang) for figure in rule.others)
    shown = finding.shown
    for position, check in enumerate(finding.checks, start=1):
        yield _check(check, shown, f"check_{position}", lang)


def _unit(part: Part, lang: Lang) -> str:
    return part.unit.in_(lang) if part.unit else ""


def _says(figure: Figure, lang: Lang) -> Line:
    return Line(
        "says",
        figure.id,
        figure.title.in_(lang),
        written_value(figure, figure.value),
        figure.value,
        _unit(figure, lang),
        year="" if figure.year is None else str(figure.year),
        source=word("labels", "line", lang, line=str(figure.line)),
        quotation=figure.quotation,
    )


def _step(result: StepResult, lang: Lang) -> Line:
    step, standing = result.step, result.standing
    return Line(
        "steps",
        step.id,
        step.title.in_(lang),
        written_value(step, result.value),
        result.value,
        _unit(step, lang),
        arithmetic=result.written.in_(lang),
        mark="" if standing is Standing.KNOWN else word("standings", standing, lang),
        state=standing.value,
    )


def _layer(one: Measured, lang: Lang) -> Line:
    figure, standing = one.figure, one.standing
    source = "; ".join(_layer_words(one, lang))
    if standing is Standing.FAILED and one.fault is not None:
        source = one.fault.text(lang)
    return Line(
        "layers",
        figure.id,
        figure.title.in_(lang),
        written_value(figure, one.value),
        one.value,
        _unit(figure, lang),
        source=source,
        mark="" if standing is Standing.KNOWN else word("standings", standing, lang),
        state=standing.value,
    )


def _layer_words(one: Measured, lang: Lang) -> Iterator[str]:
    for meta in one.layers:
        status = word("statuses", meta.status, lang)
        date = peru_date(meta.date)
        yield word("labels", "layer", lang, title=meta.title.in_(lang), status=status, date=date)


def _other(figure: OtherFigure, lang: Lang) -> Line:
    return Line(
        "others",
        figure.id,
        figure.title.in_(lang),
        written_value(figure, figure.value),
        figure.value,
        _unit(figure, lang),
        year="" if figure.year is None else str(figure.year),
        source=figure.source,
        mark=word("verified", figure.verified, lang),
        state=figure.verified.value,
    )


def _check(result: CheckResult, shown: dict[str, str], name: str, lang: Lang) -> Line:
    check = result.check
    left, right = (
        formula_text(read_formula(side), shown, lang) for side in (check.left, check.right)
    )
    relation = RELATIONS[check.relation]
    return Line(
        "checks",
        name,
        check.title.in_(lang),
        word("outcomes", result.outcome, lang),
        arithmetic=word("labels", "question", lang, text=f"{left} {relation} {right}"),
        mark=_margin(result, lang),
        state=result.outcome.value,
    )


def _margin(result: CheckResult, lang: Lang) -> str:
    """Return how far both sides are apart, and how far they may be."""
    check = result.check
    unit = f" {check.unit.in_(lang)}" if check.unit else ""
    if check.tolerance_ratio is not None:
        tolerance = f"{number_text(100 * check.tolerance_ratio)} %"
    else:
        tolerance = f"{number_text(check.tolerance or 0.0)}{unit}"
    exact = not (check.tolerance_ratio or check.tolerance)
    if result.left is None or result.right is None or check.relation != "==":
        return word("labels", "no_margin" if exact else "tolerance", lang, tolerance=tolerance)
    ratio = result.difference_ratio
    if check.tolerance_ratio is not None and ratio is not None:
        apart, shown = ratio, f"{number_text(100 * ratio, 1)} %"
    else:
        apart = result.left - result.right
        shown = f"{number_text(apart, check.decimals)}{unit}"
    difference = f"+{shown}" if apart > 0 and shown.strip("0. %") else shown
    name = "exact" if exact else "difference"
    return word("labels", name, lang, difference=difference, tolerance=tolerance)

"""From the parsed files of a ``plan/`` folder to rules that can be computed, or their faults."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ValidationError

from ilo_geo.city.plan.arithmetic import FUNCTIONS
from ilo_geo.city.plan.arithmetic import MAX_CHARACTERS
from ilo_geo.city.plan.arithmetic import Formula
from ilo_geo.city.plan.arithmetic import evaluate
from ilo_geo.city.plan.arithmetic import read_formula
from ilo_geo.city.plan.rules import Figure
from ilo_geo.city.plan.rules import OtherFigure
from ilo_geo.city.plan.rules import Rule
from ilo_geo.city.plan.rules import RuleFile
from ilo_geo.city.plan.rules import Verdict
from ilo_geo.city.plan.written import named_in
from ilo_geo.core.errors import InputError
from ilo_geo.core.study_area import PlanFigure
from ilo_geo.core.text import Text

PLAN_FIGURE = "plan_figure"
MAX_SHOWN = 60
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Theme:
    """A theme of the plan: id (the file's name), title and rules."""

    id: str
    title: Text
    rules: tuple[Rule, ...]


def read_themes(
    files: Mapping[str, Any], plan_figures: Sequence[PlanFigure], known_layers: Sequence[str]
) -> tuple[tuple[Theme, ...], list[str]]:
    """Return the themes of parsed files, in their order, and every fault found.

    Parameters
    ----------
    files
        Parsed content by theme id.
    plan_figures
        Figures that the study area states already; a rule may name one as ``plan_figure``.
    known_layers
        Ids that a measure may ask for.
    """
    faults: list[str] = []
    read: list[tuple[int, Theme]] = []
    seen: dict[str, str] = {}
    for theme, content in files.items():
        named = _with_plan_figures(theme, content, plan_figures, faults)
        file = _validated(RuleFile, theme, named, faults)
        if file is None:
            continue
        rules = tuple(_rules(theme, file, faults))
        for rule in rules:
            if rule.id in seen:
                faults.append(f"{theme}: {rule.id}: stands in '{seen[rule.id]}' already")
            seen[rule.id] = theme
            faults += [f"{theme}: {rule.id}: {fault}" for fault in _rule_faults(rule, known_layers)]
        read.append((file.order, Theme(theme, file.title, rules)))
    return tuple(theme for _, theme in sorted(read, key=lambda pair: pair[0])), faults


def _with_plan_figures(
    theme: str, content: Any, plan_figures: Sequence[PlanFigure], faults: list[str]
) -> Any:
    """Return the content with what ``area.yaml`` says in place of each ``plan_figure``."""
    known = {figure.id: figure for figure in plan_figures}
    for figure in _figures(content):
        name = figure.pop(PLAN_FIGURE)
        if not isinstance(name, str) or name not in known:
            expected = ", ".join(known) or "none"
            faults.append(f"{theme}: {PLAN_FIGURE} is {_shown(name)}, expected one of {expected}")
            continue
        stated = known[name]
        usual = {
            "title": stated.title.model_dump(),
            "value": stated.value,
            "unit": stated.unit,
            "year": stated.year,
        }
        doubled = [key for key in ("value", "unit", "year") if key in figure]
        faults += [f"{theme}: {name}: '{key}' stands in area.yaml already" for key in doubled]
        figure.update({key: value for key, value in usual.items() if key not in figure})
    return content


def _figures(content: Any) -> Iterator[dict[str, Any]]:
    rules = content.get("rules") if isinstance(content, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        says = rule.get("says") if isinstance(rule, dict) else None
        for figure in says if isinstance(says, list) else ():
            if isinstance(figure, dict) and PLAN_FIGURE in figure:
                yield figure


def _rules(theme: str, file: RuleFile, faults: list[str]) -> Iterator[Rule]:
    """Yield the rules of a file that are as they should be, the faults of others appended."""
    for position, content in enumerate(file.rules, start=1):
        named = content.get("id") if isinstance(content, dict) else None
        where = f"{theme}: {named if isinstance(named, str) else f'rule {position}'}"
        rule = _validated(Rule, where[:MAX_SHOWN], content, faults)
        if rule is not None:
            yield rule
        elif isinstance(content, dict):
            faults += [f"{where[:MAX_SHOWN]}: {fault}" for fault in _raw_formula_faults(content)]


def _raw_formula_faults(content: dict[str, Any]) -> Iterator[str]:
    """Yield the formulas that are no arithmetic in a rule that has other faults too."""
    for part, keys in (("steps", ("formula",)), ("checks", ("left", "right"))):
        items = content.get(part)
        for position, item in enumerate(items if isinstance(items, list) else ()):
            for key in keys if isinstance(item, dict) else ():
                try:
                    read_formula(str(item.get(key, "0"))[: MAX_CHARACTERS + 1])
                except InputError as error:
                    yield f"{part}.{position}.{key}: {error}"


def _validated(model: type[M], where: str, content: Any, faults: list[str]) -> M | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(map(str, fault["loc"])) or "content"
            found = "" if fault["type"] == "missing" else f" (found {_shown(fault['input'])})"
            faults.append(f"{where}: {place}: {fault['msg']}{found}")
        return None


def _shown(value: object) -> str:
    """Return a value short enough for a line; what holds others is named, not shown."""
    if isinstance(value, str | int | float | bool) or value is None:
        return repr(value)[:MAX_SHOWN]
    return type(value).__name__


def _rule_faults(rule: Rule, known_layers: Sequence[str]) -> Iterator[str]:
    yield from _name_faults(rule)
    for figure in rule.layers:
        for layer in (figure.layer, *((figure.to.layer,) if figure.to else ())):
            if layer not in known_layers:
                yield f"{figure.id}: '{layer}' is no layer"
    reachable = {Verdict.COHERENT, *(Verdict(check.otherwise) for check in rule.checks)}
    for verdict in Verdict:
        if verdict in reachable and verdict not in rule.meaning:
            yield f"meaning: '{verdict}' is missing"
        if verdict in rule.meaning and verdict not in reachable:
            yield f"meaning: no check leads to '{verdict}'"
    names = {part.id for part in rule.parts}
    for text in (*rule.meaning.values(), *((rule.note,) if rule.note else ())):
        yield from (f"'{{{name}}}' names no figure" for name in named_in(text) if name not in names)
    yield from _formula_faults(rule)


def _name_faults(rule: Rule) -> Iterator[str]:
    names = [part.id for part in rule.parts]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"'{name}' names {names.count(name)} figures"
        if name in FUNCTIONS:
            yield f"'{name}' is a function"


def _formula_faults(rule: Rule) -> Iterator[str]:
    """Yield formulas that are not arithmetic, and those that fail on the figures themselves."""
    named: set[str] = {part.id for part in (*rule.says, *rule.layers, *rule.others)}
    # what depends on no layer can be computed now
    values: dict[str, float] = {figure.id: figure.value for figure in stated(rule)}
    for step in rule.steps:
        formula, fault = _formula(step.formula, named)
        if fault is not None:
            yield f"{step.id}: {fault}"
        elif formula is not None and set(formula.names) <= set(values):
            try:
                values[step.id] = evaluate(formula, values)
            except InputError as error:
                yield f"{step.id}: {error}"
        named.add(step.id)
    for position, check in enumerate(rule.checks):
        for side in ("left", "right"):
            formula, fault = _formula(getattr(check, side), named)
            where = f"checks.{position}.{side}"
            if fault is not None:
                yield f"{where}: {fault}"
            elif formula is not None and set(formula.names) <= set(values):
                try:
                    evaluate(formula, values)
                except InputError as error:
                    yield f"{where}: {error}"


def _formula(text: str, named: set[str]) -> tuple[Formula | None, str | None]:
    try:
        formula = read_formula(text)
    except InputError as error:
        return None, str(error)
    unknown = [name for name in formula.names if name not in named]
    if unknown:
        return None, f"'{unknown[0]}' is no figure above it"
    return formula, None


def stated(rule: Rule) -> tuple[Figure | OtherFigure, ...]:
    """Return the figures that somebody states, the plan or another."""
    return (*rule.says, *rule.others)

"""Formulas as a person writes them: ``238 / 3.37 * 1000`` becomes ``238 ÷ 3.37 × 1,000``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache

from ilo_geo.city.plan.arithmetic import Formula
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import peru_number

# how tightly each form binds; what binds less than its surroundings needs brackets
COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)
SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("−", SUM),
    ast.Mult: ("×", PRODUCT),
    ast.Div: ("÷", PRODUCT),
    ast.Pow: ("^", POWER),
}
RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
MOST_DECIMALS = 4
NAMED = re.compile(r"\{([a-z0-9_]+)\}")


@cache
def function_words() -> dict[str, Text]:
    """Return what each function of a formula is called."""
    table = load_package_yaml("ilo_geo.city.plan", "words.yaml")["functions"]
    return {name: Text.model_validate(text) for name, text in table.items()}


def number_text(value: float, decimals: int | None = None) -> str:
    """Return a number with the decimals asked for, else with those it has (four at most).

    Examples
    --------
    >>> number_text(0.792), number_text(79927), number_text(-17.5), number_text(11.43, 1)
    ('0.792', '79,927', '−17.5', '11.4')
    """
    if decimals is None:
        text = peru_number(value, MOST_DECIMALS).rstrip("0").rstrip(".")
    else:
        text = peru_number(value, decimals)
    # what rounds to nothing has no sign
    nothing = not text.strip("-0.")
    return (text.lstrip("-") or "0") if nothing else text.replace("-", "−")


def formula_text(formula: Formula, shown: Mapping[str, str], lang: Lang) -> str:
    """Return a formula with each name replaced by how its value is ``shown``."""
    return _written(formula.tree, shown, lang)[0]


def named_in(text: Text) -> tuple[str, ...]:
    """Return the figures that a sentence names in braces, in either language."""
    return tuple(dict.fromkeys(NAMED.findall(f"{text.es} {text.en}")))


def filled(text: Text, shown: Mapping[str, str]) -> Text:
    """Return a sentence with the figures it names filled in."""

    def value(match: re.Match[str]) -> str:
        return shown.get(match[1], match[0])

    return Text(es=NAMED.sub(value, text.es), en=NAMED.sub(value, text.en))


def _written(node: ast.AST, shown: Mapping[str, str], lang: Lang) -> tuple[str, int]:
    """Return the text of a part and how tightly it binds."""
    match node:
        case ast.Constant(value=number):
            return number_text(float(number)), ATOM  # type: ignore[arg-type]
        case ast.Name(id=name):
            text = shown[name]
            return text, SIGN if text.startswith("−") else ATOM
        case ast.UnaryOp(op=sign, operand=operand):
            mark = "−" if isinstance(sign, ast.USub) else "+"
            return f"{mark}{_inside(operand, shown, lang, POWER)}", SIGN
        case ast.BinOp(left=left, op=op, right=right):
            mark, binds = SIGNS[type(op)]
            # a − (b − c) keeps its brackets, (a − b) − c does not; with powers it is the reverse
            powers = isinstance(op, ast.Pow)
            before = _inside(left, shown, lang, binds + 1 if powers else binds)
            return f"{before} {mark} {_inside(right, shown, lang, binds + 1)}", binds
        case ast.Compare(left=left, ops=ops, comparators=others):
            text = _inside(left, shown, lang, SUM)
            for relation, other in zip(ops, others, strict=True):
                text += f" {RELATIONS[type(relation)]} {_inside(other, shown, lang, SUM)}"
            return text, COMPARE
        case ast.Call(func=ast.Name(id=name), args=arguments):
            inner = "; ".join(_written(part, shown, lang)[0] for part in arguments)
            return f"{function_words()[name].in_(lang)} ({inner})", ATOM
    return ast.unparse(node), ATOM


def _inside(node: ast.AST, shown: Mapping[str, str], lang: Lang, needed: int) -> str:
    text, binds = _written(node, shown, lang)
    return text if binds >= needed else f"({text})"

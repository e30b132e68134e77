"""Arithmetic written as text, read by a whitelist and never run as code.

A formula is numbers, names, ``+ - * / **``, brackets, comparisons (1 where true, 0 where not) and
the functions of `FUNCTIONS`. Anything else is refused by name. All numbers are floats, so no
expression can grow without limit; what is not a finite real number is no result.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from pyproj import Geod

from ilo_geo.core.errors import InputError

MAX_CHARACTERS = 400
MAX_DEPTH = 24
# what arithmetic is not written with: quotes, dots before names, other alphabets, controls
STRANGE = re.compile(r"[^A-Za-z0-9_\s.+\-*/()<>=!,]|[\x0b-\x1f]")
# no figure of a plan needs a higher power; beyond it lie only overflows
MAX_EXPONENT = 12.0
EARTH = Geod(ellps="WGS84")

BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def geodesic_m(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> float:
    """Return the distance over the ellipsoid between two places in degrees."""
    return float(EARTH.inv(lon_1, lat_1, lon_2, lat_2)[2])


def _round(value: float, decimals: float = 0.0) -> float:
    return float(round(value, int(decimals)))


@dataclass(frozen=True)
class Function:
    """A function that a formula may call, with the least and the most values it takes."""

    run: Callable[..., float]
    least: int
    most: int


FUNCTIONS = {
    "min": Function(min, 2, 16),
    "max": Function(max, 2, 16),
    "abs": Function(abs, 1, 1),
    "round": Function(_round, 1, 2),
    "sqrt": Function(math.sqrt, 1, 1),
    "geodesic_m": Function(geodesic_m, 4, 4),
}


@dataclass(frozen=True)
class Formula:
    """A formula that passed the whitelist; ``names`` are the values it needs, in order."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]


def read_formula(text: str) -> Formula:
    """Return the formula in ``text``.

    Raises
    ------
    InputError
        It is not arithmetic; the message names the first part that is not.
    """
    if len(text) > MAX_CHARACTERS:
        raise _refused(text, f"{len(text)} > {MAX_CHARACTERS}")
    if strange := STRANGE.search(text):
        raise _refused(text, repr(strange.group()))
    line = " ".join(text.split())
    try:
        with warnings.catch_warnings():
            # "1if" is no number; Python only warns of it
            warnings.simplefilter("error")
            tree = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(text, str(error.args[0]) if error.args else type(error).__name__) from error
    names: dict[str, None] = {}
    _check(line, tree, names, MAX_DEPTH)
    return Formula(line, tree, tuple(names))


def evaluate(formula: Formula, values: Mapping[str, float]) -> float:
    """Return the value of a formula.

    Raises
    ------
    InputError
        A name has no value, a divisor is zero, a power is out of bounds, or the result is no
        finite real number.
    """
    try:
        result = _value(formula.text, formula.tree, values)
    except InputError:
        raise
    except (ArithmeticError, ValueError, TypeError) as error:
        raise _refused(formula.text, str(error)) from error
    if isinstance(result, complex) or not math.isfinite(result):
        raise _refused(formula.text, str(result))
    return result


def _check(text: str, node: ast.AST, names: dict[str, None], depth: int) -> None:
    """Refuse every part that the whitelist does not know."""
    if depth == 0:
        raise _refused(text, f"depth > {MAX_DEPTH}")
    parts: list[ast.expr]
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            parts = []
        case ast.Name(id=name):
            names.setdefault(name)
            parts = []
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            parts = [left, right]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in UNARY:
            parts = [operand]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(
            type(op) in COMPARISONS for op in ops
        ):
            parts = [left, *others]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            function = FUNCTIONS[name]
            if not function.least <= len(arguments) <= function.most:
                raise _refused(text, f"{name}: {len(arguments)}")
            parts = arguments
        case _:
            raise _refused(text, ast.get_source_segment(text, node) or type(node).__name__)
    for part in parts:
        _check(text, part, names, depth - 1)


def _value(text: str, node: ast.AST, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]
        case ast.Name(id=name):
            if name not in values:
                raise _refused(text, name)
            return float(values[name])
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _value(text, left, values), _value(text, right, values)
            if isinstance(op, ast.Pow) and abs(second) > MAX_EXPONENT:
                raise _refused(text, f"** {second:g}")
            return BINARY[type(op)](first, second)
        case ast.UnaryOp(op=sign, operand=operand):
            return UNARY[type(sign)](_value(text, operand, values))
        case ast.Compare(left=left, ops=ops, comparators=others):
            chain = [_value(text, part, values) for part in (left, *others)]
            pairs = zip(ops, chain, chain[1:], strict=False)
            return float(all(COMPARISONS[type(op)](a, b) for op, a, b in pairs))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return float(FUNCTIONS[name].run(*(_value(text, part, values) for part in arguments)))
        case _:
            # the whitelist of `_check` leaves nothing else
            raise _refused(text, type(node).__name__)


def _refused(text: str, found: str) -> InputError:
    shown = " ".join(text.split())
    if len(shown) > 60:
        shown = f"{shown[:57]}…"
    return InputError("plan.formula", where=shown, found=" ".join(found.split())[:80])

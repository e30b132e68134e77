"""Formulas in words: what is read back is what was meant."""

from __future__ import annotations

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.city.plan.arithmetic import FUNCTIONS
from ilo_geo.city.plan.arithmetic import evaluate
from ilo_geo.city.plan.arithmetic import read_formula
from ilo_geo.city.plan.written import filled
from ilo_geo.city.plan.written import formula_text
from ilo_geo.city.plan.written import function_words
from ilo_geo.city.plan.written import number_text
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text

VALUES = {"a": 3.0, "b": -2.5, "c": 8.0}
SHOWN = {name: number_text(value) for name, value in VALUES.items()}
BACK = {"÷": "/", "×": "*", "−": "-", "^": "**", "≤": "<=", "≥": ">=", "≠": "!="}


def grown(parts):
    pair = st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "**"]), parts)
    return pair.map(lambda t: f"({t[0]} {t[1]} {t[2]})") | parts.map(lambda text: f"(-{text})")


@settings(max_examples=80, deadline=None)
@given(st.recursive(st.sampled_from(["a", "b", "c", "2", "0.5"]), grown, max_leaves=8))
def test_a_written_formula_read_back_has_the_same_value(text):
    formula = read_formula(text)
    try:
        value = evaluate(formula, VALUES)
    except InputError:
        assume(False)
    written = formula_text(formula, SHOWN, "es")
    for sign, operator in BACK.items():
        written = written.replace(sign, operator)
    assert evaluate(read_formula(written), {}) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("c / a * 1000", "8 ÷ 3 × 1,000"),
        ("(c - a) * 2", "(8 − 3) × 2"),
        ("c - (a - 1)", "8 − (3 − 1)"),
        ("c / (a / 2)", "8 ÷ (3 ÷ 2)"),
        ("c * b", "8 × −2.5"),
        ("b ** 2", "(−2.5) ^ 2"),
        ("a <= c", "3 ≤ 8"),
    ],
)
def test_brackets_stand_where_they_are_needed(text, written):
    assert formula_text(read_formula(text), SHOWN, "en") == written


def test_every_function_has_a_name_in_both_languages():
    assert set(function_words()) == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(-0.0004, 1, "0.0"), (0.0, None, "0"), (-17.6375, None, "−17.6375"), (1e6, 0, "1,000,000")],
)
def test_numbers_are_written_as_in_peru(value, decimals, text):
    assert number_text(value, decimals) == text


def test_a_sentence_takes_figures_and_nothing_else():
    text = Text(es="Son {a}, no {a.real} ni {nada}.", en="It is {a}.")
    assert filled(text, {"a": "43"}).es == "Son 43, no {a.real} ni {nada}."

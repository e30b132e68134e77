"""Every error, notice and step of progress has its text, and every text is used."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from ilo_geo.core import errors
from ilo_geo.core.text import messages

REPO = Path(__file__).parents[2]
ERROR_CLASSES = {name for name in vars(errors) if name.endswith("Error")} - {"CancelledError"}
# SchemaError makes these two of its list
MADE_BY_SCHEMA_ERROR = {"n_faults", "faults"}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def source_trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("ilo_geo", "dash_app"):
        for path in sorted((REPO / folder).rglob("*.py")):
            yield str(path.relative_to(REPO)), ast.parse(path.read_text("utf-8"))


def coded_calls() -> Iterator[tuple[str, ast.Call, str, set[str] | None]]:
    """Yield place, call, code and given fields (None where they are only known at run time)."""
    for place, tree in source_trees():
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and call.args):
                continue
            name = ast.unparse(call.func).rpartition(".")[2]
            code = call.args[0]
            if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
                continue
            if name in ERROR_CLASSES:
                given = {str(keyword.arg) for keyword in call.keywords}
                made = MADE_BY_SCHEMA_ERROR if name == "SchemaError" else set()
                yield place, call, code.value, None if "None" in given else given | made
            elif name == "Notice":
                yield place, call, code.value, notice_fields(call)
            elif name == "progress":
                yield place, call, code.value, set()


def notice_fields(call: ast.Call) -> set[str] | None:
    given = call.args[1] if len(call.args) > 1 else ast.Dict([], [])
    if not isinstance(given, ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in given.keys]
    return None if None in keys else {str(key) for key in keys}


def test_the_scan_sees_errors_notices_and_progress() -> None:
    codes = {code for _, _, code, _ in coded_calls()}
    assert {"layer.schema", "modelled_layers", "progress.streets"} <= codes


def test_every_code_has_a_text_and_gives_its_fields() -> None:
    faults = []
    for place, call, code, given in coded_calls():
        if code not in messages():
            faults.append(f"{place}:{call.lineno}: '{code}' has no text")
        elif given is not None and (missing := fields(messages()[code].es) - given):
            faults.append(f"{place}:{call.lineno}: '{code}' lacks {sorted(missing)}")
    assert faults == []


@pytest.mark.parametrize("code", messages())
def test_both_languages_say_the_same_facts_in_one_line(code: str) -> None:
    text = messages()[code]
    assert fields(text.es) == fields(text.en)
    assert "\n" not in text.es + text.en


def test_no_text_is_unused() -> None:
    literals = {
        node.value
        for _, tree in source_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(set(messages()) - literals) == []

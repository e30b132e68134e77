"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ilo_geo

REPO = Path(__file__).parents[2]
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 70
# where a fault of ours becomes a line for the person in front
BOUNDARIES = {"ilo_geo/cli/main.py", "ilo_geo/services/jobs.py", "dash_app/boundary.py"}
SPANISH = re.compile(r"[áéíóúñÁÉÍÓÚÑ¿¡]|\b(de la|del|los|las|para|con|una?)\b")

MODULES = [
    path.relative_to(REPO).as_posix()
    for folder in ("ilo_geo", "dash_app", "scripts", "tests")
    for path in sorted((REPO / folder).rglob("*.py"))
]
LIBRARY = [name for name in MODULES if name.startswith("ilo_geo/")]


def tree(module: str) -> ast.Module:
    return ast.parse((REPO / module).read_text("utf-8"))


def functions(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function less those of functions inside it, which count by themselves.

    Dash's callbacks are written inside ``register``.
    """
    inner = [node for node in function.body if isinstance(node, ast.FunctionDef)]
    return n_lines(function) - sum(map(n_lines, inner))


def n_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_a_module_is_one_room() -> None:
    lines = {name: len((REPO / name).read_text("utf-8").splitlines()) for name in MODULES}
    assert {name: n for name, n in lines.items() if n > MAX_MODULE_LINES} == {}


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{name}:{function.lineno} {function.name} has {own_lines(function)} lines"
        for name in MODULES
        # what a change of the tables was, told once and never changed
        if not name.startswith("ilo_geo/io/migrations/versions/")
        for function in functions(name)
        if own_lines(function) > MAX_FUNCTION_LINES
    ]
    assert long == []


def test_only_the_boundaries_catch_everything() -> None:
    broad = {
        name
        for name in MODULES
        for node in ast.walk(tree(name))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    }
    assert broad <= BOUNDARIES


def test_no_text_for_people_in_the_code_of_the_library() -> None:
    spanish = []
    for name in LIBRARY:
        module = tree(name)
        docs = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
        spanish += [
            f"{name}:{node.lineno}: {node.value[:60]!r}"
            for node in ast.walk(module)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and SPANISH.search(node.value)
        ]
    assert spanish == []


def test_layers_hold_data_only() -> None:
    assert list((REPO / "layers").rglob("*.py")) == []


def test_a_package_exists_when_it_has_something_in_it() -> None:
    packages = {path.parent for path in (REPO / "ilo_geo").rglob("__init__.py")}
    assert [package for package in packages if len(list(package.iterdir())) < 2] == []


def test_public_names_of_the_library_are_exact() -> None:
    assert ilo_geo.__all__ == ["__version__"]


@pytest.mark.parametrize("name", ["run.py", "test.py", "setup_environment.py", "lock.py"])
def test_the_commands_need_the_standard_library_only(name: str) -> None:
    known = sys.stdlib_module_names | {"setup_environment"}
    imported = {
        module.split(".")[0]
        for node in ast.walk(tree(f"scripts/{name}"))
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= known


def test_ci_runs_the_test_command() -> None:
    assert (REPO / ".ci" / "run").read_text().rstrip().endswith("exec python3 scripts/test.py")

"""pyproject.toml, environment.yml and the two locks state the same dependencies."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPO = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
# what conda-forge calls otherwise
CONDA_NAMES = {"h3": "h3-py", "matplotlib": "matplotlib-base", "osmium": "pyosmium"}
REQUIRED = """dash dash-leaflet dash-mantine-components dash-ag-grid geopandas shapely pyogrio
    rasterio folium osmnx scikit-learn scipy numba h3 exactextract pydantic typer rich"""


def run_dependencies() -> list[Requirement]:
    return [Requirement(line) for line in PROJECT["project"]["dependencies"]]


def locked(name: str) -> dict[str, Requirement]:
    text = (REPO / "requirements" / f"{name}.txt").read_text("utf-8")
    pins = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if "==" in line]
    return {canonicalize_name(pin.name): pin for pin in pins}


def version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def test_what_the_house_requires_is_declared() -> None:
    assert set(REQUIRED.split()) <= {requirement.name for requirement in run_dependencies()}


def test_environment_yml_states_the_same_as_pyproject() -> None:
    environment = yaml.safe_load((REPO / "environment.yml").read_text("utf-8"))
    expected = {
        f"{CONDA_NAMES.get(requirement.name, requirement.name)}{requirement.specifier}"
        for requirement in run_dependencies()
    }
    expected.add(f"python{PROJECT['project']['requires-python']}")
    expected.add(next(r for r in PROJECT["dependency-groups"]["test"] if r.startswith("pytest>")))
    assert set(environment["dependencies"]) == expected


@pytest.mark.parametrize("name", ["run", "test"])
def test_lock_names_no_index_and_hashes_every_pin(name: str) -> None:
    text = (REPO / "requirements" / f"{name}.txt").read_text("utf-8")
    assert not re.findall(r"^\s*-(?!-hash=)|://|@ ", text, flags=re.MULTILINE)
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) == len(locked(name))
    unhashed = [block for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}", block)]
    assert unhashed == []


@pytest.mark.parametrize(("name", "groups"), [("run", ["build"]), ("test", ["build", "test"])])
def test_lock_satisfies_pyproject(name: str, groups: list[str]) -> None:
    pins = locked(name)
    wanted = run_dependencies()
    for group in groups:
        wanted += [Requirement(line) for line in PROJECT["dependency-groups"][group]]
    astray = [
        str(requirement)
        for requirement in wanted
        if not requirement.specifier.contains(version(pins[canonicalize_name(requirement.name)]))
    ]
    assert astray == []


def test_the_test_lock_pins_what_the_run_lock_pins() -> None:
    run, test = locked("run"), locked("test")
    assert {name: str(pin) for name, pin in run.items()} == {
        name: str(pin) for name, pin in test.items() if name in run
    }


def test_no_run_time_dependency_is_gpl_or_agpl() -> None:
    copyleft = {}
    for name, pin in locked("run").items():
        if pin.marker and not pin.marker.evaluate():
            continue
        about = metadata(name)
        stated = [about.get("License-Expression"), *about.get_all("Classifier", [])]
        # some put the whole text of the licence there; its name is the first line
        stated += (about.get("License") or "").splitlines()[:1]
        licences = [str(text) for text in stated if text]
        found = [t for t in licences if re.search(r"(?<!L)GPL|Affero|GNU General Public", t)]
        if found:
            copyleft[name] = found
    assert copyleft == {}

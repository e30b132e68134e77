"""A faulty rule file is refused with every fault of it."""

from __future__ import annotations

import copy

import pytest

from ilo_geo.city.plan.coherence import Measured
from ilo_geo.city.plan.coherence import Outcome
from ilo_geo.city.plan.coherence import recompute
from ilo_geo.city.plan.read import read_themes
from ilo_geo.city.plan.rules import Verdict
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.study_area import PlanFigure


def text(words):
    return {"es": words, "en": words}


def figure(name, value, **more):
    words = {"id": name, "title": text(name), "value": value, "line": 3, "quotation": "dice"}
    return {**words, **more}


def check(left, relation, right, **more):
    usual = {"tolerance": 0, "otherwise": "notice"}
    return {"title": text("c"), "left": left, "relation": relation, "right": right, **usual, **more}


def rule(**more):
    usual = {
        "id": "R1",
        "title": text("regla"),
        "weight": "high",
        "says": [figure("a", 16), figure("b", 40)],
        "steps": [{"id": "needed", "title": text("s"), "formula": "a * 3"}],
        "checks": [check("needed", "<=", "b")],
        "meaning": {"notice": text("no cuadra"), "coherent": text("cuadra")},
    }
    return {**usual, **more}


def read(*rules, figures=(), known=("parks", "places")):
    content = {"title": text("tema"), "rules": list(rules)}
    return read_themes({"theme": copy.deepcopy(content)}, figures, known)


def only(*rules, **more):
    themes, faults = read(*rules, **more)
    assert faults == []
    return themes[0], themes[0].rules[0]


def test_the_verdict_follows_from_the_numbers():
    theme, one = only(rule())
    assert recompute(theme, one, []).verdict is Verdict.NOTICE
    theme, one = only(rule(says=[figure("a", 13), figure("b", 40)]))
    assert recompute(theme, one, []).verdict is Verdict.COHERENT


@pytest.mark.parametrize(
    ("left", "relation", "right", "tolerance", "holds"),
    [
        ("105", "==", "100", {"tolerance_ratio": 0.05}, True),
        ("105.1", "==", "100", {"tolerance_ratio": 0.05}, False),
        ("94.9", "==", "100", {"tolerance_ratio": 0.05}, False),
        ("103", "==", "100", {"tolerance": 3}, True),
        ("103.5", "==", "100", {"tolerance": 3}, False),
        ("101", "<=", "100", {"tolerance": 1}, True),
        ("102", "<=", "100", {"tolerance": 1}, False),
        ("99", ">=", "100", {"tolerance_ratio": 0.01}, True),
        ("98", ">=", "100", {"tolerance_ratio": 0.01}, False),
        ("0.1 + 0.2", "==", "0.3", {"tolerance": 0}, True),
    ],
)
def test_a_check_holds_within_its_tolerance(left, relation, right, tolerance, holds):
    made = check(left, relation, right)
    made.pop("tolerance")
    theme, one = only(rule(checks=[{**made, **tolerance}]))
    outcome = recompute(theme, one, []).checks[0].outcome
    assert outcome is (Outcome.HOLDS if holds else Outcome.FAILS)


def test_a_contradiction_outweighs_a_notice():
    checks = [check("a", "==", "b"), check("a", "==", "b", otherwise="contradiction")]
    meaning = {name: text(name) for name in ("notice", "contradiction", "coherent")}
    theme, one = only(rule(checks=checks, meaning=meaning))
    assert recompute(theme, one, []).verdict is Verdict.CONTRADICTION


def meta(status):
    return LayerMeta.model_validate(
        {
            "id": "parks",
            "title": text("parques"),
            "theme": "green",
            "geometry": "polygon",
            "crs": "EPSG:4326",
            "source": "prueba",
            "licence": "CC0",
            "date": "2026",
            "accuracy_m": 1,
            "status": status,
            "file": "a.geojson",
        }
    )


LAYERS = [{"id": "n", "title": text("n"), "measure": "count", "layer": "parks"}]


@pytest.mark.parametrize(
    ("value", "layers", "fault", "outcome", "verdict"),
    [
        (40.0, ("official",), None, Outcome.HOLDS, Verdict.COHERENT),
        (41.0, ("official",), None, Outcome.FAILS, Verdict.NOTICE),
        (41.0, ("derived", "modelled"), None, Outcome.NOT_COUNTED, Verdict.NO_DATA),
        (40.0, ("modelled",), None, Outcome.NOT_COUNTED, Verdict.NO_DATA),
        (None, (), None, Outcome.UNKNOWN, Verdict.NO_DATA),
        (None, ("official",), InputError("plan.measure"), Outcome.UNKNOWN, Verdict.NO_DATA),
    ],
)
def test_only_real_layers_count(value, layers, fault, outcome, verdict):
    steps = [{"id": "twice", "title": text("t"), "formula": "n * 2 / 2"}]
    theme, one = only(rule(layers=LAYERS, steps=steps, checks=[check("twice", "==", "b")]))
    measured = [Measured(one.layers[0], value, tuple(map(meta, layers)), fault)]
    finding = recompute(theme, one, measured)
    assert finding.checks[0].outcome is outcome
    assert finding.verdict is verdict


def test_a_layer_that_makes_a_divisor_zero_is_no_evidence():
    steps = [{"id": "per", "title": text("t"), "formula": "a / n"}]
    theme, one = only(rule(layers=LAYERS, steps=steps, checks=[check("per", "==", "b")]))
    finding = recompute(theme, one, [Measured(one.layers[0], 0.0, (meta("official"),))])
    assert finding.steps[0].value is None
    assert finding.verdict is Verdict.NO_DATA


def test_a_figure_of_the_area_is_named_not_repeated():
    stated = PlanFigure.model_validate(
        {
            "id": "goal",
            "title": text("meta"),
            "value": 9,
            "unit": "m²",
            "year": 2018,
            "source": "L.1",
        }
    )
    named = {"id": "goal", "plan_figure": "goal", "line": 1, "quotation": "9 m2"}
    says = [named, figure("a", 16), figure("b", 40)]
    _, one = only(rule(says=says), figures=[stated])
    assert (one.says[0].value, one.says[0].year, one.says[0].title.es) == (9, 2018, "meta")
    _, faults = read(rule(says=[{**named, "value": 8}, *says[1:]]), figures=[stated])
    assert any("'value' stands in area.yaml already" in fault for fault in faults)


FAULTS = {
    "unknown name": (rule(checks=[check("nobody", "<=", "b")]), "'nobody' is no figure"),
    "later step": (
        rule(
            steps=[
                {"id": "x", "title": text("s"), "formula": "y"},
                {"id": "y", "title": text("s"), "formula": "a"},
            ]
        ),
        "'y' is no figure above it",
    ),
    "no arithmetic": (rule(checks=[check("a.b", "<=", "b")]), "checks.0.left"),
    "division by zero": (
        rule(steps=[{"id": "needed", "title": text("s"), "formula": "a / (b - b)"}]),
        "division by zero",
    ),
    "doubled name": (rule(says=[figure("a", 1), figure("a", 2), figure("b", 3)]), "'a' names 2"),
    "name of a function": (
        rule(says=[figure("min", 1), figure("a", 2), figure("b", 3)]),
        "a function",
    ),
    "unknown measure": (rule(layers=[{**LAYERS[0], "measure": "run"}]), "is no measure"),
    "unknown layer": (rule(layers=[{**LAYERS[0], "layer": "moon"}]), "'moon' is no layer"),
    "sum of nothing": (rule(layers=[{**LAYERS[0], "measure": "sum"}]), "needs 'column'"),
    "distance to nothing": (rule(layers=[{**LAYERS[0], "measure": "distance_km"}]), "needs 'to'"),
    "meaning missing": (rule(meaning={"coherent": text("x")}), "meaning: 'notice' is missing"),
    "meaning unreachable": (
        rule(meaning={name: text("x") for name in ("notice", "coherent", "contradiction")}),
        "no check leads to 'contradiction'",
    ),
    "meaning names nothing": (
        rule(meaning={"notice": text("{moon}"), "coherent": text("x")}),
        "'{moon}' names no figure",
    ),
    "typed verdict": (rule(verdict="coherent"), "Extra inputs"),
    "two tolerances": (rule(checks=[check("a", "==", "b", tolerance_ratio=0.1)]), "one of them"),
    "infinite": (rule(says=[figure("a", float("inf")), figure("b", 1)]), "finite"),
    "text for a number": (rule(says=[figure("a", "many"), figure("b", 1)]), "valid number"),
    "unknown plan figure": (
        rule(
            says=[{"id": "g", "plan_figure": "moon", "line": 1, "quotation": "x"}, figure("b", 1)]
        ),
        "plan_figure is 'moon'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name):
    faulty, expected = FAULTS[name]
    _, faults = read(faulty)
    assert any(expected in fault for fault in faults), faults
    assert all("\n" not in fault and fault.startswith("theme") for fault in faults)


def test_every_fault_of_a_file_is_listed_at_once():
    bad = rule(checks=[check("x", "<=", "y"), check("z", "<=", "b")], meaning={})
    _, faults = read(bad, rule(id="R1"))
    assert len([f for f in faults if "is no figure" in f]) == 3
    assert any("stands in 'theme' already" in fault for fault in faults)
    assert len([f for f in faults if "meaning" in f]) == 2


def test_a_rule_with_a_fault_hides_no_fault_of_its_own_nor_of_another():
    evil = check("__import__('os')", "==", "b")
    first = rule(weight="huge", verdict="coherent", checks=[evil])
    _, faults = read(first, rule(id="R2", checks=[check("nobody", "<=", "b")]))
    for part in ("weight", "verdict", "checks.0.left", "'nobody' is no figure"):
        assert any(part in fault for fault in faults), part
    assert len(faults) == 4


@pytest.mark.parametrize("content", [None, [], "text", 3, {"rules": 5}, {"rules": [None, 3]}])
def test_content_that_is_no_rule_file_is_refused(content):
    themes, faults = read_themes({"theme": content}, (), ())
    assert themes == ()
    assert faults


def test_a_nest_of_lists_is_named_and_not_shown():
    bomb = ["x"]
    for _ in range(40):
        bomb = [bomb, bomb]
    _, faults = read_themes({"theme": {"title": bomb, "rules": bomb}}, (), ())
    assert faults
    assert max(map(len, faults)) < 300

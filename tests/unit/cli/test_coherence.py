"""``ilo-geo coherence``: what it prints, what it writes, what it refuses."""

from __future__ import annotations

import json

import pytest

from ilo_geo.cli.main import main


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Return a function that runs the command and gives code, stdout and stderr."""
    monkeypatch.setenv("ILO_GEO_WORKSPACE", str(tmp_path / "workspace"))

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["coherence", *arguments])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run


def test_all_rules_in_one_list(run):
    code, out, _ = run()
    assert code == 0
    summary, *rules = out.splitlines()
    assert summary == ("Reglas: 25 (contradicciones: 5, avisos: 18, coherentes: 2, sin datos: 0).")
    assert len(rules) == 25


def test_one_rule_opened_to_its_arithmetic(run):
    code, out, _ = run("--rule", "R13", "--lang", "en")
    assert code == 0
    assert "40 × 6 ÷ 7 ÷ 3 = 11.4" in out
    assert "«cuenta con 40 efectivos de serenazgo»" in out


def test_json_holds_the_numbers_and_the_standing_of_layers(run):
    code, out, _ = run("--theme", "green", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["n_rules"] == 2
    lines = [line for rule in document["rules"] for line in rule["lines"]]
    assert next(line for line in lines if line["name"] == "parks_ha")["state"] == "absent"
    implied = next(line for line in lines if line["title"].startswith("Habitantes de 2021"))
    assert implied["number"] == pytest.approx(643_800 / 9)


def test_a_file_beside_the_list(run, tmp_path):
    code, _, _ = run("--out", str(tmp_path / "plan.html"), "--verdict", "contradiction")
    assert code == 0
    assert "1,523.44" in (tmp_path / "plan.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--theme", "moon"), "moon"),
        (("--verdict", "fine"), "contradiction"),
        (("--lang", "qu"), "es, en"),
        (("--out", "plan.doc"), "csv, html"),
    ],
)
def test_bad_input_gets_one_line(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_city_without_a_plan_says_so(run, small_area):
    code, _, err = run("--area", str(small_area.catalogue.folder))
    assert code == 2
    assert "no rules of a plan" in err

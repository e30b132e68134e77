"""The command as a person or a script meets it: stdout, stderr and the exit code."""

import json
import shutil
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Polygon

from ilo_geo.cli.main import main
from ilo_geo.core.errors import InputError


@pytest.fixture
def run(capsys, workspace):
    """Return a function that runs the command and gives (exit code, stdout, stderr)."""

    def run_command(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err

    return run_command


def rewrite(folder, layer_id, change):
    path = folder / layer_id / "data.gpkg"
    frame = change(gpd.read_file(path))
    path.unlink()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        frame.to_file(path, driver="GPKG", layer=layer_id)


def test_json_is_one_object_with_the_promised_keys(run, toy_folder):
    code, out, _ = run("analyse", "green", "--area", toy_folder, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["analysis"] == "green"
    assert document["summary"]["population_inhab"] == pytest.approx(460)
    assert document["summary"]["deficit_ha"] == pytest.approx(0.254)
    keys = {"green_area_m2", "green_m2_per_inhab", "served_population_ratio"}
    assert keys <= set(document["summary"])
    assert {"parameters", "zones", "warnings", "provenance", "result_sha256"} <= set(document)


def test_same_inputs_give_the_same_fingerprint(run, toy_folder):
    first = run("analyse", "green", "--area", toy_folder, "--json")[1]
    assert run("analyse", "green", "--area", toy_folder, "--json")[1] == first


def test_settings_reach_the_analysis_and_out_is_written(run, toy_folder, tmp_path):
    out = tmp_path / "r.geojson"
    code, text, _ = run(
        "analyse", "green", "--area", toy_folder, "--set", "standard_m2_per_inhab=4", "--json",
        "--out", out,
    )  # fmt: skip
    assert code == 0
    assert json.loads(text)["summary"]["demand_ha"] == pytest.approx(4 * 460 / 10_000)
    assert json.loads(out.read_text(encoding="utf-8"))["type"] == "FeatureCollection"


def test_plain_output_names_the_figures(run, toy_folder):
    code, out, _ = run("analyse", "green", "--area", toy_folder)
    assert code == 0
    assert "deficit_ha" in out
    assert "West" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyse", "green", "--set", "standard_m2_per_inhab=99"], "expected 0.5 – 50"),
        (["analyse", "green", "--set", "standard"], "expected KEY=VALUE"),
        (["analyse", "green", "--set", "nonsense=1"], "Unknown parameter 'nonsense'"),
        (["analyse", "green", "--out", "x.doc"], "Unknown format 'doc'"),
        (["layers", "show", "moon"], "No layer 'moon'"),
        (["analyse", "red"], "No such command 'red'"),
        (["init", "somewhere"], "--osm is missing"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run, toy_folder, arguments, said):
    area = [] if arguments[0] == "init" else ["--area", toy_folder]
    code, out, err = run(*arguments, *area)
    assert code == 2
    assert said in err
    assert err.strip().count("\n") == 0
    assert "Traceback" not in err
    assert out == ""


def test_a_folder_that_is_no_area_says_how_to_make_one(run, tmp_path):
    code, _, err = run("layers", "list", "--area", tmp_path)
    assert code == 2
    assert "area.yaml is missing" in err
    assert "ilo-geo init" in err


FAULTS = {
    "no_crs": (lambda f: f.set_crs(None, allow_override=True), "no reference system"),
    "wrong_crs": (lambda f: f.to_crs("EPSG:32718"), "in EPSG:32718 but its description says"),
    "missing_column": (lambda f: f.drop(columns="kind"), "column 'kind' is missing"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_layer_is_refused_by_name(run, toy_folder, fault):
    change, said = FAULTS[fault]
    rewrite(toy_folder, "parks", change)
    code, _, err = run("analyse", "green", "--area", toy_folder)
    assert code == 2
    assert said in err
    assert "parks" in err


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "no value in row 1"), (-5, "below 0 in row 1")]
)
def test_bad_population_is_refused_row_by_row(run, toy_folder, value, said):
    rewrite(toy_folder, "population", lambda f: f.assign(census=[400.0, value]))
    code, _, err = run("analyse", "green", "--area", toy_folder)
    assert code == 2
    assert said in err


def test_an_empty_file_is_refused_by_name(run, toy_folder):
    (toy_folder / "parks" / "data.gpkg").write_bytes(b"")
    code, _, err = run("analyse", "green", "--area", toy_folder)
    assert code == 2
    assert "parks" in err
    assert "cannot be read" in err


def test_a_city_without_parks_is_zeros_and_a_warning(run, toy_folder):
    rewrite(toy_folder, "parks", lambda f: f.iloc[:0])
    code, out, _ = run("analyse", "green", "--area", toy_folder, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["summary"]["green_m2_per_inhab"] == 0
    assert any("no public green area" in warning for warning in document["warnings"])


def test_a_bow_tie_is_set_aside_and_said(run, toy_folder):
    tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])

    def add_tie(frame):
        return gpd.GeoDataFrame(
            gpd.pd.concat([frame, frame.assign(geometry=[tie])], ignore_index=True), crs=frame.crs
        )

    rewrite(toy_folder, "parks", add_tie)
    code, out, _ = run("analyse", "green", "--area", toy_folder, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["summary"]["green_area_m2"] == pytest.approx(1600)
    assert any("1 features of 'Layer parks'" in warning for warning in document["warnings"])


def test_layers_check_lists_findings_and_refusals(run, toy_folder):
    assert run("layers", "check", "--area", toy_folder)[0] == 0
    rewrite(toy_folder, "parks", FAULTS["missing_column"][0])
    code, out, _ = run("layers", "check", "--area", toy_folder)
    assert code == 2
    assert "parks: REFUSED" in out


def test_all_faults_of_the_catalogue_come_at_once(run, toy_folder):
    parks, streets = toy_folder / "parks" / "layer.yaml", toy_folder / "streets" / "layer.yaml"
    parks.write_text(parks.read_text().replace("status: observed", "status: true"))
    streets.write_text(streets.read_text().replace("licence: CC0\n", ""))
    shutil.rmtree(toy_folder / "buildings")
    code, _, err = run("layers", "list", "--area", toy_folder)
    assert code == 2
    assert "3 faults" in err
    for name in ("parks/layer.yaml: status", "streets/layer.yaml: licence", "buildings/layer.yaml"):
        assert name in err


def test_results_are_stored_and_turn_stale(run, toy_folder):
    run("analyse", "green", "--area", toy_folder)
    assert "fresh" in run("results", "list", "--area", toy_folder)[1]
    rewrite(toy_folder, "parks", lambda f: f.assign(geometry=f.buffer(1)))
    assert "stale (parks)" in run("results", "list", "--area", toy_folder)[1]


@pytest.mark.parametrize("command", ["list", "check"])
def test_layers_as_json_are_one_object(run, toy_folder, command):
    code, out, _ = run("layers", command, "--area", toy_folder, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["area"] == "toy"
    assert Path(document["workspace"]).name.startswith("toy-")
    assert "parks" in [layer["id"] for layer in document["layers"]]


@pytest.mark.parametrize("place", [0, 2, 3])
def test_debug_shows_the_traceback_wherever_it_stands(tmp_path, place):
    arguments = ["layers", "list", f"--area={tmp_path}"]
    arguments.insert(place, "--debug")
    with pytest.raises(InputError):
        main(arguments)


def test_an_error_in_long_work_is_one_line_and_nothing_else(run, toy_folder):
    (toy_folder / "parks" / "data.gpkg").write_bytes(b"")
    _, _, err = run("analyse", "green", "--area", toy_folder)
    assert err.startswith("ilo-geo: ")
    assert err.count("\n") == 1


def test_a_modelled_layer_not_yet_computed_says_what_to_do(run, toy_folder):
    described = toy_folder / "parks" / "layer.yaml"
    described.write_text(described.read_text().replace("status: observed", "status: modelled"))
    (toy_folder / "parks" / "data.gpkg").unlink()
    code, _, err = run("analyse", "green", "--area", toy_folder)
    assert code == 2
    assert "run 'ilo-geo prepare'; otherwise add its file and its layer.yaml." in err


def test_an_unknown_result_is_named(run, toy_folder):
    code, _, err = run("results", "show", "../../etc", "--area", toy_folder)
    assert code == 2
    assert "No stored result '../../etc'" in err

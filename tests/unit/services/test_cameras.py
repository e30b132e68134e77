"""Cameras in a city on disk, as asked from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ilo_geo.cli.main import main
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.cameras import camera_inputs

FEW = {"n_cameras": "3", "max_candidates": "30", "n_headings": "8", "n_draws": "2", "piece_m": "50"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Area:
    from small_city import write_small_city

    folder = write_small_city(tmp_path_factory.mktemp("camera_city"))
    return open_area(folder, Workspace(tmp_path_factory.mktemp("camera_workspace")))


@pytest.fixture(scope="module")
def found(city: Area) -> AnalysisResult:
    return analyse(city, "cameras", FEW)


def test_a_city_without_patrols_or_poles_still_gets_cameras_at_its_crossings(
    found: AnalysisResult,
) -> None:
    assert set(found.tables["cameras"]["kind"]) <= {"crossing", "health"}
    assert found.summary["n_cameras"] == 3
    assert found.summary["patrol_ratio"] is None
    notices = {notice.code for notice in found.warnings}
    assert {"cameras.no_patrol", "cameras.proxy", "cameras.left_out"} <= notices


def test_need_is_counted_on_pieces_as_short_as_asked(city: Area) -> None:
    params = analysis_of("cameras").parameters(city, {**FEW, "piece_m": "25"})
    inputs = camera_inputs(city, params)
    assert inputs.need.points["length_m"].max() <= 25.0
    assert inputs.need.weight.sum() == pytest.approx(1.0)


def test_sight_in_space_uses_heights_and_terrain(city: Area) -> None:
    params = analysis_of("cameras").parameters(city, {**FEW, "line_of_sight": "3d"})
    inputs = camera_inputs(city, params)
    assert inputs.prisms is not None
    assert inputs.prisms.ground.known.any()
    # houses of 3 m hide nothing from a camera at 7 m that looks at a face far behind them
    solid = analyse(city, "cameras", {**FEW, "line_of_sight": "3d"})
    assert "cameras.plan_only" not in {notice.code for notice in solid.warnings}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("density_band", "2014:perceive"),
        ("camera_model", "ptz_1080p_30x"),
        ("ptz_model", "fixed_1080p_4mm"),
        ("line_of_sight", "4d"),
        ("backup_at", "parks"),
    ],
)
def test_a_value_that_is_not_offered_is_refused_by_name(city: Area, name: str, value: str) -> None:
    with pytest.raises(ParameterError, match=name):
        analysis_of("cameras").parameters(city, {name: value})


def test_three_parameters_are_shown_and_the_rest_are_advanced(city: Area) -> None:
    specs = analysis_of("cameras").specs(city)
    shown = [spec.name for spec in specs if not spec.text.advanced]
    assert shown == ["n_cameras", "density_band", "budget_soles"]


def test_the_command_line_gives_the_choice_with_its_certificate(
    city: Area,
    found: AnalysisResult,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ILO_GEO_WORKSPACE", str(city.catalogue.workspace.root))
    settings = [word for name, value in FEW.items() for word in ("--set", f"{name}={value}")]
    folder = Path(city.catalogue.folder)
    with pytest.raises(SystemExit) as ended:
        main(["analyse", "cameras", "--area", str(folder), *settings, "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert {"selected", "objective", "bound", "gap", "solver_seconds"} <= set(said)
    assert said["gap"] == 0.0
    assert said["objective"] == pytest.approx(found.selection.objective, rel=1e-8)
    assert [row["pole"] for row in said["selected"]] == found.tables["cameras"]["pole"].tolist()

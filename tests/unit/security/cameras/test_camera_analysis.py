"""The whole analysis in a town: its figures agree with each other and its limits hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from camera_town import frame
from camera_town import town_inputs
from camera_town import town_need
from camera_town import town_params

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.core.text import Text
from ilo_geo.security.cameras.analysis import analyse


@pytest.fixture(scope="module")
def found() -> AnalysisResult:
    return analyse(town_inputs(), town_params())


def codes(result: AnalysisResult) -> set[str]:
    return {notice.code for notice in result.warnings}


def certificate(result: AnalysisResult) -> Selection:
    assert result.selection is not None
    return result.selection


def test_cameras_and_patrols_add_up(found: AnalysisResult) -> None:
    s = found.summary
    assert s["camera_ratio"] + s["patrol_ratio"] - s["both_ratio"] + s[
        "neither_ratio"
    ] == pytest.approx(1.0)
    assert 0 < s["neither_ratio"] < 1
    assert found.tables["deficit"]["uncovered_need_ratio"].sum() == pytest.approx(
        s["neither_ratio"]
    )


def test_objective_is_what_the_cameras_add_up_to_and_meets_its_bound(found: AnalysisResult) -> None:
    chosen, cameras = certificate(found), found.tables["cameras"]
    assert chosen.status == "optimal"
    assert chosen.objective == pytest.approx(cameras["marginal_ratio"].sum())
    assert chosen.bound == pytest.approx(chosen.objective)
    assert chosen.gap_ratio == 0.0
    assert len(chosen.selected) == len(cameras) == 4


def test_parts_of_a_score_sum_to_what_the_camera_adds(found: AnalysisResult) -> None:
    cameras = found.tables["cameras"]
    parts = cameras[[c for c in cameras.columns if c.startswith("part_")]]
    assert list(parts.columns) == ["part_crime", "part_gap", "part_flow", "part_sensitive"]
    assert parts.sum(axis=1).tolist() == pytest.approx(cameras["marginal_ratio"].tolist())


def test_every_camera_tells_why_in_both_languages(found: AnalysisResult) -> None:
    for row in certificate(found).selected:
        assert "% de la necesidad" in row["reasons_es"]
        assert "% of the need" in row["reasons_en"]


def test_the_frontier_rises_and_ends_at_the_objective(found: AnalysisResult) -> None:
    table = found.tables["frontier"]
    for _, rows in table.groupby("method"):
        assert rows["seen_demand_ratio"].is_monotonic_increasing
        assert rows["price_soles"].is_monotonic_increasing
    own = table[table["method"] == "chosen"]
    assert own["seen_demand_ratio"].iloc[-1] == pytest.approx(certificate(found).objective)
    greedy = table[table["method"] == "greedy"].set_index("n_cameras")["seen_demand_ratio"]
    assert greedy[4] <= certificate(found).objective + 1e-12
    assert greedy.index.max() == 8


def test_no_two_cameras_of_a_pole_look_less_than_a_quarter_turn_apart() -> None:
    cameras = analyse(town_inputs(), town_params(n_cameras=12, max_candidates=3)).tables["cameras"]
    assert cameras["pole"].value_counts().max() > 1
    for _, own in cameras.groupby("pole"):
        turns = np.sort(own["heading_deg"].to_numpy())
        gaps = np.diff(np.append(turns, turns[0] + 360))
        assert len(own) == 1 or gaps.min() >= 90 - 1e-9


def test_the_budget_is_kept_and_less_than_any_camera_is_refused() -> None:
    result = analyse(town_inputs(), town_params(budget_soles=5_000.0))
    assert result.summary["price_soles"] <= 5_000.0
    assert "cameras.fewer" in codes(result)
    with pytest.raises(ParameterError, match="cheapest camera costs S/ 1200"):
        analyse(town_inputs(), town_params(budget_soles=1_000.0))


def test_places_that_ask_for_two_cameras_count_only_when_two_see_them() -> None:
    one = analyse(town_inputs(), town_params(n_cameras=1, backup_at="schools"))
    many = analyse(town_inputs(), town_params(n_cameras=10, backup_at="schools"))
    assert one.summary["backup_need_ratio"] == 0.0
    assert many.summary["backup_need_ratio"] > 0.0
    with pytest.raises(ParameterError, match="no layer 'health'"):
        analyse(town_inputs(), town_params(backup_at="health"))


def test_without_patrols_their_part_is_unknown_and_said() -> None:
    result = analyse(town_inputs(response_s=None), town_params())
    assert result.summary["patrol_ratio"] is None
    assert "cameras.no_patrol" in codes(result)
    assert not result.tables["weights"].loc["gap", "available"]
    unseen = 1 - result.summary["camera_ratio"]
    assert result.tables["deficit"]["uncovered_need_ratio"].sum() == pytest.approx(unseen)


def test_a_proxy_and_modelled_buildings_are_said_and_incidents_are_not_called_a_proxy() -> None:
    modelled = LayerRef(
        layer="buildings",
        title=Text(es="Edificios", en="Buildings"),
        source="model",
        licence="none",
        date="2026",
        status=Status.MODELLED,
        accuracy_m=300.0,
        sha256="0",
    )
    result = analyse(town_inputs(refs=(modelled,)), town_params())
    assert {"cameras.proxy", "cameras.modelled_sight", "cameras.prices"} <= codes(result)
    real = analyse(town_inputs(need=town_need(is_proxy=False)), town_params())
    assert not {"cameras.proxy", "cameras.modelled_sight"} & codes(real)


def test_the_interval_is_of_draws_and_a_plan_beyond_it_is_said(found: AnalysisResult) -> None:
    s = found.summary
    assert s["seen_need_ratio_low"] <= s["seen_need_ratio_high"]
    assert s["seen_need_open_ratio"] >= s["seen_need_ratio"]
    beyond = s["seen_need_ratio"] > s["seen_need_ratio_high"]
    assert ("cameras.tuned" in codes(found)) == beyond


def test_cameras_that_turn_do_not_add_to_the_coverage() -> None:
    one, other = (
        analyse(town_inputs(), town_params(ptz_model=model)).summary
        for model in ("ptz_1080p_30x", "ptz_4mp_25x")
    )
    assert one["ptz_recognition_m"] != other["ptz_recognition_m"]
    assert one["camera_ratio"] == other["camera_ratio"]
    assert one["ptz_detection_need_ratio"] >= one["ptz_recognition_need_ratio"] > 0


def test_equal_questions_have_equal_fingerprints(found: AnalysisResult) -> None:
    assert analyse(town_inputs(), town_params()).sha256 == found.sha256
    other = analyse(town_inputs(), town_params(seed=1))
    assert other.sha256 != found.sha256


def test_the_inputs_stay_as_they_were() -> None:
    inputs, fresh = town_inputs(), town_inputs()
    analyse(inputs, town_params())
    assert inputs.need.points.equals(fresh.need.points)
    assert inputs.need.weight.tolist() == fresh.need.weight.tolist()
    assert inputs.sites["poles"].equals(fresh.sites["poles"])


def test_enough_returns_the_best_so_far() -> None:
    def content(code: str, _done: float, /, **figures: float) -> None:
        if figures:
            raise EnoughError

    result = analyse(town_inputs(), town_params(), progress=content)
    chosen = certificate(result)
    assert chosen.status in ("stopped", "optimal")
    assert ("cameras.unproved" in codes(result)) == (chosen.status == "stopped")
    assert len(chosen.selected) > 0
    assert chosen.bound is not None
    assert chosen.objective is not None
    assert chosen.bound >= chosen.objective


def test_a_city_where_no_camera_can_hang_or_see_is_told_so() -> None:
    from ilo_geo.city.network import walking_network

    alone = walking_network(frame([shapely.LineString([(0, 0), (60, 0)])], walk=True))
    nowhere: Mapping[str, Any] = {"network": alone, "sites": {}}
    with pytest.raises(InputError, match="nowhere to hang a camera"):
        analyse(town_inputs(**nowhere), town_params())
    far = frame([shapely.Point(5_000, 5_000)])
    with pytest.raises(InputError, match="None of the 1 candidates sees"):
        analyse(town_inputs(network=alone, sites={"poles": far}), town_params())


def test_layers_in_another_reference_system_are_refused() -> None:
    inputs = town_inputs()
    away = inputs.sites["poles"].to_crs("EPSG:32718")
    with pytest.raises(CrsError, match="poles"):
        analyse(replace(inputs, sites={"poles": away}), town_params())

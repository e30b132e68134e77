"""The evacuation of a toy coast: by hand, sums that must agree, and bad input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely.geometry import LineString

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.results import AnalysisResult
from ilo_geo.hazards.evacuation.analysis import analyse
from ilo_geo.hazards.evacuation.arrivals import arrival_class
from ilo_geo.hazards.evacuation.arrivals import curve_table
from ilo_geo.hazards.evacuation.arrivals import group_median
from ilo_geo.hazards.evacuation.arrivals import weighted_quantile
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.scene import evacuation_scene

if TYPE_CHECKING:
    from conftest import Toy

PARAMS = EvacuationParams(population_base="base", level_m=5, margin_m=5)
UPHILL = np.exp(3.5 * 0.15 - 3.5 * 0.05)
# from the homes at 25 m and 65 m, 8 m beside the street, to its first safe node at 100 m
NEAR_SEA_S = np.hypot(5, 8) / 0.56 + 80 * UPHILL
HALF_WAY_S = np.hypot(5, 8) / 0.56 + 40 * UPHILL


def but(**changes: object) -> EvacuationParams:
    return EvacuationParams(**{**PARAMS.model_dump(), **changes})


def result_of(toy: Toy, params: EvacuationParams = PARAMS) -> AnalysisResult:
    inputs = toy.inputs()
    return analyse(inputs, evacuation_scene(inputs, params), params)


def test_minutes_by_hand(toy: Toy) -> None:
    """By hand: reaction, gap at 0.56, street uphill by Tobler, all at 1.1 m/s."""
    table = result_of(toy).tables["buildings"].sort_values("inhab")
    walk_s = np.array([HALF_WAY_S, NEAR_SEA_S])
    np.testing.assert_allclose(table["minutes"], 4 + walk_s / 1.1 / 60, rtol=1e-5)
    assert table["inundated"].tolist() == [False, True]


def test_summary_by_hand(toy: Toy) -> None:
    """By hand: at 14 min of reaction and 15 of arrival nobody but the quick is in time."""
    params = but(reaction_min=14)
    summary = result_of(toy, params).summary
    at_jog_min = 14 + np.array([HALF_WAY_S, NEAR_SEA_S]) / 1.79 / 60
    assert (at_jog_min < 15).tolist() == [True, False]
    assert summary["late_inhab"] == 40
    assert summary["late_inhab_jog"] == 30
    assert summary["late_inhab_impaired"] == summary["late_inhab_slow"] == 40
    assert summary["share_safe_ratio"] == 0
    assert summary["evacuees_inhab"] == 40
    assert summary["inundated_inhab"] == 30
    assert summary["arrival_min"] == 15
    assert summary["median_min"] == pytest.approx(14 + NEAR_SEA_S / 66, rel=1e-5)


def test_interval_by_hand(toy: Toy) -> None:
    """By hand: the larger base doubles everybody, and at 15 minutes of reaction all are late."""
    summary = result_of(toy, but(reaction_min=15, arrival_min=12)).summary
    assert summary["late_inhab_low"] == 40
    assert summary["late_inhab_high"] == 80
    assert (summary["evacuees_inhab_low"], summary["evacuees_inhab_high"]) == (40, 80)


def test_an_unsure_flood_widens_the_interval(toy: Toy) -> None:
    """By hand: with ±4 m the home at 6.5 m is not sure to flood, and one at 13.5 m may."""
    homes = [*toy.homes, type(toy.homes[0])(toy.homes[0].x + 110, toy.homes[0].y)]
    inputs = toy.but(homes=homes, inhab=[30.0, 10.0, 4.0]).inputs()
    object.__setattr__(inputs.flood, "spread_m", 4.0)
    summary = analyse(inputs, evacuation_scene(inputs, PARAMS), PARAMS).summary
    assert summary["evacuees_inhab_low"] == 30
    assert summary["evacuees_inhab"] == 40
    assert summary["evacuees_inhab_high"] == 88


@pytest.fixture(scope="module")
def warm(toy: Toy) -> tuple[object, object]:
    inputs = toy.inputs()
    return inputs, evacuation_scene(inputs, PARAMS)


@settings(max_examples=25, deadline=None)
@given(
    arrival=st.floats(10, 30),
    later=st.floats(0, 10),
    reaction=st.floats(0, 15),
    walker=st.sampled_from(["impaired", "slow", "fast", "jog"]),
)
def test_sums_agree_and_order_holds(
    warm: tuple[object, object], arrival: float, later: float, reaction: float, walker: str
) -> None:
    """Properties: parts add up to the whole; more time or a quicker walk never makes more late."""
    inputs, scene = warm
    params = but(arrival_min=arrival, reaction_min=reaction, walking_speed=walker)
    result = analyse(inputs, scene, params)
    summary, tables = result.summary, result.tables
    for name in ("blocks", "districts"):
        for column in ("evacuees_inhab", "late_inhab"):
            assert tables[name][column].sum() == pytest.approx(summary[column])
    assert summary["late_inhab_low"] <= summary["late_inhab"] <= summary["late_inhab_high"]
    by_walker = [summary[f"late_inhab_{w}"] for w in ("impaired", "slow", "fast", "jog")]
    assert by_walker == sorted(by_walker, reverse=True)
    assert summary["late_inhab"] == summary[f"late_inhab_{walker}"]
    curve = tables["curve"]
    assert curve["arrived_inhab"].is_monotonic_increasing
    assert curve["arrived_inhab"].iloc[-1] == pytest.approx(40)
    longer = but(arrival_min=min(30, arrival + later), reaction_min=reaction, walking_speed=walker)
    assert analyse(inputs, scene, longer).summary["late_inhab"] <= summary["late_inhab"]


def test_classes_on_their_limits() -> None:
    """Domain study §5.5: green t ≤ T − 5, amber t ≤ T, red t > T."""
    minutes = np.array([10.0, 10.001, 15.0, 15.001, np.inf, np.nan])
    found = arrival_class(minutes, but(arrival_min=15)).tolist()
    assert found == ["in_time", "tight", "tight", "late", "late", "no_people"]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4), st.integers(-1, 2)), min_size=1))
def test_medians_equal_those_of_every_single_person(rows: list[tuple[int, int, int]]) -> None:
    """Brute force: every person written out, the lower median of each group."""
    values, weight, group = (np.array(column) for column in zip(*rows, strict=True))
    found = group_median(values.astype(float), weight.astype(float), group, 3)
    for number in range(3):
        people = np.sort(np.repeat(values[group == number], weight[group == number]))
        if len(people):
            middle = people[(len(people) - 1) // 2]
            assert found[number] == middle
            kept = group == number
            own = weighted_quantile(values[kept].astype(float), weight[kept].astype(float), 0.5)
            assert own == middle
        else:
            assert np.isnan(found[number])


def test_curve_counts_whole_minutes() -> None:
    """By hand: 2 people at 3.0 min and 1 at 7.5, and 1 who never arrives."""
    minutes, inhab = np.array([7.5, 3.0, np.inf]), np.array([1.0, 2.0, 1.0])
    curve = curve_table({"slow": minutes}, inhab, chosen="slow").set_index("minute")
    assert curve.loc[[2, 3, 7, 8, 60], "arrived_inhab"].tolist() == [0, 2, 2, 3, 3]
    assert curve.loc[60, "share_ratio_slow"] == 0.75


def test_people_of_each_street_by_hand(toy: Toy) -> None:
    """By hand: a side street of 10 people joins the main street, where 30 pass already."""
    main, home = toy.streets[0], toy.homes[0]
    start = main["geometry"].coords[0]
    joint, side_end = (start[0] + 60, start[1]), (start[0] + 60, start[1] + 40)
    streets = [
        {**main, "geometry": LineString([start, joint, main["geometry"].coords[-1]])},
        {**main, "name": "side", "geometry": LineString([side_end, joint])},
    ]
    homes = [home, type(home)(side_end[0] + 1, side_end[1] + 2)]
    result = result_of(toy.but(streets=streets, homes=homes))
    passing = result.tables["streets"]["passing_inhab"]
    assert passing.tolist() == pytest.approx([40, 10])
    assert result.tables["streets"]["passing_late_inhab"].sum() == 0


def test_day_moves_people(toy: Toy) -> None:
    assert result_of(toy, but(moment="day")).summary["evacuees_inhab"] == 5


def test_whoever_has_no_way_is_late_and_said_aloud(toy: Toy) -> None:
    """By hand: a street cut off by houses before safe ground leads nowhere."""
    short = [{**toy.streets[0], "geometry": LineString([*_ends(toy, 0, 80)])}]
    result = result_of(toy.but(streets=short))
    assert result.summary["no_way_inhab"] == result.summary["late_inhab"] == 40
    assert result.summary["median_min"] is None
    assert result.tables["blocks"]["arrival_class"].tolist() == ["late"]
    assert "evacuation.no_way" in [notice.code for notice in result.warnings]


def _ends(toy: Toy, *east_m: float) -> list[tuple[float, float]]:
    x, y = toy.streets[0]["geometry"].coords[0]
    return [(x + east, y) for east in east_m]


def test_a_city_without_blocks_is_reported_in_squares(toy: Toy) -> None:
    result = result_of(toy.but(blocks=None))
    blocks = result.tables["blocks"]
    assert blocks["evacuees_inhab"].sum() == 40
    assert blocks.area.to_numpy() == pytest.approx(120.0**2)


def test_the_same_question_has_the_same_answer_and_inputs_stay(toy: Toy) -> None:
    inputs = toy.inputs()
    before = inputs.elevation_m.copy(), inputs.streets.copy(), inputs.blocks.copy()
    first = analyse(inputs, evacuation_scene(inputs, PARAMS), PARAMS)
    again = analyse(inputs, evacuation_scene(inputs, PARAMS), PARAMS)
    assert first.sha256 == again.sha256
    np.testing.assert_array_equal(inputs.elevation_m, before[0])
    assert inputs.streets.equals(before[1])
    assert inputs.blocks.equals(before[2])
    assert "evacuation.free_walking" in [notice.code for notice in first.warnings]


def test_no_safe_ground_is_refused(toy: Toy) -> None:
    """Issue 3, bad input: no safe ground inside the terrain."""
    flat = np.minimum(toy.elevation_m, 3.0)
    with pytest.raises(InputError, match="above 10 m") as caught:
        result_of(toy.but(elevation_m=flat))
    assert "relieve" in caught.value.text("es")


def test_a_terrain_that_ends_before_the_streets_is_refused(toy: Toy) -> None:
    far = [{**toy.streets[0], "geometry": LineString([*_ends(toy, 0, 2000)])}]
    with pytest.raises(InputError, match="outside the terrain"):
        result_of(toy.but(streets=far))


def test_a_flood_on_another_grid_is_refused(toy: Toy) -> None:
    inputs = toy.inputs()
    with pytest.raises(InputError, match="not that of the flood"):
        evacuation_scene(replace(inputs, elevation_m=inputs.elevation_m[1:]), PARAMS)


def test_streets_nobody_walks_are_refused(toy: Toy) -> None:
    with pytest.raises(InputError, match="no street can be walked"):
        result_of(toy.but(streets=[{**toy.streets[0], "walk": False}]))


def test_mixed_reference_systems_are_refused(toy: Toy) -> None:
    inputs = toy.inputs()
    moved = gpd.GeoDataFrame(geometry=inputs.buildings.geometry).set_crs(32718, allow_override=True)
    with pytest.raises(CrsError):
        evacuation_scene(replace(inputs, buildings=moved), PARAMS)


@pytest.mark.parametrize(
    "wrong",
    [{"level_m": 26}, {"arrival_min": 9}, {"walking_speed": "fly"}, {"formulation": "naismith"}],
)
def test_values_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        but(**wrong)


def test_every_parameter_has_words_and_three_are_shown() -> None:
    """House rule: three parameters shown, the rest under "More options"."""
    texts = parameter_texts("ilo_geo.hazards", "evacuation.yaml")
    assert list(texts) and set(texts) == set(EvacuationParams.model_fields)
    shown = [name for name, text in texts.items() if not text.advanced]
    assert shown == ["level_m", "arrival_min", "walking_speed"]

"""The whole analysis on towns that can be worked out by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from patrol_town import CRS
from patrol_town import X0
from patrol_town import Y0
from patrol_town import bases
from patrol_town import lattice
from patrol_town import need_at
from patrol_town import points
from patrol_town import streets
from patrol_town import town

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.security.patrol.analysis import analyse
from ilo_geo.security.patrol.analysis import response_to_need_s
from ilo_geo.security.patrol.parameters import PatrolParams

# residential streets are driven at 30 km/h: 300 m take 36 s
HOMES = [(x * 300.0, y * 300.0) for x in range(6) for y in range(5)]


def params(**changes):
    known = {
        "population_base": "plan_2015",
        "moment": "day",
        "new_bases": 0,
        "n_sectors": 3,
        "dispatch_s": 60.0,
        "shift_h": 1.0,
        "break_h": 0.5,
    }
    return PatrolParams(**(known | changes))


def lattice_town(**changes):
    return town(**({"roads": lattice(6, 5), "homes": HOMES, "at": ((0, 0),)} | changes))


def codes(result):
    return {notice.code for notice in result.warnings}


def test_shares_and_quantiles_of_a_lattice_are_those_counted_by_hand():
    summary = analyse(lattice_town(), params(green_min=2.0)).summary
    # a home i blocks away waits 60 + 36 i seconds; up to 1 block within 2 min
    blocks = np.array([x + y for x in range(6) for y in range(5)])
    minutes = (60 + 36 * blocks) / 60
    assert summary["people_within_green_ratio"] == pytest.approx((minutes <= 2).mean())
    assert summary["need_within_yellow_ratio"] == pytest.approx(1.0)
    assert summary["p50_min"] == pytest.approx(np.sort(minutes)[14])
    assert summary["p90_min"] == pytest.approx(np.sort(minutes)[26])


def test_the_interval_spans_dispatch_speed_and_position():
    inputs = lattice_town(bases=bases([(0, 0)], accuracy_m=150.0))
    asked = params(green_min=3.0, dispatch_spread_s=15.0, speed_error_ratio=0.2)
    summary = analyse(inputs, asked).summary
    blocks = np.array([x + y for x in range(6) for y in range(5)])
    # 150 m at 30 km/h are 18 s
    fast = 45 + np.maximum(36 * blocks - 18, 0) / 1.2
    slow = 75 + (36 * blocks + 18) / 0.8
    assert summary["people_within_green_ratio_high"] == pytest.approx((fast <= 180).mean())
    assert summary["people_within_green_ratio_low"] == pytest.approx((slow <= 180).mean())


def test_by_night_the_way_takes_a_fifth_longer():
    day, night = params(), params(moment="night")
    way_s = response_to_need_s(lattice_town(), day) - 60
    assert response_to_need_s(lattice_town(), night) == pytest.approx(60 + 1.2 * way_s)


def test_the_summary_adds_up_over_the_units_of_a_level():
    left, right = (
        shapely.box(X0 - 9, Y0 - 9, X0 + 700, Y0 + 9_000),
        shapely.box(X0 + 700, Y0 - 9, X0 + 9_000, Y0 + 9_000),
    )
    zones = gpd.GeoDataFrame(
        {"id": ["l", "r"], "name": ["L", "R"]}, geometry=[left, right], crs=CRS
    )
    result = analyse(lattice_town(levels={"zones": zones.set_index("id", drop=False)}), params())
    table = result.tables["zones"]
    assert table["population_inhab"].tolist() == [15, 15]
    share = (table["people_within_green_ratio"] * table["population_inhab"]).sum() / 30
    assert share == pytest.approx(result.summary["people_within_green_ratio"])


def test_cells_carry_everybody_and_the_class_of_their_minutes():
    result = analyse(lattice_town(), params())
    cells = result.tables["cells"]
    assert cells["population_inhab"].sum() == pytest.approx(30)
    assert cells["need_ratio"].sum() == pytest.approx(1)
    assert (cells["minutes_low"] <= cells["minutes"]).all()
    assert (cells["minutes"] <= cells["minutes_high"]).all()
    green = cells["minutes"] <= 5
    assert (cells.loc[green, "time_class"] == "green").all()
    assert (cells.loc[~green, "time_class"] != "green").all()


def test_people_nobody_drives_to_are_counted_and_shown_as_such():
    homes = [*HOMES, (600.0, 5_000.0)]
    result = analyse(lattice_town(homes=homes), params())
    assert result.summary["unreached_inhab"] == 1
    assert result.summary["unreached_need_ratio"] == pytest.approx(1 / 31)
    assert (result.tables["cells"]["time_class"] == "unreached").sum() == 1
    assert "patrol.not_reached" in codes(result)
    assert "patrol.need_outside_sectors" in codes(result)
    assert result.tables["cells"]["unreached_inhab"].sum() == 1


def test_new_bases_never_lessen_a_share_and_carry_their_proof():
    result = analyse(lattice_town(), params(new_bases=2, green_min=2.5))
    table = result.tables["before_after"]
    assert (table.loc[table.index.str.contains("_within_"), "change"] >= 0).all()
    assert table.loc["people_within_green_ratio", "change"] > 0
    assert result.selection.bound <= result.selection.objective * (1 + 1e-9)
    assert [row["kind"] for row in result.selection.selected] == [
        "patrol_bases",
        "proposed",
        "proposed",
    ]
    # without any of them the need waits longer
    assert all(row["loss_min"] >= 0 for row in result.selection.selected)


def test_a_city_without_base_is_measured_from_the_proposed_ones_and_says_so():
    result = analyse(lattice_town(bases=bases([])), params(new_bases=1))
    assert result.summary["n_bases"] == 0
    assert result.tables["before_after"]["before"].isna().all()
    assert result.summary["p50_min"] == result.summary["after_p50_min"]
    assert "patrol.no_known_base" in codes(result)
    with pytest.raises(InputError) as refused:
        analyse(lattice_town(bases=bases([])), params())
    assert refused.value.code == "patrol.no_base"


def test_a_base_far_from_the_streets_is_named_and_left_out_and_all_of_them_are_refused():
    result = analyse(lattice_town(bases=bases([(0, 0), (0, -1_500)])), params())
    told = next(n for n in result.warnings if n.code == "patrol.base_off_network")
    assert "Base 1" in told.text("en")
    assert result.summary["n_bases"] == 1
    with pytest.raises(InputError) as refused:
        analyse(lattice_town(bases=bases([(0, -1_500)])), params())
    assert refused.value.code == "patrol.no_base_on_network"


def test_no_street_that_may_be_driven_is_one_clear_line():
    with pytest.raises(InputError) as refused:
        analyse(lattice_town(roads=streets([[(0, 0), (9, 9)]], drive=False)), params())
    assert refused.value.code == "patrol.no_streets"


def test_frames_of_another_system_are_refused():
    with pytest.raises(CrsError):
        analyse(lattice_town(bases=bases([(0, 0)]).to_crs("EPSG:32718")), params())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"green_min": 9.0}, "patrol.limit_order"),
        ({"break_h": 1.0}, "patrol.no_patrol_time"),
        ({"n_sectors": 99}, "parameter.invalid"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(changes, code):
    with pytest.raises(ParameterError) as refused:
        analyse(lattice_town(), params(**changes))
    assert refused.value.code == code


def test_each_place_belongs_to_the_police_station_a_car_reaches_it_from_first():
    police = points([(0, 0), (1500, 1200)], name=np.array(["A", "B"], dtype=object))
    result = analyse(lattice_town(police=police), params())
    table = result.tables["police_sectors"].set_index("name")
    assert table["population_inhab"].sum() == 30
    assert table["need_ratio"].sum() == pytest.approx(1)
    # both corners are alike, and each keeps the half nearest to it
    assert table.loc["A", "population_inhab"] == pytest.approx(15, abs=3)
    assert "patrol.police_sectors_by_driving" in codes(result)
    assert "patrol.no_police" in codes(analyse(lattice_town(), params()))


def test_shares_of_incidents_are_told_in_steps_that_hide_a_few_and_of_few_not_at_all():
    """Of 80 incidents a step is 10: 59 and 61 within reach read the same, as do 1 and none."""
    near, far = (0.0, 0.0), (1500.0, 1200.0)

    def told(n_near, n_far):
        some = points([near] * n_near + [far] * n_far, kind="robo")
        summary = analyse(lattice_town(incidents=some), params(green_min=2.0)).summary
        return summary["incidents_within_green_ratio"]

    assert told(59, 21) == told(61, 19) == pytest.approx(6 / 8)
    assert told(1, 79) == told(0, 80) == 0
    assert told(79, 1) == told(80, 0) == 1
    assert np.isnan(told(15, 4))
    assert "incidents_within_green_ratio" not in analyse(lattice_town(), params()).summary


def test_patrols_on_their_rounds_are_nearer_to_people_than_a_base_in_a_corner():
    summary = analyse(lattice_town(), params(n_sectors=6)).summary
    assert summary["on_patrol_p90_min"] < summary["p90_min"]


def test_the_loop_table_is_a_closed_drive_of_streets_in_their_direction():
    roads = lattice(6, 5)
    # every west–east street is one-way eastwards, every south–north one northwards but the first
    roads["oneway"] = ["forward"] * 4 + ["backward"] + ["backward"] + ["both"] * 5
    result = analyse(town(roads=roads, homes=HOMES), params())
    loop = result.tables["loop"]
    assert len(loop) > 5
    ends = shapely.get_point(loop.geometry.to_numpy(), -1)
    starts = shapely.get_point(loop.geometry.to_numpy(), 0)
    assert shapely.equals(ends[:-1], starts[1:]).all()
    assert shapely.distance(ends[-1], shapely.Point(X0, Y0)) == 0
    assert shapely.distance(starts[0], shapely.Point(X0, Y0)) == 0
    dx = shapely.get_x(ends) - shapely.get_x(starts)
    level = shapely.get_y(starts) == shapely.get_y(ends)
    eastward = level & (shapely.get_y(starts) < Y0 + 1_200)
    assert (dx[eastward] > 0).all()
    assert loop["minutes"].sum() <= 30 + 1e-6
    # 15 km/h on patrol
    assert loop["minutes"].to_numpy() == pytest.approx(loop["length_m"].to_numpy() / 250)
    assert loop["need_ratio"].sum() == pytest.approx(result.summary["loop_need_ratio"])


def test_need_is_told_to_be_a_proxy_only_where_it_is_one():
    assert "patrol.need_is_proxy" in codes(analyse(lattice_town(), params()))
    known = need_at(HOMES, np.ones(len(HOMES)), is_proxy=False)
    assert "patrol.need_is_proxy" not in codes(analyse(lattice_town(need=known), params()))


def test_the_same_question_has_the_same_answer():
    asked = params(new_bases=1)
    first, second = analyse(lattice_town(), asked), analyse(lattice_town(), asked)
    assert first.sha256 == second.sha256

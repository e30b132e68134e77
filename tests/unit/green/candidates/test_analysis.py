"""The whole search on one street, worked out by hand (see conftest)."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely import LineString
from shapely import box

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import silent
from ilo_geo.green.candidates.analysis import analyse
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.inputs import Slopes

from .conftest import asked
from .conftest import city
from .conftest import frame
from .conftest import lots_at
from .conftest import zones

ONE_KIND = {"park_type": "xerophytic_grove"}
# 0.55 xerophytic at 0.69 L and 0.4 trees at 1 L
GROVE_L_M2_DAY = 0.55 * 0.69 + 0.4 * 1.0


def test_served_people_walks_water_and_costs_are_those_worked_out_by_hand(lots):
    result = analyse(city(lots), asked(**ONE_KIND, access_distance_m=150))
    a = result.tables["candidates"].loc["a"]
    # edge points stand every 20 m; nearest to x=0 is x=107 (7 steps of 140/7), 8 m off the street
    assert a["served_inhab"] == pytest.approx(150)
    assert a["water_m3_day"] == pytest.approx(1200 * GROVE_L_M2_DAY / 1000)
    assert a["water_soles_year"] == pytest.approx(1200 * GROVE_L_M2_DAY / 1000 * 365 * 5.03)
    assert a["capex_soles"] == pytest.approx(1200 * 70)
    assert a["care_soles_year"] == pytest.approx(1200 * 4)
    assert a["area_m2"] == pytest.approx(1200)
    assert a["width_m"] == pytest.approx(30)


def test_two_lots_side_by_side_do_not_both_count(lots):
    result = analyse(city(lots), asked(**ONE_KIND, access_distance_m=167))
    table = result.tables["candidates"]
    alone = table["served_inhab"]
    # a and b serve the same 150; c serves the 60, who live 168 m from the park that is there
    assert alone["a"] == alone["b"] == 150
    chosen = table[table["selected"]]
    assert len(chosen) == 2
    assert "c" in chosen.index
    assert result.summary["new_served_inhab"] == 210
    assert result.summary["new_served_inhab"] == pytest.approx(chosen["added_inhab"].sum())
    assert result.selection.objective == pytest.approx(result.summary["new_served_inhab"])
    assert result.selection.bound == pytest.approx(result.selection.objective)
    assert result.selection.status == "optimal"


def test_people_whom_a_park_serves_today_are_not_newly_served(lots):
    near = analyse(city(lots), asked(**ONE_KIND, access_distance_m=300))
    far = analyse(city(lots), asked(**ONE_KIND, access_distance_m=120))
    # the park's entrance lies 150 m and a bit from x = 1000
    assert near.summary["served_population_inhab"] == 60
    assert near.tables["candidates"].loc["c", "served_inhab"] == 0
    assert far.summary["served_population_inhab"] == 0
    assert far.tables["candidates"].loc["c", "served_inhab"] == 60


def test_a_lot_too_small_for_the_standard_serves_nobody(lots):
    params = asked(**ONE_KIND, access_distance_m=150, min_park_area_m2=5000)
    found = analyse(city(lots), params)
    assert found.tables["candidates"]["served_inhab"].max() == 0
    assert found.selection.selected == ()


def test_every_score_is_the_sum_of_the_parts_that_the_selection_shows(lots):
    result = analyse(city(lots), asked(**ONE_KIND, access_distance_m=120))
    assert len(result.selection.selected) == 2
    for row in result.selection.selected:
        parts = row["parts"]
        assert [part["criterion"] for part in parts] == list(criterion_table().ids)
        total = sum(part["weight"] * part["utility"] for part in parts)
        assert row["score"] == pytest.approx(total, abs=1e-12)
        assert row["reasons_es"]
        assert len(row["reasons_es"]) == len(row["reasons_en"])


def test_a_lot_that_a_rule_strikes_stays_in_the_table_with_its_reason(lots):
    flood = zones(("tsunami", "line", "very_high", box(90, 0, 190, 60)))
    result = analyse(city(lots, vetoes=flood, hazards=flood), asked(access_distance_m=120))
    table = result.tables["candidates"]
    assert list(table["status"]) == ["excluded", "excluded", "eligible"]
    assert table.loc["a", "rules"] == "tsunami"
    assert "tsunami" in table.loc["a", "reason_es"]
    assert np.isnan(table.loc["a", "score"])
    assert [row["id"] for row in result.selection.selected] == ["c"]


def test_a_floodable_park_may_stand_where_it_floods_and_pays_for_it_in_the_score(lots):
    flood = zones(("tsunami", "line", "very_high", box(90, 0, 190, 60)))
    params = asked(access_distance_m=120, floodable_parks="yes")
    table = analyse(city(lots, vetoes=flood, hazards=flood), params).tables["candidates"]
    assert list(table["park_type"]) == ["floodable", "floodable", "inclusive"]
    assert set(table["status"]) == {"eligible"}
    # level 1, half to nineteen in twenty likely
    assert list(table["u_hazard"]) == pytest.approx([1 - 0.725, 1 - 0.725, 1])


def test_steep_ground_takes_no_inclusive_park_and_steeper_none(lots):
    slope = np.array([[0.02, 0.10, 0.30]])
    slopes = Slopes(slope, Affine(400, 0, 0, 0, -400, 400), 0.0)
    spread = lots_at(100, 500, 900)
    table = analyse(city(spread, slopes=slopes), asked()).tables["candidates"]
    assert list(table["park_type"][:2]) == ["inclusive", "xerophytic_grove"]
    assert table.loc["c", "rules"] == "slope"


def test_a_lot_away_from_every_street_is_struck_and_counted():
    far = frame([box(100, 100, 140, 130)], id=["far"], tenure="public", use="vacant")
    lots = pd.concat([lots_at(100), far])
    result = analyse(city(lots), asked(**ONE_KIND))
    assert result.tables["candidates"].loc["far", "rules"] == "no_entrance"
    assert "parks.outside_network" in {n.code for n in result.warnings}


def test_when_every_lot_is_struck_the_result_says_so_and_shows_the_rules(lots):
    result = analyse(city(lots), asked(min_area_m2=5000))
    assert result.selection.selected == ()
    assert result.tables["rules"].loc["area", "struck"] == 3
    assert "parks.none_eligible" in {n.code for n in result.warnings}


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"water_m3_day": 0.5}, "parks.too_little_water"),
        ({"budget_soles": 1000.0}, "parks.too_little_money"),
    ],
)
def test_less_than_the_cheapest_site_needs_is_refused_in_one_line(lots, limit, code):
    with pytest.raises(InputError) as error:
        analyse(city(lots), asked(**ONE_KIND, **limit))
    assert error.value.code == code


def test_water_for_one_park_chooses_the_one_that_serves_most(lots):
    one = 1200 * GROVE_L_M2_DAY / 1000
    params = asked(**ONE_KIND, access_distance_m=150, n_parks=3, water_m3_day=one * 1.5)
    result = analyse(city(lots), params)
    assert [row["added_inhab"] for row in result.selection.selected] == [150]
    assert result.summary["water_m3_day"] <= one * 1.5
    frontier = result.tables["frontier"]
    assert frontier["served_inhab"].is_monotonic_increasing
    assert (frontier["bound"] >= frontier["objective"] - 1e-6).all()


def test_the_curve_falls_by_what_each_further_park_adds(lots):
    curve = analyse(city(lots), asked(**ONE_KIND, access_distance_m=120)).tables["curve"]
    assert list(curve["unserved_inhab"]) == sorted(curve["unserved_inhab"], reverse=True)
    assert curve.loc[0, "unserved_inhab"] == 220
    assert curve.loc[0, "unserved_inhab"] - curve.loc[2, "unserved_inhab"] == pytest.approx(
        curve.loc[2, "served_inhab"]
    )


def test_zones_before_and_after_differ_by_the_parks_chosen(lots):
    result = analyse(city(lots), asked(**ONE_KIND, access_distance_m=120))
    zone = result.tables["zones"].loc["z"]
    assert zone["green_area_m2"] == pytest.approx(1600)
    assert zone["green_area_m2_after"] == pytest.approx(1600 + 2 * 1200)
    assert zone["n_new_parks"] == 2
    assert zone["green_m2_per_inhab_after"] == pytest.approx(4000 / 220)
    new = zone["served_population_inhab_after"] - zone["served_population_inhab"]
    assert new == pytest.approx(result.summary["new_served_inhab"])


def test_parks_too_near_each_other_are_not_chosen_together():
    lots = lots_at(100, 400)
    params = {**ONE_KIND, "access_distance_m": 250}
    free = analyse(city(lots), asked(**params))
    spaced = analyse(city(lots), asked(**params, apart_m=300))
    assert free.summary["n_selected"] == 2
    assert spaced.summary["n_selected"] == 1


def test_other_population_bases_give_the_interval(lots):
    inhab = city(lots).inhab_by_base["base"]
    bases = pd.DataFrame({"base": inhab, "half": inhab / 2, "double": inhab * 2})
    result = analyse(city(lots, inhab_by_base=bases), asked(**ONE_KIND, access_distance_m=150))
    middle = result.summary["new_served_inhab"]
    assert result.summary["new_served_inhab_low"] == pytest.approx(middle / 2)
    assert result.summary["new_served_inhab_high"] == pytest.approx(middle * 2)


def test_one_population_base_gives_no_interval(lots):
    summary = analyse(city(lots), asked(**ONE_KIND, access_distance_m=150)).summary
    assert summary["new_served_inhab"] > 0
    assert (summary["new_served_inhab_low"], summary["new_served_inhab_high"]) == (None, None)


@pytest.mark.parametrize(
    ("area", "given", "is_said"),
    [("toy", {}, True), ("toy", {"water_soles_m3": 3.2}, False), ("ilo", {}, False)],
)
def test_the_default_price_of_water_is_another_area_s_and_said_so(lots, area, given, is_said):
    inputs = city(lots)
    inputs = replace(inputs, green=replace(inputs.green, area=area))
    warnings = analyse(inputs, asked(**ONE_KIND, **given)).warnings
    said = [n.text("en") for n in warnings if n.code == "parks.water_price_elsewhere"]
    assert len(said) == is_said
    assert all("S/ 5.03 a m³" in text and "'ilo'" in text for text in said)


@pytest.mark.parametrize(
    ("limit", "found"), [({"water_m3_day": 0.01}, "0.010"), ({"budget_soles": 100.0}, "100.00")]
)
def test_a_small_limit_is_told_as_it_was_given(lots, limit, found):
    with pytest.raises(InputError) as caught:
        analyse(city(lots), asked(**ONE_KIND, **limit))
    assert caught.value.fields["found"] == found


def test_need_is_told_by_the_units_that_say_it(lots):
    plain = analyse(city(lots), asked(**ONE_KIND)).tables["candidates"]
    assert plain["u_equity"].unique().tolist() == [0.5]
    need = pd.DataFrame({"poverty": [0.2, 0.4]}, index=[0, 1])
    told = analyse(city(lots, need=need), asked(**ONE_KIND)).tables["candidates"]
    # everybody lives in unit 0, half as poor as unit 1
    assert told["u_equity"].unique().tolist() == [0.5]
    assert told["need_ratio"].unique() == pytest.approx([0.5])


def test_the_same_question_has_the_same_fingerprint(lots):
    one, other = (analyse(city(lots), asked(**ONE_KIND)) for _ in range(2))
    assert one.sha256 == other.sha256


def test_content_with_the_best_so_far_the_planner_gets_it_with_its_bound(lots):
    def enough(_code, _ratio, /, **figures):
        if figures:
            raise EnoughError

    result = analyse(city(lots), asked(**ONE_KIND, access_distance_m=150), progress=enough)
    assert result.selection.status in ("stopped", "optimal")
    assert result.selection.bound >= result.selection.objective
    assert analyse(city(lots), asked(**ONE_KIND), progress=silent).selection.status == "optimal"


def test_a_river_makes_a_park_on_its_bank(lots):
    river = frame([LineString([(900, 150), (1000, 150)])])
    table = analyse(city(lots, river=river), asked()).tables["candidates"]
    assert list(table["park_type"]) == ["inclusive", "inclusive", "riverbank"]

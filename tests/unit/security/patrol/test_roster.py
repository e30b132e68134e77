"""The roster of the plan of Ilo (L.1157-1161), worked out by hand."""

import pytest

from ilo_geo.core.text import Text
from ilo_geo.security.patrol.roster import Burden
from ilo_geo.security.patrol.roster import Roster
from ilo_geo.security.patrol.roster import roster_notices
from ilo_geo.security.patrol.roster import roster_table
from ilo_geo.security.patrol.rules import patrol_rules

ILO = Roster(agents=40, shifts=3, rest_days=1)
PLAN = Text(es="Plan", en="Plan")
BURDEN = Burden({"plan_2015": (PLAN, 79_927.0)}, urban_km2=20.0, district_km2=295.6)


def steps(roster=ILO, burden=BURDEN):
    return roster_table(roster, burden, patrol_rules().plan)["value"]


def test_forty_agents_with_a_rest_day_a_week_are_eleven_point_four_a_shift():
    assert ILO.at_work == pytest.approx(240 / 7)
    assert round(ILO.on_duty, 1) == 11.4
    assert steps()["without_rest"] == pytest.approx(40 / 3)


def test_each_agent_on_duty_has_seven_thousand_inhabitants():
    assert steps()["inhab_per_agent_plan_2015"] == pytest.approx(79_927 * 21 / 240)
    # as the diagnosis writes it, with 11.4
    assert round(steps()["inhab_per_rounded_agent_plan_2015"]) == 7_011


def test_sixteen_a_shift_would_take_more_agents_than_there_are():
    found = steps()
    assert found["plan_needs"] == 48
    assert found["plan_needs_rest"] == pytest.approx(56)
    codes = [n.code for n in roster_notices(ILO, BURDEN, patrol_rules().plan)]
    assert "patrol.shifts_do_not_add_up" in codes


def test_enough_agents_add_up():
    codes = [n.code for n in roster_notices(Roster(48, 3, 0), BURDEN, patrol_rules().plan)]
    assert "patrol.shifts_do_not_add_up" not in codes


def test_the_ratios_of_the_plan_need_a_population_and_an_area_nobody_has():
    found = steps()
    assert found["plan_implied_inhab"] == 68_688
    assert found["plan_implied_km2"] == pytest.approx(1_133.76)
    assert found["urban_km2_per_agent"] == pytest.approx(20 * 21 / 240)
    said = roster_notices(ILO, BURDEN, patrol_rules().plan)[-1].text("en")
    assert "68,688" in said
    assert "1,133.8" in said
    assert "6,994" in said


def test_another_city_is_not_compared_with_the_plan_of_ilo():
    assert "plan_per_shift" not in roster_table(ILO, BURDEN, None).index
    codes = [n.code for n in roster_notices(ILO, BURDEN, None)]
    assert codes == ["patrol.agents_of_another_city"]


def test_an_area_without_footprint_has_no_step_for_it():
    table = roster_table(ILO, Burden(BURDEN.inhab, None, None), patrol_rules().plan)
    assert "urban_km2_per_agent" not in table.index

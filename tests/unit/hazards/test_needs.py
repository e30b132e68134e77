"""The minimum needs of the displaced, worked out by hand from the Sphere Handbook's rates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.hazards.needs import needs
from ilo_geo.hazards.needs import needs_table


def test_a_thousand_people_for_three_days():
    """Sphere 2018: 15 (7.5) L and 2,100 kcal a day, 3.5 m² covered, 45 m² of camp, 20 a toilet."""
    table = needs_table(1000, 800, 1210, days=3)
    assert table["need_total"].to_dict() == {
        "survival_water": 22_500,
        "water": 45_000,
        "food": 6_300_000,
        "shelter": 3_500,
        "camp": 45_000,
        "toilets": 50,
    }
    assert table["need_low"]["toilets"] == 40
    assert table["need_high"]["toilets"] == 61
    assert table["per_day_need"]["water"] == 15_000
    assert table["per_day_need"].isna().to_dict()["shelter"]


def test_the_planners_rate_replaces_the_handbooks():
    table = needs_table(100, 0, 100, days=1, rates={"shelter": 4.5})
    assert table.loc["shelter", ["rate", "need_total", "need_low"]].to_list() == [4.5, 450, 0]
    assert table.loc["water", "rate"] == 15


def test_shared_things_are_whole_and_rounding_adds_none():
    """0.1 · 3 · 200 is 60.00000000000001 in binary: still three toilets."""
    people = 0.1 * 3 * 200
    assert people > 60
    assert needs_table(people, 0, 61)["need_total"]["toilets"] == 3
    assert needs_table(people, 0, 61)["need_high"]["toilets"] == 4
    assert needs_table(people, 0, 61)["need_low"]["toilets"] == 0


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), st.integers(1, 30))
def test_the_interval_keeps_its_order_and_more_days_never_need_less(people, days):
    low, middle, high = sorted(people)
    table = needs_table(middle, low, high, days=days)
    assert (table["need_low"] <= table["need_total"]).all()
    assert (table["need_total"] <= table["need_high"]).all()
    longer = needs_table(middle, low, high, days=days + 1)
    assert (longer["need_total"] >= table["need_total"]).all()


def test_every_rate_names_the_handbook_and_how_it_was_seen():
    for need in needs().values():
        assert "Esfera 2018" in need.source
        assert need.verified in ("V2", "NV")


def test_a_survival_ration_is_less_than_the_standard():
    assert needs()["survival_water"].rate == pytest.approx(needs()["water"].rate / 2)

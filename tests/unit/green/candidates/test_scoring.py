"""Weights, scores and what water costs, against published and hand-worked figures."""

import numpy as np
import pytest

from ilo_geo.core.errors import ParameterError
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.candidates.fitting import thirst_l_m2_day
from ilo_geo.green.candidates.fitting import water_m3_day
from ilo_geo.green.candidates.fitting import water_soles_year
from ilo_geo.green.candidates.scoring import ranks
from ilo_geo.green.candidates.scoring import scores
from ilo_geo.green.candidates.scoring import weights_of

from .conftest import asked


def test_the_judgements_give_the_weights_of_the_domain_with_a_consistency_of_four_thousandths():
    found = weights_of(asked())
    published = [0.288, 0.166, 0.166, 0.160, 0.087, 0.087, 0.047]
    assert found.value == pytest.approx(published, abs=0.0006)
    assert found.consistency_ratio == pytest.approx(0.004, abs=0.001)
    assert found.value.sum() == pytest.approx(1)


def test_weights_that_are_given_replace_those_of_the_judgements():
    only = {f"w_{name}": 0.0 for name in criterion_table().ids}
    found = weights_of(asked(**{**only, "w_water": 0.5, "w_tenure": 0.25}))
    assert found.value == pytest.approx([0, 0, 0, 2 / 3, 1 / 3, 0, 0])
    assert found.consistency_ratio is None


def test_weights_that_are_all_nothing_are_refused_in_one_line():
    with pytest.raises(ParameterError) as error:
        weights_of(asked(**{f"w_{name}": 0.0 for name in criterion_table().ids}))
    assert error.value.code == "parks.no_weights"


def test_judgements_that_contradict_each_other_are_refused():
    with pytest.raises(ParameterError) as error:
        weights_of(asked(park_judgements="9 1/9 2 3 3 5; 9 1 2 2 4; 1 2 2 4; 2 2 3; 1 2; 2"))
    assert error.value.code == "ahp.inconsistent"


def test_a_score_is_the_sum_of_its_parts_to_the_last_bit_and_equals_keep_their_order():
    rng = np.random.default_rng(3)
    worth, weights = rng.random((50, 7)).round(6), weights_of(asked()).value
    worth[7] = worth[3]
    found = scores(worth, weights)
    by_hand = []
    for row in worth.tolist():
        total = 0.0
        for weight, utility in zip(weights.tolist(), row, strict=True):
            total += weight * utility
        by_hand.append(total)
    assert found.tolist() == by_hand
    order = sorted(range(50), key=lambda site: (-by_hand[site], site))
    assert [order.index(site) + 1 for site in range(50)] == ranks(found).tolist()


def test_550_m3_a_day_water_12_ha_of_lawn_or_80_ha_of_xerophytes():
    covers = type_table().covers
    assert 550 / water_m3_day(10_000, covers["lawn"].l_m2_day) == pytest.approx(12, abs=0.1)
    assert 550 / water_m3_day(10_000, covers["xerophytic"].l_m2_day) == pytest.approx(80, abs=0.5)


def test_9_m2_of_lawn_an_inhabitant_drink_1_21_million_m3_for_6_1_million_soles_a_year():
    day = water_m3_day(9 * 79_927, type_table().covers["lawn"].l_m2_day)
    assert day * 365 / 1e6 == pytest.approx(1.21, abs=0.005)
    price = type_table().water["mains"].soles_m3
    assert water_soles_year(day, price) / 1e6 == pytest.approx(6.1, abs=0.05)
    saved = water_m3_day(9 * 79_927, type_table().covers["xerophytic"].l_m2_day)
    assert saved * 365 / 1e6 == pytest.approx(0.18, abs=0.005)


def test_the_ground_of_every_park_type_is_covered_once():
    for kind in park_types().values():
        assert sum(kind.cover.values()) == pytest.approx(1), kind.id
        assert thirst_l_m2_day(kind) <= type_table().covers["lawn"].l_m2_day

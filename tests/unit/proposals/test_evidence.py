"""Raw values of the parts, beside sums written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ilo_geo.proposals.evidence import Dwellers
from ilo_geo.proposals.evidence import green_raw
from ilo_geo.proposals.evidence import insecurity_raw
from ilo_geo.proposals.evidence import risk_raw
from ilo_geo.proposals.evidence import vulnerability_raw

# 10 and 30 people in unit 0 (cells 0 and 1), 60 in unit 1 (cell 1), 5 outside, nobody in unit 2
PEOPLE = Dwellers(
    inhab=np.array([10.0, 30, 60, 5]),
    unit=np.array([0, 0, 1, -1]),
    cell=np.array([0, 1, 1, -1]),
    n_units=3,
)


def test_inhabitants_outside_every_unit_belong_to_none() -> None:
    assert PEOPLE.inhab_of_units.tolist() == [40, 60, 0]


def test_green_that_an_inhabitant_lacks_is_the_deficit_over_the_people() -> None:
    found = green_raw(pd.Series([0.9, 0.0, 0.0]), pd.Series([1000, 500, 0]))
    assert found["mid"].tolist()[:2] == [9.0, 0.0]
    assert np.isnan(found["mid"][2])


def test_risk_is_the_share_of_people_in_high_and_very_high_cells() -> None:
    cells = pd.DataFrame(
        {
            "risk_class_low": ["low", "medium"],
            "risk_class": ["high", "medium"],
            "risk_class_high": ["very_high", "high"],
        }
    )
    found = risk_raw(cells, PEOPLE)
    assert found["mid"].tolist()[:2] == [0.25, 0.0]
    assert found["low"].tolist()[:2] == [0.0, 0.0]
    assert found["high"].tolist()[:2] == [1.0, 1.0]
    assert np.isnan(found["mid"][2])


def cells_with(known_ratio):
    return pd.DataFrame(
        {
            "vulnerability_low": [0.1, 0.2],
            "vulnerability_mid": [0.2, 0.4],
            "vulnerability_high": [0.3, 0.5],
            "vulnerability_known_ratio": known_ratio,
        }
    )


def test_vulnerability_is_the_mean_of_the_people_not_of_the_cells() -> None:
    found = vulnerability_raw(cells_with([1.0, 1.0]), PEOPLE)
    assert found["mid"][0] == pytest.approx((10 * 0.2 + 30 * 0.4) / 40)
    assert found["low"][1] == pytest.approx(0.2)


def test_cells_of_which_nothing_is_known_are_no_value_but_missing() -> None:
    found = vulnerability_raw(cells_with([1.0, 0.0]), PEOPLE)
    assert found["mid"][0] == pytest.approx(0.2)
    assert np.isnan(found["mid"][1])


def insecurity(late, late_weight=1.0):
    return insecurity_raw(
        np.array([0.2, 0.3, 0.5]),
        np.array([0, 0, 1]),
        np.array(late, dtype=float),
        np.array([50.0, 50.0]),
        total_inhab=100.0,
        late_weight=late_weight,
    )


def test_need_as_large_as_the_share_of_people_is_the_mean_of_the_city() -> None:
    found = insecurity([0, 0, 0])
    assert found["mid"].tolist() == pytest.approx([1.0, 1.0])


def test_need_reached_late_counts_the_surcharge() -> None:
    """Unit 0: (0.2 + 0.3 + 0.5 · 0.3) / 0.5 with a surcharge of one half."""
    found = insecurity([0, 1, 0], late_weight=0.5)
    assert found["mid"].tolist() == pytest.approx([1.3, 1.0])
    assert found["low"].tolist() == found["high"].tolist()


def test_unknown_response_is_an_interval_from_in_time_to_late() -> None:
    found = insecurity([np.nan, 0, 0])
    assert found.loc[0].tolist() == pytest.approx([1.0, 1.2, 1.4])
    assert found.loc[1].tolist() == pytest.approx([1.0, 1.0, 1.0])

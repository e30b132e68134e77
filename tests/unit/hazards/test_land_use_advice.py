"""The advice matrix: HSE's own table, and what the rest of the product leans on."""

import pandas as pd
import pytest

from ilo_geo.hazards.land_use_advice import advice_at
from ilo_geo.hazards.land_use_advice import advised_against_within_m
from ilo_geo.hazards.land_use_advice import land_use_rules
from ilo_geo.hazards.land_use_advice import sensitivity_of
from ilo_geo.hazards.land_use_advice import zone_at

# HSE, Land Use Planning Methodology: inner, middle, outer by sensitivity; A advise against
HSE = {"sl1": "ddd", "sl2": "Add", "sl3": "AAd", "sl4": "AAA"}


@pytest.mark.parametrize("level", HSE)
def test_the_matrix_is_hses(level):
    found = [advice_at(distance, level) for distance in (200, 280, 350)]
    assert found == [{"A": "against", "d": "not_against"}[cell] for cell in HSE[level]]


@pytest.mark.parametrize("level", HSE)
def test_within_150_m_every_occupied_building_is_advised_against(level):
    """RR512: a development proximity zone of 150 m."""
    assert advice_at(149.9, level) == "against"


def test_a_school_at_140_m_is_advised_against():
    """Issue 3: a school at 140 m gives 'advise against'."""
    school = sensitivity_of("schools", pd.Series({"name": "IE Mercedes Cabello"}))
    assert advice_at(140, school) == "against"
    assert land_use_rules().advice["against"].es == "Se desaconseja"


@pytest.mark.parametrize(
    ("distance", "zone"),
    [(0, "proximity"), (150, "proximity"), (150.1, "inner"), (250, "inner"), (300, "middle"),
     (400, "outer"), (400.1, "outside")],
)  # fmt: skip
def test_zones_hold_their_own_limit(distance, zone):
    assert zone_at(distance) == zone


def test_outside_the_zones_nothing_is_advised():
    assert {advice_at(401, level) for level in HSE} == {"outside"}


@pytest.mark.parametrize("level", HSE)
def test_the_farthest_distance_advised_against_agrees_with_the_advice(level):
    limit = advised_against_within_m(level)
    near = [advice_at(d, level) for d in (limit * 0.3, limit)]
    assert near == ["against", "against"]
    assert advice_at(limit + 0.1, level) != "against"


@pytest.mark.parametrize(
    ("category", "level"), [("II-1", "sl4"), ("III-1", "sl4"), ("I-3", "sl3"), (None, "sl3")]
)
def test_hospitals_are_more_sensitive_than_health_posts(category, level):
    assert sensitivity_of("health", pd.Series({"category": category})) == level

"""Tanks of OpenStreetMap that hold fuel, or may."""

import numpy as np
import pytest
from shapely import Point

from ilo_geo.hazards.fuels import fire_data
from ilo_geo.hazards.tank_list import LPG
from ilo_geo.hazards.tank_list import tank_list
from ilo_geo.io.osm_layers import Features
from ilo_geo.io.osm_layers import tag_table
from ilo_geo.io.osm_layers import tanks_of

TANK = {"man_made": "storage_tank"}


def found(*tags):
    at = np.array([Point(i, 0) for i in range(len(tags))], dtype=object)
    return tanks_of(Features([f"node/{i}" for i in range(len(tags))], list(tags), at))


@pytest.mark.parametrize(
    "tags",
    [
        {"man_made": "water_tower"},
        {"man_made": "reservoir_covered"},
        TANK | {"content": "water"},
        TANK | {"substance": "water"},
        TANK | {"content": "sulfuric_acid"},
        {"content": "fuel"},
    ],
)
def test_water_and_what_else_is_no_fuel_is_no_fuel_tank(tags):
    assert found(tags).empty


@pytest.mark.parametrize(
    ("tags", "content", "fuel"),
    [
        (TANK, None, None),
        (TANK | {"content": "fuel"}, "fuel", None),
        (TANK | {"substance": "diesel"}, "diesel", "diesel"),
        (TANK | {"content": "Gasolina"}, "Gasolina", "gasoline"),
        (TANK | {"content": "water; oil;diesel"}, "water; oil;diesel", "diesel"),
        (TANK | {"content": "lpg", "substance": "diesel"}, "lpg", LPG),
    ],
)
def test_a_fuel_tank_comes_with_its_content_and_the_fuel_it_stands_for(tags, content, fuel):
    tanks = found(tags)
    assert list(tanks["content"]) == [content]
    assert list(tanks["fuel"]) == [fuel]


def test_the_fuel_hazard_takes_them_as_they_come():
    tanks = found(TANK, TANK | {"content": "diesel"}, TANK | {"content": "lpg"}).to_crs(3857)
    listed = tank_list(tanks, accuracy_m=5, fuel="gasoline", bund_area_m2=100)
    assert list(listed["fuel"]) == ["gasoline", "diesel", LPG]


def test_each_fuel_named_is_one_the_fire_models_know():
    named = {fuel for fuel in tag_table().tanks.fuels.values() if fuel is not None}
    assert named == {*fire_data().fuels, LPG}

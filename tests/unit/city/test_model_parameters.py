from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from ilo_geo.city.model.parameters import CityModel

CITY_MODEL = Path(__file__).parents[3] / "layers" / "city_model.yaml"


@pytest.fixture
def content():
    return yaml.safe_load(CITY_MODEL.read_text(encoding="utf-8"))


def test_the_green_of_both_years_is_the_plans_arithmetic(content):
    green = CityModel.model_validate(content).green
    assert green.kept_m2 == pytest.approx(39_963.5)
    assert green.kept_m2 + green.lost_m2 == pytest.approx(222_197.06)


def test_a_sector_may_change_its_fabric(content):
    model = CityModel.model_validate(content)
    sector = next(s for s in model.sectors if s.fabric_changes)
    changed = model.fabric_of(sector).model_dump()
    assert changed == {**model.fabrics[sector.fabric].model_dump(), **sector.fabric_changes}


def test_an_unknown_fabric_is_refused(content):
    content["sectors"][0]["fabric"] = "marble"
    with pytest.raises(ValidationError, match="marble"):
        CityModel.model_validate(content)


@pytest.mark.parametrize(
    ("name", "value"), [("seed", -1), ("storey_height_m", 0), ("colour", "red")]
)
def test_a_parameter_out_of_range_or_unknown_is_refused(content, name, value):
    content[name] = value
    with pytest.raises(ValidationError, match=name):
        CityModel.model_validate(content)


def test_stages_draw_from_different_seeds(content):
    model = CityModel.model_validate(content)
    assert model.rng_key("lots") != model.rng_key("buildings")
    assert model.rng_key("lots") != model.model_copy(update={"seed": 1}).rng_key("lots")


def test_a_ground_hazard_on_an_unknown_sector_is_refused(content):
    content["ground_hazards"][0]["sectors"].append("atlantis")
    with pytest.raises(ValidationError, match="atlantis"):
        CityModel.model_validate(content)

"""The green use case on a study area folder."""

import geopandas as gpd
import pytest
import yaml
from shapely import Polygon

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Origin
from ilo_geo.services.areas import open_area
from ilo_geo.services.green import analyse_green
from ilo_geo.services.green import green_parameter_specs
from ilo_geo.services.green import green_parameters


def test_folder_gives_the_hand_worked_figures(toy):
    result = analyse_green(toy, green_parameters(toy, {}))
    assert result.summary["population_inhab"] == pytest.approx(460)
    assert result.summary["green_area_m2"] == pytest.approx(1600)
    assert result.summary["deficit_ha"] == pytest.approx((9 * 460 - 1600) / 10_000)
    used = {ref.layer for ref in result.provenance}
    assert used == {"population", "streets", "parks", "buildings", "districts"}


def test_the_base_is_the_denominator(toy):
    grown = analyse_green(toy, green_parameters(toy, {"population_base": "grown"}))
    assert grown.summary["population_inhab"] == pytest.approx(920)
    assert grown.summary["green_m2_per_inhab"] == pytest.approx(1600 / 920)


def test_served_share_by_age_uses_each_units_own_ages(toy):
    # only house A (100 people, west) walks at most 130 m; a quarter of the west are children
    raw = {"access_distance_m": "130", "min_park_area_m2": "0"}
    summary = analyse_green(toy, green_parameters(toy, raw)).summary
    assert summary["served_ratio_by_age"]["children"] == pytest.approx(25 / 130)


def test_second_question_reuses_the_costly_steps_and_the_same_one_its_result(toy):
    def told(raw):
        steps = []
        params = green_parameters(toy, raw)
        result = analyse_green(toy, params, progress=lambda code, _ratio: steps.append(code))
        return result, steps

    first, cold = told({})
    _, warm = told({"standard_m2_per_inhab": 5})
    again, none = told({})
    assert "progress.network" in cold
    assert warm
    assert "progress.network" not in warm
    assert none == []
    assert again is first


def test_a_changed_layer_file_changes_the_result(toy, toy_folder):
    before = analyse_green(toy, green_parameters(toy, {}))
    parks = toy.frame("parks")
    parks.assign(geometry=parks.buffer(10)).to_file(
        toy_folder / "parks" / "data.gpkg", driver="GPKG", layer="parks"
    )
    after = analyse_green(toy, green_parameters(toy, {}))
    assert after.summary["green_area_m2"] > before.summary["green_area_m2"]


def test_cancelling_stops_between_steps(toy):
    def stop(code, done_ratio):
        if code == "progress.network":
            raise CancelledError

    with pytest.raises(CancelledError):
        analyse_green(toy, green_parameters(toy, {}), progress=stop)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"standard_m2_per_inhab": "0.4"}, "standard_m2_per_inhab: got '0.4'; expected 0.5 – 50"),
        ({"standard_m2_per_inhab": "nan"}, "standard_m2_per_inhab: got 'nan'"),
        ({"population_base": "moon"}, "population_base: got 'moon'; expected census, grown"),
        ({"access_standard": "who_mars"}, "access_standard: got 'who_mars'; expected one of"),
        ({"__class__": "x"}, "Unknown parameter '__class__'"),
        ({"cell_resolution": "9.5"}, "cell_resolution: got '9.5'; expected 7 – 10"),
    ],
)
def test_bad_parameters_are_named_with_what_was_expected(toy, raw, message):
    with pytest.raises(ParameterError) as caught:
        green_parameters(toy, raw)
    assert message in str(caught.value)


@pytest.mark.parametrize("raw", [{"access_standard": "custom"}, {"year": "2018"}])
def test_what_an_area_cannot_mean_is_refused(toy, raw):
    with pytest.raises(ParameterError):
        green_parameters(toy, raw)


def import_population(toy, frame, **columns):
    """Put a population layer of the municipality in the workspace, as an import does."""
    folder = toy.catalogue.workspace.layer_dir(
        toy.catalogue.workspace_id, Origin.IMPORTED, "population"
    )
    described = toy.meta("population").model_dump(mode="json")
    folder.mkdir(parents=True)
    text = yaml.safe_dump({**described, "columns": columns, "status": "official"})
    (folder / "layer.yaml").write_text(text, encoding="utf-8")
    frame.to_file(folder / "data.gpkg", driver="GPKG", layer="population")
    return open_area(toy.catalogue.folder, toy.catalogue.workspace)


def test_a_loaded_census_brings_its_own_base(toy):
    people = {"kind": "integer", "unit": "hab.", "title": {"es": "Censo 2026", "en": "Census 2026"}}
    area = import_population(toy, toy.frame("population").assign(c2026=[500, 100]), c2026=people)
    result = analyse_green(area, green_parameters(area, {"population_base": "c2026"}))
    assert result.summary["population_inhab"] == pytest.approx(600)


def test_people_of_a_unit_that_cannot_be_read_are_never_lost(toy):
    tie = Polygon([(0, 0), (200, 200), (200, 0), (0, 200)])
    broken = toy.frame("population").assign(geometry=lambda f: [f.geometry.iloc[0], tie])
    area = import_population(toy, broken)
    with pytest.raises(SchemaError, match="self_crossing"):
        analyse_green(area, green_parameters(area, {}))


def test_a_unit_given_twice_is_refused(toy):
    units = toy.frame("population")
    twice = gpd.GeoDataFrame(gpd.pd.concat([units, units.iloc[[0]]], ignore_index=True))
    area = import_population(toy, twice)
    with pytest.raises(SchemaError, match="overlap"):
        analyse_green(area, green_parameters(area, {}))


def test_controls_get_limits_help_and_choices(toy):
    specs = {spec.name: spec for spec in green_parameter_specs(toy)}
    standard = specs["standard_m2_per_inhab"]
    assert (standard.minimum, standard.maximum, standard.default) == (0.5, 50, 9)
    assert [choice.value for choice in specs["population_base"].choices] == ["census", "grown"]
    assert "year" not in specs

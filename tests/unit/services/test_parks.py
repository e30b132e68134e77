"""The search for park sites on a study area folder."""

import geopandas as gpd
import pytest
import yaml
from shapely import Point
from shapely import box
from shapely.affinity import translate

from ilo_geo.core.errors import ParameterError
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import open_area
from ilo_geo.services.parks import PARKS
from ilo_geo.services.parks import park_parameter_specs
from ilo_geo.services.parks import park_parameters

CRS = "EPSG:32719"
# where tests/unit/conftest.py puts the toy city
X0, Y0 = 252_000, 8_047_000


def place(shape):
    return translate(shape, X0, Y0)


def test_an_area_without_lots_is_searched_by_its_blocks_and_says_so(toy):
    params = park_parameters(toy, {"access_distance_m": "150", "min_park_area_m2": "0"})
    result = PARKS.run(toy, params, lambda *_args, **_figures: None)
    assert "parks.blocks_for_lots" in {notice.code for notice in result.warnings}
    table = result.tables["candidates"]
    # blocks of 100 × 100 m less 6 m along each side
    assert table["area_m2"].round(6).unique() == pytest.approx([88 * 88])
    assert set(table["tenure"]) == {"unknown"}
    unknown = next(n for n in result.warnings if n.code == "parks.rules_without_layer")
    assert "Slope over 15 %" in unknown.text("en")
    selection = result.selection
    assert selection.objective == pytest.approx(result.summary["new_served_inhab"])
    assert selection.bound >= selection.objective


def test_without_a_lots_layer_no_lots_layer_is_said_to_tell_the_owner(toy):
    params = park_parameters(toy, {"access_distance_m": "150", "min_park_area_m2": "0"})
    warnings = PARKS.run(toy, params, lambda *_args, **_figures: None).warnings
    said = {notice.code: notice.text("en") for notice in warnings}
    assert "parks.not_public" not in said
    assert "This area has no lots layer: who owns the" in said["parks.owner_unknown"]


def test_the_listed_analysis_is_the_search():
    assert analysis_of("parks") is PARKS


def test_choosing_a_water_source_sets_water_and_price_unless_they_are_given(toy):
    treated = park_parameters(toy, {"water_source": "ct_ilo_2"})
    assert (treated.water_m3_day, treated.water_soles_m3) == (550, 1.5)
    mine = park_parameters(toy, {"water_source": "ct_ilo_2", "water_m3_day": "90"})
    assert (mine.water_m3_day, mine.water_soles_m3) == (90, 1.5)
    mains = park_parameters(toy, {})
    assert (mains.water_m3_day, mains.water_soles_m3) == (None, 5.03)


@pytest.mark.parametrize(
    "raw", [{"park_type": "zoo"}, {"water_source": "sea"}, {"min_area_m2": "-1"}, {"n_parks": "0"}]
)
def test_what_is_no_choice_or_out_of_range_is_refused(toy, raw):
    with pytest.raises(ParameterError):
        park_parameters(toy, raw)


def test_every_parameter_has_its_words_and_three_are_shown_first(toy):
    specs = park_parameter_specs(toy)
    shown = [spec.name for spec in specs if not spec.text.advanced]
    assert shown == ["population_base", "n_parks", "water_source"]
    model = set(park_parameters(toy, {}).model_dump())
    assert model - {spec.name for spec in specs} <= {"year"}
    standard = next(spec for spec in specs if spec.name == "access_standard")
    assert "rne_gh020" in {choice.value for choice in standard.choices}


@pytest.fixture
def toy_with_lots(toy_folder, workspace):
    """Return the toy city with two vacant lots, one of them 20 m from a fuel station."""
    lots = gpd.GeoDataFrame(
        geometry=[place(box(310, 10, 360, 40)), place(box(10, 10, 60, 40))], crs=CRS
    ).assign(id=["near", "far"], tenure="public", use="vacant")
    station = gpd.GeoDataFrame(geometry=[place(Point(380, 25))], crs=CRS).assign(name="Grifo")
    for layer, geometry, frame in (("lots", "polygon", lots), ("fuel_stations", "point", station)):
        described = yaml.safe_load((toy_folder / "streets" / "layer.yaml").read_text())
        described |= {"id": layer, "geometry": geometry}
        (toy_folder / layer).mkdir()
        (toy_folder / layer / "layer.yaml").write_text(yaml.safe_dump(described))
        frame.to_file(toy_folder / layer / "data.gpkg", driver="GPKG", layer=layer)
    listed = yaml.safe_load((toy_folder / "catalogue.yaml").read_text())
    listed["layers"] += ["lots", "fuel_stations"]
    (toy_folder / "catalogue.yaml").write_text(yaml.safe_dump(listed))
    return open_area(toy_folder, workspace)


@pytest.mark.parametrize(("distance_m", "rules"), [(25, "fuel_stations"), (15, "")])
def test_a_fuel_station_strikes_the_lots_within_the_distance_asked(
    toy_with_lots, distance_m, rules
):
    raw = {"min_park_area_m2": "0", "station_m": str(distance_m)}
    params = park_parameters(toy_with_lots, raw)
    result = PARKS.run(toy_with_lots, params, lambda *_args, **_figures: None)
    table = result.tables["candidates"]
    assert table.loc["near", "rules"] == rules
    assert table.loc["far", "status"] == "eligible"
    assert {ref.layer for ref in result.provenance} >= {"lots", "fuel_stations"}


def test_a_base_of_twice_the_people_doubles_the_upper_end(toy_with_lots):
    params = park_parameters(toy_with_lots, {"min_park_area_m2": "0"})
    summary = PARKS.run(toy_with_lots, params, lambda *_args, **_figures: None).summary
    assert summary["new_served_inhab_low"] == pytest.approx(summary["new_served_inhab"])
    assert summary["new_served_inhab_high"] == pytest.approx(2 * summary["new_served_inhab"])

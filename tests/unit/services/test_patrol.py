"""The patrol use case on the toy city: streets each 100 m, homes in its middle and corners."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import yaml
from shapely import Point

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.areas import open_area
from ilo_geo.services.need import need_of
from ilo_geo.services.patrol import bases_of
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.patrol import response_of
from ilo_geo.services.results import result_document

# where the toy city lies
X0, Y0 = 252_000, 8_047_000
QUICK = {"new_bases": 0, "n_sectors": 2, "shift_h": 1, "break_h": 0.5}


def with_points(folder, tmp_path, **layers):
    """Return the toy city with layers of points, each named after its layer."""
    for layer, xy in layers.items():
        frame = gpd.GeoDataFrame(
            {"name": [f"{layer} {n}" for n in range(len(xy))]},
            geometry=[Point(X0 + x, Y0 + y) for x, y in xy],
            crs="EPSG:32719",
        )
        described = yaml.safe_load((folder / "streets" / "layer.yaml").read_text("utf-8"))
        described |= {"id": layer, "geometry": "point"}
        (folder / layer).mkdir()
        (folder / layer / "layer.yaml").write_text(yaml.safe_dump(described), "utf-8")
        frame.to_file(folder / layer / "data.gpkg", driver="GPKG", layer=layer)
    catalogue = yaml.safe_load((folder / "catalogue.yaml").read_text("utf-8"))
    catalogue["layers"] += list(layers)
    (folder / "catalogue.yaml").write_text(yaml.safe_dump(catalogue), "utf-8")
    return open_area(folder, Workspace(tmp_path / "workspace"))


def codes(result):
    return {notice.code for notice in result.warnings}


def test_a_layer_of_bases_is_used_alone(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)], police=[(400, 200)])
    assert bases_of(area, with_police=True)["name"].tolist() == ["patrol_bases 0"]
    result = analyse(area, "patrol", QUICK)
    assert result.summary["n_bases"] == 1
    assert "patrol.bases_assumed" not in codes(result)


def test_without_one_the_seat_and_the_stations_stand_in_and_it_is_said(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, municipal=[(0, 0)], police=[(400, 200)])
    both = analyse(area, "patrol", QUICK)
    seat = analyse(area, "patrol", {**QUICK, "start_from": "municipal"})
    assert (both.summary["n_bases"], seat.summary["n_bases"]) == (2, 1)
    assert {"patrol.bases_assumed", "patrol.stations_are_police"} <= codes(both)
    assert "patrol.stations_are_police" not in codes(seat)
    assert both.summary["p90_min"] < seat.summary["p90_min"]


def test_a_city_that_tells_of_no_base_gets_proposals_or_one_clear_line(toy_folder, tmp_path):
    area = open_area(toy_folder, Workspace(tmp_path / "workspace"))
    result = analyse(area, "patrol", {**QUICK, "new_bases": 1})
    assert "patrol.no_known_base" in codes(result)
    assert result.summary["unreached_inhab"] == 0
    with pytest.raises(InputError) as refused:
        analyse(area, "patrol", QUICK)
    assert "new_bases" in refused.value.text("en")
    assert "\n" not in refused.value.text("es")


def test_response_of_gives_the_seconds_to_every_point_of_need(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    time_s = response_of(area)
    points = need_of(area).points
    assert len(time_s) == len(points)
    # on a lattice the way is the sum of both offsets, at 30 km/h, a fifth longer by night
    way_m = (points.geometry.x - X0) + (points.geometry.y - Y0)
    assert time_s == pytest.approx(105 + 1.2 * way_m.to_numpy() * 0.12)


def test_the_document_holds_what_was_chosen_and_how_well(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    document = result_document(analyse(area, "patrol", {**QUICK, "new_bases": 1}))
    assert [row["kind"] for row in document["selected"]] == ["patrol_bases", "proposed"]
    assert {"objective", "bound", "gap", "status", "solver_seconds"} <= set(document)
    assert {"roster", "districts", "patrol_sectors", "loop", "before_after"} <= set(document)


def test_the_result_names_the_layers_it_stands_on(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    used = patrol_layers(area)
    assert "patrol_bases" in used
    refs = {ref.layer for ref in analyse(area, "patrol", QUICK).provenance}
    assert refs == {layer for layer in used if area.has(layer)}


def test_a_moved_base_changes_the_result(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    before = analyse(area, "patrol", QUICK).summary["p90_min"]
    moved = gpd.GeoDataFrame(
        {"name": ["x"]}, geometry=[Point(X0 + 200, Y0 + 100)], crs="EPSG:32719"
    )
    moved.to_file(toy_folder / "patrol_bases" / "data.gpkg", driver="GPKG", layer="patrol_bases")
    assert analyse(area, "patrol", QUICK).summary["p90_min"] < before


def test_every_population_base_has_its_load(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    roster = analyse(area, "patrol", QUICK).tables["roster"]["value"]
    on_duty = 40 * 6 / 7 / 3
    assert roster["inhab_per_agent_census"] == pytest.approx(460 / on_duty)
    assert roster["inhab_per_agent_grown"] == pytest.approx(920 / on_duty)


def test_a_choice_that_is_none_of_the_list_is_refused(toy_folder, tmp_path):
    area = with_points(toy_folder, tmp_path, patrol_bases=[(0, 0)])
    with pytest.raises(ParameterError):
        analyse(area, "patrol", {"base_problem": "nearest"})


def test_three_controls_are_shown_and_each_has_its_words(toy_folder, tmp_path):
    area = open_area(toy_folder, Workspace(tmp_path / "workspace"))
    specs = analysis_of("patrol").specs(area)
    assert [spec.name for spec in specs if not spec.text.advanced] == [
        "moment",
        "new_bases",
        "green_min",
    ]
    assert np.all([spec.text.source for spec in specs])

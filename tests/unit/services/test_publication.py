"""What is published, in which words, and that nothing older or more private is."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
import yaml
from small_city import write_small_city

from ilo_geo.core.errors import InputError
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.publication import Publication
from ilo_geo.services.publication import service_words

LAYER = {
    "theme": "fabric",
    "crs": "EPSG:32719",
    "source": "Municipalidad",
    "licence": "Uso interno",
    "date": "2025-03",
    "accuracy_m": 1.0,
    "status": "official",
    "file": "data.gpkg",
}


@pytest.fixture
def area(tmp_path):
    return open_area(write_small_city(tmp_path / "city"), Workspace(tmp_path / "ws"))


def bring(area, layer_id, frame, **said):
    """Put a layer into the workspace as an import does, and open the area again."""
    catalogue = area.catalogue
    folder = catalogue.workspace.root / catalogue.workspace_id / "imported" / layer_id
    folder.mkdir(parents=True, exist_ok=True)
    described = {**LAYER, "id": layer_id, "title": {"es": layer_id, "en": layer_id}, **said}
    described["theme"] = catalogue.themes[0].id
    (folder / "layer.yaml").write_text(yaml.safe_dump(described))
    frame.to_file(folder / "data.gpkg", driver="GPKG")
    return open_area(catalogue.folder, catalogue.workspace)


def points(n, **columns):
    place = gpd.points_from_xy([251_500 + i for i in range(n)], [8_047_500] * n)
    return gpd.GeoDataFrame(columns, geometry=place, crs="EPSG:32719")


def test_the_layers_that_are_drawn_are_published_and_no_other(area):
    found = Publication(lambda: area, dict).collections()
    assert {"zones", "streets", "buildings", "parks"} <= set(found)
    assert "terrain" not in found
    assert all(len(found[name].table.ids) == len(area.frame(name)) for name in found)


def test_where_an_incident_fell_is_not_published(area):
    incidents = points(3, kind=["robo"] * 3, date=["2025-01-01"] * 3)
    opened = bring(area, "incidents", incidents, geometry="point")
    assert opened.has("incidents")
    publication = Publication(lambda: opened, dict)
    assert "incidents" not in publication.collections()
    assert publication.collection("incidents") is None


def test_of_what_somebody_brought_only_described_columns_are_published(area):
    schools = points(2, name=["A", "B"], dni=["40123456"] * 2, path=["C:/Users/ana"] * 2)
    opened = bring(area, "schools", schools, geometry="point")
    table = Publication(lambda: opened, dict).collections()["schools"].table
    assert list(table.fields) == ["name", "status"]
    described = bring(area, "schools", schools, geometry="point", columns={"dni": {"kind": "text"}})
    assert "dni" in Publication(lambda: described, dict).collections()["schools"].table.fields


def test_words_name_source_licence_date_accuracy_and_what_is_modelled(area):
    opened = bring(area, "schools", points(1, name=["A"]), geometry="point")
    found = Publication(lambda: opened, dict).collections()
    said = found["schools"].description.es
    assert all(
        part in said for part in ("Municipalidad", "Uso interno", "2025-03", "±1 m", "oficial")
    )
    assert "modelado" in found["streets"].title.es
    assert "modelled" in found["streets"].title.en
    assert found["streets"].table.values_of["status"][0] == "modelled"
    assert service_words(area.config.title)[0].es.startswith(area.config.title.es)


def test_a_layer_that_changes_on_disk_is_served_new(area):
    publication = Publication(lambda: area, dict)
    before = publication.collections()["parks"]
    assert publication.collections()["parks"] is before
    path = area.catalogue.source("parks").path
    gpd.read_file(path).iloc[:1].to_file(path, driver="GPKG")
    assert len(publication.collection("parks").table.ids) == 1
    assert len(before.table.ids) == 3


def test_an_area_that_is_opened_anew_is_published_anew(area):
    opened = [area]
    publication = Publication(lambda: opened[-1], dict)
    assert "schools" not in publication.collections()
    opened.append(bring(area, "schools", points(2, name=["A", "B"]), geometry="point"))
    assert len(publication.collections()["schools"].table.ids) == 2


def test_a_refused_layer_is_not_listed_and_says_so_without_a_path(area):
    publication = Publication(lambda: area, dict)
    path = area.catalogue.source("parks").path
    gpd.read_file(path).drop(columns="access").to_file(path, driver="GPKG")
    assert "parks" not in publication.collections()
    with pytest.raises(InputError) as caught:
        publication.collection("parks")
    for lang in ("es", "en"):
        assert "parks" in caught.value.text(lang)
        assert "/" not in caught.value.text(lang)


def test_a_faulty_description_takes_away_its_layer_only(area, toy_result):
    publication = Publication(lambda: area, lambda: {"green": toy_result})
    assert "parks" in publication.collections()
    path = area.catalogue.source("parks").path.with_name("layer.yaml")
    path.write_text("id: [", encoding="utf-8")
    found = publication.collections()
    assert "parks" not in found
    assert {"streets", "green.zones"} <= set(found)
    assert publication.collection("parks") is None


def test_results_that_cannot_be_checked_are_not_published(area):
    def fail():
        raise InputError("file.not_found", where="parks")

    assert Publication(lambda: area, fail).collection("green.zones") is None
    assert "streets" in Publication(lambda: area, fail).collections()


def test_a_result_is_published_with_its_parameters_layers_and_fingerprint(area, toy_result):
    found = Publication(lambda: area, lambda: {"green": toy_result}).collections()
    zones = found["green.zones"]
    assert toy_result.sha256 in zones.description.es
    assert "standard_m2_per_inhab = 9.0" in zones.description.es
    assert "Contiene capas modeladas" in zones.description.es
    assert zones.about["result_sha256"] == toy_result.sha256
    (first, *_) = zones.table.features(zones.table.rows()[:1])
    assert first["id"] == "a"
    assert first["properties"]["status"] == "modelled"
    assert shapely.geometry.shape(first["geometry"]).is_valid
    json.dumps(zones.about, allow_nan=False)


@pytest.mark.parametrize("name", ["green.nothing", "nothing.zones", "nothing", "../etc", ".", ""])
def test_what_is_not_published_is_none(area, toy_result, name):
    assert Publication(lambda: area, lambda: {"green": toy_result}).collection(name) is None

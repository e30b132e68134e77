"""Shapes that are typed or come from files, and what the map reads, against other readers."""

from __future__ import annotations

import gzip
import json
import zipfile

import geopandas as gpd
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.proposals.listing import Filter
from ilo_geo.services import proposal_shapes
from ilo_geo.services.proposal_shapes import ProposalPoints
from ilo_geo.services.proposal_shapes import box_of
from ilo_geo.services.proposal_shapes import shapes_of_file
from ilo_geo.services.proposal_shapes import shapes_payload
from ilo_geo.services.proposal_shapes import typed_shape

CORNERS = [(-71.34, -17.64), (-71.33, -17.64), (-71.33, -17.63)]
TYPED = "-17.64, -71.34\n  -17.64 ; -71.33 \n\n-17.63 -71.33\n"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        (TYPED, "polygon", shapely.Polygon(CORNERS)),
        (TYPED, "line", shapely.LineString(CORNERS)),
        ("-17.64, -71.34", "point", shapely.Point(CORNERS[0])),
    ],
)
def test_typed_corners_become_the_shape_that_shapely_makes_of_them(text, form, expected):
    assert shapely.geometry.shape(typed_shape(text, form)).equals_exact(expected, 0)


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ("", "point", "council.typed_count"),
        ("-17.64, -71.34\n-17.64, -71.34", "point", "council.typed_count"),
        ("-17.64, -71.34\n-17.64, -71.33", "polygon", "council.typed_count"),
        ("-17.64, -71.34", "circle", "council.typed_count"),
        ("-17.64, -71.34\n" * 5001, "polygon", "council.typed_count"),
        ("-71.34, -17.64, 3", "point", "council.typed_position"),
        ("-97.64, -71.34", "point", "council.typed_position"),
        ("-17.64, -271.34", "point", "council.typed_position"),
        ("=cmd|' /C calc'!A0", "point", "council.typed_position"),
    ],
)
def test_what_is_no_position_is_refused_in_words(text, form, code):
    with pytest.raises(InputError) as refused:
        typed_shape(text, form)
    assert refused.value.code == code
    assert refused.value.public_text("es") != refused.value.public_text("en")


SHAPES = {
    "uno": shapely.Point(CORNERS[0]),
    "dos": shapely.LineString(CORNERS),
    "tres": shapely.MultiPolygon([shapely.Polygon(CORNERS)]),
}


def frame(**options):
    return gpd.GeoDataFrame({"name": list(SHAPES)}, geometry=list(SHAPES.values()), **options)


@pytest.fixture(params=["geojson", "gpkg", "kml", "utm"])
def file(request, tmp_path):
    path = tmp_path / f"formas.{'gpkg' if request.param == 'utm' else request.param}"
    table = frame(crs=4326)
    if request.param == "utm":
        table = table.to_crs(32719)
    driver = {"geojson": "GeoJSON", "kml": "KML"}.get(request.param, "GPKG")
    table.rename(columns={"name": "Name" if driver == "KML" else "name"}).to_file(
        path, driver=driver
    )
    return path


def test_a_file_gives_its_shapes_in_wgs_84_whatever_it_is_written_in(file):
    found = shapes_of_file(file, "formas <b>")
    assert [one.title for one in found] == list(SHAPES)
    for one, expected in zip(found, SHAPES.values(), strict=True):
        read = shapely.geometry.shape(one.shape)
        assert read.hausdorff_distance(expected) < 1e-7
    # one part is what a hand draws
    assert found[2].shape["type"] == "Polygon"


def test_a_shapefile_comes_in_a_zip(tmp_path):
    frame(crs=4326).iloc[[1]].to_file(tmp_path / "calle.shp")
    path = tmp_path / "calle.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for part in tmp_path.glob("calle.*"):
            if part != path:
                packed.write(part, part.name)
    (found,) = shapes_of_file(path, "calle.zip")
    assert shapely.geometry.shape(found.shape).equals_exact(SHAPES["dos"], 1e-9)


def test_a_file_that_does_not_say_where_it_lies_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        frame().to_file(tmp_path / "plano.gpkg")
    with pytest.raises(InputError) as refused:
        shapes_of_file(tmp_path / "plano.gpkg", "plano.gpkg")
    assert refused.value.code == "council.file_unplaced"


def test_a_file_without_a_shape_for_a_proposal_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(proposal_shapes, "_may_be", lambda shape: False)
    frame(crs=4326).to_file(tmp_path / "nada.geojson")
    with pytest.raises(InputError) as refused:
        shapes_of_file(tmp_path / "nada.geojson", "nada.geojson")
    assert refused.value.code == "council.file_shapeless"


def read(payload):
    return json.loads(gzip.decompress(payload.body))["features"]


def test_the_map_has_a_point_inside_each_box_and_only_what_one_may_read(town):
    found = [town.draft(title="<i>borrador</i>"), town.proposal_in("submitted")]
    points = ProposalPoints(town.council)
    mine = read(points.payload(town.actors["planner"], Filter()))
    assert {f["properties"]["n"]: f["properties"]["s"] for f in mine} == {
        found[0]["number"]: "draft",
        found[1]["number"]: "submitted",
    }
    square = shapely.geometry.shape(town.square())
    assert all(square.contains(shapely.geometry.shape(f["geometry"])) for f in mine)
    others = read(points.payload(town.actors["citizen"], Filter()))
    assert [f["properties"]["n"] for f in others] == [found[1]["number"]]


def test_what_is_kept_is_given_again_until_the_records_change(town):
    town.proposal_in("submitted")
    points, citizen = ProposalPoints(town.council), town.actors["citizen"]
    first = points.payload(citizen, Filter())
    assert points.payload(citizen, Filter()) is first
    assert points.payload(citizen, Filter(kinds=("other",))) is not first
    town.proposal_in("submitted")
    again = points.payload(citizen, Filter())
    assert len(read(again)) == 2
    assert again.etag != first.etag


def test_from_near_shapes_are_drawn_and_too_many_are_not(town, monkeypatch):
    town.proposal_in("submitted")
    x, y = town.middle()
    box = box_of(town.council, (x - 0.01, y - 0.01, x + 0.01, y + 0.01))
    window = Filter(box=box)
    (one,) = read(shapes_payload(town.council, town.actors["citizen"], window))
    drawn = shapely.geometry.shape(one["geometry"])
    assert drawn.hausdorff_distance(shapely.geometry.shape(town.square())) < 1e-5
    away = Filter(box=box_of(town.council, (x + 1, y + 1, x + 1.1, y + 1.1)))
    assert read(shapes_payload(town.council, town.actors["citizen"], away)) == []
    monkeypatch.setattr(proposal_shapes, "MAX_DRAWN", 0)
    assert read(shapes_payload(town.council, town.actors["citizen"], window)) == []

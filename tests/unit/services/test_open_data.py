"""Open data: what is published, nobody's name, in one order, run by no spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import geopandas as gpd
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals.people import system
from ilo_geo.proposals.states import lifecycle
from ilo_geo.proposals.tables import setting
from ilo_geo.services.open_data import FORMATS
from ilo_geo.services.open_data import published_states
from ilo_geo.services.open_data import terms
from ilo_geo.services.open_data import write_open_data


@pytest.fixture
def many(town):
    """Return proposals in every state, the last draft with a formula for a title."""
    made = [town.proposal_in(state) for state in lifecycle().states]
    asked = {"title": '=HYPERLINK("http://x","y")', "description": "@SUM(1)\nÑ, «coma»; fin"}
    evil = town.do("planner", "submit", town.draft(**asked))
    town.do("councillor", "comment", evil, stance="for", text="Secreto de Persona planner")
    town.do("citizen", "support", evil)
    return [*made, evil]


def table(town, tmp_path, by="citizen", fmt="csv", **options):
    path = tmp_path / f"open.{fmt}"
    write_open_data(town.council, town.actors[by], fmt, path, **options)
    return path.read_bytes()


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_file_holds_each_published_proposal_once_by_number(town, many, tmp_path):
    rows = rows_of(table(town, tmp_path))
    expected = [one["number"] for one in many if one["state"] != "draft"]
    assert [int(row["number"]) for row in rows] == sorted(expected)
    assert {row["state"] for row in rows} == set(lifecycle().states) - {"draft"}
    assert list(rows[0]) == list(terms().columns)


def test_it_is_the_same_for_whoever_asks_and_whenever(town, many, tmp_path):
    for fmt in FORMATS:
        files = {table(town, tmp_path, by, fmt) for by in ("citizen", "planner", "secretary")}
        town.clock.move(days=1)
        assert files == {table(town, tmp_path, "councillor", fmt)}


def test_no_cell_is_a_formula_by_another_separator_either(town, tmp_path):
    asked = {
        "title": 'Parque;=HYPERLINK("http://malo")',
        "description": "bueno\t=1+1\n+2; -3; a-b",
        "office": "a;＝2+2",
    }
    town.do("planner", "submit", town.draft(**asked))
    text = table(town, tmp_path).decode("utf-8-sig")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            for cell in row:
                starts = unicodedata.normalize("NFKC", cell).lstrip()[:1]
                assert starts not in tuple("=+@") or cell.startswith("'"), cell
    assert "a-b" in text


def test_no_cell_is_a_formula(town, many, tmp_path):
    rows = rows_of(table(town, tmp_path))
    starts = [
        v
        for row in rows
        for n, v in row.items()
        if v[:1] in "=+@-" and v and n not in ("lon", "lat")
    ]
    assert starts == []
    assert rows[-1]["title"] == '\'=HYPERLINK("http://x","y")'
    assert rows[-1]["description"] == "'@SUM(1)\nÑ, «coma»; fin"
    # GeoJSON carries the raw text
    collection = json.loads(table(town, tmp_path, fmt="geojson"))
    assert collection["features"][-1]["properties"]["title"] == '=HYPERLINK("http://x","y")'


def test_nobodys_name_account_or_words_are_in_it(town, many, tmp_path):
    for fmt in FORMATS:
        text = table(town, tmp_path, fmt=fmt).decode("utf-8-sig")
        for actor in town.actors.values():
            assert (actor.account_id or "no account") not in text
            assert actor.pseudonym == "visitor" or actor.pseudonym not in text
        for private in ("Persona ", "Secreto"):
            assert private not in text


def test_counts_are_what_the_tables_say(town, many, tmp_path):
    rows = rows_of(table(town, tmp_path))
    assert (rows[-1]["n_support"], rows[-1]["n_points_for"], rows[-1]["n_points_against"]) == (
        "1", "1", "0"
    )  # fmt: skip
    by_state = {row["state"]: row for row in rows}
    assert by_state["approved"]["votes_for"] == "2"
    assert by_state["rejected"]["ballot_outcome"] == "rejected"
    # how an open vote stands is not told
    assert by_state["in_vote"]["votes_for"] == ""


def test_a_tie_tells_how_it_was_cast_and_by_nobody(town, tmp_path):
    tied = town.proposal_in("in_vote")
    town.vote(tied, "for", "against")
    asked = {"casting": "against", "reason": "No hay agua."}
    town.do("secretary", "close_vote", tied, **asked)
    town.proposal_in("approved")
    town.proposal_in("submitted")
    assert [row["casting"] for row in rows_of(table(town, tmp_path))] == ["against", "", ""]
    told = json.loads(table(town, tmp_path, fmt="geojson"))["features"]
    assert [one["properties"]["casting"] for one in told] == ["against", None, None]
    said = json.loads(table(town, tmp_path, fmt="json"))
    assert said["codes"]["casting"] == {"for": "A favor", "against": "En contra"}


def test_geojson_is_read_by_gdal_where_it_was_drawn(town, many, tmp_path):
    path = tmp_path / "open.geojson"
    write_open_data(town.council, town.actors["citizen"], "geojson", path)
    frame = gpd.read_file(path)
    assert frame.crs.to_epsg() == 4326
    drawn = shapely.geometry.shape(town.square())
    # a step of the sixth decimal at most
    assert max(shapely.hausdorff_distance(shape, drawn) for shape in frame.geometry) < 1e-6
    assert all(ring.exterior.is_ccw for ring in frame.geometry)
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    assert frame.geometry.contains(gpd.GeoSeries(points, crs=4326)).all()


def test_visitors_read_it_only_where_the_planner_is_open(town, many, tmp_path):
    for fmt in FORMATS:
        with pytest.raises(RefusedError):
            table(town, tmp_path, "visitor", fmt)
    with town.council.writing(system) as repo:
        repo.add(setting, "change_setting", id="open_to_all", value=True)
    assert table(town, tmp_path, "visitor") == table(town, tmp_path, "citizen")


def test_an_empty_council_gives_a_head_and_no_row(town, tmp_path):
    assert rows_of(table(town, tmp_path)) == []
    assert json.loads(table(town, tmp_path, fmt="geojson"))["features"] == []
    with pytest.raises(InputError):
        table(town, tmp_path, fmt="exe")


def test_the_dictionary_explains_every_column_and_code(town, many, tmp_path):
    for lang in ("es", "en"):
        told = json.loads(table(town, tmp_path, fmt="json", lang=lang))
        assert [column["name"] for column in told["columns"]] == list(terms().columns)
        assert all(column["meaning"] for column in told["columns"])
        assert set(told["codes"]["state"]) == set(published_states())
        assert told["licence"]["name"]
        assert told["date"] == max(row["updated_at"] for row in rows_of(table(town, tmp_path)))
        assert told["n_rows"] == len(many) - 1

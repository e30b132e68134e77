"""Shapes and words that nobody draws or writes in good faith: refused in a line, nothing kept."""

from __future__ import annotations

import json
import math
import time
import unicodedata

import pytest
import shapely
from council_rows import all_rows
from council_rows import first_broken
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council_views import page_of

PARK = {"title": "Parque", "kind": "park"}


def ring(middle, n_corners, radius_deg=0.0005):
    x, y = middle
    turns = [2 * math.pi * n / n_corners for n in range(n_corners)]
    corners = [[x + radius_deg * math.cos(a), y + radius_deg * math.sin(a)] for a in turns]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def nested(depth, inside):
    for _ in range(depth):
        inside = [inside]
    return inside


def hostile(middle):
    """Return shapes by what is wrong with them."""
    x, y = middle
    d = 0.0005
    crossing = [[x, y], [x + d, y + d], [x + d, y], [x, y + d], [x, y]]
    far = [[x + dx, y + dy] for dx, dy in ((0, 0), (d, 0), (d, d), (0, 0))]
    holed = [[[x, y], [x + d, y], [x + d, y + d], [x, y]], [[9, 9], [9, 10], [10, 10], [9, 9]]]
    good = ring(middle, 8)
    return {
        "a hundred thousand corners": ring(middle, 100_000),
        "corners just too many": ring(middle, rulebook().limits.geometry_points + 1),
        "points of no polygon": {"type": "MultiPoint", "coordinates": [[x, y]] * 100_000},
        "crosses itself": {"type": "Polygon", "coordinates": [crossing]},
        "outside the country": ring((2.35, 48.85), 8),
        "outside the world": ring((900, 900), 8),
        "at the pole": {"type": "Point", "coordinates": [0, 90]},
        "half outside": _polygon([x, y], [x + 9, y], [x, y + 9], [x, y]),
        "not a number": {"type": "Point", "coordinates": [math.nan, math.nan]},
        "corner that is no number": _polygon(*far[:2], [math.nan, y], far[0]),
        "endless": {"type": "Point", "coordinates": [math.inf, -math.inf]},
        "too large for a float": {"type": "Point", "coordinates": [10**400, 0]},
        "nested deep": {"type": "Polygon", "coordinates": nested(900, [x, y])},
        "nested deeper": {"type": "Polygon", "coordinates": nested(50_000, [x, y])},
        "nested collections": {"type": "GeometryCollection", "geometries": [good] * 3},
        "collection in collections": _collections(900, good),
        "line for a park": {"type": "LineString", "coordinates": far},
        "no corners": {"type": "Polygon", "coordinates": []},
        "no coordinates": {"type": "Polygon"},
        "two corners": {"type": "Polygon", "coordinates": [far[:2]]},
        "one place thrice": {"type": "Polygon", "coordinates": [[[x, y]] * 4]},
        "hole elsewhere": {"type": "Polygon", "coordinates": holed},
        "words": {"type": "Polygon", "coordinates": "POINT"},
        "words for numbers": {"type": "Point", "coordinates": ["a", "b"]},
        "nothing for numbers": {"type": "Point", "coordinates": [None, None]},
        "mixed dimensions": {"type": "Polygon", "coordinates": [[[x, y, 1], *far[1:3], [x, y]]]},
        "unknown type": {"type": "Circle", "coordinates": [x, y]},
        "number for a type": {"type": 5, "coordinates": [x, y]},
        "object for a type": {"type": {"$gt": ""}, "coordinates": [x, y]},
        "a feature of nothing": {"type": "Feature", "geometry": None, "properties": {}},
        "nothing": {},
        "object for coordinates": {"type": "Point", "coordinates": {"x": x, "y": y}},
    }  # fmt: skip


def _polygon(*corners):
    return {"type": "Polygon", "coordinates": [list(corners)]}


def _collections(depth, inside):
    for _ in range(depth):
        inside = {"type": "GeometryCollection", "geometries": [inside]}
    return inside


def test_no_shape_that_is_none_is_kept(town):
    planner = town.actors["planner"]
    found = town.draft()
    before, taken = all_rows(town.council), []
    for what, shape in hostile(town.middle()).items():
        start = time.monotonic()
        for attempt in (
            lambda s=shape: town.council.create(planner, PARK, s),
            lambda s=shape: town.council.edit(planner, found["id"], {**PARK, "version": 1}, s),
        ):
            try:
                attempt()
                taken.append(what)
            except InputError as error:
                assert len(error.text("es")) < 400, what
        assert time.monotonic() - start < 3, what
    assert taken == []
    assert all_rows(town.council) == before


def test_the_largest_shape_that_may_be_drawn_is_kept_as_it_was_drawn(town):
    shape = ring(town.middle(), rulebook().limits.geometry_points - 1)
    made = town.council.create(town.actors["planner"], PARK, shape)
    kept = shapely.from_wkb(made["geometry"])
    assert shapely.get_num_coordinates(kept) == rulebook().limits.geometry_points
    assert first_broken(town.council) is None


def test_heights_of_a_drawing_are_left_out(town):
    x, y = town.middle()
    made = town.council.create(
        town.actors["planner"], PARK, {"type": "Point", "coordinates": [x, y, 4000]}
    )
    assert not shapely.from_wkb(made["geometry"]).has_z


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
types = st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection", 3])


@pytest.fixture(scope="module")
def still_town(small_area, tmp_path_factory):
    """Return one town for many cases."""
    from council_town import open_town

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    workspace = Workspace(tmp_path_factory.mktemp("still"))
    town = open_town(open_area(small_area.catalogue.folder, workspace))
    yield town
    town.council.database.close()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(kind=types, coordinates=json_values)
def test_no_geometry_of_any_form_breaks_the_door(still_town, kind, coordinates):
    shape = {"type": kind, "coordinates": coordinates, "geometries": coordinates}
    with pytest.raises(InputError):
        still_town.council.placed(shape, "park")


@settings(max_examples=150)
@given(
    values=st.dictionaries(st.sampled_from([*PARK, "description", "cost_min_soles"]), json_values)
)
def test_no_form_of_any_form_breaks_the_door(still_town, values):
    planner = still_town.actors["planner"]
    try:
        made = still_town.council.create(planner, {**PARK, **values}, still_town.square())
    except InputError:
        return
    assert json.loads(json.dumps(made["title"])) == made["title"]
    assert 0 < len(made["title"]) <= rulebook().limits.title_letters


# what databases take for more than a letter, and letters that fold
SOUGHT = [
    "100 % verde",
    "a_b",
    "C:\\\\parques",
    "Ñandú y ÁRBOL",
    "ﬁn de la calle Ⅳ",
    "İzmir ß",
    "'; --",
    "*?[a-z]",
]
letters = st.sampled_from("".join(SOUGHT) + "\t\x00\ud800").map(str)
searches = st.one_of(
    st.text(max_size=60),
    st.sampled_from([*SOUGHT, *(half for one in SOUGHT for half in (one[:4], one[2:].upper()))]),
    st.text(letters, max_size=4),
)


@pytest.fixture(scope="module")
def sought_town(small_area, tmp_path_factory):
    """Return a town with a draft of each odd title."""
    from council_town import open_town

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    workspace = Workspace(tmp_path_factory.mktemp("sought"))
    town = open_town(open_area(small_area.catalogue.folder, workspace))
    for n, title in enumerate(SOUGHT):
        town.draft(title=title, description=SOUGHT[n - 1])
    yield town
    town.council.database.close()


def bare(text):
    """Return a text as a reader compares it: no accents, no case."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


@settings(max_examples=150)
@given(text=searches)
def test_a_search_finds_what_reading_every_title_finds(sought_town, text):
    planner = sought_town.actors["planner"]
    wanted = form_of(Filter, {"text": text})
    found = page_of(sought_town.council, planner, wanted, limit=50)
    words = bare(wanted.text).split()
    read = [bare(f"{title} {SOUGHT[n - 1]}") for n, title in enumerate(SOUGHT)]
    fits = [n + 1 for n, one in enumerate(read) if all(word in one for word in words)]
    assert [row["number"] for row in found.rows] == fits[::-1]
    assert found.n_all == len(fits)


SQL = ["'; DROP TABLE proposal; --", "' OR 1=1 --", '"; DELETE FROM vote; --', "\\'", "%' OR '%'='"]


def test_sql_is_words_wherever_it_stands(town):
    town.draft(title="Parque")
    before = all_rows(town.council)
    planner = town.actors["planner"]
    for words in SQL:
        for asked in (
            {"text": words},
            {"zone": words},
            {"kinds": (words,)},
            {"campaign_id": words},
        ):
            assert page_of(town.council, planner, Filter(**asked), limit=5).rows == ()
        for attempt in (
            lambda w=words: town.council.do(planner, "submit", w),
            lambda w=words: town.council.do(planner, w, "0" * 16),
        ):
            with pytest.raises(IloGeoError):
                attempt()
    assert all_rows(town.council) == before
    made = town.draft(title=SQL[0], description=SQL[2])
    assert (made["title"], made["description"]) == (SQL[0], SQL[2])

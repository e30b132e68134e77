"""Lists and sheets of proposals as each reader may see them."""

from __future__ import annotations

import itertools

import pytest
from pyproj import Transformer

from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.text import folded
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.council_views import page_of
from ilo_geo.services.council_views import points_of
from ilo_geo.services.council_views import proposal_view

TITLES = ["Parque Ñuñoa", "100 % verde", "Cámara_7", "'; DROP TABLE proposal; --", "Losa \\ río"]


@pytest.fixture
def many(town):
    made = []
    for n, state in enumerate(["draft", "submitted", "in_review", "observed", "archived"] * 3):
        by = ("planner", "councillor")[n % 2]
        found = town.draft(by, title=TITLES[n % 5], kind=("park", "other", "park")[n % 3])
        if state != "draft":
            found = town.do(by, "submit", found)
        made.append(found)
    return made


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"text": "nunoa"},
        {"text": "%"},
        {"text": "_"},
        {"text": "\\"},
        {"text": "'; drop table"},
        {"text": "100 VERDE"},
        {"kinds": ("park",)},
        {"states": ("draft",)},
        {"mine": True},
        {"kinds": ("other",), "text": "rio"},
    ],
)
def test_a_list_is_what_a_loop_over_all_would_find(town, many, asked):
    wanted = Filter(**asked)
    for name in ("planner", "councillor", "other_planner", "citizen", "visitor"):
        actor = town.actors[name]
        expected = [
            p["number"]
            for p in many
            if (p["state"] != "draft" or p["account_id"] == actor.account_id)
            and name != "visitor"
            and (not wanted.kinds or p["kind"] in wanted.kinds)
            and (not wanted.states or p["state"] in wanted.states)
            and (not wanted.mine or p["account_id"] == actor.account_id)
            and all(word in folded(p["title"]) for word in folded(wanted.text).split())
        ]
        page = page_of(town.council, actor, wanted, limit=1000)
        assert [row["number"] for row in page.rows] == sorted(expected, reverse=True)
        assert page.n_all == len(expected)
        points = points_of(town.council, actor, wanted)
        assert sorted(row["number"] for row in points) == sorted(expected)


def test_pages_follow_each_other_without_gap(town, many):
    planner = town.actors["planner"]
    rows = [
        row["number"]
        for offset in range(0, 15, 4)
        for row in page_of(town.council, planner, Filter(), limit=4, offset=offset).rows
    ]
    assert rows == [r["number"] for r in page_of(town.council, planner, Filter(), limit=99).rows]


def test_a_box_holds_what_touches_it(town, many):
    planner = town.actors["planner"]
    (x, y), crs = town.middle(), town.council.area().crs
    x_m, y_m = Transformer.from_crs(4326, crs, always_xy=True).transform(x, y)
    near = Filter(box=(x_m, y_m, x_m + 1, y_m + 1))
    far = Filter(box=(x_m + 5000, y_m, x_m + 5001, y_m + 1))
    assert len(points_of(town.council, planner, near)) > 0
    assert points_of(town.council, planner, far) == []


def test_a_point_lies_where_it_was_drawn(town, many):
    row = points_of(town.council, town.actors["planner"], Filter())[0]
    assert (row["lon"], row["lat"]) == pytest.approx(town.middle(), abs=1e-6)


@pytest.mark.parametrize("state", lifecycle().states)
def test_what_one_may_do_is_what_then_is_done(town, state):
    """Every verb that is offered works or asks for words; every other is refused."""
    number = town.proposal_in(state)["number"]
    offered = {
        name: proposal_view(town.council, town.actors[name], number).verbs
        for name in ("planner", "civil_defence", "councillor", "secretary", "citizen")
        if state != "draft" or name == "planner"
    }
    everything = set(itertools.chain.from_iterable(offered.values()))
    if state == "draft":
        assert offered == {"planner": {"edit", "submit", "discard", "attach", "detach"}}
    if state == "in_vote":
        assert "vote" in offered["councillor"]
        assert "vote" not in set().union(*(offered[n] for n in offered if n != "councillor"))
    if state in ("rejected", "archived", "done"):
        assert everything == {"hide_comment", "show_comment", "detach"}


def test_the_whole_story_is_told_in_order(town):
    found = town.proposal_in("in_vote")
    town.do("councillor", "comment", found, stance="against", text="Es caro.")
    town.do("citizen", "support", found)
    town.vote(found, "for", "against")
    view = proposal_view(town.council, town.actors["councillor"], found["number"])
    assert [event.verb for event in view.timeline] == [
        "create", "submit", "take_up", "assess", "open_debate", "open_vote"
    ]  # fmt: skip
    assert (view.n_support, view.supported) == (1, False)
    (ballot,) = view.ballots
    assert ballot.is_open
    assert ballot.mine == "for"
    assert ballot.roll == ()
    assert [name.es for name in ballot.voted] == ["Persona councillor", "Persona councillor2"]
    assert [name.es for name in ballot.waiting] == ["Persona councillor3"]
    assert ballot.count == {"for": 1, "against": 1}
    town.do("secretary", "close_vote", found, casting="for", reason="Desempate.")
    (ballot,) = proposal_view(town.council, town.actors["citizen"], found["number"]).ballots
    assert {name.es: choice for name, choice in ballot.roll} == {
        "Persona councillor": "for",
        "Persona councillor2": "against",
        "Persona councillor3": None,
    }
    assert view.shape["type"] == "Polygon"


def test_a_hidden_comment_is_read_by_the_secretary_only(town):
    found = town.proposal_in("in_debate")
    town.do("councillor", "comment", found, stance="remark", text="Grosería.")
    number = found["number"]
    (said,) = proposal_view(town.council, town.actors["citizen"], number).comments
    town.do("secretary", "hide_comment", found, comment_id=said["id"], reason="Grosero.")
    for name, text in (("citizen", ""), ("councillor", ""), ("secretary", "Grosería.")):
        (seen,) = proposal_view(town.council, town.actors[name], number).comments
        assert (seen["text"], seen["hidden_reason"]) == (text, "Grosero.")


def test_a_draft_has_no_page_but_its_authors(town):
    number = town.draft()["number"]
    for name in set(town.actors) - {"planner"}:
        with pytest.raises(NotFoundError):
            proposal_view(town.council, town.actors[name], number)

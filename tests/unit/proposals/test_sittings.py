"""Sittings of the council: the machine of their states, the agenda, who attends, their votes."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from council_sittings import FORM
from council_sittings import attend
from council_sittings import called
from council_sittings import do
from council_sittings import head
from council_sittings import opened
from council_sittings import version
from council_sittings import viewed

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals import people
from ilo_geo.services.sittings import call_sitting
from ilo_geo.services.sittings import pulse
from ilo_geo.services.sittings import sitting_at_hand
from ilo_geo.services.sittings import sittings

ONLY_SQLITE = pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)


def test_a_sitting_starts_by_the_clock_of_the_city(town):
    found = called(town)
    assert found["starts_at"].isoformat() == "2026-11-30T23:00:00+00:00"
    assert (found["number"], called(town)["number"]) == (1, 2)


@pytest.mark.parametrize(
    "faulty",
    [
        {"title": " "},
        {"starts_at": ""},
        {"starts_at": "9999-12-31T23:59"},
        {"starts_at": "mañana"},
        {"state": "open"},
        {"agenda": ["../etc"]},
        {"agenda": ["ab", "ab"]},
    ],
)
@ONLY_SQLITE
def test_a_faulty_form_is_refused_and_leaves_no_trace(town, faulty):
    before = head(town)
    with pytest.raises(InputError):
        called(town, **faulty)
    assert head(town) == before


def test_a_draft_is_on_no_agenda(town):
    draft = town.draft()
    with pytest.raises(NotFoundError):
        called(town, draft)
    assert sittings(town.council, town.actors["secretary"]) == []


@ONLY_SQLITE
def test_only_the_secretary_leads_a_sitting(town):
    found = called(town)
    asked = {
        "plan_sitting": {**FORM, "version": 1},
        "cancel_sitting": {"reason": "Se convocó por error."},
        "record_presiding": {"presided_by": "Ana Alcalde"},
        "record_attendance": {
            "account_id": town.actors["councillor"].account_id,
            "present": True,
        },
    }
    before = head(town)
    verbs = ("plan_sitting", "cancel_sitting", "open_sitting", "record_attendance",
             "record_presiding", "show_proposal", "close_sitting")  # fmt: skip
    for name, verb in itertools.product(set(town.actors) - {"secretary"}, verbs):
        with pytest.raises(RefusedError):
            do(town, verb, found, by=name, **asked.get(verb, {}))
        assert not viewed_verbs(town, found, name)
    with pytest.raises(RefusedError):
        call_sitting(town.council, town.actors["planner"], FORM)
    assert head(town) == before


def viewed_verbs(town, found, name):
    return set() if name == "visitor" else viewed(town, found, name).verbs


def test_a_visitor_reads_sittings_only_where_the_planner_is_open(town):
    with pytest.raises(RefusedError):
        viewed(town, called(town), "visitor")
    with pytest.raises(RefusedError):
        pulse(town.council, town.actors["visitor"], 1)


def test_the_second_of_two_who_edit_is_told(town):
    found = called(town)
    do(town, "plan_sitting", found, **FORM | {"title": "Uno", "version": 1})
    with pytest.raises(ConflictError):
        do(town, "plan_sitting", found, **FORM | {"title": "Dos", "version": 1})
    assert viewed(town, found).record["title"] == "Uno"


def test_an_agenda_keeps_the_order_it_is_given(town):
    a, b, c = (town.proposal_in("in_debate") for _ in range(3))
    found = called(town, a, b, c)
    version = 1
    for wanted in ([c, a, b], [b], [], [a, c], [c, b, a]):
        ids = [one["id"] for one in wanted]
        version = do(town, "plan_sitting", found, **FORM, agenda=ids, version=version)["version"]
        view = viewed(town, found)
        assert [entry.proposal["id"] for entry in view.agenda] == ids
        assert [entry.position for entry in view.agenda] == list(range(1, len(ids) + 1))


def test_one_sitting_is_open_at_a_time(town):
    one, two = called(town), called(town)
    do(town, "open_sitting", one)
    with pytest.raises(ConflictError):
        do(town, "open_sitting", two)
    do(town, "close_sitting", one)
    assert do(town, "open_sitting", two)["state"] == "open"


def test_the_sitting_at_hand_is_open_then_next_then_last(town):
    secretary = town.actors["secretary"]
    assert sitting_at_hand(town.council, secretary) is None
    past = called(town, starts_at="2026-11-01T18:00")
    assert sitting_at_hand(town.council, secretary) == past["number"]
    later = called(town, starts_at="2026-12-20T18:00")
    sooner = called(town, starts_at="2026-12-02T18:00")
    assert sitting_at_hand(town.council, secretary) == sooner["number"]
    town.clock.move(days=20)
    do(town, "open_sitting", later)
    assert sitting_at_hand(town.council, secretary) == later["number"]


def test_the_roll_is_of_councillors_and_saying_it_twice_changes_nothing(town):
    found = called(town)
    attend(town, found, "councillor")
    before = head(town)
    attend(town, found, "councillor")
    assert head(town) == before
    with pytest.raises(ConflictError):
        attend(town, found, "planner")
    view = viewed(town, found)
    assert (len(view.seats), view.n_present, view.quorum) == (3, 1, 2)
    councillor = town.actors["councillor"].account_id
    do(town, "record_attendance", found, account_id=councillor, present=False)
    assert viewed(town, found).n_present == 0


def test_a_vote_of_a_sitting_is_of_those_who_attend(town):
    found, [proposal] = opened(town, present=("councillor", "councillor2"))
    town.do("secretary", "open_vote", proposal, sitting_id=found["id"])
    ballot_id = town.ballot(proposal)["id"]
    town.do("councillor", "vote", proposal, ballot_id=ballot_id, choice="for")
    with pytest.raises(ConflictError):
        town.do("councillor3", "vote", proposal, ballot_id=ballot_id, choice="for")
    attend(town, found, "councillor3")
    town.do("councillor3", "vote", proposal, ballot_id=ballot_id, choice="against")
    councillor = town.actors["councillor"].account_id
    with pytest.raises(ConflictError):
        do(town, "record_attendance", found, account_id=councillor, present=False)


def test_a_vote_is_of_the_open_sitting_that_has_it_on_its_agenda(town):
    found, [proposal] = opened(town)
    stranger = town.proposal_in("in_debate")
    with pytest.raises(ConflictError):
        town.do("secretary", "open_vote", stranger, sitting_id=found["id"])
    # outside the sitting it is held apart; one of the agenda is of the sitting though not asked
    town.do("secretary", "open_vote", stranger)
    town.do("secretary", "open_vote", proposal)
    assert town.ballot(stranger)["sitting_id"] is None
    assert town.ballot(proposal)["sitting_id"] == found["id"]
    assert viewed(town, found).current.proposal["id"] == proposal["id"]


def test_no_vote_is_held_in_a_sitting_that_is_not_open(town):
    proposal = town.proposal_in("in_debate")
    found = called(town, proposal)
    with pytest.raises(ConflictError):
        town.do("secretary", "open_vote", proposal, sitting_id=found["id"])
    with pytest.raises(NotFoundError):
        town.do("secretary", "open_vote", proposal, sitting_id="abc")


def test_a_vote_under_way_outside_the_sitting_keeps_it_from_its_agenda(town):
    outside, other = town.proposal_in("in_vote"), town.proposal_in("in_debate")
    found = called(town, outside)
    before = head(town)
    with pytest.raises(ConflictError) as refused:
        do(town, "open_sitting", found)
    assert refused.value.code == "council.vote_outside"
    assert head(town) == before
    do(town, "plan_sitting", found, **FORM, agenda=[other["id"]], version=version(town, found))
    do(town, "open_sitting", found)
    both = {"agenda": [other["id"], outside["id"]], "version": version(town, found)}
    with pytest.raises(ConflictError) as refused:
        do(town, "plan_sitting", found, **FORM, **both)
    assert refused.value.code == "council.vote_outside"
    assert len(viewed(town, found).agenda) == 1
    town.do("secretary", "close_vote", outside)
    do(town, "plan_sitting", found, **FORM, **both)
    # without quorum there: voted again, in the sitting
    town.do("secretary", "open_vote", outside)
    assert town.ballot(outside)["sitting_id"] == found["id"]


@pytest.mark.parametrize(("hours", "opens"), [(12.1, False), (11.9, True), (-48, True)])
@ONLY_SQLITE
def test_a_sitting_opens_from_half_a_day_before_its_time(town, hours, opens):
    found = called(town, starts_at="2027-03-01T18:00")
    town.clock.at = found["starts_at"] - timedelta(hours=hours)
    if opens:
        assert do(town, "open_sitting", found)["state"] == "open"
        return
    with pytest.raises(ConflictError) as refused:
        do(town, "open_sitting", found)
    assert refused.value.code == "council.sitting_early"
    assert "01/03/2027 18:00" in refused.value.public_text("es")


@pytest.mark.parametrize(
    "rewritten", [{"title": "Otra"}, {"place": "otro"}, {"starts_at": "2026-11-30T18:01"}]
)
@ONLY_SQLITE
def test_of_an_open_sitting_only_the_agenda_changes(town, rewritten):
    found, [proposal] = opened(town)
    ids, seen = [proposal["id"]], version(town, found)
    before = head(town)
    with pytest.raises(ConflictError) as refused:
        do(town, "plan_sitting", found, **FORM | rewritten, agenda=ids, version=seen)
    assert refused.value.code == "council.sitting_fixed"
    assert head(town) == before
    do(town, "plan_sitting", found, **FORM, agenda=[], version=seen)
    assert viewed(town, found).agenda == ()


@ONLY_SQLITE
def test_the_agenda_of_an_open_sitting_changes_by_a_form_that_tells_no_seconds(town):
    found = called(town, starts_at=f"{FORM['starts_at']}:37")
    do(town, "open_sitting", found)
    changed = do(town, "plan_sitting", found, **FORM, agenda=[], version=version(town, found))
    assert changed["starts_at"] == found["starts_at"]
    assert found["starts_at"].second == 37


def test_the_members_and_quorum_of_a_sitting_are_those_of_its_opening(town):
    found, _ = opened(town, present=("councillor",))
    for n in range(3):
        town.actors[f"late{n}"] = town.person(people.COUNCILLOR, f"late{n}")
    view = viewed(town, found)
    assert (len(view.seats), view.quorum) == (6, 2)
    attend(town, found, "late0")
    do(town, "close_sitting", found)
    view = viewed(town, found)
    assert (len(view.seats), view.n_present, view.quorum) == (4, 2, 2)


def test_the_chamber_votes_on_one_proposal_and_looks_at_it(town):
    found, [one, two] = opened(town, 2)
    do(town, "show_proposal", found, proposal_id=one["id"])
    town.do("secretary", "open_vote", two, sitting_id=found["id"])
    assert viewed(town, found).current.proposal["id"] == two["id"]
    for refused in (
        lambda: do(town, "show_proposal", found, proposal_id=one["id"]),
        lambda: do(town, "show_proposal", found),
        lambda: town.do("secretary", "open_vote", one, sitting_id=found["id"]),
        lambda: do(town, "close_sitting", found),
    ):
        with pytest.raises(ConflictError):
            refused()
    town.vote(two, "for", "for", "against")
    town.do("secretary", "close_vote", two)
    do(town, "show_proposal", found, proposal_id=one["id"])
    with pytest.raises(ConflictError):
        do(town, "plan_sitting", found, **FORM, agenda=[one["id"]], version=version(town, found))
    assert do(town, "close_sitting", found)["state"] == "closed"


def test_archiving_what_is_voted_on_voids_the_vote_and_lets_the_sitting_end(town):
    found, [proposal] = opened(town)
    town.do("secretary", "open_vote", proposal, sitting_id=found["id"])
    town.vote(proposal, "for", "against")
    town.do("secretary", "archive", proposal, reason="La retira su autora.")
    [held] = viewed(town, found).agenda[0].votes
    assert (held.is_open, held.record["outcome"]) == (False, "withdrawn")
    assert (held.record["n_for"], held.record["n_against"]) == (1, 1)
    do(town, "close_sitting", found)


def test_while_a_vote_is_open_names_and_count_are_told_and_the_roll_call_after_it(town):
    found, [proposal] = opened(town, present=("councillor", "councillor2"))
    town.do("secretary", "open_vote", proposal, sitting_id=found["id"])
    town.vote(proposal, "for", "abstain")
    held = viewed(town, found, "councillor2").under_way
    assert held.count == {"for": 1, "against": 0, "abstain": 1}
    assert [row.choice for row in held.roll] == [None] * 3
    assert [row.voted for row in held.roll] == [True, True, False]
    assert (held.mine, viewed(town, found).under_way.mine) == ("abstain", None)
    town.do("secretary", "close_vote", proposal)
    [closed] = viewed(town, found, "citizen").agenda[0].votes
    assert [row.choice for row in closed.roll] == ["for", "abstain", None]
    assert [row.present for row in closed.roll] == [True, True, False]


def beat(town, found):
    return pulse(town.council, town.actors["citizen"], found["number"])


def test_what_a_screen_would_show_moves_the_pulse_and_nothing_else_does(town):
    found, [one] = opened(town)
    other = town.proposal_in("in_debate")
    seen = [beat(town, found)]

    def moved():
        seen.append(beat(town, found))
        return seen[-1] not in seen[:-1]

    town.do("secretary", "open_vote", other)
    town.do("planner", "comment", other, stance="for", text="Sí.")
    assert seen[0] == beat(town, found)
    assert seen[0].screen == "1v5"
    do(town, "show_proposal", found, proposal_id=one["id"])
    assert moved()
    town.do("secretary", "open_vote", one, sitting_id=found["id"])
    assert moved()
    for voter, choice in [("councillor", "for"), ("councillor2", "for"), ("councillor", "against")]:
        ballot_id = town.ballot(one)["id"]
        town.do(voter, "vote", one, ballot_id=ballot_id, choice=choice)
        assert moved()
        assert seen[-1].screen == seen[-2].screen
    town.do("planner", "comment", one, stance="against", text="Es caro.")
    assert moved()
    assert seen[-1].screen != seen[-2].screen
    town.vote(one, "for")
    town.do("secretary", "close_vote", one)
    assert moved()
    councillor3 = town.actors["councillor3"].account_id
    do(town, "record_attendance", found, account_id=councillor3, present=False)
    assert moved()
    do(town, "close_sitting", found)
    assert moved()

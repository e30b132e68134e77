"""Campaigns of the participatory budget: phases, projects and money."""

from __future__ import annotations

from datetime import date
from datetime import timedelta

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.services.campaigns import campaign_view
from ilo_geo.services.campaigns import campaigns
from ilo_geo.services.campaigns import create
from ilo_geo.services.campaigns import edit
from ilo_geo.services.campaigns import move

ONLY_SQLITE = pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
# the order of the law, written a second time
PHASES = ["preparation", "concertation", "coordination", "formalisation", "closed"]
DAYS = {phase: str(date(2026, 11, 1) + timedelta(days=30 * n)) for n, phase in enumerate(PHASES)}
FORM = {"title": "Presupuesto 2027", "envelope_soles": 1_000_000, "phase_days": DAYS}


def made(town, by="secretary", **changes):
    return create(town.council, town.actors[by], {**FORM, **changes})


def moved(town, found, to, reason="", by="secretary"):
    version = viewed(town, found).record["version"]
    asked = {"to": to, "reason": reason, "version": version}
    return move(town.council, town.actors[by], found["id"], asked)


def viewed(town, found, by="secretary"):
    return campaign_view(town.council, town.actors[by], found["id"])


def join(town, proposal, found, by="planner"):
    return town.do(by, "join_campaign", proposal, campaign_id=found["id"])


def head(town):
    with town.council.reading(system) as repo:
        return audit.head(repo.connection)


@pytest.mark.parametrize(
    "faulty",
    [
        {"title": ""},
        {"envelope_soles": 0},
        {"envelope_soles": -5},
        {"envelope_soles": 10**12},
        {"phase": "closed"},
        {"phase_days": {}},
        {"phase_days": {**DAYS, "party": "2026-11-01"}},
        {"phase_days": {**DAYS, "closed": "2020-01-01"}},
        {"phase_days": {**DAYS, "closed": "pronto"}},
    ],
)
@ONLY_SQLITE
def test_a_faulty_form_is_refused_and_leaves_no_trace(town, faulty):
    before = head(town)
    with pytest.raises(InputError):
        made(town, **faulty)
    assert head(town) == before


def test_it_is_written_read_and_edited_over_the_version_that_was_seen(town):
    found = made(town, "planner")
    assert [one["id"] for one in campaigns(town.council, town.actors["citizen"])] == [found["id"]]
    planner = town.actors["planner"]
    edit(town.council, planner, found["id"], {**FORM, "title": "Uno", "version": 1})
    with pytest.raises(ConflictError):
        edit(town.council, planner, found["id"], {**FORM, "title": "Dos", "version": 1})
    assert viewed(town, found, "citizen").record["title"] == "Uno"
    with pytest.raises(NotFoundError):
        edit(town.council, planner, "abc", {**FORM, "version": 1})


@ONLY_SQLITE
def test_who_may_do_what(town):
    found = made(town)
    proposal = town.proposal_in("submitted")
    before = head(town)
    for name, actor in town.actors.items():
        if actor.role not in ("planner", "secretary"):
            with pytest.raises(RefusedError):
                made(town, name)
            with pytest.raises(RefusedError):
                edit(town.council, actor, found["id"], {**FORM, "version": 1})
            with pytest.raises((RefusedError, NotFoundError)):
                join(town, proposal, found, name)
        if actor.role != "secretary":
            with pytest.raises(RefusedError):
                moved(town, found, "concertation", by=name)
    with pytest.raises(RefusedError):
        viewed(town, found, "visitor")
    assert head(town) == before


def test_a_step_back_needs_its_reason_and_is_told(town):
    found = made(town)
    moved(town, found, "concertation")
    with pytest.raises(InputError):
        moved(town, found, "preparation")
    moved(town, found, "preparation", "Faltó convocar a dos juntas vecinales.")
    view = viewed(town, found)
    assert [(m.from_phase, m.to_phase, bool(m.reason)) for m in view.moves] == [
        ("preparation", "concertation", False),
        ("concertation", "preparation", True),
    ]
    assert [step.place for step in view.phases] == ["current", *["to_come"] * 4]
    assert view.phases[0].began_at == view.moves[1].at
    assert view.phases[1].began_at is None


def test_two_who_press_next_at_once_move_one_phase(town):
    found = made(town)
    asked = {"to": "concertation", "version": 1}
    move(town.council, town.actors["secretary"], found["id"], asked)
    with pytest.raises(ConflictError):
        move(town.council, town.actors["secretary"], found["id"], asked)


def test_closed_is_final(town):
    found = made(town)
    for phase in PHASES[1:]:
        moved(town, found, phase)
    before = head(town)
    for to in PHASES:
        with pytest.raises(ConflictError):
            moved(town, found, to, "razón")
    with pytest.raises(ConflictError):
        version = viewed(town, found).record["version"]
        edit(town.council, town.actors["secretary"], found["id"], {**FORM, "version": version})
    assert head(town) == before
    assert viewed(town, found).verbs == frozenset()


def test_a_project_is_of_one_campaign_and_leaves_before_it_joins_another(town):
    one, two = made(town), made(town)
    proposal = town.proposal_in("in_review")
    assert [p["id"] for p in viewed(town, one).joinable] == [proposal["id"]]
    join(town, proposal, one)
    assert viewed(town, one).joinable == ()
    for wanted in (one, two):
        with pytest.raises(ConflictError):
            join(town, proposal, wanted, "secretary")
    town.do("planner", "leave_campaign", proposal)
    with pytest.raises(ConflictError):
        town.do("planner", "leave_campaign", proposal)
    join(town, proposal, two)
    assert [p.record["id"] for p in viewed(town, two).projects] == [proposal["id"]]
    assert viewed(town, one).projects == ()


@pytest.mark.parametrize("phase", PHASES)
@ONLY_SQLITE
def test_projects_come_and_go_in_the_first_two_phases_only(town, phase):
    found = made(town)
    stays = town.proposal_in("submitted")
    join(town, stays, found)
    for step in PHASES[1 : PHASES.index(phase) + 1]:
        moved(town, found, step)
    comes = town.proposal_in("submitted")
    if phase in PHASES[:2]:
        join(town, comes, found)
        town.do("secretary", "leave_campaign", stays)
        return
    with pytest.raises(ConflictError):
        join(town, comes, found)
    with pytest.raises(ConflictError):
        town.do("secretary", "leave_campaign", stays)


@ONLY_SQLITE
@given(
    costs=st.lists(st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=5),
    fates=st.lists(st.sampled_from(["open", "archived", "approved", "rejected"]), max_size=5),
)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_the_money_is_what_a_loop_over_the_projects_adds_up_to(town, costs, fates):
    found = made(town, envelope_soles=700_000)
    asked = [0, 0, 0]
    committed = [0, 0, 0]
    over = []
    for cost, fate in zip(costs, fates, strict=False):
        low, high = (None, None) if cost is None else sorted(cost)
        proposal = town.draft(cost_min_soles=low, cost_max_soles=high)
        for verb, by, words in (("submit", "planner", {}), ("take_up", "planner", {})):
            town.do(by, verb, proposal, **words)
        join(town, proposal, found)
        decide(town, proposal, fate)
        for wanted, sums in (
            (fate in ("open", "approved"), asked),
            (fate == "approved", committed),
        ):
            if wanted:
                sums[0] += low or 0
                sums[1] += high or 0
                sums[2] += low is None
        if high is not None and high > 700_000:
            over.append(proposal["id"])
    view = viewed(town, found)
    assert [view.asked.low, view.asked.high, view.asked.n_unknown] == asked
    assert [view.committed.low, view.committed.high, view.committed.n_unknown] == committed
    assert sorted(p.record["id"] for p in view.projects if p.over) == sorted(over)


def decide(town, proposal, fate):
    if fate == "archived":
        town.do("secretary", "archive", proposal, reason="r")
    if fate in ("approved", "rejected"):
        town.do("planner", "assess", proposal, verdict="feasible", reason="r")
        town.do("secretary", "open_debate", proposal)
        town.do("secretary", "open_vote", proposal)
        town.vote(proposal, *["for" if fate == "approved" else "against"] * 2)
        town.do("secretary", "close_vote", proposal)


@pytest.mark.parametrize(
    ("today", "due"),
    [
        # the clock of the tests starts on 30 November 2026
        (0, "preparation"), (1, "concertation"), (2, "concertation"), (31, "coordination"),
        (400, "closed"),
    ],
)  # fmt: skip
@ONLY_SQLITE
def test_where_the_plan_would_have_it_today(town, today, due):
    found = made(town)
    town.clock.move(days=today)
    assert viewed(town, found).due == due


def test_the_day_of_a_phase_begins_at_midnight_in_the_city(town):
    found = made(town, phase_days=dict.fromkeys(PHASES, "2026-12-01"))
    # the evening of 30 November in Lima is 1 December in UTC
    town.clock.move(hours=13)
    assert viewed(town, found).due is None
    town.clock.move(hours=1)
    assert viewed(town, found).due == "closed"


@ONLY_SQLITE
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(PHASES), st.sampled_from(["", "Por escrito."])), max_size=12
    )
)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_every_walk_moves_a_phase_at_a_time(town, steps):
    found, at = made(town), 0
    for to, reason in steps:
        wanted = PHASES.index(to)
        legal = PHASES[at] != "closed" and abs(wanted - at) == 1 and (wanted > at or reason)
        before = head(town)
        if legal:
            assert moved(town, found, to, reason)["phase"] == to
            at = wanted
        else:
            with pytest.raises(IloGeoError):
                moved(town, found, to, reason)
            assert head(town) == before
    assert viewed(town, found).record["phase"] == PHASES[at]

"""Proposals through their life on both databases, and the log that keeps it."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import delete
from sqlalchemy import update

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.states import lifecycle
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import audit as log
from ilo_geo.proposals.tables import ballot
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import state_change
from ilo_geo.proposals.tables import vote

# the issue's own line, step by step; all that is not here is illegal
LEGAL = {
    ("draft", "submit"), ("submitted", "take_up"), ("in_review", "observe"),
    ("observed", "answer"), ("in_review", "open_debate"), ("in_debate", "open_vote"),
    ("in_vote", "open_vote"), ("in_vote", "close_vote"), ("approved", "start"),
    ("in_progress", "complete"), ("submitted", "archive"), ("in_review", "archive"),
    ("observed", "archive"), ("in_debate", "archive"), ("in_vote", "archive"),
}  # fmt: skip


def broken(town):
    with town.council.reading(system) as repo:
        return audit.first_broken(repo.connection)


def rows(town, table, *where):
    with town.council.reading(system) as repo:
        return repo.find(table, *where)


def test_the_machine_knows_the_steps_of_the_issue_and_no_other():
    machine = lifecycle()
    known = {(s, verb) for verb, step in machine.transitions.items() for s in step.start}
    assert known == LEGAL
    ends = set(machine.states) - {state for state, _ in known}
    assert ends == {"rejected", "archived", "done"}


@pytest.mark.parametrize("state", lifecycle().states)
def test_a_proposal_reaches_every_state_and_its_dates_are_kept(town, state):
    found = town.proposal_in(state)
    assert found["state"] == state
    changes = rows(town, state_change, state_change.c.proposal_id == found["id"])
    way = sorted(changes, key=lambda one: one["at"])
    assert [one["from_state"] for one in way[1:]] == [one["to_state"] for one in way[:-1]]
    assert not way or (way[0]["from_state"], way[-1]["to_state"]) == ("draft", state)
    assert broken(town) is None


@pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
def test_an_illegal_step_is_refused_and_nothing_changes(town):
    asked = {"observe": {"reason": "r"}, "answer": {"reason": "r"}, "archive": {"reason": "r"}}
    for state, verb in itertools.product(lifecycle().states, lifecycle().transitions):
        if (state, verb) in LEGAL:
            continue
        found = town.proposal_in(state)
        before = rows(town, log)
        with pytest.raises(ConflictError):
            town.council.do(system, verb, found["id"], asked.get(verb, {}))
        assert rows(town, log) == before


def test_the_second_of_two_who_edit_is_told_and_nothing_is_overwritten(town):
    found = town.draft()
    mine = {"title": "Primera", "kind": "park", "version": found["version"]}
    town.council.edit(town.actors["planner"], found["id"], mine)
    with pytest.raises(ConflictError, match="version 1"):
        town.council.edit(town.actors["planner"], found["id"], {**mine, "title": "Segunda"})
    assert rows(town, proposal)[0]["title"] == "Primera"


def test_a_draft_of_another_is_as_if_it_were_not_there(town):
    found = town.draft()
    for name in set(town.actors) - {"planner"}:
        with pytest.raises(NotFoundError):
            town.council.do(town.actors[name], "submit", found["id"])
        with pytest.raises(NotFoundError):
            town.council.do(town.actors[name], "submit", "0" * 16)


def test_a_forged_state_or_author_is_refused(town):
    for extra in ({"state": "approved"}, {"account_id": "x"}, {"number": 7}, {"id": "a"}):
        with pytest.raises(InputError):
            town.draft(**extra)
    assert rows(town, proposal) == []


class TestVote:
    def test_the_majority_decides_and_abstentions_do_not(self, town):
        found = town.proposal_in("in_vote")
        town.vote(found, "for", "abstain", "abstain")
        assert town.do("secretary", "close_vote", found)["state"] == "approved"
        (kept,) = rows(town, ballot)
        assert (kept["n_for"], kept["n_against"], kept["n_abstain"]) == (1, 0, 2)
        assert (kept["n_members"], kept["quorum"]) == (3, 2)

    def test_a_member_votes_once_and_may_change_until_the_close(self, town):
        found = town.proposal_in("in_vote")
        for choices in (("for", "against"), ("against",), ("against",)):
            town.vote(found, *choices)
        mine, other = rows(town, vote)
        assert {mine["choice"], other["choice"]} == {"against"}
        assert town.do("secretary", "close_vote", found)["state"] == "rejected"
        with pytest.raises(ConflictError):
            town.do("councillor", "vote", found, ballot_id=mine["ballot_id"], choice="for")

    def test_who_became_a_councillor_later_has_no_vote_in_it(self, town):
        found = town.proposal_in("in_vote")
        town.actors["late"] = town.person("councillor", "late")
        with pytest.raises(ConflictError, match="opened before"):
            town.do("late", "vote", found, ballot_id=town.ballot(found)["id"], choice="for")

    def test_without_quorum_it_is_void_and_another_may_be_opened(self, town):
        found = town.do("secretary", "open_vote", town.proposal_in("in_debate"))
        old = town.ballot(found)["id"]
        assert town.ballot(found)["quorum"] == 2
        town.vote(found, "for")
        assert town.do("secretary", "close_vote", found)["state"] == "in_vote"
        town.do("secretary", "open_vote", found)
        with pytest.raises(ConflictError):
            town.do("councillor", "vote", found, ballot_id=old, choice="for")
        town.vote(found, "for", "for")
        assert town.do("secretary", "close_vote", found)["state"] == "approved"
        assert [b["outcome"] for b in rows(town, ballot)].count("without_quorum") == 1

    def test_a_tie_needs_who_presides_and_a_reason(self, town):
        found = town.proposal_in("in_vote")
        town.vote(found, "for", "against")
        for asked in ({}, {"casting": "for"}):
            with pytest.raises(InputError):
                town.do("secretary", "close_vote", found, **asked)
        closed = town.do("secretary", "close_vote", found, casting="against", reason="Costo.")
        assert closed["state"] == "rejected"

    def test_a_casting_vote_where_there_is_no_tie_is_refused(self, town):
        found = town.proposal_in("in_vote")
        town.vote(found, "for", "for")
        with pytest.raises(InputError):
            town.do("secretary", "close_vote", found, casting="against", reason="Costo.")

    def test_what_nobody_votes_for_is_no_tie(self, town):
        found = town.proposal_in("in_vote")
        town.vote(found, "abstain", "abstain", "abstain")
        with pytest.raises(InputError):
            town.do("secretary", "close_vote", found, casting="for", reason="Desempate.")
        assert town.do("secretary", "close_vote", found)["state"] == "rejected"

    def test_a_second_press_does_not_close_the_next_vote(self, town):
        found = town.proposal_in("in_vote")
        old = town.ballot(found)["id"]
        town.do("secretary", "close_vote", found, ballot_id=old)
        town.do("secretary", "open_vote", found)
        with pytest.raises(ConflictError):
            town.do("secretary", "close_vote", found, ballot_id=old)
        assert town.ballot(found)["closed_at"] is None

    def test_a_vote_after_the_deadline_is_not_counted_though_the_clock_is_set_back(self, town):
        found = town.proposal_in("in_debate")
        # 18:00 in Lima is 23:00 in UTC
        found = town.do("secretary", "open_vote", found, closes_at="2026-11-30T18:00")
        town.clock.move(hours=7, minutes=58)
        town.vote(found, "for", "for")
        town.clock.move(minutes=5)
        with pytest.raises(ConflictError, match="30/11/2026 18:00"):
            town.vote(found, "against")
        town.do("secretary", "comment", found, stance="remark", text="Venció el plazo.")
        town.clock.move(hours=-3)
        with pytest.raises(ConflictError, match="18:00"):
            town.vote(found, "against")
        assert town.do("secretary", "close_vote", found)["state"] == "approved"
        assert broken(town) is None

    def test_a_vote_that_was_refused_stays_refused_though_nothing_was_written_since(self, town):
        found = town.proposal_in("in_debate")
        town.do("secretary", "open_vote", found, closes_at="2026-11-30T18:00")
        town.clock.move(hours=8, minutes=30)
        with pytest.raises(ConflictError, match="18:00"):
            town.vote(found, "for")
        town.clock.move(hours=-1)
        with pytest.raises(ConflictError, match="18:00"):
            town.vote(found, "for")

    def test_a_log_far_ahead_of_the_clock_stops_writers_until_it_is_told(self, town):
        town.clock.move(days=365)
        town.draft()
        town.clock.move(days=-365)
        with pytest.raises(DatabaseError) as caught:
            town.draft()
        assert caught.value.code == "council.clock_behind"
        town.council.set_clock()
        found = town.proposal_in("in_debate")
        town.do("secretary", "open_vote", found, closes_at="2026-12-01T18:00")
        town.vote(found, "for")
        assert broken(town) is None
        with pytest.raises(ConflictError):
            town.council.set_clock()

    def test_a_deadline_that_passed_or_a_quorum_nobody_can_reach_is_refused(self, town):
        found = town.proposal_in("in_debate")
        for asked in (
            {"closes_at": "2026-11-30T09:00"},
            {"quorum": 4},
            {"quorum": 0},
            {"quorum": 1},
        ):
            with pytest.raises(InputError):
                town.do("secretary", "open_vote", found, **asked)


class TestVerdict:
    def test_a_verdict_is_void_when_what_it_was_of_is_changed(self, town):
        found = town.proposal_in("in_review")
        asked = {"verdict": "feasible", "reason": "Barato y en seco."}
        found = town.do("civil_defence", "assess", found, **asked)
        found = town.do("planner", "observe", found, reason="Falta el plano.")
        dear = {"title": "Otro", "kind": "park", "cost_min_soles": 9, "cost_max_soles": 9}
        edit = {**dear, "version": found["version"]}
        found = town.council.edit(town.actors["planner"], found["id"], edit)
        found = town.do("planner", "answer", found, reason="Adjunto.")
        with pytest.raises(ConflictError, match="verdict"):
            town.do("secretary", "open_debate", found)
        told = rows(town, state_change, state_change.c.verb == "assess")
        assert [(one["detail"], one["reason"]) for one in told] == [
            ("feasible", "Barato y en seco.")
        ]

    def test_a_verdict_from_before_an_observation_opens_no_debate(self, town):
        found = town.proposal_in("in_review")
        asked = {"verdict": "feasible", "reason": "Barato y en seco."}
        town.do("civil_defence", "assess", found, **asked)
        town.do("planner", "observe", found, reason="Falta el plano.")
        town.do("planner", "answer", found, reason="Adjunto.")
        with pytest.raises(ConflictError, match="verdict"):
            town.do("secretary", "open_debate", found)
        town.do("civil_defence", "assess", found, **asked)
        assert town.do("secretary", "open_debate", found)["state"] == "in_debate"

    def test_a_verdict_replaces_none_unseen_and_both_stay_to_be_read(self, town):
        found = town.proposal_in("in_review")
        seen = found["version"]
        no = {"verdict": "not_feasible", "reason": "Zona de tsunami.", "version": seen}
        town.do("civil_defence", "assess", found, **no)
        yes = {"verdict": "feasible", "reason": "Cabe."}
        with pytest.raises(ConflictError):
            town.do("planner", "assess", found, **yes, version=seen)
        town.do("planner", "assess", found, **yes)
        told = rows(town, state_change, state_change.c.verb == "assess")
        assert {one["detail"] for one in told} == {"feasible", "not_feasible"}


def test_a_number_is_never_given_twice(town):
    first = town.draft()
    town.do("planner", "discard", first)
    assert town.draft()["number"] == first["number"] + 1


class TestDebate:
    def test_a_hidden_comment_keeps_its_place_and_the_reason(self, town):
        found = town.proposal_in("in_debate")
        town.do("councillor", "comment", found, stance="against", text="Es caro.")
        (said,) = rows(town, comment)
        town.do("secretary", "hide_comment", found, comment_id=said["id"], reason="Insulto.")
        (hidden,) = rows(town, comment)
        assert (hidden["hidden_reason"], hidden["text"]) == ("Insulto.", "Es caro.")
        town.do("secretary", "show_comment", found, comment_id=said["id"])
        town.do("secretary", "hide_comment", found, comment_id=said["id"], reason="Otra vez.")
        told = rows(town, state_change, state_change.c.detail == said["id"])
        assert {one["reason"] for one in told} == {"Insulto.", "", "Otra vez."}
        other = town.proposal_in("in_debate")
        with pytest.raises(NotFoundError):
            town.do("secretary", "show_comment", other, comment_id=said["id"])

    def test_each_supports_once(self, town):
        found = town.proposal_in("in_debate")
        town.do("citizen", "support", found)
        with pytest.raises(ConflictError):
            town.do("citizen", "support", found)
        town.do("citizen", "withdraw_support", found)
        with pytest.raises(ConflictError):
            town.do("citizen", "withdraw_support", found)


class TestLog:
    def test_every_change_has_its_row_and_the_chain_holds(self, town):
        town.proposal_in("done")
        kept = rows(town, log)
        assert [row["seq"] for row in sorted(kept, key=lambda r: r["seq"])] == list(
            range(1, len(kept) + 1)
        )
        assert {row["actor"] for row in kept} == {
            "system", "p-planner", "p-civil_defence", "p-secretary", "p-councillor", "p-councillor2"
        }  # fmt: skip
        assert broken(town) is None

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (update(log).where(log.c.seq == 5).values(verb="x"), "audit.row_changed"),
            (delete(log).where(log.c.seq == 5), "audit.row_missing"),
            (update(log).where(log.c.seq == 5).values(hash="0" * 64), "audit.row_changed"),
            (update(vote).values(choice="against"), "audit.record_changed"),
            (delete(vote), "audit.record_gone"),
            (update(account).where(account.c.id != "").values(role="citizen"),
             "audit.record_changed"),
        ],
    )  # fmt: skip
    def test_what_was_changed_past_the_log_is_found(self, town, spoil, reason):
        town.proposal_in("approved")
        with town.council.database.writing() as connection:
            connection.execute(spoil)
        found = broken(town)
        assert found.reason == reason
        if found.reason.startswith("audit.row"):
            assert found.seq == 5

    def test_a_record_written_past_the_log_is_found(self, town):
        town.proposal_in("submitted")
        with town.council.database.writing() as connection:
            row = {**rows(town, account)[0], "id": "f" * 16, "username": "z", "pseudonym": "z"}
            connection.execute(account.insert(), row)
        assert broken(town).reason == "audit.record_unknown"

    def test_a_refused_change_leaves_neither_record_nor_row(self, town):
        found = town.draft()
        before = rows(town, log)
        with pytest.raises(ZeroDivisionError), town.council.writing(system) as repo:
            repo.change(proposal, "edit", found, title="A medias")
            _ = 1 / 0
        assert rows(town, log) == before
        assert rows(town, proposal)[0]["title"] == found["title"]

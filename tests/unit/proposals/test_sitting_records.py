"""What is written of a sitting: who presides, why it was cancelled, what it kept at its close."""

from __future__ import annotations

import pytest
from council_sittings import FORM
from council_sittings import called
from council_sittings import do
from council_sittings import head
from council_sittings import opened
from council_sittings import version
from council_sittings import viewed

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.proposals import audit
from ilo_geo.proposals import people
from ilo_geo.proposals import tables
from ilo_geo.services.sittings import sitting_at_hand

ONLY_SQLITE = pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)


@ONLY_SQLITE
def test_a_sitting_that_is_called_is_cancelled_for_a_reason_that_stays(town):
    secretary = town.actors["secretary"]
    proposal = town.proposal_in("in_debate")
    found = called(town, proposal)
    before = head(town)
    with pytest.raises(InputError):
        do(town, "cancel_sitting", found, reason="  ")
    assert head(town) == before
    do(town, "cancel_sitting", found, reason="Se convocó por error.")
    view = viewed(town, found, "citizen")
    assert (view.record["state"], view.record["cancel_reason"]) == (
        "cancelled",
        "Se convocó por error.",
    )
    assert viewed(town, found).verbs == frozenset()
    # it is at hand no more, and what was on its agenda is free for another
    assert sitting_at_hand(town.council, secretary) is None
    asked = {"version": version(town, found), **FORM}
    for verb, said in (
        ("open_sitting", {}),
        ("cancel_sitting", {"reason": "Otra vez."}),
        ("plan_sitting", asked),
        ("record_presiding", {"presided_by": "Alguien"}),
    ):
        with pytest.raises(ConflictError):
            do(town, verb, found, **said)
    assert do(town, "open_sitting", called(town, proposal))["state"] == "open"
    with town.council.reading(people.system) as repo:
        assert audit.first_broken(repo.connection) is None


@pytest.mark.parametrize("state", ["open", "closed"])
@ONLY_SQLITE
def test_a_sitting_that_was_opened_is_cancelled_no_more(town, state):
    found, _ = opened(town)
    if state == "closed":
        do(town, "close_sitting", found)
    with pytest.raises(ConflictError):
        do(town, "cancel_sitting", found, reason="Se convocó por error.")
    assert viewed(town, found).record["state"] == state


def test_who_presides_is_written_until_the_close_and_named_with_the_casting_vote(town):
    found, (first, second) = opened(town, 2)
    for name in ("Ana Alcalde", "Ana  Alcalde "):
        do(town, "record_presiding", found, presided_by=name)
    assert version(town, found) == found["version"] + 1
    for faulty in ("", "  ", "x" * 81):
        with pytest.raises(InputError):
            do(town, "record_presiding", found, presided_by=faulty)
    for proposal, who in ((first, "Ana Alcalde"), (second, "Teniente Alcalde")):
        do(town, "record_presiding", found, presided_by=who)
        town.do("secretary", "open_vote", proposal)
        town.vote(proposal, "for", "against")
        town.do("secretary", "close_vote", proposal, casting="for", reason="Hace falta.")
    # who presides later does not take over what was cast before
    cast = [entry.votes[-1].record["casting_by"] for entry in viewed(town, found).agenda]
    assert cast == ["Ana Alcalde", "Teniente Alcalde"]
    do(town, "close_sitting", found)
    with pytest.raises(ConflictError):
        do(town, "record_presiding", found, presided_by="Otra")
    assert viewed(town, found).record["presided_by"] == "Teniente Alcalde"


@ONLY_SQLITE
def test_a_vote_without_a_tie_or_a_sitting_names_nobody(town):
    found, [proposal] = opened(town)
    do(town, "record_presiding", found, presided_by="Ana Alcalde")
    town.do("secretary", "open_vote", proposal)
    town.vote(proposal, "for", "for")
    town.do("secretary", "close_vote", proposal)
    assert viewed(town, found).agenda[0].votes[-1].record["casting_by"] is None
    outside = town.proposal_in("in_vote")
    town.vote(outside, "for", "against")
    town.do("secretary", "close_vote", outside, casting="for", reason="Hace falta.")
    with town.council.reading(people.system) as repo:
        [ballot] = repo.find(tables.ballot, tables.ballot.c.proposal_id == outside["id"])
    assert (ballot["casting"], ballot["casting_by"]) == ("for", None)


@ONLY_SQLITE
def test_of_a_closed_sitting_titles_and_states_are_those_of_its_close(town):
    found, [proposal] = opened(town)

    def rename(title):
        with town.council.writing(people.system) as repo:
            now = repo.get(tables.proposal, proposal["id"])
            repo.change(tables.proposal, "edit", now, title=title)

    rename("Parque del puerto")
    assert viewed(town, found).agenda[0].proposal["title"] == "Parque del puerto"
    do(town, "close_sitting", found)
    rename("Cambiado")
    town.do("secretary", "archive", proposal, reason="Ya no.")
    [entry] = viewed(town, found).agenda
    assert (entry.proposal["title"], entry.proposal["state"]) == ("Parque del puerto", "in_debate")

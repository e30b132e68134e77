"""Walks of sittings, votes and agendas against a second writing of their machine."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

import pytest
from council_sittings import FORM
from council_sittings import called
from council_sittings import do
from council_sittings import head
from council_sittings import version
from council_sittings import viewed
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import IloGeoError
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.services.sittings import sittings

ONLY_SQLITE = pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
# each walk writes: to find a shorter one would take minutes
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
STEPS = st.sampled_from(
    ["open 0", "open 1", "close 0", "close 1", "show 0 a", "show 0 b", "show 0 -", "show 1 a",
     "vote a", "vote b", "count a", "count b", "archive a", "present 0", "absent 0", "cast a",
     "edit 0 b", "edit 0 ab", "edit 1 a", "cancel 0", "cancel 1"]
)  # fmt: skip


@dataclass
class Model:
    """What two sittings and two proposals should be after each step, in the plainest words."""

    state: list = field(default_factory=lambda: ["planned", "planned"])
    agenda: list = field(default_factory=lambda: [["a", "b"], ["a"]])
    screen: list = field(default_factory=lambda: ["-", "-"])
    there: bool = False
    stage: dict = field(default_factory=lambda: {"a": "in_debate", "b": "in_debate"})
    # proposal → sitting of its open vote, None outside one
    votes: dict = field(default_factory=dict)
    held: set = field(default_factory=set)
    cast: dict = field(default_factory=dict)
    cast_in: set = field(default_factory=set)

    def voting_in(self, n):
        return [p for p, where in self.votes.items() if where == n]

    def outside(self, agenda):
        return [p for p in agenda if self.votes.get(p, "none") is None]

    def step(self, words):
        return getattr(self, f"_{words[0]}")(*[int(w) if w.isdigit() else w for w in words[1:]])

    def _open(self, n):
        ok = self.state[n] == "planned" and "open" not in self.state
        ok = ok and not self.outside(self.agenda[n])
        if ok:
            self.state[n] = "open"
        return ok

    def _close(self, n):
        ok = self.state[n] == "open" and not self.voting_in(n)
        if ok:
            self.state[n], self.screen[n] = "closed", "-"
        return ok

    def _cancel(self, n):
        ok = self.state[n] == "planned"
        if ok:
            self.state[n] = "cancelled"
        return ok

    def _show(self, n, p):
        ok = self.state[n] == "open" and (p == "-" or p in self.agenda[n])
        ok = ok and self.voting_in(n) in ([], [p])
        if ok:
            self.screen[n] = p
        return ok

    def _vote(self, p):
        where = next((n for n in (0, 1) if self.state[n] == "open" and p in self.agenda[n]), None)
        ok = self.stage[p] in ("in_debate", "in_vote") and p not in self.votes
        ok = ok and not (where is not None and self.voting_in(where))
        if ok:
            self.votes[p], self.stage[p], self.cast[p] = where, "in_vote", False
            if where is not None:
                self.screen[where] = p
                self.held.add((where, p))
        return ok

    def _cast(self, p):
        where = self.votes.get(p, "none")
        ok = where != "none" and (where is None or (where == 0 and self.there))
        if ok:
            self.cast[p] = True
            self.cast_in.add(where)
        return ok

    def _count(self, p):
        ok = p in self.votes
        if ok:
            # the one councillor is the quorum by a vote, or by being there without one
            unsaid = "rejected" if self.votes.pop(p) == 0 and self.there else "in_vote"
            self.stage[p] = "approved" if self.cast[p] else unsaid
        return ok

    def _archive(self, p):
        ok = self.stage[p] in ("in_debate", "in_vote")
        if ok:
            self.stage[p] = "archived"
            self.votes.pop(p, None)
        return ok

    def _present(self, n):
        ok = self.state[n] in ("planned", "open")
        self.there = self.there or ok
        return ok

    def _absent(self, n):
        ok = self.state[n] in ("planned", "open") and not (self.there and n in self.cast_in)
        if ok:
            self.there = False
        return ok

    def _edit(self, n, agenda):
        gone = [p for p in self.agenda[n] if p not in agenda]
        ok = self.state[n] in ("planned", "open") and not any((n, p) in self.held for p in gone)
        ok = ok and not (self.state[n] == "open" and self.outside(agenda))
        if ok:
            self.agenda[n] = list(agenda)
            if self.screen[n] not in agenda:
                self.screen[n] = "-"
        return ok


def real_step(town, found, proposals, words):
    verb, *rest = words
    if verb in ("vote", "count", "archive", "cast"):
        proposal = proposals[rest[0]]
        if verb == "cast":
            ballot = town.ballot(proposal) or {"id": "0"}
            return town.do("councillor", "vote", proposal, ballot_id=ballot["id"], choice="for")
        real = {"vote": "open_vote", "count": "close_vote", "archive": "archive"}[verb]
        asked = {"archive": {"reason": "r"}}.get(verb, {})
        return town.do("secretary", real, proposal, **asked)
    sitting = found[int(rest[0])]
    if verb == "show":
        shown = proposals.get(rest[1], {"id": ""})["id"]
        return do(town, "show_proposal", sitting, proposal_id=shown)
    if verb == "edit":
        agenda = [proposals[p]["id"] for p in rest[1]]
        now = version(town, sitting)
        return do(town, "plan_sitting", sitting, **FORM, agenda=agenda, version=now)
    if verb in ("present", "absent"):
        who = town.actors["councillor"].account_id
        present = verb == "present"
        return do(town, "record_attendance", sitting, account_id=who, present=present)
    asked = {"cancel": {"reason": "r"}}.get(verb, {})
    return do(town, f"{verb}_sitting", sitting, **asked)


@ONLY_SQLITE
@given(
    begun=st.sampled_from(
        [
            [],
            ["open 0"],
            ["open 0", "present 0", "vote a"],
            ["vote a", "open 1", "open 0"],
            ["edit 0 b", "open 0", "vote a"],
        ]
    ),
    steps=st.lists(STEPS, min_size=5, max_size=25),
)
@settings(max_examples=25, suppress_health_check=list(HealthCheck), phases=WITHOUT_SHRINKING)
def test_every_walk_ends_where_a_second_writing_of_the_machine_says(town, begun, steps):
    for one in sittings(town.council, town.actors["secretary"]):
        finish(town, one)
    leave_one_councillor(town)
    proposals = {name: town.proposal_in("in_debate") for name in "ab"}
    found = [called(town, proposals["a"], proposals["b"]), called(town, proposals["a"])]
    model = Model()
    for step in (*begun, *steps):
        words = step.split()
        before = head(town)
        if model.step(words):
            real_step(town, found, proposals, words)
        else:
            with pytest.raises(IloGeoError):
                real_step(town, found, proposals, words)
            assert head(town) == before, step
        for n in (0, 1):
            view = viewed(town, found[n])
            on_screen = view.current.proposal["id"] if view.current else ""
            assert view.record["state"] == model.state[n], step
            assert on_screen == proposals.get(model.screen[n], {"id": ""})["id"], step
            names = [proposals[p]["id"] for p in model.agenda[n]]
            assert [entry.proposal["id"] for entry in view.agenda] == names
        assert viewed(town, found[0]).n_present == model.there
    with town.council.reading(system) as repo:
        assert audit.first_broken(repo.connection) is None


def leave_one_councillor(town):
    with town.council.writing(system) as repo:
        for name in ("councillor2", "councillor3"):
            found = repo.get(account, town.actors[name].account_id)
            if found["active"]:
                repo.change(account, "change_account", found, active=False)


def finish(town, one):
    """Close what an earlier walk left open."""
    for entry in viewed(town, one).agenda:
        if any(held.is_open for held in entry.votes):
            town.do("secretary", "archive", entry.proposal, reason="r")
    if viewed(town, one).record["state"] == "open":
        do(town, "close_sitting", one)

"""The table of permissions, cell by cell, against a second writing of it by hand."""

from __future__ import annotations

import itertools

import pytest

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals.commands import COMMANDS
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.people import VISITOR
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.states import lifecycle

STATES = tuple(lifecycle().states)
# s submitted, r in review, o observed, b in debate, v in vote, y approved, n rejected, a archived,
# p in progress, c completed, d draft; capitals: one's own only; * whatever the state
LETTERS = dict(zip("drsobvynapc", (
    "draft", "in_review", "submitted", "observed", "in_debate", "in_vote", "approved", "rejected",
    "archived", "in_progress", "done"), strict=True))  # fmt: skip
PUBLIC, TALK = "srobvynapc", "srobv"
COLUMNS = ("visitor", "citizen", "planner", "civil_defence", "councillor", "secretary",
           "administrator")  # fmt: skip
TABLE = {
    "read": (PUBLIC, PUBLIC, f"D{PUBLIC}", f"D{PUBLIC}", f"D{PUBLIC}", PUBLIC, PUBLIC),
    "create": ("", "", "*", "*", "*", "", ""),
    "edit": ("", "", "DO", "DO", "DO", "", ""),
    "discard": ("", "", "D", "D", "D", "", ""),
    "submit": ("", "", "D", "D", "D", "", ""),
    "take_up": ("", "", "s", "s", "", "", ""),
    "observe": ("", "", "r", "r", "", "", ""),
    "answer": ("", "", "O", "O", "O", "", ""),
    "assess": ("", "", "r", "r", "", "", ""),
    "attach": ("", "", "DOr", "DOr", "DO", "", ""),
    "detach": ("", "", "DO", "DO", "DO", PUBLIC, ""),
    "open_debate": ("", "", "", "", "", "r", ""),
    "open_vote": ("", "", "", "", "", "bv", ""),
    "vote": ("", "", "", "", "v", "", ""),
    "close_vote": ("", "", "", "", "", "v", ""),
    "archive": ("", "", "", "", "", TALK, ""),
    "start": ("", "", "y", "", "", "", ""),
    "complete": ("", "", "p", "", "", "", ""),
    "comment": ("", "", TALK, TALK, TALK, TALK, ""),
    "hide_comment": ("", "", "", "", "", PUBLIC, ""),
    "show_comment": ("", "", "", "", "", PUBLIC, ""),
    "support": ("", TALK, "", "", "", "", ""),
    "withdraw_support": ("", TALK, "", "", "", "", ""),
    "join_campaign": ("", "", TALK, "", "", TALK, ""),
    "leave_campaign": ("", "", TALK, "", "", TALK, ""),
    "see": ("*",) * 7,
    "load_data": ("", "", "*", "*", "", "", "*"),
    "read_campaign": ("*",) * 7,
    "create_campaign": ("", "", "*", "", "", "*", ""),
    "edit_campaign": ("", "", "*", "", "", "*", ""),
    "move_campaign": ("", "", "", "", "", "*", ""),
    "read_scenario": ("", "", "*", "*", "*", "*", ""),
    "create_scenario": ("", "", "*", "*", "*", "", ""),
    "edit_scenario": ("", "", "+", "+", "+", "", ""),
    "discard_scenario": ("", "", "+", "+", "+", "", ""),
    "read_sitting": ("*",) * 7,
    **dict.fromkeys(
        ("plan_sitting", "cancel_sitting", "open_sitting", "record_attendance",
         "record_presiding", "show_proposal", "close_sitting"),
        ("", "", "", "", "", "*", ""),
    ),
    **dict.fromkeys(
        ("read_people", "create_account", "invite", "change_account", "reset_password",
         "erase_account", "change_setting"),
        ("", "", "", "", "", "", "*"),
    ),
    "read_audit": ("", "", "", "", "", "*", "*"),
}  # fmt: skip


def expected(verb: str, role: str, state: str | None, *, own: bool) -> bool:
    cell = TABLE[verb][COLUMNS.index(role)]
    if "*" in cell or ("+" in cell and own):
        return True
    letter = next((key for key, name in LETTERS.items() if name == state), None)
    return letter is not None and (letter in cell or (own and letter.upper() in cell))


def test_the_two_writings_name_the_same_verbs_and_roles() -> None:
    assert set(TABLE) == set(permissions().verbs)
    assert {VISITOR, *ROLES} == set(COLUMNS) == set(permissions().roles)
    assert set(LETTERS.values()) == set(STATES)
    assert {role for verb in permissions().verbs.values() for role in verb.grants} <= set(COLUMNS)


@pytest.mark.parametrize("verb", TABLE)
def test_every_cell_is_as_written_by_hand(verb: str) -> None:
    wrong = [
        (role, state, own)
        for role, state, own in itertools.product(COLUMNS, (*STATES, None), (False, True))
        if allows(Actor(role, role, "x"), verb, state, own=own, open_to_all=True)
        != expected(verb, role, state, own=own)
    ]
    assert wrong == []


def test_a_closed_planner_grants_visitors_nothing() -> None:
    granted = [
        (verb, state)
        for verb, state in itertools.product(TABLE, (*STATES, None))
        if allows(Actor(VISITOR, VISITOR), verb, state, open_to_all=False)
    ]
    assert granted == []


def test_an_unknown_verb_or_role_is_refused() -> None:
    assert not allows(Actor("planner", "p", "x"), "rule", "draft", own=True, open_to_all=True)
    assert not allows(Actor("king", "k", "x"), "read", "approved", own=True, open_to_all=True)


ASKED = {
    "observe": {"reason": "r"},
    "answer": {"reason": "r"},
    "archive": {"reason": "r"},
    "assess": {"verdict": "feasible", "reason": "r"},
    "comment": {"stance": "remark", "text": "t"},
    "hide_comment": {"comment_id": "0", "reason": "r"},
    "show_comment": {"comment_id": "0"},
    "detach": {"document_id": "0", "reason": "r"},
    "vote": {"ballot_id": "0", "choice": "for"},
}


@pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
def test_every_verb_by_every_role_in_every_state_is_done_or_changes_nothing(town) -> None:
    """Walk the whole table through the real commands: what is not granted leaves no trace."""
    for state in STATES:
        found = town.proposal_in(state)
        for (role, actor), verb in itertools.product(town.actors.items(), COMMANDS):
            own = role == "planner"
            if expected(verb, actor.role, state, own=own):
                continue
            before = town.council.database.path.stat().st_mtime_ns, records(town)
            with pytest.raises((RefusedError, ConflictError, NotFoundError)):
                town.council.do(actor, verb, found["id"], ASKED.get(verb, {}))
            assert records(town) == before[1], (state, role, verb)


def records(town) -> list[tuple[int, str]]:
    from ilo_geo.proposals import audit
    from ilo_geo.proposals.people import system

    with town.council.reading(system) as repo:
        head = audit.head(repo.connection)
        return [(head.seq, head.hash)]

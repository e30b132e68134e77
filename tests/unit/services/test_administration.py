"""Invitations, administering and what is held of a person, in both databases."""

from __future__ import annotations

import json

import pytest
from people_town import NAME
from people_town import WORDS
from people_town import intact
from people_town import rows
from people_town import visit
from signed_in import person_with_password
from sqlalchemy import event

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals import audit
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import metadata
from ilo_geo.services import administration
from ilo_geo.services import invitations
from ilo_geo.services.personal_data import OF_ACCOUNT
from ilo_geo.services.personal_data import OF_PSEUDONYM
from ilo_geo.services.personal_data import held_of
from ilo_geo.services.personal_data import written

RULES = account_rules()


@pytest.fixture(autouse=True)
def cheap(cheap_hashes):
    """What is tried here is not the cost of a hash."""


# --- invitations ---


def invited(town, role="citizen", days=7):
    asked = {"role": role, "days": days}
    return administration.invite(town.council, town.actors["administrator"], asked)


ASKED = {"username": "nueva.vecina", "display_name": "Nueva Vecina"}


def test_an_invitation_works_once_and_gives_its_own_role(town):
    record, token = invited(town, "secretary")
    assert token not in str(record)
    session = invitations.accept_invitation(town.council, token, ASKED, WORDS)
    found = visit(town, session)
    assert (found.actor.role, found.must_change) == ("secretary", False)
    for _ in range(2):
        with pytest.raises(NotFoundError):
            invitations.accept_invitation(town.council, token, {**ASKED, "username": "otra"}, WORDS)
    assert intact(town)


def test_an_invitation_that_is_over_withdrawn_or_forged_opens_nothing(town):
    record, token = invited(town)
    boss = town.actors["administrator"]
    administration.withdraw(town.council, boss, {"invitation_id": record["id"]})
    _, late = invited(town, days=1)
    town.clock.move(days=1)
    for bad in (token, late, "", "x", record["token_sha256"]):
        with pytest.raises(NotFoundError):
            invitations.invited(town.council, bad)
        with pytest.raises(NotFoundError):
            invitations.accept_invitation(town.council, bad, ASKED, WORDS)
    assert intact(town)


@pytest.mark.parametrize("end", ["suspend", "demote", "erase"])
def test_an_invitation_of_who_may_invite_no_more_opens_nothing(town, end):
    boss, host = town.actors["administrator"], town.person("administrator", "cesado")
    asked = {"role": "administrator", "days": 30}
    _, token = administration.invite(town.council, host, asked)
    assert invitations.invited(town.council, token).role == "administrator"
    assert len(administration.people_of(town.council, boss).invitations) == 1
    seen = {"account_id": host.account_id, "version": 1}
    {
        "suspend": lambda: administration.change(
            town.council, boss, {**seen, "role": "administrator", "active": False}
        ),
        "demote": lambda: administration.change(
            town.council, boss, {**seen, "role": "planner", "active": True}
        ),
        "erase": lambda: administration.erase(town.council, boss, seen),
    }[end]()
    with pytest.raises(NotFoundError) as refused:
        invitations.accept_invitation(town.council, token, ASKED, WORDS)
    assert refused.value.code == "account.invitation_gone"
    # nor is it shown as if it were open
    assert administration.people_of(town.council, boss).invitations == ()
    assert intact(town)


def test_a_role_sent_beside_is_refused(town):
    _, token = invited(town)
    with pytest.raises(InputError):
        invitations.accept_invitation(
            town.council, token, {**ASKED, "role": "administrator"}, WORDS
        )
    with pytest.raises(ConflictError):
        invitations.accept_invitation(town.council, token, {**ASKED, "username": "planner"}, WORDS)
    # what went wrong did not use it up
    assert invitations.accept_invitation(town.council, token, ASKED, WORDS)


@pytest.mark.parametrize("days", [0, -1, 31, "x", 10**9])
def test_an_invitation_has_an_end(town, days):
    with pytest.raises(InputError):
        invited(town, days=days)


# --- administering ---


def doings(town, rosa):
    seen = {"account_id": rosa, "version": 1}
    return {
        "read_people": lambda a: administration.people_of(town.council, a),
        "create_account": lambda a: administration.create(
            town.council, a, {**ASKED, "role": "citizen"}
        ),
        "change_account": lambda a: administration.change(
            town.council, a, {**seen, "role": "citizen", "active": True}
        ),
        "reset_password": lambda a: administration.reset(town.council, a, seen),
        "erase_account": lambda a: administration.erase(town.council, a, seen),
        "invite": lambda a: administration.invite(town.council, a, {"role": "citizen"}),
        "change_setting": lambda a: administration.set_open(
            town.council, a, {"open_to_all": True, "version": 0}
        ),
        "read_audit": lambda a: administration.audit_state(town.council, a),
    }


def test_who_does_not_administer_changes_nobody(town, rosa):
    before = rows(town, account)
    for role in (*ROLES, "visitor"):
        for verb, do in doings(town, rosa).items():
            if role == "administrator" or (role, verb) == ("secretary", "read_audit"):
                continue
            with pytest.raises(RefusedError):
                do(town.actors[role])
    assert rows(town, account) == before
    for verb in ("read_people", "read_audit", "create_account", "invite", "change_setting"):
        doings(town, rosa)[verb](town.actors["administrator"])


def test_the_second_of_two_who_change_an_account_is_told(town, rosa):
    boss = town.actors["administrator"]
    asked = {"account_id": rosa, "version": 1, "role": "secretary", "active": True}
    administration.change(town.council, boss, asked)
    for late in (
        lambda: administration.change(town.council, boss, {**asked, "role": "planner"}),
        lambda: administration.reset(town.council, boss, {"account_id": rosa, "version": 1}),
        lambda: administration.erase(town.council, boss, {"account_id": rosa, "version": 1}),
    ):
        with pytest.raises(ConflictError):
            late()
    (found,) = rows(town, account, account.c.id == rosa)
    assert (found["role"], found["version"]) == ("secretary", 2)
    for version in (0, 1):
        administration.set_open(town.council, boss, {"open_to_all": True, "version": version})
        with pytest.raises(ConflictError):
            administration.set_open(town.council, boss, {"open_to_all": False, "version": version})


def test_the_last_who_administers_stays(town):
    boss = town.actors["administrator"]
    mine = {"account_id": boss.account_id, "version": 1}
    tries = (
        lambda: administration.change(
            town.council, boss, {**mine, "role": "planner", "active": True}
        ),
        lambda: administration.change(
            town.council, boss, {**mine, "role": "administrator", "active": False}
        ),
        lambda: administration.erase(town.council, boss, mine),
    )
    for late in tries:
        with pytest.raises(ConflictError) as refused:
            late()
        assert refused.value.code == "account.last_administrator"
    # one that is suspended is no other
    other = town.person("administrator", "otro")
    asked = {"account_id": other.account_id, "version": 1, "role": "administrator"}
    administration.change(town.council, boss, {**asked, "active": False})
    with pytest.raises(ConflictError):
        tries[0]()
    administration.change(town.council, boss, {**asked, "version": 2, "active": True})
    tries[0]()
    assert intact(town)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "a"},
        {"username": "con espacio"},
        {"username": "../../etc"},
        {"username": "<script>"},
        {"username": "x" * 41},
        {"display_name": ""},
        {"display_name": "\u202e\u200b"},
        {"display_name": "x" * 101},
        {"role": "system"},
        {"role": "visitor"},
        {"role": ""},
        {"active": True},
        {"password_hash": "x"},
    ],
)
def test_a_faulty_account_is_not_made(town, wrong):
    asked = {**ASKED, "role": "citizen", **wrong}
    with pytest.raises(InputError):
        administration.create(town.council, town.actors["administrator"], asked)


def test_letters_that_look_alike_are_one_name(town):
    boss = town.actors["administrator"]
    administration.create(town.council, boss, {**ASKED, "role": "citizen"})
    for twin in ("NUEVA.VECINA", "\uff4eueva.vecina", " nueva.vecina"):
        with pytest.raises(ConflictError):
            administration.create(
                town.council, boss, {**ASKED, "username": twin, "role": "citizen"}
            )


# --- what is kept of a person ---


def test_a_person_is_told_all_that_is_held_of_them(town, rosa):
    actor = town.actors["planner"]
    found = town.proposal_in("in_debate")
    town.do("planner", "comment", found, stance="for", text="Hace falta.")
    held = held_of(town.council, actor.account_id)
    assert held["account"][0]["username"] == "planner"
    assert [row["id"] for row in held["proposal"]] == [found["id"]]
    assert [row["text"] for row in held["comment"]] == ["Hace falta."]
    assert {row["actor"] for row in held["audit"]} == {actor.pseudonym}
    assert json.loads(written(held)) == held
    # nothing of anybody else, and no key
    everything = written(held_of(town.council, rosa))
    assert "argon2" not in everything
    assert '"password_hash": true' in everything
    assert "planner" not in everything
    assert "Hace falta" not in everything


def test_of_what_one_did_to_anothers_record_only_that_is_told(town):
    found = town.proposal_in("in_debate")
    town.do("planner", "comment", found, stance="for", text="Palabras de otra persona.")
    with town.council.reading(system) as repo:
        said = repo.first(comment)
    town.do("secretary", "hide_comment", found, comment_id=said["id"], reason="Motivo propio.")
    for who, own in (("secretary", "Motivo propio."), ("civil_defence", "Por escrito.")):
        told = written(held_of(town.council, town.actors[who].account_id))
        assert own in told
        assert "Palabras de otra persona." not in told
        assert found["title"] not in told
        assert town.actors["planner"].account_id not in told


def test_every_table_that_names_a_person_is_asked(town):

    # an oracle of its own: columns that point at an account, or hold what one signs with
    naming = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is account for key in column.foreign_keys)
        or column.name.endswith("_by")
        or column.name == "actor"
    }
    # who presided, as the secretary wrote it for the minutes: of an office, not of an account
    written_by_hand = {("sitting", "presided_by"), ("ballot", "casting_by")}
    assert written_by_hand <= naming
    assert {name for _, name in naming - written_by_hand} == {*OF_ACCOUNT, *OF_PSEUDONYM}


def test_erasing_takes_the_person_and_leaves_the_record(town, rosa, enter):
    enter()
    (before,) = rows(town, account, account.c.id == rosa)
    log = rows(town, audit.audit)
    boss = town.actors["administrator"]
    administration.erase(town.council, boss, {"account_id": rosa, "version": 1})
    (after,) = rows(town, account, account.c.id == rosa)
    gone = ("username", "display_name", "password_hash", "salt")
    assert [after[name] for name in gone] == [None] * 4
    assert (after["pseudonym"], after["role"]) == (before["pseudonym"], before["role"])
    assert not after["active"]
    assert rows(town, audit.audit)[: len(log)] == log
    assert intact(town)
    # nowhere in any table

    for table in metadata.sorted_tables:
        said = str(rows(town, table))
        assert NAME not in said
        assert before["display_name"] not in said
        assert before["salt"] not in said
    with pytest.raises(ConflictError):
        administration.reset(town.council, boss, {"account_id": rosa, "version": 2})
    # the name is free again, for another person
    person_with_password(town.council, NAME, WORDS)


@pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
def test_who_is_erased_is_in_no_byte_of_the_file(town, rosa):
    (before,) = rows(town, account, account.c.id == rosa)
    path = town.council.database.path

    def kept():
        return b"".join(one.read_bytes() for one in (path, path.with_name(f"{path.name}-wal")))

    told = [before[name].encode() for name in ("username", "display_name", "password_hash", "salt")]
    assert all(one in kept() for one in told)
    boss = town.actors["administrator"]
    administration.erase(town.council, boss, {"account_id": rosa, "version": 1})
    assert [one for one in told if one in kept()] == []


@pytest.mark.parametrize("council_url", ["sqlite"], indirect=True)
def test_who_reads_meanwhile_does_not_undo_an_erasing(town, rosa, caplog):
    engine, boss = town.council.database.engine, town.actors["administrator"]
    engine.dispose()
    event.listen(engine, "connect", lambda opened, _: opened.execute("PRAGMA busy_timeout=0"))
    with town.council.database.reading() as connection:
        connection.execute(account.select()).all()
        administration.erase(town.council, boss, {"account_id": rosa, "version": 1})
    assert "may still be in the log" in caplog.text
    (after,) = rows(town, account, account.c.id == rosa)
    assert after["username"] is None


def test_what_somebody_wrote_stays_after_they_are_erased(town):
    found = town.proposal_in("in_vote")
    town.vote(found, "for", "against")
    voter = town.actors["councillor"]
    administration.erase(
        town.council,
        town.actors["administrator"],
        {"account_id": voter.account_id, "version": 1},
    )
    held = held_of(town.council, voter.account_id)
    assert [row["choice"] for row in held["vote"]] == ["for"]
    assert intact(town)

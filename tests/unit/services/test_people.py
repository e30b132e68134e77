"""Signing in and sessions in both databases, against what somebody would try."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest
from people_town import ELSEWHERE
from people_town import NAME
from people_town import WORDS
from people_town import intact
from people_town import rows
from people_town import visit
from signed_in import person_with_password

from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SignInError
from ilo_geo.core.errors import TooOftenError
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.commands import accounts
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import login_session
from ilo_geo.services import administration
from ilo_geo.services import people
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council
from ilo_geo.services.gis_access import GisAccess
from ilo_geo.services.passwords import passwords

RULES = account_rules()


@pytest.fixture(autouse=True)
def cheap(cheap_hashes):
    """What is tried here is not the cost of a hash."""


# --- the first start ---


def test_the_first_start_makes_one_administrator_once(small_area, tmp_path, council_url):

    area = open_area(small_area.catalogue.folder, Workspace(tmp_path / "w"))
    council = open_council(lambda: area, url=council_url)
    username, password = people.first_administrator(council)
    assert people.first_administrator(council) is None
    found = people.visit_of(council, people.sign_in(council, username, password, ""))
    assert (found.actor.role, found.must_change) == ("administrator", True)
    council.database.close()


def test_where_there_are_people_nobody_is_made(town):
    assert people.first_administrator(town.council) is None


# --- signing in ---


def test_who_signs_in_is_who_they_are(town, rosa, enter):
    found = visit(town, enter(name=" ROSA.Mamani "))
    assert (found.actor.account_id, found.actor.role) == (rosa, "councillor")
    assert found.username == NAME
    assert not visit(town, None).is_signed_in
    assert not visit(town, "").is_signed_in
    assert not visit(town, "0" * 43).is_signed_in


def test_the_token_is_nowhere_in_the_database(town, enter):
    token = enter()
    (kept,) = rows(town, login_session)
    assert token not in str(kept)
    assert kept["token_sha256"] == accounts.sha256_of(token)
    # and the digest opens nothing
    assert not visit(town, kept["token_sha256"]).is_signed_in


def test_every_sign_in_has_a_token_of_its_own(town, enter):
    tokens = {enter() for _ in range(4)}
    assert len(tokens) == 4
    assert all(visit(town, token).is_signed_in for token in tokens)


def test_an_unknown_name_a_wrong_password_and_a_suspended_account_are_told_alike(town, enter):
    person_with_password(town.council, "quieto", WORDS)
    with town.council.writing(system) as repo:
        found = repo.first(account, account.c.username == "quieto")
        repo.change(account, "change_account", found, active=False)
    told = []
    for name, words in ((NAME, "otra"), ("nadie", WORDS), ("quieto", WORDS), ("planner", WORDS)):
        with pytest.raises(SignInError) as refused:
            enter(words, name)
        told.append(str(refused.value))
    assert len(set(told)) == 1


def test_an_unknown_name_costs_the_same_work(town, enter, monkeypatch):
    done = []
    real = argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher,
        "verify",
        lambda self, kept, words: (
            done.append(argon2.extract_parameters(kept)) or real(self, kept, words)
        ),
    )
    statements = []
    for name in (NAME, "nadie", "planner", "", "x" * 5000, "' or 1=1 --"):
        done.clear()
        before = len(rows(town, attempt))
        with pytest.raises(SignInError):
            enter("otra", name)
        statements.append((len(done), str(done[0]), len(rows(town, attempt)) - before))
    # one verification at the same cost, two tries written: whoever asks for whomever
    assert len(set(statements)) == 1
    assert statements[0][0] == 1


def test_a_hash_of_another_cost_is_made_anew(town, rosa, enter):
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS)
    with town.council.writing(system) as repo:
        repo.change(account, "reset_password", repo.get(account, rosa), password_hash=cheap)
    enter()
    (kept,) = rows(town, account, account.c.id == rosa)
    assert kept["password_hash"].startswith("$argon2id$v=19$m=64,t=1,p=1$")
    enter()
    assert intact(town)


# --- how long ---


def test_a_session_ends_when_nobody_asks(town, enter):
    token = enter()
    idle = RULES.session.idle_min
    for _ in range(5):
        town.clock.move(minutes=idle - 2)
        assert visit(town, token).is_signed_in
    town.clock.move(minutes=idle)
    assert not visit(town, token).is_signed_in


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(town, enter):
    token = enter()
    for _ in range(int(RULES.session.idle_min) - 1):
        town.clock.move(minutes=1)
        assert visit(town, token, by_person=False).is_signed_in
    town.clock.move(minutes=2)
    assert not visit(town, token, by_person=False).is_signed_in


def test_a_session_ends_after_a_day_s_work_whatever_is_done(town, enter):
    token = enter()
    step = timedelta(minutes=20)
    for _ in range(int(timedelta(hours=RULES.session.absolute_h) / step) - 1):
        town.clock.at += step
        assert visit(town, token).is_signed_in
    town.clock.at += step
    assert not visit(town, token).is_signed_in


def test_the_next_sign_in_clears_sessions_that_are_over(town, enter):
    enter()
    town.clock.move(hours=RULES.session.absolute_h)
    enter()
    assert len(rows(town, login_session)) == 1


def test_a_clock_set_back_ends_nothing_and_reopens_nothing(town, enter):
    token = enter()
    town.clock.move(hours=-5)
    assert visit(town, token).is_signed_in
    town.clock.move(hours=5 + RULES.session.absolute_h)
    assert not visit(town, token).is_signed_in


def test_a_row_of_a_clock_that_was_a_year_ahead_shuts_nobody_out_and_keeps_nobody_in(town, enter):
    town.clock.move(days=365)
    ahead = enter()
    town.draft()
    fail(enter, RULES.sign_in.most_by_account)
    town.clock.move(days=-365)
    assert not visit(town, ahead).is_signed_in
    fail(enter, RULES.sign_in.most_by_account)
    with pytest.raises(TooOftenError):
        enter()
    town.clock.move(minutes=RULES.sign_in.window_min)
    token = enter()
    town.clock.move(minutes=RULES.session.idle_min)
    assert not visit(town, token).is_signed_in


def test_a_database_that_cannot_be_written_does_not_stop_who_reads(town, enter, monkeypatch):

    token = enter()
    town.clock.move(minutes=5)

    def busy(_self):
        raise DatabaseError("council.database_busy", where="x")

    monkeypatch.setattr(type(town.council.database), "writing", busy)
    assert visit(town, token).is_signed_in


# --- out ---


def test_after_signing_out_the_token_opens_nothing(town, enter):
    token, other = enter(), enter()
    people.sign_out(town.council, visit(town, token))
    assert not visit(town, token).is_signed_in
    assert visit(town, other).is_signed_in


def test_another_password_ends_every_session(town, enter):
    mine, other = enter(), enter()
    fresh = people.change_password(town.council, visit(town, mine), WORDS, "otra frase larga", "")
    assert not visit(town, mine).is_signed_in
    assert not visit(town, other).is_signed_in
    assert visit(town, fresh).is_signed_in
    with pytest.raises(SignInError):
        enter()
    assert visit(town, enter("otra frase larga")).is_signed_in
    assert intact(town)


def test_the_password_is_asked_for_again_before_it_is_changed(town, enter):
    found = visit(town, enter())
    with pytest.raises(SignInError):
        people.change_password(town.council, found, "no es", "otra frase larga", "")
    with pytest.raises(InputError):
        people.change_password(town.council, found, WORDS, "corta", "")
    # the same letters, however they were typed
    for same in (WORDS, WORDS.replace("f", "\uff46")):
        with pytest.raises(InputError) as refused:
            people.change_password(town.council, found, WORDS, same, "")
        assert refused.value.code == "account.password_same"
    assert visit(town, enter()).is_signed_in


@pytest.mark.parametrize("act", ["suspend", "reset"])
def test_what_who_administers_did_meanwhile_stands(town, rosa, enter, monkeypatch, act):
    found, real = visit(town, enter()), type(passwords()).hash
    boss, seen = town.actors["administrator"], {"account_id": rosa, "version": 1}
    asked = {**seen, "role": "councillor", "active": False}

    def hashing(self, words):
        monkeypatch.setattr(type(passwords()), "hash", real)
        if act == "reset":
            administration.reset(town.council, boss, seen)
        else:
            administration.change(town.council, boss, asked)
        return real(self, words)

    monkeypatch.setattr(type(passwords()), "hash", hashing)
    with pytest.raises(SignInError):
        people.change_password(town.council, found, WORDS, "otra frase larga", "")
    (after,) = rows(town, account, account.c.id == rosa)
    assert (after["version"], after["must_change"]) == (2, act == "reset")
    with pytest.raises(SignInError):
        enter("otra frase larga")
    assert intact(town)


@pytest.mark.parametrize("change", ["suspend", "reset", "erase"])
def test_what_is_done_to_an_account_ends_its_sessions_at_once(town, rosa, enter, change):
    token = enter()
    boss = town.actors["administrator"]
    (found,) = rows(town, account, account.c.id == rosa)
    seen = {"account_id": rosa, "version": found["version"]}
    {
        "suspend": lambda: administration.change(
            town.council, boss, {**seen, "role": "councillor", "active": False}
        ),
        "reset": lambda: administration.reset(town.council, boss, seen),
        "erase": lambda: administration.erase(town.council, boss, seen),
    }[change]()
    assert not visit(town, token).is_signed_in
    with pytest.raises(SignInError):
        enter()


def test_another_role_holds_from_the_next_request(town, rosa, enter):
    token = enter()
    asked = {"account_id": rosa, "version": 1, "role": "citizen", "active": True}
    administration.change(town.council, town.actors["administrator"], asked)
    assert visit(town, token).actor.role == "citizen"


# --- how often ---


def fail(enter, times, **who):
    for _ in range(times):
        with pytest.raises(SignInError):
            enter("no es", **who)


def test_an_account_is_shut_for_a_while_and_opens_again(town, enter):
    fail(enter, RULES.sign_in.most_by_account)
    with pytest.raises(TooOftenError) as refused:
        enter()
    seconds = refused.value.fields["seconds"]
    assert 0 < seconds <= RULES.sign_in.window_min * 60
    # from elsewhere too; others are not shut out with it
    with pytest.raises(TooOftenError):
        enter(where="198.51.100.9")
    person_with_password(town.council, "otra.persona", WORDS)
    assert enter(name="otra.persona")
    # asking in vain does not make it longer
    town.clock.move(seconds=seconds + 1)
    assert visit(town, enter()).is_signed_in


def test_an_address_that_tries_many_names_is_shut_for_a_while(town, enter):
    for n in range(RULES.sign_in.most_by_address):
        fail(enter, 1, name=f"nombre{n}")
    with pytest.raises(TooOftenError):
        enter()
    assert enter(where="198.51.100.9")
    town.clock.move(minutes=RULES.sign_in.window_min)
    assert enter()


def test_the_right_password_forgives_the_tries_before(town, enter):
    for _ in range(3):
        fail(enter, RULES.sign_in.most_by_account - 1)
        assert enter()


def test_failures_are_kept_no_longer_than_they_count(town, enter):
    fail(enter, 3)
    kept = rows(town, attempt)
    assert len(kept) == 6
    assert NAME not in str(kept)
    assert ELSEWHERE not in str(kept)
    town.clock.move(minutes=RULES.sign_in.window_min)
    enter()
    assert rows(town, attempt) == []


def test_who_tries_at_once_is_counted_before_the_answer(town, rosa, monkeypatch):
    """While a check is under way its try stands already: many at once are not many free ones."""
    most = RULES.sign_in.most_by_account
    depth = []

    def fits(_self, _kept, _words):
        depth.append(1)
        if len(depth) < most + 5:
            with pytest.raises((SignInError, TooOftenError)):
                people.sign_in(town.council, NAME, "no es", ELSEWHERE)
        return False

    monkeypatch.setattr(type(passwords()), "fits", fits)
    with pytest.raises(SignInError):
        people.sign_in(town.council, NAME, "no es", ELSEWHERE)
    assert len(depth) == most


# --- programs with a password ---


def test_a_gis_is_believed_for_a_while_and_not_after_a_change(town, rosa, monkeypatch):
    checked = []
    real = type(passwords()).fits
    monkeypatch.setattr(
        type(passwords()),
        "fits",
        lambda self, *a: checked.append(1) or real(self, *a),
    )
    gis = GisAccess(town.council)
    for _ in range(3):
        assert gis.proven(NAME, WORDS, ELSEWHERE).account_id == rosa
    assert len(checked) == 1
    town.clock.move(minutes=RULES.gis.believed_min)
    gis.proven(NAME, WORDS, ELSEWHERE)
    assert len(checked) == 2
    for name, words in ((NAME, "no es"), ("nadie", WORDS), ("", "")):
        with pytest.raises(SignInError):
            gis.proven(name, words, ELSEWHERE)
    with town.council.writing(system) as repo:
        accounts.change_own_password(repo, rosa, passwords().hash("otra frase larga"))
    with pytest.raises(SignInError):
        gis.proven(NAME, WORDS, ELSEWHERE)
    assert gis.proven(NAME, "otra frase larga", ELSEWHERE)
    with town.council.writing(system) as repo:
        repo.change(account, "change_account", repo.get(account, rosa), active=False)
    with pytest.raises(SignInError):
        gis.proven(NAME, "otra frase larga", ELSEWHERE)

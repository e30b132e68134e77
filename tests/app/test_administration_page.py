"""Administración over HTTP: who may, what is told once, two windows, the last who administers."""

from __future__ import annotations

import re

import pytest
from browsers import HTML
from browsers import enter
from browsers import inside
from people_town import NAME
from people_town import WORDS
from signed_in import person_with_password
from signed_in import session_for
from signed_in import signed

from ilo_geo.proposals import audit
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import invitation

ROOT = "/administracion"
NEW = {"username": "nuevo.regidor", "display_name": "Nuevo <b>Regidor</b>", "role": "councillor"}


@pytest.fixture
def boss(server, village):
    return signed(server.test_client(), session_for(village.council, "administrator"))


def found(village, username):
    with village.council.reading(system) as repo:
        return repo.first(account, account.c.username == username)


def told(answer):
    return re.search(r"<code>([^<]+)</code>", answer.get_data(as_text=True))[1]


def changes(village):
    """Return every change that can be asked for, as (address, form)."""
    someone = found(village, NAME)
    seen = {"version": someone["version"]}
    one = f"{ROOT}/cuentas/{someone['id']}"
    return {
        "create": (f"{ROOT}/cuentas", NEW),
        "change": (one, {**seen, "role": "citizen", "active": "on"}),
        "reset": (f"{one}/clave", seen),
        "erase": (f"{one}/borrar", {**seen, "sure": "on"}),
        "invite": (f"{ROOT}/invitaciones", {"role": "citizen", "days": "3"}),
        "open": (f"{ROOT}/ajustes", {"open_to_all": "true", "version": "0"}),
    }


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_nobody_else_changes_anything(server, village, role):
    client = signed(server.test_client(), session_for(village.council, role))
    with village.council.reading(system) as repo:
        before = audit.head(repo.connection)
    for path, form in changes(village).values():
        assert client.post(path, data=form).status_code == 403, path
    assert client.get(ROOT).status_code == 403
    assert client.get(f"{ROOT}/auditoria").status_code == (200 if role == "secretary" else 403)
    with village.council.reading(system) as repo:
        assert audit.head(repo.connection) == before


def test_an_account_is_made_and_its_password_told_once(boss, village, browser_of):
    answer = boss.post(f"{ROOT}/cuentas", data=NEW)
    password = told(answer)
    assert "&lt;b&gt;Regidor" in answer.get_data(as_text=True)
    assert "<b>Regidor" not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert password not in boss.get(ROOT).get_data(as_text=True)
    assert enter(browser_of(), password, "nuevo.regidor").status_code == 303
    again = boss.post(f"{ROOT}/cuentas", data=NEW)
    assert again.status_code == 409
    # what was typed is still there
    assert 'value="nuevo.regidor"' in again.get_data(as_text=True)


def test_a_role_changes_and_an_account_is_suspended(boss, village, browser_of):
    client = browser_of()
    enter(client)
    path, form = changes(village)["change"]
    assert boss.post(path, data={**form, "role": "secretary"}).status_code == 303
    assert found(village, NAME)["role"] == "secretary"
    assert inside(client)
    # a box that is not ticked is not sent
    assert boss.post(path, data={"version": "2", "role": "secretary"}).status_code == 303
    assert not inside(client)
    assert enter(browser_of()).status_code == 401


def test_two_windows_on_one_account(boss, village):
    path, form = changes(village)["change"]
    assert boss.post(path, data=form).status_code == 303
    late = boss.post(path, data={**form, "role": "administrator"})
    assert late.status_code == 409
    assert found(village, NAME)["role"] == "citizen"


def test_a_new_password_ends_the_sessions_before(boss, village, browser_of):
    client = browser_of()
    enter(client)
    path, form = changes(village)["reset"]
    password = told(boss.post(path, data=form))
    assert not inside(client)
    assert enter(browser_of()).status_code == 401
    assert enter(browser_of(), password).status_code == 303


def test_nobody_is_erased_by_one_press(boss, village):
    path, form = changes(village)["erase"]
    assert boss.post(path, data={"version": "1"}).status_code == 400
    assert found(village, NAME) is not None
    assert boss.post(path, data=form).status_code == 303
    assert found(village, NAME) is None
    page = boss.get(ROOT).get_data(as_text=True)
    assert "Cuenta retirada" in page
    assert NAME not in page


def test_the_last_who_administers_cannot_leave(boss, village):
    with village.council.reading(system) as repo:
        bosses = repo.find(account, account.c.role == "administrator")
    # the town's own first, then the one who asks: the last
    bosses.sort(key=lambda one: one["username"] != "administrator")
    answers = []
    for one in bosses:
        form = {"version": str(one["version"]), "role": "citizen", "active": "on"}
        answers.append(boss.post(f"{ROOT}/cuentas/{one['id']}", data=form).status_code)
    assert answers == [303, 409]


def test_an_invitation_is_told_once_and_withdrawn(boss, village, browser_of):
    answer = boss.post(f"{ROOT}/invitaciones", data={"role": "planner", "days": "3"})
    link = told(answer)
    assert link.startswith("http://localhost/invitacion/")
    path = link.removeprefix("http://localhost")
    assert browser_of().get(path, headers=HTML).status_code == 200
    with village.council.reading(system) as repo:
        (kept,) = repo.find(invitation)
    assert path.rpartition("/")[2] not in str(kept)
    assert path not in boss.get(ROOT).get_data(as_text=True)
    assert boss.post(f"{ROOT}/invitaciones/{kept['id']}/retirar").status_code == 303
    assert browser_of().get(path, headers=HTML).status_code == 404
    assert boss.post(f"{ROOT}/invitaciones/{kept['id']}/retirar").status_code == 404


def test_visitors_see_only_while_the_planner_is_open(boss, village, browser_of):
    client = browser_of()
    assert not inside(client)
    path, form = changes(village)["open"]
    assert boss.post(path, data=form).status_code == 303
    assert inside(client)
    assert client.get("/ogc").status_code == 200
    assert client.get("/cuenta").status_code == 401
    assert client.get(ROOT).status_code == 401
    assert boss.post(path, data={"open_to_all": "false", "version": "1"}).status_code == 303
    assert not inside(client)
    late = boss.post(path, data={"open_to_all": "true", "version": "1"})
    assert late.status_code == 409


def test_the_page_tells_whether_the_log_holds(boss, village):
    page = boss.get(f"{ROOT}/auditoria").get_data(as_text=True)
    with village.council.reading(system) as repo:
        head = audit.head(repo.connection)
    assert head.hash in page
    assert f"{head.seq} filas" in page
    with village.council.database.writing() as connection:
        connection.execute(account.update().values(role="administrator"))
    page = boss.get(f"{ROOT}/auditoria").get_data(as_text=True)
    assert "La cadena no cuadra" in page


def test_every_change_leaves_its_row(boss, village):
    with village.council.reading(system) as repo:
        before = audit.head(repo.connection).seq
    for name in ("create", "change", "invite", "open"):
        path, form = changes(village)[name]
        assert boss.post(path, data=form).status_code in (200, 303), name
    with village.council.reading(system) as repo:
        told_of = [row["verb"] for row in repo.find(audit.audit, audit.audit.c.seq > before)]
        assert audit.first_broken(repo.connection) is None
    assert told_of == ["create_account", "change_account", "invite", "change_setting"]


def test_what_is_forged_is_refused_in_words(boss, village):
    path, form = changes(village)["change"]
    for wrong in (
        {**form, "role": "system"},
        {**form, "version": "x"},
        {"role": "citizen"},
        {**form, "version": "9" * 30},
    ):
        assert boss.post(path, data=wrong).status_code in (400, 409)
    assert boss.post(f"{ROOT}/cuentas/nadie", data=form).status_code == 400
    assert boss.post(f"{ROOT}/cuentas/{'0' * 16}", data=form).status_code == 404
    assert (
        boss.post(f"{ROOT}/invitaciones", data={"role": "citizen", "days": "999"}).status_code
        == 400
    )
    assert boss.get("/administracion/otra", headers=HTML).status_code == 200


def test_the_pages_speak_both_languages(boss, village):
    assert "Puede entrar" in boss.get(ROOT).get_data(as_text=True)
    english = boss.get(f"{ROOT}?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in english
    assert "May sign in" in english
    assert f'action="{ROOT}/cuentas?lang=en"' in english
    path, form = changes(village)["change"]
    assert boss.post(f"{path}?lang=en", data=form).headers["Location"].endswith("lang=en")


def test_no_name_becomes_script(boss, village):
    evil = "\"><script>alert(1)</script>'--"
    person_with_password(village.council, "malo", WORDS)
    with village.council.writing(system) as repo:
        row = repo.first(account, account.c.username == "malo")
        repo.change(account, "change_account", row, display_name=evil)
    page = boss.get(ROOT).get_data(as_text=True)
    assert "<script" not in page

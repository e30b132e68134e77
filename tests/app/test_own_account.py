"""An own account, an invitation and a program's password over HTTP."""

from __future__ import annotations

import json

import pytest
from browsers import DISPATCH
from browsers import HTML
from browsers import basic
from browsers import enter
from browsers import header
from browsers import inside
from browsers import token_of
from people_town import NAME
from people_town import WORDS

from dash_app import cookies
from dash_app.factory import create_app
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.commands import accounts
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.services import administration
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council
from ilo_geo.services.people import first_administrator

RULES = account_rules()


# --- an own account ---


def change(client, old=WORDS, new="otra frase larga", again=None):
    asked = {"old": old, "new": new, "again": again or new}
    return client.post("/cuenta", data=asked, headers=header(client))


def test_another_password_ends_the_other_window(browser_of):
    mine, other = browser_of(), browser_of()
    enter(mine)
    enter(other)
    before = token_of(mine)
    assert change(mine).headers["Location"] == "/cuenta?cambiada"
    assert inside(mine)
    assert token_of(mine) != before
    assert not inside(other)
    assert enter(browser_of()).status_code == 401
    assert enter(browser_of(), "otra frase larga").status_code == 303


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"old": "no es"}, 401),
        ({"new": "corta"}, 400),
        ({"new": WORDS}, 400),
        ({"again": "no es igual que"}, 400),
        ({"new": "rosa.mamani 1234"}, 400),
    ],
)
def test_a_change_of_password_that_will_not_do_changes_nothing(browser_of, asked, status):
    client = browser_of()
    enter(client)
    answer = change(client, **asked)
    assert answer.status_code == status
    assert inside(client)
    assert enter(browser_of()).status_code == 303


def test_a_password_that_was_given_opens_one_page_alone(browser_of, village):
    boss = village.actors["administrator"]
    asked = {"username": "nuevo.regidor", "display_name": "Nuevo", "role": "councillor"}
    _, given = administration.create(village.council, boss, asked)
    client = browser_of()
    enter(client, given, "nuevo.regidor")
    assert client.get("/", headers=HTML).headers["Location"] == "/cuenta"
    for path in ("/_dash-layout", "/layers/zones.geojson", "/ogc", "/administracion"):
        assert client.get(path).status_code == 403
    body = {"output": "shell.children", "changedPropIds": []}
    assert client.post(DISPATCH, json=body, headers=header(client)).status_code == 403
    with_it = {"Authorization": basic("nuevo.regidor", given)}
    assert browser_of().get("/ogc", headers=with_it).status_code == 401
    done = change(client, given)
    # on to what they came for
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert inside(client)


def test_the_first_administrator_signs_in_by_what_the_console_said(planner, tmp_path, cheap_hashes):
    area = open_area(planner.area.catalogue.folder, Workspace(tmp_path / "w"))
    council = open_council(lambda: area, url="")
    client = create_app(planner, council).server.test_client()
    username, password = first_administrator(council)
    enter(client, password, username)
    assert client.get("/administracion", headers=HTML).headers["Location"] == "/cuenta"
    change(client, password)
    assert client.get("/administracion", headers=HTML).status_code == 200
    council.database.close()


def test_one_downloads_what_is_held_of_oneself_alone(browser_of):
    client = browser_of()
    enter(client)
    answer = client.get("/cuenta/datos.json")
    held = json.loads(answer.data)
    assert [row["username"] for row in held["account"]] == [NAME]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "councillor2" not in answer.get_data(as_text=True)


# --- programs with a name and a password ---


def test_a_gis_reads_maps_by_password_and_nothing_else(browser_of):
    given = {"Authorization": basic(NAME, WORDS)}
    client = browser_of()
    asked = client.get("/ogc")
    assert asked.status_code == 401
    assert asked.headers["WWW-Authenticate"].startswith("Basic")
    answer = client.get("/ogc/collections", headers=given)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    for path in ("/_dash-layout", "/cuenta/datos.json", "/layers/zones.geojson", "/descargas/x"):
        refused = client.get(path, headers=given)
        assert refused.status_code == 401
        assert "WWW-Authenticate" not in refused.headers
    for wrong in (basic(NAME, "no es"), basic("", ""), "Basic !!!", "Bearer x", "Basic"):
        assert browser_of().get("/ogc", headers={"Authorization": wrong}).status_code == 401


def test_guessing_as_a_gis_is_the_same_guessing(browser_of, village):
    for _ in range(RULES.sign_in.most_by_account):
        wrong = {"Authorization": basic(NAME, "no es")}
        assert browser_of().get("/ogc", headers=wrong).status_code == 401
    assert browser_of().get("/ogc", headers=wrong).status_code == 429
    assert enter(browser_of()).status_code == 429
    village.clock.move(minutes=RULES.sign_in.window_min)
    assert enter(browser_of()).status_code == 303


# --- invitations ---


def invited(village, role="citizen"):
    boss = village.actors["administrator"]
    return administration.invite(village.council, boss, {"role": role, "days": 1})[1]


def take_up(client, token, **more):
    page = client.get(f"/invitacion/{token}", headers=HTML)
    if page.status_code != 200:
        return page
    asked = {
        "username": "nueva.vecina",
        "display_name": "Nueva Vecina",
        "password": WORDS,
        "again": WORDS,
        "_csrf": token_of(client, cookies.CSRF),
        **more,
    }
    return client.post(f"/invitacion/{token}", data=asked)


def test_an_invitation_is_taken_up_once(browser_of, village):
    token = invited(village, "planner")
    client = browser_of()
    # a role that is sent along is not read
    assert take_up(client, token, role="administrator").status_code == 303
    assert inside(client)
    with village.council.reading(system) as repo:
        found = repo.first(account, account.c.username == "nueva.vecina")
    assert found["role"] == "planner"
    assert take_up(browser_of(), token, username="otra.vecina").status_code == 404


def test_who_takes_up_an_invitation_while_signed_in_leaves_no_session_behind(browser_of, village):
    client, thief = browser_of(), browser_of()
    enter(client)
    first = token_of(client)
    assert take_up(client, invited(village)).status_code == 303
    assert inside(client)
    thief.set_cookie(cookies.SESSION, first)
    assert not inside(thief)


def test_an_invitation_that_is_over_or_guessed_is_not_there(browser_of, village):
    token = invited(village)
    village.clock.move(days=1)
    for bad in (token, "x", accounts.sha256_of(token), "x" * 2_000):
        assert take_up(browser_of(), bad).status_code == 404


def test_a_form_that_will_not_do_keeps_the_invitation(browser_of, village):
    token = invited(village)
    client = browser_of()
    assert take_up(client, token, again="otra").status_code == 400
    short = dict.fromkeys(("password", "again"), "corta")
    assert take_up(client, token, **short).status_code == 400
    assert take_up(client, token, username="planner").status_code == 409
    assert take_up(client, token, display_name="").status_code == 400
    assert take_up(client, token).status_code == 303

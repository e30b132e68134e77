"""Signing in over HTTP: forms, cookies, rates, what is sent on, and what an attacker would send."""

from __future__ import annotations

import re
import threading

import pytest
from browsers import DISPATCH
from browsers import HTML
from browsers import enter
from browsers import header
from browsers import inside
from browsers import mark
from browsers import set_cookies
from browsers import token_of
from people_town import NAME
from people_town import WORDS

from dash_app import cookies
from dash_app.factory import ENV_TLS_PROXY
from dash_app.factory import create_app
from dash_app.serve import behind_proxy
from ilo_geo.proposals.account_rules import account_rules

RULES = account_rules()


# --- in and out ---


def test_one_signs_in_and_goes_on_to_what_one_came_for(browser_of):
    client = browser_of()
    sent = client.get("/areas-verdes?standard_m2_per_inhab=9&lang=en", headers=HTML)
    form = client.get(sent.headers["Location"], headers=HTML).get_data(as_text=True)
    wanted = re.search(r'name="next" value="([^"]*)"', form)[1].replace("&amp;", "&")
    answer = enter(client, next=wanted)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/areas-verdes?standard_m2_per_inhab=9&lang=en"
    assert inside(client)
    # the page to sign in on is none for who is in
    assert client.get("/entrar?next=/datos", headers=HTML).headers["Location"] == "/datos"


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_who_signs_in_is_not_sent_elsewhere(browser_of, next_):
    client = browser_of()
    form = client.get("/entrar", query_string={"next": next_}, headers=HTML)
    assert 'name="next" value="/"' in form.get_data(as_text=True)
    assert enter(client, next=next_).headers["Location"] == "/"


def test_a_header_cannot_be_written_through_an_address(browser_of):
    for path in (
        "/x%0d%0aSet-Cookie:%20a=1",
        "/entrar?next=/%0d%0aSet-Cookie:%20a=1",
        "/x?lang=en%0d%0aA:b",
    ):
        answer = browser_of().get(path, headers=HTML)
        assert "a" not in {name.lower() for name, _ in answer.headers}
        assert "a=1" not in answer.headers.getlist("Set-Cookie")
        assert "\n" not in answer.headers.get("Location", "")


def test_after_signing_out_nothing_answers(browser_of):
    client = browser_of()
    enter(client)
    kept = token_of(client)
    answer = client.post("/salir", headers=header(client))
    assert answer.headers["Location"] == "/entrar"
    assert token_of(client) is None
    thief = browser_of()
    thief.set_cookie(cookies.SESSION, kept)
    for path in ("/_dash-layout", "/layers/zones.geojson", "/cuenta", "/cuenta/datos.json"):
        assert client.get(path).status_code == 401
        assert thief.get(path).status_code == 401
    body = {"output": "shell.children", "changedPropIds": []}
    assert thief.post(DISPATCH, json=body).status_code == 401


def test_signing_out_is_no_link(browser_of):
    client = browser_of()
    enter(client)
    client.get("/salir", headers=HTML)
    assert inside(client)


# --- cookies ---


def test_no_script_reads_the_session_and_no_other_site_sends_it(browser_of):
    client = browser_of()
    sent = set_cookies(enter(client))
    value, flags = sent[cookies.SESSION]
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags
    assert "Path=/" in flags
    assert "Secure" not in flags
    assert "Domain" not in flags
    assert "Expires" not in flags
    csrf, flags = sent[cookies.CSRF]
    assert "HttpOnly" not in flags
    assert "SameSite=Lax" in flags
    assert value not in csrf
    assert sent[cookies.VISIT][0] == ""


def test_behind_tls_cookies_are_for_tls_alone(planner, village, browser_of, monkeypatch):
    asked = {"username": NAME, "password": WORDS}
    client = browser_of()
    answer = client.get("/entrar", headers=HTML, base_url="https://localhost")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert all("Secure" in flags for _, flags in set_cookies(answer).values())
    monkeypatch.setenv(ENV_TLS_PROXY, "127.0.0.1")
    client = create_app(planner, village.council).server.test_client()
    answer = client.get("/entrar", headers=HTML)
    token = set_cookies(answer)[cookies.CSRF][0]
    visit = set_cookies(answer)[cookies.VISIT][0]
    # the Flask client keeps a Secure cookie from http, as no browser does
    sent = client.post(
        "/entrar",
        data={**asked, "_csrf": token},
        headers={"Cookie": f"{cookies.VISIT}={visit}"},
        base_url="https://localhost",
    )
    assert all("Secure" in flags for _, flags in set_cookies(sent).values())
    assert cookies.SESSION in set_cookies(sent)


def test_only_the_proxy_named_is_believed():
    assert behind_proxy("") == {}
    told = behind_proxy(" 127.0.0.1 ")
    assert told["trusted_proxy"] == "127.0.0.1"
    assert told["clear_untrusted_proxy_headers"] is True
    # a Host that a proxy passes on stays under the check of names
    assert told["trusted_proxy_headers"] == {"x-forwarded-for", "x-forwarded-proto"}


def test_a_session_that_was_planted_is_worth_nothing_after_signing_in(browser_of):
    client = browser_of()
    planted = "planted-by-somebody-else-0123456789abcdef"
    client.set_cookie(cookies.SESSION, planted)
    client.set_cookie(cookies.VISIT, planted)
    enter(client)
    thief = browser_of()
    thief.set_cookie(cookies.SESSION, planted)
    assert inside(client)
    assert not inside(thief)
    assert token_of(client) != planted


def test_signing_in_again_is_another_session(browser_of):
    client = browser_of()
    enter(client)
    first = token_of(client)
    client.post("/salir", headers=header(client))
    enter(client)
    assert token_of(client) != first


def test_who_signs_in_while_signed_in_leaves_no_session_behind(browser_of):
    client, thief = browser_of(), browser_of()
    enter(client)
    first = token_of(client)
    again = {"username": NAME, "password": "no es"}
    assert client.post("/entrar", data=again, headers=header(client)).status_code == 401
    # a mistake signs nobody out
    assert inside(client)
    again["password"] = WORDS
    assert client.post("/entrar", data=again, headers=header(client)).status_code == 303
    assert inside(client)
    assert token_of(client) != first
    thief.set_cookie(cookies.SESSION, first)
    assert not inside(thief)


def test_a_form_of_before_signing_in_is_worth_nothing_after(browser_of):
    client = browser_of()
    before = mark(client)
    enter(client)
    assert client.post("/salir", data={"_csrf": before}).status_code == 403
    assert inside(client)


def test_signing_in_needs_the_mark_too(browser_of):
    """Or another site would sign a person in as somebody else."""
    asked = {"username": NAME, "password": WORDS}
    assert browser_of().post("/entrar", data=asked).status_code == 403
    mine, other = browser_of(), browser_of()
    mark(mine)
    assert mine.post("/entrar", data={**asked, "_csrf": mark(other)}).status_code == 403
    assert not inside(mine)


# --- how long, how often ---


def test_a_session_ends_by_itself(browser_of, village):
    client = browser_of()
    enter(client)
    poll = {
        "output": "stale.children",
        "outputs": {"id": "stale", "property": "children"},
        "inputs": [{"id": "stale-poll", "property": "n_intervals", "value": 3}],
        "changedPropIds": ["stale-poll.n_intervals"],
    }
    # a page left open asks by itself and keeps nobody in
    for _ in range(int(RULES.session.idle_min / 5) - 1):
        village.clock.move(minutes=5)
        assert client.post(DISPATCH, json=poll, headers=header(client)).status_code != 401
    village.clock.move(minutes=6)
    assert client.post(DISPATCH, json=poll, headers=header(client)).status_code == 401
    enter(client)
    for _ in range(int(RULES.session.absolute_h * 2) - 1):
        village.clock.move(minutes=30)
        assert inside(client)
    village.clock.move(minutes=30)
    assert not inside(client)


def test_too_many_failures_are_told_and_end(browser_of, village):
    client = browser_of()
    for _ in range(RULES.sign_in.most_by_account):
        assert enter(client, "no es").status_code == 401
    answer = enter(client)
    assert answer.status_code == 429
    assert "Espere" in answer.get_data(as_text=True)
    wait = int(answer.headers["Retry-After"])
    village.clock.move(seconds=wait + 1)
    assert enter(client).status_code == 303


def test_an_address_that_is_only_claimed_does_not_pass_a_rate(browser_of):
    for n in range(RULES.sign_in.most_by_account):
        client = browser_of()
        asked = {"username": NAME, "password": "no es", "_csrf": mark(client)}
        claimed = {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"}
        assert client.post("/entrar", data=asked, headers=claimed).status_code == 401
    assert enter(browser_of()).status_code == 429


def test_what_was_typed_comes_back_as_text_and_the_password_does_not(browser_of):
    client = browser_of()
    name = '"><script>alert(1)</script>'
    page = enter(client, "secreto-tecleado", name).get_data(as_text=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "secreto-tecleado" not in page


def test_many_at_once_each_get_their_own_session(browser_of):
    found, lock = [], threading.Lock()

    def one():
        client = browser_of()
        answer = enter(client)
        with lock:
            found.append((answer.status_code, token_of(client)))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in found] == [303] * 8
    assert len({token for _, token in found}) == 8

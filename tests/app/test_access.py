"""The guard as programs meet it: every address and callback, by everybody, without and with a role.

What is expected is read from permissions.yaml by this file's own few lines, not by the library.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from flask import Response
from flask import abort
from hypothesis import given
from hypothesis import strategies as st
from signed_in import app_of
from signed_in import council_of
from signed_in import session_for
from signed_in import signed

from dash_app import cookies
from dash_app.access import OPEN
from dash_app.access import OPEN_ASSETS
from dash_app.access import PUBLIC
from dash_app.access import SIGNED_IN
from dash_app.access import local_path
from dash_app.errors import STATUSES
from dash_app.security import HEADERS
from ilo_geo.proposals import permissions as library
from ilo_geo.proposals.people import ROLES

TABLE = yaml.safe_load(
    (Path(library.__file__).parent / "permissions.yaml").read_text(encoding="utf-8")
)["verbs"]
HTML = {"Accept": "text/html,application/xhtml+xml"}
DISPATCH = "/_dash-update-component"
FREE = (OPEN, PUBLIC)


@pytest.fixture(scope="module")
def guard(app):
    return app.server.extensions["guard"]


@pytest.fixture(scope="module")
def doors(app, guard):
    """Return every address with something in its blanks: (verb, endpoint, method, path)."""
    adapter = app.server.url_map.bind("localhost")
    found = []
    for rule in app.server.url_map.iter_rules():
        blanks = {name: _something(rule, name) for name in rule.arguments}
        path = adapter.build(rule.endpoint, blanks)
        verb = guard.endpoints[rule.endpoint].verb
        found += [(verb, rule.endpoint, method, path) for method in sorted(rule.methods)]
    return found


def _something(rule, name):
    converter = rule._converters[name]
    return next(iter(getattr(converter, "items", None) or {"1": 0}))


def granted(role: str) -> set[str]:
    """Return the verbs that the table gives a role on anything at all."""
    return {verb for verb, cell in TABLE.items() if cell["grants"].get(role)}


def test_nothing_is_registered_without_a_verb(guard, app):
    assert guard.ungranted() == []
    known = {*TABLE, OPEN, PUBLIC, SIGNED_IN}
    assert {grant.verb for grant in guard.endpoints.values()} <= known
    assert set(guard.callbacks.values()) <= set(TABLE)
    assert len(guard.callbacks) == len(app.callback_map) > 30


def test_what_is_free_is_what_one_needs_to_sign_in(guard):
    free = {name for name, grant in guard.endpoints.items() if grant.verb in FREE}
    assert free == {
        "/health",
        "/_favicon.ico",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "people.sign_in_page",
        "people.sign_in",
        "people.invitation_page",
        "people.accept",
    }


def test_an_address_and_a_callback_registered_past_the_guard_are_refused(planner):
    app = app_of(planner)
    app.server.add_url_rule("/olvidada", "forgotten", lambda: "secret")
    app.callback_map["forgotten.children"] = dict(next(iter(app.callback_map.values())))
    client = signed(app.server.test_client(), session_for(council_of(planner), "administrator"))
    assert client.get("/olvidada").status_code == 403
    said = client.post(DISPATCH, json={"output": "forgotten.children"})
    assert said.status_code == 403
    assert app.server.extensions["guard"].ungranted() == ["forgotten", "forgotten.children"]


def test_a_stranger_gets_nowhere(stranger, doors):
    closed = [door for door in doors if door[0] not in FREE]
    assert len(closed) > 60
    for _verb, _endpoint, method, path in closed:
        answer = stranger.open(path, method=method)
        assert answer.status_code == 401, (method, path)
        assert len(answer.get_data()) < 200


def test_a_stranger_with_a_browser_is_sent_to_sign_in(stranger, doors):
    for verb, _endpoint, method, path in doors:
        if verb not in FREE and method == "GET":
            answer = stranger.get(f"{path}?x=1", headers=HTML)
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/entrar?next=/")


@pytest.mark.parametrize("role", ROLES)
def test_every_address_asks_for_its_verb(client_of, doors, role):
    client, may = client_of(role), granted(role)
    refused = [door for door in doors if door[0] in TABLE and door[0] not in may]
    # the administrator may use every door there is by now
    assert refused or role == "administrator"
    for verb, _endpoint, method, path in refused:
        answer = client.open(path, method=method)
        assert answer.status_code == 403, (verb, method, path)


@pytest.mark.parametrize("role", ROLES)
def test_every_callback_asks_for_its_verb(client_of, guard, role):
    client, may = client_of(role), granted(role)
    for output, verb in guard.callbacks.items():
        # a body no page sends: past the guard, Dash finds it faulty
        answer = client.post(DISPATCH, json={"output": output, "changedPropIds": []})
        expected = 400 if verb in may else 403
        assert answer.status_code == expected, (verb, output[:60])


def test_a_visitor_of_an_open_planner_reads_and_changes_nothing(planner, monkeypatch):
    from dataclasses import replace

    from dash_app import access

    looked = access.visit_of
    monkeypatch.setattr(
        access, "visit_of", lambda *a, **k: replace(looked(*a, **k), open_to_all=True)
    )
    client = app_of(planner).server.test_client()
    assert client.get("/_dash-layout").status_code == 200
    assert client.get("/layers/zones.geojson").status_code == 200
    assert client.get("/administracion").status_code == 401
    assert client.post("/cargas?name=a.csv", data=b"x").status_code == 401
    guard = client.application.extensions["guard"]
    token = _visit(client)
    for output, verb in guard.callbacks.items():
        body = {"output": output, "changedPropIds": []}
        answer = client.post(DISPATCH, json=body, headers={cookies.CSRF_HEADER: token})
        assert answer.status_code == (400 if "visitor" in TABLE[verb]["grants"] else 401), output


def _visit(client):
    client.get("/entrar", headers=HTML)
    return client.get_cookie(cookies.CSRF).value


def test_a_forged_body_reaches_no_callback(client):
    for body in (
        [],
        None,
        "x",
        {},
        {"output": None},
        {"output": ["shell.children"]},
        {"output": "nothing.children"},
        {"output": {"id": "shell"}},
    ):
        assert client.post(DISPATCH, json=body).status_code == 400, body
    for data in (b"", b"{", b"\xff\xfe", b'{"output": 1e999}'):
        sent = client.post(DISPATCH, data=data, content_type="application/json")
        assert sent.status_code == 400, data
    assert client.post(DISPATCH, data="output=shell.children").status_code in (400, 403)


# --- the mark that a change was asked from a page of ours ---


def test_every_change_needs_the_mark_of_its_own_session(app, planner, doors):
    council = council_of(planner)
    mine, other = session_for(council, "administrator"), session_for(council, "administrator")
    changes = [d for d in doors if d[2] in ("POST", "PUT", "PATCH", "DELETE") and d[0] != OPEN]
    assert len(changes) > 8
    wrong = (
        {},
        {cookies.CSRF_HEADER: ""},
        {cookies.CSRF_HEADER: "0" * 64},
        {cookies.CSRF_HEADER: cookies.csrf_of(other)},
        {cookies.CSRF_HEADER: mine},
        {cookies.CSRF_HEADER: "ñ"},
    )
    for _verb, _endpoint, method, path in changes:
        for headers in wrong:
            client = app.server.test_client()
            client.set_cookie(cookies.SESSION, mine)
            # what a page of another site could set beside, were it to share a parent domain
            client.set_cookie(cookies.CSRF, cookies.csrf_of(other))
            assert client.open(path, method=method, headers=headers).status_code == 403, path


def test_the_mark_does_not_tell_the_session():
    token = "a-token"  # noqa: S105 - of nobody
    assert token not in cookies.csrf_of(token)
    assert cookies.csrf_of(token) != cookies.csrf_of(token + "x")
    assert len(cookies.csrf_of(token)) == 64


def test_a_field_of_a_form_is_as_good_as_the_header(app, planner):
    client = app.server.test_client()
    token = session_for(council_of(planner))
    client.set_cookie(cookies.SESSION, token)
    sent = client.post("/salir", data={cookies.CSRF_FIELD: cookies.csrf_of(token)})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/entrar")
    # in the address it is worth nothing: addresses are told on
    token = session_for(council_of(planner))
    client.set_cookie(cookies.SESSION, token)
    assert client.post(f"/salir?{cookies.CSRF_FIELD}={cookies.csrf_of(token)}").status_code == 403


# --- answers ---


def test_every_kind_of_answer_has_the_headers(app, client, stranger):
    answers = [
        client.get("/", headers=HTML),
        client.get("/_dash-layout"),
        client.get("/layers/zones.geojson"),
        client.get("/cuenta", headers=HTML),
        client.get("/layers/nothing.geojson"),
        client.post(DISPATCH, json={}),
        client.open("/health", method="OPTIONS"),
        stranger.get("/", headers=HTML),
        stranger.get("/_dash-layout"),
        stranger.get("/entrar", headers=HTML),
        stranger.get("/invitacion/x", headers=HTML),
        stranger.get("/health"),
        stranger.get("/assets/planner.css"),
        stranger.post("/entrar", data={"username": "x" * 30_000}),
        client.open("/cuenta", method="DELETE"),
        client.get("/administracion"),
    ]
    assert {a.status_code for a in answers} >= {200, 303, 400, 401, 403, 404, 405}
    for answer in answers:
        answer.close()
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe-eval" not in policy


def test_what_one_was_shown_is_not_kept_for_the_next(client):
    for path in ("/", "/_dash-layout", "/cuenta", "/administracion"):
        assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_a_body_has_a_limit_by_address(client, stranger):
    form = client.post("/cuenta", data={"old": "x" * 30_000})
    assert (form.status_code, form.get_data(as_text=True)[:10]) == (413, "Lo enviado")
    big = json.dumps({"output": "x" * 1_100_000})
    assert client.post(DISPATCH, data=big, content_type="application/json").status_code in (
        400,
        413,
    )
    # whoever may not is refused before anything is read
    sent = stranger.post("/cargas?name=a.csv", data=b"x" * 2_000_000)
    assert sent.status_code == 401


NOT_SO = ("no admite lo que", "does not take what")
NOTHING = ("no hay nada", "nothing at that address")
TOO_LARGE = ("más de lo que cabe", "more than that address takes")


@pytest.mark.parametrize(
    ("method", "path", "n_bytes", "status", "said"),
    [
        ("POST", "/documentos/x", 0, 405, NOT_SO),
        ("DELETE", "/cuenta", 0, 405, NOT_SO),
        ("POST", "/api/x/y", 0, 404, NOTHING),
        ("POST", "/cuenta", 30_000, 413, TOO_LARGE),
        ("POST", "/api/propuestas", 1_100_000, 413, TOO_LARGE),
    ],
)
def test_what_http_itself_refuses_is_said_in_our_words(client, method, path, n_bytes, status, said):
    for asked, words in zip(("", "?lang=en"), said, strict=True):
        # as JSON: the language of a callback stands in its body, which may be too large to read
        sent = {"data": b" " * n_bytes, "content_type": "application/json"}
        answer = client.open(path + asked, method=method, **sent)
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (status, True)


@pytest.mark.parametrize("asset", ["planner.css", "people.css"])
def test_the_sheets_of_the_page_to_sign_in_are_free_and_no_other_asset(stranger, asset):
    with stranger.get(f"/assets/{asset}") as sheet:
        assert sheet.status_code == 200
    assert set(OPEN_ASSETS) == {"planner.css", "people.css"}
    for path in ("ilo_map.js", "../factory.py", "planner.css/../ilo_map.js", "%2e%2e/ids.py"):
        assert stranger.get(f"/assets/{path}").status_code in (401, 404)


def test_each_error_has_its_status_in_the_order_of_the_tree():
    by_name = {kind.__name__: status for kind, status in STATUSES}
    assert by_name == {
        "SignInError": 401,
        "TooOftenError": 429,
        "RefusedError": 403,
        "NotFoundError": 404,
        "ConflictError": 409,
        "InputError": 400,
        "DatabaseError": 503,
    }
    # a class that comes later must not hide behind one it is of
    for n, (kind, _) in enumerate(STATUSES):
        assert not any(issubclass(kind, earlier) for earlier, _ in STATUSES[:n])


def test_an_answer_that_a_route_made_itself_is_passed_on(planner):
    app = app_of(planner)
    with app.server.extensions["guard"].granting("see"):
        app.server.add_url_rule("/ocupado", "busy", lambda: abort(Response("later", 503)))
    client = signed(app.server.test_client(), session_for(council_of(planner)))
    answer = client.get("/ocupado", headers=HTML)
    assert (answer.status_code, answer.get_data(as_text=True)) == (503, "later")


# --- where a person is sent on to ---


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "evil.example",
        " /x",
        "",
        None,
    ],
)
def test_nobody_is_sent_elsewhere(asked):
    assert local_path(asked) == "/"


@pytest.mark.parametrize("asked", ["/", "/areas-verdes?standard_m2_per_inhab=9", "/a//b", "/a%2Fb"])
def test_a_page_of_ours_is_gone_on_to(asked):
    assert local_path(asked) == asked


@given(st.text(alphabet=st.sampled_from("/\\:@.ab\t\n\r %?#ñ\x00"), max_size=12))
def test_whatever_is_asked_stays_on_this_host(asked):
    from urllib.parse import urljoin
    from urllib.parse import urlsplit

    # a browser reads \ as / and skips tabs and line ends
    as_read = local_path(asked).replace("\\", "/")
    for dropped in "\t\n\r":
        as_read = as_read.replace(dropped, "")
    assert urlsplit(urljoin("http://planner/entrar", as_read)).netloc == "planner"

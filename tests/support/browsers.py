"""What a browser does on the pages of accounts, as a Flask client does it."""

from __future__ import annotations

import base64
import re

from people_town import NAME
from people_town import WORDS

from dash_app import cookies

HTML = {"Accept": "text/html"}
DISPATCH = "/_dash-update-component"
COOKIE = re.compile(r"^(?P<name>\w+)=(?P<value>[^;]*)(?P<flags>.*)$")


def mark(client):
    """Return the token of the form that a browser is shown."""
    page = client.get("/entrar", headers=HTML).get_data(as_text=True)
    return re.search(r'name="_csrf" value="([0-9a-f]{64})"', page)[1]


def enter(client, words=WORDS, name=NAME, **more):
    asked = {"username": name, "password": words, "_csrf": mark(client), **more}
    return client.post("/entrar", data=asked)


def inside(client):
    return client.get("/_dash-layout").status_code == 200


def set_cookies(answer):
    found = [COOKIE.match(line) for line in answer.headers.getlist("Set-Cookie")]
    return {m["name"]: (m["value"], m["flags"]) for m in found}


def token_of(client, name=cookies.SESSION):
    found = client.get_cookie(name)
    return found and found.value


def header(client):
    return {cookies.CSRF_HEADER: token_of(client, cookies.CSRF)}


def basic(name, words):
    return f"Basic {base64.b64encode(f'{name}:{words}'.encode()).decode()}"

"""Browsers that are signed in, without going by the page one signs in on each time."""

from __future__ import annotations

import secrets
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask import g

from dash_app import cookies
from dash_app.factory import create_app
from ilo_geo.proposals.account_forms import NewAccountForm
from ilo_geo.proposals.commands.accounts import create_account
from ilo_geo.proposals.people import PLANNER
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council
from ilo_geo.services.passwords import passwords
from ilo_geo.services.people import Visit
from ilo_geo.services.people import begin_session

_councils: weakref.WeakKeyDictionary[Any, Council] = weakref.WeakKeyDictionary()


def council_of(planner: Any) -> Council:
    """Return the council of a planner's workspace, opened once."""
    if planner not in _councils:
        seen = weakref.ref(planner)
        _councils[planner] = open_council(lambda: seen().area, url="")
    return _councils[planner]


def session_for(council: Council, role: str = PLANNER) -> str:
    """Return the token of a new session of somebody of a role, who cannot sign in otherwise."""
    name = f"{role}.de.prueba"
    with council.writing(system) as repo:
        found = repo.first(account, account.c.username == name) or repo.add(
            account,
            "create_account",
            username=name,
            display_name=f"Prueba {role}",
            role=role,
            password_hash=None,
            must_change=False,
            active=True,
            pseudonym=f"p-{secrets.token_hex(6)}",
            salt="sal",
            created_at=repo.now,
        )
        return begin_session(repo, found["id"], repo.now)


def signed(client: Any, token: str, host: str = "localhost") -> Any:
    """Give a Flask client the cookies of a session, and the header that pages of ours send."""
    client.set_cookie(cookies.SESSION, token, domain=host)
    client.set_cookie(cookies.CSRF, cookies.csrf_of(token), domain=host)
    client.environ_base[f"HTTP_{cookies.CSRF_HEADER.upper().replace('-', '_')}"] = cookies.csrf_of(
        token
    )
    return client


def app_of(planner: Any, **options: Any) -> Any:
    """Return an app of a planner and the council of its workspace."""
    return create_app(planner, council_of(planner), **options)


def client_for(planner: Any, role: str = PLANNER, **options: Any) -> Any:
    """Return a client of a new app that somebody of a role is signed in on."""
    token = session_for(council_of(planner), role)
    return signed(app_of(planner, **options).server.test_client(), token)


def browser_cookies(address: str, token: str) -> list[dict[str, str]]:
    """Return the cookies of a session as Playwright takes them."""
    values = {cookies.SESSION: token, cookies.CSRF: cookies.csrf_of(token)}
    return [{"name": name, "value": value, "url": address} for name, value in values.items()]


def person_with_password(
    council: Council, username: str, password: str, role: str = PLANNER, **more: Any
) -> str:
    """Make an account that one can sign in on, and return its id."""
    form = NewAccountForm(username=username, display_name=f"Persona {username}", role=role)
    with council.writing(system) as repo:
        found = repo.first(account, account.c.username == username)
        made = found or create_account(
            repo, form, passwords().hash(password), **{"must_change": False, **more}
        )
    return str(made["id"])


@contextmanager
def asked_by(role: str = PLANNER) -> Iterator[None]:
    """Let a page be made as in a request of somebody of a role, for tests that call its parts."""
    with Flask(__name__).test_request_context():
        g.visit = Visit(Actor(role, "p-prueba", "prueba"), open_to_all=False, name=role)
        yield

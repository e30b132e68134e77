"""The cookies of a browser, and the token that shows a change was asked from a page of ours.

``ilo_session`` holds the token of who is signed in, ``ilo_visit`` a random one of who is not; no
script can read them. ``ilo_csrf`` is made of either by one-way hashing: a page sends it back as a
header or a form field, which a page of another site cannot, as it can read none of the three.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Response
from flask import g
from flask import request

SESSION, VISIT, CSRF = "ilo_session", "ilo_visit", "ilo_csrf"
CSRF_HEADER, CSRF_FIELD = "X-CSRFToken", "_csrf"
PURPOSE = b"ilo-geo csrf"
VISIT_BYTES = 32
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_of(secret: str) -> str:
    """Return the token that belongs to a session or a visit."""
    return hmac.new(secret.encode(), PURPOSE, hashlib.sha256).hexdigest()


def csrf_token() -> str:
    """Return the token that a form of this answer carries; who has no cookie yet gets one."""
    if _secret() is None:
        g.begun_visit = secrets.token_urlsafe(VISIT_BYTES)
    return csrf_of(_secret() or "")


def is_own_request() -> bool:
    """Return whether a request carries the token of the cookies it came with."""
    secret = _secret()
    sent = request.headers.get(CSRF_HEADER, "")
    if not sent and request.mimetype in FORMS:
        sent = request.form.get(CSRF_FIELD, "")
    # bytes: a text beyond ASCII cannot be compared in constant time
    return secret is not None and hmac.compare_digest(csrf_of(secret).encode(), sent.encode())


def begin(token: str) -> None:
    """Send the token of a new session with this answer."""
    g.begun_session = token


def end() -> None:
    """Take the session away with this answer."""
    g.ended_session = True


def write_cookies(response: Response, *, secure: bool) -> None:
    """Set what this answer changes of the cookies."""
    begun, ended = g.get("begun_session"), g.get("ended_session", False)
    if begun:
        _set(response, SESSION, begun, secure=secure, hidden=True)
        response.delete_cookie(VISIT, samesite="Lax", secure=secure, httponly=True)
    elif ended:
        response.delete_cookie(SESSION, samesite="Lax", secure=secure, httponly=True)
        response.delete_cookie(CSRF, samesite="Lax", secure=secure)
        return
    if "begun_visit" in g:
        _set(response, VISIT, g.begun_visit, secure=secure, hidden=True)
    secret = begun or _secret()
    if secret and request.cookies.get(CSRF) != csrf_of(secret):
        _set(response, CSRF, csrf_of(secret), secure=secure, hidden=False)


def _secret() -> str | None:
    """Return what the token of this request is made of, None for a browser without cookies."""
    visit = g.get("visit")
    if visit is not None and visit.is_signed_in:
        return request.cookies.get(SESSION)
    return g.get("begun_visit") or request.cookies.get(VISIT) or None


def _set(response: Response, name: str, value: str, *, secure: bool, hidden: bool) -> None:
    # no age: it goes with the browser; how long it is worth something, the server says
    response.set_cookie(name, value, secure=secure, httponly=hidden, samesite="Lax", path="/")

"""Who is there: signing in and out, sessions, the first administrator.

A session is a random token in a browser's cookie; its SHA-256 is kept, never the token. It is a new
one after each sign-in and each change of password, ends after a while without a request of a person
and in any case after a day's work, and at once when the account is suspended or erased.
"""

from __future__ import annotations

import hashlib
import logging
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import not_
from sqlalchemy import select
from sqlalchemy import update

from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SignInError
from ilo_geo.core.errors import TooOftenError
from ilo_geo.proposals.account_forms import NewAccountForm
from ilo_geo.proposals.account_forms import folded_username
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.commands import accounts
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.people import ADMINISTRATOR
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.people import visitor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import attempt
from ilo_geo.proposals.tables import login_session
from ilo_geo.services.council import Council
from ilo_geo.services.passwords import made_password
from ilo_geo.services.passwords import passwords
from ilo_geo.services.passwords import require_password

logger = logging.getLogger(__name__)

FIRST_USERNAME, FIRST_NAME = "admin", "Administrador"


@dataclass(frozen=True)
class Visit:
    """Who asks, and what the planner is to them.

    ``name`` is empty and ``session`` None for a visitor; ``session`` is what is kept of the token.
    """

    actor: Actor
    open_to_all: bool
    name: str = ""
    username: str = ""
    must_change: bool = False
    session: str | None = None

    @property
    def is_signed_in(self) -> bool:
        """Return whether somebody with an account asks."""
        return self.actor.account_id is not None


def first_administrator(council: Council) -> tuple[str, str] | None:
    """Make the account of who administers where there is no account yet.

    Returns
    -------
    tuple of str or None
        Username and one-time password, which nobody can be told again; None where there are
        accounts.
    """
    with council.reading(system) as repo:
        if repo.count(account):
            return None
    password = made_password()
    password_hash = passwords().hash(password)
    form = NewAccountForm(username=FIRST_USERNAME, display_name=FIRST_NAME, role=ADMINISTRATOR)
    with council.writing(system) as repo:
        # two planners that start at once on one database
        if repo.count(account):
            return None
        accounts.create_account(repo, form, password_hash)
    return FIRST_USERNAME, password


def sign_in(council: Council, username: str, password: str, address: str) -> str:
    """Return the token of a new session.

    Parameters
    ----------
    address
        Where who asks comes from, for the rate; a digest of it is kept as long as a failure counts.

    Raises
    ------
    SignInError
        Name and password do not fit, or the account is suspended: which of them is not told.
    TooOftenError
        Too many failures of this account or from this address; ``seconds`` says for how long.
    """
    found = _checked(council, username, password, address)
    fresh = passwords().hash(password) if passwords().is_outdated(found["password_hash"]) else None
    with council.unlogged() as repo:
        _require_as_checked(repo, found)
        token = begin_session(repo, found["id"], repo.now)
    if fresh is not None:
        _rehash(council, found, fresh)
    return token


def proven(council: Council, username: str, password: str, address: str) -> Actor:
    """Return whose name and password these are, without a session: for programs that read maps.

    Raises
    ------
    SignInError
        They do not fit, or the password is still to be changed.
    TooOftenError
        Too many failures of this account or from this address.
    """
    found = _checked(council, username, password, address)
    if found["must_change"]:
        raise SignInError("account.sign_in_failed")
    return _actor(found)


def begin_session(repo: Repository, account_id: str, now: datetime) -> str:
    """Begin a session of an account and return its token; sessions that are over go.

    Parameters
    ----------
    now
        The clock's own time: what is written in the log may be held at a later one.
    """
    rules = account_rules().session
    token = secrets.token_urlsafe(rules.token_bytes)
    repo.connection.execute(
        delete(login_session).where(
            (login_session.c.created_at <= now - rules.absolute)
            | (login_session.c.seen_at <= now - rules.idle)
            | _of_a_wrong_clock(now)
        )
    )
    repo.connection.execute(
        login_session.insert(),
        {
            "token_sha256": accounts.sha256_of(token),
            "account_id": account_id,
            "created_at": now,
            "seen_at": now,
        },
    )
    return token


def visit_of(council: Council, token: str | None, *, by_person: bool = True) -> Visit:
    """Return who holds a token.

    Parameters
    ----------
    by_person
        Whether a person asks; what a page asks by itself keeps no session alive.
    """
    with council.reading(visitor) as repo:
        open_to_all, found = is_open(repo), _session(repo, token)
    if found is None:
        return Visit(visitor, open_to_all)
    if by_person and repo.now - found["seen_at"] >= account_rules().session.noted_every:
        _note(council, found["token_sha256"], repo.now)
    return Visit(
        _actor(found),
        open_to_all,
        name=found["display_name"],
        username=found["username"],
        must_change=found["must_change"],
        session=found["token_sha256"],
    )


def sign_out(council: Council, visit: Visit) -> None:
    """End a session; its token opens nothing any more."""
    with council.unlogged() as repo:
        repo.connection.execute(
            delete(login_session).where(login_session.c.token_sha256 == visit.session)
        )


def change_password(council: Council, visit: Visit, old: str, new: str, address: str) -> str:
    """Keep another password, end every session of the account and return the token of a new one.

    Raises
    ------
    SignInError
        ``old`` is not the password, or no longer.
    InputError
        ``new`` will not do, or is ``old``.
    TooOftenError
        Too many failures.
    """
    require_password(new, visit.username)
    found = _checked(council, visit.username, old, address)
    if passwords().fits(found["password_hash"], new):
        raise InputError("account.password_same")
    password_hash = passwords().hash(new)
    with council.writing(_actor(found)) as repo:
        _require_as_checked(repo, found)
        accounts.change_own_password(repo, found["id"], password_hash)
        return begin_session(repo, found["id"], council.clock())


def _checked(council: Council, username: str, password: str, address: str) -> Record:
    """Return the account that a name and a password are of.

    A try is written down before it is checked, so that many at once are counted too, and taken back
    when it was right.
    """
    name = folded_username(username)[: account_rules().display_name_letters]
    keys = _key("account", name), _key("address", address)
    rules = account_rules().sign_in
    with council.unlogged() as repo:
        for key, most in zip(keys, (rules.most_by_account, rules.most_by_address), strict=True):
            _require_seldom(repo, key, most)
        tried = _write_tries(repo, keys)
        found = repo.first(account, account.c.username == name)
    usable = found if found is not None and found["active"] else None
    kept = usable["password_hash"] if usable else None
    if not passwords().fits(kept, password) or usable is None:
        raise SignInError("account.sign_in_failed")
    with council.unlogged() as repo:
        forgiven = (attempt.c.key == keys[0]) | attempt.c.id.in_(tried)
        repo.connection.execute(delete(attempt).where(forgiven))
    return usable


def _require_as_checked(repo: Repository, found: Record) -> None:
    """Refuse who was suspended, or given another password, while theirs was looked at."""
    now = accounts.living(repo, found["id"])
    if not now["active"] or now["password_hash"] != found["password_hash"]:
        raise SignInError("account.sign_in_failed")


def _require_seldom(repo: Repository, key: str, most: int) -> None:
    window = account_rules().sign_in.window
    query = (
        select(attempt.c.at)
        .where(
            attempt.c.key == key,
            attempt.c.at > repo.now - window,
            # written by a clock that was ahead: it shuts nobody out for as long
            attempt.c.at <= repo.now + window,
        )
        .order_by(attempt.c.at.desc())
        .limit(most)
    )
    times = list(repo.connection.execute(query).scalars())
    if len(times) >= most:
        seconds = max(1, math.ceil((times[-1] + window - repo.now) / timedelta(seconds=1)))
        raise TooOftenError("account.too_often", seconds=seconds, minutes=math.ceil(seconds / 60))


def _write_tries(repo: Repository, keys: Sequence[str]) -> list[int]:
    window = account_rules().sign_in.window
    over = (attempt.c.at <= repo.now - window) | (attempt.c.at > repo.now + window)
    repo.connection.execute(delete(attempt).where(over))
    added = attempt.insert().returning(attempt.c.id)
    return [
        int(repo.connection.execute(added, {"key": key, "at": repo.now}).scalar_one())
        for key in keys
    ]


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def _session(repo: Repository, token: str | None) -> Record | None:
    if not token:
        return None
    rules = account_rules().session
    query = (
        select(
            login_session.c.token_sha256,
            login_session.c.created_at,
            login_session.c.seen_at,
            account.c.id,
            account.c.role,
            account.c.pseudonym,
            account.c.display_name,
            account.c.username,
            account.c.must_change,
        )
        .join(account, account.c.id == login_session.c.account_id)
        .where(
            login_session.c.token_sha256 == accounts.sha256_of(token),
            account.c.active.is_(True),
            login_session.c.created_at > repo.now - rules.absolute,
            login_session.c.seen_at > repo.now - rules.idle,
            not_(_of_a_wrong_clock(repo.now)),
        )
    )
    row = repo.connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _of_a_wrong_clock(now: datetime) -> ColumnElement[bool]:
    """Return the condition of sessions of a clock so far ahead that they would never end."""
    return login_session.c.seen_at > now + rulebook().clock.behind


def _rehash(council: Council, found: Record, fresh: str) -> None:
    try:
        with council.writing(system) as repo:
            now = repo.get(account, found["id"])
            if now["password_hash"] == found["password_hash"]:
                repo.change(account, "rehash_password", now, password_hash=fresh)
    except DatabaseError as error:
        # the old hash is as good a proof; the next who signs in tries again
        logger.warning("a password's hash was not made anew: %s", error)


def _note(council: Council, token_sha256: str, now: datetime) -> None:
    try:
        with council.database.writing() as connection:
            connection.execute(
                update(login_session)
                .where(login_session.c.token_sha256 == token_sha256)
                .values(seen_at=now)
            )
    except DatabaseError as error:
        # whoever reads must not wait for a writer, nor for space on the disk
        logger.warning("a session was not noted: %s", error)


def _actor(found: Record) -> Actor:
    return Actor(found["role"], found["pseudonym"], found["id"])

"""Invitations: a link that makes one account, for a few days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.proposals.account_forms import AcceptForm
from ilo_geo.proposals.commands import accounts
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.people import system
from ilo_geo.proposals.people import visitor
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.council import Council
from ilo_geo.services.passwords import passwords
from ilo_geo.services.passwords import require_password
from ilo_geo.services.people import begin_session


@dataclass(frozen=True)
class Invited:
    """What an invitation makes of who takes it up, and until when (time of Lima)."""

    role: str
    until: str


def invited(council: Council, token: str) -> Invited:
    """Return what an open invitation is for.

    Raises
    ------
    NotFoundError
        It is not open.
    """
    with council.reading(visitor) as repo:
        found = accounts.open_invitation(repo, token)
    until = found["expires_at"].astimezone(rulebook().zone)
    return Invited(found["role"], f"{until:%d/%m/%Y %H:%M}")


def accept_invitation(council: Council, token: str, asked: Mapping[str, Any], password: str) -> str:
    """Make the account of an invitation and return the token of its first session.

    Raises
    ------
    NotFoundError
        The invitation is not open (any more).
    InputError
        A name or the password will not do.
    ConflictError
        Somebody has the username.
    """
    invited(council, token)
    form = form_of(AcceptForm, asked)
    require_password(password, form.username)
    password_hash = passwords().hash(password)
    with council.writing(system) as repo:
        made = accounts.accept(repo, token, form, password_hash)
        return begin_session(repo, made["id"], council.clock())

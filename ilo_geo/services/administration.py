"""Accounts, invitations and settings as who administers sees and changes them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.core.errors import DatabaseError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals import audit
from ilo_geo.proposals.account_forms import AccountForm
from ilo_geo.proposals.account_forms import ChangeAccountForm
from ilo_geo.proposals.account_forms import InvitationForm
from ilo_geo.proposals.account_forms import InviteForm
from ilo_geo.proposals.account_forms import NewAccountForm
from ilo_geo.proposals.account_forms import OpenToAllForm
from ilo_geo.proposals.account_forms import folded_username
from ilo_geo.proposals.commands import OPEN_TO_ALL
from ilo_geo.proposals.commands import accounts
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import invitation
from ilo_geo.proposals.tables import setting
from ilo_geo.services.council import Council
from ilo_geo.services.passwords import made_password
from ilo_geo.services.passwords import passwords

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class People:
    """Every account, the invitations that may still be taken up, and whether visitors may see.

    ``setting_version`` is that of the setting, 0 where it was never set.
    """

    accounts: tuple[Record, ...]
    invitations: tuple[Record, ...]
    open_to_all: bool
    setting_version: int


@dataclass(frozen=True)
class AuditState:
    """How many rows the log has, its last hash, and the first thing in it that does not hold."""

    head: audit.Head
    broken: audit.Broken | None


def people_of(council: Council, actor: Actor) -> People:
    """Return what who administers has to see; keys to accounts are left out."""
    with council.reading(actor) as repo:
        require_allowed(repo, "read_people")
        found = repo.first(setting, setting.c.id == OPEN_TO_ALL)
        # those that can be used first, each by name
        order = (account.c.active.desc(), account.c.username, account.c.pseudonym)
        rows = repo.find(account, order=order)
        sent = repo.find(invitation, order=(invitation.c.expires_at,))
        invited = [one for one in sent if accounts.is_open_invitation(repo, one)]
    keys = ("password_hash", "salt", "token_sha256")
    shown = [{k: v for k, v in row.items() if k not in keys} for row in (*rows, *invited)]
    return People(
        accounts=tuple(shown[: len(rows)]),
        invitations=tuple(shown[len(rows) :]),
        open_to_all=bool(found and found["value"]),
        setting_version=found["version"] if found else 0,
    )


def audit_state(council: Council, actor: Actor) -> AuditState:
    """Return whether the audit log holds, read from end to end."""
    with council.reading(actor) as repo:
        require_allowed(repo, "read_audit")
        return AuditState(audit.end_as_told(repo.connection), audit.first_broken(repo.connection))


def create(council: Council, actor: Actor, asked: Mapping[str, Any]) -> tuple[Record, str]:
    """Make an account; return it and the password that is told once."""
    form = form_of(NewAccountForm, asked)
    password, password_hash = _made()
    with council.writing(actor) as repo:
        return accounts.create_account(repo, form, password_hash), password


def reset(council: Council, actor: Actor, asked: Mapping[str, Any]) -> tuple[Record, str]:
    """Give an account a new password; return it and the password that is told once."""
    form = form_of(AccountForm, asked)
    password, password_hash = _made()
    with council.writing(actor) as repo:
        found = accounts.reset_password(repo, form.account_id, password_hash, seen=form.version)
        return found, password


def change(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Give an account another role, suspend it or let it be used again."""
    form = form_of(ChangeAccountForm, asked)
    with council.writing(actor) as repo:
        return accounts.change_account(repo, form)


def erase(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Take away all that is kept of a person."""
    form = form_of(AccountForm, asked)
    with council.writing(actor) as repo:
        erased = accounts.erase_account(repo, form.account_id, seen=form.version)
    try:
        council.database.empty_log()
    except DatabaseError as error:
        # it is erased; the log beside the file is emptied by the next erasing, or when it is closed
        logger.warning("what was erased may still be in the log beside the database: %s", error)
    return erased


def invite(council: Council, actor: Actor, asked: Mapping[str, Any]) -> tuple[Record, str]:
    """Make an invitation; return it and its token, which is told once."""
    form = form_of(InviteForm, asked)
    with council.writing(actor) as repo:
        token, record = accounts.invite(repo, form)
        return record, token


def withdraw(council: Council, actor: Actor, asked: Mapping[str, Any]) -> None:
    """Take an invitation back."""
    form = form_of(InvitationForm, asked)
    with council.writing(actor) as repo:
        accounts.withdraw_invitation(repo, form.invitation_id)


def set_open(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Open the planner to visitors, or close it."""
    form = form_of(OpenToAllForm, asked)
    with council.writing(actor) as repo:
        return accounts.open_to_all(repo, form)


def account_called(council: Council, actor: Actor, name: str) -> Record:
    """Return the account of a username, or of a pseudonym where the rest was erased.

    Raises
    ------
    NotFoundError
        There is none.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, "read_people")
        by_name = account.c.username == folded_username(name)
        found = repo.first(account, by_name | (account.c.pseudonym == name))
    if found is None:
        raise NotFoundError("account.unknown", found=name[:40])
    return found


def _made() -> tuple[str, str]:
    password = made_password()
    return password, passwords().hash(password)

"""Accounts, invitations and settings: one function a verb, each with its row of the audit log.

A person is kept as a name to show, a name to sign in by, a role and the hash of a password. Erasing
takes all of that away and leaves the account without a name, so that what it wrote and voted stays
counted, under its pseudonym.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals.account_forms import AcceptForm
from ilo_geo.proposals.account_forms import ChangeAccountForm
from ilo_geo.proposals.account_forms import InviteForm
from ilo_geo.proposals.account_forms import NewAccountForm
from ilo_geo.proposals.account_forms import OpenToAllForm
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.commands import OPEN_TO_ALL
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.people import ADMINISTRATOR
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import invitation
from ilo_geo.proposals.tables import login_session
from ilo_geo.proposals.tables import setting

# bytes of a pseudonym, and of what keeps the digest of an account from being guessed
PSEUDONYM_BYTES, SALT_BYTES = 6, 16


def sha256_of(token: str) -> str:
    """Return what is kept of a token that somebody else holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_account(
    repo: Repository, form: NewAccountForm, password_hash: str, *, must_change: bool = True
) -> Record:
    """Make an account; its first password is to be changed at the first sign-in.

    Raises
    ------
    ConflictError
        Somebody has the username already.
    """
    require_allowed(repo, "create_account")
    return _made(repo, "create_account", form, password_hash, must_change=must_change)


def change_account(repo: Repository, form: ChangeAccountForm) -> Record:
    """Give an account another role, suspend it or let it be used again.

    Raises
    ------
    ConflictError
        It would leave nobody who administers, it was erased, or somebody else changed it since.
    """
    require_allowed(repo, "change_account")
    found = living(repo, form.account_id)
    if form.role != ADMINISTRATOR or not form.active:
        _require_another_administrator(repo, found)
    changed = repo.change(
        account, "change_account", found, seen=form.version, role=form.role, active=form.active
    )
    if not form.active:
        end_sessions(repo, found["id"])
    return changed


def reset_password(
    repo: Repository, account_id: str, password_hash: str, *, seen: int | None = None
) -> Record:
    """Give an account a password that is to be changed at the next sign-in; all sessions end."""
    require_allowed(repo, "reset_password")
    found = living(repo, account_id)
    end_sessions(repo, account_id)
    return repo.change(
        account,
        "reset_password",
        found,
        seen=seen,
        password_hash=password_hash,
        must_change=True,
    )


def change_own_password(repo: Repository, account_id: str, password_hash: str) -> Record:
    """Keep the password that its owner chose; all sessions end."""
    found = living(repo, account_id)
    end_sessions(repo, account_id)
    return repo.change(
        account,
        "change_own_password",
        found,
        password_hash=password_hash,
        must_change=False,
    )


def erase_account(repo: Repository, account_id: str, *, seen: int | None = None) -> Record:
    """Take away all that is kept of a person; what they wrote stays, as of an account withdrawn.

    Raises
    ------
    ConflictError
        It is the last that administers, or was erased already.
    """
    require_allowed(repo, "erase_account")
    found = living(repo, account_id)
    _require_another_administrator(repo, found)
    end_sessions(repo, account_id)
    gone = dict.fromkeys(("username", "display_name", "password_hash", "salt"))
    return repo.change(
        account, "erase_account", found, seen=seen, active=False, erased_at=repo.now, **gone
    )


def invite(repo: Repository, form: InviteForm) -> tuple[str, Record]:
    """Return the token of a new invitation, which is told once, and its record."""
    require_allowed(repo, "invite")
    token = secrets.token_urlsafe(account_rules().session.token_bytes)
    record = repo.add(
        invitation,
        "invite",
        token_sha256=sha256_of(token),
        role=form.role,
        created_by=repo.actor.account_id,
        created_at=repo.now,
        expires_at=repo.now + timedelta(days=form.days),
        used_at=None,
    )
    return token, record


def withdraw_invitation(repo: Repository, invitation_id: str) -> None:
    """Take an invitation back that nobody took up."""
    require_allowed(repo, "invite")
    found = repo.get(invitation, invitation_id)
    if found["used_at"] is not None:
        raise ConflictError("account.invitation_gone")
    repo.remove(invitation, "withdraw_invitation", found)


def open_invitation(repo: Repository, token: str) -> Record:
    """Return the invitation of a token.

    Raises
    ------
    NotFoundError
        There is none, or it is open no more: which of them is not told.
    """
    found = repo.first(invitation, invitation.c.token_sha256 == sha256_of(token))
    if found is None or not is_open_invitation(repo, found):
        raise NotFoundError("account.invitation_gone")
    return found


def is_open_invitation(repo: Repository, found: Record) -> bool:
    """Return whether an invitation can be taken up: not yet used or over, of who still invites."""
    if found["used_at"] is not None or repo.now >= found["expires_at"]:
        return False
    host = repo.get(account, found["created_by"])
    actor = Actor(host["role"], host["pseudonym"], host["id"])
    return bool(host["active"]) and allows(actor, "invite", open_to_all=False)


def accept(repo: Repository, token: str, form: AcceptForm, password_hash: str) -> Record:
    """Make the account an invitation is for; the link works once.

    Raises
    ------
    NotFoundError
        The invitation is not open.
    ConflictError
        Somebody has the username already.
    """
    found = open_invitation(repo, token)
    repo.change(invitation, "accept_invitation", found, used_at=repo.now)
    asked = NewAccountForm(
        username=form.username, display_name=form.display_name, role=found["role"]
    )
    return _made(repo, "accept_invitation", asked, password_hash, must_change=False)


def open_to_all(repo: Repository, form: OpenToAllForm) -> Record:
    """Open the planner to visitors, or close it."""
    require_allowed(repo, "change_setting")
    found = repo.first(setting, setting.c.id == OPEN_TO_ALL)
    if found is not None:
        return repo.change(
            setting, "change_setting", found, seen=form.version, value=form.open_to_all
        )
    if form.version:
        raise ConflictError("council.changed_meanwhile", found=form.version, now=0)
    return repo.add(setting, "change_setting", id=OPEN_TO_ALL, value=form.open_to_all)


def living(repo: Repository, account_id: str) -> Record:
    """Return an account that was not erased.

    Raises
    ------
    NotFoundError
        There is none.
    ConflictError
        It was erased.
    """
    found = repo.get(account, account_id)
    if found["erased_at"] is not None:
        raise ConflictError("account.erased")
    return found


def end_sessions(repo: Repository, account_id: str) -> None:
    """Sign an account out everywhere."""
    repo.connection.execute(delete(login_session).where(login_session.c.account_id == account_id))


def _made(
    repo: Repository, verb: str, form: NewAccountForm, password_hash: str, *, must_change: bool
) -> Record:
    if repo.first(account, account.c.username == form.username) is not None:
        raise ConflictError("account.username_taken", found=form.username)
    return repo.add(
        account,
        verb,
        username=form.username,
        display_name=form.display_name,
        role=form.role,
        password_hash=password_hash,
        must_change=must_change,
        active=True,
        pseudonym=f"p-{secrets.token_hex(PSEUDONYM_BYTES)}",
        salt=secrets.token_hex(SALT_BYTES),
        created_at=repo.now,
    )


def _require_another_administrator(repo: Repository, found: Record) -> None:
    if found["role"] != ADMINISTRATOR or not found["active"]:
        return
    others = repo.count(
        account,
        account.c.role == ADMINISTRATOR,
        account.c.active.is_(True),
        account.c.id != found["id"],
    )
    if not others:
        raise ConflictError("account.last_administrator")

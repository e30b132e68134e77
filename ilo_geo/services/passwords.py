"""Passwords: what one has to be, how it is kept, and a check whose time tells nothing.

A password is kept as an Argon2id hash (RFC 9106). Whoever gives a name that nobody has is checked
against a hash of nothing, so that an answer takes as long as for a name that somebody has.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2 import Type
from argon2.exceptions import InvalidHashError
from argon2.exceptions import VerificationError

from ilo_geo.core.errors import InputError
from ilo_geo.proposals.account_rules import account_rules


class Passwords:
    """Makes and checks hashes; as many at once as memory is meant for."""

    def __init__(self) -> None:
        rules = account_rules().argon2
        self._hasher = PasswordHasher(
            time_cost=rules.time_cost,
            memory_cost=rules.memory_kib,
            parallelism=rules.parallelism,
            hash_len=rules.hash_bytes,
            salt_len=rules.salt_bytes,
            type=Type.ID,
        )
        self._turns = BoundedSemaphore(rules.at_once)
        # of what nobody can type
        self._nobodys = self.hash(secrets.token_hex(rules.salt_bytes))

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turns:
            return self._hasher.hash(_spelt(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one kept; never where none is, after the same work."""
        with self._turns:
            try:
                self._hasher.verify(kept or self._nobodys, _spelt(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether a hash was made at another cost than is asked for now."""
        return self._hasher.check_needs_rehash(kept)


@cache
def passwords() -> Passwords:
    """Return the one that this process uses, so that turns are taken among all of it."""
    return Passwords()


def made_password() -> str:
    """Return a password that nobody chose, in groups of four."""
    rules = account_rules().password
    letters = "".join(secrets.choice(rules.made_from) for _ in range(rules.made_letters))
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def require_password(password: str, username: str) -> None:
    """Refuse a password that is too short, too long, a pattern, or the name itself.

    Raises
    ------
    InputError
        It says what is missing and never quotes the password.
    """
    rules = account_rules().password
    n_letters = len(_spelt(password))
    if not rules.min_letters <= n_letters <= rules.max_letters:
        raise InputError(
            "account.password_length",
            found=n_letters,
            least=rules.min_letters,
            most=rules.max_letters,
        )
    if len(set(password)) < rules.min_different or username in password.casefold():
        raise InputError("account.password_weak", least=rules.min_different)


def _spelt(password: str) -> str:
    # one spelling whatever keyboard it was typed on; a lone surrogate is no letter of any
    plain = password.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", plain)[: account_rules().password.max_letters + 1]

"""What ``accounts.yaml`` says: how accounts, passwords, sessions and invitations are kept."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import load_package_yaml


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UsernameRules(_Part):
    """What a username may be made of."""

    pattern: str


class PasswordRules(_Part):
    """What a password has to be, and what one is that the planner makes."""

    min_letters: int
    max_letters: int
    min_different: int
    made_letters: int
    made_from: str


class Argon2Rules(_Part):
    """The cost of a hash, and how many are made at once."""

    time_cost: int
    memory_kib: int
    parallelism: int
    hash_bytes: int
    salt_bytes: int
    at_once: int


class SessionRules(_Part):
    """How long one stays signed in."""

    token_bytes: int
    idle_min: float
    absolute_h: float
    noted_every_s: float

    @property
    def idle(self) -> timedelta:
        """Return how long a session lives without a request of a person."""
        return timedelta(minutes=self.idle_min)

    @property
    def absolute(self) -> timedelta:
        """Return how long a session lives at most."""
        return timedelta(hours=self.absolute_h)

    @property
    def noted_every(self) -> timedelta:
        """Return how exactly it is kept when a session was seen."""
        return timedelta(seconds=self.noted_every_s)


class SignInRules(_Part):
    """How many failures within the window."""

    window_min: float
    most_by_account: int
    most_by_address: int

    @property
    def window(self) -> timedelta:
        """Return how long a failure counts."""
        return timedelta(minutes=self.window_min)


class InvitationRules(_Part):
    """How long an invitation lives."""

    usual_days: int
    most_days: int


class SearchRules(_Part):
    """How often one may search."""

    window_s: float
    most: int
    most_by_address: int


class GisRules(_Part):
    """How long a program that gave the right password is believed."""

    believed_min: float
    most: int

    @property
    def believed(self) -> timedelta:
        """Return for how long the hash is not computed again."""
        return timedelta(minutes=self.believed_min)


class AccountRules(_Part):
    """Everything in ``accounts.yaml``."""

    username: UsernameRules
    display_name_letters: int
    password: PasswordRules
    argon2: Argon2Rules
    session: SessionRules
    sign_in: SignInRules
    invitation: InvitationRules
    search: SearchRules
    gis: GisRules


@cache
def account_rules() -> AccountRules:
    """Return what ``accounts.yaml`` says."""
    return AccountRules.model_validate(load_package_yaml("ilo_geo.proposals", "accounts.yaml"))

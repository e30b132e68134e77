"""What may be asked of accounts, invitations and settings, checked field by field."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import Field

from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import RecordId
from ilo_geo.proposals.model import Title
from ilo_geo.proposals.model import VersionForm
from ilo_geo.proposals.people import ROLES

RULES = account_rules()


def folded_username(typed: str) -> str:
    """Return a username as it is kept: one spelling of each letter, small, no blanks around."""
    return unicodedata.normalize("NFKC", typed).casefold().strip()


def _username(value: object) -> object:
    return folded_username(value) if isinstance(value, str) else value


def _fits(value: str) -> str:
    if not re.fullmatch(RULES.username.pattern, value):
        raise ValueError(RULES.username.pattern)
    return value


def _role(value: str) -> str:
    if value not in ROLES:
        raise ValueError(", ".join(ROLES))
    return value


Username = Annotated[str, BeforeValidator(_username), AfterValidator(_fits)]
Role = Annotated[str, AfterValidator(_role)]
DisplayName = Annotated[Title, Field(max_length=RULES.display_name_letters)]


class NewAccountForm(Form):
    """Who a new account is for."""

    username: Username
    display_name: DisplayName
    role: Role


class ChangeAccountForm(VersionForm):
    """A role and whether the account may be used, over the version that was seen."""

    account_id: RecordId
    role: Role
    active: bool


class AccountForm(VersionForm):
    """Which account, in the version that was seen."""

    account_id: RecordId


class InviteForm(Form):
    """The role of who is invited, and for how many days."""

    role: Role
    days: Annotated[int, Field(ge=1, le=RULES.invitation.most_days)] = RULES.invitation.usual_days


class InvitationForm(Form):
    """Which invitation."""

    invitation_id: RecordId


class AcceptForm(Form):
    """Who takes an invitation up; the role is the invitation's."""

    username: Username
    display_name: DisplayName


class OpenToAllForm(Form):
    """Whether visitors may see; ``version`` 0 where it was never set."""

    open_to_all: bool
    version: int

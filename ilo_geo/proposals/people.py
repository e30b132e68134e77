"""Who acts: an account with its role, a visitor, or the planner itself."""

from __future__ import annotations

from dataclasses import dataclass

VISITOR, SYSTEM = "visitor", "system"
CITIZEN, PLANNER, CIVIL_DEFENCE = "citizen", "planner", "civil_defence"
COUNCILLOR, SECRETARY, ADMINISTRATOR = "councillor", "secretary", "administrator"
ROLES = (CITIZEN, PLANNER, CIVIL_DEFENCE, COUNCILLOR, SECRETARY, ADMINISTRATOR)


@dataclass(frozen=True)
class Actor:
    """Somebody who asks for something; ``account_id`` is None for a visitor and the planner."""

    role: str
    pseudonym: str
    account_id: str | None = None


visitor = Actor(VISITOR, VISITOR)
# what the planner does by itself: the technical sheet, the first administrator
system = Actor(SYSTEM, SYSTEM)

"""Who may do what: the table is ``permissions.yaml``, and what it does not grant is refused."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.errors import RefusedError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.proposals.people import SYSTEM
from ilo_geo.proposals.people import VISITOR
from ilo_geo.proposals.people import Actor

ALWAYS: Literal["always"] = "always"
Where = Literal["always"] | tuple[str, ...]


class Cell(BaseModel):
    """Where a role may use a verb: on anybody's, and on one's own beside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any: Where = ()
    own: Where = ()


class Verb(BaseModel):
    """What a verb is called, and to whom it is granted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    grants: dict[str, Where | Cell]

    def cell(self, role: str) -> Cell:
        """Return where a role may use it; nowhere where nothing is granted."""
        granted = self.grants.get(role, ())
        return granted if isinstance(granted, Cell) else Cell(any=granted)


class Permissions(BaseModel):
    """The whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: dict[str, Text]
    when_open: tuple[str, ...]
    lists: tuple[tuple[str, ...], ...] = Field(exclude=True)
    verbs: dict[str, Verb]


@cache
def permissions() -> Permissions:
    """Return what ``permissions.yaml`` says."""
    return Permissions.model_validate(load_package_yaml("ilo_geo.proposals", "permissions.yaml"))


def allows(
    actor: Actor, verb: str, state: str | None = None, *, own: bool = False, open_to_all: bool
) -> bool:
    """Return whether the table grants a verb.

    Parameters
    ----------
    state
        Of the proposal; None for a verb of something that has no state.
    own
        Whether it is the actor's own.
    open_to_all
        Whether the administrator opened the planner to visitors.
    """
    if actor.role == SYSTEM:
        return True
    known = permissions()
    if verb not in known.verbs:
        return False
    if actor.role == VISITOR and not (open_to_all and verb in known.when_open):
        return False
    cell = known.verbs[verb].cell(actor.role)
    return _covers(cell.any, state) or (own and _covers(cell.own, state))


def ever_allows(actor: Actor, verb: str, *, own: bool) -> bool:
    """Return whether the table grants a verb in some state."""
    if actor.role == SYSTEM:
        return True
    known = permissions().verbs.get(verb)
    cell = known.cell(actor.role) if known else Cell()
    return bool(cell.any or (own and cell.own))


def admits(actor: Actor, verb: str, *, open_to_all: bool) -> bool:
    """Return whether the table grants a verb on anything at all: what a door asks.

    Behind it, each thing is looked at by its state and by whose it is.
    """
    if actor.role == VISITOR and not (open_to_all and verb in permissions().when_open):
        return False
    return ever_allows(actor, verb, own=True)


def refused(actor: Actor, verb: str) -> RefusedError:
    """Return the refusal of a verb in words."""
    role = permissions().roles.get(actor.role, actor.role)
    return RefusedError("council.refused", role=role, verb=verb_title(verb))


def verb_title(verb: str) -> Text:
    """Return what a verb is called, its id where it has no name."""
    known = permissions().verbs.get(verb)
    return known.title if known else Text(es=verb[:40], en=verb[:40])


def _covers(where: Where, state: str | None) -> bool:
    return where == ALWAYS or (state is not None and state in where)

"""The lifecycle of a proposal as a state machine; the machine itself is ``states.yaml``."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.proposals.permissions import verb_title

DRAFT, SUBMITTED, IN_REVIEW, OBSERVED = "draft", "submitted", "in_review", "observed"
IN_DEBATE, IN_VOTE = "in_debate", "in_vote"
APPROVED, REJECTED, ARCHIVED = "approved", "rejected", "archived"
IN_PROGRESS, DONE = "in_progress", "done"


class Transition(BaseModel):
    """The states a verb may start from, and those it may lead to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: tuple[str, ...] = Field(alias="from")
    to: tuple[str, ...]


class Lifecycle(BaseModel):
    """Every state with its name, and every verb that leads from one to another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: dict[str, Text]
    transitions: dict[str, Transition]


@cache
def lifecycle() -> Lifecycle:
    """Return what ``states.yaml`` says."""
    return Lifecycle.model_validate(load_package_yaml("ilo_geo.proposals", "states.yaml"))


def is_legal(verb: str, state: str) -> bool:
    """Return whether a verb may start from a state; one that changes no state always may."""
    transition = lifecycle().transitions.get(verb)
    return transition is None or state in transition.start


def require_legal(verb: str, state: str) -> None:
    """Refuse a verb that the lifecycle does not know from ``state``.

    Raises
    ------
    ConflictError
        Nothing changes.
    """
    if not is_legal(verb, state):
        known = lifecycle()
        expected = tuple(known.states[start] for start in known.transitions[verb].start)
        raise ConflictError(
            "council.illegal_transition",
            verb=verb_title(verb),
            found=known.states[state],
            expected=expected,
        )

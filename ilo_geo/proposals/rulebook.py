"""What ``council.yaml`` says: kinds, verdicts, commitments, limits, and how a quorum is counted."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

FEASIBLE, CONDITIONAL, NOT_FEASIBLE = "feasible", "conditional", "not_feasible"
REMARK, FOR, AGAINST, ABSTAIN = "remark", "for", "against", "abstain"
OPEN, WITHOUT_QUORUM, WITHDRAWN = "open", "without_quorum", "withdrawn"
PLANNED, CLOSED, CANCELLED = "planned", "closed", "cancelled"


class Kind(BaseModel):
    """A kind of proposal and the shapes it may have: point, line, polygon."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    shapes: tuple[str, ...]


class Limits(BaseModel):
    """How long, how large and how many at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title_letters: int
    text_letters: int
    short_letters: int
    name_letters: int
    geometry_points: int
    cost_soles: int
    document_bytes: int
    documents: int
    agenda: int


class ClockRules(BaseModel):
    """How far the clock may be behind what was written, before it is told and before it stops."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    told_min: float
    behind_h: float

    @property
    def told(self) -> timedelta:
        """Return from where on it is told."""
        return timedelta(minutes=self.told_min)

    @property
    def behind(self) -> timedelta:
        """Return from where on nothing is written."""
        return timedelta(hours=self.behind_h)


class Quorum(BaseModel):
    """``members // divisor + plus`` have to be there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    divisor: int
    plus: int

    def of(self, n_members: int) -> int:
        """Return how many of ``n_members`` have to be there."""
        return n_members // self.divisor + self.plus


class Rulebook(BaseModel):
    """Everything in ``council.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[str, Kind]
    kind_of_analysis: dict[str, str]
    verdicts: dict[str, Text]
    stances: dict[str, Text]
    choices: dict[str, Text]
    outcomes: dict[str, Text]
    phases: dict[str, Text]
    project_phases: tuple[str, ...]
    sitting_states: dict[str, Text]
    sitting_verbs: dict[str, tuple[str, ...]]
    sitting_early_hours: int
    commitments: dict[str, Text]
    limits: Limits
    clock: ClockRules
    quorum: Quorum
    invierte_pattern: str
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which deadlines are told."""
        return ZoneInfo(self.time_zone)


@cache
def rulebook() -> Rulebook:
    """Return what ``council.yaml`` says."""
    return Rulebook.model_validate(load_package_yaml("ilo_geo.proposals", "council.yaml"))


def is_tie(n_for: int, n_against: int) -> bool:
    """Return whether who presides has to decide.

    Nobody for and nobody against is no tie: what has no vote is not approved.
    """
    return n_for == n_against > 0

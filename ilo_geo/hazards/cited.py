"""Data with a source: the base of what the analyses read from YAML."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified


class Data(BaseModel):
    """Frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cited(Data):
    """A source and how it was seen."""

    text: str
    verified: Verified

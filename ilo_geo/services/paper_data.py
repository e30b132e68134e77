"""What papers are made of as data, and its fingerprint."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.proposals.audit import canonical


class Data(BaseModel):
    """Part of what a paper says."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def sha256_of(data: Data) -> str:
    """Return the SHA-256 of the canonical JSON of some data."""
    return hashlib.sha256(canonical(data.model_dump(mode="json")).encode()).hexdigest()

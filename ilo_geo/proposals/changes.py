"""What differs between a proposal as somebody had it before them and as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilo_geo.proposals.model import ProposalForm

SAID = tuple(ProposalForm.model_fields)


@dataclass(frozen=True)
class Change:
    """One field that somebody else wrote: as it was seen, as it is now."""

    field: str
    seen: Any
    now: Any


def changes(seen: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what a proposal says now that it did not say when it was seen.

    Parameters
    ----------
    seen, now
        Values of the fields of `ProposalForm`; one that ``seen`` lacks counts as empty.
    """
    pairs = ((name, seen.get(name), now.get(name)) for name in SAID)
    return tuple(
        Change(name, before, after) for name, before, after in pairs if not _same(before, after)
    )


def _same(one: Any, other: Any) -> bool:
    # nothing written is nothing, however it is kept
    return one == other or (one in ("", None) and other in ("", None))

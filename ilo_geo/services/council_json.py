"""Proposals as plain values for programs: what the HTTP API sends, and what it understands.

Nothing personal goes out: people are called as the pages call them, ids of accounts stay here.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import transformer
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.proposals import audit
from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import instant_text
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import BallotView
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.council_views import page_of

MOST_ROWS, USUAL_ROWS = 200, 50
MAX_OFFSET = 1_000_000
LISTED = (
    "number", "id", "title", "kind", "state", "state_since", "zone", "feasibility",
    "cost_min_soles", "cost_max_soles", "campaign_id", "version", "updated_at", "n_support",
    "n_for", "n_against", "lon", "lat",
)  # fmt: skip
TOLD = (
    "number", "id", "title", "description", "kind", "state", "state_since", "zone", "feasibility",
    "feasibility_reason", "cost_min_soles", "cost_max_soles", "funds_source", "invierte_code",
    "office", "commitment", "origin", "origin_ref", "campaign_id", "version", "created_at",
    "updated_at",
)  # fmt: skip
BALLOT = (
    "id", "number", "sitting_id", "opened_at", "closes_at", "closed_at", "n_members", "quorum",
    "outcome", "n_for", "n_against", "n_abstain", "casting", "casting_reason",
    "casting_by",
)  # fmt: skip
DOCUMENT = ("id", "name", "media_type", "size_bytes", "sha256", "at", "removed_at")


def state_tag(council: Council, actor: Actor, asked: Sequence[str]) -> str:
    """Return what changes whenever an answer to ``asked`` may change for this reader.

    Whatever is read here was written with a row of the audit log, so its end says it all; asking
    it costs next to nothing. It is for this side alone: it changes as well when somebody writes
    what the reader may not know of.
    """
    with council.reading(actor) as repo:
        last = audit.head(repo.connection)
    parts = (last.hash, actor.role, actor.account_id or "", *asked)
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]


def list_document(
    council: Council, actor: Actor, wanted: Filter, *, limit: int, offset: int
) -> dict[str, Any]:
    """Return a page of the list as plain values.

    Raises
    ------
    InputError
        More rows are asked for at once than are sent.
    """
    for where, found, low, high in (
        ("limit", limit, 1, MOST_ROWS),
        ("offset", offset, 0, MAX_OFFSET),
    ):
        if not low <= found <= high:
            raise InputError(
                "parameter.invalid", where=where, found=found, expected=f"{low}–{high}"
            )
    page = page_of(council, actor, wanted, limit=limit, offset=offset)
    rows = [_plain({name: row[name] for name in LISTED}) for row in page.rows]
    return {"n_all": page.n_all, "offset": offset, "limit": limit, "rows": rows}


def proposal_document(view: ProposalView, lang: Lang) -> dict[str, Any]:
    """Return one proposal with all that was said and done, as its reader may see it."""
    comment = ("id", "stance", "text", "at", "author", "hidden", "hidden_reason")
    event = ("at", "verb", "who", "role", "text", "to_state", "detail")
    document: dict[str, Any] = _plain(
        {
            **{name: view.record[name] for name in TOLD},
            "shape": view.shape,
            "author": view.author,
            "n_support": view.n_support,
            "supported": view.supported,
            "comments": [{name: one[name] for name in comment} for one in view.comments],
            "documents": [{name: one[name] for name in DOCUMENT} for one in view.documents],
            "timeline": [{name: getattr(one, name) for name in event} for one in view.timeline],
            "ballots": [_ballot(one) for one in view.ballots],
            "verbs": sorted(view.verbs),
        },
        lang,
    )
    return document


def box_in_metres(council: Council, text: str) -> tuple[float, float, float, float]:
    """Return a box of degrees, ``west,south,east,north``, in the city's metres.

    Raises
    ------
    InputError
        It is no box.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        good = west <= east and south <= north and abs(west) <= 180 >= abs(east)
        good = good and abs(south) <= 90 >= abs(north)
        to_metres = transformer(DISPLAY_CRS, council.area().crs)
        box = to_metres.transform_bounds(west, south, east, north) if good else ()
    except ValueError:
        box = ()
    if len(box) != 4 or not all(map(math.isfinite, box)):
        expected = "west,south,east,north (°)"
        raise InputError("parameter.invalid", where="bbox", found=text[:60], expected=expected)
    return box


def parsed(body: bytes) -> dict[str, Any]:
    """Return the object that a request's body holds.

    Raises
    ------
    InputError
        It is no JSON object, holds a number that is none, or is nested without end.
    """
    try:
        told = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError("council.no_json", found=type(error).__name__) from error
    if not isinstance(told, dict):
        raise InputError("council.no_json", found=type(told).__name__)
    return told


def _ballot(view: BallotView) -> dict[str, Any]:
    return {
        **{name: view.record[name] for name in BALLOT},
        "is_open": view.is_open,
        # who chose what is told when it is closed
        "roll": [{"who": who, "choice": choice} for who, choice in view.roll],
        "voted": view.voted,
        "waiting": view.waiting,
        "count": view.count,
        "mine": view.mine,
    }


def _plain(value: Any, lang: Lang = "es") -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part, lang) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part, lang) for part in value]
    if isinstance(value, Text):
        return value.in_(lang)
    return instant_text(value) if isinstance(value, datetime) else value


def _refuse(name: str) -> float:
    raise ValueError(name)

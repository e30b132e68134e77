"""From a site that was found, or a point of the municipality's own layer, to a proposal.

A draft keeps what an analysis chose and how well (`ilo_geo.services.drafts`); a proposal is what
the council decides on, one a site. It remembers the draft it comes from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Lang
from ilo_geo.core.text import folded
from ilo_geo.core.text import messages
from ilo_geo.proposals.commands import granted
from ilo_geo.proposals.commands import lifecycle
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.draft import ID
from ilo_geo.proposals.draft import Draft
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import CANDIDATE
from ilo_geo.proposals.model import IMPORTED
from ilo_geo.proposals.model import FoundProposalForm
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.shape import require_shape
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.states import DRAFT
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.council import Council
from ilo_geo.services.drafts import proposal as stored_draft

MUNICIPAL_LAYER = "proposals"
OTHER = "other"
POINT = "point"
# taken in at once; the rest is offered again
MAX_TAKEN = 500
# what the row of a site calls it, what it costs, and why it was chosen
NAMES = ("name", "title", ID)
COST = "capex_soles"
EXISTING = "existing"


@dataclass(frozen=True)
class Taken:
    """Proposals that were made, and what could not become one: its name and why."""

    records: tuple[Record, ...]
    left_out: tuple[tuple[str, InputError], ...]


@dataclass(frozen=True)
class _Ready:
    form: FoundProposalForm
    shape: shapely.Geometry
    zone: str


def propose_sites(
    council: Council,
    actor: Actor,
    draft: Draft,
    *,
    lang: Lang = "es",
    only: Collection[str] | None = None,
) -> Taken:
    """Make one proposal of each site that a draft chose, all of them or none.

    Parameters
    ----------
    lang
        Of the reasons that become the description.
    only
        Ids of the sites that are wanted, None for all.

    Raises
    ------
    RefusedError
        The actor may make no proposals.
    InputError
        No site of the draft could become a proposal: one that is a live proposal already is none.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, "create")
        standing = _standing(repo)
    kind = rulebook().kind_of_analysis.get(draft.analysis, OTHER)
    shapes = draft.places.to_crs(council.area().crs).geometry
    ready: list[_Ready] = []
    left_out: list[tuple[str, InputError]] = []
    for row in draft.selected:
        site = str(row[ID])
        # a base that stands already is no proposal
        if (only is not None and site not in only) or EXISTING in (row.get("reasons") or ()):
            continue
        asked = _said(draft, row, kind, lang)
        try:
            one = _ready(council, asked, shapes.get(site))
            _require_new(one.shape, standing)
            ready.append(one)
        except InputError as error:
            left_out.append((site, error))
    if not ready:
        raise left_out[0][1] if left_out else InputError("council.no_sites", found=draft.title)
    return Taken(_written(council, actor, ready), tuple(left_out))


def n_untaken(council: Council, actor: Actor) -> int:
    """Return how many points of the municipality's layer of proposals were not taken in yet."""
    area = council.area()
    if not area.has(MUNICIPAL_LAYER):
        return 0
    with council.reading(actor) as repo:
        known = _known(repo)
    return sum(ref not in known for ref in _refs(area.frame(MUNICIPAL_LAYER)))


def search_of(council: Council, record: Record) -> Draft | None:
    """Return the search that chose a proposal's site, None where there was none or it is gone."""
    if record["origin"] != CANDIDATE:
        return None
    try:
        return stored_draft(council.area(), record["origin_ref"] or "")
    except InputError:
        return None


def take_imported(council: Council, actor: Actor) -> Taken:
    """Make a proposal of each point of the municipality's layer that was not taken in yet.

    Raises
    ------
    RefusedError
        The actor may make no proposals.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, "create")
        known = _known(repo)
    points = council.area().frame(MUNICIPAL_LAYER)
    ready: list[_Ready] = []
    left_out: list[tuple[str, InputError]] = []
    for ref, (_, row) in zip(_refs(points), points.iterrows(), strict=True):
        if ref in known or len(ready) >= MAX_TAKEN:
            continue
        asked = {
            "title": str(row["title"])[: rulebook().limits.title_letters],
            "kind": _kind(row.get("kind")),
            "origin": IMPORTED,
            "origin_ref": ref,
        }
        try:
            ready.append(_ready(council, asked, row.geometry))
        except InputError as error:
            left_out.append((asked["title"], error))
    return Taken(_written(council, actor, ready), tuple(left_out))


def _said(draft: Draft, row: Mapping[str, Any], kind: str, lang: Lang) -> dict[str, Any]:
    named = (row.get(name) for name in NAMES)
    name = next(str(one) for one in named if isinstance(one, str | int) and str(one).strip())
    limits = rulebook().limits
    reasons = row.get(f"reasons_{lang}")
    told = reasons if isinstance(reasons, list | tuple) else [reasons] if reasons else []
    cost = row.get(COST)
    soles = None if cost is None or pd.isna(cost) else round(float(cost))
    if soles is not None:
        told = [*told, messages()["council.cost_of_search"].in_(lang)]
    return {
        "title": f"{draft.title} · {name}"[: limits.title_letters],
        "description": "\n".join(map(str, told))[: limits.text_letters],
        "kind": kind,
        "cost_min_soles": soles,
        "cost_max_soles": soles,
        "origin": CANDIDATE,
        "origin_ref": draft.id,
    }


def _ready(council: Council, asked: Mapping[str, Any], shape: Any) -> _Ready:
    form = form_of(FoundProposalForm, asked)
    if shape is None or pd.isna(shape):
        found = messages()["council.no_shape"]
        raise InputError(
            "council.shape_kind",
            found=found,
            expected=", ".join(rulebook().kinds[form.kind].shapes),
        )
    require_shape(shape, form.kind, council.area().boundary)
    return _Ready(form, shape, council.zone_of(shape))


def _written(council: Council, actor: Actor, ready: list[_Ready]) -> tuple[Record, ...]:
    with council.writing(actor) as repo:
        require_allowed(repo, "create")
        return tuple(
            lifecycle.create(repo, one.form, one.shape, council.srid, one.zone) for one in ready
        )


def _standing(repo: Repository) -> dict[bytes, int]:
    """Return the number of each site's proposal that the actor may read and that still stands."""
    live = (DRAFT, *sheet_rules().live_states)
    rows = repo.find(proposal, proposal.c.origin == CANDIDATE, proposal.c.state.in_(live))
    return {row["geometry"]: row["number"] for row in rows if granted(repo, "read", row)}


def _require_new(shape: shapely.Geometry, standing: Mapping[bytes, int]) -> None:
    number = standing.get(shapely.to_wkb(shape))
    if number is not None:
        raise InputError("council.site_proposed", number=number)


def _known(repo: Repository) -> set[str]:
    rows = repo.find(proposal, proposal.c.origin == IMPORTED)
    return {row["origin_ref"] for row in rows}


def _refs(points: gpd.GeoDataFrame) -> list[str]:
    """Return what tells a point of the layer from the others, whichever version it comes in."""
    told = zip(points["title"].astype(str), shapely.to_wkb(points.geometry.to_numpy()), strict=True)
    return [hashlib.sha256(title.encode() + wkb).hexdigest() for title, wkb in told]


def _kind(told: object) -> str:
    """Return the kind that the municipality's word names, other where it is no kind of a point."""
    word = folded(told) if isinstance(told, str) else ""
    for name, kind in rulebook().kinds.items():
        titles = (name, folded(kind.title.es), folded(kind.title.en))
        if word in titles and POINT in kind.shapes:
            return name
    return OTHER

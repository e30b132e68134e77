"""Council dossiers: a proposal with its map, figures, reasons, votes and provenance, as a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import ColumnElement

from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Lang
from ilo_geo.io.document import Document
from ilo_geo.io.document import Key
from ilo_geo.io.document import Picture
from ilo_geo.io.legend import word
from ilo_geo.io.workspace import atomic_path
from ilo_geo.proposals.listing import readable_where
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.areas import Area
from ilo_geo.services.basemap import sea
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import numbered
from ilo_geo.services.dossier_data import Dossier
from ilo_geo.services.dossier_data import Kind
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.dossier_data import SheetPart
from ilo_geo.services.dossier_data import proposal_part
from ilo_geo.services.dossier_paper import document_of
from ilo_geo.services.dossier_sets import campaign_part
from ilo_geo.services.dossier_sets import scenario_part
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import public_address
from ilo_geo.services.proposal_sheet import stored_sheet

__all__ = ["FORMATS", "Kind", "dossier", "gathered"]

FORMATS = ("pdf", "xlsx", "gpkg", "html")
# larger numbers no database of ours holds
MOST_NUMBER = 2**31 - 1
RECORD_ID = re.compile("[0-9a-f]{1,64}")
# what a reader finds the place by, from below to above
BASE = ("blocks", "zones", "districts", "streets", "river", "coastline")


@dataclass(frozen=True)
class Gathered:
    """A dossier, and what lies around its shapes: the base of its map, by layer."""

    dossier: Dossier
    base: dict[str, gpd.GeoDataFrame]
    sea: gpd.GeoDataFrame | None


@dataclass(frozen=True)
class Order:
    """How a dossier is wanted: language, where readers reach the planner, when it is printed."""

    lang: Lang
    address: str | None
    printed_at: datetime


def dossier(
    council: Council,
    actor: Actor,
    kind: Kind,
    key: str,
    fmt: str,
    path: Path,
    *,
    lang: Lang = "es",
    address: str | None = None,
) -> str:
    """Write a dossier as one of `FORMATS` and return the fingerprint of its data.

    Parameters
    ----------
    kind, key
        ``proposal`` and its number, ``campaign`` or ``scenario`` and its id.
    address
        The address of the planner that a reader used; see `public_address`.

    Raises
    ------
    InputError
        There is no such format.
    NotFoundError
        There is no such thing, or none the actor may read.
    RefusedError
        The actor may not read such things.
    """
    if fmt not in FORMATS:
        raise InputError("export.unknown_format", found=fmt[:20], expected=", ".join(FORMATS))
    found = gathered(council, actor, kind, key)
    order = Order(lang, public_address(address), council.clock())
    with atomic_path(path) as temporary:
        WRITERS[fmt](found, order, temporary)
    return found.dossier.sha256


def gathered(council: Council, actor: Actor, kind: Kind, key: str) -> Gathered:
    """Return a dossier of what lies before the council now."""
    if kind == "proposal":
        return _of_proposal(council, actor, key)
    if not RECORD_ID.fullmatch(key):
        raise NotFoundError("council.not_found", found=key[:40])
    return (
        _of_campaign(council, actor, key)
        if kind == "campaign"
        else _of_scenario(council, actor, key)
    )


def _of_proposal(council: Council, actor: Actor, key: str) -> Gathered:
    if not (key.isdecimal() and int(key) <= MOST_NUMBER):
        raise NotFoundError("council.not_found", found=key[:40])
    area = council.area()
    names = zone_names(area)
    with council.reading(actor) as repo:
        row = numbered(repo, int(key))
        part = proposal_part(repo, row, names.get(row["zone"], str(row["zone"])))
        known = stored_sheet(repo, area, row)
    if known is not None:
        part = part.model_copy(update={"sheet": SheetPart.of(known)})
    path = f"/propuestas/{part.number}"
    return _gathered(council, kind="proposal", path=path, title=part.title, proposals=(part,))


def _of_campaign(council: Council, actor: Actor, key: str) -> Gathered:
    title, told = campaign_part(council, actor, key)
    parts = _parts(council, actor, proposal.c.campaign_id == key)
    path = f"/presupuesto/{key}"
    return _gathered(
        council, kind="campaign", path=path, title=title, proposals=parts, campaign=told
    )


def _of_scenario(council: Council, actor: Actor, key: str) -> Gathered:
    view, told = scenario_part(council, actor, key)
    parts = _parts(council, actor, proposal.c.number.in_([int(n) for n in view.proposals.index]))
    path, title = f"/escenarios/{key}", view.record["title"]
    return _gathered(
        council, kind="scenario", path=path, title=title, proposals=parts, scenario=told
    )


def _parts(council: Council, actor: Actor, which: ColumnElement[bool]) -> tuple[ProposalPart, ...]:
    """Return the proposals that fit and that the actor may read, by number."""
    names = zone_names(council.area())
    with council.reading(actor) as repo:
        rows = repo.find(proposal, which, readable_where(repo), order=(proposal.c.number,))
        return tuple(
            proposal_part(repo, row, names.get(row["zone"], str(row["zone"]))) for row in rows
        )


def _gathered(council: Council, *, proposals: tuple[ProposalPart, ...], **told: Any) -> Gathered:
    """Return a dossier with the base of its map; where there is no shape there is no map."""
    area = council.area()
    base = base_around(area, [part.geometry for part in proposals]) if proposals else {}
    made = Dossier(
        city=area.config.title,
        srid=council.srid,
        proposals=proposals,
        base=area.refs(*base),
        **told,
    )
    return Gathered(made, base, sea(area) if proposals else None)


def zone_names(area: Area) -> dict[str, str]:
    """Return the name of each finest zone by its id."""
    frame = area.frame(area.config.levels[-1])
    return dict(zip(frame["id"].astype(str), frame["name"].astype(str), strict=True))


def base_around(area: Area, shapes: list[shapely.Geometry]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the base map that are seen around shapes, cut to the view."""
    # matplotlib takes a second to import; only who prints waits for it
    from ilo_geo.io.shape_map import around

    west, south, east, north = around(gpd.GeoDataFrame(geometry=shapes, crs=area.crs))
    seen = {
        layer: area.frame(layer).cx[west:east, south:north] for layer in BASE if area.has(layer)
    }
    return {layer: frame for layer, frame in seen.items() if len(frame)}


def paper_of(found: Gathered, order: Order, *, drawn: bool = False) -> Document:
    """Return a dossier as a paper; a map is ``drawn`` for who prints it only."""
    return document_of(
        found.dossier,
        order.lang,
        picture=_picture(found, order.lang) if drawn and found.dossier.proposals else None,
        address=order.address,
        printed_at=order.printed_at,
    )


def _picture(found: Gathered, lang: Lang) -> Picture:
    from ilo_geo.io.shape_map import RATIO
    from ilo_geo.io.shape_map import SEA_COLOUR
    from ilo_geo.io.shape_map import SHAPE
    from ilo_geo.io.shape_map import draw_shapes
    from ilo_geo.io.shape_map import key_of

    parts, w = found.dossier.proposals, Words(lang, "dossier")
    shapes = gpd.GeoDataFrame(
        {"label": [part.number for part in parts]},
        geometry=[part.geometry for part in parts],
        crs=found.dossier.srid,
    )
    legend = [Key(w("shape"), SHAPE.colour, SHAPE.edge)]
    legend += [
        key_of(n, _layer_title(found.dossier.base, n, lang), f) for n, f in found.base.items()
    ]
    if found.sea is not None:
        legend.append(Key(w("sea"), SEA_COLOUR, SEA_COLOUR))
    titles = ", ".join(_layer_title(found.dossier.base, name, lang) for name in found.base)
    letter = Words(lang, "common")("north")
    return Picture(
        title=w("map"),
        png=draw_shapes(shapes, found.base, sea=found.sea, letter=letter),
        ratio=RATIO,
        legend=tuple(legend),
        caption=w("map_caption", crs=crs_name(shapes.crs), layers=titles),
        modelled=any(ref.status is Status.MODELLED for ref in found.dossier.base),
    )


def _layer_title(refs: tuple[LayerRef, ...], layer: str, lang: Lang) -> str:
    """Return what a layer is called, with its status where it is modelled."""
    title = word("tables", layer, lang)
    status = next((ref.status for ref in refs if ref.layer == layer), None)
    if status is Status.MODELLED:
        return f"{title} ({word('statuses', status.value, lang).lower()})"
    return title


def _write_pdf(found: Gathered, order: Order, path: Path) -> None:
    # reportlab too takes its time
    from ilo_geo.io.document_pdf import write_pdf

    write_pdf(paper_of(found, order, drawn=True), path)


def _write_xlsx(found: Gathered, order: Order, path: Path) -> None:
    from ilo_geo.io.document_xlsx import write_xlsx

    write_xlsx(paper_of(found, order), path)


def _write_gpkg(found: Gathered, order: Order, path: Path) -> None:
    from ilo_geo.services.dossier_shapes import write_shapes

    write_shapes(found.dossier, paper_of(found, order), path)


def _write_html(found: Gathered, order: Order, path: Path) -> None:
    from ilo_geo.services.dossier_shapes import write_page

    write_page(found.dossier, paper_of(found, order), found.base, path)


WRITERS: dict[str, Callable[[Gathered, Order, Path], None]] = {
    "pdf": _write_pdf,
    "xlsx": _write_xlsx,
    "gpkg": _write_gpkg,
    "html": _write_html,
}

"""A dossier as a paper in one language: cover, map, sheet, reasons, votes, provenance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.text import Lang
from ilo_geo.io.document import Block
from ilo_geo.io.document import Document
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Picture
from ilo_geo.io.document import Prose
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.against_paper import against_block
from ilo_geo.services.debate_paper import debate_blocks
from ilo_geo.services.debate_paper import timeline_blocks
from ilo_geo.services.debate_paper import verdict_blocks
from ilo_geo.services.debate_paper import vote_blocks
from ilo_geo.services.dossier_data import Dossier
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment
from ilo_geo.services.paper_words import soles
from ilo_geo.services.set_paper import campaign_blocks
from ilo_geo.services.set_paper import scenario_blocks
from ilo_geo.services.sheet_paper import sheet_blocks
from ilo_geo.services.sheet_paper import trust_blocks


def document_of(
    dossier: Dossier,
    lang: Lang,
    *,
    picture: Picture | None,
    address: str | None,
    printed_at: datetime,
) -> Document:
    """Return a dossier as a paper.

    Parameters
    ----------
    picture
        The map of its shapes, where it is printed.
    address
        Where readers reach the planner; None where nobody said.
    """
    common = Words(lang, "common")
    head = _head(dossier, lang)
    return Document(
        lang=lang,
        kicker=head.kicker,
        title=dossier.title,
        subtitle=head.subtitle,
        blocks=(
            *warning(dossier, lang),
            *_body(dossier, picture, lang),
            *_end(dossier, lang),
        ),
        link=address and f"{address}{dossier.path}",
        link_note=common("no_link", path=dossier.path),
        data_sha256=dossier.sha256,
        printed_at=printed_at,
        foot=common("foot", city=dossier.city.in_(lang), at=moment(printed_at)),
        page=common("page"),
        modelled_mark=common("mark"),
    )


@dataclass(frozen=True)
class _Head:
    kicker: str
    subtitle: str


def _head(dossier: Dossier, lang: Lang) -> _Head:
    """Return what kind of dossier it is, and how things stand."""
    w, sets = Words(lang, "dossier"), Words(lang, "set")
    if dossier.campaign is not None:
        phase = rulebook().phases[dossier.campaign.phase].in_(lang)
        return _Head(w("kicker_campaign"), f"{sets('phase')}: {phase}")
    if dossier.scenario is not None:
        told = f"{sets('proposals')}: {', '.join(str(part.number) for part in dossier.proposals)}"
        return _Head(w("kicker_scenario"), told)
    (part,) = dossier.proposals
    return _Head(w("kicker_proposal", number=part.number), subtitle(part, lang))


def _body(dossier: Dossier, picture: Picture | None, lang: Lang) -> Iterator[Block]:
    if dossier.campaign is not None:
        return campaign_blocks(dossier.campaign, dossier.proposals, picture, lang)
    if dossier.scenario is not None:
        return scenario_blocks(dossier.scenario, dossier.proposals, picture, lang)
    return _proposal(dossier, dossier.proposals[0], picture, lang)


def subtitle(part: ProposalPart, lang: Lang) -> str:
    """Return how a proposal stands: its state since when, its kind and its zone."""
    w = Words(lang, "dossier")
    return w(
        "since",
        state=lifecycle().states[part.state].in_(lang),
        at=moment(part.state_since),
        kind=rulebook().kinds[part.kind].title.in_(lang),
        zone=w("in_zone", zone=part.zone) if part.zone else "",
    )


def _proposal(
    dossier: Dossier, part: ProposalPart, picture: Picture | None, lang: Lang
) -> Iterator[Block]:
    w = Words(lang, "dossier")
    yield Heading(w("asked"), 2)
    yield Prose(Words(lang, "asked")(part.state), "big")
    yield facts(part, lang)
    # before the map, so that the first page has the verdict and what stands against it
    yield against_block(part, lang)
    if picture is not None:
        yield picture
    yield Heading(w("description"))
    yield Prose(part.description or w("no_description"))
    yield from sheet_blocks(dossier, part.sheet, lang)
    yield from verdict_blocks(part, lang)
    yield from debate_blocks(part, lang)
    yield from vote_blocks(part, lang)
    yield from timeline_blocks(part, lang)


def warning(dossier: Dossier, lang: Lang) -> Iterator[Block]:
    """Yield the warning of a dossier that stands on modelled layers."""
    if dossier.modelled_layers:
        layers = ", ".join(title.in_(lang) for title in dossier.modelled_layers)
        yield Prose(Words(lang, "dossier")("warning", layers=layers), "warning")


def _end(dossier: Dossier, lang: Lang) -> Iterator[Block]:
    w = Words(lang, "dossier")
    yield from trust_blocks(dossier, lang)
    yield Heading(w("check"))
    yield Prose(w("check_text", hash=dossier.sha256))
    yield Prose(w("open_ended"), "small")


def facts(part: ProposalPart, lang: Lang) -> Facts:
    """Return what a proposal says of itself; what it does not say is said to be missing."""
    w, book = Words(lang, "dossier"), rulebook()
    commitment = part.commitment and (
        f"{part.commitment} · {book.commitments[part.commitment].in_(lang)}"
    )
    verdict = book.verdicts.get(part.feasibility)
    middle = gpd.GeoSeries([part.geometry.centroid], crs=part.srid).to_crs(DISPLAY_CRS).iloc[0]
    rows = {
        "kind": book.kinds[part.kind].title.in_(lang),
        "state": f"{lifecycle().states[part.state].in_(lang)} · {moment(part.state_since)}",
        "cost": soles(part.cost_min_soles, part.cost_max_soles, lang),
        "funds": part.funds_source,
        "invierte": part.invierte_code,
        "office": part.office,
        "commitment": commitment,
        "verdict": verdict.in_(lang) if verdict else w("verdict_short"),
        "zone": part.zone,
        "place": f"{middle.y:.6f}, {middle.x:.6f}",
        "author": part.author.in_(lang),
        "created": moment(part.created_at),
        "updated": moment(part.updated_at),
    }
    told = tuple((w(name), value or w("unsaid")) for name, value in rows.items())
    return Facts("proposal", w("proposal"), told)

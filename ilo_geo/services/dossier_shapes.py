"""The shapes of a dossier with their attributes, for QGIS and for a map that opens without network.

These files travel furthest and are opened by programs: they hold no name of a person, only counts.
Names of office holders stand in the PDF and in the workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import ScaleClass
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import MISSING
from ilo_geo.io.document import Document
from ilo_geo.io.folium_page import write_html
from ilo_geo.io.geopackage import GPKG_VERSION
from ilo_geo.io.geopackage import qml_style
from ilo_geo.io.geopackage import style_row
from ilo_geo.io.legend import Export
from ilo_geo.io.vector import write_features
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle
from ilo_geo.services.dossier_data import Dossier
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment
from ilo_geo.services.paper_words import soles
from ilo_geo.services.sheet_paper import sheet_rows

# whole numbers, also where there is none yet
COUNTED = ("cost_min_soles", "cost_max_soles", "votes_for", "votes_against", "votes_abstain")
COLUMNS = (
    "number", "title", "kind", "state", "state_since", "zone", "cost_min_soles", "cost_max_soles",
    "funds_source", "invierte_code", "office", "commitment", "feasibility", "n_points_for",
    "n_points_against", "n_support", "ballot_outcome", "votes_for", "votes_against",
    "votes_abstain", "data_sha256",
)  # fmt: skip
# the colours of the marks in the planner; what was set aside is grey
STUDY, COUNCIL, DECIDED, SHELVED = "#1F5FA8", "#8A3B00", "#1B6E3A", "#6B6F73"
STATE_COLOURS = {
    "draft": "#22282E",
    **dict.fromkeys(("submitted", "in_review", "observed"), STUDY),
    **dict.fromkeys(("in_debate", "in_vote"), COUNCIL),
    **dict.fromkeys(("approved", "in_progress", "done"), DECIDED),
    **dict.fromkeys(("rejected", "archived"), SHELVED),
}
PROPOSALS, FIGURES, PROVENANCE, ABOUT = "proposals", "figures", "provenance", "about"


def write_shapes(dossier: Dossier, document: Document, path: Path) -> None:
    """Write a GeoPackage: shapes, figures, provenance, and the fingerprint of the data."""
    rows = [attributes(part, dossier) for part in dossier.proposals]
    # a campaign without a project has the table all the same
    shapes = _shapes(dossier, rows, COLUMNS).astype(dict.fromkeys(COUNTED, "Int64"))
    described = _metadata(dossier, document)
    for layer, table in (
        (PROPOSALS, shapes),
        (FIGURES, _figures(dossier, document.lang)),
        (PROVENANCE, _provenance(dossier, document.lang)),
        (ABOUT, pd.DataFrame(described.items(), columns=["name", "value"])),
    ):
        _append(table, path, layer, described)
    status = Status.MODELLED if dossier.modelled_layers else Status.DERIVED
    style = qml_style(shapes, None, status, document.lang)
    row = style_row(PROPOSALS, "geometry", style, described["DESCRIPTION"])
    _append(pd.DataFrame([row]), path, "layer_styles", None, fid="id")


def _shapes(
    dossier: Dossier, rows: list[dict[str, Any]], columns: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    shapes = [part.geometry for part in dossier.proposals]
    table = pd.DataFrame(rows, columns=columns)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=dossier.srid))


def attributes(part: ProposalPart, dossier: Dossier) -> dict[str, Any]:
    """Return what a shape says of its proposal: no name of a person."""
    last = part.ballots[-1] if part.ballots else None
    shown = [one for one in part.said if not one.hidden]
    return {
        "number": part.number,
        "title": part.title,
        "kind": part.kind,
        "state": part.state,
        "state_since": part.state_since.astimezone(UTC).isoformat(timespec="seconds"),
        "zone": part.zone,
        "cost_min_soles": part.cost_min_soles,
        "cost_max_soles": part.cost_max_soles,
        "funds_source": part.funds_source,
        "invierte_code": part.invierte_code,
        "office": part.office,
        "commitment": part.commitment,
        "feasibility": part.feasibility,
        "n_points_for": sum(one.stance == FOR for one in shown),
        "n_points_against": sum(one.stance == AGAINST for one in shown),
        "n_support": part.n_support,
        "ballot_outcome": last.outcome if last else "",
        "votes_for": last.n_for if last else None,
        "votes_against": last.n_against if last else None,
        "votes_abstain": last.n_abstain if last else None,
        "data_sha256": dossier.sha256,
    }


def _metadata(dossier: Dossier, document: Document) -> dict[str, str]:
    """Return what a layer says about itself; equal dossiers say the same whenever printed."""
    note = document.modelled_mark if dossier.modelled_layers else ""
    layers = ", ".join(title.in_(document.lang) for title in dossier.modelled_layers)
    said = f"{note}: {layers}" if note else ""
    about = (document.kicker, document.subtitle, said, document.link or document.link_note)
    return {
        "TITLE": document.title,
        "DESCRIPTION": "\n".join(line for line in about if line),
        "DATA_SHA256": dossier.sha256,
        "MODELLED_LAYERS": layers,
    }


def _figures(dossier: Dossier, lang: Lang) -> pd.DataFrame:
    rows = [
        {"number": part.number, **row}
        for part in dossier.proposals
        if part.sheet
        for row in sheet_rows(part.sheet.sheet, lang)
    ]
    # a file without a sheet has the table all the same
    columns = ["number", "group", "id", "title", "value", "low", "high", "unit", "status"]
    return pd.DataFrame(rows, columns=None if rows else columns)


def _provenance(dossier: Dossier, lang: Lang) -> pd.DataFrame:
    rows = [
        {
            "layer": ref.layer,
            "title": ref.title.in_(lang),
            "source": ref.source,
            "licence": ref.licence,
            "date": ref.date,
            "status": ref.status.value,
            "accuracy_m": ref.accuracy_m,
            "sha256": ref.sha256,
        }
        for ref in refs_of(dossier)
    ]
    return pd.DataFrame(rows, columns=None if rows else ["layer", "title", "source", "status"])


def refs_of(dossier: Dossier) -> tuple[LayerRef, ...]:
    """Return every layer that a figure or the map stands on, once."""
    found = {(ref.layer, ref.sha256): ref for ref in dossier.base}
    for note in dossier.layers:
        told = note.model_dump() | {"licence": MISSING}
        found.setdefault((note.layer, note.sha256), LayerRef(**told))
    return tuple(ref for _, ref in sorted(found.items()))


def _append(
    frame: pd.DataFrame, path: Path, layer: str, described: dict[str, str] | None, fid: str = "fid"
) -> None:
    options = {"FID": fid}
    if isinstance(frame, gpd.GeoDataFrame):
        options["GEOMETRY_NAME"] = "geometry"
    write_features(
        frame,
        path,
        layer=layer,
        layer_options=options,
        dataset_options={"VERSION": GPKG_VERSION},
        metadata=described,
    )


def write_page(
    dossier: Dossier, document: Document, base: dict[str, gpd.GeoDataFrame], path: Path
) -> None:
    """Write a map as one HTML file; no request leaves it."""
    lang = document.lang
    w = Words(lang, "dossier")
    shapes = _shapes(dossier, [_popup(part, lang) for part in dossier.proposals])
    told = {
        document.kicker: f"{document.title} · {document.subtitle}",
        w("link"): document.link or dossier.path,
        "SHA-256": dossier.sha256,
    }
    captions = pd.DataFrame(
        [
            {"name": name, "title": name, "value": value, "unit": "", "captioned": True}
            for name, value in told.items()
        ]
    )
    result = AnalysisResult(
        analysis="dossier",
        area=dossier.city.es,
        parameters={},
        summary={},
        tables={PROPOSALS: shapes},
        warnings=(),
        provenance=refs_of(dossier),
    )
    at = document.printed_at.astimezone(rulebook().zone).date()
    scales = {PROPOSALS: _by_state(dossier, lang)} if dossier.proposals else {}
    write_html(Export(result, lang, scales, captions, at, context=base), path)


def _by_state(dossier: Dossier, lang: Lang) -> CategoryScale:
    """Return how shapes are drawn: by their state, as the planner's marks are."""
    known, here = lifecycle().states, {part.state for part in dossier.proposals}
    classes = [
        ScaleClass(id=state, title=known[state], colour=colour)
        for state, colour in STATE_COLOURS.items()
        if state in here
    ]
    title = Words(lang, "dossier")("state")
    return CategoryScale(
        id="state",
        title=Text(es=title, en=title),
        column=title,
        classes=tuple(classes),
        missing=ScaleClass(id="none", title=Text(es=MISSING, en=MISSING), colour=SHELVED),
        source="",
    )


def _popup(part: ProposalPart, lang: Lang) -> dict[str, str]:
    """Return what the map says of a shape that is clicked, under titles in one language."""
    w, book = Words(lang, "dossier"), rulebook()
    verdict = book.verdicts.get(part.feasibility)
    last = part.ballots[-1] if part.ballots else None
    rows = {
        "number": str(part.number),
        "name": part.title,
        "kind": book.kinds[part.kind].title.in_(lang),
        "state": part.state,
        "state_from": moment(part.state_since),
        "cost": soles(part.cost_min_soles, part.cost_max_soles, lang),
        "verdict": verdict.in_(lang) if verdict else w("verdict_short"),
        "outcome": book.outcomes[last.outcome].in_(lang) if last else w("no_votes"),
        "support": str(part.n_support),
    }
    return {w(name): value or w("unsaid") for name, value in rows.items()}

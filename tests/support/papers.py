"""Reads papers back by programs nobody here wrote, and makes dossiers with a technical sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdf
from paper_sheet import sheet
from pypdf.generic import ContentStream

from ilo_geo.core.layer import Status
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.dossier_data import SheetPart
from ilo_geo.services.dossiers import WRITERS
from ilo_geo.services.dossiers import Gathered
from ilo_geo.services.dossiers import Order
from ilo_geo.services.dossiers import gathered

AT = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
ADDRESS = "http://ilo.example:8050"
MARK = "DATOSMODELADOS"
LONG = "Año de sequía: ¿cuánta agua? <i>S/ 1</i> & más. " * 83


def squeezed(text: str) -> str:
    """Return text without blanks: lines may break anywhere."""
    return "".join(text.split())


def pages_of(path: Path) -> list[str]:
    """Return the text of each page as pypdf reads it, without blanks."""
    return [squeezed(page.extract_text()) for page in pypdf.PdfReader(path).pages]


def body_of(path: Path) -> str:
    """Return all text without what is drawn last on each page: marks and the foot."""
    last = re.compile(r"(DATOSMODELADOS|BORRADOR)*Ciudaddeprueba·impresoel.*$")
    return "".join(last.sub("", page) for page in pages_of(path))


def with_sheet(
    found: Gathered, modelled: Status = Status.MODELLED, *, stale: bool = False, **changes: Any
) -> Gathered:
    """Return a gathered dossier whose proposal has a technical sheet, and other changes."""
    part = found.dossier.proposals[0]
    made = SheetPart(
        sheet=sheet(modelled),
        made_at=datetime(2026, 11, 29, 15, 30, tzinfo=UTC),
        stale=stale,
        changed_layers=("streets",) if stale else (),
    )
    part = part.model_copy(update={"sheet": made, **changes})
    told = found.dossier.model_copy(update={"proposals": (part,), "title": part.title})
    return replace(found, dossier=told)


def on_official_ground(found: Gathered) -> Gathered:
    """Return a gathered dossier whose map stands on nothing modelled."""
    base = tuple(ref.model_copy(update={"status": Status.OFFICIAL}) for ref in found.dossier.base)
    return replace(found, dossier=found.dossier.model_copy(update={"base": base}))


def written(
    found: Gathered, fmt: str, path: Path, *, lang: str = "es", address: str | None = ADDRESS
) -> Path:
    """Write a gathered dossier as it is printed at `AT`."""
    WRITERS[fmt](found, Order(lang, address, AT), path)
    return path


def squares_of(path: Path, page: int = 0) -> list[tuple[float, float, float]]:
    """Return left, bottom and side of every filled square on a page."""
    reader = pypdf.PdfReader(path)
    operations = ContentStream(reader.pages[page].get_contents(), reader).operations
    boxes = [
        tuple(float(v) for v in operands) for operands, operator in operations if operator == b"re"
    ]
    return [(x, y, w) for x, y, w, h in boxes if abs(w - h) < 1e-6]


def code_of(path: Path) -> list[list[bool]]:
    """Return the modules of the QR code on the first page, from the squares that are drawn."""
    squares = squares_of(path)
    whole = max(squares, key=lambda square: square[2])
    dark = [(x, y) for x, y, side in squares if side < whole[2] / 20]
    columns = sorted({round(x, 3) for x, _ in dark})
    rows = sorted({round(y, 3) for _, y in dark}, reverse=True)
    filled = {(columns.index(round(x, 3)), rows.index(round(y, 3))) for x, y in dark}
    return [[(x, y) in filled for x in range(len(columns))] for y in range(len(rows))]


def argued(town: Any) -> Any:
    """Return a proposal that was argued over, hidden from, voted on and approved."""
    found = town.proposal_in("in_debate")
    town.do("councillor", "comment", found, stance="for", text=LONG)
    town.do("planner", "comment", found, stance="against", text="=2+5 <script>alert(1)</script>")
    town.do("secretary", "comment", found, stance="remark", text="Grosería secreta")
    said = proposal_view(town.council, town.actors["secretary"], found["number"]).comments
    town.do("secretary", "hide_comment", found, comment_id=said[-1]["id"], reason="Ofende.")
    town.do("citizen", "support", found)
    town.do("secretary", "open_vote", found)
    town.vote(found, "for", "for", "abstain")
    return town.do("secretary", "close_vote", found)


def gather(town: Any, found: Any, by: str = "councillor") -> Any:
    return gathered(town.council, town.actors[by], "proposal", str(found["number"]))

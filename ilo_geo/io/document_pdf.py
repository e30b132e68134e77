"""Writes a paper of the council as PDF by reportlab: text stays text, tables run over pages.

The letters are DejaVu's, which comes with matplotlib and has every letter of Spanish and the signs
≤ ≥ ². A sign it does not have is printed by its code point, so that nothing vanishes. Equal
documents give equal bytes.
"""

# reportlab ships no types
# mypy: disable-error-code="import-untyped,misc,no-any-unimported"
from __future__ import annotations

import io
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate
from reportlab.platypus import CondPageBreak
from reportlab.platypus import Flowable
from reportlab.platypus import Frame
from reportlab.platypus import Image
from reportlab.platypus import KeepTogether
from reportlab.platypus import PageTemplate
from reportlab.platypus import Paragraph
from reportlab.platypus import Spacer
from reportlab.platypus import Table as Grid

from ilo_geo.io.document import Block
from ilo_geo.io.document import Column
from ilo_geo.io.document import Document
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Form
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Picture
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Signatures
from ilo_geo.io.document import Table
from ilo_geo.io.document import Value
from ilo_geo.io.document import widths
from ilo_geo.io.document import written
from ilo_geo.io.pdf_page import BOLD
from ilo_geo.io.pdf_page import FOOT
from ilo_geo.io.pdf_page import MARGIN
from ilo_geo.io.pdf_page import MARK
from ilo_geo.io.pdf_page import MONO
from ilo_geo.io.pdf_page import PLAIN
from ilo_geo.io.pdf_page import QUIET
from ilo_geo.io.pdf_page import RULE
from ilo_geo.io.pdf_page import Code
from ilo_geo.io.pdf_page import PageCanvas
from ilo_geo.io.pdf_page import Swatch
from ilo_geo.io.pdf_page import load_fonts
from ilo_geo.io.pdf_page import shown

WIDTH = A4[0] - 2 * MARGIN
INK, SHADE, WARNING, ACCENT = map(HexColor, ("#1A1A1A", "#EEF2F6", "#FFF3CD", "#0B3C5D"))
QR_SIZE = 30 * mm
GRID_PT = 7.6
# a row from this height on may not fit below a heading and a head of columns
TALL = 150 * mm
# letters from which on a title is set smaller
LONG_TITLE = 100
# a heading stands at the foot of a page only with this much of what it is the heading of
PART_ROOM, HEAD_ROOM, GRID_ROOM = 42 * mm, 26 * mm, 48 * mm
# lines to sign on beside each other, and the room above each
SIGN_COLUMNS, SIGN_ROOM = 3, 16 * mm
RIGHT = ("number", "money")


def _style(size: float, **more: Any) -> ParagraphStyle:
    look = {"fontName": PLAIN, "leading": size * 1.32, "textColor": INK, "splitLongWords": 1}
    return ParagraphStyle("", fontSize=size, **{**look, **more})


STYLES = {
    "kicker": _style(9.5, textColor=ACCENT, fontName=BOLD, spaceAfter=3),
    "title": _style(17, fontName=BOLD, spaceAfter=4),
    "long_title": _style(12.5, fontName=BOLD, spaceAfter=4),
    "subtitle": _style(11, textColor=QUIET, spaceAfter=8),
    "h1": _style(
        12.5, fontName=BOLD, textColor=ACCENT, spaceBefore=12, spaceAfter=4
    ),
    "h2": _style(10, fontName=BOLD, spaceBefore=7, spaceAfter=3),
    "body": _style(9.2, spaceAfter=4),
    "small": _style(7.6, textColor=QUIET, spaceAfter=3),
    "big": _style(11.5, fontName=BOLD, spaceAfter=6),
    "warning": _style(
        9.2, backColor=WARNING, borderColor=MARK, borderWidth=0.8, borderPadding=5,
        spaceBefore=7, spaceAfter=10,
    ),
    "cell": _style(GRID_PT),
    "note": _style(7.2, textColor=QUIET),
    "head": _style(GRID_PT, fontName=BOLD),
    "head_right": _style(GRID_PT, fontName=BOLD, alignment=TA_RIGHT),
    "right": _style(GRID_PT, alignment=TA_RIGHT),
    "strong": _style(GRID_PT, fontName=BOLD),
    "hash": _style(6.6, fontName=MONO),
    "entry": _style(8.8, spaceBefore=3, spaceAfter=5, allowOrphans=0, allowWidows=0),
    "sign": _style(8.2, textColor=QUIET),
}  # fmt: skip


class _Text(Paragraph):
    """A paragraph that tells the page when a modelled figure is drawn on it."""

    modelled = False

    def split(self, width: float, height: float) -> list[Flowable]:
        parts: list[Flowable] = super().split(width, height)
        for part in parts:
            part.modelled = self.modelled
        return parts

    def draw(self) -> None:
        if self.modelled:
            self.canv.page_is_modelled = True
        super().draw()


class _Marked(Image):
    """A map that stands on modelled layers."""

    def draw(self) -> None:
        self.canv.page_is_modelled = True
        super().draw()


class _Title(_Text):
    """A heading that the list of contents of the reader's program leads to."""

    def draw(self) -> None:
        key = f"part-{self.canv.getPageNumber()}-{self.canv.n_titles}"
        self.canv.n_titles += 1
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(self.getPlainText(), key, level=0)
        super().draw()


def write_pdf(document: Document, path: Path) -> None:
    """Write a document as an A4 PDF."""
    load_fonts()
    template = BaseDocTemplate(
        str(path),
        pagesize=A4,
        title=document.title,
        subject=f"SHA-256 {document.data_sha256}",
        creator="ilo-geo",
        lang="es-PE" if document.lang == "es" else "en",
        invariant=1,
    )
    frame = Frame(
        MARGIN, FOOT, WIDTH, A4[1] - MARGIN - FOOT,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    template.addPageTemplates(PageTemplate(frames=[frame]))
    story = [*_cover(document), *_story(document.blocks)]
    template.build(story, canvasmaker=lambda *a, **k: PageCanvas(*a, document=document, **k))


def _markup(text: str) -> str:
    """Return text for a paragraph, which reads markup: what somebody wrote is shown as written."""
    plain = shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("\n", "<br/>")


def _text(text: str, style: str, *, modelled: bool = False, kind: type[_Text] = _Text) -> _Text:
    made = kind(_markup(text), STYLES[style])
    made.modelled = modelled
    return made


def _cover(document: Document) -> list[Flowable]:
    """Return the head of the first page: what it is, and the code that leads to it."""
    words = [
        _text(document.kicker, "kicker"),
        _text(document.title, "title" if len(document.title) <= LONG_TITLE else "long_title"),
        _text(document.subtitle, "subtitle"),
        _text(document.link or document.link_note, "small"),
    ]
    if document.link is None:
        return words
    code = Code(document.link, QR_SIZE)
    sides = [WIDTH - QR_SIZE - 4 * mm, QR_SIZE + 4 * mm]
    flush = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
    ]
    return [Grid([[words, code]], colWidths=sides, style=flush), Spacer(1, 4)]


def _story(blocks: Sequence[Block]) -> Iterator[Flowable]:
    """Yield all blocks; facts and signatures stand on one page with their heading where they fit.

    reportlab lets what is higher than a page run over it all the same.
    """
    headings: list[Flowable] = []
    for block in blocks:
        parts = list(_parts(block))
        if isinstance(block, Heading):
            headings += parts
            continue
        if isinstance(block, Facts | Signatures):
            titles = [one for one in headings if not isinstance(one, CondPageBreak)]
            yield KeepTogether([*titles, *parts])
        else:
            yield from (*headings, *parts)
        headings = []
    yield from headings


def _parts(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading():
            yield CondPageBreak(PART_ROOM if block.level == 1 else HEAD_ROOM)
            yield _heading(block.text, block.level)
        case Prose():
            for paragraph in block.text.split("\n\n"):
                yield _text(paragraph, block.look, modelled=block.modelled)
        case Facts():
            rows = [(_text(name, "head"), _text(value, "cell")) for name, value in block.rows]
            yield _grid(rows, [WIDTH * 0.28, WIDTH * 0.72], head=False)
            yield Spacer(1, 5)
        case Table():
            yield from _table(block)
        case Picture():
            yield from _picture(block)
        case Signatures():
            yield _signatures(block)


def _heading(text: str, level: int) -> _Text:
    return _text(text, f"h{level}", kind=_Title if level == 1 else _Text)


def _table(block: Table) -> Iterator[Flowable]:
    gridded = block.rows and block.layout != "entries"
    yield CondPageBreak(GRID_ROOM if gridded else HEAD_ROOM)
    yield _heading(block.title, block.level)
    if not block.rows:
        yield _text(block.empty, "body")
        return
    if block.layout == "entries":
        yield from _entries(block)
        return
    if block.layout == "noted":
        yield from _noted(block)
    else:
        cells = [_cells(block, n) for n in range(len(block.rows))]
        yield _grid([_head(block.columns), *cells], widths(block.columns, WIDTH), head=True)
    yield Spacer(1, 6)


def _noted(block: Table) -> Iterator[Flowable]:
    """Yield rows with their notes below them; a pair that may not fit on a page stands apart."""
    columns = block.columns[:-1]
    sides = widths(columns, WIDTH)
    rows: list[list[Any]] = [_head(columns)]
    for n, row in enumerate(block.rows):
        cells = _cells(block, n)[: len(columns)]
        note = _text(written(row[-1]), "note", modelled=n in block.modelled)
        if _height(cells, sides) + _height([note], [WIDTH]) <= TALL:
            rows += [cells, [note, *[""] * (len(columns) - 1)]]
            continue
        if rows[1:]:
            yield _grid(rows, sides, head=True, noted=True)
        yield _grid([_head(columns), cells], sides, head=True)
        yield note
        rows = [_head(columns)]
    if rows[1:]:
        yield _grid(rows, sides, head=True, noted=True)


def _head(columns: Sequence[Column]) -> list[Any]:
    return [
        _text(column.title, "head_right" if column.form in RIGHT else "head") for column in columns
    ]


def _cells(block: Table, n: int) -> list[Any]:
    return [
        _cell(value, column.form, modelled=n in block.modelled)
        for value, column in zip(block.rows[n], block.columns, strict=True)
    ]


def _cell(value: Value, form: Form, *, modelled: bool) -> _Text:
    style = "right" if form in RIGHT else {"hash": "hash", "strong": "strong"}.get(form, "cell")
    return _text(written(value, form), style, modelled=modelled)


def _grid(rows: list[Any], columns: list[float], *, head: bool, noted: bool = False) -> Grid:
    look: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    if head:
        look += [("BACKGROUND", (0, 0), (-1, 0), SHADE)]
    if noted:
        for n in range(1, len(rows), 2):
            look += [("SPAN", (0, n + 1), (-1, n + 1)), ("NOSPLIT", (0, n), (-1, n + 1))]
            look += [("LINEBELOW", (0, n + 1), (-1, n + 1), 0.4, RULE)]
    else:
        look += [("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE)]
    # a row higher than a page is cut between its lines, never off; others stay whole
    cut = int(not noted and any(_height(row, columns) > TALL for row in rows))
    return Grid(rows, colWidths=columns, repeatRows=int(head), style=look, splitInRow=cut)


def _height(row: Sequence[Any], columns: Sequence[float]) -> float:
    """Return how high the highest cell of a row is."""
    pairs = zip(row, columns, strict=True)
    return max(float(cell.wrap(side, A4[1])[1]) for cell, side in pairs)


def _entries(block: Table) -> Iterator[Flowable]:
    for n, row in enumerate(block.rows):
        *head, text = row
        told = [written(v, c.form) for v, c in zip(head, block.columns, strict=False) if v]
        made = _Text(
            f"<b>{_markup(' · '.join(told))}</b><br/>{_markup(written(text))}", STYLES["entry"]
        )
        made.modelled = n in block.modelled
        yield made


def _picture(block: Picture) -> Iterator[Flowable]:
    kind = _Marked if block.modelled else Image
    picture = kind(io.BytesIO(block.png), width=WIDTH, height=WIDTH * block.ratio)
    swatches = [[Swatch(key), _text(key.label, "small")] for key in block.legend]
    # the legend in three columns: a map's is short
    thirds = [swatches[i : i + 3] for i in range(0, len(swatches), 3)]
    rows = [[cell for pair in third for cell in pair] for third in thirds]
    rows = [row + [""] * (6 - len(row)) for row in rows]
    widths_ = [9 * mm, WIDTH / 3 - 9 * mm] * 3
    look = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1)]
    look += [("BOTTOMPADDING", (0, 0), (-1, -1), 0), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    legend = [Grid(rows, colWidths=widths_, style=look)] if rows else []
    caption = _text(block.caption, "small")
    yield KeepTogether([_heading(block.title, 1), picture, Spacer(1, 3), *legend, caption])


def _signatures(block: Signatures) -> Flowable:
    """Return lines to sign on, the room above each and its name below it on one page."""
    # a gap after each line but the last
    sides = ([WIDTH * 0.30, WIDTH * 0.05] * SIGN_COLUMNS)[:-1]
    rows: list[list[Any]] = []
    look: list[tuple[Any, ...]] = []
    for i in range(0, len(block.under), SIGN_COLUMNS):
        cells: list[Any] = [""] * len(sides)
        for n, name in enumerate(block.under[i : i + SIGN_COLUMNS]):
            cells[n * 2] = _text(name, "sign")
            look.append(("LINEABOVE", (n * 2, len(rows) + 1), (n * 2, len(rows) + 1), 0.7, INK))
        look.append(("NOSPLIT", (0, len(rows)), (-1, len(rows) + 1)))
        rows += [[""] * len(sides), cells]
    heights = [SIGN_ROOM, None] * (len(rows) // 2)
    return Grid(rows, colWidths=sides, rowHeights=heights, style=look)

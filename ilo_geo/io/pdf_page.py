"""The sheet of a paper of the council: fonts, foot, marks across the page, QR code."""

# reportlab ships no types
# mypy: disable-error-code="import-untyped,misc,no-any-unimported"
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from ilo_geo.io.document import Document
from ilo_geo.io.document import Key

PLAIN, BOLD, MONO = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
MARGIN, FOOT = 18 * mm, 20 * mm
QUIET, RULE, MARK = map(HexColor, ("#4D4D4D", "#B8B8B8", "#8A6D00"))
MARK_ALPHA, MARK_ROWS, MARK_SIZE = 0.13, 3, 46
QR_BORDER = 4


@cache
def load_fonts() -> None:
    """Make the fonts known, once."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (PLAIN, BOLD, MONO):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def shown(text: str) -> str:
    """Return text in letters the font has; what it has not stands as its code point.

    Examples
    --------
    >>> shown("Ñandú ≤ 3 m² → 🌳")
    'Ñandú ≤ 3 m² → [U+1F333]'
    """
    load_fonts()
    known = pdfmetrics.getFont(PLAIN).face.charToGlyph
    return "".join(
        sign if ord(sign) in known or sign in "\n\t" else f"[U+{ord(sign):04X}]" for sign in text
    )


class Code(Flowable):
    """A QR code as squares, with the quiet zone it needs."""

    def __init__(self, link: str, size: float) -> None:
        super().__init__()
        self.width = self.height = size
        self._rows = [bytes(row) for row in segno.make_qr(link, error="m").matrix]

    def draw(self) -> None:
        """Draw it."""
        n = len(self._rows) + 2 * QR_BORDER
        side = self.width / n
        self.canv.setFillColor(HexColor("#FFFFFF"))
        self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        self.canv.setFillColor(HexColor("#000000"))
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    left, top = (x + QR_BORDER) * side, self.height - (y + QR_BORDER) * side
                    # a hair wider, or white lines stand between the squares
                    self.canv.rect(left, top - side, side * 1.02, side * 1.02, stroke=0, fill=1)


class Swatch(Flowable):
    """The sign of a class in a legend."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.width, self.height, self._key = 7 * mm, 3.2 * mm, key

    def draw(self) -> None:
        """Draw it."""
        canvas, key = self.canv, self._key
        canvas.setFillColor(HexColor(key.colour))
        canvas.setStrokeColor(HexColor(key.edge))
        if key.form == "line":
            canvas.setStrokeColor(HexColor(key.colour))
            canvas.setLineWidth(1.6)
            canvas.line(0, self.height / 2, self.width, self.height / 2)
        elif key.form == "point":
            canvas.circle(self.width / 2, self.height / 2, 1.4 * mm, fill=1)
        else:
            canvas.rect(0, 0, self.width, self.height, fill=1)


class PageCanvas(Canvas):
    """A canvas that knows how many pages there are before it writes the foot of the first."""

    def __init__(self, *given: Any, document: Document, **named: Any) -> None:
        super().__init__(*given, **named)
        self._document = document
        self._pages: list[dict[str, Any]] = []
        self.page_is_modelled, self.n_titles = False, 0

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep a page until all of them are counted."""
        self._pages.append(dict(self.__dict__))
        self._startPage()
        self.page_is_modelled = False

    def save(self) -> None:
        """Write the kept pages with their foot."""
        n_titles = self.n_titles
        for state in self._pages:
            self.__dict__.update(state)
            self._foot(len(self._pages))
            super().showPage()
        self.n_titles = n_titles
        super().save()

    def _foot(self, n_pages: int) -> None:
        document = self._document
        if document.draft_mark:
            self._across(document.draft_mark)
        if self.page_is_modelled:
            self._across(document.modelled_mark, turn=-32 if document.draft_mark else 32)
        self.setStrokeColor(RULE)
        self.line(MARGIN, FOOT - 4 * mm, A4[0] - MARGIN, FOOT - 4 * mm)
        self.setFillColor(QUIET)
        self.setFont(PLAIN, 7)
        self.drawString(MARGIN, FOOT - 8 * mm, shown(document.foot))
        page = document.page.format(number=self._pageNumber, n=n_pages)
        self.drawRightString(A4[0] - MARGIN, FOOT - 8 * mm, page)
        self.setFont(MONO, 6)
        self.drawString(MARGIN, FOOT - 11.5 * mm, f"SHA-256 {document.data_sha256}")

    def _across(self, mark: str, turn: float = 32) -> None:
        for row in range(MARK_ROWS):
            self.saveState()
            self.setFillColor(MARK, alpha=MARK_ALPHA)
            self.setFont(BOLD, MARK_SIZE)
            self.translate(A4[0] / 2, A4[1] * (row + 0.5) / MARK_ROWS)
            self.rotate(turn)
            self.drawCentredString(0, 0, mark)
            self.restoreState()

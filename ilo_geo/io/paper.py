"""A sheet of paper measured in millimetres, and text that is wrapped and shrunk until it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from functools import cache
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from ilo_geo.io.symbols import Symbol
from ilo_geo.io.symbols import marker
from ilo_geo.io.symbols import tint

MM_PER_IN = 25.4
MM_PER_PT = MM_PER_IN / 72
INK = "#1A1A1A"
# distance of base lines, in heights of the type
LINE_SPACING = 1.28
# type is made smaller in these steps until a column fits
SHRINK_STEPS = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52)
# below, nobody can read it on paper
LEAST_PT = 5.5
SWATCH_MM = (9.0, 4.6)
SWATCH_GAP_MM = 2.5
LINE_WIDTHS = {"thin": 0.6, "solid": 0.9, "thick": 2.2, "dashed": 1.3}
DASHES = (0, (4, 2.2))
HATCH_WIDTH = 0.5
# signs of a hatch an inch: so many that each swatch of a legend shows some
HATCH_DENSITY = 4


@dataclass(frozen=True)
class Box:
    """A part of the page: left, bottom, width and height in millimetres."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Return the upper edge."""
        return self.bottom + self.height


@dataclass(frozen=True)
class Paragraph:
    """Text of one size, with a swatch before it or a tint behind it; ``gap_mm`` is above it."""

    text: str
    size_pt: float = 8.5
    bold: bool = False
    colour: str = INK
    gap_mm: float = 0.8
    swatch: Symbol | None = None
    # "area", "line" or "point": the form of the swatch
    form: str = "area"
    tint: str | None = None


class Page:
    """A sheet in millimetres from its lower left corner."""

    def __init__(self, width_mm: float, height_mm: float, dpi: int = 150) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self.figure = Figure(figsize=(width_mm / MM_PER_IN, height_mm / MM_PER_IN), dpi=dpi)

    def axes(self, box: Box, **style: Any) -> Axes:
        """Return axes that fill ``box``."""
        return self.figure.add_axes(self._shares(box), **style)

    def text(self, x_mm: float, y_mm: float, text: str, **style: Any) -> None:
        """Write text as it is: a dollar sign in a source is no formula."""
        x, y = x_mm / self.width_mm, y_mm / self.height_mm
        self.figure.text(x, y, text, parse_math=False, **{"color": INK, **style})

    def rectangle(self, box: Box, **style: Any) -> None:
        """Draw a rectangle behind the text."""
        left, bottom, width, height = self._shares(box)
        shape = Rectangle((left, bottom), width, height, transform=self.figure.transFigure, **style)
        self.figure.add_artist(shape)

    def line(self, x_mm: tuple[float, float], y_mm: tuple[float, float], **style: Any) -> None:
        """Draw a straight line."""
        x = [value / self.width_mm for value in x_mm]
        y = [value / self.height_mm for value in y_mm]
        self.figure.add_artist(Line2D(x, y, transform=self.figure.transFigure, **style))

    def column(self, box: Box, paragraphs: Sequence[Paragraph], more: str) -> float:
        """Set paragraphs one under the other in ``box`` and return where they end (mm).

        The type shrinks until everything fits; what still does not is replaced by ``more``, so
        that nobody takes a cut list for a whole one.
        """
        smallest_pt = min((p.size_pt for p in paragraphs), default=LEAST_PT)
        shrunk, fits = list(paragraphs), True
        for step in SHRINK_STEPS:
            if step < 1 and smallest_pt * step < LEAST_PT:
                break
            shrunk = [replace(p, size_pt=p.size_pt * step) for p in paragraphs]
            fits = sum(_height_mm(p, box.width) for p in shrunk) <= box.height
            if fits:
                break
        y_mm = box.top
        for paragraph in shrunk:
            # where not all fits, a line is kept for the word that says so
            kept_mm = 0.0 if fits else _line_mm(paragraph)
            if not fits and _height_mm(paragraph, box.width) > y_mm - box.bottom - kept_mm:
                cut = replace(paragraph, text=more, bold=True, swatch=None, tint=None, gap_mm=0.0)
                return self._set(box, y_mm, cut)
            y_mm = self._set(box, y_mm, paragraph)
        return y_mm

    def _set(self, box: Box, y_mm: float, paragraph: Paragraph) -> float:
        """Draw one paragraph below ``y_mm`` and return its lower edge."""
        height_mm = _height_mm(paragraph, box.width) - paragraph.gap_mm
        y_mm -= paragraph.gap_mm
        if paragraph.tint:
            tinted = Box(box.left, y_mm - height_mm, box.width, height_mm)
            self.rectangle(tinted, facecolor=paragraph.tint, edgecolor="#8A6D00", linewidth=1.2)
            y_mm -= _padding_mm(paragraph)
        if paragraph.swatch:
            self._swatch(box.left, y_mm - _line_mm(paragraph) / 2, paragraph)
        for line in _lines(paragraph, box.width):
            self.text(
                box.left + _indent_mm(paragraph), y_mm - _line_mm(paragraph) / 2, line, va="center",
                size=paragraph.size_pt, weight="bold" if paragraph.bold else "normal",
                color=paragraph.colour,
            )  # fmt: skip
            y_mm -= _line_mm(paragraph)
        return y_mm - _padding_mm(paragraph)

    def _swatch(self, left_mm: float, middle_mm: float, paragraph: Paragraph) -> None:
        """Draw the symbol of a class as it is drawn on the map."""
        symbol = paragraph.swatch
        if symbol is None:
            return
        width_mm, height_mm = SWATCH_MM
        if paragraph.form == "area":
            box = Box(left_mm, middle_mm - height_mm / 2, width_mm, height_mm)
            self.rectangle(box, **fill_style(symbol))
            self.rectangle(box, **outline_style(symbol))
            return
        style: dict[str, Any] = {"color": symbol.colour}
        middle = (middle_mm, middle_mm)
        if paragraph.form == "point":
            x = (left_mm + width_mm / 2, left_mm + width_mm / 2)
            style |= {"marker": marker(symbol), "markersize": 8, "mec": symbol.edge, "lw": 0}
        else:
            x = (left_mm, left_mm + width_mm)
            style |= {"lw": max(LINE_WIDTHS[symbol.line], 1.0), "ls": line_style(symbol)}
        self.line(x, middle, **style)

    def _shares(self, box: Box) -> tuple[float, float, float, float]:
        width, height = self.width_mm, self.height_mm
        return (box.left / width, box.bottom / height, box.width / width, box.height / height)


def fill_style(symbol: Symbol) -> dict[str, Any]:
    """Return the style of an area's inside, hatch included.

    Paper is painted over, not through: where bands lie on each other, the upper one has its colour
    in the legend.
    """
    return {
        "facecolor": tint(symbol.colour, symbol.opacity),
        # without it the PDF of a patch without edge loses the lines of its hatch
        "alpha": 1.0,
        "edgecolor": "none",
        "hatchcolor": symbol.edge,
        "hatch": symbol.pattern * HATCH_DENSITY or None,
        "hatch_linewidth": HATCH_WIDTH,
        "linewidth": 0,
    }


def outline_style(symbol: Symbol) -> dict[str, Any]:
    """Return the style of an area's edge."""
    return {
        "facecolor": "none",
        "edgecolor": symbol.edge,
        "linewidth": LINE_WIDTHS[symbol.line],
        "linestyle": line_style(symbol),
    }


def line_style(symbol: Symbol) -> Any:
    """Return matplotlib's line style: broken where the outline is unsure or an input modelled."""
    if symbol.line == "dashed":
        return DASHES
    return "--" if symbol.broken else "-"


def save_pdf(pages: Sequence[Page], path: Path, *, title: str, printed_on: date) -> None:
    """Write pages as one PDF; equal pages give equal bytes whenever they are written."""
    midnight = datetime(printed_on.year, printed_on.month, printed_on.day, tzinfo=UTC)
    metadata = {"Title": title, "CreationDate": midnight, "ModDate": midnight}
    with PdfPages(path, metadata=metadata) as document:
        for page in pages:
            document.savefig(page.figure)


def wrapped(text: str, width_mm: float, size_pt: float, *, bold: bool = False) -> list[str]:
    """Return text cut into lines at blanks; a single word that is too long stands out."""
    blank_mm = text_width_mm(" ", size_pt, bold=bold)
    lines = []
    for part in text.split("\n"):
        line: list[str] = []
        used_mm = 0.0
        for token in part.split():
            token_mm = text_width_mm(token, size_pt, bold=bold)
            if line and used_mm + blank_mm + token_mm > width_mm:
                lines.append(" ".join(line))
                line, used_mm = [], 0.0
            used_mm += token_mm + (blank_mm if line else 0.0)
            line.append(token)
        lines.append(" ".join(line))
    return lines


def text_width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return the printed width of a word or a line."""
    return _width_pt(text, bold) * size_pt * MM_PER_PT


@cache
def _font(bold: bool) -> FontProperties:
    return FontProperties(weight="bold" if bold else "normal", size=100)


@lru_cache(maxsize=20_000)
def _width_pt(text: str, bold: bool) -> float:
    """Return the width of text in type of one point."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, _font(bold), ismath=False)
    return float(width) / 100


def _line_mm(paragraph: Paragraph) -> float:
    line_mm = paragraph.size_pt * MM_PER_PT * LINE_SPACING
    return max(line_mm, SWATCH_MM[1] + 0.8) if paragraph.swatch else line_mm


def _indent_mm(paragraph: Paragraph) -> float:
    if paragraph.swatch:
        return SWATCH_MM[0] + SWATCH_GAP_MM
    return 2 * _padding_mm(paragraph)


def _padding_mm(paragraph: Paragraph) -> float:
    return 1.2 if paragraph.tint else 0.0


def _lines(paragraph: Paragraph, width_mm: float) -> list[str]:
    free_mm = width_mm - _indent_mm(paragraph) - _padding_mm(paragraph)
    return wrapped(paragraph.text, free_mm, paragraph.size_pt, bold=paragraph.bold)


def _height_mm(paragraph: Paragraph, width_mm: float) -> float:
    """Return the height a paragraph takes in a column, the gap above it included."""
    text_mm = len(_lines(paragraph, width_mm)) * _line_mm(paragraph)
    return paragraph.gap_mm + text_mm + 2 * _padding_mm(paragraph)

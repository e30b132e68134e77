"""A paper of the council before it is printed: blocks of text and tables in one language.

It knows no proposal and no format. Cells hold values; how a value is written is said by its column,
so that the sheet on paper reads ``S/ 1,200,000`` where the workbook holds the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ilo_geo.core.text import Lang
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number

Value = str | int | float | None
Form = Literal["text", "number", "money", "hash", "strong"]
MOST_DECIMALS = 4


@dataclass(frozen=True)
class Column:
    """A column: its title, its share of the width, and how its values are written."""

    title: str
    share: float = 1.0
    form: Form = "text"


@dataclass(frozen=True)
class Heading:
    """The title of a part; level 1 begins one, level 2 is within it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Prose:
    """Paragraphs; ``look`` is how loud they are. ``modelled``: a figure in it is modelled."""

    text: str
    look: Literal["body", "small", "big", "warning"] = "body"
    modelled: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and values, one a line; ``id`` and ``title`` are those of a sheet in a workbook."""

    id: str
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    Attributes
    ----------
    id, title
        What it is; name of the sheet in a workbook, and what stands above the table as a heading
        of ``level``.
    layout
        ``grid`` on paper; ``noted``: a grid whose last column stands below each row, as wide as
        all of it; or ``entries``: the last column as a text below a head line of the others.
    modelled
        Positions of rows whose figures stand on modelled layers.
    empty
        What is said where there is no row.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    empty: str
    level: int = 2
    layout: Literal["grid", "noted", "entries"] = "grid"
    modelled: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Key:
    """One line of a map's legend."""

    label: str
    colour: str
    edge: str
    form: Literal["area", "line", "point"] = "area"


@dataclass(frozen=True)
class Picture:
    """A map as PNG with its legend, under a heading; ``ratio`` is height by width."""

    title: str
    png: bytes
    ratio: float
    legend: tuple[Key, ...]
    caption: str
    modelled: bool = False


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on, with what stands under each."""

    under: tuple[str, ...]


Block = Heading | Prose | Facts | Table | Picture | Signatures


@dataclass(frozen=True)
class Document:
    """Everything that is printed.

    Attributes
    ----------
    kicker, title, subtitle
        What kind of paper it is, of what, and how things stand.
    link
        Where the same is found and kept up to date, whole with its host; None where no host is
        known: then no QR code is drawn, and ``link_note`` says what to look up.
    foot
        Stands at the foot of each page beside its number (``page`` has ``{number}`` and ``{n}``).
    modelled_mark
        Written across each page on which something modelled stands.
    draft_mark
        Written across every page of what is not final; empty where it is.
    """

    lang: Lang
    kicker: str
    title: str
    subtitle: str
    blocks: tuple[Block, ...]
    link: str | None
    link_note: str
    data_sha256: str
    printed_at: datetime
    foot: str
    page: str
    modelled_mark: str
    draft_mark: str = ""

    @property
    def tables(self) -> tuple[Facts | Table, ...]:
        """Return what a workbook holds."""
        return tuple(block for block in self.blocks if isinstance(block, Facts | Table))

    @property
    def has_modelled(self) -> bool:
        """Return whether anything in it stands on modelled layers."""
        return any(bool(getattr(block, "modelled", False)) for block in self.blocks)


def written(value: Value, form: Form = "text") -> str:
    """Return a value as it is printed in Peru.

    Examples
    --------
    >>> written(1200000, "money"), written(2.5, "number"), written(None), written("Ñ")
    ('S/ 1,200,000', '2.5', '–', 'Ñ')
    """
    if value is None or value == "":
        return MISSING
    if isinstance(value, str):
        return value
    if form == "money":
        return f"S/ {peru_number(value)}"
    # as many decimals as it was rounded to; nothing is less than nothing
    told = peru_number(value or 0, MOST_DECIMALS)
    return told.rstrip("0").rstrip(".")


def widths(columns: Sequence[Column], whole: float) -> list[float]:
    """Return how wide each column is of ``whole``."""
    shares = sum(column.share for column in columns)
    return [whole * column.share / shares for column in columns]

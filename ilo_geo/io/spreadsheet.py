"""Rows for a spreadsheet: CSV that Excel reads as UTF-8 and of which it runs nothing."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path

from ilo_geo.core.results import plain

# a spreadsheet runs a cell that begins so (CWE-1236), full-width signs and leading blanks included
FORMULA_STARTS = ("=", "+", "-", "@")
CONTROL_STARTS = ("\t", "\r", "\n")
# where a program that takes another separator begins a cell inside a text of ours
INNER_STARTS = re.compile(r"([;\t\r\n]\s*)(?=[=+\-@＝＋－＠])")


def safe_cell(value: object) -> object:
    """Return a value that a spreadsheet shows and does not run."""
    if isinstance(value, str):
        read = unicodedata.normalize("NFKC", value).lstrip()
        runs = read.startswith(FORMULA_STARTS) or value.startswith(CONTROL_STARTS)
        return f"'{value}" if runs else value
    return plain(value)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows as CSV, of which no program runs a cell by whichever separator."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        written = csv.writer(stream)
        written.writerow(_safe_inside(safe_cell(title)) for title in header)
        written.writerows([_safe_inside(safe_cell(value)) for value in row] for row in rows)


def _safe_inside(cell: object) -> object:
    return INNER_STARTS.sub(r"\1'", cell) if isinstance(cell, str) else cell

"""Reads CSV and XLSX as the text and values that stand in them; formulas are never computed."""

# openpyxl ships no types
# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.archive import unpack
from ilo_geo.io.municipal.hostile import DOCTYPE
from ilo_geo.io.municipal.limits import require_at_most
from ilo_geo.io.municipal.naming import distinct_names
from ilo_geo.io.municipal.naming import renamed

SEPARATORS = ";,\t|"
WINDOWS = "cp1252"
HEADER_LINES = 20
FIRST_ROW = 2
MACROS = "xl/vbaProject.bin"
SHEET_PART = re.compile(r"^xl/worksheets/[^/]+\.xml$")
FORMULA = re.compile(rb"<f[ />]")
XLSX_ERRORS = (
    InvalidFileException,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
)


def read_csv(path: Path, *, name: str) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return the rows of a CSV as text, indexed by their line in the file.

    The encoding is UTF-8 where the bytes are, else Windows-1252; the separator is the one of
    ``; , tab |`` that stands most often in the header.

    Raises
    ------
    InputError
        There is no header or no row.
    """
    content = path.read_bytes()
    text, encoding = decoded(content)
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    # the limit is the whole process's: it may grow for a long field and never shrinks for others
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError("file.unreadable", where=name, found=str(error), expected="CSV") from error
    table, notices = _table(rows, name)
    if encoding != "UTF-8":
        notices = (*notices, Notice("import.encoding", {"encoding": encoding}))
    return table, notices


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of a file's bytes and the encoding they were taken for."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode(WINDOWS, errors="replace"), "Windows-1252"


def sheet_names(path: Path, *, name: str) -> tuple[str, ...]:
    """Return the visible sheets of a workbook that have rows below a header."""
    book = _opened(path, name)
    try:
        return tuple(
            sheet.title
            for sheet in book.worksheets
            if sheet.sheet_state == "visible" and len(_some_rows(sheet)) > 1
        )
    finally:
        book.close()


def read_xlsx(path: Path, sheet: str, *, name: str) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return the rows of a sheet as the values saved in it, indexed by their row in the sheet.

    Raises
    ------
    InputError
        It is no workbook, or the sheet has no rows.
    """
    book = _opened(path, name)
    try:
        page = book[sheet]
        page.reset_dimensions()
        rows: list[list[Any]] = []
        for values in page.iter_rows(values_only=True):
            rows.append([_cell(value) for value in values])
            require_at_most(name, "max_rows", len(rows))
            require_at_most(name, "max_columns", len(values))
    except XLSX_ERRORS as error:
        raise _unreadable(name, error) from error
    finally:
        book.close()
    table, notices = _table(rows, name)
    return table, (*notices, *_xlsx_notices(path))


def require_harmless_workbook(path: Path, folder: Path, *, name: str) -> None:
    """Refuse a workbook that is a bomb or whose parts declare entities.

    Raises
    ------
    InputError
        Its archive is beyond the limits, or a part of it has a document type.
    """
    unpack(path, folder, name=name)
    for part in folder.rglob("*"):
        if part.suffix in (".xml", ".rels") and part.is_file():
            head = part.read_bytes()[:4096].decode("latin-1").replace("\0", "")
            if DOCTYPE.search(head):
                raise InputError("import.entities", where=name)


def _opened(path: Path, name: str) -> openpyxl.Workbook:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except XLSX_ERRORS as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> InputError:
    found = type(error).__name__
    return InputError("file.unreadable", where=name, found=found, expected="an Excel workbook")


def _some_rows(sheet: Any) -> list[Any]:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=HEADER_LINES, values_only=True)
    return list(islice((row for row in rows if any(v is not None for v in row)), 2))


def _cell(value: Any) -> Any:
    """Return a cell's value; Excel's dates become ISO text."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    return value


def _xlsx_notices(path: Path) -> tuple[Notice, ...]:
    notices = []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        formulas = sum(
            len(FORMULA.findall(archive.read(part))) for part in names if SHEET_PART.match(part)
        )
    if MACROS in names:
        notices.append(Notice("import.macros"))
    if formulas:
        notices.append(Notice("import.formulas", {"n": formulas}))
    return tuple(notices)


def _table(rows: Iterable[list[Any]], name: str) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return rows below their header, blank ones left out, indexed by their line.

    A column of the same name as an earlier one gets another, and it is said.
    """
    numbered = [
        (line, row)
        for line, row in enumerate(rows, start=FIRST_ROW - 1)
        if any(value not in (None, "") for value in row)
    ]
    if len(numbered) < 2:
        raise InputError(
            "file.empty", where=name, found="rows", expected="a header and one row or more"
        )
    header = [str(value or "").strip() for value in numbered[0][1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    require_at_most(name, "max_columns", width)
    require_at_most(name, "max_rows", len(numbered) - 1)
    said = [text or f"column_{n}" for n, text in enumerate(header, start=1)]
    names = distinct_names(said)
    body = [[*row[:width], *[None] * (width - len(row))] for _line, row in numbered[1:]]
    index = [line for line, _row in numbered[1:]]
    table = pd.DataFrame(body, columns=names, index=index, dtype=object)
    renamings = renamed(zip(said, names, strict=True))
    return table.where(table.notna() & (table != ""), None), renamings

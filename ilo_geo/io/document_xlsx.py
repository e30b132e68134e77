"""Writes a paper of the council as a workbook: one sheet a table, values as numbers."""

# openpyxl ships no types
# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import re
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.styles import Font
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ilo_geo.io.document import Column
from ilo_geo.io.document import Document
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Table
from ilo_geo.io.document import Value
from ilo_geo.io.spreadsheet import safe_cell

HEAD_COLOUR, MODELLED_COLOUR = "FFDCE6F1", "FFFFF3CD"
WIDTHS = {"text": 42, "strong": 34, "number": 16, "money": 18, "hash": 68}
WHOLE, DECIMAL, MONEY = "#,##0", "#,##0.00", '"S/ "#,##0'
# what the format does not take in the name of a sheet, and how long it may be
BARRED, NAME_LETTERS = re.compile(r"[\[\]:*?/\\]"), 31
# what XML 1.0 cannot hold
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_xlsx(document: Document, path: Path) -> None:
    """Write the tables of a document; nothing in them is run by the program that opens it."""
    book = Workbook(write_only=True)
    about = Facts("", document.kicker, _about(document))
    for n, block in enumerate((about, *document.tables)):
        sheet = book.create_sheet(_name(block.title or block.id or document.kicker, n))
        if isinstance(block, Facts):
            _facts(sheet, block)
        else:
            _table(sheet, block)
    book.save(path)


def _about(document: Document) -> tuple[tuple[str, str], ...]:
    mark = (document.modelled_mark, "") if document.has_modelled else None
    draft = (document.draft_mark, "") if document.draft_mark else None
    rows = [
        draft,
        mark,
        (document.title, document.subtitle),
        (document.link or document.link_note, ""),
        ("SHA-256", document.data_sha256),
        (document.foot, ""),
    ]
    return tuple(row for row in rows if row is not None)


def _name(title: str, n: int) -> str:
    """Return a title as a name of a sheet that no other sheet has."""
    return BARRED.sub(" ", f"{n + 1} {title}")[:NAME_LETTERS].strip(" '")


def _facts(sheet: Worksheet, block: Facts) -> None:
    sheet.column_dimensions["A"].width = WIDTHS["strong"]
    sheet.column_dimensions["B"].width = 2 * WIDTHS["text"]
    for name, value in block.rows:
        cells = [_cell(sheet, name), _cell(sheet, value)]
        cells[0].font = Font(bold=True)
        sheet.append(cells)


def _table(sheet: Worksheet, block: Table) -> None:
    for n, column in enumerate(block.columns, start=1):
        sheet.column_dimensions[get_column_letter(n)].width = WIDTHS[column.form]
    sheet.freeze_panes = "A2"
    head = [_cell(sheet, column.title) for column in block.columns]
    for cell in head:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", HEAD_COLOUR)
    sheet.append(head)
    for n, row in enumerate(block.rows):
        cells = [_cell(sheet, v, c) for v, c in zip(row, block.columns, strict=True)]
        if n in block.modelled:
            for cell in cells:
                cell.fill = PatternFill("solid", MODELLED_COLOUR)
        sheet.append(cells)
    if not block.rows:
        sheet.append([_cell(sheet, block.empty)])


def _cell(sheet: Worksheet, value: Value, column: Column | None = None) -> WriteOnlyCell:
    if isinstance(value, str):
        told = safe_cell(UNWRITABLE.sub("", value))
        cell = WriteOnlyCell(sheet, told)
        # for certain: openpyxl takes text that begins with = for a formula
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell
    cell = WriteOnlyCell(sheet, value)
    if column is not None and column.form == "money":
        cell.number_format = MONEY
    elif value is not None:
        cell.number_format = WHOLE if value == int(value) else DECIMAL
    return cell

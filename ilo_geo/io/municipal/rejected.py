"""Writes the rows that could not be loaded so that they can be mended and sent again."""

# openpyxl ships no types
# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from ilo_geo.core.errors import InputError
from ilo_geo.io.workspace import atomic_path

FORMATS = (".csv", ".xlsx")
MAX_CELL_CHARS = 32_000
ROW, REASON = "fila", "motivo"
# a spreadsheet runs a cell that begins so (CWE-1236)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


def write_rejected(rows: pd.DataFrame, path: Path) -> None:
    """Write rows as CSV or XLSX, by the suffix; whole or not at all.

    Text that a spreadsheet would run as a formula gets an apostrophe in CSV, which the import takes
    off again, and is marked as text in XLSX.

    Raises
    ------
    InputError
        The suffix is of neither.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InputError("export.unknown_format", found=suffix.lstrip("."), expected="csv, xlsx")
    with atomic_path(path) as temporary:
        if suffix == ".csv":
            _write_csv(rows, temporary)
        else:
            _write_xlsx(rows, temporary)


def _write_csv(rows: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows.columns)
        writer.writerows(
            [_harmless(value) for value in row] for row in rows.itertuples(index=False)
        )


def _write_xlsx(rows: pd.DataFrame, path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("filas")
    sheet.append([_cell(sheet, name, bold=True) for name in rows.columns])
    for row in rows.itertuples(index=False):
        sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    if value is None or value != value:
        return None
    plain = value.item() if hasattr(value, "item") else value
    cell = WriteOnlyCell(sheet)
    if isinstance(plain, bool | int | float):
        cell.value = plain
    else:
        cell.value = str(plain)[:MAX_CELL_CHARS]
        # openpyxl takes what begins with = for a formula
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _harmless(value: Any) -> Any:
    if value is None or value != value:
        return ""
    text = str(value)
    number = not isinstance(value, str) or _is_number(text)
    return f"{GUARD}{text}" if text.startswith(FORMULA_STARTS) and not number else text


def unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a list of rejected rows that came back, without apostrophes before formulas."""
    guarded = tuple(f"{GUARD}{start}" for start in FORMULA_STARTS)

    def bare(value: Any) -> Any:
        return value[1:] if isinstance(value, str) and value.startswith(guarded) else value

    return table.map(bare)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True

"""Writes files to fill: a workbook with instructions and lists, and a GeoPackage to draw in."""

# openpyxl ships no types
# mypy: disable-error-code="import-untyped"
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel
from pydantic import ConfigDict
from pyproj import CRS

from ilo_geo.core.errors import InputError
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.vector import FILE_TIME
from ilo_geo.io.workspace import atomic_path

SUFFIXES = (".xlsx", ".gpkg")
HEAD_COLOUR, EXAMPLE_COLOUR = "FFDCE6F1", "FFF2F2F2"
COLUMN_WIDTH, TEXT_WIDTH = 20, 90
GEOMETRY_NAMES = {GeometryKind.POINT: "Point", GeometryKind.POLYGON: "MultiPolygon"}
DTYPES = {"text": "str", "integer": "Int64", "number": "float64", "boolean": "boolean"}
# written as text, so that a row of example is no number to compute with
EXAMPLE_XY = ("252000", "8047000")
EXAMPLE_WKT = "POLYGON ((252000 8047000, 252100 8047000, 252100 8047100, 252000 8047000))"


class TemplateTable(BaseModel):
    """The whole of ``templates.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layers: tuple[str, ...]
    titles: dict[str, Text]
    sheet: str
    instructions_sheet: str
    example_mark: str
    validated_rows: int
    coordinates: dict[GeometryKind, dict[str, Text]]
    instructions: dict[str, tuple[str, ...]]
    heading: dict[str, str]
    yes_no: dict[bool, str]
    types: dict[str, str]


@cache
def template_table() -> TemplateTable:
    """Return what surrounds the columns of the templates."""
    return TemplateTable.model_validate(load_package_yaml("ilo_geo.io.municipal", "templates.yaml"))


def write_template(layer_id: str, path: Path, crs: CRS) -> None:
    """Write the file to fill of a layer: a workbook or a GeoPackage, by the suffix.

    Raises
    ------
    InputError
        There is no template of that layer or in that format.
    """
    table = template_table()
    if layer_id not in table.layers:
        expected = ", ".join(table.layers)
        raise InputError("layer.unknown", found=layer_id, where="template", expected=expected)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError("export.unknown_format", found=suffix.lstrip("."), expected="xlsx, gpkg")
    with atomic_path(path) as temporary:
        if suffix == ".xlsx":
            _workbook(layer_id).save(temporary)
        else:
            _geopackage(layer_id, temporary, crs)


def _geopackage(layer_id: str, path: Path, crs: CRS) -> None:
    columns = layer_columns(layer_id)
    kind = layer_schemas()[layer_id].geometry
    empty = {name: pd.Series(dtype=DTYPES[c.kind]) for name, c in columns.items()}
    frame = gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs))
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FILE_TIME})
    pyogrio.write_dataframe(
        frame, path, layer=layer_id, driver="GPKG", geometry_type=GEOMETRY_NAMES[kind]
    )


def _workbook(layer_id: str) -> Workbook:
    table = template_table()
    book = Workbook()
    sheet = book.active
    sheet.title = table.sheet
    columns = layer_columns(layer_id)
    places = table.coordinates[layer_schemas()[layer_id].geometry]
    for n, name in enumerate([*columns, *places], start=1):
        cell = sheet.cell(row=1, column=n, value=_heading(name, columns))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", HEAD_COLOUR)
        sheet.column_dimensions[get_column_letter(n)].width = COLUMN_WIDTH
        if name in columns:
            _validate(sheet, n, columns[name], allowed=_allowed(layer_id, name, columns[name]))
        else:
            cell.comment = Comment(places[name].es, "ilo-geo")
    _example(sheet, layer_id, columns, places)
    sheet.freeze_panes = "A2"
    _instructions(book.create_sheet(table.instructions_sheet), layer_id, columns, places)
    return book


def _heading(name: str, columns: dict[str, Column]) -> str:
    """Return the Spanish heading of a column; the import knows it again by its title."""
    column = columns.get(name)
    return column.title.es if column is not None and column.title else name


def _allowed(layer_id: str, name: str, column: Column) -> tuple[str, ...]:
    """Return the values offered, in Spanish where the words of the layer have them."""
    if column.kind == "boolean":
        return tuple(template_table().yes_no.values())
    said = layer_words(layer_id).meanings.get(name, {})
    return tuple(said[value][0] if said.get(value) else value for value in column.allowed or ())


def _validate(sheet: Worksheet, n: int, column: Column, *, allowed: tuple[str, ...]) -> None:
    letter, last = get_column_letter(n), template_table().validated_rows
    if allowed:
        rule = DataValidation(type="list", formula1=f'"{",".join(allowed)}"', allow_blank=True)
    elif column.kind in ("number", "integer") and None not in (column.minimum, column.maximum):
        kind = "whole" if column.kind == "integer" else "decimal"
        ends = (str(column.minimum), str(column.maximum))
        rule = DataValidation(
            type=kind, operator="between", formula1=ends[0], formula2=ends[1], allow_blank=True
        )
    else:
        return
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{last}")


def _example(
    sheet: Worksheet, layer_id: str, columns: dict[str, Column], places: dict[str, Text]
) -> None:
    given = layer_words(layer_id).example
    values: list[Any] = [given.get(name) for name in columns]
    values += list(EXAMPLE_XY) if len(places) > 1 else [EXAMPLE_WKT]
    # the mark goes where text stands; the import leaves such a row out
    first = next(n for n, name in enumerate(columns) if columns[name].kind == "text")
    values[first] = f"{template_table().example_mark}: {values[first] or ''}".strip()
    sheet.append(values)
    for cell in sheet[2]:
        cell.font = Font(italic=True)
        cell.fill = PatternFill("solid", EXAMPLE_COLOUR)


def _instructions(
    sheet: Worksheet, layer_id: str, columns: dict[str, Column], places: dict[str, Text]
) -> None:
    table = template_table()
    words = {"sheet": table.sheet, "mark": table.example_mark}
    for lang in ("es", "en"):
        title = table.titles[layer_id].in_(lang)
        for line in table.instructions[lang]:
            sheet.append([line.format(title=title, **words)])
        sheet.append([])
    sheet.append(list(table.heading.values()))
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for name, column in columns.items():
        needed = table.yes_no[not column.nullable]
        allowed = ", ".join(_allowed(layer_id, name, column)) or table.types[column.kind]
        meaning = f"{name}: {column.title.es}" if column.title else name
        sheet.append([_heading(name, columns), meaning, column.unit or "", needed, allowed])
    for name, about in places.items():
        sheet.append([name, about.es, "m", table.yes_no[True], table.types["number"]])
    sheet.column_dimensions["A"].width = COLUMN_WIDTH
    sheet.column_dimensions["B"].width = TEXT_WIDTH


def is_template_sheet(name: str) -> bool:
    """Return whether a sheet holds only the instructions of a template."""
    return name == template_table().instructions_sheet

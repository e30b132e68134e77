"""What a layer's table must look like, and every way in which a given table does not."""

from enum import StrEnum
from typing import Literal

import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import Text

MAX_ROWS_NAMED = 5


class GeometryKind(StrEnum):
    """What a layer is made of."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"
    RASTER = "raster"
    TABLE = "table"


SHAPELY_TYPES = {
    GeometryKind.POINT: {"Point", "MultiPoint"},
    GeometryKind.LINE: {"LineString", "MultiLineString"},
    GeometryKind.POLYGON: {"Polygon", "MultiPolygon"},
}


class Column(BaseModel):
    """One column of a layer: its type, unit and the values it may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["text", "integer", "number", "boolean"]
    title: Text | None = None
    unit: str | None = None
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None


def table_faults(table: pd.DataFrame, columns: dict[str, Column]) -> list[str]:
    """Return every mismatch between ``table`` and ``columns``, one sentence each."""
    faults: list[str] = []
    for name, column in columns.items():
        if name not in table.columns:
            found = ", ".join(map(str, table.columns)) or "no columns"
            faults.append(f"column '{name}' is missing (found: {found})")
        else:
            faults.extend(_column_faults(table[name], column))
    return faults


def _column_faults(values: pd.Series, column: Column) -> list[str]:
    name = values.name
    faults = []
    if not column.nullable and values.isna().any():
        faults.append(f"column '{name}' has no value in {row_names(values.isna())}")
    present = values.dropna()
    if column.kind in ("integer", "number"):
        numbers = pd.to_numeric(present, errors="coerce")
        wrong = numbers.isna()
        if column.kind == "integer":
            wrong |= numbers % 1 != 0
        if wrong.any():
            faults.append(f"column '{name}' is not {_kind(column)} in {row_names(wrong)}")
        faults.extend(_range_faults(numbers[~wrong], column))
    elif column.kind == "boolean" and not present.isin([True, False, 0, 1]).all():
        faults.append(f"column '{name}' is not true/false in {row_names(~present.isin([0, 1]))}")
    if column.allowed is not None:
        unknown = ~present.astype(str).isin(column.allowed)
        if unknown.any():
            expected = ", ".join(column.allowed)
            faults.append(f"column '{name}' is none of [{expected}] in {row_names(unknown)}")
    return faults


def _range_faults(numbers: pd.Series, column: Column) -> list[str]:
    faults = []
    if column.minimum is not None and (numbers < column.minimum).any():
        low = numbers < column.minimum
        faults.append(f"column '{numbers.name}' is below {column.minimum:g} in {row_names(low)}")
    if column.maximum is not None and (numbers > column.maximum).any():
        high = numbers > column.maximum
        faults.append(f"column '{numbers.name}' is above {column.maximum:g} in {row_names(high)}")
    return faults


def _kind(column: Column) -> str:
    return "a whole number" if column.kind == "integer" else "a number"


def row_names(mask: pd.Series) -> str:
    """Return the rows where ``mask`` holds, the first few by name."""
    rows = list(mask.index[mask.to_numpy(dtype=bool)])
    named = ", ".join(map(str, rows[:MAX_ROWS_NAMED]))
    more = f" and {len(rows) - MAX_ROWS_NAMED} more" if len(rows) > MAX_ROWS_NAMED else ""
    return f"row{'s' if len(rows) > 1 else ''} {named}{more}"

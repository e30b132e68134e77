"""Use case: read a file of the municipality and say which column is which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import Status
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.mapping import ColumnMap
from ilo_geo.io.municipal.mapping import merged
from ilo_geo.io.municipal.mapping import suggest
from ilo_geo.io.municipal.mapping import told
from ilo_geo.io.municipal.memory import recall
from ilo_geo.io.municipal.reading import RawRows
from ilo_geo.io.municipal.reading import read_rows
from ilo_geo.io.municipal.rejected import REASON
from ilo_geo.io.municipal.rejected import ROW
from ilo_geo.io.municipal.rejected import unguarded
from ilo_geo.io.municipal.rows import clean_table
from ilo_geo.services.areas import Area
from ilo_geo.services.init_layers import stated_date

# begins the row of example of a template, in its first column or its id
EXAMPLE_MARK = "EJEMPLO"
# of a row whose number nobody can read
UNREADABLE = -1


@dataclass(frozen=True)
class ImportRequest:
    """What the user asks for.

    Attributes
    ----------
    path, name
        The file, and what the user calls it.
    pairs
        Ours by theirs; an empty ours leaves a column unmapped.
    constants
        One value for every row, by our column.
    source_layer
        Which layer of a file that has several.
    lenient
        It is a list of another file's rows: pairs of columns that it lacks are no fault.
    """

    path: Path
    name: str
    layer: str
    crs: str | None = None
    source_layer: str | None = None
    pairs: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    licence: str | None = None
    date: str | None = None
    status: Status = Status.OBSERVED
    accuracy_m: float | None = None
    lenient: bool = False


@dataclass(frozen=True)
class Draft:
    """A file as read, with the columns as they would be taken.

    Attributes
    ----------
    table
        Attributes as they came, cleaned of hidden characters.
    recalled
        An earlier load gave the mapping.
    constants
        One value for every row, by our column.
    numbers
        Of rows that come from a list of rejected ones, by row: their number in the file before.
    """

    request: ImportRequest
    kind: GeometryKind
    raw: RawRows
    table: pd.DataFrame
    mapping: ColumnMap
    recalled: bool
    constants: Mapping[str, str]
    numbers: Mapping[object, int]
    notices: tuple[Notice, ...]


def read_draft(area: Area, request: ImportRequest) -> Draft:
    """Read a file and suggest which column is which.

    Raises
    ------
    InputError
        What is said of the file is not valid, it cannot be read, a column is mapped that is not
        there, or no layer of that id takes a file.
    """
    if request.date:
        stated_date(request.date, request.name)
    accuracy_m = request.accuracy_m
    if accuracy_m is not None and not 0 <= accuracy_m < math.inf:
        raise ParameterError("import.accuracy", where=request.name, found=f"{accuracy_m:g}")
    kind = _kind(request.layer)
    raw = read_rows(request.path, name=request.name, layer=request.source_layer)
    raw, example = _without_example(raw)
    came, numbers = _returned(raw.table, is_list=request.lenient)
    table, cleaned = clean_table(came)
    mapping, constants, recalled = _mapping(area, request, table, raw)
    reused = (Notice("import.mapping_recalled"),) if recalled else ()
    notices = (*example, *raw.notices, *cleaned, *reused)
    return Draft(request, kind, raw, table, mapping, recalled, constants, numbers, notices)


def _kind(layer: str) -> GeometryKind:
    schemas = layer_schemas()
    other = (GeometryKind.RASTER, GeometryKind.TABLE)
    takes = [name for name, schema in schemas.items() if schema.geometry not in other]
    if layer not in takes:
        expected = ", ".join(takes)
        raise InputError("layer.unknown", found=layer, where="--as", expected=expected)
    return schemas[layer].geometry


def _returned(table: pd.DataFrame, *, is_list: bool) -> tuple[pd.DataFrame, dict[object, int]]:
    """Return a table without what a list of rejected rows adds, and the numbers it gave them.

    A file that was not said to be one is known by both columns.
    """
    if ROW not in table.columns or not (is_list or REASON in table.columns):
        return table, {}
    read = pd.to_numeric(table[ROW], errors="coerce").astype(float)
    numbers = {row: int(n) if n.is_integer() else UNREADABLE for row, n in read.items()}
    return unguarded(table.drop(columns=[REASON, ROW], errors="ignore")), numbers


def _without_example(raw: RawRows) -> tuple[RawRows, tuple[Notice, ...]]:
    """Return the rows less the one that a template marks as its example."""
    marked = pd.Series(data=False, index=raw.table.index)
    for name in raw.table.columns:
        values = raw.table[name]
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            said = [isinstance(v, str) and v.startswith(EXAMPLE_MARK) for v in values]
            marked |= pd.Series(said, index=marked.index)
    if not marked.any():
        return raw, ()
    kept = ~marked.to_numpy()
    geometry = None if raw.geometry is None else raw.geometry[kept]
    rows = ", ".join(map(str, raw.table.index[~kept]))
    notice = Notice("import.example_row", {"row": rows})
    return replace(raw, table=raw.table[kept], geometry=geometry), (notice,)


def _mapping(
    area: Area, request: ImportRequest, table: pd.DataFrame, raw: RawRows
) -> tuple[ColumnMap, Mapping[str, str], bool]:
    """Return the columns' names, the values for all rows, and whether they were kept."""
    theirs = [str(name) for name in table.columns]
    mapping = suggest(theirs, request.layer, is_sheet=raw.geometry is None)
    catalogue = area.catalogue
    kept = recall(catalogue.workspace, catalogue.workspace_id, request.layer, theirs)
    pairs, values = dict(request.pairs), dict(request.constants)
    if kept is not None:
        pairs, values = {**kept.pairs, **pairs}, {**kept.constants, **values}
    if kept is not None or request.lenient:
        pairs = {left: right for left, right in pairs.items() if left in theirs}
    over = told(theirs, request.layer, pairs, name=request.name)
    dropped = [left for left, right in pairs.items() if not right]
    return merged(mapping, over, dropped), values, kept is not None

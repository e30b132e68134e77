"""Use case: look at a file of the municipality before anything is loaded.

The same steps, in the same order, serve the preview, the dry run and the load, so that what was
shown is what lands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.mapping import ColumnMap
from ilo_geo.io.municipal.mapping import merged
from ilo_geo.io.municipal.mapping import suggest
from ilo_geo.io.municipal.mapping import told
from ilo_geo.io.municipal.memory import recall
from ilo_geo.io.municipal.placing import RowFault
from ilo_geo.io.municipal.placing import known_system
from ilo_geo.io.municipal.placing import place_rows
from ilo_geo.io.municipal.reading import RawRows
from ilo_geo.io.municipal.reading import read_rows
from ilo_geo.io.municipal.rejected import REASON
from ilo_geo.io.municipal.rejected import ROW
from ilo_geo.io.municipal.rejected import unguarded
from ilo_geo.io.municipal.rows import CheckedRows
from ilo_geo.io.municipal.rows import check_rows
from ilo_geo.io.municipal.rows import clean_table
from ilo_geo.io.municipal.rows import convert_table
from ilo_geo.io.municipal.rows import fill_missing
from ilo_geo.io.municipal.systems import Shift
from ilo_geo.io.municipal.systems import known_crs
from ilo_geo.io.municipal.systems import moved
from ilo_geo.io.municipal.systems import parsed_crs
from ilo_geo.io.municipal.systems import require_in_place
from ilo_geo.io.municipal.systems import shift_to_display
from ilo_geo.services.areas import Area
from ilo_geo.services.municipal_places import gazetteer

# begins the row of example of a template, in its first column or its id
EXAMPLE_MARK = "EJEMPLO"


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
        Pairs of columns that the file lacks are no fault: it is part of another.
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
class Examined:
    """A file read and checked, with nothing loaded yet.

    Attributes
    ----------
    table, geometry
        The rows as they came, cleaned of hidden characters; geometry in ``crs``.
    mapping
        As used; ``recalled`` says that an earlier load gave it.
    crs_was_told
        The user said the reference system, the file did not.
    accuracy_m
        Of positions: the file's own and the datum shift's, as the root of the sum of squares.
    constants
        One value for every row, by our column.
    numbers
        Of rows that come from a list of rejected ones, by row: their number in the file before.
    """

    request: ImportRequest
    raw: RawRows
    table: pd.DataFrame
    geometry: np.ndarray
    mapping: ColumnMap
    recalled: bool
    crs: CRS
    crs_was_told: bool
    shift: Shift
    accuracy_m: float | None
    checked: CheckedRows
    notices: tuple[Notice, ...]
    constants: Mapping[str, str]
    numbers: Mapping[object, int]

    @property
    def faults_by_row(self) -> dict[object, list[RowFault]]:
        """Return the reasons of each row that cannot be loaded."""
        found: dict[object, list[RowFault]] = {}
        for fault in self.checked.faults:
            found.setdefault(fault.row, []).append(fault)
        return found


def examine(area: Area, request: ImportRequest, progress: Progress = silent) -> Examined:
    """Read a file and check every row of it against the layer it is to become.

    Raises
    ------
    InputError
        The file cannot be read, its reference system is missing or contradicted, a column that
        the layer needs is not in it, or no layer of that id takes a file.
    """
    kind = _kind(request.layer)
    progress("progress.import_read", 0.05)
    raw = read_rows(request.path, name=request.name, layer=request.source_layer)
    raw, example = _without_example(raw)
    came, numbers = _returned(raw.table)
    table, cleaned = clean_table(came)
    mapping, values, recalled = _mapping(area, request, table, raw)
    progress("progress.import_place", 0.3)
    bounds = area_bounds_deg(area)
    if raw.geometry is None or mapping.coordinates:
        placed = place_rows(table, mapping.coordinates, gazetteer(area, kind), name=request.name)
        geometry, place_faults = placed.geometry, list(placed.faults)
        _require_coordinates(mapping, table, kind, request)
        places_m = placed.places_accuracy_m
    else:
        geometry, place_faults, places_m = raw.geometry, [], None
    crs = _system(request, raw, mapping)
    crs = require_in_place(geometry, crs, bounds, name=request.name)
    shift = shift_to_display(crs, bounds, name=request.name)
    progress("progress.import_check", 0.5)
    checked, notices = _checked(
        area, kind, table, mapping, values, request, moved(geometry, shift), place_faults
    )
    told_crs = raw.crs is None and request.crs is not None
    return Examined(
        request=request,
        raw=raw,
        table=table,
        geometry=geometry,
        mapping=mapping,
        recalled=recalled,
        crs=crs,
        crs_was_told=told_crs,
        shift=shift,
        accuracy_m=combined_accuracy_m(request.accuracy_m, shift.accuracy_m, places_m),
        checked=checked,
        constants=values,
        numbers=numbers,
        notices=(
            *example,
            *raw.notices,
            *cleaned,
            *notices,
            *_said(recalled=recalled, places_m=places_m),
            *_crs_notices(request, raw, crs, shift),
        ),
    )


def _returned(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[object, int]]:
    """Return a table without what a list of rejected rows adds, and the numbers it gave them."""
    if REASON not in table.columns or ROW not in table.columns:
        return table, {}
    read = pd.to_numeric(table[ROW], errors="coerce")
    numbers = {row: -1 if n != n else int(n) for row, n in read.items()}
    return unguarded(table.drop(columns=[REASON, ROW])), numbers


def _without_example(raw: RawRows) -> tuple[RawRows, tuple[Notice, ...]]:
    """Return the rows less the one that a template marks as its example."""
    marked = pd.Series(data=False, index=raw.table.index)
    for name in raw.table.columns:
        values = raw.table[name]
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            marked |= values.map(lambda v: str(v).startswith(EXAMPLE_MARK)).astype(bool)
    if not marked.any():
        return raw, ()
    kept = ~marked.to_numpy()
    geometry = None if raw.geometry is None else raw.geometry[kept]
    rows = ", ".join(map(str, raw.table.index[~kept]))
    notice = Notice("import.example_row", {"row": rows})
    return replace(raw, table=raw.table[kept], geometry=geometry), (notice,)


def _said(*, recalled: bool, places_m: float | None) -> tuple[Notice, ...]:
    notices = [Notice("import.mapping_recalled")] if recalled else []
    if places_m is not None:
        notices.append(Notice("import.placed_by_name", {"m": f"{places_m:,.0f}"}))
    return tuple(notices)


def combined_accuracy_m(*parts_m: float | None) -> float | None:
    """Return independent errors of position as one: the root of the sum of their squares.

    Examples
    --------
    >>> combined_accuracy_m(12.0, 16.0), combined_accuracy_m(None, None)
    (20.0, None)
    """
    known = [part for part in parts_m if part is not None]
    return math.sqrt(sum(part**2 for part in known)) if any(known) else None


def area_bounds_deg(area: Area) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the city with its margin, in degrees."""
    outline = gpd.GeoSeries([city_outline(area)], crs=area.crs).to_crs(DISPLAY_CRS)
    west, south, east, north = outline.total_bounds
    return float(west), float(south), float(east), float(north)


def city_outline(area: Area) -> shapely.Geometry:
    """Return the outline of the city in its CRS; of an area without districts, where it may be."""
    if area.boundary is not None:
        return area.boundary
    use = area.crs.area_of_use
    place = shapely.box(use.west, use.south, use.east, use.north)
    return gpd.GeoSeries([place], crs=DISPLAY_CRS).to_crs(area.crs).iloc[0]


def _kind(layer: str) -> GeometryKind:
    schemas = layer_schemas()
    other = (GeometryKind.RASTER, GeometryKind.TABLE)
    takes = [name for name, schema in schemas.items() if schema.geometry not in other]
    if layer not in takes:
        expected = ", ".join(takes)
        raise InputError("layer.unknown", found=layer, where="--as", expected=expected)
    return schemas[layer].geometry


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


def _require_coordinates(
    mapping: ColumnMap, table: pd.DataFrame, kind: GeometryKind, request: ImportRequest
) -> None:
    if not mapping.coordinates:
        found = ", ".join(map(str, table.columns))
        raise InputError("import.no_coordinates", where=request.name, found=found, kind=kind.value)


def _system(request: ImportRequest, raw: RawRows, mapping: ColumnMap) -> CRS | None:
    """Return the reference system that is told or found; what is told goes first."""
    if request.crs is not None:
        return parsed_crs(request.crs)
    if raw.crs is not None:
        return known_crs(raw.crs)
    return known_system(mapping.coordinates, None)


def _checked(
    area: Area,
    kind: GeometryKind,
    table: pd.DataFrame,
    mapping: ColumnMap,
    values: Mapping[str, str],
    request: ImportRequest,
    geometry: np.ndarray,
    place_faults: list[RowFault],
) -> tuple[CheckedRows, list[Notice]]:
    # a value for every row is a column of its own, whose name no file can have
    given = {f"={ours}": value for ours, value in values.items()}
    own = {left: right for left, right in mapping.columns.items() if right not in values}
    named = ColumnMap({**own, **{name: name[1:] for name in given}}, mapping.coordinates)
    made, faults, notices = convert_table(table.assign(**given), named, request.layer)
    made, missing = fill_missing(made, request.layer)
    if missing:
        found = ", ".join(map(str, table.columns))
        raise InputError(
            "import.columns_missing",
            where=request.name,
            layer=request.layer,
            expected=", ".join(missing),
            found=found,
        )
    checked = check_rows(
        made,
        geometry,
        kind,
        area_crs=area.crs,
        city=city_outline(area),
        known=[*place_faults, *faults],
    )
    return checked, [*notices, *checked.notices]


def _crs_notices(
    request: ImportRequest, raw: RawRows, crs: CRS, shift: Shift
) -> tuple[Notice, ...]:
    notices = []
    if request.crs is not None and raw.crs is not None and known_crs(raw.crs) != crs:
        fields = {"found": known_crs(raw.crs).to_string()[:60], "told": request.crs}
        notices.append(Notice("import.crs_overruled", fields))
    if shift.is_datum_shift:
        fields = {
            "name": shift.name,
            "accuracy": f"{shift.accuracy_m:g}",
            "area": shift.area_of_use,
        }
        notices.append(Notice("import.shift", fields))
    if raw.crs is None and request.crs is not None:
        notices.append(Notice("import.datum_untold", {"told": request.crs}))
    return tuple(notices)

"""Checks rows one by one: what can be loaded, and of every other row why not."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.quality import Action
from ilo_geo.core.quality import check_geometries
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.municipal.limits import limits
from ilo_geo.io.municipal.mapping import ColumnMap
from ilo_geo.io.municipal.naming import listed
from ilo_geo.io.municipal.naming import renamed
from ilo_geo.io.municipal.naming import safe_names
from ilo_geo.io.municipal.naming import shown
from ilo_geo.io.municipal.placing import RowFault
from ilo_geo.io.municipal.rejected import REASON
from ilo_geo.io.municipal.rejected import ROW
from ilo_geo.io.municipal.systems import systems
from ilo_geo.io.municipal.values import clean_text
from ilo_geo.io.municipal.values import converted
from ilo_geo.io.municipal.words import fold
from ilo_geo.io.municipal.words import layer_columns
from ilo_geo.io.municipal.words import layer_words
from ilo_geo.io.municipal.words import words

GEOMETRY = "geometry"
# why the door sets a feature aside, as the line that says it
PROBLEMS = {
    "empty": "import.row.no_geometry",
    "not_finite": "import.row.not_finite",
    "wrong_geometry_type": "import.row.wrong_type",
    "self_crossing": "import.row.self_crossing",
}
SHOWN_CHARS = 80


@dataclass(frozen=True)
class CheckedRows:
    """What is to be loaded, and what is not.

    Attributes
    ----------
    frame
        Rows that pass, in WGS 84, under our names, indexed by their number in the file.
    faults
        Every reason of every other row.
    """

    frame: gpd.GeoDataFrame
    faults: tuple[RowFault, ...]
    notices: tuple[Notice, ...]


def clean_table(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Return a table whose text hides nothing, and how many values had to be cleaned."""
    cleaned, n_dirty = table.copy(), 0
    for position, name in enumerate(table.columns):
        values = table.iloc[:, position]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = _as_iso(values)
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            values, n = clean_text(values)
            n_dirty += n
        cleaned[name] = values
    notices = (Notice("import.cleaned", {"n": n_dirty}),) if n_dirty else ()
    return cleaned, notices


def _as_iso(values: pd.Series) -> pd.Series:
    days = values.dt.strftime("%Y-%m-%dT%H:%M").str.removesuffix("T00:00")
    return days.astype(object).where(values.notna(), None)


def convert_table(
    table: pd.DataFrame, mapping: ColumnMap, layer_id: str
) -> tuple[pd.DataFrame, list[RowFault], list[Notice]]:
    """Return the table under our names and types, the values that cannot be, and what to know.

    Columns nobody mapped are kept as they are, but for layers that keep only what they need.
    """
    spec = layer_words(layer_id)
    made: dict[str, pd.Series] = {}
    faults: list[RowFault] = []
    notices: list[Notice] = []
    for theirs, ours in mapping.columns.items():
        values, wrong = converted(table[theirs], ours, layer_columns(layer_id)[ours], layer_id)
        made[ours] = values
        faults += [
            RowFault(row, theirs, _shown(table.loc[row, theirs]), reason)
            for row, reason in wrong.items()
        ]
    for ours in spec.unique:
        if ours in made:
            faults += _repeated(made[ours], ours)
    used = {*mapping.columns, *mapping.coordinates.values()}
    rest = [name for name in table.columns if name not in used]
    if spec.only:
        if rest:
            notices.append(Notice("import.left_out", {"columns": listed(rest)}))
    else:
        names = safe_names(rest, taken=layer_columns(layer_id))
        notices += renamed(names.items())
        made |= {new: _kept(table[old]) for old, new in names.items()}
        notices += _codes_twice(made, spec.unique)
    return pd.DataFrame(made, index=table.index), faults, notices


def _codes_twice(made: Mapping[str, pd.Series], unique: Iterable[str]) -> list[Notice]:
    """Return how often columns that name features, by their own name, name one again."""
    names = {fold(word) for word in ("id", *words().synonyms["id"])}
    codes = [name for name in made if fold(name) in names and name not in unique]
    counts = {name: int(made[name].dropna().duplicated().sum()) for name in codes}
    return [
        Notice("import.codes_twice", {"n": n, "column": shown(name)})
        for name, n in counts.items()
        if n
    ]


def _kept(values: pd.Series) -> pd.Series:
    """Return values of a column nobody mapped as one type that a file can hold."""
    if values.dtype != object:
        return values
    kinds = {type(value) for value in values.dropna()}
    if kinds <= {int, float} or kinds == {bool}:
        return values.infer_objects()
    limit = limits().max_text_chars
    text = values.map(lambda value: str(value)[:limit], na_action="ignore")
    return text.astype(object).where(values.notna(), None)


def _repeated(values: pd.Series, name: str) -> list[RowFault]:
    twice = values.notna() & values.duplicated(keep="first")
    first = values[values.notna()].drop_duplicates()
    row_of = {value: row for row, value in first.items()}
    return [
        RowFault(row, name, _shown(value), Notice("import.row.repeated", {"row": row_of[value]}))
        for row, value in values[twice].items()
    ]


def fill_missing(table: pd.DataFrame, layer_id: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with the schema's columns that may be empty, and those that lack.

    Optional columns of ``columns.yaml`` that the file has not are not made up.
    """
    missing = []
    for ours, column in layer_schemas()[layer_id].columns.items():
        if ours in table.columns:
            continue
        if column.nullable:
            table = table.assign(**{ours: None})
        else:
            missing.append(ours)
    return table, missing


def check_rows(
    table: pd.DataFrame,
    geometry: np.ndarray,
    kind: GeometryKind,
    *,
    area_crs: CRS,
    city: shapely.Geometry,
    known: Iterable[RowFault],
) -> CheckedRows:
    """Return the rows that can be loaded and the reasons of the others.

    Parameters
    ----------
    table, geometry
        Rows under our names, their geometry in WGS 84.
    area_crs, city
        Metric CRS of the area, and its outline in it.
    known
        Faults found before.
    """
    faults = list(known)
    notices: list[Notice] = []
    geometry = _of_kind(geometry, kind, notices)
    unplaced = {fault.row for fault in faults}
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=DISPLAY_CRS).to_crs(area_crs)
    usable, quality = check_geometries(frame, kind)
    for row, problem, action in quality.findings.itertuples(index=False):
        if action is Action.SET_ASIDE and not (problem == "empty" and row in unplaced):
            kind_found = "" if frame.geometry[row] is None else frame.geometry[row].geom_type
            faults.append(RowFault(row, GEOMETRY, kind_found, Notice(PROBLEMS[problem])))
    notices += _findings(quality.findings)
    faults += _far(usable, city)
    good = ~usable.index.isin([fault.row for fault in faults])
    order = {row: n for n, row in enumerate(table.index)}
    faults.sort(key=lambda fault: order[fault.row])
    return CheckedRows(usable[good].to_crs(DISPLAY_CRS), tuple(faults), tuple(notices))


def _of_kind(geometry: np.ndarray, kind: GeometryKind, notices: list[Notice]) -> np.ndarray:
    """Return geometry with closed lines as the polygons they draw, where polygons are wanted."""
    if kind is not GeometryKind.POLYGON:
        return geometry
    closed = (shapely.get_type_id(geometry) == shapely.GeometryType.LINESTRING) & (
        shapely.is_closed(geometry) & (shapely.get_num_points(geometry) > 3)
    )
    if closed.any():
        geometry = geometry.copy()
        geometry[closed] = [shapely.Polygon(line.coords) for line in geometry[closed]]
        notices.append(Notice("import.closed_lines", {"n": int(closed.sum())}))
    return geometry


def _findings(findings: pd.DataFrame) -> list[Notice]:
    repaired = int((findings["action"] == Action.REPAIRED).sum())
    twice = int((findings["problem"] == "duplicate").sum())
    notices = [Notice("import.repaired", {"n": repaired})] if repaired else []
    return notices + ([Notice("import.duplicates", {"n": twice})] if twice else [])


def _far(frame: gpd.GeoDataFrame, city: shapely.Geometry) -> list[RowFault]:
    if not len(frame):
        return []
    west, south, east, north = shapely.bounds(city)
    bounds = frame.geometry.bounds.to_numpy()
    beyond_m = np.maximum.reduce(
        [west - bounds[:, 2], bounds[:, 0] - east, south - bounds[:, 3], bounds[:, 1] - north]
    )
    return [
        RowFault(row, GEOMETRY, "", Notice("import.row.far", {"km": f"{m / 1000:,.0f}"}))
        for row, m in zip(frame.index, beyond_m, strict=True)
        if m > systems().far_m
    ]


def rejected_table(
    table: pd.DataFrame, geometry: np.ndarray | None, faults: Mapping[object, str]
) -> pd.DataFrame:
    """Return the rows with faults as they came, with the reason and any geometry as WKT."""
    chosen = table.index.isin(list(faults))
    rows = table[chosen].astype(object)
    added = {REASON: [faults[row] for row in rows.index]}
    if geometry is not None:
        added["wkt"] = shapely.to_wkt(geometry[chosen], rounding_precision=9)
    rows = rows.assign(**added)
    rows.insert(0, ROW, rows.index)
    return rows


def _shown(value: object) -> str:
    return "" if value is None or value != value else str(value)[:SHOWN_CHARS]

"""One door for every file a municipality has: which layers are in it, and the rows of one."""

from __future__ import annotations

import codecs
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError
from pyogrio.errors import DataSourceError
from pyproj import CRS

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.archive import unpack
from ilo_geo.io.municipal.dxf import require_drawable
from ilo_geo.io.municipal.hostile import geopackage_tables
from ilo_geo.io.municipal.hostile import require_kind
from ilo_geo.io.municipal.hostile import require_plain_markup
from ilo_geo.io.municipal.limits import require_at_most
from ilo_geo.io.municipal.sheets import decoded
from ilo_geo.io.municipal.sheets import read_csv
from ilo_geo.io.municipal.sheets import read_xlsx
from ilo_geo.io.municipal.sheets import require_harmless_workbook
from ilo_geo.io.municipal.sheets import sheet_names
from ilo_geo.io.municipal.templates import is_template_sheet

ARCHIVES = (".zip", ".kmz")
GEODATABASE = ".gdb"
DRIVERS = {
    ".shp": ("ESRI Shapefile",),
    ".gpkg": ("GPKG",),
    ".geojson": ("GeoJSON",),
    ".json": ("GeoJSON",),
    ".kml": ("LIBKML", "KML"),
    ".dxf": ("DXF",),
    GEODATABASE: ("OpenFileGDB",),
}
SHEETS = (".csv", ".xlsx")
SUFFIXES = (*ARCHIVES, *DRIVERS, *SHEETS)
# a GeoJSON of one huge feature is refused by GDAL itself
MAX_JSON_FEATURE_MB = "64"
# of OGR_STYLE and the like: what KML and DXF say of the look, no facts of the row
KML_LOOK = ("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet")
# fields that every KML has, filled or not; an empty one must not pass for the file's own column
KML_FIELDS = ("id", "Name", "description", "timestamp", "begin", "end")
DXF_LOOK = ("PaperSpace", "SubClasses", "Linetype", "EntityHandle", "ExtendedEntity")
READING = threading.Lock()
LOOKS = {".kml": KML_LOOK, ".dxf": DXF_LOOK}


@dataclass(frozen=True)
class RawRows:
    """Rows as they stand in the file: nothing converted but dates, nothing dropped.

    Attributes
    ----------
    table
        Attributes, indexed by the row's number as the user counts it.
    geometry
        Geometry of each row in ``crs``, None where the file is a sheet.
    crs
        What the file says its coordinates are in, None where it says nothing.
    """

    table: pd.DataFrame
    geometry: np.ndarray | None
    crs: CRS | None
    format: str
    layer: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class _Part:
    """One layer of a file: the name it is asked by, where it lies, and what is left out there."""

    name: str
    path: Path
    suffix: str
    inner: str | None = None
    left_out: tuple[str, ...] = ()


def read_rows(path: Path, *, name: str, layer: str | None = None) -> RawRows:
    """Return the rows of one layer of a file.

    Parameters
    ----------
    name
        What the user calls the file, for messages.
    layer
        Which, where the file has several.

    Raises
    ------
    InputError
        It is of no known kind, damaged, hostile or empty, or has several layers and none is named.
    WorkspaceError
        The disk is full.
    """
    with _parts(path, name) as parts:
        part = _chosen(parts, layer, name)
        rows = _sheet_rows(part, name) if part.suffix in SHEETS else _features(part, name)
    if not len(rows.table):
        raise InputError("file.empty", where=name, found="rows", expected="one row or more")
    return rows


def layer_names(path: Path, *, name: str) -> tuple[str, ...]:
    """Return the layers of a file, by the names they are asked by."""
    with _parts(path, name) as parts:
        return tuple(part.name for part in parts)


@contextmanager
def _parts(path: Path, name: str) -> Iterator[list[_Part]]:
    if not path.exists():
        raise InputError("file.not_found", where=name)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "import.wrong_extension", where=name, found=suffix, expected=", ".join(SUFFIXES)
        )
    if path.is_file():
        require_at_most(name, "max_file_bytes", path.stat().st_size)
    elif suffix != GEODATABASE:
        raise InputError("import.wrong_extension", where=name, found="/", expected=GEODATABASE)
    try:
        with TemporaryDirectory(prefix="ilo-geo-") as temporary:
            folder = Path(temporary)
            if suffix in ARCHIVES:
                unpack(path, folder, name=name)
                files = _data_files(folder, suffix)
            else:
                files = [path]
            yield [part for file in files for part in _layers_of(file, name, folder)]
    except OSError as error:
        if isinstance(error, WorkspaceError) or error.errno is None:
            raise
        reason = os.strerror(error.errno)
        raise WorkspaceError("import.disk", where=name, found=reason) from error


def _data_files(folder: Path, suffix: str) -> list[Path]:
    bases = [p for p in folder.rglob("*") if p.suffix.lower() == GEODATABASE and p.is_dir()]
    wanted = (".kml",) if suffix == ".kmz" else (*DRIVERS, *SHEETS)
    files = [
        p
        for p in folder.rglob("*")
        if p.is_file() and p.suffix.lower() in wanted and not any(b in p.parents for b in bases)
    ]
    return sorted([*bases, *files])


def _chosen(parts: list[_Part], layer: str | None, name: str) -> _Part:
    expected = ", ".join(part.name for part in parts)
    if not parts:
        raise InputError("file.empty", where=name, found="layers", expected=", ".join(SUFFIXES))
    if layer is None and len(parts) > 1:
        raise InputError("import.several_layers", where=name, n=len(parts), expected=expected)
    found = parts[0] if layer is None else next((p for p in parts if p.name == layer), None)
    if found is None:
        raise InputError("import.no_layer", where=name, found=layer, expected=expected)
    return found


def _layers_of(path: Path, name: str, scratch: Path) -> list[_Part]:
    suffix = path.suffix.lower()
    if path.is_file():
        require_kind(path, suffix, name=name)
    if suffix == ".csv" or suffix == ".shp":
        return [_Part(path.stem, path, suffix)]
    if suffix == ".xlsx":
        parts = scratch / f".{path.name}"
        parts.mkdir()
        require_harmless_workbook(path, parts, name=name)
        sheets = [s for s in sheet_names(path, name=name) if not is_template_sheet(s)]
        return [_Part(s, path, suffix, s) for s in sheets]
    if suffix == ".gpkg":
        offered, hidden = geopackage_tables(path, name=name)
        return [_Part(t, path, suffix, t, hidden) for t in offered]
    if suffix == ".kml":
        require_plain_markup(path, name=name, root="kml")
    if suffix == ".dxf":
        require_drawable(path, name=name)
    return [_Part(str(x), path, suffix, str(x)) for x in _listed(path, name)]


def _listed(path: Path, name: str) -> list[str]:
    try:
        return [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
    except (DataSourceError, DataLayerError) as error:
        raise _unreadable(name, error, path) from error


def _unreadable(name: str, error: Exception, path: Path) -> InputError:
    # GDAL's words name the temporary folder
    said = str(error).replace(str(path), name).replace(f"{path.parent}{os.sep}", "")
    found = " ".join(said.split())
    return InputError(
        "file.unreadable", where=name, found=found[:200], expected=path.suffix.lower()
    )


def _sheet_rows(part: _Part, name: str) -> RawRows:
    if part.inner is None:
        table, notices = read_csv(part.path, name=name)
    else:
        table, notices = read_xlsx(part.path, part.inner, name=name)
    return RawRows(table, None, None, part.suffix, part.name, notices)


def _features(part: _Part, name: str) -> RawRows:
    notices: list[Notice] = []
    if part.left_out:
        said = {"where": name, "found": ", ".join(part.left_out)}
        notices.append(Notice("import.views", said))
    # what GDAL would write to stderr is in the exception
    pyogrio.set_gdal_config_options(
        {"OGR_GEOJSON_MAX_OBJ_SIZE": MAX_JSON_FEATURE_MB, "CPL_LOG": os.devnull}
    )
    options: dict[str, object] = {"encoding": _dbf_encoding(part.path, notices)}
    if part.suffix == ".gpkg":
        options = {"IMMUTABLE": "YES"}
    try:
        info = pyogrio.read_info(part.path, layer=part.inner, **options)
        _require_driver(info["driver"], part, name)
        require_at_most(name, "max_rows", info["features"])
        require_at_most(name, "max_columns", len(info["fields"]))
        frame = _quietly_read(part, options, notices)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _unreadable(name, error, part.path) from error
    return _raw(frame, part, name, notices)


def _quietly_read(part: _Part, options: dict[str, object], notices: list[Notice]) -> pd.DataFrame:
    """Return the features; what GDAL warns of is told with the file, not on stderr."""
    # the list of warnings is one for all threads
    with READING, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frame = pyogrio.read_dataframe(part.path, layer=part.inner, **options)
    if said:
        first = " ".join(str(said[0].message).split())[:160]
        notices.append(Notice("import.driver_warns", {"n": len(said), "first": first}))
    return frame


def _require_driver(found: str, part: _Part, name: str) -> None:
    if found not in DRIVERS[part.suffix]:
        raise InputError(
            "import.wrong_extension", where=name, found=found, expected=DRIVERS[part.suffix][0]
        )


def _raw(frame: pd.DataFrame, part: _Part, name: str, notices: list[Notice]) -> RawRows:
    require_at_most(name, "max_rows", len(frame))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    table = table.drop(columns=[c for c in LOOKS.get(part.suffix, ()) if c in table.columns])
    if part.suffix == ".kml":
        empty = [c for c in KML_FIELDS if c in table.columns and table[c].isna().all()]
        table = table.drop(columns=empty)
    geometry, crs = None, None
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = frame.geometry.to_numpy()
        if shapely.has_z(geometry).any():
            notices.append(Notice("import.flattened"))
        geometry = shapely.force_2d(geometry)
        vertices = shapely.get_num_coordinates(geometry)
        require_at_most(name, "max_vertices_feature", int(vertices.max(initial=0)))
        require_at_most(name, "max_vertices", int(vertices.sum()))
        crs = frame.crs.to_2d() if frame.crs is not None else None
    return RawRows(table, geometry, crs, part.suffix, part.name, tuple(notices))


def _dbf_encoding(path: Path, notices: list[Notice]) -> str | None:
    """Return the encoding of a Shapefile's table: what its .cpg says if the bytes agree."""
    dbf = next((p for p in path.parent.glob(f"{path.stem}.*") if p.suffix.lower() == ".dbf"), None)
    if path.suffix.lower() != ".shp" or dbf is None:
        return None
    said = next((p for p in path.parent.glob(f"{path.stem}.*") if p.suffix.lower() == ".cpg"), None)
    stated = said.read_text(encoding="ascii", errors="replace").strip() if said else ""
    table = dbf.read_bytes()
    content = table[int.from_bytes(table[8:10], "little") :]
    try:
        known = codecs.lookup(f"cp{stated}" if stated.isdigit() else stated).name
        content.decode(known)
    except (LookupError, UnicodeDecodeError):
        known = ""
    if known:
        return known
    encoding = decoded(content)[1]
    if encoding != "UTF-8" or stated:
        notices.append(Notice("import.encoding", {"encoding": encoding}))
    return "utf-8" if encoding == "UTF-8" else "cp1252"

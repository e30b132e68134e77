"""Reads the inhabitants of a city from a file: polygons with counts, or a table of H3 cells."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import NEIGHBOUR_DEG
from ilo_geo.core.crs import crs_name
from ilo_geo.core.crs import in_area_of_use
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.schema import SHAPELY_TYPES
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.schema import row_names
from ilo_geo.core.schema import table_faults
from ilo_geo.io.vector import read_features

POPULATION = "population"
AGE_COLUMN = re.compile(r"^age_[a-z0-9_]+$")
# no city has more in one unit; keeps infinity out
MAX_INHAB = 1e8
# cells share their corners exactly when rounded to this many degrees (1 cm)
CORNER_DECIMALS = 7
# the first data row of a CSV is its second line
FIRST_CSV_LINE = 2


def read_population_file(path: Path) -> gpd.GeoDataFrame:
    """Return units with ``id``, ``population``, any ``age_…`` counts and a polygon, in EPSG:4326.

    A vector file (.gpkg, .geojson, .shp) gives its own polygons. A .csv gives H3 cells in ``id``;
    points are not enough, as they do not say which area their inhabitants live in.

    Raises
    ------
    SchemaError
        A column is missing, a count is missing, negative or no number, an id repeats or is no H3
        cell, a polygon is not valid; every fault is listed with its rows.
    CrsError
        A vector file has no reference system, or coordinates that cannot be in it.
    InputError
        The file cannot be read or has no rows.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    units = _cells(path) if path.suffix.lower() == ".csv" else _polygons(path)
    ages = age_columns(units)
    table = units[["id", POPULATION, *ages]].astype(dict.fromkeys([POPULATION, *ages], float))
    kept = gpd.GeoDataFrame(table, geometry=units.geometry, crs=units.crs)
    return kept.reset_index(drop=True).to_crs(DISPLAY_CRS)


def age_columns(units: pd.DataFrame) -> list[str]:
    """Return the names of the columns that count an age group."""
    return [name for name in map(str, units.columns) if AGE_COLUMN.match(name)]


def _cells(path: Path) -> gpd.GeoDataFrame:
    try:
        table = pd.read_csv(path, dtype={"id": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected="a CSV in UTF-8"
        ) from error
    table.index += FIRST_CSV_LINE
    faults = _count_faults(table, path)
    if "id" in table.columns:
        no_cell = ~table["id"].map(lambda text: h3.is_valid_cell(str(text))).astype(bool)
        if no_cell.any():
            faults.append(f"column 'id' is no H3 cell in {row_names(no_cell)}")
    _refuse(path, faults)
    # h3 gives corners as (lat, lon)
    corners = [
        np.round(h3.cell_to_boundary(cell), CORNER_DECIMALS)[:, ::-1] for cell in table["id"]
    ]
    polygons = [shapely.Polygon(ring) for ring in corners]
    return gpd.GeoDataFrame(table, geometry=polygons, crs=DISPLAY_CRS)


def _polygons(path: Path) -> gpd.GeoDataFrame:
    frame = read_features(path)
    if frame.crs is None:
        raise CrsError("layer.crs_missing", where=str(path), expected="e.g. EPSG:4326")
    if "id" not in frame.columns:
        frame["id"] = (frame.index + 1).astype(str)
    frame["id"] = frame["id"].astype(str)
    faults = _count_faults(frame, path)
    polygon = frame.geom_type.isin(SHAPELY_TYPES[GeometryKind.POLYGON])
    unusable = ~(polygon & frame.is_valid & ~frame.is_empty)
    if unusable.any():
        faults.append(f"the geometry is no valid polygon in {row_names(unusable)}")
    _refuse(path, faults)
    _require_plausible_crs(frame, path)
    return frame


def _require_plausible_crs(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse coordinates that cannot be in the file's CRS, such as degrees labelled as metres."""
    west, south, east, north = frame.to_crs(DISPLAY_CRS).total_bounds
    middle = ((west + east) / 2, (south + north) / 2)
    if not in_area_of_use(frame.crs, *middle, margin_deg=NEIGHBOUR_DEG):
        area = frame.crs.area_of_use
        raise CrsError(
            "crs.elsewhere",
            where=str(path),
            found=", ".join(f"{value:.6g}" for value in frame.total_bounds),
            crs=crs_name(frame.crs),
            expected=f"longitude {area.west:g} to {area.east:g}, "
            f"latitude {area.south:g} to {area.north:g}",
        )


def _count_faults(table: pd.DataFrame, path: Path) -> list[str]:
    if not len(table):
        raise InputError(
            "file.empty",
            where=str(path),
            found="rows",
            expected=f"a row a unit with '{POPULATION}'",
        )
    counts = Column(kind="number", minimum=0, maximum=MAX_INHAB)
    columns = dict.fromkeys([POPULATION, *age_columns(table)], counts)
    faults = table_faults(table, {"id": Column(kind="text"), **columns})
    if "id" in table.columns and table["id"].duplicated().any():
        faults.append(f"column 'id' repeats in {row_names(table['id'].duplicated())}")
    return faults


def _refuse(path: Path, faults: list[str]) -> None:
    if faults:
        raise SchemaError("population.invalid", where=str(path), faults=faults)

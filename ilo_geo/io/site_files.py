"""Reads the files of a siting question: places of demand, candidates, and a matrix of costs."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse import load_npz

from ilo_geo.core.crs import require_metric
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import row_names
from ilo_geo.core.schema import table_faults
from ilo_geo.io.vector import read_features

# the first data row of a CSV is its second line
FIRST_CSV_LINE = 2
POINTS = ("x", "y")
DENSE_NAME = "matrix"
NUMBER = Column(kind="number")
NOT_NEGATIVE = Column(kind="number", minimum=0)
YES_NO = Column(kind="boolean", nullable=True)
OPTIONAL = {
    "cost": NOT_NEGATIVE,
    "capacity": Column(kind="number", minimum=0, nullable=True),
    "locked": YES_NO,
    "forbidden": YES_NO,
}


@dataclass(frozen=True)
class SiteTable:
    """Rows of a file with ``id`` and, where the file has them, ``x`` and ``y`` in metres."""

    table: pd.DataFrame
    crs: CRS | None

    @property
    def ids(self) -> list[int] | list[str]:
        """Return the ids as the file means them: numbers where all are written as numbers."""
        texts: list[str] = self.table["id"].tolist()
        if all(text.isdecimal() and str(int(text)) == text for text in texts):
            return [int(text) for text in texts]
        return texts

    @property
    def xy(self) -> npt.NDArray[np.float64]:
        """Return the coordinates, shape (n, 2)."""
        xy: npt.NDArray[np.float64] = self.table[list(POINTS)].to_numpy(dtype=float)
        return xy


@dataclass(frozen=True)
class CostMatrix:
    """Costs of candidates by demand; ``is_sparse`` says that pairs left out cannot serve."""

    costs: csr_array
    is_sparse: bool


def read_demand(path: Path, *, needs_xy: bool) -> SiteTable:
    """Return places with ``id, weight`` and, if ``needs_xy``, ``x, y``.

    Raises
    ------
    SchemaError
        A column is missing, an id repeats, a weight is negative, a coordinate is no number; every
        fault is listed with its rows.
    CrsError
        A vector file without ``x, y`` is not in a metric reference system.
    InputError
        The file is missing, empty or unreadable.
    """
    return _read(path, {"weight": NOT_NEGATIVE}, needs_xy=needs_xy)


def read_candidates(path: Path, *, needs_xy: bool) -> SiteTable:
    """Return candidates with ``id``, ``x, y`` if needed, and ``cost, capacity, locked, forbidden``.

    Without the column a candidate costs 1, has no limit of capacity, is not locked and not
    forbidden; so does one whose capacity or mark is left empty. Errors as of `read_demand`.
    """
    found = _read(path, {}, needs_xy=needs_xy, optional=OPTIONAL)
    table = found.table
    marks = {
        name: _yes(table[name]) if name in table else False for name in ("locked", "forbidden")
    }
    capacity = pd.to_numeric(table["capacity"]) if "capacity" in table else np.inf
    full = table.assign(cost=table.get("cost", 1.0), capacity=capacity, **marks)
    return SiteTable(full.fillna({"capacity": np.inf}), found.crs)


def read_cost_matrix(path: Path, n_demand: int, n_candidates: int) -> CostMatrix:
    """Return the costs of an ``.npz``: rows are demand, columns candidates, in their files' order.

    A matrix of scipy.sparse, where a pair without entry cannot serve, or an array named
    ``matrix``, where infinite or missing values say so. The result is candidates by demand.
    """
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    matrix, is_sparse = _load_matrix(path)
    if matrix.shape != (n_demand, n_candidates):
        raise InputError(
            "siting.matrix_shape",
            where=str(path),
            found=" × ".join(map(str, matrix.shape)),
            expected=f"{n_demand} × {n_candidates}",
        )
    wrong = ~(matrix.data >= 0)
    if wrong.any():
        raise InputError("siting.matrix_negative", where=str(path), n=int(wrong.sum()))
    return CostMatrix(matrix.T.tocsr(), is_sparse)


def _load_matrix(path: Path) -> tuple[csr_array, bool]:
    expected = f"a scipy.sparse matrix or an array named '{DENSE_NAME}' in an .npz"
    try:
        with np.load(path, allow_pickle=False) as archive:
            if DENSE_NAME not in archive:
                return csr_array(load_npz(path)), True
            dense = np.asarray(archive[DENSE_NAME], dtype=float)
    except (OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile, EOFError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected=expected
        ) from error
    if dense.ndim != 2:
        found = f"{dense.ndim} dimensions"
        raise InputError("file.unreadable", where=str(path), found=found, expected=expected)
    usable = np.isfinite(dense) | np.isneginf(dense)
    row, column = np.nonzero(usable)
    start_of = np.concatenate([[0], np.cumsum(usable.sum(axis=1))])
    return csr_array((dense[row, column], column, start_of), shape=dense.shape), False


def _read(
    path: Path, required: dict[str, Column], *, needs_xy: bool,
    optional: dict[str, Column] | None = None,
) -> SiteTable:  # fmt: skip
    if not path.is_file():
        raise InputError("file.not_found", where=str(path))
    table, crs = _read_csv(path) if path.suffix.lower() == ".csv" else _read_points(path)
    names = ", ".join(["id", *(POINTS if needs_xy else ()), *required])
    if not len(table):
        raise InputError("file.empty", where=str(path), found="rows", expected=f"rows of {names}")
    columns = {"id": Column(kind="text"), **required}
    if needs_xy:
        columns |= dict.fromkeys(POINTS, NUMBER)
    columns |= {name: rule for name, rule in (optional or {}).items() if name in table}
    faults = table_faults(table, columns)
    if "id" in table and table["id"].duplicated().any():
        faults.append(f"column 'id' repeats in {row_names(table['id'].duplicated())}")
    faults += _infinite(table, [name for name in columns if name not in ("id", "capacity")])
    if faults:
        raise SchemaError("siting.file", where=str(path), faults=faults)
    numbers = [name for name in columns if columns[name].kind == "number"]
    kept = table[list(columns)].astype(dict.fromkeys(numbers, float))
    return SiteTable(kept.reset_index(drop=True), crs)


def _infinite(table: pd.DataFrame, names: list[str]) -> list[str]:
    faults = []
    for name in names:
        if name in table:
            infinite = np.isinf(pd.to_numeric(table[name], errors="coerce"))
            if infinite.any():
                faults.append(f"column '{name}' is infinite in {row_names(infinite)}")
    return faults


def _read_csv(path: Path) -> tuple[pd.DataFrame, CRS | None]:
    try:
        table = pd.read_csv(path, dtype={"id": str}, skipinitialspace=True)
    except pd.errors.EmptyDataError as error:
        expected = "a CSV with a line of column names"
        raise InputError("file.empty", where=str(path), found="rows", expected=expected) from error
    except (pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        found = " ".join(str(error).split())
        raise InputError(
            "file.unreadable", where=str(path), found=found, expected="a CSV in UTF-8"
        ) from error
    table.index += FIRST_CSV_LINE
    return table, None


def _read_points(path: Path) -> tuple[pd.DataFrame, CRS | None]:
    frame = read_features(path)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if "id" in table:
        table["id"] = table["id"].astype("string").astype(object)
    if not set(POINTS) <= set(table.columns):
        require_metric(frame.crs, where=str(path))
        table = table.assign(**_coordinates(frame, path))
    return table, frame.crs


def _coordinates(frame: gpd.GeoDataFrame, path: Path) -> dict[str, pd.Series]:
    wrong = ~(frame.geom_type == "Point") | frame.is_empty
    if wrong.any():
        fault = f"the geometry is no point in {row_names(wrong)}"
        raise SchemaError("siting.file", where=str(path), faults=[fault])
    return {"x": frame.geometry.x, "y": frame.geometry.y}


def _yes(marks: pd.Series) -> pd.Series:
    """Return marks as true or false, none where the cell is empty."""
    return marks.map(lambda mark: bool(mark) if pd.notna(mark) else False).astype(bool)

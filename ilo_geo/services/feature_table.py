"""Features as other programs read them: WGS 84, every property a value of JSON, found by place.

A table is made once of a frame; a page of it is written when it is asked for, so that a layer of
thousands of features costs no more than its page.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.results import plain
from ilo_geo.core.schema import Column
from ilo_geo.core.text import Text

# about a centimetre, finer than any layer here
DECIMALS = 7
LON_LAT = "OGC:CRS84"
ID = "id"
STATUS = "status"
# where a table has a column of that name already
OWN_STATUS = "own_status"
TRUE, FALSE = ("true", "1"), ("false", "0")


@dataclass(frozen=True)
class Field:
    """One property: its JSON type, its title and unit where they are known."""

    type: str
    title: Text | None = None
    unit: str | None = None


@dataclass(frozen=True)
class FeatureTable:
    """The features of a layer or of a table of a result.

    Attributes
    ----------
    ids
        Name of each feature, unique in the table.
    fields
        What properties there are, in order.
    values_of
        The values of each property, one a feature, of JSON's own types.
    shapes
        Geometries in WGS 84 (lon, lat), None where there is none.
    """

    ids: tuple[str, ...]
    fields: Mapping[str, Field]
    values_of: Mapping[str, Sequence[Any]]
    shapes: np.ndarray

    @cached_property
    def bounds_deg(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north; None where nothing lies anywhere."""
        there = self.shapes[~shapely.is_missing(self.shapes)]
        if not len(there):
            return None
        bounds = shapely.total_bounds(there)
        west, south, east, north = (float(value) for value in bounds)
        return west, south, east, north

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    @cached_property
    def _texts(self) -> np.ndarray:
        return np.full(len(self.ids), None, dtype=object)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {feature_id: row for row, feature_id in enumerate(self.ids)}

    def row(self, feature_id: str) -> int | None:
        """Return the row of a feature, or None where there is none of that name."""
        return self._row_of.get(feature_id)

    def rows(
        self,
        bounds_deg: Sequence[float] = (),
        equal: Sequence[tuple[str, str]] = (),
        sort_by: Sequence[tuple[str, bool]] = (),
    ) -> np.ndarray:
        """Return the rows that meet a window and have the values asked for.

        Parameters
        ----------
        bounds_deg
            West, south, east, north in WGS 84 degrees, or nothing; west of more than east is a
            window across the 180th meridian.
        equal
            Properties and the value of each, as typed in an address.
        sort_by
            Properties to sort by and whether upwards, the first decides first.

        Raises
        ------
        ParameterError
            A bound is no number, or a value is not of its property's type.
        """
        found = self._within(bounds_deg) if len(bounds_deg) else np.arange(len(self.ids))
        for name, text in equal:
            wanted = _typed(name, text, self.fields[name].type)
            values = self.values_of[name]
            found = found[[_same(values[int(row)], wanted) for row in found]]
        for name, upwards in reversed(sort_by):
            found = self._sorted(found, name, upwards=upwards)
        return found

    def features(
        self,
        rows: np.ndarray,
        only: Collection[str] = (),
        *,
        shapes: bool = True,
        crs: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return features as GeoJSON objects, with all properties or ``only`` some.

        ``crs`` is that of the coordinates, in the order of its own axes; lon, lat where it is None.
        """
        names = [name for name in self.fields if not only or name in only]
        if shapes:
            drawn = self.shapes[rows]
            written = shapely.to_geojson(drawn if crs is None else _in_crs(drawn, crs))
            geometries = [json.loads(text) if text else None for text in written]
        else:
            geometries = [None] * len(rows)
        return [
            {
                "type": "Feature",
                "id": self.ids[row],
                "properties": {name: self.values_of[name][row] for name in names},
                "geometry": geometry,
            }
            for row, geometry in zip(rows, geometries, strict=True)
        ]

    def texts(self, rows: np.ndarray) -> list[str]:
        """Return whole features as GeoJSON text; each is written once."""
        new = rows[self._texts[rows] == None]  # noqa: E711 - of each element
        for row, feature in zip(new, self.features(new), strict=True):
            self._texts[row] = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        written: list[str] = self._texts[rows].tolist()
        return written

    def _within(self, bounds_deg: Sequence[float]) -> np.ndarray:
        if not np.isfinite(bounds_deg).all():
            found = ",".join(map(str, bounds_deg))
            expected = "west,south,east,north"
            raise ParameterError("parameter.invalid", where="bbox", found=found, expected=expected)
        west, south, east, north = bounds_deg
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        window = shapely.union_all([shapely.box(a, south, b, north) for a, b in spans])
        if window.is_empty or window.area == 0:
            # a window without extent is a line or a place, and may still be asked about
            window = shapely.multipoints([[west, south], [east, north]]).envelope
        return np.sort(self._tree.query(window, predicate="intersects"))

    def _sorted(self, rows: np.ndarray, name: str, *, upwards: bool) -> np.ndarray:
        values = pd.Series([self.values_of[name][row] for row in rows], dtype=object)
        if self.fields[name].type != "string":
            values = pd.to_numeric(values)
        order = values.sort_values(ascending=upwards, kind="stable", na_position="last").index
        ordered: np.ndarray = rows[order.to_numpy()]
        return ordered


def feature_table(
    frame: gpd.GeoDataFrame, columns: Mapping[str, Column | None], status: str
) -> FeatureTable:
    """Return the features of ``frame`` with the named ``columns``; each says its ``status``.

    ``columns`` maps each column to its description, None where it has none.
    """
    shown = [name for name in columns if name in frame.columns and name != frame.geometry.name]
    values = {name: _json_values(frame[name], columns[name]) for name in shown}
    if STATUS in values:
        values[OWN_STATUS] = values.pop(STATUS)
    fields = {name: _field(values[name], columns.get(name)) for name in values}
    values[STATUS], fields[STATUS] = [status] * len(frame), Field("string")
    return FeatureTable(_ids(frame), fields, values, _shapes(frame))


def _in_crs(shapes: np.ndarray, crs: str) -> np.ndarray:
    along = Transformer.from_crs(LON_LAT, crs).transform
    moved: np.ndarray = shapely.transform(shapes, along, interleaved=False)
    return moved


def _shapes(frame: gpd.GeoDataFrame) -> np.ndarray:
    shapes = frame.geometry.to_crs(DISPLAY_CRS).to_numpy().copy()
    shapes[shapely.is_empty(shapes)] = None
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
    # GeoJSON's rule: the outer ring turns to the left
    oriented: np.ndarray = shapely.orient_polygons(rounded)
    return oriented


def _ids(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the names of the features: their own ids where each has one, else the index."""
    own = frame[ID] if ID in frame.columns else pd.Series(frame.index)
    names = own.astype(str)
    if own.isna().any() or names.duplicated().any() or (names == "").any():
        names = pd.Series(range(len(frame))).astype(str)
    return tuple(names)


def _json_values(values: pd.Series, column: Column | None) -> list[Any]:
    listed = [_flat(plain(value)) for value in values.tolist()]
    if column is None or column.kind != "integer":
        return listed
    # a year beside a row without one is read as 2017.0
    return [int(value) if isinstance(value, float) else value for value in listed]


def _flat(value: Any) -> Any:
    """Return a list or a mapping as text: tables of other programs have no room for them."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _field(values: Sequence[Any], column: Column | None) -> Field:
    kinds = {type(value) for value in values if value is not None}
    if not kinds and column is not None:
        kind = {"text": "string"}.get(column.kind, column.kind)
    elif kinds == {bool}:
        kind = "boolean"
    elif kinds == {int}:
        kind = "integer"
    elif kinds and kinds <= {int, float}:
        kind = "number"
    else:
        kind = "string"
    if column is None:
        return Field(kind)
    return Field(kind, column.title, column.unit)


def _typed(name: str, text: str, kind: str) -> Any:
    """Return a value typed in an address as one of its property's type."""
    if kind == "string":
        return text
    if kind == "boolean" and text.lower() in (*TRUE, *FALSE):
        return text.lower() in TRUE
    if kind in ("integer", "number"):
        try:
            return float(text)
        except ValueError:
            pass
    raise ParameterError("parameter.invalid", where=name[:60], found=text[:60], expected=kind)


def _same(value: Any, wanted: Any) -> bool:
    """Return whether a property has a value; numbers typed into a column of words are words."""
    if isinstance(wanted, str):
        return value is not None and str(value) == wanted
    return bool(value == wanted) and value is not None

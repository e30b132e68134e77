"""Where the rows of a sheet are: by coordinates, by WKT, or by the name of a known place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.limits import require_at_most
from ilo_geo.io.municipal.mapping import LAT
from ilo_geo.io.municipal.mapping import LON
from ilo_geo.io.municipal.mapping import PLACE
from ilo_geo.io.municipal.mapping import WKT
from ilo_geo.io.municipal.mapping import X
from ilo_geo.io.municipal.mapping import Y
from ilo_geo.io.municipal.values import as_degrees
from ilo_geo.io.municipal.values import as_number
from ilo_geo.io.municipal.values import decimal_comma
from ilo_geo.io.municipal.words import fold


@dataclass(frozen=True)
class KnownPlace:
    """A place that a row may name: its geometry in WGS 84 and how far off that may be."""

    name: str
    geometry: shapely.Geometry
    accuracy_m: float


# every place of a folded name
Gazetteer = Mapping[str, tuple[KnownPlace, ...]]


@dataclass(frozen=True)
class RowFault:
    """Why a row cannot be loaded."""

    row: Any
    column: str
    value: str
    reason: Notice


@dataclass(frozen=True)
class Placed:
    """Geometry of each row, None where there is none, with the reasons.

    ``places_accuracy_m`` is the worst of the places that rows were put at by name.
    """

    geometry: np.ndarray
    faults: tuple[RowFault, ...]
    places_accuracy_m: float | None = None


def place_rows(
    table: pd.DataFrame, coordinates: Mapping[str, str], gazetteer: Gazetteer, *, name: str
) -> Placed:
    """Return where the rows of a sheet are.

    A row without coordinates whose sheet also names places is placed by its name; a name that is
    of no place or of several is a fault, never a guess.
    """
    if WKT in coordinates:
        return _by_wkt(table[coordinates[WKT]], name)
    if X in coordinates and Y in coordinates:
        return _by_numbers(table, coordinates[X], coordinates[Y], degrees=False)
    if LON in coordinates and LAT in coordinates:
        return _by_numbers(table, coordinates[LON], coordinates[LAT], degrees=True)
    if PLACE in coordinates:
        return _by_name(table[coordinates[PLACE]], gazetteer)
    return Placed(np.full(len(table), None), ())


def known_system(coordinates: Mapping[str, str], crs: CRS | None) -> CRS | None:
    """Return the system of a sheet: places are ours, degrees of no stated datum must be asked."""
    placed_by_name = set(coordinates) == {PLACE}
    return DISPLAY_CRS if placed_by_name else crs


def _by_numbers(table: pd.DataFrame, x: str, y: str, *, degrees: bool) -> Placed:
    comma = None if degrees else decimal_comma(pd.concat([table[x], table[y]]))
    read = as_degrees if degrees else lambda value: as_number(value, comma)
    values = {
        column: table[column].map(read, na_action="ignore").astype(float) for column in (x, y)
    }
    faults: list[RowFault] = []
    for column, numbers in values.items():
        missing = table[column].isna()
        bad = ~missing & ~np.isfinite(numbers)
        none, unread = Notice("import.row.place"), Notice("import.row.coordinate")
        faults += [RowFault(row, column, "", none) for row in table.index[missing]]
        said = table.loc[bad, column].astype(str)
        faults += [RowFault(row, column, value, unread) for row, value in said.items()]
    good = np.isfinite(values[x]) & np.isfinite(values[y])
    geometry = np.full(len(table), None)
    geometry[good] = shapely.points(values[x][good], values[y][good])
    return Placed(geometry, tuple(faults))


def _by_wkt(texts: pd.Series, name: str) -> Placed:
    sizes = texts.map(lambda text: str(text).count(",") + 1, na_action="ignore").fillna(0)
    require_at_most(name, "max_vertices_feature", int(sizes.max()))
    require_at_most(name, "max_vertices", int(sizes.sum()))
    plain = texts.map(lambda text: str(text).split(";")[-1], na_action="ignore")
    geometry = shapely.from_wkt(plain.where(plain.notna(), None).to_numpy(), on_invalid="ignore")
    failed = shapely.is_missing(geometry)
    faults = [
        RowFault(
            row,
            str(texts.name),
            "" if text is None else str(text)[:60],
            Notice("import.row.place") if text is None else Notice("import.row.wkt"),
        )
        for row, text in zip(texts.index[failed], texts[failed], strict=True)
    ]
    return Placed(shapely.force_2d(geometry), tuple(faults))


def _by_name(names: pd.Series, gazetteer: Gazetteer) -> Placed:
    geometry = np.full(len(names), None)
    faults, accuracies_m = [], []
    for n, (row, said) in enumerate(names.items()):
        found = gazetteer.get(fold(said), ()) if said is not None else ()
        if len(found) == 1:
            geometry[n] = found[0].geometry
            accuracies_m.append(found[0].accuracy_m)
            continue
        if said is None:
            reason = Notice("import.row.place")
        elif not found:
            reason = Notice("import.row.no_place")
        else:
            listed = "; ".join(place.name for place in found[:4])
            reason = Notice("import.row.several_places", {"n": len(found), "found": listed})
        faults.append(RowFault(row, str(names.name), "" if said is None else str(said), reason))
    return Placed(geometry, tuple(faults), max(accuracies_m, default=None))

"""Use case: look at a file of the municipality before anything is loaded.

The same steps, in the same order, serve the preview, the dry run and the load, so that what was
shown is what lands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.io.municipal.mapping import ColumnMap
from ilo_geo.io.municipal.naming import listed
from ilo_geo.io.municipal.placing import Placed
from ilo_geo.io.municipal.placing import RowFault
from ilo_geo.io.municipal.placing import known_system
from ilo_geo.io.municipal.placing import place_rows
from ilo_geo.io.municipal.rows import CheckedRows
from ilo_geo.io.municipal.rows import check_rows
from ilo_geo.io.municipal.rows import convert_table
from ilo_geo.io.municipal.rows import fill_missing
from ilo_geo.io.municipal.systems import Shift
from ilo_geo.io.municipal.systems import known_crs
from ilo_geo.io.municipal.systems import moved
from ilo_geo.io.municipal.systems import parsed_crs
from ilo_geo.io.municipal.systems import require_in_place
from ilo_geo.io.municipal.systems import shift_to_display
from ilo_geo.services.areas import Area
from ilo_geo.services.municipal_datum import datum_doubt
from ilo_geo.services.municipal_draft import Draft
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_draft import read_draft
from ilo_geo.services.municipal_places import gazetteer


@dataclass(frozen=True)
class Examined:
    """A file read and checked, with nothing loaded yet.

    Attributes
    ----------
    geometry
        Of the rows as they came, in ``crs``.
    accuracy_m
        Of positions: the file's own, the datum shift's and that of places, as the root of the sum
        of squares.
    """

    draft: Draft
    geometry: np.ndarray
    crs: CRS
    shift: Shift
    accuracy_m: float | None
    checked: CheckedRows
    notices: tuple[Notice, ...]

    @property
    def request(self) -> ImportRequest:
        """Return what was asked for."""
        return self.draft.request

    @property
    def table(self) -> pd.DataFrame:
        """Return the rows as they came."""
        return self.draft.table

    @property
    def mapping(self) -> ColumnMap:
        """Return which column is which, as it was used."""
        return self.draft.mapping

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
    progress("progress.import_read", 0.05)
    return examine_draft(area, read_draft(area, request), progress)


def examine_draft(area: Area, draft: Draft, progress: Progress = silent) -> Examined:
    """Check every row of a file that was read; see `examine`."""
    progress("progress.import_place", 0.3)
    placed = _placed(area, draft)
    request, name = draft.request, draft.request.name
    bounds = area_bounds_deg(area)
    crs = require_in_place(placed.geometry, _system(draft), bounds, name=name)
    shift = shift_to_display(crs, bounds, name=name)
    progress("progress.import_check", 0.5)
    checked, notices = _checked(area, draft, moved(placed.geometry, shift), placed)
    by_name = placed.places_accuracy_m
    return Examined(
        draft=draft,
        geometry=placed.geometry,
        crs=crs,
        shift=shift,
        accuracy_m=combined_accuracy_m(request.accuracy_m, shift.accuracy_m, by_name),
        checked=checked,
        notices=(
            *draft.notices,
            *notices,
            *([Notice("import.placed_by_name", {"m": f"{by_name:,.0f}"})] if by_name else []),
            *_crs_notices(draft, crs, shift),
            *datum_doubt(area, request.layer, placed.geometry, crs, bounds),
        ),
    )


def _placed(area: Area, draft: Draft) -> Placed:
    """Return where the rows are: by the file's geometry, else by a column that says it."""
    coordinates = draft.mapping.coordinates
    if draft.raw.geometry is not None and not coordinates:
        return Placed(draft.raw.geometry, ())
    if not coordinates:
        found, kind = listed(draft.table.columns), draft.kind.value
        raise InputError("import.no_coordinates", where=draft.request.name, found=found, kind=kind)
    places = gazetteer(area, draft.kind)
    return place_rows(draft.table, coordinates, places, name=draft.request.name)


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
    ends = (
        (-180.0, -90.0, 180.0, 90.0) if use is None else (use.west, use.south, use.east, use.north)
    )
    place = shapely.box(*ends)
    return gpd.GeoSeries([place], crs=DISPLAY_CRS).to_crs(area.crs).iloc[0]


def _system(draft: Draft) -> CRS | None:
    """Return the reference system that is told or found; what is told goes first."""
    if draft.request.crs is not None:
        return parsed_crs(draft.request.crs)
    if draft.raw.crs is not None:
        return known_crs(draft.raw.crs)
    return known_system(draft.mapping.coordinates, None)


def _checked(
    area: Area, draft: Draft, geometry: np.ndarray, placed: Placed
) -> tuple[CheckedRows, list[Notice]]:
    layer, constants = draft.request.layer, draft.constants
    # a value for every row is a column of its own, whose name no file can have
    given = {f"={ours}": value for ours, value in constants.items()}
    own = {left: right for left, right in draft.mapping.columns.items() if right not in constants}
    named = ColumnMap({**own, **{name: name[1:] for name in given}}, draft.mapping.coordinates)
    made, faults, notices = convert_table(draft.table.assign(**given), named, layer)
    made, missing = fill_missing(made, layer)
    if missing:
        raise InputError(
            "import.columns_missing",
            where=draft.request.name,
            layer=layer,
            expected=", ".join(missing),
            found=listed(draft.table.columns),
        )
    checked = check_rows(
        made,
        geometry,
        draft.kind,
        area_crs=area.crs,
        city=city_outline(area),
        known=[*placed.faults, *faults],
    )
    return checked, [*notices, *checked.notices]


def _crs_notices(draft: Draft, crs: CRS, shift: Shift) -> tuple[Notice, ...]:
    notices = []
    said, found = draft.request.crs, draft.raw.crs
    if said is not None and found is not None and known_crs(found) != crs:
        fields = {"found": crs_name(known_crs(found)), "told": said}
        notices.append(Notice("import.crs_overruled", fields))
    if shift.is_datum_shift:
        fields = {
            "name": shift.name,
            "accuracy": f"{shift.accuracy_m:g}",
            "area": shift.area_of_use,
        }
        notices.append(Notice("import.shift", fields))
    if found is None and said is not None:
        notices.append(Notice("import.datum_untold", {"told": said}))
    return tuple(notices)

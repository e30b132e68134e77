"""The reference system of a file: made sure of, moved from with a stated accuracy, or refused.

A range of numbers tells a swapped pair, feet, a missing offset or another zone; it cannot tell one
datum from another that lies some hundred metres off, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict
from pyproj import CRS
from pyproj import Transformer
from pyproj._network import set_network_enabled
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError as ProjCrsError
from pyproj.transformer import TransformerGroup

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.errors import CrsError
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

MAX_SAMPLE = 2000
MIN_CONFIDENCE = 70
METRES_PER_DEGREE = 111_320.0


class System(BaseModel):
    """A reference system that is offered by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    title: Text


class Systems(BaseModel):
    """The whole of ``systems.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offered: tuple[System, ...]
    near_m: float
    far_m: float
    false_northing_m: float
    false_easting_m: float
    metres_per_foot: float
    twins: dict[str, str]
    suspect_ratio: float
    suspect_from_m: float


@cache
def systems() -> Systems:
    """Return the reference systems that are offered, and how far is far."""
    return Systems.model_validate(load_package_yaml("ilo_geo.io.municipal", "systems.yaml"))


@dataclass(frozen=True)
class Shift:
    """How coordinates are brought to WGS 84.

    Attributes
    ----------
    name
        Of the transformation, as the EPSG registry has it.
    accuracy_m
        Stated by the registry; 0 where the datum is the same.
    area_of_use
        Where the transformation is meant for.
    """

    source: CRS
    transformer: Transformer
    name: str
    accuracy_m: float
    area_of_use: str

    @property
    def is_datum_shift(self) -> bool:
        """Return whether positions change datum and lose accuracy by it."""
        return self.accuracy_m > 0


def parsed_crs(text: str) -> CRS:
    """Return the reference system of a code.

    Raises
    ------
    CrsError
        It is none.
    """
    try:
        return known_crs(CRS.from_user_input(text))
    except ProjCrsError as error:
        expected = ", ".join(system.code for system in systems().offered)
        raise CrsError("crs.unknown", where="--crs", found=text[:60], expected=expected) from error


def known_crs(crs: CRS) -> CRS:
    """Return the registry's system for one that a program described in its own words."""
    code = crs.to_epsg(min_confidence=MIN_CONFIDENCE)
    return crs if code is None else CRS.from_epsg(code)


def shift_to_display(
    crs: CRS, bounds_deg: tuple[float, float, float, float], *, name: str
) -> Shift:
    """Return the best transformation to WGS 84 known without a network where the city lies.

    Parameters
    ----------
    bounds_deg
        West, south, east, north of the city.
    name
        What the user calls the file, for messages.

    Raises
    ------
    CrsError
        No transformation of a stated accuracy is known there.
    """
    set_network_enabled(active=False)
    # its stub names the class by another module
    where: Any = AreaOfInterest(*bounds_deg)
    group = TransformerGroup(crs, DISPLAY_CRS, always_xy=True, area_of_interest=where)
    best = next((t for t in group.transformers if t.accuracy >= 0), None)
    if best is None:
        raise CrsError("import.no_shift", where=name, found=crs_name(crs))
    names = [step for step in best.description.split(" + ") if not _is_bookkeeping(step)]
    area = best.area_of_use.name if best.area_of_use else ""
    return Shift(crs, best, " + ".join(names), float(best.accuracy), area)


def _is_bookkeeping(step: str) -> bool:
    """Return whether a step only projects or turns axes."""
    return "axis order" in step or step.startswith(
        ("Inverse of UTM", "UTM zone", "Null geographic")
    )


def moved(geometry: np.ndarray, shift: Shift) -> np.ndarray:
    """Return geometry in WGS 84, longitude first."""
    if shift.source == DISPLAY_CRS:
        return geometry

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(shift.transformer.transform(xy[:, 0], xy[:, 1]))

    made: np.ndarray = shapely.transform(geometry, move)
    return made


def require_in_place(
    geometry: np.ndarray,
    crs: CRS | None,
    bounds_deg: tuple[float, float, float, float],
    *,
    name: str,
) -> CRS:
    """Return the file's reference system if its coordinates lie at the city.

    Raises
    ------
    CrsError
        It has none, with those that would fit; or its coordinates contradict it, with the likely
        remedy.
    """
    x, y = _sample(geometry)
    if not len(x):
        # every row is without position: the rows say so
        return crs or DISPLAY_CRS
    if crs is None:
        fitting = [s.code for s in systems().offered if _lies(x, y, s.code, bounds_deg)]
        if not fitting:
            _explain(x, y, None, bounds_deg, name)
        raise CrsError("import.crs_missing", where=name, expected=", ".join(fitting))
    if not _lies(x, y, crs, bounds_deg):
        _explain(x, y, crs, bounds_deg, name)
    return crs


def _explain(
    x: np.ndarray,
    y: np.ndarray,
    crs: CRS | None,
    bounds_deg: tuple[float, float, float, float],
    name: str,
) -> None:
    """Raise the line that names the first remedy that brings the coordinates to the city."""
    said = "–" if crs is None else crs_name(crs)
    found = f"{np.median(x):.8g}, {np.median(y):.8g}"
    for code, system, (u, v) in _remedies(x, y, crs):
        if _lies(u, v, system, bounds_deg):
            likely = crs_name(CRS.from_user_input(system))
            raise CrsError(code, where=name, found=found, crs=said, likely=likely)
    middle = f"{(bounds_deg[0] + bounds_deg[2]) / 2:.3f}, {(bounds_deg[1] + bounds_deg[3]) / 2:.3f}"
    raise CrsError("import.crs.elsewhere", where=name, found=found, crs=said, city=middle)


def _remedies(
    x: np.ndarray, y: np.ndarray, crs: CRS | None
) -> Iterator[tuple[str, CRS | str, tuple[np.ndarray, np.ndarray]]]:
    """Yield the usual mistakes: code of the line, system, and the coordinates put right."""
    table = systems()
    metric = [s.code for s in table.offered if CRS.from_user_input(s.code).is_projected]
    own = [crs] if crs is not None else [s.code for s in table.offered]
    own_metric = [crs] if crs is not None and crs.is_projected else metric
    for system in own:
        yield "import.crs.swapped", system, (y, x)
    if np.abs(x).max() <= 360 and np.abs(y).max() <= 360:
        yield "import.crs.degrees", DISPLAY_CRS, (x, y)
        yield "import.crs.degrees_swapped", DISPLAY_CRS, (y, x)
        return
    for system in metric:
        yield "import.crs.other", system, (x, y)
    foot, north, east = table.metres_per_foot, table.false_northing_m, table.false_easting_m
    for system in own_metric:
        yield "import.crs.feet", system, (x * foot, y * foot)
        yield "import.crs.no_northing", system, (x, y + north)
        yield "import.crs.no_easting", system, (x + east, y)
        yield "import.crs.no_offsets", system, (x + east, y + north)
        yield "import.crs.kilometres", system, (x * 1000, y * 1000)
    for system in metric:
        yield "import.crs.other_swapped", system, (y, x)


def _lies(
    x: np.ndarray, y: np.ndarray, crs: CRS | str, bounds_deg: tuple[float, float, float, float]
) -> bool:
    """Return whether the middle of the coordinates lies at the city."""
    to_deg = _to_degrees(CRS.from_user_input(crs).to_wkt())
    lon, lat = to_deg.transform(np.array([np.median(x)]), np.array([np.median(y)]))
    west, south, east, north = bounds_deg
    margin = systems().near_m / METRES_PER_DEGREE
    return bool(
        np.isfinite(lon[0])
        and np.isfinite(lat[0])
        and west - margin <= lon[0] <= east + margin
        and south - margin <= lat[0] <= north + margin
    )


@cache
def _to_degrees(wkt: str) -> Transformer:
    return Transformer.from_crs(CRS.from_wkt(wkt), DISPLAY_CRS, always_xy=True)


def _sample(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    step = max(1, len(geometry) // MAX_SAMPLE)
    bounds = shapely.bounds(geometry[::step])
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    return (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2

"""Incidents as they are used: where they fell, at what hour, of what kind, and what was left out.

Every incident given is counted once as used, outside the area, or without a position; nothing is
dropped unseen. Whether an incident has a date or a kind matters only where time or kind does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import table_faults
from ilo_geo.core.text import Text
from ilo_geo.security.need_rules import need_rules

KIND, DATE, TIME, WEIGHT, HOUR = "kind", "date", "time", "weight", "hour"
UNKNOWN_KIND = ""
UNKNOWN_HOUR = -1
CLOCK = r"(\d{1,2}):\d{2}"


@dataclass(frozen=True)
class Incidents:
    """The incidents that fell in the area.

    Attributes
    ----------
    points
        Points with ``kind`` (empty where nobody says), ``hour`` (0 to 23, -1 where unknown) and
        ``weight`` (what each counts in a density).
    n_given
        Incidents in the layer.
    n_outside, n_without_position
        Left out of every figure.
    n_undated, n_unreadable, n_without_hour, n_without_kind
        Of those used: no date, a date that cannot be read, no hour, no kind.
    """

    points: gpd.GeoDataFrame
    n_given: int
    n_outside: int
    n_without_position: int
    n_undated: int
    n_unreadable: int
    n_without_hour: int
    n_without_kind: int

    def __len__(self) -> int:
        """Return how many incidents are used."""
        return len(self.points)

    def notices(self) -> Iterator[Notice]:
        """Yield what was left out, and of what."""
        if self.n_without_position:
            fields: dict[str, Any] = {"n": self.n_without_position, "all": self.n_given}
            yield Notice("incidents.without_position", fields)
        if self.n_outside:
            yield Notice("incidents.outside", {"n": self.n_outside, "all": self.n_given})
        if self.n_undated:
            yield Notice("incidents.undated", {"n": told(self.n_undated), "all": len(self)})
        if self.n_unreadable:
            fields = {"n": told(self.n_unreadable), "all": len(self)}
            yield Notice("incidents.unreadable_date", fields)
        if self.n_without_hour:
            fields = {"n": told(self.n_without_hour), "all": len(self)}
            yield Notice("incidents.without_hour", fields)
        if self.n_without_kind:
            fields = {"n": told(self.n_without_kind), "all": len(self)}
            yield Notice("incidents.without_kind", fields)


def told(n: int) -> int | Text:
    """Return a count of incidents as a notice may say it: a small one only as small."""
    publication = need_rules().publication
    return n if n == 0 or n >= publication.least_n else publication.fewer


def incidents_in(
    frame: gpd.GeoDataFrame, land: gpd.GeoDataFrame, *, n_refused: int = 0
) -> Incidents:
    """Return the incidents of a layer that fell on the land of the area.

    Parameters
    ----------
    frame
        Points; optional ``kind``, ``date`` (ISO 8601, with or without the hour; the hour is taken
        as it is written), ``time`` (``HH:MM``, where the date has none) and ``weight`` (1 where
        there is none).
    land
        Polygons of the area.
    n_refused
        Incidents of the layer that are not in ``frame`` for want of a position.

    Raises
    ------
    SchemaError
        A weight is no number or negative; every bad row is named.
    """
    require_same_metric_crs(incidents=frame, land=land)
    weight = _weight(frame)
    geometry = frame.geometry.to_numpy()
    placed = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    placed &= np.isfinite(shapely.bounds(geometry)).all(axis=1)
    outline = shapely.union_all(land.geometry.to_numpy())
    shapely.prepare(outline)
    inside = placed.copy()
    inside[placed] = shapely.intersects(outline, geometry[placed])
    used = frame[inside]
    kind = _text(used, KIND)
    hour, undated, unreadable = _hours(used)
    points = gpd.GeoDataFrame(
        {KIND: kind.to_numpy(), HOUR: hour, WEIGHT: weight[inside]},
        geometry=shapely.centroid(used.geometry.to_numpy()),
        crs=frame.crs,
    )
    return Incidents(
        points=points,
        n_given=len(frame) + n_refused,
        n_outside=int((placed & ~inside).sum()),
        n_without_position=int((~placed).sum()) + n_refused,
        n_undated=int(undated.sum()),
        n_unreadable=int(unreadable.sum()),
        n_without_hour=int(((hour == UNKNOWN_HOUR) & ~undated & ~unreadable).sum()),
        n_without_kind=int((kind == UNKNOWN_KIND).sum()),
    )


def _weight(frame: gpd.GeoDataFrame) -> np.ndarray:
    if WEIGHT not in frame:
        return np.ones(len(frame))
    faults = table_faults(frame, {WEIGHT: Column(kind="number", nullable=True, minimum=0)})
    if faults:
        raise SchemaError("incidents.invalid", where="incidents", faults=faults)
    weight: np.ndarray = pd.to_numeric(frame[WEIGHT]).fillna(1.0).to_numpy(dtype=float)
    return weight


def _text(frame: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index)
    found = frame[column]
    return found.astype(object).where(found.notna(), "").astype(str).str.strip()


def _hours(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the hour of each incident, whether it has no date, and whether it cannot be read."""
    said = frame[DATE] if DATE in frame else pd.Series(None, index=frame.index, dtype=object)
    if pd.api.types.is_datetime64_any_dtype(said):
        # a column of dates without any hour reads as midnight throughout
        has_hour = said.notna() & bool((said != said.dt.normalize()).any())
        read = said
        undated = said.isna().to_numpy()
    else:
        text = _text(frame, DATE)
        undated = (text == "").to_numpy()
        # what is written counts: an offset from UTC says nothing of the hour on the wall
        local = text.str.replace(r"(Z|[+-]\d{2}:?\d{2})$", "", regex=True).where(
            text.str.contains(":"), text
        )
        read = pd.to_datetime(local, errors="coerce", format="ISO8601")
        has_hour = read.notna() & text.str.contains(":")
    unreadable = read.isna().to_numpy() & ~undated
    clock = pd.to_numeric(_text(frame, TIME).str.extract(CLOCK)[0], errors="coerce")
    clock = clock.where(clock.between(0, 23))
    hour = read.dt.hour.where(has_hour, clock).fillna(UNKNOWN_HOUR)
    return hour.to_numpy(dtype=np.int64), undated, unreadable

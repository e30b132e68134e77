"""How many people and things stand inside each band of each hazard, with the interval.

- middle: the best estimate of the line (``line``), the chosen population base,
- low: where it is sure to be inside (``certain``, within the line), the smallest base,
- high: where it may be inside (``possible`` and the line), the largest base.

A band without a certain outline is sure of nobody: its low is 0. The features of a hazard (traces,
tanks) are united first, so that who stands in two of them counts once. A point on a limit counts
as inside. Lows and highs are of one row: of the bases, another may be the smallest elsewhere, so
only middles add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.hazards.exposed import AREA
from ilo_geo.hazards.exposed import COUNT_PREFIX
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposed import Things
from ilo_geo.hazards.exposed import things
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

BAND = ["hazard", "band"]
BAND_COLUMNS = [*BAND, "title_es", "title_en", "level"]
# the certainty each end of the interval stands on, with the end of its column's name
ENDS = {LINE: "", CERTAIN: "_low", POSSIBLE: "_high"}


@dataclass(frozen=True)
class Count:
    """What lies inside which outline.

    Attributes
    ----------
    bands
        One row a hazard and band (`BAND_COLUMNS`), index ``hazard/band``.
    outlines
        The united outlines of each band by certainty.
    pairs
        By certainty, row of the band and row of the point for every point inside.
    unit_of_each
        By level, row of the first unit that holds each point, -1 where none does.
    """

    exposed: Exposed
    bands: pd.DataFrame
    outlines: dict[str, np.ndarray]
    things: Things
    pairs: dict[str, tuple[np.ndarray, np.ndarray]]
    unit_of_each: dict[str, np.ndarray]


def exposure_table(zones: gpd.GeoDataFrame, exposed: Exposed) -> pd.DataFrame:
    """Return what is inside each band of each hazard in the whole area.

    Parameters
    ----------
    zones
        Outlines as of `ilo_geo.hazards.zones.zone_table`.
    exposed
        Who and what may stand in them.

    Returns
    -------
    table
        Index ``hazard/band``; `BAND_COLUMNS`, then ``people_night_inhab``, ``people_day_inhab``,
        ``dwellings``, ``n_<sites>``, ``<lines>_km`` and ``area_m2``, each with ``_low``, ``_high``.
    """
    return whole_table(count(zones, exposed))


def exposure_by_level(zones: gpd.GeoDataFrame, exposed: Exposed, level: str) -> pd.DataFrame:
    """Return what is inside each band of each hazard in each unit of ``level``.

    Returns
    -------
    table
        Index ``unit/hazard/band``; ``unit``, ``name``, then the columns of `exposure_table`. Who
        stands on the limit of two units counts in the first.
    """
    return level_table(count(zones, exposed), level)


def count(zones: gpd.GeoDataFrame, exposed: Exposed) -> Count:
    """Return what lies inside which outline, to be summed in more than one way."""
    exposed.require_one_crs(zones)
    bands, outlines = _united(zones)
    limits = [*outlines.values(), *(units.geometry.to_numpy() for units in exposed.levels.values())]
    all_things = things(exposed, np.concatenate(limits))
    tree = shapely.STRtree(shapely.points(all_things.xy))
    pairs = {key: _holding(tree, polygons) for key, polygons in outlines.items()}
    units = {level: _first_holding(tree, units) for level, units in exposed.levels.items()}
    return Count(exposed, bands, outlines, all_things, pairs, units)


def whole_table(counted: Count) -> pd.DataFrame:
    """Return the table of the whole area; see `exposure_table`."""
    one_unit = np.zeros(len(counted.things.xy), dtype=np.intp)
    areas = {key: shapely.area(outlines)[None] for key, outlines in counted.outlines.items()}
    values = _values(counted, one_unit, areas)
    return pd.concat([counted.bands, values.set_axis(counted.bands.index)], axis=1)


def level_table(counted: Count, level: str) -> pd.DataFrame:
    """Return the table of every unit of a level; see `exposure_by_level`."""
    units = counted.exposed.levels[level]
    polygons = units.geometry.to_numpy()
    areas = {key: _shared_m2(polygons, outlines) for key, outlines in counted.outlines.items()}
    values = _values(counted, counted.unit_of_each[level], areas)
    n_units, n_bands = len(units), len(counted.bands)
    unit = np.repeat(np.arange(n_units), n_bands)
    bands = counted.bands.iloc[np.tile(np.arange(n_bands), n_units)]
    ids = unit_ids(units).to_numpy()[unit]
    index = pd.Index([f"{i}/{band}" for i, band in zip(ids, bands.index, strict=True)], name="id")
    own = pd.DataFrame({"unit": ids, "name": units["name"].to_numpy()[unit]}, index=index)
    return pd.concat([own, bands.set_axis(index), values.set_axis(index)], axis=1)


def unit_ids(units: gpd.GeoDataFrame) -> pd.Series:
    """Return the names by which units are told apart, as text."""
    return (units["id"] if "id" in units else units.index.to_series()).astype(str)


def in_any(
    counted: Count, bands: pd.Series, unit: np.ndarray | None = None, n_units: int = 1
) -> pd.DataFrame:
    """Return what stands in any of the chosen bands, each point once; a row a unit.

    ``bands`` chooses rows of ``counted.bands``; ``unit`` is the row of each point's unit, -1 in
    none, by default one unit that holds all. There is no ``area_m2``.
    """
    if unit is None:
        unit = np.zeros(len(counted.things.xy), dtype=np.intp)
    wanted = bands.to_numpy(bool)
    sums = {}
    for certainty, (band, point) in counted.pairs.items():
        inside = np.zeros(len(unit), dtype=bool)
        inside[point[wanted[band]]] = True
        once = np.flatnonzero(inside)
        pairs = np.zeros(len(once), dtype=np.intp), once
        sums[certainty] = _sums(counted.things, pairs, 1, unit, n_units)
    return _intervals(sums, [name for name in counted.exposed.measures if name != AREA])


def _holding(tree: shapely.STRtree, polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return polygon and point of every point inside or on the limit of a polygon."""
    polygon, point = tree.query(polygons, predicate="intersects")
    return polygon, point


def _first_holding(tree: shapely.STRtree, units: gpd.GeoDataFrame) -> np.ndarray:
    """Return the row of the first unit that holds each point, -1 where none does."""
    unit, point = _holding(tree, units.geometry.to_numpy())
    last_to_first = np.argsort(unit)[::-1]
    of_each = np.full(len(tree), -1, dtype=np.intp)
    of_each[point[last_to_first]] = unit[last_to_first]
    return of_each


def _united(zones: gpd.GeoDataFrame) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the bands in order and their outlines, features united, each inside the next."""
    first = zones.assign(other=zones["certainty"] != LINE).sort_values("other", kind="stable")
    titles = first.drop_duplicates(BAND)[BAND_COLUMNS].set_index(BAND, drop=False)
    order = pd.MultiIndex.from_frame(zones[BAND].drop_duplicates())
    bands = pd.DataFrame(titles.loc[order] if len(order) else titles)
    bands.index = pd.Index(bands["hazard"] + "/" + bands["band"], name="id")
    united: dict[str, np.ndarray] = {}
    for certainty in CERTAINTIES:
        rows = zones[zones["certainty"] == certainty]
        shapes = {key: _union(group.geometry.to_numpy()) for key, group in rows.groupby(BAND)}
        united[certainty] = np.array(
            [
                shapes.get(key, shapely.Polygon())
                for key in zip(bands["hazard"], bands["band"], strict=True)
            ],
            dtype=object,
        )
    line = united[LINE]
    united[CERTAIN] = shapely.intersection(united[CERTAIN], line)
    united[POSSIBLE] = shapely.union(united[POSSIBLE], line)
    return bands, united


def _union(polygons: np.ndarray) -> shapely.Geometry:
    return polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)


def _shared_m2(units: np.ndarray, outlines: np.ndarray) -> np.ndarray:
    """Return the area each unit shares with each outline, a row a unit."""
    shared = np.zeros((len(units), len(outlines)))
    outline, unit = shapely.STRtree(units).query(outlines, predicate="intersects")
    shared[unit, outline] = shapely.area(shapely.intersection(units[unit], outlines[outline]))
    return shared


def _values(counted: Count, unit: np.ndarray, areas: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a row a unit and band, units first, and a column a measure and end."""
    n_bands, n_units = len(counted.bands), len(next(iter(areas.values())))
    sums = {
        certainty: {
            **_sums(counted.things, pairs, n_bands, unit, n_units),
            AREA: areas[certainty].reshape(-1, 1),
        }
        for certainty, pairs in counted.pairs.items()
    }
    return _intervals(sums, counted.exposed.measures)


def _sums(
    all_things: Things,
    pairs: tuple[np.ndarray, np.ndarray],
    n_bands: int,
    unit: np.ndarray,
    n_units: int,
) -> dict[str, np.ndarray]:
    """Return the sum of each measure: a row a unit and band, units first, a column a base."""
    band, point = pairs
    of_point = unit[point]
    held = of_point >= 0
    row, point = of_point[held] * n_bands + band[held], point[held]
    return {
        name: np.column_stack(
            [np.bincount(row, base[point], minlength=n_units * n_bands) for base in amount.T]
        )
        for name, amount in all_things.amount.items()
    }


def _intervals(sums: dict[str, dict[str, np.ndarray]], measures: Iterable[str]) -> pd.DataFrame:
    """Return middle, low and high of each measure; rounding never turns their order."""
    columns: dict[str, np.ndarray] = {}
    for name in measures:
        middle = sums[LINE][name][:, 0]
        low = np.minimum(sums[CERTAIN][name].min(axis=1), middle)
        high = np.maximum(sums[POSSIBLE][name].max(axis=1), middle)
        kind = int if name.startswith(COUNT_PREFIX) else float
        for end, value in ((LINE, middle), (CERTAIN, low), (POSSIBLE, high)):
            columns[name + ENDS[end]] = value.astype(kind)
    return pd.DataFrame(columns)

"""Who and what may stand in a hazard, and how all of it becomes weighted points.

A street is cut wherever a limit crosses it; each piece then lies wholly inside or outside and is
counted as its length at its middle. So people, sites and streets are counted the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.population import Residents
from ilo_geo.core.crs import require_same_metric_crs

NIGHT, DAY = "night", "day"
MOMENTS = (NIGHT, DAY)
PEOPLE = {NIGHT: "people_night_inhab", DAY: "people_day_inhab"}
DWELLINGS = "dwellings"
AREA = "area_m2"
COUNT_PREFIX = "n_"
M_PER_KM = 1000.0
# a cut too many changes no sum, one too few would: corners are cut from a hair beyond their edge
CORNER_RATIO = 1e-9


@dataclass(frozen=True)
class Exposed:
    """People and things of an area, in one metric CRS.

    Attributes
    ----------
    residents
        Inhabitants where they sleep, by population base; the first base is the chosen one.
    day
        The same by day, under the same names.
    dwellings
        Points with ``dwellings``, how many each stands for.
    sites
        Points by kind (``schools``, ``health``, ``municipal``, ``tanks`` …).
    lines
        Lines by kind (``roads``, ``power`` …).
    levels
        Polygons to report by (``districts``, ``zones``), each with ``name``; ``id``, or else the
        index, names them.
    """

    residents: Mapping[str, Residents]
    day: Mapping[str, Residents]
    dwellings: gpd.GeoDataFrame
    sites: Mapping[str, gpd.GeoDataFrame]
    lines: Mapping[str, gpd.GeoDataFrame]
    levels: Mapping[str, gpd.GeoDataFrame]

    def people(self, moment: str) -> Mapping[str, Residents]:
        """Return the people of a moment, ``night`` or ``day``, by population base."""
        return self.day if moment == DAY else self.residents

    @property
    def site_counts(self) -> tuple[str, ...]:
        """Return the names of the columns that count sites."""
        return tuple(f"{COUNT_PREFIX}{kind}" for kind in self.sites)

    @property
    def line_lengths(self) -> tuple[str, ...]:
        """Return the names of the columns that measure lines."""
        return tuple(f"{kind}_km" for kind in self.lines)

    @property
    def measures(self) -> tuple[str, ...]:
        """Return every quantity that is counted, in the order of the tables."""
        return (*PEOPLE.values(), DWELLINGS, *self.site_counts, *self.line_lengths, AREA)

    def require_one_crs(self, zones: gpd.GeoDataFrame) -> None:
        """Refuse frames in different reference systems.

        Raises
        ------
        CrsError
            One differs from the zones, or is not metric.
        """
        people = {
            f"people_{moment}_{base}": residents.points
            for moment in MOMENTS
            for base, residents in self.people(moment).items()
        }
        others = {**self.sites, **self.lines, **self.levels}
        require_same_metric_crs(hazards=zones, dwellings=self.dwellings, **people, **others)


@dataclass(frozen=True)
class Things:
    """Everything exposed as points at different places.

    ``amount`` holds for each measure a row a point and a column a population base (chosen first);
    what is no person has one column.
    """

    xy: np.ndarray
    amount: Mapping[str, np.ndarray]


def things(exposed: Exposed, limits: np.ndarray) -> Things:
    """Return all that is exposed as points; lines are cut where a polygon of ``limits`` ends."""
    parts = list(_parts(exposed, limits))
    xy = np.concatenate([part_xy for _, part_xy, _ in parts])
    # complex numbers sort faster than rows
    _, first, place = np.unique(xy[:, 0] + 1j * xy[:, 1], return_index=True, return_inverse=True)
    columns: dict[str, list[np.ndarray]] = {}
    start = 0
    for measure, part_xy, amount in parts:
        own = place[start : start + len(part_xy)]
        summed = np.bincount(own, weights=amount, minlength=len(first))
        columns.setdefault(measure, []).append(summed)
        start += len(part_xy)
    return Things(xy[first], {name: np.column_stack(bases) for name, bases in columns.items()})


def _parts(exposed: Exposed, limits: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each measure with its places and amounts; people once a base."""
    for moment, measure in PEOPLE.items():
        for residents in exposed.people(moment).values():
            points = residents.points
            yield measure, _xy(points), points["inhab"].to_numpy(float)
    yield DWELLINGS, _xy(exposed.dwellings), exposed.dwellings[DWELLINGS].to_numpy(float)
    for name, points in zip(exposed.site_counts, exposed.sites.values(), strict=True):
        yield name, _xy(points), np.ones(len(points))
    for name, lines in zip(exposed.line_lengths, exposed.lines.values(), strict=True):
        middle, length_m = cut_lines(lines.geometry.to_numpy(), limits)
        yield name, middle, length_m / M_PER_KM


def _xy(points: gpd.GeoDataFrame) -> np.ndarray:
    xy: np.ndarray = shapely.get_coordinates(points.geometry.to_numpy())
    return xy


def cut_lines(lines: np.ndarray, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return middle and length of the straight pieces of lines cut by the limits of polygons.

    No piece crosses a limit, so the middle of each says where all of it lies. The lengths add up
    to those of ``lines``; two lines on one another count twice, as two streets do.
    """
    start, end = _segments(lines)
    if not len(start):
        return np.empty((0, 2)), np.empty(0)
    edge_start, edge_end = _near(*_segments(shapely.boundary(limits)), shapely.total_bounds(lines))
    edges = shapely.STRtree(shapely.linestrings(np.stack([edge_start, edge_end], axis=1)))
    segment, edge = edges.query(shapely.linestrings(np.stack([start, end], axis=1)))
    along, across = (end - start)[segment], (edge_end - edge_start)[edge]
    gap = edge_start[edge] - start[segment]
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = _cross(along, across)
        at, at_edge = _cross(gap, across) / turn, _cross(gap, along) / turn
    # parallel lines give no number and need no cut: the edges next to them make it
    hit = (at > 0) & (at < 1) & (at_edge >= -CORNER_RATIO) & (at_edge <= 1 + CORNER_RATIO)
    n = len(start)
    owner = np.concatenate([np.arange(n), np.arange(n), segment[hit]])
    cut = np.concatenate([np.zeros(n), np.ones(n), at[hit]])
    order = np.lexsort((cut, owner))
    owner, cut = owner[order], cut[order]
    piece = (owner[1:] == owner[:-1]) & (cut[1:] > cut[:-1])
    owner, middle, share = owner[1:][piece], (cut[1:] + cut[:-1])[piece] / 2, np.diff(cut)[piece]
    along = end - start
    length_m = np.hypot(*along.T)
    return start[owner] + along[owner] * middle[:, None], length_m[owner] * share


def _segments(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the starts and ends of all straight segments."""
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = line[1:] == line[:-1]
    return xy[:-1][same], xy[1:][same]


def _near(start: np.ndarray, end: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges that may meet anything within ``bounds``: limits reach far beyond a city."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    near = ((high >= bounds[:2]) & (low <= bounds[2:])).all(axis=1)
    return start[near], end[near]


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    product: np.ndarray = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return product

"""The tables of the evacuation: by block, building, cell, street and level."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from numba import njit
from pyproj import CRS
from scipy import ndimage

from ilo_geo.hazards.evacuation.arrivals import arrival_class
from ilo_geo.hazards.evacuation.arrivals import group_median
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.parameters import ARRIVAL_CLASS
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.parameters import arrival_figures
from ilo_geo.hazards.evacuation.places import S_PER_MIN
from ilo_geo.hazards.evacuation.places import Places
from ilo_geo.hazards.evacuation.scene import EvacScene
from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.strip import Strip
from ilo_geo.hazards.evacuation.strip import on_map

Ints = npt.NDArray[np.int64]
WORST = "worst_class"
NAMES = ("name", "sector")


def unit_table(
    units: gpd.GeoDataFrame,
    places: Places,
    minutes: Floats,
    direct: Floats,
    params: EvacuationParams,
) -> gpd.GeoDataFrame:
    """Return the blocks where anybody must leave.

    ``minutes_median`` (of the people) gives the class and ``minutes_max`` the worst class;
    ``minutes_direct_median`` is the time if nothing stood in the way, so the difference is what a
    new way could save at most.
    """
    counts = _counts(len(units), places.unit, places, minutes, params)
    counts["minutes_direct_median"] = group_median(direct, places.inhab, places.unit, len(units))
    table = _with_classes(counts, params)
    kept = np.flatnonzero(table["evacuees_inhab"] > 0)
    return _named(units, table, kept)


def level_table(
    polygons: gpd.GeoDataFrame,
    row: Ints,
    places: Places,
    minutes: Floats,
    params: EvacuationParams,
) -> gpd.GeoDataFrame:
    """Return evacuees, late people and minutes of every polygon of a level."""
    counts = _counts(len(polygons), row, places, minutes, params)
    table = _with_classes(counts, params)
    table["share_safe_ratio"] = (1 - table["late_inhab"] / table["evacuees_inhab"]).where(
        table["evacuees_inhab"] > 0
    )
    return _named(polygons, table, np.arange(len(polygons)))


def _counts(
    n: int, row: Ints, places: Places, minutes: Floats, params: EvacuationParams
) -> dict[str, Floats]:
    late = arrival_class(minutes, params) == arrival_figures().classes[-1].id
    held = row >= 0

    def people(which: npt.NDArray[np.bool_]) -> Floats:
        weight = np.where(which, places.inhab, 0.0)[held]
        counted: Floats = np.bincount(row[held], weights=weight, minlength=n).astype(np.float64)
        return counted

    longest = np.full(n, -np.inf)
    peopled = held & (places.inhab > 0)
    np.maximum.at(longest, row[peopled], minutes[peopled])
    return {
        "evacuees_inhab": people(np.ones(len(row), dtype=bool)),
        "inundated_inhab": people(places.inundated),
        "late_inhab": people(late),
        "no_way_inhab": people(np.isinf(minutes)),
        "minutes_median": group_median(minutes, places.inhab, row, n),
        "minutes_max": np.where(longest == -np.inf, np.nan, longest),
    }


def _with_classes(counts: dict[str, Floats], params: EvacuationParams) -> pd.DataFrame:
    table = pd.DataFrame(counts)
    table[ARRIVAL_CLASS] = arrival_class(counts["minutes_median"], params)
    table[WORST] = arrival_class(counts["minutes_max"], params)
    return table.replace(np.inf, np.nan)


def _named(polygons: gpd.GeoDataFrame, table: pd.DataFrame, kept: Ints) -> gpd.GeoDataFrame:
    """Return rows of the table with id, name and geometry of their polygons."""
    index = polygons["id"] if "id" in polygons.columns else polygons.index
    shown = table.iloc[kept].set_index(pd.Index(np.asarray(index)[kept], name="id"))
    for position, name in enumerate(name for name in NAMES if name in polygons.columns):
        shown.insert(position, name, polygons[name].to_numpy()[kept])
    return gpd.GeoDataFrame(shown, geometry=polygons.geometry.to_numpy()[kept], crs=polygons.crs)


def building_table(
    crs: CRS, places: Places, minutes: Floats, params: EvacuationParams
) -> gpd.GeoDataFrame:
    """Return every place people leave from, as a point."""
    table = pd.DataFrame(
        {
            "inhab": places.inhab,
            "minutes": np.where(np.isinf(minutes), np.nan, minutes),
            ARRIVAL_CLASS: arrival_class(minutes, params),
            "inundated": places.inundated,
        }
    ).rename_axis("id")
    return gpd.GeoDataFrame(table, geometry=shapely.points(places.xy), crs=crs)


def cell_table(scene: EvacScene, places: Places, params: EvacuationParams) -> gpd.GeoDataFrame:
    """Return the cells of the evacuation zone near people as squares, minutes from the quake."""
    strip = scene.strip
    cells = _populated_cells(strip, places)
    scale = scene.graph.speed_m_s / params.speed_m_s / S_PER_MIN
    minutes = params.reaction_min + scene.cells_s.ravel()[cells] * scale
    inhab = np.bincount(places.cell, weights=places.inhab, minlength=strip.domain.size)[cells]
    row, col = np.divmod(cells, strip.shape[1])
    west, north = on_map(strip.transform, col, row)
    east, south = on_map(strip.transform, col + 1, row + 1)
    table = pd.DataFrame(
        {
            "minutes": np.where(np.isinf(minutes), np.nan, minutes),
            "inhab": inhab,
            ARRIVAL_CLASS: arrival_class(minutes, params),
        },
        index=pd.Index([f"{r}-{c}" for r, c in zip(row, col, strict=True)], name="id"),
    )
    return gpd.GeoDataFrame(table, geometry=shapely.box(west, south, east, north), crs=strip.crs)


def _populated_cells(strip: Strip, places: Places) -> Ints:
    """Return the zone's cells near people; the nearest ones where they are too many to draw."""
    figures = arrival_figures()
    here = np.zeros(strip.shape, dtype=bool)
    here.ravel()[places.cell[places.inhab > 0]] = True
    for reach in range(figures.populated_reach_cells, 0, -1):
        near = ndimage.maximum_filter(here.view(np.uint8), size=2 * reach + 1).astype(bool)
        cells = np.flatnonzero(near & strip.zone)
        if len(cells) <= figures.max_cells:
            return cells
    return np.flatnonzero(here)


def street_table(
    streets: gpd.GeoDataFrame,
    scene: EvacScene,
    places: Places,
    minutes: Floats,
    params: EvacuationParams,
) -> gpd.GeoDataFrame:
    """Return the streets and stairs that people pass on their way, with how many and how late."""
    late = arrival_class(minutes, params) == arrival_figures().classes[-1].id
    passing = people_by_street(scene.graph, scene.next_arc, places.node, places.inhab, len(streets))
    passing_late = people_by_street(
        scene.graph,
        scene.next_arc,
        places.node,
        np.where(late, places.inhab, 0.0),
        len(streets),
    )
    kept = np.flatnonzero(passing > 0)
    shown = [name for name in ("name", "street_class") if name in streets.columns]
    table = pd.DataFrame(streets[shown].iloc[kept]).assign(
        passing_inhab=passing[kept], passing_late_inhab=passing_late[kept]
    )
    geometry = streets.geometry.to_numpy()[kept]
    return gpd.GeoDataFrame(table.rename_axis("id"), geometry=geometry, crs=streets.crs)


def people_by_street(
    graph: EvacGraph, next_arc: Ints, node: Ints, inhab: Floats, n_streets: int
) -> Floats:
    """Return how many people walk along each street on their quickest way.

    A person is counted when entering a street, from a door or from another way; one who leaves a
    street and comes back to it is counted twice.
    """
    reached = node >= 0
    start: Floats = np.bincount(
        node[reached], weights=inhab[reached], minlength=graph.n_nodes
    ).astype(np.float64)
    return _passing(next_arc, graph.arc_to, graph.arc_link, start, n_streets)


@njit(cache=True, nogil=True)
def _passing(next_arc: Ints, arc_to: Ints, arc_link: Ints, start: Floats, n_streets: int) -> Floats:
    passing = np.zeros(n_streets)
    flow = start.copy()
    # people at a node who came along the street they are about to go on
    staying = np.zeros(len(start))
    awaited = np.zeros(len(start), np.int64)
    for arc in next_arc:
        if arc >= 0:
            awaited[arc_to[arc]] += 1
    ready = np.flatnonzero(awaited == 0)
    order = np.empty(len(start), np.int64)
    order[: len(ready)] = ready
    n_ready, position = len(ready), 0
    # the ways form a forest: a node goes on when all who come to it are there
    while position < n_ready:
        node = order[position]
        position += 1
        arc = next_arc[node]
        if arc < 0:
            continue
        there, link = arc_to[arc], arc_link[arc]
        if link >= 0:
            passing[link] += flow[node] - staying[node]
        flow[there] += flow[node]
        onward = next_arc[there]
        if link >= 0 and onward >= 0 and arc_link[onward] == link:
            staying[there] += flow[node]
        awaited[there] -= 1
        if awaited[there] == 0:
            order[n_ready] = there
            n_ready += 1
    return passing
